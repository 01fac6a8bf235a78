"""The live figures on the roots of the RNN: sampling, delay, and what the decay term keeps."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.roots import models
from lstm_lib.page.figures.roots.sampling import sampling

__all__ = ["DelayFigure", "ImpulseFigure", "PoleFigure", "SamplingFigure"]


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
    r"""$\dot s(t)=-s(t)+b\tanh s(t-\tau)$, released from $s=1$, and the samples of its RNN.

    Time is counted in time constants of the leak, $a=-1$. Parameters: ``tau`` (time), ``b``
    (1/time), ``delta_t`` (time). The state before t = 0 is 1.
    """

    figure = "delay"
    title = "Late negative feedback makes a clock, coarse steps a worse one"
    controls = (
        Slider("tau", "delay τ", 2.0, 0.1, 3.0, 0.1),
        Slider("b", "feedback b", -2.0, -4.0, 2.0, 0.1),
        Slider("delta_t", "step ΔT", 0.5, 0.05, 1.0, 0.05),
    )
    model = staticmethod(models.delay)


class SamplingFigure(LiveFigure):
    r"""One neuron $\dot s=a\,s+b\tanh s$ sampled by one of five rules, released from $s=1$.

    With ``omega`` the neuron is a pair that turns, $a\to a+i\omega$. Parameters: ``rule``
    (``"forward"``, ``"backward"``, ``"mixed"``, ``"hold"``, ``"bilinear"``), ``delta_t`` (time),
    ``a``, ``b``, ``omega`` (1/time).
    """

    figure = "sampling"
    title = "One equation, five rules: the rule decides how much of the old state stays"
    controls = (
        Choice(
            "rule",
            "rule",
            "mixed",
            (
                ("forward", "forward Euler"),
                ("backward", "backward Euler"),
                ("mixed", "implicit–explicit"),
                ("hold", "exact hold"),
                ("bilinear", "bilinear"),
            ),
        ),
        Slider("delta_t", "step ΔT", 0.5, 0.05, 1.0, 0.05),
        Slider("a", "decay a", -1.0, -4.0, -0.1, 0.1),
        Slider("b", "feedback b", -4.0, -4.0, 1.0, 0.1),
        Slider("omega", "turning ω", 0.0, 0.0, 4.0, 0.1, more=True),
    )
    model = staticmethod(sampling)


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
