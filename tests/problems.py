"""Random problems for every recurrent layer, one function per layer.

``PROBLEMS`` is the list over which the layer tests run. Each entry maps a NumPy generator and a
hypothesis ``draw`` to an ``oracle.Problem``: sizes, options, batch, start and final values drawn.
"""

from functools import partial

import equations
import numpy as np
from hypothesis import strategies as st
from oracle import Problem

from lstm_lib import VanillaLSTM

small = st.integers(1, 4)


def common(draw, rng, layer, equation, signals, sizes):
    """Inputs, errors, start and final values for a layer; half of the latter are left out."""
    N, B = draw(st.integers(1, 6), label="N"), draw(st.sampled_from([None, 1, 2, 3]), label="B")
    batch = () if B is None else (B,)
    scale = draw(st.sampled_from([0.3, 1.0, 4.0]), label="scale")
    layer.params.flat = scale * rng.normal(size=layer.params.flat.size) / 2
    x = rng.normal(size=(N, *batch, layer.d_x))
    dE = rng.normal(size=(N, *batch, layer.d_out))
    start = {k: rng.normal(size=(*batch, d)) for k, d in layer.states.items() if draw(st.booleans())}
    last = {
        f"dE_d{symbol}_last": rng.normal(size=(*batch, d))
        for symbol, d in sizes.items()
        if draw(st.booleans())
    }
    return Problem(layer, equation, x, dE, start, last, signals)


LSTM_SIGNALS = dict(
    psi="s", chi="v", rho="r", alpha_cu="a_cu", alpha_cs="a_cs", alpha_cr="a_cr", alpha_du="a_du"
)


def vanilla_lstm(draw, rng):
    d_x, d_s = draw(small, label="d_x"), draw(small, label="d_s")
    layer = VanillaLSTM(d_x, d_s, draw(st.sampled_from(["full", "diagonal", None])))
    return common(draw, rng, layer, equations.vanilla_lstm, LSTM_SIGNALS, {"s": d_s, "v": d_s})


PROBLEMS = {"VanillaLSTM": vanilla_lstm}
