"""The Notation page: one source, ``book/symbols.toml``, and what the pages' formulas say to it.

Every formula of every page is cut into symbols. A symbol has to stand in the source, with one
meaning, or with one meaning on the pages that are named; a symbol of the source has to be used.
``python book/_ext/notation.py`` prints what is wrong; ``tests/book/test_notation.py`` fails on it.
The directive ``symbols`` makes the tables; they link to the section that uses a symbol first.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
NOT_READ = ("notation", "api", "equation_index", "references")  # pages that only point to others

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.S)
ACCENTS = {"bar", "hat", "tilde", "mathcal", "mathbb", "operatorname"}
# What is no symbol: layout, brackets, relations, and functions that every reader knows.
LAYOUT = frozenset(
    re.findall(
        r"\w+",
        "approx arccos arcsin arctan arg ast Big big Bigg bigg bigl Bigl bigr Bigr binom bmod "
        "cap cdot cdots circ colon color cos cosh cup ddot ddots det dfrac displaystyle dot "
        "dots downarrow emptyset equiv exists exp forall frac ge geq gg gt hline hphantom iff "
        "implies in inf infty int langle lceil ldots le left leq lfloor lim limits ll llap ln "
        "log Longrightarrow longrightarrow lt lVert lvert mapsto mathstrut max mid middle min "
        "mod mp ne nearrow neq nolimits not notin overbrace phantom pm prime prod propto qquad "
        "quad rangle rceil rfloor right rightarrow Rightarrow rlap rvert rVert searrow setminus "
        "sim sin sinh smash sqrt square star strut subset sum sup tan tanh textcolor tfrac "
        "tfrac12 times to underbrace underline uparrow vdots vert Vert vphantom ",
    )
)
UNREAD = "text|textbf|textit|textrm|begin|end|label|tag|hspace|hskip|class|cssId|style|color|href"
INDEX = re.compile(r"[ijklmn0-9+\-\s,.:()/\[\]]*(\\ast|\\pm|\\mp|\*)?[ijklmn0-9+\-\s,.:()/\[\]]*")


@dataclass(frozen=True)
class Symbol:
    """A symbol in a formula; ``names`` are its possible entries in the source, the best first."""

    written: str
    names: tuple[str, ...]
    step: bool = False  # whether it has one, as s[n], or stands alone in its formula


def symbols(latex: str) -> Iterator[Symbol]:
    """The symbols of a formula, in order; an index belongs to its symbol, the rest is read on."""
    latex = re.sub(r"(?<!\\)%[^\n]*", "", latex)
    latex = re.sub(r"\\mathrm\s*\{(\w\w+)\}", r"\\operatorname{\1}", latex)
    latex = latex.replace(r"\mathrm", "").replace(r"\operatorname*", r"\operatorname")
    latex = re.sub(r"(?<!_\{)(?<![A-Za-z_\\])(cu|cs|cr|du|cx)(?![A-Za-z])", " ", latex)  # readers
    latex = re.sub(rf"\\({UNREAD})\s*\{{[^{{}}]*\}}", " ", latex)
    yield from _read(TOKEN.findall(latex))


def _read(tokens: list[str]) -> Iterator[Symbol]:
    i = 0
    while i < len(tokens):
        token = tokens[i]
        command = token[1:] if re.fullmatch(r"\\[A-Za-z]+", token) else ""
        i += 1
        if command in ACCENTS:
            inner, i = _group(tokens, i)
            base = f"{token}{{{''.join(inner)}}}"
        elif command == "Delta" and i < len(tokens):
            while tokens[i].isspace():
                i += 1
            base, i = rf"\Delta {tokens[i]}", i + 1
        elif re.fullmatch("[A-Za-z]", token) or (command and command not in LAYOUT):
            base = token
        else:
            continue
        prime, below, inside = "", [], []
        while i < len(tokens) and tokens[i] in ("'", "_", "^"):
            mark, i = tokens[i], i + 1
            if mark == "'":
                prime = "'"
                continue
            inner, i = _group(tokens, i)
            if mark == "_" and command != "nabla":
                below = inner
            else:
                inside.append(inner)
        symbol = _symbol(base, re.sub(r"\\[,!; ]|\s", "", "".join(below)), prime)
        yield replace(symbol, step=i == len(tokens) or tokens[i] == "[")
        for inner in inside:
            yield from _read(inner)


def _group(tokens: list[str], i: int) -> tuple[list[str], int]:
    """The tokens of an argument, without its braces, and where it ends."""
    while i < len(tokens) and tokens[i].isspace():
        i += 1
    if i == len(tokens) or tokens[i] != "{":
        return tokens[i : i + 1], i + 1
    depth = 0
    for end in range(i, len(tokens)):
        depth += (tokens[end] == "{") - (tokens[end] == "}")
        if not depth:
            return tokens[i + 1 : end], end + 1
    return tokens[i + 1 :], len(tokens)


def _symbol(base: str, below: str, prime: str) -> Symbol:
    below = re.sub(r"\\bmod.*", "", below)
    below = re.sub(r"\\operatorname\{(\w+)\}", r"\1", below).replace("*", r"\ast")
    names = [below]
    for cut in (r",[ijklmn0-9]+$", r"[ijklmn0-9]+$", r"(?<=^\\varphi),.*$"):
        shorter = re.sub(cut, "", names[-1])
        if shorter and shorter != names[-1]:
            names.append(shorter)
    written = [
        f"{base}_{{{name}}}" if len(name) > 1 else f"{base}_{name}" for name in names if name
    ]
    if INDEX.fullmatch(below):
        written.append(base)
    full = [name + prime for name in written] if prime else []
    return Symbol((full or written)[0], tuple(dict.fromkeys([*full, *written])))


@dataclass(frozen=True)
class Entry:
    """A row of the source."""

    section: str
    write: str
    meaning: str
    names: tuple[str, ...]
    pages: tuple[str, ...]
    stepped: bool
    cells: dict[str, str]


def names_of(row: dict[str, Any], readers: list[str]) -> tuple[str, ...]:
    """The normal names that a row declares; an asterisk stands for each reader."""
    given = row.get("names")
    if given is None:
        given = formulas_in(row["write"])
    out = []
    for name in (next(symbols(formula)).names[0] for formula in given):
        out.append(name)
        if r"\ast" in name:
            out += [name.replace(r"\ast", value) for value in row.get("values", readers)]
    return tuple(out)


class Source:
    """What ``symbols.toml`` says."""

    def __init__(self, text: str) -> None:
        data = tomllib.loads(text)
        self.sections: dict[str, dict[str, str]] = data["section"]
        self.entries = []
        for row in data["symbol"]:
            if unknown := row.keys() - {
                *COLUMNS,
                "in",
                "write",
                "names",
                "values",
                "pages",
                "stepped",
            }:
                raise ValueError(f"{row['write']}: unknown keys {', '.join(sorted(unknown))}")
            if row["in"] not in self.sections:
                raise ValueError(f"{row['write']}: no section {row['in']!r}")
            self.entries.append(
                Entry(
                    row["in"],
                    row["write"],
                    row["meaning"],
                    names_of(row, data["readers"]),
                    tuple(row.get("pages", ())),
                    row.get("stepped", False),
                    {key: row.get(key, "") for key in COLUMNS},
                )
            )

    def entry(self, symbol: Symbol, page: str) -> Entry | None:
        """The entry of a symbol on a page: one for this page only comes first."""
        for name in symbol.names:
            found = [e for e in self.entries if name in e.names]
            found = [e for e in found if symbol.step or not e.stepped]
            here = [e for e in found if page in e.pages] or [e for e in found if not e.pages]
            if here:
                return here[0]
        return None

    def doubles(self) -> list[str]:
        """Symbols with two meanings on one page."""
        out = []
        for i, a in enumerate(self.entries):
            for b in self.entries[:i]:
                shared = [name for name in a.names if name in b.names]
                meet = bool(a.pages) == bool(b.pages) and (
                    not a.pages or set(a.pages) & set(b.pages)
                )
                if shared and meet and a.meaning != b.meaning:
                    out.append(f"{shared[0]}: {b.meaning!r} and {a.meaning!r}")
        return out


COLUMNS = ("meaning", "shape", "conventional", "pytorch", "keras", "lib")


@cache
def source() -> Source:
    """The source of the book's notation."""
    return Source((BOOK / "symbols.toml").read_text(encoding="utf-8"))


CODE_BLOCK = re.compile(r"^((?:> ?)*)(```+|~~~+)(?!\{).*?^\1\2", re.S | re.M)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
FORMULA = re.compile(r"\$\$(.*?)\$\$|(?<![\\$])\$([^$]+?)\$", re.S)


def formulas_in(markdown: str) -> list[str]:
    """The formulas of a Markdown text, without those in code."""
    markdown = CODE.sub("", CODE_BLOCK.sub("", markdown))
    return [block or inline for block, inline in FORMULA.findall(markdown)]


@dataclass(frozen=True)
class Formula:
    """A formula, and the heading below which it stands."""

    page: str
    heading: str
    latex: str


def read(path: Path) -> Iterator[Formula]:
    """The formulas of a page: of its text, and of what its cells display."""
    if path.suffix == ".md":
        parts = [path.read_text(encoding="utf-8")]
    else:
        parts = []
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                parts.append("".join(cell["source"]))
            for output in cell.get("outputs", ()):
                data = output.get("data", {})
                parts += ["".join(data[k]) for k in ("text/latex", "text/markdown") if k in data][
                    :1
                ]
    heading = ""
    for part in parts:
        for section in re.split(r"^(?=#+ )", part, flags=re.M):
            if title := re.match(r"#+ (.*)", section):
                heading = title[1].strip()
            for latex in formulas_in(section):
                yield Formula(path.stem, heading, latex)


def pages() -> list[Path]:
    """The pages in reading order."""
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    stems = re.findall(r"(?:root|file): book/(\S+)", toc)
    paths = [BOOK / (s + e) for s in stems for e in (".ipynb", ".md") if (BOOK / (s + e)).exists()]
    return [
        path for path in paths if path.stem.split("/")[0] not in NOT_READ and path.parent == BOOK
    ]


def complaints(source: Source, formulas: list[Formula]) -> list[str]:
    """What is wrong between the source and the pages."""
    out = [f"two meanings: {double}" for double in source.doubles()]
    used: set[int] = set()
    missing: dict[tuple[str, str], str] = {}
    for formula in formulas:
        for symbol in symbols(formula.latex):
            entry = source.entry(symbol, formula.page)
            if entry is None:
                missing.setdefault((formula.page, symbol.written), " ".join(formula.latex.split()))
            else:
                meaning = (entry.meaning, entry.pages)
                used |= {i for i, e in enumerate(source.entries) if (e.meaning, e.pages) == meaning}
    for (page, symbol), latex in missing.items():
        out.append(f"{page}: {symbol} is not in book/symbols.toml: {latex[:80]}")
    unused = [e for i, e in enumerate(source.entries) if e.names and i not in used]
    for e in unused:
        where = f"entry of {', '.join(e.pages)}" if e.pages else f"section {e.section}"
        out.append(f"no page uses {e.write}, {where}")
    return out


def book() -> list[Formula]:
    """Every formula of the book."""
    return [formula for path in pages() for formula in read(path)]


@cache
def firsts() -> dict[tuple[str, tuple[str, ...]], tuple[str, str]]:
    """Where each meaning is used first: page and heading, in reading order."""
    out: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
    for formula in book():
        for symbol in symbols(formula.latex):
            if entry := source().entry(symbol, formula.page):
                out.setdefault((entry.meaning, entry.pages), (formula.page, formula.heading))
    return out


class first_use(nodes.Inline, nodes.TextElement):
    """Where the link to the section stands that uses a symbol first."""


class Symbols(SphinxDirective):
    """``symbols``: the table of a section of the source."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(BOOK / "symbols.toml"))
        for path in pages():
            self.env.note_dependency(str(path))
        heads = source().sections[self.arguments[0]]
        rows = [list(heads.values()), ["---"] * len(heads)]
        for number, entry in enumerate(source().entries):
            if entry.section == self.arguments[0]:
                cells = entry.cells | {
                    "symbol": entry.write,
                    "frameworks": " / ".join(
                        dict.fromkeys(filter(None, map(entry.cells.get, ("pytorch", "keras"))))
                    ),
                    "first": f"{{first-use}}`{number}`" if entry.names else "",
                }
                rows.append([cells[key] for key in heads])
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        box = nodes.container(classes=["symbols"])
        self.state.nested_parse(StringList(lines, "symbols.toml"), self.content_offset, box)
        return [box]


def first_use_role(
    name: str, raw: str, text: str, line: int, inliner: Any, *rest: Any
) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """``first-use``: the place of an entry's link, which is known when all pages are read."""
    return [first_use(entry=int(text))], []


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link each entry to the section that uses it first."""
    for place in list(doctree.findall(first_use)):
        entry = source().entries[place["entry"]]
        found = firsts().get((entry.meaning, entry.pages))
        place.replace_self(_link(app, docname, *found) if found else nodes.Text(""))


def _link(app: Sphinx, here: str, page: str, heading: str) -> nodes.Node:
    """A link to a section, by its number, or by its page's title where it has none."""
    env = app.env
    target = f"book/{page}"
    plain = re.sub(r"[^a-z]", "", re.sub(r"\$.*?\$", "", heading.lower()))
    anchor = ""
    for reference in env.tocs[target].findall(nodes.reference):
        if plain == re.sub(r"[^a-z]", "", _text(reference).lower()):
            anchor = reference["anchorname"]
    number = env.toc_secnumbers.get(target, {}).get(anchor)
    title = "appendix" if re.match(r"a\d", page) else env.titles[target].astext()
    text = ".".join(map(str, number)) if number else title
    address = app.builder.get_relative_uri(here, target) + anchor
    return nodes.reference("", text, internal=True, refuri=address)


def _text(reference: nodes.reference) -> str:
    """A heading without its formulas."""
    return "".join(
        text.astext()
        for text in reference.findall(nodes.Text)
        if not isinstance(text.parent, nodes.math)
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_node(first_use)
    app.add_directive("symbols", Symbols)
    app.add_role("first-use", first_use_role)
    app.connect("doctree-resolved", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    print("\n".join(complaints(source(), book())))
