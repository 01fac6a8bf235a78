"""The live figures on the gradient of a recurrent network: its terms, truncation, and cost."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.training import models

__all__ = ["ErrorBackFigure", "TriangleFigure", "TruncatedGradientFigure"]


class ErrorBackFigure(LiveFigure):
    r"""One error on its way back through three steps of one neuron; the chapter's worked example.

    Parameters: ``moves`` made so far (each makes one of $\chi[2],\psi[2],\dots,\psi[0]$, the last
    adds up $\partial E/\partial W_r$), ``weight`` $W_r$, ``losses``: ``"last"`` or ``"all"``.
    """

    figure = "error_back"
    title = "An error goes back through the weight and the slope of every step"
    controls = (
        Slider("moves", "moves back", 3, 0, 7, 1),
        Slider("weight", "weight Wᵣ", 0.5, -1.5, 1.5, 0.1),
        Choice(
            "losses",
            "losses",
            "last",
            (("last", "at the last step"), ("all", "at every step")),
        ),
    )
    model = staticmethod(models.error_back)


class TriangleFigure(LiveFigure):
    r"""The terms of $\partial E/\partial W_r$, summed by BPTT and by RTRL; one neuron, ten steps.

    A term belongs to the loss at a step n and to the use of the weight at a step k, $k\le n$.
    Parameters: ``order`` (``"bptt"`` or ``"rtrl"``), ``done`` (moves of the algorithm so far),
    ``weight`` $W_r$.
    """

    figure = "triangle"
    title = "One triangle of terms: BPTT sums it row by row, RTRL column by column"
    controls = (
        Choice(
            "order",
            "algorithm",
            "bptt",
            (("bptt", "BPTT, backward"), ("rtrl", "RTRL, forward")),
        ),
        Slider("done", "moves done", 4, 0, 10, 1),
        Slider("weight", "weight Wᵣ", 0.9, -1.5, 1.5, 0.05),
    )
    model = staticmethod(models.triangle)


class TruncatedGradientFigure(LiveFigure):
    r"""$\partial E/\partial W_r$ by age of its terms, and the gradient of BPTT(h).

    A standard RNN of two neurons, $W_r$ = ``gain`` times a rotation by ``turn`` (degrees), with
    $W_x=(1,0)^\top$. Parameters: ``horizon`` h, ``gain``, ``turn``, ``steps`` N, ``task``:
    ``"echo"`` (say at every step half of what was heard three steps before), ``"pulse"`` (after
    one pulse at the start, stand at 1 at the end) or ``"reversal"`` (the same after a long push up
    and a short push down).
    """

    figure = "truncated_gradient"
    title = "A gradient without its old terms may point the wrong way"
    controls = (
        Slider("horizon", "horizon h", 3, 1, 30, 1),
        Slider("gain", "gain of Wᵣ", 1.0, 0.3, 1.4, 0.05),
        Slider("turn", "turn of Wᵣ", 90, 0, 180, 10, "°"),
        Slider("steps", "steps N", 20, 8, 30, 1),
        Choice(
            "task",
            "task",
            "reversal",
            (
                ("echo", "echo of 3 steps ago"),
                ("pulse", "pulse at the start"),
                ("reversal", "up, then down"),
            ),
        ),
    )
    model = staticmethod(models.truncated_gradient)
