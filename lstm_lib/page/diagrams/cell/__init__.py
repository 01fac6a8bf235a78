"""One diagram that grows: the cell, from the standard RNN to the Augmented LSTM.

Every stage is drawn from one table of parts (:mod:`.parts`), each at its one place
(:mod:`.places`); so a reader who goes from a stage to the next sees nothing move but what is new.
"""

from __future__ import annotations

import os
import re
from html import escape
from pathlib import Path

from lstm_lib import checks
from lstm_lib.page.display import STATIC_PAGE
from lstm_lib.page.svg import titled

from .parts import DRAWN, Part, parts
from .parts import new as _new
from .shapes import Rectangle

__all__ = ["Cell", "cell"]

TITLES = {
    "rnn": "The standard RNN: one loop, through Wᵣ",
    "leaky": "The leaky RNN: each unit keeps a share κ of its state",
    "canonical": "The canonical RNN: two loops, each with a matrix in it",
    "identity": "The state returns as it was",
    "carousel": "A loop of weight one, and no other",
    "update": "One gate for writing, one for keeping",
    "bounded": "No step can write more than one",
    "readout": "The read-out has a gate, too: the LSTM without peepholes",
    "vanilla": "The Vanilla LSTM: through peepholes the gates see the state",
    "unrolled": "The recurrence, unrolled over three steps: three copies, one set of weights",
    "backward": "Backward: the same network with every arrow turned round",
    "augmented": "The Augmented LSTM: windows and a gate on the input, a projection of the value",
}
MARGIN = 4


class Cell:
    """A stage of the cell, drawn: on a page an SVG in two arrangements, elsewhere a picture."""

    def __init__(self, stage: str, title: str, drawn: list[Part], marked: set[str]) -> None:
        self.stage, self.title, self.parts, self.marked = stage, title, drawn, marked
        self.only_tall = stage == "unrolled"  # steps in time stand side by side in any width

    def frame(self, tall: bool) -> Rectangle:
        """The part of the common drawing surface that this stage needs."""
        covered = [r for p in self.parts for shape in p.shapes for r in shape.extent(tall)]
        left, top, right, bottom = zip(*covered, strict=True)
        return min(left) - MARGIN, min(top) - MARGIN, max(right) + MARGIN, max(bottom) + MARGIN

    def svg(self, tall: bool = False) -> str:
        """One arrangement, in the theme's colours; each part says what it is."""
        left, top, right, bottom = self.frame(tall)
        drawn = []
        for part in self.parts:
            tone = f"part {part.tone}" + (" new" if part.key in self.marked else "")
            said = part.words + (", new" if part.key in self.marked else "")
            reads = f'data-reads="{escape(" ".join(part.reads))}" ' if part.reads else ""
            inner = "".join(shape.draw(tall) for shape in part.shapes)
            drawn.append(
                f'<g class="{tone}" role="option" aria-selected="false" tabindex="-1" '
                f'data-symbols="{escape(" ".join(part.symbols))}" {reads}'
                f'data-key="{escape(part.key)}" aria-label="{escape(said)}">{inner}</g>'
            )
        kind = "only" if self.only_tall else "tall" if tall else "wide"
        most = (right - left) * (1.3 if self.only_tall else 1)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cell {kind}" '
            f'viewBox="{left:g} {top:g} {right - left:g} {bottom - top:g}" role="listbox" '
            f'aria-label="Diagram: {escape(self.title)}" '
            f'style="max-width:{most:.0f}px">{"".join(drawn)}</svg>'
        )

    def _repr_html_(self) -> str:
        drawings = [self.svg(tall) for tall in ((True,) if self.only_tall else (False, True))]
        return (
            f'<figure class="rnd-figure rnd-cell" data-stage="{self.stage}">'
            f"<figcaption>{escape(self.title)}</figcaption>{''.join(drawings)}</figure>"
        )

    def picture(self) -> str:
        """The wide arrangement as a picture of its own, on white, with its title."""
        inner = self.svg(tall=self.only_tall).replace(' role="listbox"', ' role="img"', 1)
        inner = inner.replace("<g ", f"<style>{_read('cell.css')}</style><g ", 1)
        return titled(inner, self.title, size=17, scale=1)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        if os.environ.get(STATIC_PAGE):
            return {"text/html": self._repr_html_(), "text/plain": repr(self)}
        return {"image/svg+xml": self.picture(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Cell({self.stage!r})"


def cell(
    stage: str, errors: bool = False, new: bool | None = None, title: str | None = None
) -> Cell:
    r"""The cell at a stage of its growth; what the stage before lacks is orange and heavier.

    Parameters
    ----------
    stage
        ``"rnn"``, ``"leaky"``, one of ``lstm_lib.page.rnn_to_lstm.STAGES``, ``"vanilla"`` or
        ``"augmented"``; or, of the canonical RNN, ``"unrolled"``, three steps side by side, and
        ``"backward"``, the ways of its errors.
    errors
        Write the error of each named signal beside its wire, and number the ways that lead on
        from the state.
    new
        Mark what the stage before lacks; unless given, where the errors are not written.
    title
        The finding, in a sentence, in place of the stage's own.
    """
    checks.one_of("stage", stage, DRAWN)
    marked = _new(stage) if (not errors if new is None else new) else set()
    return Cell(stage, title or TITLES[stage], parts(stage, errors), marked)


def _read(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def page_files() -> dict[str, str]:
    """What a page with a diagram loads, by file name."""
    from lstm_lib.page.figure import compact  # a notebook's picture needs no widgets

    style = _read("cell.css") + _read("page.css")
    # A notebook's cells are of class cell, too, and hold pictures of their own.
    style = re.sub(r"(?<![\w-])\.cell(?![\w-])", "svg.cell", style)
    return {"cell.css": style, "cell.js": compact(_read("cell.js"))}
