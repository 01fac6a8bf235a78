"""Boxes that read well everywhere: a block quote that opens with a bold line is an admonition.

JupyterLab, GitHub and nbconvert show the quote; the book gives it its box and colours.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

CLASSES = {"Predict first": "predict", "Practise": "predict", "A number that surprises": "note"}


class QuotesToBoxes(SphinxTransform):
    """Turn ``> **Title**`` and what follows in the quote into an admonition with that title."""

    default_priority = 410

    def apply(self, **kwargs: Any) -> None:
        for quote in list(self.document.findall(nodes.block_quote)):
            if title := take_title(quote):
                label = CLASSES.get(title.astext(), f"admonition-{nodes.make_id(title.astext())}")
                box = nodes.admonition("", title, *quote.children, classes=[label])
                box.source, box.line = quote.source, quote.line
                quote.replace_self(box)


def take_title(quote: nodes.block_quote) -> nodes.title | None:
    """The bold text that stands alone on the first line of a quote, removed from it."""
    first = quote.children[0] if quote.children else None
    if not isinstance(first, nodes.paragraph):
        return None
    bold, *others = [child for child in first.children if child.astext()]  # MyST adds empty ones
    rest = "".join(child.astext() for child in others)
    if not isinstance(bold, nodes.strong) or (rest and not rest.startswith("\n")):
        return None  # rest on the same line: the bold words open a sentence
    first.remove(bold)
    if not rest:
        quote.remove(first)
    return nodes.title("", "", *bold.children)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_transform(QuotesToBoxes)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
