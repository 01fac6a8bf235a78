"""The live figures on the way from the RNN to the LSTM: stages, gates, and trained networks."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.rnn_to_lstm import models
from lstm_lib.page.rnn_to_lstm import DECLARED

__all__ = ["CarryFigure", "ProtectFigure", "ResetFigure", "SeedsFigure"]


_STAGES = tuple((name, stage.choice) for name, stage in DECLARED.items())


class CarryFigure(LiveFigure):
    r"""One unit at any stage carries the value 0.8 over a hundred steps, with six draws of noise.

    Step 0 brings the value, and a mark that raises the net input of the gate $g_{cu}$ by 10; a
    question at the last step does so for $g_{cr}$. Else the gates are the logistic of their biases
    ``b_cs``, ``b_cu``, ``b_cr``. ``noise`` is the size of the numbers after step 0, ``outlier`` is
    added at step 50, ``feedback`` is the weight of the old output in the update. The loss says 1
    about the last output and nothing else. The canonical RNN has $W_s=1/2$.
    """

    figure = "carry"
    title = "Only gates keep a value from the noise"
    controls = (
        Choice("stage", "parts", "carousel", _STAGES),
        Slider("noise", "noise at the input", 0.5, 0.0, 5.0, 0.5),
        Slider("outlier", "one outlier", 0, 0, 200, 10),
        Slider("feedback", "feedback", 0.3, -2.0, 2.0, 0.1, more=True),
        Slider("b_cs", "bias b_cs", 8.0, -2.0, 10.0, 0.5, more=True),
        Slider("b_cu", "b_cu", -6.0, -12.0, 6.0, 0.5, more=True),
        Slider("b_cr", "b_cr", -6.0, -12.0, 6.0, 0.5, more=True),
    )
    model = staticmethod(models.stages)


class ProtectFigure(LiveFigure):
    r"""One gated cell stores a value, and holds it among distractors.

    The inputs are a number and a mark. At step 0 the number is 0.8 and marked; then come 59
    distractors of size ``noise``, and halfway one of size ``outlier``. The update gate opens to
    $G_c(b_{cu}+10)$ at the mark and to $G_c(b_{cu})$ elsewhere; the state gate is
    $G_c(b_{cs})$. ``update`` is ``"update"`` (linear), ``"bounded"`` (tanh) or
    ``"positive"`` (logistic).
    """

    figure = "protect"
    title = "What is kept and what is written are two questions, with a gate for each"
    controls = (
        Slider("b_cs", "b_cs (keep)", 3.0, -2.0, 10.0, 0.5),
        Slider("b_cu", "b_cu (write)", -2.0, -12.0, 6.0, 0.5),
        Slider("noise", "distractors", 1.0, 0.0, 3.0, 0.1),
        Slider("outlier", "one outlier", 0, 0, 100, 5),
        Choice(
            "update",
            "update u",
            "update",
            (
                ("update", "linear"),
                ("bounded", "tanh"),
                ("positive", "logistic"),
            ),
        ),
    )
    model = staticmethod(models.protect)


class ResetFigure(LiveFigure):
    r"""Trained networks add up what came since the last reset, with their state gate or without.

    Stage 3 as measured in ``RESET``. ``gate``: ``"acts"``; ``"held"``, the same network with
    $g_{cs}=1$ from now on; ``"never"``, one that was trained with $g_{cs}=1$ (148 weights that
    learn in place of 126). ``N``: steps of the stream, of which the last 40 are shown.
    """

    figure = "reset"
    title = "What has to be forgotten needs a gate"
    controls = (
        Choice(
            "gate",
            "state gate g_cs",
            "held",
            (
                ("acts", "acts"),
                ("held", "held at 1 now"),
                ("never", "trained at 1"),
            ),
        ),
        Choice("N", "stream", "40", (("40", "40 steps"), ("400", "400 steps"))),
        Slider("seed", "seed", 0, 0, 19, 1),
    )
    model = staticmethod(models.reset)


class SeedsFigure(LiveFigure):
    """Every stage after 400 batches, a dot for each of the twenty seeds of ``TRAINED``.

    ``task``: ``"quiet"`` before the question, or only ``"asked"``. The curves are those of
    ``stage``, where ``"held"`` is stage 5 with its state gate held at 1.
    """

    figure = "seeds"
    title = "Without gates nothing is learned; the LSTM learns soonest"
    controls = (
        Choice(
            "task",
            "task",
            "quiet",
            (("quiet", "quiet until asked"), ("asked", "answer if asked")),
        ),
        Choice("stage", "curves of stage", "bounded", (*_STAGES, ("held", "5* gate held at 1"))),
        Slider("seed", "seed", 0, 0, 19, 1),
    )
    model = staticmethod(models.seeds)
