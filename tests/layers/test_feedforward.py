"""The feed-forward network, the perceptron and the linear unit."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.perceptron import LinearUnit, Perceptron
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.optimisers import Momentum

CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0.0, 1, 1, 0])
V, T = ValueError, TypeError
seeds = st.integers(0, 2**32 - 1)


@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=5),
    st.sampled_from(["tanh", "logistic", "identity"]),
    st.sampled_from([None, 1, 3]),
    seeds,
)
def test_back_propagation_is_the_derivative(sizes, f, D, seed):
    rng = np.random.default_rng(seed)
    net = FeedForward(sizes, f)
    net.params.flat = rng.normal(size=net.params.flat.size)
    x = rng.normal(size=sizes[0] if D is None else (D, sizes[0]))
    t = rng.normal(size=sizes[-1] if D is None else (D, sizes[-1]))
    trace = net.forward(x)
    grads = net.backward(trace, trace.y[-1] - t)
    h = 1e-6

    def loss(x):
        return squared_error(net.forward(x).y[-1], t)[0]

    direction = rng.normal(size=x.shape)
    want = (loss(x + h * direction) - loss(x - h * direction)) / (2 * h)
    assert (grads.x * direction).sum() == pytest.approx(want, rel=1e-5, abs=1e-7)
    for name, W in net.params.items():
        step = rng.normal(size=W.shape)
        W += h * step
        up = loss(x)
        W -= 2 * h * step
        down = loss(x)
        W += h * step
        want = (up - down) / (2 * h)
        assert (grads.params[name] * step).sum() == pytest.approx(want, rel=1e-5, abs=1e-7), name
    np.testing.assert_allclose(
        grads.theta[-1], (t - trace.y[-1]) * net.f[-1].d(trace.net[-1]), rtol=1e-12
    )


def test_a_2_2_1_network_learns_xor_with_momentum():
    net, optimiser = FeedForward((2, 2, 1), rng=3), Momentum(0.5, 0.9)
    for _ in range(3000):
        trace = net.forward(CORNERS)
        _, error = squared_error(trace.y[-1], XOR[:, None])
        optimiser.step(net.params, net.backward(trace, error).params)
    assert np.abs(net.forward(CORNERS).y[-1][:, 0] - XOR).max() < 0.1


def test_the_perceptron_learns_or_and_but_never_xor():
    for t in ([0, 1, 1, 1], [0, 0, 0, 1]):
        unit = Perceptron(2)
        assert unit.learn(CORNERS, t)[-1] == 0
        assert unit(CORNERS).tolist() == t
    mistakes = Perceptron(2).learn(CORNERS, XOR, passes=500)
    assert len(mistakes) == 500
    assert min(mistakes) > 0


def test_the_perceptron_rule_worked_by_hand():
    unit = Perceptron(2)
    assert unit.learn([[1.0, 2.0]], [0], eta=0.5, passes=1) == [1]  # w = 0 says 1
    assert unit.w.tolist() == [-0.5, -0.5, -1]
    assert unit([1.0, 2.0]) == 0


@given(st.integers(1, 3), st.integers(2, 20), seeds)
def test_novikoffs_bound(d, D, seed):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=d + 1)
    X = rng.normal(size=(D, d))
    augmented = np.hstack([np.ones((D, 1)), X])
    margin = np.abs(augmented @ w) / np.linalg.norm(w)
    keep = margin > 0.1
    if not keep.any():
        return
    t = (augmented @ w >= 0).astype(int)[keep]
    R = np.linalg.norm(augmented[keep], axis=1).max()
    bound = (R / margin[keep].min()) ** 2
    mistakes = Perceptron(d).learn(X[keep], t, passes=int(bound) + 2)
    assert mistakes[-1] == 0
    assert sum(mistakes) <= bound + 1  # the start, w = 0, counts the boundary as class 1


@given(st.integers(1, 3), st.integers(4, 12), seeds)
def test_the_largest_stable_step(d, D, seed):
    rng = np.random.default_rng(seed)
    X, t = rng.normal(size=(D, d)), rng.normal(size=D)
    unit = LinearUnit(d)
    eta = unit.largest_eta(X)
    below = LinearUnit(d).learn(X, t, eta=0.98 * eta, passes=200)
    assert all(b <= a * (1 + 1e-9) for a, b in pairwise(below))
    above = LinearUnit(d, rng.normal(size=d + 1)).learn(X, t, eta=1.1 * eta, passes=200)
    assert above[-1] > above[0]


def test_the_delta_rule_worked_by_hand():
    x, t = [[1.0], [2.0]], [1.0, 0.0]
    batch, incremental = LinearUnit(1), LinearUnit(1)
    assert batch.learn(x, t, eta=0.5) == [0.5 * (0 + 1.5**2)]
    assert batch.w.tolist() == [0.5, 0.5]
    incremental.learn(x, t, eta=0.5, incremental=True)
    assert incremental.w.tolist() == [0.5 - 0.75, 0.5 - 1.5]
    assert batch.error(x, t) == 0.5 * (0 + 1.5**2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: FeedForward([2]), V, "sizes: expected at least two"),
        (lambda: FeedForward([2, 0]), V, r"sizes\[1\]: expected a whole number >= 1"),
        (lambda: FeedForward([2, 2, 1], ["tanh"]), V, "activation: expected one or 2 names"),
        (lambda: FeedForward([2, 1]).forward([1.0]), V, r"x: expected shape \(2,\)"),
        (lambda: FeedForward([2, 1]).backward(None, [1.0]), T, "trace: expected a FeedForw"),
        (lambda: Perceptron(2).learn(CORNERS, [0, 1, 2, 0]), V, "t: expected 0 and 1 only"),
        (lambda: Perceptron(2).learn([1.0, 2.0], [1]), V, r"x: expected shape \(D, 2\)"),
        (lambda: Perceptron(2, [1.0]), V, r"w: expected shape \(3,\), got \(1,\)"),
        (lambda: LinearUnit(1).learn([[1.0]], [1.0, 2], eta=1), V, r"t: expected shape \(1"),
        (lambda: LinearUnit(1).learn([[1.0]], [1.0], eta=0), V, "eta: expected"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_diverging_delta_rule_leaves_the_weights():
    unit = LinearUnit(1, [0.5, 0.5])
    with pytest.raises(OverflowError, match="eta: expected a step that stays in range, got 100"):
        unit.learn([[1.0], [2.0]], [1.0, 0.0], eta=100, passes=500)
    assert unit.w.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("make", [lambda: Dense(2, 3), lambda: FeedForward((2, 3), "identity")])
def test_a_trace_is_read_only(make):
    trace = make().forward(np.ones((4, 2)))
    arrays = [
        a
        for value in vars(trace).values()
        for a in (value if isinstance(value, tuple) else [value])
    ]
    assert len(arrays) >= 3
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
