"""Self-checks: a few questions on a chapter, answered and judged in the page.

A check is a module and a script of the chapter's name in :mod:`lstm_lib.page.questions`. The
module's ``model()`` returns generated JavaScript, as a live figure's model does, so that answers
are computed by the programs that the figures run. The script calls
``SelfChecks.define(name, [{id, draw}, ...])``; ``draw(random)`` returns one drawing of the
question::

    {text, kind: "number", answer, tolerance, unit, near: [{value, reason}], because}
    {text, kind: "choice", options: [{text, right, reason}], because}

``random()`` is uniform in [0, 1); ``random.integer(low, high)``, ``random.pick(list)`` and
``random.shuffle(list)`` draw from it, and ``random.until(make, good)`` draws until it is good,
such as ``SelfChecks.clear``: answer and ``near`` told apart. ``tolerance`` is absolute, by default
two per cent of the answer. ``near`` are numbers that a typical mistake gives, each with what it
was. Options are shuffled, unless the question is ``ordered``. ``because`` says why. Texts may hold
``W_{r}``, ``2^{n}``,
``*stress*``, ``[the backward pass](#eq-bptt-backward)``, to which the page adds the equation's
number, and ``[see it](#triangle?done=3)``, which sets a live figure.

A third argument ``{trainer: true}`` makes of one question an endless row that is kept count of.

The host keeps for each question how many drawings were answered and how many at once right, in the
reader's browser only. One script serves the static page and, as a widget, Jupyter; where nothing
computes, the first drawing of each question stands there as a list.
"""

from __future__ import annotations

import html
import importlib
import os
import pkgutil
import subprocess
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lstm_lib import checks
from lstm_lib.page.figure import STATIC_PAGE, compact, node
from lstm_lib.page.style import css_variables

__all__ = ["SelfCheck", "check_scripts", "check_style", "names", "script"]

_HERE = Path(__file__).parent
_QUESTIONS = _HERE / "questions"


def names() -> list[str]:
    """The checks that there are: the modules of ``questions``."""
    return sorted(info.name for info in pkgutil.iter_modules([str(_QUESTIONS)]))


class SelfCheck(anywidget.AnyWidget):
    """The questions of one chapter; ``name`` is that of its files, such as ``"training"``."""

    name = traitlets.Unicode().tag(sync=True)

    def __init__(self, name: str) -> None:
        checks.one_of("name", name, names())
        render = "render: ({ model, el }) => SelfChecks.mount(el, model.get('name'))"
        self._esm = f"{script(name)}export default {{ {render} }};\n"
        self._css = css_variables() + check_style()
        super().__init__(name=name)

    def open(self) -> None:
        """Connect to the notebook's front end; a static page has none."""
        if not os.environ.get(STATIC_PAGE):
            super().open()

    def static_html(self) -> str:
        """The check as an element that :func:`check_scripts` bring to life."""
        return (
            f'<div class="sc-host" data-self-check="{html.escape(self.name)}">'
            "<noscript><p>The questions are drawn in the page; they need JavaScript.</p></noscript>"
            "</div>"
        )

    def still(self) -> str:
        """The first drawing of each question, and the answers folded, as HTML."""
        if not (runtime := node()):
            raise RuntimeError("the questions on paper are drawn by Node.js: expected `node`")
        source = script(self.name) + f"process.stdout.write(SelfChecks.still('{self.name}'))"
        done = subprocess.run(
            [runtime, "-"], input=source, capture_output=True, encoding="utf-8", check=True
        )
        return done.stdout

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if os.environ.get(STATIC_PAGE):
            return {"text/html": self.static_html(), "text/plain": repr(self)}
        data, metadata = super()._repr_mimebundle_(**kwargs)
        if node():  # a host without widgets takes the next best
            data = data | {"text/html": self.still()}
        return data, metadata

    def __repr__(self) -> str:
        return f"SelfCheck({self.name!r})"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _questions(name: str) -> str:
    """The generated programs and the questions, in a scope of their own."""
    model: str = importlib.import_module(f"lstm_lib.page.questions.{name}").model()
    return "(() => {\n" + model + "\n" + _read(_QUESTIONS / f"{name}.js") + "})();\n"


def script(*wanted: str) -> str:
    """The host and the checks (all, unless named): it also runs in Node.js."""
    return _read(_HERE / "selfcheck.js") + "".join(map(_questions, wanted or names()))


def check_scripts() -> dict[str, str]:
    """The classic scripts of a static page by file name: the host first, then one per check."""
    scripts = {"self-checks.js": compact(_read(_HERE / "selfcheck.js"))}
    for name in names():
        scripts[f"questions-{name}.js"] = compact(_questions(name) + "SelfChecks.mountAll();\n")
    return scripts


def check_style() -> str:
    """The style sheet of the checks; the colours come with the figures'."""
    return _read(_HERE / "selfcheck.css")
