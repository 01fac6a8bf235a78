"""Run the notebooks and store their outputs: text for nbval to compare with, and still pictures.

Usage: ``python tools/notebooks.py [PATH ...]`` runs the notebooks (default: all in ``book/``)
and writes the outputs that are compared, and the numbers of equations into the links that lead to
them (see ``tools/links.py``); ``--check`` only says whether a notebook holds what a
build makes (bitmaps, widget state) or a line of code that is too wide for the
page, and exits with 1 if one does.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools import links

ROOT = Path(__file__).resolve().parent.parent
DROPPED = ("image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json")
WIDEST = 79  # characters of code that fit the page's column


def strip(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Keep text and still pictures, count cells from 1; drop bitmaps, widgets, timings."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):  # a cell without a count is not compared
        cell.metadata.pop("execution", None)
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
            for mime in DROPPED:
                output.get("data", {}).pop(mime, None)
            if "image/svg+xml" in output.get("data", {}):  # the same picture for themed pages
                output["data"].pop("text/html", None)
    return notebook


def too_wide(notebook: nbformat.NotebookNode) -> list[str]:
    """The lines of code that would scroll sideways on the page."""
    code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [line for source in code for line in source.split("\n") if len(line) > WIDEST]


def main(arguments: list[str]) -> int:
    check = "--check" in arguments
    paths = [Path(a) for a in arguments if a != "--check"] or sorted(ROOT.glob("book/**/*.ipynb"))
    complaints = []
    for path in paths:
        before = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(before, as_version=4)
        if not check:
            where = {"metadata": {"path": str(path.parent)}}
            NotebookClient(notebook, timeout=120, resources=where, coalesce_streams=True).execute()
        after = nbformat.writes(strip(notebook)) + "\n"
        if check:
            if after != before:
                complaints.append(f"{path}: holds what a build makes; run tools/notebooks.py")
            complaints += [f"{path}: too wide: {line}" for line in too_wide(notebook)]
        else:
            path.write_text(after, encoding="utf-8")
            print(f"{path}: run and stored")
    if not check:
        links.main([])  # an equation more moves the numbers of those behind it
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
