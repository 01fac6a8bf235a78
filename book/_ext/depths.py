"""Two depths: what goes deeper is folded, and the code of a chapter shows one line.

A section whose title begins with ``Go deeper: `` is folded up to its end. In a chapter every cell
outside of such a section is folded to its interesting line: that which holds the text of the
cell's metadata ``"shows"``, else the first line of its last statement. The code of a cell tagged
``hide-input`` or ``lead`` waits below what it shows, and has no line unless one is named.
JupyterLab and ``nbconvert`` show plain headings and whole cells.

The folds are put around what is there once a page's numbers, contents and links stand; the tree of
sections stays as it is.
"""

from __future__ import annotations

import ast
import html
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
LABEL = "Go deeper: "
CHAPTER = re.compile(r"book/\d\d_\w+")


def is_deeper(section: nodes.Node) -> bool:
    """Whether a node is a section that goes deeper."""
    if not isinstance(section, nodes.section):
        return False
    title = section.next_node(nodes.title)
    return title is not None and title.astext().startswith(LABEL)


def in_the_core(node: nodes.Node) -> bool:
    """Whether no fold holds the node."""
    above = node.parent
    while above is not None and not is_deeper(above):
        above = above.parent
    return above is None


def interesting_line(source: str, shows: str | None = None) -> str:
    """The line of a cell that its fold shows; ``ValueError`` if none has the text ``shows``."""
    lines = source.splitlines()
    if shows is not None:
        found = [line for line in lines if shows and shows in line]
        if not found:
            raise ValueError(f"shows {shows!r}: expected a text of one line of the cell")
        return found[0].strip()
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic of IPython
        statements = []
    written = [line.strip() for line in lines if line.strip()]
    if statements:
        return lines[statements[-1].lineno - 1].strip()
    return written[-1] if written else ""


def cells(tree: nodes.Node) -> list[nodes.container]:
    """The code cells of a page that show their code."""
    found = (n for n in tree.findall(nodes.container) if n.get("nb_element") == "cell_code")
    return [n for n in found if n.children and n[0].get("nb_element") == "cell_code_source"]


def source_of(cell: nodes.container) -> str:
    return cell[0].astext()


def prepare(app: Sphinx, tree: nodes.document) -> None:
    """What can be said when a page is read: lines that are not there, and how contents look."""
    page = app.env.docname
    for cell in cells(tree):
        tags = cell["cell_metadata"].get("tags", [])
        if cell.get("hide_mode") == "input":
            del cell["hide_mode"]  # in place of the fold of MyST-NB
        cell["quiet"] = "hide-input" in tags or ("lead" in tags and bool(CHAPTER.fullmatch(page)))
        try:
            interesting_line(source_of(cell), cell["cell_metadata"].get("shows"))
        except ValueError as error:
            LOGGER.warning(str(error), location=cell)
    for entry in app.env.tocs[page].findall(nodes.reference):
        if entry.astext().startswith(LABEL) and (text := entry.next_node(nodes.Text)):
            said = nodes.inline("", LABEL, classes=["visually-hidden"])
            words = nodes.Text(text.removeprefix(LABEL))
            text.parent.replace(text, [said, words])
            entry[:] = [nodes.inline("", "", *entry.children, classes=["deeper-entry"])]


def raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def fold_section(section: nodes.section) -> None:
    """Put a section that goes deeper into ``<details>``; its heading is the summary."""
    title = section.next_node(nodes.title)
    text = title.next_node(nodes.Text)
    if text.startswith(LABEL):
        label = nodes.inline("", LABEL.strip(), classes=["deeper-label"])
        words = text.removeprefix(LABEL)
        text.parent.replace(text, [label, nodes.Text(f" {words[:1].upper()}{words[1:]}")])
    at = section.index(title)
    section.insert(at + 1, raw('</summary><div class="deeper-inside">'))
    section.insert(at, raw('<details class="deeper"><summary>'))
    section.append(raw("</div></details>"))


def fold_code(app: Sphinx, cell: nodes.container) -> None:
    """Put a cell's code into ``<details>``: its line is the summary, or the word Code alone."""
    code, quiet = cell[0], cell["quiet"]
    shows = cell["cell_metadata"].get("shows")
    if quiet and not shows:
        words = "Code"
    else:
        try:
            line = interesting_line(source_of(cell), shows)
        except ValueError:  # said when the page was read
            line = interesting_line(source_of(cell))
        shown = app.builder.highlighter.highlight_block(line, "python", force=True, nowrap=True)
        label = '<span class="code-label">Code: </span>'
        words = f'{label}<code class="highlight">{shown.rstrip()}</code>'
    kind = "code quiet" if quiet else "code"
    fold = [raw(f'<details class="{kind}"><summary>{words}</summary>'), code, raw("</details>")]
    rest = cell.children[1:]
    cell[:] = [*rest, *fold] if quiet else [*fold, *rest]


def fold(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Fold a page that is about to be written."""
    if app.builder.format != "html":
        return
    for cell in cells(tree):
        if cell["quiet"] or (CHAPTER.fullmatch(page) and in_the_core(cell)):
            fold_code(app, cell)
    for section in [s for s in tree.findall(nodes.section) if is_deeper(s)]:
        fold_section(section)


def offer_switch(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """The switch of a chapter stands in the header of its page."""
    body = html.unescape(context.get("body") or "")
    context["chapter"] = bool(CHAPTER.fullmatch(page))
    context["folds"] = context["chapter"] or '<details class="deeper">' in body


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", prepare, priority=900)  # after the contents are collected
    app.connect("doctree-resolved", fold, priority=900)
    app.connect("html-page-context", offer_switch, priority=300)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
