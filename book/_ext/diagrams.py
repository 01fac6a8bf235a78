"""Diagrams of the cell: their styles and their script, on the pages that show one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from lstm_lib.page.diagrams.cell import page_files


def write(app: Sphinx, config: Any) -> None:
    """Put the files beside the others that code makes."""
    target = Path(app.confdir) / "_build" / "generated"
    for name, text in page_files().items():
        (target / name).write_text(text, encoding="utf-8")


def load(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    if 'class="rnd-figure rnd-cell"' in (context.get("body") or ""):
        for name in page_files():
            if name.endswith(".css"):
                app.add_css_file(name)
            else:
                app.add_js_file(name, priority=460, loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", write, priority=110)  # when book_pages has made the folder
    app.connect("html-page-context", load, priority=410)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
