"""The live figures on the Augmented LSTM: windows as filters, and the gate of the input."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.augmented_lstm import models

__all__ = ["DistractorFigure", "LookAheadFigure", "ProjectionFigure", "WindowFigure"]


class LookAheadFigure(LiveFigure):
    r"""The least error of an estimate that sees $D$ steps ahead, and that of trained networks.

    The signal is that of :class:`~lstm_lib.tasks.noisy_signal.NoisySignal`; the networks are those
    of the experiment ``look_ahead``, all of 280 parameters. Parameters: ``ahead`` $D$, ``memory``
    $\kappa$, ``noise`` $\nu$.
    """

    figure = "look_ahead"
    title = "A short look ahead is worth nearly as much as the whole future"
    controls = (
        Slider("ahead", "steps seen ahead", 2, 0, 8, 1),
        Slider("memory", "signal: memory κ", 0.9, 0.0, 0.98, 0.02),
        Slider("noise", "noise ν", 1.0, 0.1, 2.0, 0.1),
    )
    model = staticmethod(models.look_ahead)


class WindowFigure(LiveFigure):
    r"""A context window as a filter: taps, frequency response, and a noisy signal through it.

    The signal is that of :class:`~lstm_lib.tasks.noisy_signal.NoisySignal` with $\kappa=0.9$.
    Parameters: ``first`` lag, ``count`` of lags, ``shape`` of the taps (``"average"``,
    ``"gaussian"``, ``"difference"``: newest minus oldest, ``"best"``: least expected error),
    ``noise`` $\nu$.
    """

    figure = "window"
    title = "The same taps smooth as well, but a window that looks back only also delays"
    controls = (
        Slider("first", "first lag", -4, -7, 7, 1),
        Slider("count", "number of lags", 9, 1, 15, 1),
        Choice(
            "shape",
            "taps",
            "average",
            (
                ("average", "average"),
                ("gaussian", "Gaussian"),
                ("difference", "newest − oldest"),
                ("best", "best for this signal"),
            ),
        ),
        Slider("noise", "noise ν", 1.0, 0.1, 2.0, 0.1),
    )
    model = staticmethod(models.window)


class DistractorFigure(LiveFigure):
    r"""One cell with an external gate, and the same cell without, on inputs with distractors.

    $a_{cx}=w\,i[n]+b_{cx}$, where the input's second component $i[n]$ is 0 at distractors; the
    loss is half the squared distance of the values from those of a cell without distractors
    (and without gate). Parameters: ``weight`` $w$, ``bias`` $b_{cx}$, ``strength`` of
    the distractors, ``recurrent`` $W_{vdu}$.
    """

    figure = "distractor"
    title = "The external gate keeps distractors out while the recurrent part goes on"
    controls = (
        Slider("weight", "gate weight w", 4.0, 0.0, 12.0, 0.5),
        Slider("bias", "gate bias b_cx", -1.0, -8.0, 8.0, 0.5),
        Slider("strength", "distractors", 2.0, 0.0, 4.0, 0.1),
        Slider("recurrent", "recurrent W_vdu", -0.2, -1.0, 1.0, 0.1),
    )
    model = staticmethod(models.distractor)


class ProjectionFigure(LiveFigure):
    r"""Number of parameters against the width $d_v$ of the recurrent projection.

    Parameters: ``d_s``, ``d_x``, ``d_v``, ``peepholes`` (``"full"``, ``"diagonal"``, ``"none"``);
    one lag in every window, with external gate.
    """

    figure = "projection"
    title = "A narrow value makes a wide state affordable"
    controls = (
        Slider("d_s", "state d_s", 64, 4, 256, 4),
        Slider("d_v", "value d_v", 16, 1, 256, 1),
        Slider("d_x", "input d_x", 16, 1, 128, 1),
        Choice(
            "peepholes",
            "peepholes",
            "none",
            (("none", "none"), ("diagonal", "diagonal"), ("full", "full")),
        ),
    )
    model = staticmethod(models.projection)
