"""The solutions of the exercises of 04_vanishing, for the checks in the chapter. Spoilers below."""

import numpy as np

from lstm_lib import StandardRNN, VanillaLSTM
from lstm_lib.layers import initialise
from lstm_lib.study.diagnostics import error_norms


def _fates() -> list[int]:
    """What becomes of the error in the networks of exercise 4: each is run."""
    d, N, rng = 32, 100, np.random.default_rng(4)
    Q, W_x = initialise.orthogonal((d, d), 0), np.ones((d, 1))
    fates = []
    for activation, scale, noise, bias in [
        ("tanh", 0.9, 0.1, 0),
        ("identity", 1.1, 1, 0),
        ("logistic", 2, 0.5, 0),
        ("tanh", 1, 0, 0),
        ("tanh", 1.5, 10, 0),
        ("lstm", 0.01, 0.1, 8),
        ("relu", 2, 0.1, -5),
        ("lstm", 1, 0, 2),
    ]:
        layer: VanillaLSTM | StandardRNN
        if activation == "lstm":
            layer = VanillaLSTM(1, d, None)
            for name, value in layer.params.items():
                layer.params[name] = np.full(value.shape, bias) if name == "b_cs" else scale * value
        else:
            layer = StandardRNN(1, d, activation)
            layer.params["W_r"], layer.params["W_x"] = scale * Q, W_x
            layer.params["theta_s"] = np.full(d, bias)
        trace = layer.forward(noise * rng.normal(size=(N, 1)))
        error = np.zeros((N, d))
        error[-1] = rng.normal(size=d)
        sizes = error_norms(layer.backward(trace, error))
        if sizes[0] < 0.01 * sizes[-1] or sizes[-1] == 0:
            fates.append(-1)
        else:
            fates.append(int(sizes[0] > 100 * sizes[-1]))
    return fates


_open = 0.5 ** (1 / 100)

SOLUTIONS = {
    1: int(np.ceil(np.log(1e-6) / np.log(3 / 4))),
    2: np.log(_open / (1 - _open)),
    3: (3 / np.sinh(3)) ** 10,
    4: _fates(),
}
