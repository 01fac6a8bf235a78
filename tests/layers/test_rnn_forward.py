"""The RNN layers' forward pass against loops, closed forms and each other."""

import math
import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib import CanonicalRNN, StandardRNN

both_layers = pytest.mark.parametrize("Layer", [CanonicalRNN, StandardRNN])
sizes = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)
names = st.sampled_from(["tanh", "logistic", "relu", "identity"])

SCALAR = {
    "tanh": math.tanh,
    "logistic": lambda z: 1 / (1 + math.exp(-z)),
    "relu": lambda z: z if z > 0 else 0.0,
    "identity": lambda z: z,
}


def made(Layer, d_x, d_s, activation="tanh", *, seed=0, dtype=np.float64):
    """A layer whose every parameter is drawn, so that no term is 0 or symmetric by chance."""
    layer = Layer(d_x, d_s, activation, dtype=dtype)
    layer.params.flat = np.random.default_rng(seed).uniform(-1, 1, layer.params.flat.size)
    return layer


def arrays(trace):
    return {name: getattr(trace, name) for name in ("x", "s", "r", "s0", "r0")}


def loops(layer, x, s, r):
    """One sequence in plain Python, component by component."""
    p = {name: value.tolist() for name, value in layer.params.items()}
    d = range(layer.d_s)
    states, readouts = [], []
    for x_n in x.tolist():
        new = []
        for i in d:
            total = p["theta_s"][i]
            total += sum(w * v for w, v in zip(p["W_x"][i], x_n, strict=True))
            total += sum(p["W_r"][i][j] * r[j] for j in d)
            total += sum(p["W_s"][i][j] * s[j] for j in d) if "W_s" in p else 0
            new.append(total)
        s, r = new, [SCALAR[layer.G.name](z) for z in new]
        states.append(s)
        readouts.append(r)
    return states, readouts


def test_two_steps_worked_by_hand():
    rnn = CanonicalRNN(1, 1, "relu")
    for name, value in {"W_s": 0.5, "W_r": 2, "W_x": 3, "theta_s": -1}.items():
        rnn.params[name][...] = value
    trace = rnn.forward([[1.0], [-5.0]], s0=[4], r0=[0.25])
    # s[0] = 0.5*4 + 2*0.25 + 3*1 - 1 = 4.5; s[1] = 0.5*4.5 + 2*4.5 - 15 - 1 = -4.75
    assert trace.s.tolist() == [[4.5], [-4.75]]
    assert trace.r.tolist() == [[4.5], [0]]


@both_layers
@given(sizes, sizes, st.integers(1, 5), names, seeds)
def test_forward_is_the_recurrence_written_as_loops(Layer, d_x, d_s, N, name, seed):
    layer = made(Layer, d_x, d_s, name, seed=seed)
    random = np.random.default_rng(seed + 1)
    x, s0, r0 = random.normal(size=(N, d_x)), random.normal(size=d_s), random.normal(size=d_s)
    start = {"s0": s0, "r0": r0} if Layer is CanonicalRNN else {"r0": r0}
    trace = layer.forward(x, **start)
    s, r = loops(layer, x, s0.tolist(), r0.tolist())
    np.testing.assert_allclose(trace.s, s, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(trace.r, r, rtol=1e-12, atol=1e-12)
    assert np.array_equal(trace.x, x)
    assert np.array_equal(trace.r0, r0)


@both_layers
@given(sizes, sizes, seeds)
def test_a_batch_is_its_sequences_side_by_side(Layer, d, B, seed):
    layer = made(Layer, 2, d, seed=seed)
    random = np.random.default_rng(seed)
    x, r0 = random.normal(size=(5, B, 2)), random.normal(size=(B, d))
    batch = layer.forward(x, r0=r0)
    for b in range(B):
        single = layer.forward(x[:, b], r0=r0[b])
        for name, value in arrays(single).items():
            whole = getattr(batch, name)
            part = whole[b] if name in ("s0", "r0") else whole[:, b]
            assert value.shape == part.shape
            np.testing.assert_allclose(value, part, rtol=1e-13, atol=1e-13)


@given(sizes, names, seeds)
def test_the_standard_rnn_is_the_canonical_rnn_without_W_s(d, name, seed):
    standard, canonical = made(StandardRNN, 3, d, name, seed=seed), CanonicalRNN(3, d, name)
    for key, value in (dict(standard.params) | {"W_s": np.zeros((d, d))}).items():
        canonical.params[key] = value
    random = np.random.default_rng(seed)
    x, r0, s0 = (random.normal(size=shape) for shape in [(6, 2, 3), (2, d), (2, d)])
    want, got = canonical.forward(x, s0=s0, r0=r0), standard.forward(x, r0)
    assert np.array_equal(got.s, want.s)
    assert np.array_equal(got.r, want.r)
    assert not got.s0.any()


@given(sizes, st.integers(1, 6), seeds)
def test_a_sequence_may_be_cut_and_continued(d, cut, seed):
    rnn = made(CanonicalRNN, 2, d, seed=seed)
    x = np.random.default_rng(seed).normal(size=(7, 3, 2))
    whole, first = rnn.forward(x), rnn.forward(x[:cut])
    rest = rnn.forward(x[cut:], s0=first.s[-1], r0=first.r[-1])
    np.testing.assert_allclose(np.concatenate([first.s, rest.s]), whole.s, atol=1e-13)


def test_without_a_start_state_the_start_is_zero():
    rnn = made(CanonicalRNN, 2, 3)
    x = np.ones((4, 2))
    want = rnn.forward(x, s0=np.zeros(3), r0=np.zeros(3))
    assert np.array_equal(rnn.forward(x).s, want.s)
    assert rnn.forward(x).s0.tolist() == rnn.forward(x).r0.tolist() == [0, 0, 0]


@given(sizes, seeds)
def test_the_impulse_response_of_the_linear_part_is_the_power_of_W_s(d, seed):
    rnn = made(CanonicalRNN, d, d, "identity", seed=seed)
    for key, value in {"W_r": np.zeros((d, d)), "W_x": np.eye(d), "theta_s": np.zeros(d)}.items():
        rnn.params[key] = value
    impulse = np.zeros((6, d, d))
    impulse[0] = np.eye(d)  # sequence b is hit in component b
    s = rnn.forward(impulse).s
    for n in range(6):
        np.testing.assert_allclose(s[n].T, np.linalg.matrix_power(rnn.params["W_s"], n), atol=1e-12)


@both_layers
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", SCALAR)
@pytest.mark.parametrize("shape", [(5, 2), (5, 3, 2)])
def test_everything_has_the_layers_dtype(Layer, dtype, name, shape):
    layer = made(Layer, 2, 4, name, dtype=dtype)
    x = np.random.default_rng(1).normal(size=shape)
    trace = layer.forward(x)
    assert {value.dtype for value in arrays(trace).values()} == {np.dtype(dtype)}
    assert {value.dtype for value in layer.params.values()} == {np.dtype(dtype)}
    assert layer.jacobian(x[..., [0, 0, 1, 1]]).dtype == dtype
    double = made(Layer, 2, 4, name)
    np.testing.assert_allclose(trace.s, double.forward(x).s, rtol=1e-4, atol=1e-4)


@both_layers
@pytest.mark.parametrize("shape", [(5, 2), (5, 1, 2)])
def test_no_two_arrays_of_traces_inputs_and_parameters_share_memory(Layer, shape):
    layer = made(Layer, 2, 3)
    x, r0 = np.ones(shape), np.ones((*shape[1:-1], 3))
    traces = [layer.forward(x, r0=r0), layer.forward(x, r0=r0), layer.forward(x)]
    everything = [x, r0, layer.params.flat]
    everything += [value for trace in traces for value in arrays(trace).values()]
    for one, other in combinations(everything, 2):
        assert not np.shares_memory(one, other)


@both_layers
def test_forward_changes_neither_layer_nor_arguments_and_repeats(Layer):
    layer = made(Layer, 2, 3)
    x, r0 = np.random.default_rng(0).normal(size=(4, 2, 2)), np.ones((2, 3))
    before = layer.params.flat.copy(), x.copy(), r0.copy()
    first, second = layer.forward(x, r0=r0), layer.forward(x, r0=r0)
    for old, now in zip(before, (layer.params.flat, x, r0), strict=True):
        assert np.array_equal(old, now)
    for name, value in arrays(first).items():
        assert np.array_equal(value, getattr(second, name))


def test_the_layer_follows_its_parameters():
    rnn = made(CanonicalRNN, 2, 3)
    x = np.ones((3, 2))
    rnn.params["theta_s"][1] += 0.5
    moved = rnn.forward(x).s
    rnn.params.flat -= 1
    rnn.params.flat += 1
    np.testing.assert_allclose(rnn.forward(x).s, moved, atol=1e-14)
    assert moved[0, 1] == pytest.approx(made(CanonicalRNN, 2, 3).forward(x).s[0, 1] + 0.5)


def test_inputs_may_be_lists_of_whole_numbers_and_any_memory_order():
    rnn = made(CanonicalRNN, 2, 3)
    x = np.arange(24).reshape(4, 3, 2)
    want = rnn.forward(x.astype(float)).s
    for same in (x, x.tolist(), np.asfortranarray(x), x[::-1][::-1]):
        np.testing.assert_allclose(rnn.forward(same).s, want, rtol=1e-13)


@given(st.integers(1, 8), seeds)
def test_the_first_weights_are_half_a_step_of_decay_and_a_rotation(d, seed):
    rnn = CanonicalRNN(2, d, rng=seed)
    assert np.array_equal(rnn.params["W_s"], np.eye(d) / 2)
    np.testing.assert_allclose(rnn.params["W_r"].T @ rnn.params["W_r"], np.eye(d), atol=1e-13)
    assert not rnn.params["theta_s"].any()


def test_the_first_input_weights_have_variance_one_over_d_x():
    W_x = StandardRNN(100, 200).params["W_x"]
    assert W_x.var() == pytest.approx(1 / 100, rel=0.05)  # 20 000 draws: 5 standard deviations
    assert abs(W_x.mean()) < 5 * (0.1 / math.sqrt(20_000))


@both_layers
def test_a_seed_or_its_generator_gives_the_same_weights_and_another_seed_others(Layer):
    first = Layer(2, 3, rng=5).params.flat
    assert np.array_equal(first, Layer(2, 3, rng=np.random.default_rng(5)).params.flat)
    assert not np.array_equal(first, Layer(2, 3, rng=6).params.flat)
    assert np.array_equal(Layer(2, 3).params.flat, Layer(2, 3, rng=0).params.flat)
    own = np.random.default_rng(5)
    assert not np.array_equal(Layer(2, 3, rng=own).params.flat, Layer(2, 3, rng=own).params.flat)


@both_layers
@given(sizes, st.sampled_from(["tanh", "logistic", "identity"]), seeds)
def test_the_jacobian_is_the_complex_step_of_one_step(Layer, d, name, seed):
    layer = made(Layer, 1, d, name, seed=seed)
    s = np.random.default_rng(seed).normal(scale=2, size=d)
    W_s = layer.params.get("W_s", np.zeros((d, d)))
    for j in range(d):
        nudged = s + 1e-200j * np.eye(d)[j]
        column = (W_s @ nudged + layer.params["W_r"] @ layer.G(nudged)).imag / 1e-200
        np.testing.assert_allclose(layer.jacobian(s)[:, j], column, atol=1e-14)


@both_layers
@given(sizes, names, seeds)
def test_the_jacobian_predicts_the_next_state(Layer, d, name, seed):
    layer = made(Layer, 1, d, name, seed=seed)
    random = np.random.default_rng(seed)
    s, x, h = random.choice([-1, 1], d) * random.uniform(0.1, 2, d), [[0.3]], 1e-6

    def after(state):
        start = {"s0": state} if Layer is CanonicalRNN else {}
        return layer.forward(x, r0=layer.G(state), **start).s[0]

    direction = random.normal(size=d)
    change = (after(s + h * direction) - after(s - h * direction)) / (2 * h)
    np.testing.assert_allclose(layer.jacobian(s) @ direction, change, atol=1e-8)


@both_layers
def test_the_jacobian_of_many_states_is_each_states_jacobian(Layer):
    layer = made(Layer, 1, 3)
    s = np.random.default_rng(0).normal(size=(4, 2, 3))
    J = layer.jacobian(s)
    assert J.shape == (4, 2, 3, 3)
    for n, b in np.ndindex(4, 2):
        assert np.array_equal(J[n, b], layer.jacobian(s[n, b]))


REFUSED_MAKING = [
    ({"d_x": 0}, ValueError, "d_x: expected a whole number >= 1, got 0"),
    ({"d_s": -2}, ValueError, "d_s: expected a whole number >= 1, got -2"),
    ({"d_s": 2.0}, TypeError, "d_s: expected a whole number >= 1, got 2.0"),
    ({"activation": "sigmoid"}, ValueError, "activation: expected one of 'tanh', 'logistic', 're"),
    ({"dtype": np.int64}, TypeError, "dtype: expected float64 or float32, got int64"),
    ({"dtype": complex}, TypeError, "dtype: expected float64 or float32, got complex128"),
    ({"rng": None}, TypeError, "rng: expected a seed (int >= 0) or numpy.random.Generator, got No"),
    ({"rng": -1}, ValueError, "rng: expected a seed >= 0, got -1"),
]


@both_layers
@pytest.mark.parametrize(("wrong", "error", "message"), REFUSED_MAKING)
def test_a_wrong_size_or_name_makes_no_layer(Layer, wrong, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Layer(**({"d_x": 3, "d_s": 2} | wrong))


REFUSED_INPUTS = [
    (np.zeros((4, 2)), ValueError, "x: expected shape (N, 3), got (4, 2)"),
    (np.zeros((4, 2, 2)), ValueError, "x: expected shape (N, B, 3), got (4, 2, 2)"),
    (np.zeros(3), ValueError, "x: expected shape (N, 3) or (N, B, 3), got (3,)"),
    (np.zeros((0, 3)), ValueError, "x: expected shape (N, 3), N >= 1, got (0, 3)"),
    (np.zeros((0, 2, 3)), ValueError, "x: expected shape (N, B, 3), N >= 1, got (0, 2, 3)"),
    (np.zeros((4, 0, 3)), ValueError, "x: expected shape (N, B, 3), B >= 1, got (4, 0, 3)"),
    ([[0, 0, math.nan]], ValueError, "x: expected finite numbers, got nan at index (0, 2)"),
    ([[[0, -math.inf, 0]]], ValueError, "x: expected finite numbers, got -inf at index (0, 0, 1)"),
    (np.zeros((4, 3), complex), TypeError, "x: expected real numbers, got dtype complex128"),
    (np.zeros((4, 3), object), TypeError, "x: expected real numbers, got dtype object"),
    ([["a", "b", "c"]], TypeError, "x: expected real numbers, got dtype <U1"),
    ([[1, 2, 3], [4]], ValueError, "x: expected an array, got rows of unequal length"),
    (None, TypeError, "x: expected real numbers, got dtype object"),
]


@both_layers
@pytest.mark.parametrize(("x", "error", "message"), REFUSED_INPUTS)
def test_forward_refuses_a_wrong_sequence(Layer, x, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        Layer(3, 2).forward(x)


REFUSED_STARTS = [
    ((4, 3), [0, 0, 0], ValueError, "expected shape (2,), got (3,)"),
    ((4, 3), np.zeros((1, 2)), ValueError, "expected shape (2,), got (1, 2)"),
    ((4, 5, 3), [0, 0], ValueError, "expected shape (5, 2), got (2,)"),
    ((4, 5, 3), np.zeros((1, 2)), ValueError, "expected shape (5, 2), got (1, 2)"),
    ((4, 3), [0, math.inf], ValueError, "expected finite numbers, got inf at index (1,)"),
    ((4, 3), [0, 1j], TypeError, "expected real numbers, got dtype complex128"),
]


@pytest.mark.parametrize("start", ["s0", "r0"])
@pytest.mark.parametrize(("shape", "value", "error", "message"), REFUSED_STARTS)
def test_forward_refuses_a_wrong_start(start, shape, value, error, message):
    with pytest.raises(error, match="^" + re.escape(f"{start}: {message}")):
        CanonicalRNN(3, 2).forward(np.zeros(shape), **{start: value})


def test_single_precision_refuses_an_input_beyond_its_range():
    with pytest.raises(ValueError, match="x: expected numbers within the range of float32"):
        StandardRNN(1, 1, dtype=np.float32).forward([[1e39]])


@both_layers
@pytest.mark.parametrize(
    ("s", "error", "message"),
    [
        (0.0, ValueError, "s: expected shape (2,), got ()"),
        (np.zeros((4, 3)), ValueError, "s: expected shape (axis 0, 2), got (4, 3)"),
        ([math.nan, 0], ValueError, "s: expected finite numbers, got nan at index (0,)"),
        ([[1, 2], [3]], ValueError, "s: expected an array, got rows of unequal length"),
    ],
)
def test_the_jacobian_refuses_a_wrong_state(Layer, s, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        Layer(3, 2).jacobian(s)
