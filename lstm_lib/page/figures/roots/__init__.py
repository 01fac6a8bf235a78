"""The live figures on the roots of the RNN: sampling, delay, and what the decay term keeps."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.roots import models

__all__ = ["DelayFigure", "ImpulseFigure", "PoleFigure"]


class PoleFigure(LiveFigure):
    r"""Poles and step response of both Euler rules for $\dot s=\lambda(s-1)$, $s(0)=0$.

    Parameters: ``re`` and ``im`` of $\lambda$ (1/time), ``delta_t`` (time).
    """

    figure = "poles"
    title = (
        "Backward Euler stays stable wherever the exact solution settles; forward Euler does not"
    )
    controls = (
        Slider("re", "Re λ", -1.0, -4.0, 0.3, 0.05),
        Slider("im", "Im λ", 2.0, 0.0, 4.0, 0.05),
        Slider("delta_t", "step ΔT", 0.3, 0.05, 1.5, 0.05),
    )
    model = staticmethod(models.poles)


class DelayFigure(LiveFigure):
    r"""$\dot s(t)=a\,s(t)+b\tanh s(t-\tau)+x(t)$, and the samples of its RNN.

    Parameters: ``delta_t``, ``tau`` (time), ``b``, ``a`` (1/time), ``shape`` of the input:
    ``"step"`` (on at t = 1), ``"pulse"`` (1 to 3), ``"sine"`` (period 5) or ``"none"`` (released
    from s = 1). The state before t = 0 is constant.
    """

    figure = "delay"
    title = "Late negative feedback makes the state swing, and coarse sampling misplaces the swing"
    controls = (
        Slider("delta_t", "step ΔT", 0.25, 0.05, 1.0, 0.05),
        Slider("tau", "delay τ", 2.0, 0.1, 3.0, 0.1),
        Slider("b", "feedback b", -2.0, -4.0, 2.0, 0.1),
        Slider("a", "decay a", -1.0, -3.0, -0.2, 0.1),
        Choice(
            "shape",
            "input x(t)",
            "step",
            (
                ("step", "step at t = 1"),
                ("pulse", "pulse from 1 to 3"),
                ("sine", "sine, period 5"),
                ("none", "none, start at s = 1"),
            ),
        ),
    )
    model = staticmethod(models.delay)


class ImpulseFigure(LiveFigure):
    r"""Impulse response of the canonical RNN, and of the standard RNN that drops $W_s$.

    One neuron, $W_s=1/(1-a\Delta T)$, $W_r=b\Delta T W_s$. Parameters: ``a``, ``b`` (1/time),
    ``delta_t`` (time).
    """

    figure = "impulse"
    title = "Without the decay term the memory is the feedback's alone"
    controls = (
        Slider("a", "decay a", -1.0, -20.0, -0.1, 0.1),
        Slider("b", "feedback b", 0.5, -4.0, 4.0, 0.1),
        Slider("delta_t", "step ΔT", 0.2, 0.05, 1.0, 0.05),
    )
    model = staticmethod(models.impulse)
