"""The live figure on mistakes in an implementation, and where they show first."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure
from lstm_lib.page.figures.implement import models
from lstm_lib.page.figures.implement.mistakes import MISTAKES

__all__ = ["PlantFigure"]


class PlantFigure(LiveFigure):
    r"""A mistake in the Augmented LSTM's program: how far each quantity is from the test vectors.

    Parameters: ``mistake`` (:data:`~lstm_lib.page.figures.implement.mistakes.MISTAKES`, or
    ``"none"``), ``order`` of comparing: ``"steps"``, as it is computed, or ``"arrays"``, one whole
    sequence after the other.
    """

    figure = "plant"
    title = "Compared in the order of computing, the first wrong number names the wrong line"
    controls = (
        Choice(
            "mistake",
            "mistake",
            "gate_too_early",
            (("none", "none"), *((m.name, m.words) for m in MISTAKES if m.script)),
        ),
        Choice("order", "compare", "steps", (("steps", "step by step"), ("arrays", "by array"))),
    )
    model = staticmethod(models.plant)
