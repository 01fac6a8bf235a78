"""The hand-written passes against the programs that the derivation engine writes.

The layers do not know the engine and the engine does not know the layers; they share nothing but
the page's forward equations. Here they have to give the same numbers, to 1e-12.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lstm_lib
from lstm_lib import derive
from lstm_lib.layers.activations import ACTIVATIONS
from lstm_lib.layers.feedforward import FeedForward
from tests.oracle import close
from tests.problems import SIMPLE

TOLERANCE = 1e-12
small = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)


@cache
def program(system, outputs):
    """The emitted module; the loss may also read the final state, through ``outputs``."""
    names: dict = {}
    wanted = system if outputs == " ".join(system.outputs) else system.change("", outputs=outputs)
    exec(wanted.numpy_source(), names)
    return names


def draw_layer(layer, rng):
    layer.params.flat = rng.normal(scale=0.7, size=layer.params.flat.size)
    return layer


def compare(layer, system, data, renamed, *, constants=None, lags=None, replaced=None, spread=None):
    """One forward and backward pass of both, with random inputs, starts and final errors.

    ``renamed`` takes a symbol of the layer to the engine's, ``spread`` a parameter to the engine's
    parameters; ``replaced`` are other warping functions than the program's own.
    """
    spread = spread or (lambda name, value: {renamed(name): value})
    N, B = data.draw(st.integers(1, 6), label="N"), data.draw(st.integers(1, 3), label="B")
    rng = np.random.default_rng(data.draw(seeds, label="seed"))
    draw_layer(layer, rng)
    x = rng.normal(size=(N, B, layer.d_x))
    known = [key for key in layer.states if renamed(key[:-1]) in system.sequences]
    starts = {key: rng.normal(size=(B, layer.states[key])) for key in known}
    dE_dout = rng.normal(size=(N, B, layer.d_out))
    state = next(iter(layer.states)).removesuffix("0")
    both = state != layer.output
    last = {f"dE_d{state}_last": rng.normal(size=(B, layer.states[f"{state}0"]))} if both else {}
    trace = layer.forward(x, **starts)
    grads = layer.backward(trace, dE_dout, **last)

    outputs = [layer.output, state] if both else [layer.output]
    names = program(system, " ".join(map(renamed, outputs)))
    names.update(replaced or {})  # the program looks its warping functions up in its module
    params = dict(constants or {})
    for name, value in layer.params.items():
        params |= spread(name, value)
    losses = [dE_dout]
    if both:
        at_end = np.zeros((N, B, layer.states[f"{state}0"]))
        at_end[-1] = last[f"dE_d{state}_last"]
        losses.append(at_end)
    extra = {"lags": lags} if lags else {}
    given_starts = {renamed(key.removesuffix("0")) + "0": value for key, value in starts.items()}
    given_starts = {fix(key): value for key, value in given_starts.items()}
    derived_trace = names["forward"](params, x, **given_starts, **extra)
    derived = names["backward"](params, derived_trace, *losses)

    for name in trace.names:
        key = renamed(name)
        if key in derived_trace:
            close(name, getattr(trace, name), derived_trace[key], TOLERANCE)
    for name, value in grads.params.items():
        for key, part in spread(name, value).items():
            close(name, part, derived[key], TOLERANCE)
    close("x", grads.x, derived["x"], TOLERANCE)
    for key in starts:
        close(
            key, getattr(grads, key), derived[fix(renamed(key.removesuffix("0")) + "0")], TOLERANCE
        )
    shown = 0
    for name in grads.names:
        if name in derived and name not in ("x", *starts):
            close(name, getattr(grads, name), derived[name], TOLERANCE)
            shown += 1
    return shown


def fix(key):
    """The engine's name of an initial value: ``s_c_0`` where the name has an underscore."""
    stem = key.removesuffix("0")
    return stem + "_0" if "_" in stem else key


def same(name):
    return name


@given(st.data(), st.booleans(), st.sampled_from(sorted(ACTIVATIONS)))
def test_both_rnns(data, canonical, activation):
    d_x, d_s = data.draw(small), data.draw(small)
    G = ACTIVATIONS[activation]
    if canonical:
        layer, system = lstm_lib.CanonicalRNN(d_x, d_s, activation), derive.canonical_rnn
    else:
        layer, system = lstm_lib.StandardRNN(d_x, d_s, activation), derive.standard_rnn
    compare(layer, system, data, same, replaced={"G": G, "dG": G.d})


def peephole_names(peepholes):
    def renamed(name):
        diagonal = peepholes == "diagonal" and name.startswith("W_s")
        return "w" + name[1:] if diagonal else name

    return renamed


@given(st.data(), st.sampled_from(["full", "diagonal", None]))
def test_vanilla_lstm(data, peepholes):
    layer = lstm_lib.VanillaLSTM(data.draw(small), data.draw(small), peepholes)
    system = derive.vanilla_lstm_variant(peepholes)
    assert compare(layer, system, data, peephole_names(peepholes)) == 7  # chi, rho, psi, 4 alphas


@given(st.data(), st.booleans(), st.booleans(), st.sampled_from(["full", "diagonal", None]))
def test_augmented_lstm(data, external_gate, projection, peepholes):
    d_x, d_s = data.draw(small), data.draw(small)
    d_v = data.draw(st.integers(1, d_s)) if projection else None
    paths = ["cu", "cs", "cr", "du"] + ["cx"] * external_gate
    window = st.builds(
        lambda start, length: range(start, start + length), st.integers(-4, 4), st.integers(1, 3)
    )
    lags = {path: data.draw(window, label=path) for path in paths}
    layer = lstm_lib.AugmentedLSTM(d_x, d_s, d_v, lags, external_gate, peepholes)
    system = derive.augmented_lstm_variant(True, external_gate, projection, peepholes)
    engine_lags = {f"L_{path}": tuple(window) for path, window in lags.items()}
    compare(layer, system, data, peephole_names(peepholes), lags=engine_lags)


@given(st.data(), st.sampled_from(["published", "framework"]))
def test_gru(data, form):
    layer = lstm_lib.GRU(data.draw(small), data.draw(small), form)
    system = {"published": derive.gru, "framework": derive.gru_framework}[form]
    assert compare(layer, system, data, same) >= 4  # chi and the three alphas


def snake(name):
    """``min_gru`` for ``MinGRU``, ``slstm`` for ``SLSTM``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


# With names of their own in the engine, or options that choose among systems: tests of their own.
OTHERWISE = {"GridLSTM", "LSTM1997", "StandardRNN", "CanonicalRNN"}
NAMED = [name for name in SIMPLE if name not in OTHERWISE and hasattr(derive, snake(name))]


@pytest.mark.parametrize("name", NAMED)
@given(st.data())
def test_a_layer_is_the_system_of_its_name(name, data):
    """With the options that it has unless told otherwise, so for every layer that comes."""
    layer = getattr(lstm_lib, name)(data.draw(small), data.draw(small))
    if name == "AugmentedLSTM":
        layer = lstm_lib.AugmentedLSTM(layer.d_x, layer.d_s, layer.d_s)
    lags = {f"L_{path}": tuple(own) for path, own in getattr(layer, "lags", {}).items()}
    system = getattr(derive, snake(name))
    lags = lags if system.taps else None
    assert compare(layer, system, data, same, lags=lags) > 0


NAMES_1997 = {"du": "c", "cu": "in", "cs": "phi", "cr": "out"}
SYMBOLS_1997 = {"s": "s_c", "v": "y_c", "g_cu": "y_in", "g_cs": "y_phi", "g_cr": "y_out"}


def name_1997(name):
    if name in SYMBOLS_1997:
        return SYMBOLS_1997[name]
    for ours, theirs in NAMES_1997.items():
        if name.endswith(ours):
            stem = name.removesuffix(ours)
            return {"W_v": "W_y", "a_": "net_"}.get(stem, stem) + theirs
    return name


def spread_1997(gates):
    """The engine has a matrix for each pair of gates, and peepholes one below the other."""

    def spread(name, value):
        path = NAMES_1997[name[-2:]]
        if name.startswith("W_g"):
            parts = np.split(value, len(gates), axis=1)
            return {
                f"W_{NAMES_1997[gate]}_{path}": part
                for gate, part in zip(gates, parts, strict=True)
            }
        return {f"w_s_{path}": value.ravel()} if name[:3] == "W_s" else {name_1997(name): value}

    return spread


@given(st.data(), st.booleans(), st.booleans(), st.booleans())
def test_lstm_of_1997(data, forget_gate, gate_recurrence, peepholes):
    blocks, size = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3))
    layer = lstm_lib.LSTM1997(
        data.draw(small),
        blocks,
        size,
        forget_gate=forget_gate,
        gate_recurrence=gate_recurrence,
        peepholes=peepholes,
        cell_bias=True,
        gate_bias=True,
    )
    P = np.kron(np.eye(blocks), np.ones((size, 1)))  # repeats a block's gates for its cells
    system = derive.lstm1997_variant(
        forget_gate, gate_recurrence=gate_recurrence, peepholes=peepholes
    )
    constants = {"P": P, "Q": P.T} if peepholes else {"P": P}
    spread = spread_1997(layer.gates)
    compare(layer, system, data, name_1997, constants=constants, spread=spread)


@given(st.data(), st.booleans(), st.booleans(), st.booleans())
def test_truncated_gradient_of_1997(data, forget_gate, gate_recurrence, peepholes):
    """The online algorithm, summed over a sequence, is the derived system with its edges cut."""
    blocks, size, d_x = (data.draw(st.integers(1, 3)) for _ in range(3))
    N, rng = data.draw(st.integers(1, 6)), np.random.default_rng(data.draw(seeds))
    options = {"gate_recurrence": gate_recurrence, "peepholes": peepholes}
    layer = lstm_lib.LSTM1997(d_x, blocks, size, forget_gate=forget_gate, **options)
    draw_layer(layer, rng)
    x, dE_dv = rng.normal(size=(N, d_x)), rng.normal(size=(N, layer.d_out))
    online = lstm_lib.TruncatedGradient(layer)
    now, total = online.begin(), layer.params.zeros()
    for n in range(N):
        now = online.step(now, x[n])
        total.flat = total.flat + online.gradient(now, dE_dv[n]).flat

    system = derive.lstm1997_variant(forget_gate, True, gate_recurrence, peepholes)
    names = program(system, "y_c")
    P = np.kron(np.eye(blocks), np.ones((size, 1)))
    params, spread = {"P": P, "Q": P.T}, spread_1997(layer.gates)
    for name, value in layer.params.items():
        params |= spread(name, value)
    derived = names["backward"](params, names["forward"](params, x[:, None]), dE_dv[:, None])
    for name, value in total.items():
        for key, part in spread(name, value).items():
            close(name, part, derived[key], TOLERANCE)


@given(st.data(), seeds)
def test_feed_forward_network(data, seed):
    d_x, d_h, d_y, D = (data.draw(small) for _ in range(4))
    rng = np.random.default_rng(seed)
    layer = draw_layer(FeedForward((d_x, d_h, d_y)), rng)
    x, dE_dy = rng.normal(size=(D, d_x)), rng.normal(size=(D, d_y))
    trace = layer.forward(x)
    grads = layer.backward(trace, dE_dy)

    names = program(derive.feedforward, "y")
    renamed = {"W_1": "W_xh", "b_1": "b_h", "W_2": "W_hy", "b_2": "b_y"}
    params = {renamed[key]: value for key, value in layer.params.items()}
    derived_trace = names["forward"](params, x[:, None])
    derived = names["backward"](params, derived_trace, dE_dy[:, None])
    close("y", trace.y[-1], derived_trace["y"][:, 0], TOLERANCE)
    for ours, theirs in renamed.items():
        close(ours, grads.params[ours], derived[theirs], TOLERANCE)
    close("x", grads.x, derived["x"][:, 0], TOLERANCE)
    for theta, name in zip(grads.theta, ["delta_h", "delta_y"], strict=True):
        close(name, -theta, derived[name][:, 0], TOLERANCE)  # the page's errors have the other sign


@settings(max_examples=60)
@given(st.data(), seeds, st.booleans())
def test_two_layers_and_two_directions(data, seed, stacked):
    N, B, d_x, d_s = (data.draw(small) for _ in range(4))
    rng = np.random.default_rng(seed)
    if stacked:
        parts = lstm_lib.VanillaLSTM(d_x, d_s), lstm_lib.VanillaLSTM(d_s, d_s)
        layer = draw_layer(lstm_lib.Stacked(*parts), rng)
        names, suffix = program(derive.stacked_lstm, "v_2"), {"0": "_1", "1": "_2"}
    else:
        parts = lstm_lib.VanillaLSTM(d_x, d_s), lstm_lib.VanillaLSTM(d_x, d_s)
        layer = draw_layer(lstm_lib.Bidirectional(*parts), rng)
        names = program(derive.bidirectional_lstm, "v_fw v_bw")
        suffix = {"forward": "_fw", "backward": "_bw"}

    def renamed(name):
        part, _, own = name.partition(".")
        return own + suffix[part]

    x = rng.normal(size=(N, B, d_x))
    dE_dv = rng.normal(size=(N, B, layer.d_out))
    grads = layer.backward(layer.forward(x), dE_dv)
    params = {renamed(name): value for name, value in layer.params.items()}
    losses = [dE_dv] if stacked else np.split(dE_dv, 2, axis=2)
    derived = names["backward"](params, names["forward"](params, x), *losses)
    for name, value in grads.params.items():
        close(name, value, derived[renamed(name)], TOLERANCE)
    close("x", grads.x, derived["x"], TOLERANCE)


@given(st.data(), seeds)
def test_grid_lstm_of_one_point_along_the_depth(data, seed):
    N, B, d_x, d_s = (data.draw(small) for _ in range(4))
    rng = np.random.default_rng(seed)
    layer = draw_layer(lstm_lib.GridLSTM(d_x, d_s), rng)
    x, dE_dv = rng.normal(size=(N, B, d_x)), rng.normal(size=(N, B, d_s))
    trace = layer.forward(x)
    grads = layer.backward(trace, dE_dv)

    names = program(derive.grid_lstm, "v_1 s_2 v_2")
    params = {}
    for k, dimension in ((1, "time"), (2, "depth")):
        for gate in ("cu", "cs", "du", "cr"):
            W = layer.params[f"{dimension}.W_v{gate}"]  # (d_s, 2 d_s): over time, over depth
            params[f"W_v{gate}_{k}"], params[f"W_h{gate}_{k}"] = W[:, :d_s], W[:, d_s:]
            params[f"b_{gate}_{k}"] = layer.params[f"{dimension}.b_{gate}"]
    W_x, b_x = layer.params["W_xv"], layer.params["b_v"]
    h = x @ W_x.T + b_x
    derived_trace = names["forward"](params, np.zeros_like(h), h)
    close("v", trace.v, derived_trace["v_2"], TOLERANCE)
    nothing = np.zeros_like(dE_dv)
    derived = names["backward"](params, derived_trace, nothing, nothing, dE_dv)
    for k, dimension in ((1, "time"), (2, "depth")):
        for gate in ("cu", "cs", "du", "cr"):
            both = [derived[f"W_v{gate}_{k}"], derived[f"W_h{gate}_{k}"]]
            name = f"{dimension}.W_v{gate}"
            close(name, grads.params[name], np.concatenate(both, 1), TOLERANCE)
            name = f"{dimension}.b_{gate}"
            close(name, grads.params[name], derived[f"b_{gate}_{k}"], TOLERANCE)
    close("W_xv", grads.params["W_xv"], np.einsum("nbi,nbj->ij", derived["h"], x), TOLERANCE)
    close("x", grads.x, derived["h"] @ W_x, TOLERANCE)


def test_a_wrong_sign_is_noticed():
    """The comparison has teeth: one flipped sign in the engine's program, and it fails."""
    layer = lstm_lib.VanillaLSTM(2, 3)
    source = derive.vanilla_lstm.numpy_source()
    wrong = source.replace("+ W_scr.T @ alpha_cr[n]", "- W_scr.T @ alpha_cr[n]")
    assert wrong != source
    rng = np.random.default_rng(0)
    x, dE_dv = rng.normal(size=(4, 2, 2)), rng.normal(size=(4, 2, 3))
    names: dict = {}
    exec(wrong, names)
    trace = names["forward"](dict(layer.params), x)
    derived = names["backward"](dict(layer.params), trace, dE_dv)
    grads = layer.backward(layer.forward(x), dE_dv)
    with pytest.raises(AssertionError, match="W_xcu: off by"):
        close("W_xcu", grads.params["W_xcu"], derived["W_xcu"], TOLERANCE)
