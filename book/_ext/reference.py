"""The library's pages: one for each module, an overview, and derived equations in docstrings.

The pages are written into ``book/api/`` before Sphinx looks for sources. A docstring names a
system, ``Backward equations: derived by ``lstm_lib.derive.NAME``.``; here the line becomes what
the engine derives from that system's forward equations.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import library
import lstm_lib
from equation_index import resolve

LOGGER = logging.getLogger(__name__)
FOLDER = "book/api"
DERIVED = re.compile(
    r"^ *Backward equations(?:, ([^:]+?))?:\s+derived\s+by\s+``(lstm_lib\.derive\.[^`]+)``\.$", re.M
)


def write_pages(app: Sphinx, config: Any) -> None:
    """Write the page of each module; what is the same stays untouched, what is gone goes."""
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(exist_ok=True)
    texts = {f"{page}.rst": library.rst(page, c) for page, c in library.pages(lstm_lib).items()}
    for name, text in texts.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
    for file in folder.iterdir():
        if file.name not in texts:
            file.unlink()


class library_room(nodes.General, nodes.Element):
    """Where a room's table will stand, once every page has been read."""


class LibraryRoom(SphinxDirective):
    """``library-room``: the public names of a room."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if self.arguments[0] not in library.rooms(lstm_lib):
            wanted = ", ".join(library.rooms(lstm_lib))
            raise self.error(f"no room {self.arguments[0]!r}: {wanted}")
        rooms(self.env).setdefault(self.env.docname, set()).add(self.arguments[0])
        return [library_room(room=self.arguments[0])]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the tables where they belong."""
    for place in list(doctree.findall(library_room)):
        place.replace_self(_table(app, docname, place["room"]))


def _table(app: Sphinx, here: str, room: str) -> nodes.table:
    rows = []
    for page, contents in library.pages(lstm_lib).items():
        if library.room_of(page) != room:
            continue
        target = f"{FOLDER}/{page}"
        link = _link(app, here, target, "", nodes.strong("", page))
        rows.append(nodes.row("", nodes.entry("", nodes.paragraph("", "", link), morecols=1)))
        for name in contents:
            anchor = app.env.get_domain("py").objects.get(name.full)
            label = _link(app, here, target, anchor.node_id if anchor else "", name.name)
            text = library.first_sentence(library.about(name))
            rows.append(
                nodes.row(
                    "",
                    nodes.entry("", nodes.paragraph("", "", label)),
                    nodes.entry("", nodes.paragraph("", "", *_inline(text))),
                )
            )
    group = nodes.tgroup(
        "",
        nodes.colspec(colwidth=30),
        nodes.colspec(colwidth=70),
        nodes.tbody("", *rows),
        cols=2,
    )
    return nodes.table("", group, classes=["library"])


def _link(app: Sphinx, here: str, target: str, anchor: str, label: Any) -> nodes.reference:
    address = app.builder.get_relative_uri(here, target) + (f"#{anchor}" if anchor else "")
    inner = nodes.literal("", label) if isinstance(label, str) else label
    return nodes.reference("", "", inner, internal=True, refuri=address)


def _inline(text: str) -> list[nodes.Node]:
    kinds = {"code": nodes.literal, "math": nodes.math, "text": nodes.Text}
    return [
        nodes.Text(content) if kind == "text" else kinds[kind]("", content)
        for kind, content in library.inline(text)
    ]


def rooms(env: Any) -> dict[str, set[str]]:
    """The rooms that each page shows."""
    if not hasattr(env, "library_rooms"):
        env.library_rooms = {}
    return env.library_rooms


def check(app: Sphinx, env: Any) -> None:
    """Every public name is documented, every room is shown."""
    known = env.get_domain("py").objects
    for name in library.names(lstm_lib):
        if name.full not in known:
            LOGGER.warning(f"{name.full} is public and not documented")
    shown = set().union(*rooms(env).values())
    for room in set(library.rooms(lstm_lib)) - shown:
        LOGGER.warning(f"no page shows the room {room}")


def purge(app: Sphinx, env: Any, docname: str) -> None:
    """Forget a page that is read again."""
    rooms(env).pop(docname, None)


def merge(app: Sphinx, env: Any, docnames: Any, other: Any) -> None:
    """Take over what another process has read."""
    rooms(env).update({page: r for page, r in rooms(other).items() if page in docnames})


def derived(docstring: str) -> list[tuple[str, str]]:
    """What a docstring names: which variant, and the name of the system."""
    return [(" ".join(m[1].split()) if m[1] else "", m[2]) for m in DERIVED.finditer(docstring)]


def expand(lines: list[str]) -> list[str]:
    """The docstring with the derived equations where it names them."""
    count = 0

    def equations(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        ((variant, name),) = derived(found[0])
        return _folded(variant, name, is_open=count == 1)

    return DERIVED.sub(equations, "\n".join(lines)).split("\n")


def _folded(variant: str, name: str, *, is_open: bool) -> str:
    system = resolve(name)
    title = f"Backward equations{f', {variant}' if variant else ''}"
    summary = f"{html.escape(title)}, derived by <code>{html.escape(name)}</code>"
    parts = [
        "",
        f".. raw:: html\n\n   <details class='derived'{' open' * is_open}>"
        f"<summary>{summary}</summary>",
        _math(system.backward),
        ".. raw:: html\n\n   <details class='derived'><summary>The gradients of its parameters, "
        "inputs and initial states</summary>",
        _math(system.gradients),
        ".. raw:: html\n\n   </details></details>",
        "",
    ]
    return "\n\n".join(parts)


def _math(equations: Any) -> str:
    rows = " \\\\\n   ".join(row for equation in equations for row in equation.rows())
    return f".. math::\n\n   {rows}"


def process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Expand the docstrings that autodoc reads."""
    lines[:] = expand(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what the library's pages need."""
    app.add_node(library_room)
    app.add_directive("library-room", LibraryRoom)
    app.connect("config-inited", write_pages, priority=100)
    app.connect("autodoc-process-docstring", process)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", check)
    app.connect("doctree-resolved", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
