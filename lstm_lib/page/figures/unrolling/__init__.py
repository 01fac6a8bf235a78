"""The live figures on unrolling: how fast a start is forgotten, and what a cut costs."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.unrolling import models

__all__ = ["ForgettingFigure", "SegmentFigure"]


class ForgettingFigure(LiveFigure):
    r"""One neuron, $s[n]=W_s\,s[n-1]+W_r\tanh s[n-1]+x[n]$, from nine starts, same input.

    Parameters: ``W_r``, ``W_s``, ``scale`` of the input. How far the read-outs are still apart,
    beside $\bar J^n\max\lVert s-\tilde s\rVert$ for both contraction bounds.
    """

    figure = "forgetting"
    title = "Below J̄ = 1 every start is forgotten; above, it depends"
    controls = (
        Slider("W_r", "feedback Wᵣ", -1.0, -3.0, 3.0, 0.1),
        Slider("W_s", "decay Wₛ", 0.4, 0.0, 0.95, 0.05),
        Slider("scale", "input scale", 0.5, 0.0, 3.0, 0.1),
    )
    model = staticmethod(models.forgetting)


class SegmentFigure(LiveFigure):
    r"""One neuron's read-out in one run and in segments, the error at every step, and its mean.

    Also how far the gradient of the segments by $W_r$ is from that of one run, for the squared
    error to a leaky average of the input.

    Parameters: ``length`` of a segment $K$ and ``warm_up`` $K_0$ in steps, ``W_r``, ``W_s``,
    ``start`` of a segment: ``"zero"`` or ``"carried"`` from the segment before.
    """

    figure = "segments"
    title = "If the neuron forgets, a segment pays for its start and no more"
    controls = (
        Slider("length", "segment K", 20, 4, 60, 1),
        Slider("warm_up", "warm-up K₀", 0, 0, 30, 1),
        Choice(
            "start",
            "segments start",
            "zero",
            (("zero", "from zero"), ("carried", "carried over")),
        ),
        Slider("W_r", "feedback Wᵣ", 0.3, -1.5, 1.5, 0.05, more=True),
        Slider("W_s", "decay Wₛ", 0.6, 0.0, 0.95, 0.05, more=True),
    )
    model = staticmethod(models.segments)
