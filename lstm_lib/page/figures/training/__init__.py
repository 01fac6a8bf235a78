"""The live figures on the gradient of a recurrent network: its terms, truncation, and cost."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.training import models

__all__ = ["TrainingCostFigure", "TriangleFigure", "TruncatedGradientFigure"]


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
    title = "Truncation drops the old terms of the gradient, which may be most of it"
    controls = (
        Slider("horizon", "horizon h", 3, 1, 30, 1),
        Slider("gain", "gain of Wᵣ", 0.9, 0.3, 1.4, 0.05),
        Slider("turn", "turn of Wᵣ", 0, 0, 180, 10, "°"),
        Slider("steps", "steps N", 20, 8, 30, 1),
        Choice(
            "task",
            "task",
            "reversal",
            (
                ("echo", "echo"),
                ("pulse", "pulse at the start"),
                ("reversal", "up, then down"),
            ),
        ),
    )
    model = staticmethod(models.truncated_gradient)


class TrainingCostFigure(LiveFigure):
    r"""Multiplications and numbers kept by BPTT and RTRL for a standard RNN, $d_x=d_s$.

    Parameters: ``log_size`` $\log_2 d_s$, ``log_length`` $\log_2 N$.
    """

    figure = "training_cost"
    title = "RTRL pays with its size for what BPTT pays with the length of the past"
    controls = (
        Slider("log_size", "log₂ of size dₛ", 4, 0, 10, 1),
        Slider("log_length", "log₂ of steps N", 8, 0, 20, 1),
    )
    model = staticmethod(models.training_cost)
