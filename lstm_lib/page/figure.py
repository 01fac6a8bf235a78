"""A live figure: one description, one script, every host.

In a notebook with a kernel a figure is a widget: its parameters are synced traits that Python can
read and set. In the built book the same script computes in the page, with no kernel; there the
figure is a plain element with its parameters, and the page carries the host's script and that of
each of its figures (:func:`page_scripts`). A link of the prose such as
``[radius 1.1](#vanishing?radius=1.1)`` sets the figure of that name (:func:`setting`). Where
nothing computes, on paper or in a viewer of notebooks, a still picture stands for it: the same
script has drawn it once, in Node.js.

A figure is a Python class (name, title, controls, generated model) and a script of the figure's
name in the same folder. The script calls
``LiveFigures.define(name, {compute, panels, legend, describe})``: ``compute(values)`` returns the
data, each panel draws them, ``describe(data, values)`` says the result in words. With
``values`` among the data, ``LiveFigures.valuesAt(step, trace, grads)``, the page's diagram of the
cell shows them, too.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import anywidget
import traitlets

from lstm_lib import checks
from lstm_lib.page.display import STATIC_PAGE
from lstm_lib.page.style import css_variables
from lstm_lib.page.svg import light_colours

__all__ = [
    "STATIC_PAGE",
    "Choice",
    "LiveFigure",
    "Slider",
    "figures_script",
    "page_scripts",
    "page_style",
    "setting",
]

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Slider:
    """A number that the reader can set: a native range input."""

    name: str
    label: str
    value: float
    min: float
    max: float
    step: float
    unit: str = ""
    more: bool = False  # folded until the reader asks for it
    kind: str = field(default="range", init=False)

    def check(self, value: Any) -> float:
        """The value if the slider can show it, else an error that names the parameter."""
        number = checks.number(self.name, value)
        if not self.min <= number <= self.max:
            raise ValueError(
                f"{self.name}: expected a number from {self.min:g} to {self.max:g}, got {value!r}"
            )
        return number

    def read(self, text: str) -> float:
        """The value that a text names, if it is one of the slider's steps."""
        try:
            number = self.check(float(text))
        except ValueError as error:
            raise ValueError(f"{self.name}={text}: {error}") from None
        steps = (number - self.min) / self.step
        if abs(steps - round(steps)) > 1e-6:
            raise ValueError(
                f"{self.name}={text}: expected a step of {self.step:g} from {self.min:g}"
            )
        return number


@dataclass(frozen=True)
class Choice:
    """One of a few named values: a native select."""

    name: str
    label: str
    value: str
    options: tuple[tuple[str, str], ...]  # (value, shown name)
    more: bool = False
    kind: str = field(default="choice", init=False)

    def check(self, value: Any) -> str:
        """The value if it is one of the options, else an error that names the parameter."""
        return checks.one_of(self.name, value, [key for key, _ in self.options])

    read = check


class _Parameter(traitlets.TraitType[Any, Any]):
    """A trait that holds what its control can show."""

    def __init__(self, control: Slider | Choice) -> None:
        super().__init__(default_value=control.value)
        self.control = control
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> Any:
        return self.control.check(value)


class LiveFigure(anywidget.AnyWidget):
    """The base of every live figure.

    A subclass gives ``figure`` (its name, also that of its script), ``title`` (the finding, in a
    sentence), ``controls`` and ``model`` (a function that returns the generated JavaScript).
    Parameters are given by keyword and can be read and set like attributes; a value that the
    control cannot show raises ``ValueError``.
    """

    figure: ClassVar[str] = ""
    title: ClassVar[str] = ""
    controls: ClassVar[tuple[Slider | Choice, ...]] = ()
    model: ClassVar[Callable[[], str]]
    registry: ClassVar[dict[str, type[LiveFigure]]] = {}

    spec = traitlets.Dict().tag(sync=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        for control in cls.controls:
            setattr(cls, control.name, _Parameter(control))
            getattr(cls, control.name).class_init(cls, control.name)
        cls.setup_class(cls.__dict__)
        super().__init_subclass__(**kwargs)
        if "figure" in vars(
            cls
        ):  # a widget's own class, made for each object, is not another figure
            LiveFigure.registry[cls.figure] = cls

    def __init__(self, **parameters: Any) -> None:
        names = [control.name for control in self.controls]
        for name in parameters:
            checks.one_of(f"{type(self).__name__} parameter", name, names)
        spec = {
            "figure": self.figure,
            "title": self.title,
            "controls": [
                asdict(control) | {"value": parameters.get(control.name, control.value)}
                for control in self.controls
            ],
        }
        self._esm = _module(type(self))
        self._css = page_style()
        super().__init__(spec=spec, **parameters)

    def open(self) -> None:
        """Connect to the notebook's front end; a static page has none."""
        if not os.environ.get(STATIC_PAGE):
            super().open()

    def values(self) -> dict[str, Any]:
        """The parameters as they stand."""
        return {control.name: getattr(self, control.name) for control in self.controls}

    def static_html(self) -> str:
        """The figure as an element that :func:`page_scripts` bring to life."""
        state = json.dumps({"spec": self.spec, **self.values()}, ensure_ascii=False)
        return (
            f'<div class="lf-host" data-live-figure="{html.escape(state)}">'
            f'<p class="lf-title">{html.escape(self.title)}</p>'
            "<noscript><p>This figure computes in the page; it needs JavaScript.</p></noscript>"
            "</div>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if os.environ.get(STATIC_PAGE):
            return {"text/html": self.static_html(), "text/plain": repr(self)}
        data, metadata = super()._repr_mimebundle_(**kwargs)
        if node():  # a host without widgets takes the next best
            data = data | {"image/svg+xml": self.still()}
        return data, metadata

    def still(self) -> str:
        """The figure as it stands, as SVG: title, values, panels and the result in words.

        Drawn by Node.js; raises ``RuntimeError`` where there is none.
        """
        if not (runtime := node()):
            raise RuntimeError("a still picture of a figure is drawn by Node.js: expected `node`")
        given = ", ".join(map(json.dumps, (self.spec, self.values(), still_style())))
        script = f"{figures_script(self.figure)}process.stdout.write(LiveFigures.still({given}))"
        command = [runtime, "-"]
        return subprocess.run(
            command, input=script, capture_output=True, encoding="utf-8", check=True
        ).stdout

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"{type(self).__name__}({shown})"


def setting(text: str) -> tuple[type[LiveFigure], dict[str, Any]]:
    """The figure and the values that a link sets, such as ``vanishing?radius=1.1&bias=2``.

    Raises ``ValueError`` for an unknown figure or control and for a value that the control
    cannot show.
    """
    name, _, pairs = text.partition("?")
    figure = LiveFigure.registry[checks.one_of("figure", name, sorted(LiveFigure.registry))]
    controls = {control.name: control for control in figure.controls}
    values: dict[str, Any] = {}
    for pair in pairs.split("&"):
        control, equals, value = pair.partition("=")
        checks.one_of(f"control of {name}", unquote(control), list(controls))
        if not equals or control in values:
            raise ValueError(f"{text}: expected name=value once for each control, got {pair!r}")
        values[control] = controls[control].read(unquote(value))
    return figure, values


def node() -> str | None:
    """The path of Node.js: the machine's, or that of a wheel beside this Python."""
    return shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))


def still_style() -> str:
    """The rules that draw, in the colours of paper; none for the frame around the drawing."""
    rules = re.findall(
        r"^[^@/{\n]*\{[^}]*(?:fill|stroke[a-z-]*|opacity|font-size|font-weight):[^}]*\}",
        _read("figures.css"),
        re.M,
    )
    drawn = re.compile(r"\.lf( svg|-(?!tools|fine)[a-z-]+(\.[a-z]+)?( \{|,))")
    drawing = [rule for rule in rules if drawn.match(rule)]
    return light_colours("".join(drawing))


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _host() -> str:
    """What all figures share: settings as text, then charts and controls."""
    return _read("settings.js") + _read("runtime.js")


def _script(cls: type[LiveFigure]) -> str:
    """The generated model and the figure's drawing, in a scope of their own."""
    here = Path(sys.modules[cls.__module__].__file__ or "").parent
    drawing = (here / f"{cls.figure}.js").read_text(encoding="utf-8")
    return "(() => {\n" + cls.model() + "\n" + drawing + "})();\n"


def _module(cls: type[LiveFigure]) -> str:
    """The module that a notebook's front end loads for one figure."""
    render = "export default { render: ({ model, el }) => LiveFigures.mount(el, model) };\n"
    return _host() + _script(cls) + render


def figures_script(*names: str) -> str:
    """The host and the figures (all, unless named): it also runs in Node.js."""
    figures = (LiveFigure.registry[name] for name in names or sorted(LiveFigure.registry))
    return _host() + "".join(map(_script, figures))


def page_scripts() -> dict[str, str]:
    """The classic scripts of a static page by file name: the host first, then one per figure.

    A page needs the host and the figures that it shows. They also work from ``file://`` and make
    no request.
    """
    scripts = {"live-figures.js": compact(_host())}
    for name, cls in sorted(LiveFigure.registry.items()):
        scripts[f"figure-{name}.js"] = compact(_script(cls) + "LiveFigures.mountAll();\n")
    return scripts


def compact(script: str) -> str:
    """Without indentation and comments; no text of ours spans lines."""
    stripped = (line.strip() for line in script.split("\n"))
    return "\n".join(line for line in stripped if line and not line.startswith("//"))


def page_style() -> str:
    """The style sheet of the figures, with the colours of both themes."""
    return css_variables() + _read("figures.css")
