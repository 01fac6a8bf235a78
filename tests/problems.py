"""Random problems for every recurrent layer, one function per layer.

``PROBLEMS`` is the list over which the layer tests run. Each entry maps a NumPy generator and a
hypothesis ``draw`` to an ``oracle.Problem``: sizes, options, batch, start and final values drawn.
"""

from functools import partial

import equations
from hypothesis import strategies as st
from oracle import Problem

from lstm_lib import AugmentedLSTM, CanonicalRNN, StandardRNN, VanillaLSTM

small = st.integers(1, 4)


def common(draw, rng, layer, equation, signals, sizes):
    """Inputs, errors, start and final values for a layer; half of the latter are left out."""
    N, B = draw(st.integers(1, 6), label="N"), draw(st.sampled_from([None, 1, 2, 3]), label="B")
    batch = () if B is None else (B,)
    scale = draw(st.sampled_from([0.3, 1.0, 4.0]), label="scale")
    layer.params.flat = scale * rng.normal(size=layer.params.flat.size) / 2
    x = rng.normal(size=(N, *batch, layer.d_x))
    dE = rng.normal(size=(N, *batch, layer.d_out))
    start = {
        k: rng.normal(size=(*batch, d)) for k, d in layer.states.items() if draw(st.booleans())
    }
    last = {
        f"dE_d{symbol}_last": rng.normal(size=(*batch, d))
        for symbol, d in sizes.items()
        if draw(st.booleans())
    }
    return Problem(layer, equation, x, dE, start, last, signals)


LSTM_SIGNALS = {"psi": "s", "chi": "v", "rho": "r"}
LSTM_SIGNALS |= {f"alpha_{gate}": f"a_{gate}" for gate in ("cu", "cs", "cr", "du")}


def vanilla_lstm(draw, rng):
    d_x, d_s = draw(small, label="d_x"), draw(small, label="d_s")
    layer = VanillaLSTM(d_x, d_s, draw(st.sampled_from(["full", "diagonal", None])))
    return common(draw, rng, layer, equations.vanilla_lstm, LSTM_SIGNALS, {"s": d_s, "v": d_s})


def augmented_lstm(draw, rng):
    d_x, d_s = draw(small, label="d_x"), draw(small, label="d_s")
    d_v = draw(st.none() | st.integers(1, d_s), label="d_v")
    external = draw(st.booleans(), label="external_gate")
    window = st.integers(1, 3) | st.builds(
        lambda start, length: range(start, start + length), st.integers(-8, 6), st.integers(1, 4)
    )
    paths = ["cu", "cs", "cr", "du"] + ["cx"] * external
    lags = {path: draw(window, label=path) for path in paths if draw(st.booleans())}
    layer = AugmentedLSTM(
        d_x, d_s, d_v, lags, external, draw(st.sampled_from(["full", "diagonal", None]))
    )
    signals = LSTM_SIGNALS | {"epsilon_du": "xi_du"} | ({"alpha_cx": "a_cx"} if external else {})
    equation = partial(equations.augmented_lstm, lags=layer.lags)
    return common(draw, rng, layer, equation, signals, {"s": d_s, "v": layer.d_v})


def rnn(make, draw, rng):
    d_x, d_s = draw(small, label="d_x"), draw(small, label="d_s")
    activation = draw(st.sampled_from(["tanh", "logistic", "relu", "identity"]))
    layer = make(d_x, d_s, activation)
    equation = partial(equations.rnn, activation=activation)
    return common(draw, rng, layer, equation, {"psi": "s", "chi": "r"}, {"s": d_s, "r": d_s})


PROBLEMS = {
    "StandardRNN": partial(rnn, StandardRNN),
    "CanonicalRNN": partial(rnn, CanonicalRNN),
    "VanillaLSTM": vanilla_lstm,
    "AugmentedLSTM": augmented_lstm,
}
