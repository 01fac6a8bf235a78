"""The live figures on the way from the RNN to the LSTM: the stages, and a protected state."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.rnn_to_lstm import models
from lstm_lib.page.rnn_to_lstm import DECLARED

__all__ = ["ProtectFigure", "StagesFigure"]


class StagesFigure(LiveFigure):
    r"""State and error signal of one unit, stage by stage, the stage before beside it.

    The number at step 0 is ``first``, and marked; then come ``N - 1`` distractors of size
    ``noise``, always the same. The mark raises the net input of the gate $g_{cu}$ by 10, a
    question at the last step that of $g_{cr}$; else the gates are the logistic of their biases
    ``b_cs``, ``b_cu``, ``b_cr``. ``feedback`` is the weight of the old output in the update. The
    loss says 1 about the last output and nothing else. The canonical RNN has $W_s=1/2$.
    """

    figure = "stages"
    title = "Each stage mends what the one before could not do"
    controls = (
        Slider("first", "first number", 1.0, 0.2, 4.0, 0.1),
        Slider("noise", "distractors", 1.0, 0.0, 5.0, 0.1),
        Slider("feedback", "feedback weight", 0.3, -2.0, 2.0, 0.1),
        Slider("b_cr", "bias b_cr (show)", -5.0, -12.0, 6.0, 0.5),
        Slider("b_cu", "bias b_cu (write)", -5.0, -12.0, 6.0, 0.5),
        Slider("b_cs", "bias b_cs (keep)", 6.0, -2.0, 10.0, 0.5),
        Slider("N", "steps N", 60, 10, 120, 10),
        Choice(
            "stage",
            "stage",
            "readout",
            tuple((name, stage.choice) for name, stage in DECLARED.items()),
        ),
    )
    model = staticmethod(models.stages)


class ProtectFigure(LiveFigure):
    r"""One gated cell stores a value, and holds it among distractors.

    The inputs are a number and a mark. At step 0 the number is 0.8 and marked; then come
    distractors of size ``noise``, and halfway one of size ``outlier``. The update gate opens to
    $G_c(b_{cu}+10)$ at the mark and to $G_c(b_{cu})$ elsewhere; the state gate is
    $G_c(b_{cs})$. ``update`` is ``"update"`` (linear), ``"bounded"`` (tanh) or
    ``"positive"`` (logistic).
    """

    figure = "protect"
    title = "What is kept and what is written are two questions, with a gate for each"
    controls = (
        Slider("noise", "distractors", 1.0, 0.0, 3.0, 0.1),
        Slider("outlier", "one outlier", 0, 0, 100, 5),
        Slider("b_cu", "bias b_cu (write)", -2.0, -12.0, 6.0, 0.5),
        Slider("b_cs", "bias b_cs (keep)", 3.0, -2.0, 10.0, 0.5),
        Slider("N", "steps N", 60, 10, 120, 10),
        Choice(
            "update",
            "update u",
            "update",
            (
                ("update", "linear"),
                ("bounded", "bounded, by tanh"),
                ("positive", "positive, by the logistic"),
            ),
        ),
    )
    model = staticmethod(models.protect)
