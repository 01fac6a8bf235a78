"""The Vanilla LSTM: a step worked by hand, long sequences, wrong options."""

import math

import numpy as np
import pytest

from lstm_lib import AugmentedLSTM, VanillaLSTM
from lstm_lib.learning import files


def sigma(z):
    return 1 / (1 + math.exp(-z))


def test_one_step_worked_by_hand():
    lstm = VanillaLSTM(1, 1)
    weights = {
        "W_xcu": 0.1, "W_scu": 0.2, "W_vcu": 0.3, "b_cu": 0.4, "W_xcs": -0.1, "W_scs": 0.5,
        "W_vcs": 0.2, "b_cs": 1.0, "W_xcr": 0.7, "W_scr": -0.6, "W_vcr": 0.1, "b_cr": -0.2,
        "W_xdu": 1.1, "W_vdu": -0.4, "b_du": 0.05,
    }  # fmt: skip
    for name, value in weights.items():
        lstm.params[name][...] = value
    trace = lstm.forward([[2.0]], s0=[0.5], v0=[-0.25])
    g_cu = sigma(0.1 * 2 + 0.2 * 0.5 - 0.3 * 0.25 + 0.4)
    g_cs = sigma(-0.1 * 2 + 0.5 * 0.5 - 0.2 * 0.25 + 1)
    u = math.tanh(1.1 * 2 + 0.4 * 0.25 + 0.05)
    s = g_cs * 0.5 + g_cu * u
    g_cr = sigma(0.7 * 2 - 0.6 * s - 0.1 * 0.25 - 0.2)  # the read-out gate sees the new state
    v = g_cr * math.tanh(s)
    assert trace.s[0, 0] == pytest.approx(s, rel=1e-14)
    assert trace.v[0, 0] == pytest.approx(v, rel=1e-14)
    assert trace.a_cr[0, 0] == pytest.approx(math.log(g_cr / (1 - g_cr)), rel=1e-13)


@pytest.mark.parametrize("make", [VanillaLSTM, AugmentedLSTM])
@pytest.mark.parametrize("peepholes", ["full", "diagonal", None])
def test_a_long_batch_is_summed_over_several_stretches_of_time(make, peepholes):
    """Single sequences fit into one stretch, the batch needs three."""
    lstm = make(3, 48, peepholes=peepholes)
    rng = np.random.default_rng(0)
    x, dE_dv = rng.normal(size=(21, 64, 3)), rng.normal(size=(21, 64, 48))
    grads = lstm.backward(lstm.forward(x), dE_dv)
    singles = [lstm.backward(lstm.forward(x[:, b]), dE_dv[:, b]) for b in range(64)]
    total = sum(single.params.flat for single in singles)
    np.testing.assert_allclose(grads.params.flat, total, rtol=1e-9, atol=1e-9)
    for name in grads.names:
        mine = getattr(grads, name)
        axis = mine.ndim - 2
        theirs = np.stack([getattr(single, name) for single in singles], axis=axis)
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-11, err_msg=name)


def test_parameters_have_the_names_and_shapes_of_the_page():
    full = {name: w.shape for name, w in VanillaLSTM(3, 5).params.items()}
    assert len(full) == 15
    assert full["W_xcu"] == full["W_xdu"] == (5, 3)
    assert full["W_scr"] == full["W_vdu"] == (5, 5)
    assert full["b_cs"] == (5,)
    assert "W_sdu" not in full
    diagonal = {name: w.shape for name, w in VanillaLSTM(3, 5, "diagonal").params.items()}
    assert diagonal["W_scu"] == diagonal["W_scs"] == diagonal["W_scr"] == (5,)
    assert len(VanillaLSTM(3, 5, None).params) == 12


@pytest.mark.parametrize("d_s", [1, 4])
def test_diagonal_peepholes_are_full_ones_with_a_diagonal_matrix(d_s):
    rng = np.random.default_rng(0)
    diagonal, full = VanillaLSTM(2, d_s, "diagonal"), VanillaLSTM(2, d_s)
    diagonal.params.flat = rng.normal(size=diagonal.params.flat.size)
    for name, value in diagonal.params.items():
        full.params[name] = np.diag(value) if name.startswith("W_s") else value
    x, dE_dv = rng.normal(size=(7, 3, 2)), rng.normal(size=(7, 3, d_s))
    got = diagonal.backward(diagonal.forward(x), dE_dv)
    want = full.backward(full.forward(x), dE_dv)
    np.testing.assert_allclose(got.x, want.x, rtol=1e-11, atol=1e-12)
    for name, value in got.params.items():
        expected = np.diag(want.params[name]) if name.startswith("W_s") else want.params[name]
        np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-12, err_msg=name)


def test_the_first_weights_are_as_described():
    p = VanillaLSTM(100, 200, rng=3).params
    assert p["W_xcu"].var() == pytest.approx(1 / 100, rel=0.05)
    assert p["W_scu"].var() == pytest.approx(1 / 20_000, rel=0.05)
    np.testing.assert_allclose(p["W_vdu"].T @ p["W_vdu"], np.eye(200), atol=1e-12)
    assert (p["b_cs"] == 1).all()
    assert not p["b_cu"].any()
    assert not p["b_du"].any()
    diagonal = VanillaLSTM(1, 300, "diagonal").params["W_scs"]
    assert diagonal.var() == pytest.approx(1 / 100, rel=0.5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 5), ValueError, "d_x: expected a whole number >= 1, got 0"),
        ((3, 2.5), TypeError, "d_s: expected a whole number >= 1, got 2.5"),
        ((3, 5, "some"), ValueError, "peepholes: expected 'full', 'diagonal', None or False, got"),
        ((3, 5, True), ValueError, "peepholes: expected 'full', 'diagonal', None or False, got T"),
        ((3, 5, 0), ValueError, "peepholes: expected 'full', 'diagonal', None or False, got 0"),
    ],
)
def test_wrong_options_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        VanillaLSTM(*arguments)
    d_x, d_s, *peepholes = arguments
    with pytest.raises(error, match=message):
        AugmentedLSTM(d_x, d_s, peepholes=peepholes[0] if peepholes else "full")


@pytest.mark.parametrize("make", [VanillaLSTM, AugmentedLSTM])
def test_peepholes_false_are_none(make, tmp_path):
    without, none = make(2, 3, peepholes=False), make(2, 3, peepholes=None)
    assert without.peepholes is None
    assert repr(without) == repr(none)
    assert "peepholes=None" in repr(without)
    assert not [name for name in without.params if name.startswith("W_s")]
    files.save(tmp_path / "layer.npz", without)
    assert files.load(tmp_path / "layer.npz").peepholes is None


def test_a_wrong_dtype_or_seed_is_named():
    with pytest.raises(TypeError, match="dtype: expected float64 or float32, got int64"):
        VanillaLSTM(1, 1, dtype=np.int64)
    with pytest.raises(TypeError, match="rng: expected a seed"):
        VanillaLSTM(1, 1, rng=None)


def test_the_state_stays_within_its_bound():
    """|s| <= kappa / (1 - gamma) for gates up to gamma and kappa; |s| < |s[-1]| + n + 1."""
    rng = np.random.default_rng(0)
    layer = VanillaLSTM(2, 5, None, rng=1)
    layer.params.flat[:] = rng.normal(size=layer.params.flat.size, scale=0.7)
    trace = layer.forward(rng.normal(size=(300, 6, 2)) + 2)
    bound = trace.g_cu.max() / (1 - trace.g_cs.max())
    assert np.abs(trace.s).max() <= bound
    start = rng.normal(size=(6, 5))
    trace = layer.forward(rng.normal(size=(300, 6, 2)) + 2, s0=start)
    assert (np.abs(trace.s) < np.abs(start) + np.arange(1, 301)[:, None, None]).all()


@pytest.mark.parametrize(("peepholes", "more"), [("full", 3 * 25), ("diagonal", 15), (None, 0)])
def test_number_of_parameters(peepholes, more):
    """4 d_s (d_x + d_s + 1), and the peepholes."""
    assert VanillaLSTM(3, 5, peepholes).params.flat.size == 4 * 5 * (3 + 5 + 1) + more


@pytest.mark.parametrize("b_cs", [0.0, 1.0, 3.0, 5.0])
def test_half_life_of_a_state_by_its_bias(b_cs):
    """With nothing but a bias in the state gate, half is left after -ln 2 / ln G_c(b) steps."""
    layer = VanillaLSTM(1, 1, None)
    layer.params.flat[:] = 0
    layer.params["b_cs"] = [b_cs]
    gate = 1 / (1 + np.exp(-b_cs))
    steps = -np.log(2) / np.log(gate)
    s = layer.forward(np.zeros((200, 1)), s0=[1.0]).s[:, 0]
    np.testing.assert_allclose(s, gate ** np.arange(1, 201), rtol=1e-10)
    assert np.interp(steps, np.arange(1, 201), np.log2(s)) == pytest.approx(-1) or steps < 1
