import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lib import (
    GRU,
    LSTM1997,
    AugmentedLSTM,
    Bidirectional,
    CanonicalRNN,
    Stacked,
    StandardRNN,
    VanillaLSTM,
)
from lstm_lib.layers import initialise
from lstm_lib.study.diagnostics import (
    carousel_errors,
    carousel_share,
    error_norms,
    gate_statistics,
    jacobians,
    memory_horizon,
    product_singular_values,
    time_constants,
)
from tests.problems import SIMPLE

seeds = st.integers(0, 2**32 - 1)


def test_error_norms_are_norms_even_of_tiny_errors():
    lstm = VanillaLSTM(2, 3)
    x, dE_dv = np.ones((5, 4, 2)), np.ones((5, 4, 3))
    for scale in (1, 1e-200):
        grads = lstm.backward(lstm.forward(x), scale * dE_dv)
        want = np.linalg.norm(grads.psi / scale, axis=-1) * scale
        np.testing.assert_allclose(error_norms(grads), want, rtol=1e-12)
    assert error_norms(grads, "alpha_cu").shape == (5, 4)
    single = lstm.backward(lstm.forward(x[:, 0]), 0 * dE_dv[:, 0])
    assert error_norms(single).tolist() == [0] * 5


@pytest.mark.parametrize("name", ["StandardRNN", "CanonicalRNN", "VanillaLSTM", "GRU", "LSTM1997"])
@settings(max_examples=40)
@given(data=st.data(), seed=seeds)
def test_jacobians_predict_how_a_changed_start_changes_the_end(name, data, seed):
    rng = np.random.default_rng(seed)
    layer = SIMPLE[name](data.draw)[0]
    layer.params.flat = rng.normal(size=layer.params.flat.size) / 2
    x = rng.normal(size=(4, 2, layer.d_x))
    start = {k: rng.normal(size=(2, d)) for k, d in layer.states.items()}
    trace = layer.forward(x, **start)
    J = jacobians(layer, trace, sequence=1)
    h, direction = 1e-6, rng.normal(size=J.shape[1])
    parts = np.split(direction, np.cumsum(list(layer.states.values()))[:-1])

    def end(sign):
        moved = {k: v[1] + sign * h * p for (k, v), p in zip(start.items(), parts, strict=True)}
        final = layer.final(layer.forward(x[:, 1], **moved))
        return np.concatenate(list(final.values()))

    if getattr(layer, "G", None) is not None and layer.G.name == "relu":
        return  # the kink has a test of its own
    change = (end(1) - end(-1)) / (2 * h)
    predicted = J[3] @ J[2] @ J[1] @ J[0] @ direction
    np.testing.assert_allclose(predicted, change, rtol=1e-4, atol=1e-7)


def augmented():
    return AugmentedLSTM(2, 3, 2, external_gate=True, peepholes="diagonal", lags=LAG_0)


LAG_0 = dict.fromkeys(("cu", "cs", "cr", "du", "cx"), 1)
LEARNERS = [
    lambda: StandardRNN(2, 3),
    lambda: CanonicalRNN(2, 3),
    lambda: VanillaLSTM(2, 3),
    lambda: VanillaLSTM(2, 3, "diagonal"),
    lambda: VanillaLSTM(2, 3, None),
    augmented,
    lambda: GRU(2, 3, "published"),
    lambda: GRU(2, 3, "framework"),
    lambda: LSTM1997(2, 2, 2, forget_gate=True, peepholes=True),
    lambda: Stacked(VanillaLSTM(2, 3), GRU(3, 2)),
]


@pytest.mark.parametrize("make", LEARNERS)
def test_jacobians_are_those_at_the_weights_of_the_trace(make):
    layer, rng = make(), np.random.default_rng(0)
    layer.params.flat = rng.normal(size=layer.params.flat.size)
    trace = layer.forward(rng.normal(size=(4, 2)))
    want = jacobians(layer, trace)
    learned = layer.params.flat.copy() + 1
    layer.params.flat = learned
    assert np.array_equal(jacobians(layer, trace), want)
    assert np.array_equal(layer.params.flat, learned)
    again = layer.forward(trace.x)
    assert not np.allclose(jacobians(layer, again), want)


def test_jacobians_of_the_rnn_are_its_own():
    rnn = StandardRNN(1, 3)
    trace = rnn.forward(np.ones((4, 1)))
    J = jacobians(rnn, trace)  # of r with respect to r: diag(G') W_r
    want = rnn.G.d(trace.s)[:, :, None] * rnn.params["W_r"]
    np.testing.assert_allclose(J, want, rtol=1e-12)


def test_singular_values_of_products():
    rng = np.random.default_rng(0)
    J = rng.normal(size=(5, 3, 3))
    got = product_singular_values(J)
    for n in range(5):
        product = np.linalg.multi_dot([*J[n:][::-1], np.eye(3)])
        want = np.linalg.svd(product, compute_uv=False)
        np.testing.assert_allclose(got[n], want, rtol=1e-9, atol=1e-12)
    long = product_singular_values(np.broadcast_to(0.1 * np.eye(2), (400, 2, 2)))
    assert long[-1].tolist() == pytest.approx([0.1, 0.1])
    assert long[100, 0] == pytest.approx(1e-300, rel=1e-9)
    assert np.isfinite(product_singular_values(np.full((400, 1, 1), 1e5))).all()


def test_gate_statistics_and_time_constants():
    lstm = VanillaLSTM(1, 2, None)
    lstm.params.flat[:] = 0
    lstm.params["b_cs"] = [np.log(9), 40]  # gates 0.9 and 1
    lstm.params["b_cu"] = [-40, 0]
    trace = lstm.forward(np.zeros((6, 3, 1)))
    statistics = gate_statistics(trace, low=0.2, high=0.95)
    assert set(statistics) == {"g_cu", "g_cs", "g_cr"}
    assert statistics["g_cs"] == pytest.approx({"mean": 0.95, "shut": 0, "open": 0.5})
    assert statistics["g_cu"] == pytest.approx({"mean": 0.25, "shut": 0.5, "open": 0})
    assert time_constants(trace) == pytest.approx([-1 / np.log(0.9), np.inf])


def test_the_memory_horizon():
    norms = 0.5 ** np.arange(10.0)[::-1]
    assert memory_horizon(norms, 0.1) == 4  # 1, 1/2, 1/4, 1/8, then 1/16
    assert memory_horizon(np.ones(7)) == 7


def wires(lstm, trace):
    """The wires of a cell of one unit, ``(from, to, by the carousel, factor)``, at every step."""
    p = {name: float(np.ravel(w)[0]) for name, w in lstm.params.items()}
    z = {name: np.ravel(getattr(trace, name)) for name in trace.names if name != "x"}
    old_s, old_v = np.append(z["s0"], z["s"][:-1]), np.append(z["v0"], z["v"][:-1])
    assert old_v.size == old_s.size
    slope = {gate: z[f"g_{gate}"] * (1 - z[f"g_{gate}"]) for gate in ("cu", "cs", "cr")}
    into_s = {"cu": z["u"] * slope["cu"], "cs": old_s * slope["cs"]}
    for n in range(len(z["s"])):
        s, v, s_old, v_old = ("s", n), ("v", n), ("s", n - 1), ("v", n - 1)
        yield s_old, s, True, z["g_cs"][n]
        for gate, factor in into_s.items():
            yield s_old, s, False, p[f"W_s{gate}"] * factor[n]
            yield v_old, s, False, p[f"W_v{gate}"] * factor[n]
        yield v_old, s, False, p["W_vdu"] * z["g_cu"][n] * (1 - z["u"][n] ** 2)
        to_gate = z["r"][n] * slope["cr"][n]
        yield s, v, False, z["g_cr"][n] * (1 - z["r"][n] ** 2)
        yield s, v, False, p["W_scr"] * to_gate
        yield v_old, v, False, p["W_vcr"] * to_gate


def test_the_carousels_share_is_its_share_of_all_ways():
    """Every way from s[0] to the value of the last step is walked, one by one."""
    lstm, rng = VanillaLSTM(1, 1), np.random.default_rng(3)
    lstm.params.flat = rng.normal(size=lstm.params.flat.size)
    trace = lstm.forward(rng.normal(size=(4, 1)))
    onward = {}
    for start, end, by_carousel, factor in wires(lstm, trace):
        onward.setdefault(start, []).append((end, by_carousel, factor))
    ways = []  # (carousel all the way to the last state, product of the factors)

    def walk(at, pure, product):
        if at == ("v", 3):
            ways.append((pure, product))
        for end, by_carousel, factor in onward.get(at, []):
            walk(end, pure and (by_carousel or at == ("s", 3)), product * factor)

    walk(("s", 0), True, 1.0)
    assert len(ways) == 1880  # (s, v) -> (3 s + 3 v, 6 s + 7 v) three times, from (1, 2)
    total, alone = sum(w for _, w in ways), sum(w for pure, w in ways if pure)
    grads = lstm.backward(trace, np.array([[0.0], [0], [0], [1]]))
    assert grads.psi[0, 0] == pytest.approx(total, rel=1e-12)
    assert carousel_errors(trace, grads)[0, 0] == pytest.approx(alone, rel=1e-12)
    assert carousel_share(trace, grads)[0] == pytest.approx(abs(alone / total), rel=1e-12)


@pytest.mark.parametrize("batch", [(), (2,)])
def test_carousel_errors_are_the_products_of_the_gates(batch):
    lstm, rng = VanillaLSTM(2, 3), np.random.default_rng(0)
    trace = lstm.forward(rng.normal(size=(6, *batch, 2)))
    dE_dv = np.zeros((6, *batch, 3))
    dE_dv[4] = 1e-200
    grads = lstm.backward(trace, dE_dv)
    alone = carousel_errors(trace, grads, 4)
    for n in range(6):
        want = np.prod(trace.g_cs[n + 1 : 5], axis=0) * grads.psi[4] if n < 5 else 0
        np.testing.assert_allclose(alone[n], want * np.ones_like(alone[n]), rtol=1e-12)
    share = carousel_share(trace, grads, -2)
    norms = [np.linalg.norm(1e200 * z[:5], axis=-1) for z in (alone, grads.psi)]
    np.testing.assert_allclose(share[:5], norms[0] / norms[1], rtol=1e-12)
    assert np.isnan(share[5]).all()  # no error there


def test_without_weights_back_everything_stays_in_the_carousel():
    lstm = VanillaLSTM(2, 3)
    for name, W in lstm.params.items():
        if name[:3] in ("W_s", "W_v"):
            lstm.params[name] = 0 * W
    trace = lstm.forward(np.ones((9, 2)))
    dE_dv = np.zeros((9, 3))
    dE_dv[-1] = 1
    np.testing.assert_allclose(carousel_share(trace, lstm.backward(trace, dE_dv)), 1, rtol=1e-12)


V, T = ValueError, TypeError
lstm, rnn = VanillaLSTM(1, 1), CanonicalRNN(1, 1)


def run(layer, steps):
    trace = layer.forward(np.ones((steps, 1)))
    return trace, layer.backward(trace, np.ones((steps, 1)))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: error_norms(1), T, "grads: expected Gradients, got int"),
        (lambda: error_norms(rnn.backward(rnn.forward([[1]]), [[1]]), "rho"), V, "symbol: exp"),
        (lambda: carousel_errors(1, None), T, "trace: expected Trace, got int"),
        (lambda: carousel_errors(*run(lstm, 2)[:1], 1), T, "grads: expected Gradients, got int"),
        (lambda: carousel_errors(*run(rnn, 2)), V, "trace: state gate: expected one of"),
        (lambda: carousel_share(run(lstm, 2)[0], run(lstm, 3)[1]), V, "grads: expected psi of sh"),
        (lambda: carousel_share(*run(lstm, 2), 2), V, "step: expected one of 2 steps, got 2"),
        (lambda: carousel_share(*run(lstm, 2), 1.0), T, "step: expected a whole number, got 1.0"),
        (lambda: jacobians(1, None), T, "layer: expected a recurrent layer"),
        (lambda: jacobians(lstm, rnn.forward([[1]])), V, "trace: expected a trace of this"),
        (lambda: jacobians(lstm, lstm.forward([[1]]), 1), V, "sequence: expected a number below 1"),
        (lambda: product_singular_values(np.ones((2, 2, 3))), V, "J: expected square matrices"),
        (lambda: gate_statistics(rnn.forward([[1]])), V, "trace: expected one with gates"),
        (lambda: gate_statistics(None), T, "trace: expected a Trace"),
        (lambda: time_constants(rnn.forward([[1]])), V, "gate: expected one of"),
        (lambda: memory_horizon([1, 0]), V, "norms: expected a last norm above 0"),
        (lambda: memory_horizon([1, 1], 1), V, "fraction: expected"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_layers_without_a_state_to_state_jacobian_are_refused():
    windowed = AugmentedLSTM(1, 1, lags={"du": 2})
    both = Bidirectional(VanillaLSTM(1, 1), VanillaLSTM(1, 1))
    for layer in (windowed, both):
        with pytest.raises(ValueError, match="layer: expected one that goes from state to state"):
            jacobians(layer, layer.forward([[1.0]]))


# What the chapter on vanishing gradients states ---------------------------------------------------


def last_step_only(layer, x, rng):
    trace = layer.forward(x)
    loss = np.zeros_like(trace.r)
    loss[-1] = rng.normal(size=layer.d_s)
    return trace, layer.backward(trace, loss).psi


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "identity"])
@given(seed=seeds)
def test_errors_are_carried_back_by_the_product_of_jacobians(activation, seed):
    rng = np.random.default_rng(seed)
    rnn = StandardRNN(2, 4, activation, rng=seed)
    trace, psi = last_step_only(rnn, rng.normal(size=(9, 2)), rng)
    carried = psi[-1]
    for n in reversed(range(8)):
        carried = rnn.jacobian(trace.s[n]).T @ carried
        np.testing.assert_allclose(psi[n], carried, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("activation", ["tanh", "logistic", "relu", "identity"])
@given(seed=seeds, scale=st.floats(0.1, 4))
def test_no_error_outgrows_the_norm_bound(activation, seed, scale):
    rng = np.random.default_rng(seed)
    rnn = StandardRNN(2, 4, activation, rng=seed)
    rnn.params["W_r"] = scale * rng.normal(size=(4, 4))
    _, psi = last_step_only(rnn, rng.normal(size=(12, 2)), rng)
    norms = np.linalg.norm(psi, axis=1)
    factor = np.linalg.norm(rnn.params["W_r"], 2) * rnn.G.max_slope
    lags = np.arange(11, -1, -1)
    assert (norms <= factor**lags * norms[-1] * (1 + 1e-12)).all()
    if (norms > norms[-1] * (1 + 1e-12)).any():  # it grew somewhere: the condition is necessary
        assert factor > 1


def test_a_matrix_of_radius_zero_lets_errors_explode():
    """W_r is nilpotent; with one unit off, the Jacobian is not."""
    rnn = StandardRNN(1, 2, "relu")
    rnn.params["W_r"] = W = 1.5 * np.array([[1.0, 1.0], [-1.0, -1.0]])
    assert not (W @ W).any()
    trace = rnn.forward(np.zeros((9, 1)), r0=[1.0, 0.0])
    loss = np.zeros((9, 2))
    loss[-1, 0] = 1
    psi = rnn.backward(trace, loss).psi
    assert (trace.s > 0).tolist() == [[True, False]] * 9
    np.testing.assert_allclose(psi[0], [1.5**8, 0])


def test_a_product_of_matrices_of_radius_zero_can_explode():
    A, B = np.array([[0.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [2.0, 0.0]])
    assert not (A @ A).any()
    assert not (B @ B).any()
    values = product_singular_values(np.array([A, B] * 5))
    np.testing.assert_allclose(values[0], [2.0**10, 0])


def test_an_entry_of_the_product_is_the_sum_over_all_paths():
    rng = np.random.default_rng(0)
    rnn, k = StandardRNN(1, 3, rng=2), 5
    trace = rnn.forward(rng.normal(size=(k + 1, 1)))
    W_r, slope = rnn.params["W_r"], rnn.G.d(trace.s)
    product = np.eye(3)
    for m in reversed(range(k)):
        product = rnn.jacobian(trace.s[m]).T @ product
    for i, j in itertools.product(range(3), repeat=2):
        total = 0.0
        for middle in itertools.product(range(3), repeat=k - 1):
            path = (i, *middle, j)
            total += np.prod([slope[m, path[m]] * W_r[path[m + 1], path[m]] for m in range(k)])
        np.testing.assert_allclose(total, product[i, j], rtol=1e-12)


@given(seed=seeds)
def test_an_lstm_at_rest_is_its_gate_plus_a_matrix(seed):
    """The eigenvalues are those of g_cs I + g_cu g_cr W_vdu, and d_s zeros."""
    rng = np.random.default_rng(seed)
    lstm = VanillaLSTM(1, 3, peepholes=None, rng=seed)
    gate = {}
    for name in ("cs", "cu", "cr"):
        bias = rng.normal()
        lstm.params[f"b_{name}"] = np.full(3, bias)
        gate[name] = 1 / (1 + np.exp(-bias))
    (J,) = jacobians(lstm, lstm.forward(np.zeros((1, 1))))
    W = gate["cs"] * np.eye(3) + gate["cu"] * gate["cr"] * lstm.params["W_vdu"]
    np.testing.assert_allclose(np.poly(J), [*np.poly(W), 0, 0, 0], atol=1e-13)


@given(seed=seeds)
def test_the_jacobian_of_an_lstm_has_the_loop_in_its_corner_and_the_matrices_beside_it(seed):
    """[[g_cs, B], [r' g_cs, r' B + r G_c'(a_cr) W_vcr]] with r' = g_cr G_d'(s)."""
    rng = np.random.default_rng(seed)
    lstm = VanillaLSTM(2, 3, peepholes=None, rng=seed)
    t = lstm.forward(rng.normal(size=(2, 2)), s0=rng.normal(size=3), v0=rng.normal(size=3))
    W, s_old = lstm.params, t.s[0]
    g_cu, g_cs, g_cr, u, r = (getattr(t, name)[1] for name in ("g_cu", "g_cs", "g_cr", "u", "r"))
    B = (s_old * g_cs * (1 - g_cs))[:, None] * W["W_vcs"]
    B += (u * g_cu * (1 - g_cu))[:, None] * W["W_vcu"]
    B += (g_cu * (1 - u**2))[:, None] * W["W_vdu"]
    shown = g_cr * (1 - r**2)
    own = (r * g_cr * (1 - g_cr))[:, None] * W["W_vcr"]
    expected = np.block([[np.diag(g_cs), B], [np.diag(shown * g_cs), shown[:, None] * B + own]])
    np.testing.assert_allclose(jacobians(lstm, t)[1], expected, atol=1e-13)


@pytest.mark.parametrize("coupling", [0.1, 0.189, 0.191, 0.2, 0.5, 5.0])
def test_two_coupled_neurons_let_an_error_grow_only_beyond_1_minus_lambda_squared(coupling):
    norms = [
        np.linalg.norm(np.linalg.matrix_power([[0.9, coupling], [0, 0.9]], k), 2)
        for k in range(1000)
    ]
    assert (max(norms[1:]) > 1) == (coupling > 1 - 0.9**2)
    assert np.argmax(norms) <= 10
    ratio = norms[999] / 0.9**999
    assert ratio > 0.9 * 999 * coupling / 0.9  # it never comes back to one
    assert abs(norms[999] ** (1 / 999) - 0.9) < 0.01  # its root does


@given(seed=seeds, keep=st.floats(0.5, 1.0), radius=st.floats(0.0, 1.0))
def test_a_leak_with_a_bounded_matrix_bounds_every_singular_value(seed, keep, radius):
    rng = np.random.default_rng(seed)
    W = radius * initialise.orthogonal((4, 4), rng)
    J = keep * np.eye(4) + (1 - keep) * W * (1 - np.tanh(3 * rng.normal(size=4)) ** 2)
    values = np.linalg.svd(J, compute_uv=False)
    assert values.max() <= 1 + 1e-12
    assert values.min() >= 2 * keep - 1 - 1e-12


@pytest.mark.parametrize(("m", "share"), [(2, 0.5), (4, 0.8), (8, 0.9), (8, 0.95)])
def test_the_far_corner_of_a_chain_rises_for_m_minus_1_over_1_minus_share_steps(m, share):
    W = share * np.eye(m) + np.eye(m, k=1)
    corner = [np.linalg.matrix_power(W, k)[0, -1] for k in range(400)]
    assert abs(np.argmax(corner) - (m - 1) / (1 - share)) < 1.5
