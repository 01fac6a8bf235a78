"""The search index: one entry a section and one a name of the library, with its own address.

The page ``search.html`` loads the entries as a script, so that it also works from a file on disk,
and ``search.js`` ranks them with MiniSearch.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

HERE = Path(__file__).parent
SKIPPED = (nodes.math_block, nodes.raw, nodes.comment, nodes.citation)
GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega"
)
LETTER = re.compile(rf"\\({'|'.join(GREEK.split())})(?![a-z])", re.I)


def spoken(latex: str) -> str:
    r"""A formula as one would type it: ``W_{scu}`` is W_scu, ``\chi[n]`` is chi[n]."""
    text = LETTER.sub(r"\1", latex).replace(r"\ast", "*")
    text = re.sub(r"\\(?:mathcal|mathrm|mathbb|operatorname|text|bar|hat|dot)\b", "", text)
    text = re.sub(r"\\[a-zA-Z]+", " ", text)
    return re.sub(r"[{}\\$]", "", text)


def entries(doctree: nodes.document, page: str, title: str) -> list[dict[str, str]]:
    """The sections of a page and the names that it documents, in order."""
    found: list[dict[str, str]] = []
    _walk(doctree, {"a": "", "t": title, "x": [], "c": []}, found, page, title)
    return [entry for entry in found if entry["t"] or entry["x"]]


def _walk(node: nodes.Node, entry: Any, found: list, page: str, title: str) -> None:
    if not any(entry is other for other in found):
        found.append(entry)
    for child in node.children:
        if isinstance(child, nodes.section):
            heading = child.next_node(nodes.title)
            words = _words(heading) if heading else ""
            first = not entry["a"] and words == title
            anchor = child["ids"][0] if child.get("ids") and not first else ""
            inner = entry if first else {"a": anchor, "t": words, "x": [], "c": []}
            _walk(child, inner, found, page, title)
        elif isinstance(child, addnodes.desc):
            signature = child.next_node(addnodes.desc_signature)
            ids, name = signature.get("ids", []), signature.get("fullname") or ""
            inner = {"a": ids[0] if ids else "", "t": name, "x": [], "c": [], "k": "name"}
            _walk(child, inner if name else entry, found, page, title)
        elif isinstance(child, nodes.literal_block):
            entry["c"].append(child.astext())
        elif isinstance(child, (*SKIPPED, nodes.title, addnodes.desc_signature)):
            continue
        elif isinstance(child, nodes.row):
            cells = [_words(cell) for cell in child.children]
            if page.endswith("/notation") and isinstance(child.parent, nodes.tbody):
                anchor = child["ids"][0] if child.get("ids") else entry["a"]
                row = {
                    "a": anchor,
                    "t": cells[0],
                    "x": [" – ".join(filter(None, cells[1:]))],
                    "c": [],
                }
                found.append(row | {"k": "symbol"})
            else:
                entry["x"].append(" – ".join(filter(None, cells)))
        elif isinstance(child, nodes.TextElement):
            entry["x"].append(_words(child))
        else:
            _walk(child, entry, found, page, title)


def _words(node: nodes.Node) -> str:
    """The text of a node in one line, formulas as one would type them."""
    if isinstance(node, nodes.math):
        return spoken(node.astext())
    if isinstance(node, SKIPPED):
        return ""
    if isinstance(node, nodes.Text):
        return node.astext()
    gap = "" if isinstance(node, nodes.TextElement) else " "
    return re.sub(r"\s+", " ", gap.join(map(_words, node.children))).strip(" " if gap else "")


def collect(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Take the entries of a page as it is written."""
    if tree is None:  # a page that is no document, such as the search page
        return
    title = app.env.titles[page].astext()
    number = ".".join(map(str, app.env.toc_secnumbers.get(page, {}).get("", ())))
    for entry in entries(tree, page, title):
        text = {key: " ".join(entry[key]) for key in ("x", "c")}
        address = app.builder.get_target_uri(page)
        _pages(app).setdefault(page, []).append(
            {
                "u": address + (f"#{entry['a']}" if entry["a"] else ""),
                "t": entry["t"],
                "p": f"{number} {title}".strip(),
                "k": entry.get("k") or _kind(page, entry["t"]),
                **text,
            }
        )


def _kind(page: str, heading: str) -> str:
    folder, _, name = page.rpartition("/")
    if folder.endswith("how_to"):
        return "list" if name == "index" else "howto"
    return "list" if heading in ("Exercises", "Index of equations") else "section"


def _pages(app: Sphinx) -> dict[str, list[dict[str, str]]]:
    if not hasattr(app, "search_sections"):
        app.search_sections = {}  # type: ignore[attr-defined]
    return app.search_sections  # type: ignore[attr-defined]


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write all entries as one script, and the script that searches them."""
    if exception is not None or app.builder.format != "html":
        return
    for page in app.env.found_docs - _pages(app).keys():  # not written anew by this build
        collect(app, page, "", {}, app.env.get_and_resolve_doctree(page, app.builder))
    every = [entry for page in sorted(_pages(app)) for entry in _pages(app)[page]]
    text = json.dumps(every, ensure_ascii=False, separators=(",", ":"))
    static = Path(app.outdir) / "_static"
    (static / "search-sections.js").write_text(f"window.BOOK_SECTIONS={text};\n", encoding="utf-8")
    script = (HERE / "search.js").read_text(encoding="utf-8")
    (static / "search.js").write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", collect)
    app.connect("build-finished", write)
    # Pages are collected in this process while they are written.
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
