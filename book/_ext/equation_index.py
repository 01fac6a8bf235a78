"""The index of equations: every numbered statement, how it is known, what computes and guards it.

Labels, numbers and equations come from the pages, the rest from ``equations/PAGE.toml``, by label:
what an equation says, how it is known, what computes it, which test guards it. The build fails on
an equation that is missing there, on an entry without an equation, on a name that does not import,
on a test that does not exist, and on a proof that does not succeed: what is called proven is proven
again for the index.
"""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from links import equation_number

LOGGER = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
LABEL = re.compile(r"^\s*%\s*label:\s*([a-z][a-z0-9-]*)\s*\n")
KEYS = ("about", "status", "by", "test")
STATUS = {
    "definition": "a choice; nothing to prove",
    "derived": "follows by the steps on the page",
    "proven": "component by component, by the derivation engine",
    "checked": "compared in floating point",
}


class equation_index(nodes.General, nodes.Element):
    """Where the index will stand, once every page has been read."""


class NumberEquations(SphinxTransform):
    """Give an equation whose first line is ``% label: name`` a number, and collect all labels."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        domain = self.env.get_domain("math")
        entries = _labels(self.env).setdefault(self.env.docname, {})
        for node in self.document.findall(nodes.math_block):
            if found := LABEL.match(node.astext()):
                label, text = found[1], node.astext()[found.end() :]
                node.children = [nodes.Text(text)]
                node["label"] = label
                domain.note_equation(self.env.docname, label, location=node)
                node["number"] = domain.get_equation_number_for(label)
                node["ids"] = [nodes.make_id(f"equation-{label}")]
                self.document.note_explicit_target(node)
            if node.get("label"):
                entries[node["label"]] = node.astext()


@cache
def register() -> dict[str, dict[str, str]]:
    """What is known about each equation, by label; ``ValueError`` for a label of two pages."""
    out: dict[str, dict[str, str]] = {}
    for file in sorted((ROOT / "book" / "equations").glob("*.toml")):
        entries = tomllib.loads(file.read_text(encoding="utf-8"))
        if both := out.keys() & entries.keys():
            raise ValueError(f"{file.name}: expected labels of this page, got {sorted(both)}")
        out |= entries
    return out


class EquationIndex(SphinxDirective):
    """``equation-index``: the index of every numbered equation of the book."""

    def run(self) -> list[nodes.Node]:
        return [equation_index()]


def complaints(entry: dict[str, str]) -> list[str]:
    """What is wrong with an entry of the register."""
    out = [f"no {key}" for key in KEYS if not entry.get(key)]
    out += [f"unknown key {key}" for key in entry if key not in KEYS]
    if out:
        return out
    if entry["status"] not in STATUS:
        out.append(f"status {entry['status']!r}: expected one of {', '.join(STATUS)}")
    try:
        computed = resolve(entry["by"])
    except Exception as error:  # whatever the name's module raises is what is wrong with it
        out.append(f"by {entry['by']!r}: {type(error).__name__}: {error}")
    else:
        if entry["status"] == "proven" and not hasattr(computed, "prove"):
            out.append(f"by {entry['by']!r}: proven, but not a system that can be proven")
    if not test_exists(entry["test"]):
        out.append(f"test {entry['test']!r} does not exist")
    return out


@cache
def resolve(name: str) -> Any:
    """What a dotted name stands for; with literal arguments behind it, what it returns."""
    dotted, bracket, arguments = name.partition("(")
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part)
        if bracket:
            call = ast.parse(f"f({arguments}", mode="eval").body
            assert isinstance(call, ast.Call)
            given = {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg}
            found = found(*map(ast.literal_eval, call.args), **given)
        return found
    raise ImportError(f"no module {parts[0]}")


@cache
def test_names(path: str) -> frozenset[str]:
    """The tests in a file."""
    file = ROOT / path
    if not path.startswith("tests/") or not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in functions if name.startswith("test_"))


def test_exists(test: str) -> bool:
    path, _, name = test.partition("::")
    return name.partition("[")[0] in test_names(path)


@cache
def proof(name: str) -> str:
    """The sizes of the proof that is made now."""
    proven = resolve(name).prove()
    return f"{proven.identities} identities at d = {proven.d}, N = {proven.N}"


def check_entries(app: Sphinx, env: Any) -> None:
    labels = {label: page for page, all_of_it in _labels(env).items() for label in all_of_it}
    for label, page in labels.items():
        entry = register().get(label)
        for text in ["not in equations/"] if entry is None else complaints(entry):
            LOGGER.warning(f"equation {label}: {text}", location=page)
    for label in register().keys() - labels.keys():
        LOGGER.warning(f"equations/: no equation has the label {label}")


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in doctree.findall(equation_index):
        content: list[nodes.Node] = []
        for chapter in _reading_order(app.env):
            if entries := _labels(app.env).get(chapter):
                content += _chapter(app, docname, chapter, entries)
        place.replace_self(content)
        app.env.get_domain("math").data["has_equations"][docname] = True  # loads MathJax


def _reading_order(env: Any) -> list[str]:
    order, stack = [], [env.config.root_doc]
    while stack:
        docname = stack.pop()
        order.append(docname)
        stack += reversed(env.toctree_includes.get(docname, []))
    return order


def _chapter(app: Sphinx, here: str, chapter: str, labels: list[str]) -> list[nodes.Node]:
    section = ".".join(map(str, app.env.toc_secnumbers.get(chapter, {}).get("", ())))
    title = app.env.titles[chapter].astext()
    heading = nodes.rubric(classes=["equation-index-chapter"])
    heading += _link(app, here, chapter, "", f"{section} {title}".strip())
    items = nodes.definition_list(classes=["equation-index"])
    for label, equation in labels.items():
        entry = register().get(label, {})
        if complaints(entry):  # said already, and the build fails
            continue
        number = equation_number(app.env, label) or ""
        link = _link(app, here, chapter, nodes.make_id(f"equation-{label}"), number)
        status = nodes.inline("", entry["status"], classes=["status", entry["status"]])
        sizes = f", {proof(entry['by'])}" if entry["status"] == "proven" else ""
        path, _, name = entry["test"].partition("::")
        sentence = name.removeprefix("test_").replace("_", " ")
        items += nodes.definition_list_item(
            "",
            nodes.term("", "", link, nodes.Text(f" {entry['about']} "), status),
            nodes.definition(
                "",
                nodes.math_block(equation, equation, nowrap=False, number=None),
                nodes.paragraph(
                    "",
                    "",
                    nodes.Text("computed by "),
                    _computed(app, here, entry["by"]),
                    nodes.Text(f"{sizes}; guarded by “{sentence}” in "),
                    nodes.literal("", path),
                ),
            ),
        )
    return [heading, items]


def _link(app: Sphinx, here: str, target: str, anchor: str, text: str) -> nodes.reference:
    address = app.builder.get_relative_uri(here, target) + (f"#{anchor}" if anchor else "")
    return nodes.reference("", text, internal=True, refuri=address)


def _computed(app: Sphinx, here: str, name: str) -> nodes.Node:
    """The name of what computes an equation, with a link where the library's page has it."""
    objects = app.env.get_domain("py").objects
    public = [key for key in objects if key.rpartition(".")[2] == name.rpartition(".")[2]]
    known = name if name in objects else public[0] if len(public) == 1 else None
    literal = nodes.literal("", name.removeprefix("lstm_lib."))
    if known is None:
        return literal
    address = app.builder.get_relative_uri(here, objects[known].docname)
    return nodes.reference(
        "", "", literal, internal=True, refuri=f"{address}#{objects[known].node_id}"
    )


def _labels(env: Any) -> dict[str, dict[str, str]]:
    """Labels and LaTeX of each page's equations, in the page's order."""
    if not hasattr(env, "equation_labels"):
        env.equation_labels = {}
    return env.equation_labels


def purge(app: Sphinx, env: Any, docname: str) -> None:
    _labels(env).pop(docname, None)


def merge(app: Sphinx, env: Any, docnames: Any, other: Any) -> None:
    _labels(env).update({page: found for page, found in _labels(other).items() if page in docnames})


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(equation_index)
    app.add_directive("equation-index", EquationIndex)
    app.add_transform(NumberEquations)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", check_entries)
    app.connect("doctree-resolved", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
