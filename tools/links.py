"""Write the numbers of equations into the links that lead to them.

Usage: ``python tools/links.py`` fills ``[(3.4)](03_training.ipynb#eq-name)`` in every page of the
book: number and page follow from the label, so ``[()](#eq-name)`` is enough to write. ``--check``
only says which links are out of date, and which markup a plain Markdown reader would not
understand, and exits with 1 if there are any. The numbers are those of the book: a label has the
number of its chapter and its place there, counted over the text and the stored outputs.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent
LABEL = re.compile(r"^[ >]*\$\$[\s>]*%[ ]*label:[ ]*([a-z][a-z0-9-]*)[ ]*$", re.M)
LINK = re.compile(r"\[(\([^][]*\))\]\(([\w./-]*)#(eq-[a-z0-9-]+)\)")
# Understood by MyST alone, or by JupyterLab with an extension alone.
DIRECTIVE = re.compile(r"^[ >]*(?::{3,}|`{3,})\{[^}]*\}.*|\{[\w:-]+\}`[^`]*`|^\([\w-]+\)=$", re.M)


def pages(root: Path = ROOT) -> list[tuple[Path, int | None]]:
    """Every page in reading order, with its chapter's number, if it has one."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    found, chapter = [(contents["root"], None)], 0
    for part in contents["parts"]:
        for page in part["chapters"]:
            chapter += bool(part.get("numbered"))
            found.append((page["file"], chapter if part.get("numbered") else None))
    return [
        (next(p for end in (".ipynb", ".md") if (p := root / (name + end)).exists()), number)
        for name, number in found
    ]


def markdown(page: Path, notebook: Any) -> Iterator[str]:
    """The Markdown of a page, and the LaTeX that its cells display."""
    if page.suffix == ".md":
        yield page.read_text(encoding="utf-8")
        return
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell.source
        for output in cell.get("outputs", []):
            yield output.get("data", {}).get("text/latex", "")


def read(page: Path) -> Any:
    return nbformat.read(page, as_version=4) if page.suffix == ".ipynb" else None


def numbers(root: Path = ROOT) -> dict[str, tuple[Path, str]]:
    """The page and the printed number of every labelled equation."""
    found: dict[str, tuple[Path, str]] = {}
    unnumbered = 0
    for page, chapter in pages(root):
        labels = [label for text in markdown(page, read(page)) for label in LABEL.findall(text)]
        for count, label in enumerate(labels, start=1 if chapter else unnumbered + 1):
            if label in found:
                raise ValueError(f"{page}: {found[label][0]} has an equation {label}, too")
            found[label] = (page, f"({chapter}.{count})" if chapter else f"({count})")
        unnumbered += 0 if chapter else len(labels)
    return found


def filled(text: str, page: Path, known: dict[str, tuple[Path, str]]) -> str:
    """A text of a page with the number and the page of every equation it links to."""

    def fill(link: re.Match[str]) -> str:
        if link[3] not in known:
            raise ValueError(f"{page}: no equation has the label {link[3]}")
        target, number = known[link[3]]
        address = "" if target == page else Path(os.path.relpath(target, page.parent)).as_posix()
        return f"[{number}]({address}#{link[3]})"

    return LINK.sub(fill, text)


def raw_markup(text: str) -> list[str]:
    """What would stand raw on a page that is not the book's."""
    return DIRECTIVE.findall(text)


def main(arguments: list[str]) -> int:
    known = numbers()
    complaints = []
    for page, _ in pages():
        before = page.read_text(encoding="utf-8")
        notebook = read(page)
        if notebook is None:
            after = filled(before, page, known)
        else:
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    cell.source = filled(cell.source, page, known)
                    complaints += [f"{page}: {raw}" for raw in raw_markup(cell.source)]
            after = nbformat.writes(notebook) + "\n"
        if after != before and "--check" in arguments:
            complaints.append(f"{page}: a link to an equation is out of date; run tools/links.py")
        elif after != before:
            page.write_text(after, encoding="utf-8")
            print(f"{page}: numbers of equations filled")
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
