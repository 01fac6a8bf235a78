"""Random problems for every recurrent layer, one function per layer.

A new layer has a function here that draws one, and its line in ``SIMPLE``; the other places that
it touches are in CONTRIBUTING's recipe.

``PROBLEMS`` is the list over which the layer tests run. Each entry maps a NumPy generator and a
hypothesis ``draw`` to an ``oracle.Problem``: sizes, options, batch, start and final values drawn.
Whatever else can compute the same passes, such as ``lstm_lib.derive``, is compared over this list.
"""

from functools import partial

from hypothesis import strategies as st

from lstm_lib import (
    GRU,
    LSTM1997,
    AugmentedLSTM,
    Bidirectional,
    CanonicalRNN,
    GridLSTM,
    Stacked,
    StandardRNN,
    VanillaLSTM,
    derive,
)
from lstm_lib.derived import DerivedLayer
from tests import equations
from tests.oracle import Problem

small = st.integers(1, 4)


def common(draw, rng, layer, equation, signals, shortest=1):
    """Inputs, errors, start and final values for a layer; half of the latter are left out."""
    N, B = (
        draw(st.integers(shortest, 6), label="N"),
        draw(st.sampled_from([None, 1, 2, 3]), label="B"),
    )
    batch = () if B is None else (B,)
    scale = draw(st.sampled_from([0.3, 1.0, 4.0]), label="scale")
    layer.params.flat = scale * rng.normal(size=layer.params.flat.size) / 2
    x = rng.normal(size=(N, *batch, layer.d_x))
    dE = rng.normal(size=(N, *batch, layer.d_out))
    start, last = {}, {}
    for state, size in last_sizes(layer).items():
        if state in layer.states and draw(st.booleans(), label=state):
            start[state] = rng.normal(size=(*batch, size))
        if draw(st.booleans(), label=f"last {state}"):
            part, dot, own = state.rpartition(".")
            name = f"{part}{dot}dE_d{own.removesuffix('0')}_last"
            last[name] = rng.normal(size=(*batch, size))
    return Problem(layer, equation, x, dE, start, last, signals)


def last_sizes(layer):
    """What final errors may arrive at; the standard RNN has a final state but no start state."""
    return layer.states | ({"s0": layer.d_s} if isinstance(layer, StandardRNN) else {})


LSTM_SIGNALS = {"psi": "s", "chi": "v", "rho": "r"}
LSTM_SIGNALS |= {f"alpha_{gate}": f"a_{gate}" for gate in ("cu", "cs", "cr", "du")}


# Each function draws a layer and returns it with its equations and its error signals.


def vanilla_lstm(draw, d_x=None):
    d_x, d_s = d_x or draw(small, label="d_x"), draw(small, label="d_s")
    layer = VanillaLSTM(d_x, d_s, draw(st.sampled_from(["full", "diagonal", None])))
    return layer, equations.vanilla_lstm, LSTM_SIGNALS


def augmented_lstm(draw, d_x=None, windows=True):
    d_x, d_s = d_x or draw(small, label="d_x"), draw(small, label="d_s")
    d_v = draw(st.none() | st.integers(1, d_s), label="d_v")
    external = draw(st.booleans(), label="external_gate")
    window = st.integers(1, 3) | st.builds(
        lambda start, length: range(start, start + length), st.integers(-8, 6), st.integers(1, 4)
    )
    paths = (["cu", "cs", "cr", "du"] + ["cx"] * external) if windows else []
    lags = {path: draw(window, label=path) for path in paths if draw(st.booleans())}
    layer = AugmentedLSTM(
        d_x, d_s, d_v, lags, external, draw(st.sampled_from(["full", "diagonal", None]))
    )
    signals = LSTM_SIGNALS | {"epsilon_du": "xi_du"} | ({"alpha_cx": "a_cx"} if external else {})
    return layer, partial(equations.augmented_lstm, lags=layer.lags), signals


def rnn(make, draw, d_x=None):
    d_x, d_s = d_x or draw(small, label="d_x"), draw(small, label="d_s")
    activation = draw(st.sampled_from(sorted(equations.ACTIVATIONS)))
    layer = make(d_x, d_s, activation)
    return layer, partial(equations.rnn, activation=activation), {"psi": "s", "chi": "r"}


def gru(draw, d_x=None):
    d_x, d_s = d_x or draw(small, label="d_x"), draw(small, label="d_s")
    form = draw(st.sampled_from(["published", "framework"]))
    signals = {"chi": "v", "alpha_cs": "a_cs", "alpha_cr": "a_cr", "alpha_du": "a_du"}
    return GRU(d_x, d_s, form), partial(equations.gru, form=form), signals


def lstm_1997(draw, d_x=None):
    blocks, size = draw(st.integers(1, 3), label="blocks"), draw(st.integers(1, 3), label="size")
    options = ("forget_gate", "peepholes", "gate_recurrence", "cell_bias", "gate_bias")
    drawn = {option: draw(st.booleans(), label=option) for option in options}
    layer = LSTM1997(d_x or draw(small, label="d_x"), blocks, size, **drawn)
    signals = {"chi": "v", "psi": "s"}
    signals |= {f"alpha_{path}": f"a_{path}" for path in ("du", *layer.gates)}
    return layer, partial(equations.lstm_1997, blocks=blocks, size=size), signals


def grid_lstm(draw, d_x=None, dimensions=2):
    d_x, d_s = d_x or draw(small, label="d_x"), draw(small, label="d_s")
    depth = draw(st.integers(1, 3), label="depth")
    layer = GridLSTM(d_x, d_s, dimensions, depth)
    equation = partial(equations.grid_lstm, dimensions=layer._along, depth=depth)
    return layer, equation, {}


def derived(draw, d_x=None, windows=True):
    """A declared system that has the equations of a layer, under the same names."""
    d_x, d_s = d_x or draw(small, label="d_x"), draw(small, label="d_s")
    name = draw(st.sampled_from(["vanilla_lstm", "standard_rnn", "gru", "augmented_lstm"]))
    if name == "standard_rnn":
        layer = DerivedLayer(derive.standard_rnn, d_x=d_x, d_s=d_s)
        return layer, equations.rnn, {"psi": "s", "chi": "r"}
    if name == "gru":
        layer = DerivedLayer(derive.gru, d_x=d_x, d_v=d_s)
        signals = {"chi": "v", "alpha_cs": "a_cs", "alpha_cr": "a_cr", "alpha_du": "a_du"}
        return layer, equations.gru, signals
    if name == "vanilla_lstm" or not windows:
        peepholes = draw(st.sampled_from(["full", None]))
        system = derive.vanilla_lstm_variant(peepholes)
        return DerivedLayer(system, d_x=d_x, d_s=d_s), equations.vanilla_lstm, LSTM_SIGNALS
    paths = ("cu", "cs", "cr", "du", "cx")
    lags = {path: range(draw(st.integers(-3, 0)), draw(st.integers(1, 3))) for path in paths}
    d_v = draw(st.integers(1, d_s), label="d_v")
    layer = DerivedLayer(derive.augmented_lstm, d_x=d_x, d_s=d_s, d_v=d_v, lags=lags)
    signals = LSTM_SIGNALS | {"epsilon_du": "xi_du", "alpha_cx": "a_cx"}
    return layer, partial(equations.augmented_lstm, lags=lags), signals


SIMPLE = {
    "StandardRNN": partial(rnn, StandardRNN),
    "CanonicalRNN": partial(rnn, CanonicalRNN),
    "VanillaLSTM": vanilla_lstm,
    "AugmentedLSTM": augmented_lstm,
    "GRU": gru,
    "LSTM1997": lstm_1997,
    "GridLSTM": grid_lstm,
    "DerivedLayer": derived,
}


def composite(make, equation, names, draw, d_x=None, kinds=SIMPLE):
    """Parts of any of the kinds; ``names`` says how many and what they are called."""
    parts, layers, signals = [], [], {}
    for name in names:
        kind = draw(st.sampled_from(sorted(kinds)), label=name)
        chained = parts and make is Stacked
        d_part = parts[-1].d_out if chained else parts[0].d_x if parts else d_x
        layer, own, own_signals = kinds[kind](draw, d_part)
        parts.append(layer)
        layers.append((own, layer.output))
        signals |= {f"{name}.{grad}": f"{name}.{symbol}" for grad, symbol in own_signals.items()}
    return make(*parts), partial(equation, layers=layers), signals


COMPOSITE = {
    "Stacked": partial(composite, Stacked, equations.stack_of, ["0", "1", "2"]),
    "Bidirectional": partial(
        composite, Bidirectional, equations.both_directions, ["forward", "backward"]
    ),
}
STEPWISE = SIMPLE | {
    "AugmentedLSTM": partial(augmented_lstm, windows=False),
    "DerivedLayer": partial(derived, windows=False),
}


def problem(make, draw, rng, shortest=1):
    layer, equation, signals = make(draw)
    return common(draw, rng, layer, equation, signals, shortest)


PROBLEMS = {name: partial(problem, make) for name, make in (SIMPLE | COMPOSITE).items()}

# Sequences of two steps or more and layers whose windows hold the present input only: what
# may be cut between any two steps.
DIVISIBLE = {
    name: partial(problem, make, shortest=2)
    for name, make in (
        STEPWISE | {name: partial(make, kinds=STEPWISE) for name, make in COMPOSITE.items()}
    ).items()
}
