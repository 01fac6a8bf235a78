"""The live figures of the Vanilla LSTM: a cell whose gates are held, and the paths of its error."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.vanilla_lstm import models

__all__ = ["CellFigure", "PathsFigure"]


class CellFigure(LiveFigure):
    r"""One unit that adds up marked values, with one gate held at a value for some steps.

    Parameters: ``gate`` that is held (``"cs"``, ``"cu"``, ``"cr"`` or ``"free"``), its value
    ``held``, ``begin`` (step) and ``hold`` (steps); ``b_cs``; ``pattern`` of the markers
    (``"two"``, ``"late"``, ``"one"``, ``"none"``); and ``error``: whether an error of 1 enters
    at the ``"last"`` step, at the ``"middle"`` one or at ``"every"`` step.
    """

    figure = "vanilla_cell"
    title = "A state gate held at one half for three steps damages the state and the error alike"
    controls = (
        Choice(
            "gate",
            "gate in hand",
            "cs",
            (
                ("cs", "state (forget)"),
                ("cu", "update (input)"),
                ("cr", "read-out (output)"),
                ("free", "none"),
            ),
        ),
        Slider("held", "held at", 0.5, 0.0, 1.0, 0.05),
        Slider("begin", "from step", 8, 0, 26, 1),
        Slider("hold", "for steps", 3, 1, 30, 1),
        Slider("b_cs", "bias b_cs", 5.0, -2.0, 8.0, 0.2),
        Choice(
            "pattern",
            "marked values",
            "two",
            (
                ("two", "at steps 4 and 12"),
                ("late", "at steps 14 and 22"),
                ("one", "at step 4"),
                ("none", "none"),
            ),
        ),
        Choice(
            "error",
            "error of 1",
            "last",
            (("last", "at the last step"), ("middle", "at step 15"), ("every", "at every step")),
        ),
    )
    model = staticmethod(models.cell)


class PathsFigure(LiveFigure):
    r"""$\psi[n]$ over 40 steps for an error that enters at the last step, and how it came.

    Above: by all ways, by the carousel all the way, and by the ways that never use it. Below: the
    shares of the five terms of $\psi[n]$, that is, of the last hop only.

    Parameters: ``b_cs`` and ``b_cr``, added to every unit's bias; ``peep`` and ``recurrent``,
    which multiply $W_{s\ast}$ and $W_{v\ast}$.
    """

    figure = "vanilla_paths"
    title = "Nearly every hop uses the carousel, but little of the error stays in it all the way"
    controls = (
        Slider("b_cs", "bias b_cs", 1.0, -2.0, 6.0, 0.2),
        Slider("b_cr", "bias b_cr", 0.0, -4.0, 4.0, 0.2),
        Slider("peep", "peepholes ×", 0.5, 0.0, 1.5, 0.05),
        Slider("recurrent", "recurrence ×", 0.5, 0.0, 1.5, 0.05),
    )
    model = staticmethod(models.paths)
