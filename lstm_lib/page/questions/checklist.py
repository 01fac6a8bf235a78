"""The trainer of 04_vanishing: the programs of its figure, the numbers of its list."""

from __future__ import annotations

from functools import cache

import numpy as np

from lstm_lib.layers.activations import ACTIVATIONS
from lstm_lib.page.figures.vanishing import models
from lstm_lib.page.javascript import javascript_constant

__all__ = ["model", "numbers"]

SPREADS = (0.0, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)


def numbers() -> dict[str, object]:
    r"""What the checklist looks up.

    ``slopes``: the root of the mean of $G'(z)^2$ over normal $z$ with the spreads of ``spreads``.
    For ReLU one half, as in the chapter: about half of the units are off. ``beside``: what the
    matrix adds to the gate in the figure's LSTM at rest, $g_{cu}\,g_{cr}$ per unit of radius.
    """
    z = np.linspace(-8, 8, 4000)
    weights = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    slopes = {
        name: [
            round(float(np.sqrt(weights @ ACTIVATIONS[name].d(spread * z) ** 2)), 2)
            for spread in SPREADS
        ]
        for name in ("tanh", "logistic", "identity")
    }
    gates = float(np.prod(ACTIVATIONS["logistic"](np.array([-2.0, 0.0]))))
    return {
        "spreads": SPREADS,
        "slopes": slopes | {"relu": [0.5] * len(SPREADS)},
        "beside": round(gates, 2),
    }


@cache
def model() -> str:
    """``runRNN`` and ``runLSTM``, as in the figure, and ``CHECKLIST``."""
    return "\n".join([models.vanishing(), javascript_constant("CHECKLIST", numbers())])
