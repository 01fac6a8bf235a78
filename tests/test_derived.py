"""A declared system as a layer: the hand-written layers' numbers, and a reader's own cell."""

from __future__ import annotations

import copy
import re
from functools import partial

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import lstm_lib
from lstm_lib import derive
from lstm_lib.derive import System
from lstm_lib.derive.plain import listed
from lstm_lib.derived import DerivedLayer
from lstm_lib.layers.base import last_error
from lstm_lib.layers.compose import Bidirectional, Stacked
from lstm_lib.layers.readout import Dense
from lstm_lib.learning import files
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import Adam
from lstm_lib.learning.training import Training
from tests.equations import no_nudge
from tests.oracle import check_backward, check_forward, close
from tests.problems import common

seeds = st.integers(0, 2**32 - 1)
small = st.integers(1, 3)

MINE = System.from_equations("""
    k[n] = logistic(W_k @ x[n] + U_k @ v[n-1] + b_k)    # how much is kept
    c[n] = tanh(W_c @ x[n] + U_c @ (k[n] * v[n-2]) + b_c)
    s[n] = k[n] * s[n-1] + (1 - k[n]) * c[n] * w
    v[n] = s[n] * softplus(W_o @ s[n] + b_o)
""")


def mine(p, x, start, nudge=no_nudge):
    """The same cell, written out for numbers that may be complex."""
    out = {name: [] for name in "kcsv"}
    s, v, v_2 = start["s0"], start["v0"], start["v0_2"]
    for n, x_n in enumerate(x):
        k = 1 / (1 + np.exp(-(p["W_k"] @ x_n + p["U_k"] @ v + p["b_k"]))) + nudge("k", n)
        c = np.tanh(p["W_c"] @ x_n + p["U_c"] @ (k * v_2) + p["b_c"]) + nudge("c", n)
        s = k * s + (1 - k) * c * p["w"] + nudge("s", n)
        v, v_2 = s * np.log(1 + np.exp(p["W_o"] @ s + p["b_o"])) + nudge("v", n), v
        for name, value in zip("kcsv", (k, c, s, v), strict=True):
            out[name].append(value)
    return {name: np.array(values) for name, values in out.items()}


@given(data=st.data(), seed=seeds)
def test_a_readers_own_cell_has_the_derivatives_of_its_equations(data, seed):
    rng = np.random.default_rng(seed)
    layer = DerivedLayer(MINE, d_x=data.draw(small), d_s=data.draw(small), rng=seed)
    signals = {MINE.derivation.named[z]: z for z in MINE.derivation.named}
    problem = common(data.draw, rng, layer, mine, signals)
    problem.last = {name: e for name, e in problem.last.items() if "_2" not in name}
    layer.params.flat = 0.5 * layer.params.flat
    check_forward(problem)
    check_backward(problem, rng)


@settings(max_examples=40)
@given(st.data(), seeds)
def test_a_cell_that_looks_two_steps_back_may_be_cut_anywhere(data, seed):
    """In segments of one step, too, where s[-1] of one is s[-2] of the next."""
    rng = np.random.default_rng(seed)
    layer = DerivedLayer(MINE, d_x=2, d_s=3, rng=seed)
    N = data.draw(st.integers(2, 6))
    x, dE_dv = rng.normal(size=(N, 2, 2)), rng.normal(size=(N, 2, 3))
    start = {name: rng.normal(size=(2, 3)) for name in layer.states}
    trace = layer.forward(x, **start)
    last = {name: rng.normal(size=(2, 3)) for name in ("dE_ds_last", "dE_dv_last_2")}
    whole = layer.backward(trace, dE_dv, **last)
    cut = data.draw(st.integers(1, N - 1))
    first = layer.forward(x[:cut], **start)
    second = layer.forward(x[cut:], **layer.final(first))
    close("v", np.concatenate([first.v, second.v]), trace.v, 1e-13)
    late = layer.backward(second, dE_dv[cut:], **last)
    handed = {"dE_ds_last": late.s0, "dE_dv_last": late.v0, "dE_dv_last_2": late.v0_2}
    early = layer.backward(first, dE_dv[:cut], **handed)
    close("params", early.params.flat + late.params.flat, whole.params.flat, 1e-11)
    close("x", np.concatenate([early.x, late.x]), whole.x, 1e-11)
    for name in layer.states:
        close(name, getattr(early, name), getattr(whole, name), 1e-11)


# ---- the hand-written layers ---------------------------------------------------------------


def same(name):
    return name


def diagonal(name):
    return "w" + name[1:] if name.startswith("W_s") else name


def of_layer(name):
    """W_xcu_1 for 0.W_xcu: the catalogue numbers stacked layers from 1."""
    part, _, own = name.partition(".")
    if not own:
        return name
    stem, zero = (own[:-1], "_0") if own in ("s0", "v0") else (own, "")
    return f"{stem}_{ {'0': '1', '1': '2', 'forward': 'fw', 'backward': 'bw'}[part] }{zero}"


def names_1997(name):
    symbols = {"s": "s_c", "v": "y_c", "g_cu": "y_in", "g_cs": "y_phi", "g_cr": "y_out"}
    starts = {"s0": "s_c_0", "v0": "y_c_0"}
    if found := (symbols | starts).get(name):
        return found
    for ours, theirs in {"du": "c", "cu": "in", "cs": "phi", "cr": "out"}.items():
        if name.endswith(ours):
            stem = name.removesuffix(ours)
            return {"W_v": "W_y", "a_": "net_"}.get(stem, stem) + theirs
    return name


BLOCKS = np.kron(np.eye(2), np.ones((3, 1)))
LAGS = {"cu": range(-1, 2), "cs": range(1), "cr": range(2, 4), "du": range(-2, 1), "cx": range(2)}
VARIANTS = derive.vanilla_lstm_variant
HAND_WRITTEN = {
    "standard RNN": (lstm_lib.StandardRNN(2, 3), derive.standard_rnn, {"d_s": 3}, same),
    "canonical RNN": (lstm_lib.CanonicalRNN(2, 3), derive.canonical_rnn, {"d_s": 3}, same),
    "Vanilla LSTM": (lstm_lib.VanillaLSTM(2, 3), derive.vanilla_lstm, {"d_s": 3}, same),
    "diagonal": (
        lstm_lib.VanillaLSTM(2, 3, "diagonal"), VARIANTS("diagonal"), {"d_s": 3}, diagonal,
    ),
    "no peepholes": (lstm_lib.VanillaLSTM(2, 3, None), VARIANTS(None), {"d_s": 3}, same),
    "Augmented LSTM": (
        lstm_lib.AugmentedLSTM(2, 3, 2, LAGS),
        derive.augmented_lstm, {"d_s": 3, "d_v": 2, "lags": LAGS}, same,
    ),
    "GRU": (lstm_lib.GRU(2, 3), derive.gru, {"d_v": 3}, same),
    "GRU of the frameworks": (lstm_lib.GRU(2, 3, "framework"), derive.gru_framework,
                              {"d_v": 3}, same),
    "LSTM of 1997": (
        lstm_lib.LSTM1997(2, 2, 3, forget_gate=True, gate_recurrence=False, cell_bias=True,
                          gate_bias=True),
        derive.lstm1997_forget, {"d_s": 6, "d_b": 2, "P": BLOCKS}, names_1997,
    ),
    "two layers": (
        Stacked(lstm_lib.VanillaLSTM(2, 3), lstm_lib.VanillaLSTM(3, 4)),
        derive.stacked_lstm, {"d_s_1": 3, "d_s_2": 4}, of_layer,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HAND_WRITTEN)
@settings(max_examples=15)
@given(data=st.data(), seed=seeds)
def test_a_system_of_the_book_is_its_hand_written_layer(name, data, seed):
    hand, system, options, renamed = HAND_WRITTEN[name]
    layer, rng = DerivedLayer(system, d_x=2, **options), np.random.default_rng(seed)
    N, batch = data.draw(st.integers(1, 6)), data.draw(st.sampled_from([(), (1,), (3,)]))
    for key, W in hand.params.items():
        W[...] = 0.7 * rng.normal(size=W.shape)
        layer.params[renamed(key)] = W
    assert {renamed(key) for key in hand.params} == set(layer.params)
    x, dE = rng.normal(size=(N, *batch, 2)), rng.normal(size=(N, *batch, hand.d_out))
    starts = {
        key: rng.normal(size=(*batch, size))
        for key, size in hand.states.items()
        if renamed(key) in layer.states
    }
    last = {key: rng.normal(size=value.shape) for key, value in starts.items()}
    want = hand.forward(x, **starts)
    got = layer.forward(x, **{renamed(key): value for key, value in starts.items()})
    shown = [z for z in want.names if renamed(z) in got.names and z != "x"]
    assert {*starts} <= set(shown)
    assert len(shown) >= 2
    for z in shown:
        close(z, getattr(got, renamed(z)), getattr(want, z), 1e-12)
    want = hand.backward(want, dE, **{last_error(key): e for key, e in last.items()})
    got = layer.backward(got, dE, **{last_error(renamed(key)): e for key, e in last.items()})
    for key in hand.params:
        close(key, got.params[renamed(key)], want.params[key], 1e-12)
    shown = [z for z in want.names if renamed(z) in got.names]
    assert {*starts, "x"} <= set(shown)
    for z in shown:
        close(z, getattr(got, renamed(z)), getattr(want, z), 1e-12)


@given(seeds)
def test_two_directions_are_two_outputs(seed):
    rng = np.random.default_rng(seed)
    hand = Bidirectional(lstm_lib.VanillaLSTM(2, 3), lstm_lib.VanillaLSTM(2, 3))
    layer = DerivedLayer(derive.bidirectional_lstm, d_x=2, d_s_fw=3, d_s_bw=3)
    hand.params.flat = rng.normal(size=hand.params.flat.size)
    for key, W in hand.params.items():
        layer.params[of_layer(key)] = W
    x, dE = rng.normal(size=(5, 2, 2)), rng.normal(size=(5, 2, 6))
    starts = {key: rng.normal(size=(2, 3)) for key in hand.states}
    want = hand.forward(x, **starts)
    got = layer.forward(x, **{of_layer(key): value for key, value in starts.items()})
    close("v", np.concatenate([got.v_fw, got.v_bw], axis=2), want.v, 1e-13)
    assert sorted(layer.final(got)) == ["s_fw_0", "v_fw_0"]
    last = {f"{way}.dE_ds_last": rng.normal(size=(2, 3)) for way in ("forward", "backward")}
    want = hand.backward(want, dE, **last)
    ours = {
        "dE_ds_fw_last": last["forward.dE_ds_last"],
        "dE_ds_bw_last": last["backward.dE_ds_last"],
    }
    got = layer.backward(got, dE[..., :3], dE_dv_bw=dE[..., 3:], **ours)
    for key in hand.params:
        close(key, got.params[of_layer(key)], want.params[key], 1e-11)
    close("x", got.x, want.x, 1e-11)


# ---- every system --------------------------------------------------------------------------

SIZES = {"d_x": 2, "d_s": 3, "d_b": 1, "d_h": 2, "d_y": 2, "d_v": 2, "d_s_1": 2, "d_s_2": 3,
         "d_s_fw": 2, "d_s_bw": 2}  # fmt: skip
WHOLE = [name for name in derive.SYSTEMS if "truncated" not in name]  # the others have no loss


def layer_of(name, **options):
    system = getattr(derive, name)
    if name == "gru" or name == "gru_framework":
        options["d_v"] = 3
    sizes = {str(size) for group in (system.inputs, system.sequences, system.parameters)
             for shape in group.values() for size in shape}  # fmt: skip
    if system.lag_sets:
        options["lags"] = dict.fromkeys(system.lag_sets, range(2))
    if system.constants:
        options["P"] = np.ones((3, 1))
    return DerivedLayer(system, **{size: SIZES[size] for size in sizes} | options)


@pytest.mark.parametrize("name", WHOLE)
def test_every_gradient_is_the_slope_of_the_loss(name):
    """Along a random direction of everything that comes in, by central differences."""
    layer, rng = layer_of(name), np.random.default_rng(1)
    system = layer.system
    size = lambda z: layer.sizes[str((system.inputs | system.sequences)[z][0])]  # noqa: E731
    x, *more = ({z: rng.normal(size=(4, 2, size(z)))} for z in system.inputs)
    given = {k: v for one in more for k, v in one.items()}
    given |= {key: rng.normal(size=(2, d)) for key, d in layer.states.items()}
    losses = {f"dE_d{z}": rng.normal(size=(4, 2, size(z))) for z in system.outputs}
    for W in layer.params.values():
        W += 0.3 * rng.normal(size=W.shape)

    (first,) = x
    trace = layer.forward(x[first], **given)
    grads = layer.backward(trace, **losses)
    point = {first: x[first], **given}
    way = {name: rng.normal(size=value.shape) for name, value in point.items()}
    turn = rng.normal(size=layer.params.flat.size)
    slope = (grads.params.flat * turn).sum()
    slope += sum((getattr(grads, name) * way[name]).sum() for name in point)

    def E(step):
        moved = copy.deepcopy(layer)
        moved.params.flat += step * turn
        at = {name: value + step * way[name] for name, value in point.items()}
        trace = moved.forward(at.pop(first), **at)
        return sum((getattr(trace, k[4:]) * loss).sum() for k, loss in losses.items())

    assert np.isclose(slope, (E(1e-5) - E(-1e-5)) / 2e-5, rtol=1e-7, atol=1e-7)


def test_a_cut_edge_sends_nothing_back():
    layer = layer_of("lstm1997_truncated")
    trace = layer.forward(np.ones((1, 2)))
    grads = layer.backward(trace, np.ones((1, 3)))
    assert not grads.y_c_0.any()
    assert grads.s_c_0.any()


# ---- a cell of one's own, from equations to a trained network --------------------------------

CELL = """
    z[n] = logistic(W_z @ x[n] + U_z @ v[n-1] + b_z)
    c[n] = tanh(W_c @ x[n] + U_c @ v[n-1] + b_c)
    s[n] = z[n] * s[n-1] + (1 - z[n]) * c[n]
    v[n] = 3 * s[n]
"""


def marked(random):
    """Repeat at every step the last input that carried a mark."""
    x = np.stack([random.uniform(-1, 1, (12, 16)), random.random((12, 16)) < 0.3], axis=2)
    x[0, :, 1] = 1
    last = np.maximum.accumulate(np.where(x[..., 1] == 1, np.arange(12)[:, None], 0))
    return x, np.take_along_axis(x[..., 0], last, axis=0)[..., None]


@pytest.mark.parametrize("seed", range(4))
def test_a_fresh_cell_learns_in_a_network(seed, tmp_path):
    network = Network(DerivedLayer(CELL, d_x=2, d_s=8, rng=seed), Dense(8, 1, rng=seed))
    mean = partial(squared_error, average=True)
    training = Training(network, Adam(0.03), mean, marked, rng=seed, clip=1.0)
    loss = training.run(250).loss
    assert np.mean(loss[-20:]) < 0.15 * np.mean(loss[:5])
    files.save(tmp_path / "net.npz", network)
    twin = files.load(tmp_path / "net.npz")
    x, _ = marked(np.random.default_rng(9))
    assert np.array_equal(twin.forward(x).y, network.forward(x).y)


def test_it_learns_in_segments_with_a_state_that_is_carried_on():
    network = Network(DerivedLayer(MINE, d_x=2, d_s=6, rng=0), Dense(6, 1, rng=0))
    mean = partial(squared_error, average=True)
    options = {"rng": 0, "clip": 1.0, "segment": 1, "stateful": True}
    loss = Training(network, Adam(0.01), mean, marked, **options).run(40).loss
    assert np.mean(loss[-5:]) < 0.7 * np.mean(loss[:5])


# ---- what a layer is made of ----------------------------------------------------------------

OWN = System.from_equations(
    """
    a[n] = sum(W[l] @ x[n-l] for l in L) + U @ v[n-1] + b
    v[n] = kappa * v[n-1] + (1 - kappa) * G(a[n]) + 0.1 * H(a[n])
    """,
    name="Leaky cell",
    warping={"G": lambda z: z / (1 + abs(z)), "H": sympy.Piecewise(
        (sympy.exp(sympy.Symbol("z")) - 1.5, sympy.Symbol("z") < 0), (sympy.pi, True))},
)  # fmt: skip


def test_a_layer_with_functions_windows_and_constants_comes_back_from_a_file(tmp_path):
    layer = DerivedLayer(OWN, d_x=2, d_s=3, lags={"L": [0, 3, -2]}, rng=4, dtype=np.float32)
    path = tmp_path / "cell.npz"
    files.save(path, layer)
    twin = files.load(path)
    assert repr(twin) == repr(layer)
    assert twin.lags == {"L": (0, 3, -2)}
    assert twin.system.backward == OWN.backward
    assert twin.system.warping == OWN.warping
    assert twin.system.text == OWN.text
    assert twin.dtype == np.float32
    x = np.random.default_rng(0).normal(size=(9, 2))
    assert np.array_equal(twin.forward(x).v, layer.forward(x).v)
    blocks = layer_of("lstm1997_forget")
    files.save(path, blocks)
    assert np.array_equal(files.load(path).constants["P"], blocks.constants["P"])


@pytest.mark.parametrize("tree", [["system", "ls"], ["Lambda", ["z"]], [["z"]], ["Add", None]])
def test_a_file_with_another_function_is_refused(tree):
    declaration = DerivedLayer(OWN, d_x=1, d_s=1, lags={"L": 1}).options["system"]
    declaration["warping"]["G"] = tree
    with pytest.raises(ValueError, match="warping: expected"):
        DerivedLayer(declaration, d_x=1, d_s=1, lags={"L": 1})


def test_a_function_that_no_file_may_name_is_refused_when_saving():
    with pytest.raises(ValueError, match=r"warping: expected functions among Add, .*, got sinc"):
        listed(sympy.sinc(sympy.Symbol("z")))


def test_initial_weights_are_what_the_class_says():
    layer = DerivedLayer(OWN, d_x=400, d_s=60, lags={"L": 4}, rng=1)
    p = layer.params
    assert np.allclose(p["U"] @ p["U"].T, np.eye(60))
    assert np.isclose(p["W"].var(), 1 / 1600, rtol=0.05)
    assert not p["b"].any()
    assert 0 <= p["kappa"].min() < 0.1
    assert 0.9 < p["kappa"].max() < 1
    back = System.from_equations("v[n] = tanh(sum(R[l] @ v[n-l] for l in L) + W @ x[n] + b)")
    taps = DerivedLayer(back, d_x=1, d_s=5, lags={"L": range(1, 5)}).params["R"]
    assert np.allclose(np.einsum("lij,lik->jk", taps, taps), np.eye(5))
    again = DerivedLayer(OWN, d_x=400, d_s=60, lags={"L": 4}, rng=1)
    assert np.array_equal(again.params.flat, p.flat)
    given = DerivedLayer(OWN, d_x=2, d_s=3, lags={"L": 4}, weights={"b": [1, 2, 3]})
    assert given.params["b"].tolist() == [1, 2, 3]


def test_a_misspelt_name_is_seen_as_an_input_and_told():
    cell = "f[n] = logistic(W_f @ x[n])\ns[n] = g[n] * s[n-1] + tanh(W_s @ x[n] + U @ f[n])"
    layer = DerivedLayer(cell, d_x=2, d_s=3)
    assert repr(layer).startswith("DerivedLayer('Cell', inputs x, g, d_x=2, d_s=3, ")
    message = "^g has no equation, so it is an input: expected by name, got nothing$"
    with pytest.raises(TypeError, match=message):
        layer.forward(np.ones((4, 2)))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "d_x, d_s: expected whole numbers >= 1 by name, got nothing; "
             "P: expected an array by name, got nothing"),
        ({"P": np.eye(3)}, "d_x, d_s: expected whole numbers >= 1 by name, got nothing"),
        ({"d_x": 2, "d_s": 3}, "P: expected an array by name, got nothing"),
        ({"d_s": 3, "P": np.eye(3)}, "d_x: expected a whole number >= 1 by name, got nothing"),
    ],
)  # fmt: skip
def test_all_that_is_missing_is_named_at_once(given, message):
    cell = System(
        "Cell", "s[n] = P @ s[n-1] + W @ x[n]", inputs="x: d_x", sequences="s: d_s",
        parameters="W: d_s, d_x", constants="P: d_s, d_s", outputs="s",
    )  # fmt: skip
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        DerivedLayer(cell, **given)


def test_a_declaration_in_a_program_may_hold_what_no_file_can():
    text = {"forward": "v[n] = G(x[n]) + H(x[n])", "inputs": "x: d", "sequences": "v: d"}
    own = {"G": lambda z: z / (1 + abs(z)), "H": sympy.sinh(sympy.Symbol("q")) / 2}
    given = {"name": "Own", **text, "parameters": "", "outputs": "v", "warping": own}
    layer, x = DerivedLayer(given, d=2), np.random.default_rng(0).normal(size=(4, 2))
    assert np.allclose(layer.forward(x).v, x / (1 + abs(x)) + np.sinh(x) / 2)
    with pytest.raises(ValueError, match="warping: expected a mapping from names, got 'tanh'"):
        DerivedLayer(given | {"warping": "tanh"}, d=2)
    with pytest.raises(ValueError, match=r"warping: expected one of logistic, .*, got 'print'"):
        DerivedLayer(given | {"warping": {"G": "print", "H": "tanh"}}, d=2)


def test_a_layer_with_two_inputs_stands_alone():
    for make in (Network, Stacked, lambda layer: Bidirectional(layer, layer_of("grid_lstm"))):
        with pytest.raises(ValueError, match=r"layer.*: expected a layer with one input, .* h too"):
            make(layer_of("grid_lstm"))


def test_several_inputs_come_by_name():
    layer, rng = layer_of("grid_lstm"), np.random.default_rng(0)
    m, h = rng.normal(size=(2, 5, 3))
    trace = layer.forward(m, h=h)
    assert trace.v_1.shape == (5, 3)
    assert np.array_equal(trace.x, m)
    grads = layer.backward(trace, dE_dv_2=np.ones((5, 3)))
    assert grads.h.shape == grads.m.shape
    assert np.array_equal(grads.x, grads.m)
    with pytest.raises(TypeError, match="h has no equation, so it is an input: expected by name"):
        layer.forward(m)
    with pytest.raises(ValueError, match=r"h: expected shape \(5, 3\), got \(4, 3\)"):
        layer.forward(m, h=h[:4])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"d_x": 2}, TypeError, "^d_s: expected a whole number >= 1 by name, got nothing"),
        ({"d_x": 2, "d_s": 0}, ValueError, "d_s: expected a whole number >= 1, got 0"),
        ({"d_x": 2, "d_s": 3, "d_z": 1}, TypeError, "expected d_x, d_s by name, got 'd_z'"),
        ({"lags": None}, TypeError, "lags: expected the lags of L, got nothing"),
        ({"lags": {"M": 1}}, ValueError, "lags: expected one of 'L', got 'M'"),
        ({"lags": {"L": 0}}, ValueError, r"lags\['L'\]: expected different whole numbers"),
        ({"lags": {"L": [1, 1]}}, ValueError, r"lags\['L'\]: expected different whole numbers"),
        ({"lags": {"L": [0.5]}}, TypeError, r"lags\['L'\]: expected different whole numbers"),
        ({"lags": {"L": True}}, TypeError, r"lags\['L'\]: expected different whole numbers"),
        ({"lags": [1]}, TypeError, r"lags: expected a mapping from names, got \[1\]"),
        ({"weights": {"V": 1}}, ValueError, "weights: expected one of 'W', 'U', .*, got 'V'"),
        ({"weights": {"b": [1]}}, ValueError, r"weights\['b'\]: expected shape \(3,\), got \(1,\)"),
        ({"dtype": int}, TypeError, "dtype: expected float64 or float32, got int64"),
        ({"rng": None}, TypeError, "rng: expected a seed"),
    ],
)
def test_a_wrong_argument_is_named(options, error, message):
    given = options if "d_x" in options else {"d_x": 2, "d_s": 3, "lags": {"L": 2}} | options
    with pytest.raises(error, match=message):
        DerivedLayer(OWN, **given)


@pytest.mark.parametrize(
    ("system", "error", "message"),
    [
        (derive.gru.forward, TypeError, "system: expected a System, its declaration or its"),
        ({"name": "cell"}, TypeError, "system: expected forward, too, got name"),
        ({"name": "cell", "order": 2}, TypeError, "system: expected names among name, forward,"),
        ({2: "cell"}, TypeError, "got 2"),
        ({"name": 3}, TypeError, "system['name']: expected text, got 3"),
        ("v[n] = W @ x[n", ValueError, "a bracket is not closed"),
        (System.from_equations("v[n] = W @ x[n]", name='"""\nimport os'), ValueError,
         "system: expected a name without quotes"),
        (System.from_equations("v[n] = W @ p[n]", sizes="p: rng"), ValueError,
         "expected no size or constant called rng"),
        (System.from_equations("names[n] = W @ x[n]"), ValueError, "expected no sequence"),
        ("_work[n] = W @ x[n]\nv[n] = tanh(_work[n])", ValueError, "error called _work"),
        ("v[n] = W @ m[n] + U @ x[n]", ValueError, "expected no sequence, input or error called x"),
        ("v[n] = W @ m[n] + U @ self[n]", ValueError, "input or error called self, got one"),
    ],
)  # fmt: skip
def test_a_system_that_cannot_be_a_layer_is_refused(system, error, message):
    with pytest.raises(error, match=re.escape(message)):
        DerivedLayer(system, d_x=1, d_s=1)


def test_the_least_lag_of_a_window_over_the_own_past_is_named():
    with pytest.raises(ValueError, match=r"lags\['L'\]: expected lags of at least 0"):
        DerivedLayer(derive.attention, d_x=1, d_s=1, lags={"L": range(-1, 2)})


def test_passes_name_what_is_wrong():
    layer = DerivedLayer(CELL, d_x=2, d_s=3)
    trace = layer.forward(np.ones((4, 2)))
    with pytest.raises(TypeError, match="forward: expected s0, v0 by name, got 'h0'"):
        layer.forward(np.ones((4, 2)), h0=[1, 2, 3])
    with pytest.raises(TypeError, match=r"backward: expected dE_dv, .*, got 'dE_dc'"):
        layer.backward(trace, np.ones((4, 3)), dE_dc=0)
    with pytest.raises(TypeError, match="dE_dv: expected it once, got it by name and by place"):
        layer.backward(trace, np.ones((4, 3)), dE_dv=np.ones((4, 3)))
    with pytest.raises(TypeError, match="dE_dv: expected the loss's gradient, got nothing"):
        layer.backward(trace, dE_ds_last=np.ones(3))
    with pytest.raises(ValueError, match="readout: expected d_v = 3, got 4"):
        Network(layer, Dense(4, 1))
    growing = DerivedLayer("v[n] = 10 * v[n-1] + W @ x[n]", d_x=1, d_s=1, weights={"W": [[1.0]]})
    with pytest.raises(OverflowError, match=r"v: .* overflow at step 31"):
        growing.forward(np.full((400, 1), 1e278))
    divided = DerivedLayer("v[n] = reciprocal(x[n])", d_x=1)
    with pytest.raises(OverflowError, match=r"v: .* overflow at step 1"):
        divided.forward([[1.0], [0.0]])
