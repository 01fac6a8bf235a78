"""The live figures of the Vanilla LSTM: the paths of its error, and a cell whose gates are held."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.vanilla_lstm import models

__all__ = ["CellFigure", "HopsFigure", "PathsFigure"]


class HopsFigure(LiveFigure):
    r"""The carousel's share of the error: of the last hop, and of the whole way.

    Four units with random weights; an error enters at the last step. Parameters: ``b_cs``, added
    to every unit's bias; ``others``, which multiplies $W_{s\ast}$ and $W_{v\ast}$; ``steps``.
    """

    figure = "vanilla_hops"
    title = "The carousel carries most of each hop, and almost nothing stays in it all the way"
    controls = (
        Slider("b_cs", "forget bias b_cs", 1.0, -2.0, 6.0, 0.2),
        Slider("others", "all other wires ×", 0.5, 0.0, 1.0, 0.05),
        Slider("steps", "steps N", 40, 5, 40, 1),
    )
    model = staticmethod(models.hops)


class CellFigure(LiveFigure):
    r"""One unit that adds up marked values, with one gate held at a value for some steps.

    Parameters: ``gate`` that is held (``"cs"``, ``"cu"``, ``"cr"`` or ``"free"``), its value
    ``held``, ``begin`` (step) and ``hold`` (steps). An error of 1 enters at the last
    step.
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
    )
    model = staticmethod(models.cell)


class PathsFigure(LiveFigure):
    r"""$\psi[n]$ over 40 steps for an error that enters at the last step, and how it came.

    Above: by all ways, by the carousel all the way, and by the ways that never use it. Below: the
    norms of three parts of $\psi[n]$ by their sum, divided by where each way has been: only in the
    carousel; also in peepholes, but never in the value; in the value at least once. On demand: the
    shares of the five terms of $\psi[n]$, that is, of the last hop only.

    Parameters: ``b_cs`` and ``b_cr``, added to every unit's bias; ``peep`` and ``recurrent``,
    which multiply $W_{s\ast}$ and $W_{v\ast}$.
    """

    figure = "vanilla_paths"
    title = "Most of the error that comes from afar has left the carousel and come back"
    controls = (
        Slider("b_cs", "state gate b_cs", 1.0, -2.0, 6.0, 0.2),
        Slider("b_cr", "read-out b_cr", 0.0, -4.0, 4.0, 0.2),
        Slider("peep", "peepholes ×", 0.5, 0.0, 1.5, 0.05),
        Slider("recurrent", "recurrence ×", 0.5, 0.0, 1.5, 0.05),
    )
    model = staticmethod(models.paths)
