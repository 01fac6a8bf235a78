"""The public names of a package, where each is documented, and the text of the page that does it.

A public name is what a module lists in ``__all__``. It is documented once: in the module that
defines it if that one lists it, too, and otherwise where it is listed.
"""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from textwrap import shorten
from types import ModuleType
from typing import Any

from sphinx.pycode import ModuleAnalyzer

# Modules that stand beside the rooms, each in the room where a reader looks for it. A room is a
# package; its modules are its pages.
BESIDE = {"checks": "layers", "parameters": "layers", "derived": "derive"}
ONE_PAGE = ("tasks", "page.diagrams", "page.figures")  # packages of small modules
HIDDEN = ("page.answers",)  # spoilers
# What would only repeat itself: attributes that every layer has, and the insides of widgets.
OPTIONS = {
    "layers.base.Layer": ":exclude-members: d_x, d_out, dtype, params, output",
    "page.figure.LiveFigure": ":exclude-members: open, kind, figure, title, controls, model, "
    "registry, spec",
    "derive.system.System": ":inherited-members:",
}


@dataclass(frozen=True)
class Name:
    """A public name."""

    module: str
    name: str
    obj: Any

    @property
    def full(self) -> str:
        return f"{self.module}.{self.name}"

    @property
    def kind(self) -> str:
        """What autodoc calls it."""
        if inspect.isclass(self.obj):
            return "exception" if issubclass(self.obj, BaseException) else "class"
        return "function" if inspect.isroutine(self.obj) else "data"


def modules(package: ModuleType) -> list[ModuleType]:
    """A package and all that is in it, without what is private or runs when it is imported."""
    found = [package]
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        short = info.name.partition(".")[2]
        if short.rpartition(".")[2].startswith("_") or short in HIDDEN:
            continue
        module = import_module(info.name)
        found += modules(module) if info.ispkg else [module]
    return found


@cache
def names(package: ModuleType) -> tuple[Name, ...]:
    """Every public name of a package, where it is documented."""
    found = modules(package)
    lists = {module.__name__: getattr(module, "__all__", ()) for module in found}
    out = {}
    for module in found:
        for name in lists[module.__name__]:
            if not name.startswith("__"):
                obj = getattr(module, name)
                home = _home(module.__name__, name, obj, lists)
                out.setdefault((home, name), Name(home, name, obj))
    return tuple(out.values())


def _home(module: str, name: str, obj: Any, lists: dict[str, Any]) -> str:
    """The module that documents a name."""
    if inspect.isclass(obj) or inspect.isroutine(obj):
        made = getattr(obj, "__module__", module)
        return made if name in lists.get(made, ()) else module
    inside = [  # a value does not say where it was made; what is inside a package is nearer
        other
        for other, listed in lists.items()
        if other.startswith(f"{module}.")
        and name in listed
        and getattr(import_module(other), name) is obj
    ]
    return inside[-1] if inside else module


def page_of(module: str) -> str:
    """The page that documents a module: ``layers.rnn``, ``tasks``, ``page.figures``."""
    parts = module.split(".")[1:]
    whole = (".".join(parts[:k]) for k in (1, 2))
    return next((page for page in whole if page in ONE_PAGE), ".".join(parts[:3]))


def room_of(page: str) -> str:
    """The room of a page: the package that it is in, or is."""
    first = page.partition(".")[0]
    return BESIDE.get(first, first)


def rooms(package: ModuleType) -> list[str]:
    """Every room, in alphabetical order."""
    return sorted({room_of(page) for page in pages(package)} - {""})


def pages(package: ModuleType) -> dict[str, list[Name]]:
    """The names on each page: room by room, what stands beside the rooms last in each."""
    out: dict[str, list[Name]] = {
        page_of(module.__name__): []
        for module in modules(package)
        if module is not package and (hasattr(module, "__all__") or hasattr(module, "__path__"))
    }
    for name in names(package):
        out.setdefault(page_of(name.module), []).append(name)
    return dict(sorted(out.items(), key=lambda page: (room_of(page[0]), page[0] in BESIDE, page)))


def rst(page: str, contents: list[Name]) -> str:
    """The text of a page."""
    own = f"lstm_lib.{page}"
    parts = [f"{own}\n{'=' * len(own)}"]
    for home in dict.fromkeys([own, *(name.module for name in contents)]):
        if home != own:
            parts.append(f"{home}\n{'-' * len(home)}")
        parts.append(f".. automodule:: {home}")
        parts += [entry(name) for name in contents if name.module == home]
    return "\n\n".join(parts) + "\n"


def entry(name: Name) -> str:
    """The directive that documents a name."""
    if name.kind == "data":
        text = about(name).replace("\n", "\n   ")
        return f".. py:data:: {name.name}\n   :module: {name.module}\n\n   {text}".rstrip()
    options = ["   :members:"] if name.kind == "class" else []
    if extra := OPTIONS.get(name.full.partition(".")[2]):
        options.append(f"   {extra}")
    return "\n".join([f".. auto{name.kind}:: {name.full}", *options])


def about(name: Name) -> str:
    """What is said about a name; of a value, what stands there, what it measures, or what it is."""
    if name.kind != "data":
        return inspect.getdoc(name.obj) or ""
    if name.module == "lstm_lib.derive" and (declared := _declared(name.name)):
        return declared
    said = ModuleAnalyzer.for_module(name.module).find_attr_docs()
    if comment := "\n".join(said.get(("", name.name), ())).strip():
        return comment
    if trial := getattr(name.obj, "trial", None):  # an experiment
        return inspect.getdoc(trial) or ""
    if hasattr(name.obj, "backward") and hasattr(name.obj, "forward"):  # a system
        return f"{name.obj.name}."
    return f"``{shorten(repr(name.obj), 60)}``"


def _declared(system: str) -> str:
    """What one of the book's systems is: its declaration's docstring, its forward equations
    as they were declared; typeset they would keep a browser busy for seconds."""
    derive = import_module("lstm_lib.derive")
    if system not in derive.SYSTEMS:
        return ""
    found = getattr(derive, system)
    makers = [vars(module).get(system) for module in modules(derive)]
    made = inspect.unwrap(next(m for m in makers if callable(m)))
    named_so = getattr(made, "__name__", "") == system  # others are variants of one declaration
    doc = inspect.getdoc(made) if named_so else f"{found.name}."
    lines = "".join(f"   {line}\n" for line in found.text["forward"].split("\n"))
    return f"{doc}\n\n.. code-block:: text\n\n{lines}"


def first_sentence(text: str) -> str:
    """The first sentence of a docstring, on one line."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[^.][.:;]) (?=[A-Z`$])", paragraph)[0].rstrip(".:;")


def inline(text: str) -> Iterator[tuple[str, str]]:
    """A line of a docstring in pieces: ("text" | "code" | "math", content)."""
    for code, role, math, plain in re.findall(
        r"``(.+?)``|:\w+:`~?([^`]+)`|\$([^$]+)\$|((?:(?!``|:\w+:`|\$).)+)", text
    ):
        if code or role:
            yield "code", code or role.rpartition(".")[2]
        else:
            yield ("math", math) if math else ("text", plain)
