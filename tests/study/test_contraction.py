"""The contraction bounds against runs."""

from __future__ import annotations

import numpy as np
import pytest

import lstm_lib
from lstm_lib.study import contraction, segments

ORDERS = (1, 2, np.inf)
WARPINGS = ("tanh", "logistic", "relu", "identity")


def network(seed, activation="tanh", rho=None, order=2):
    """A random canonical RNN, scaled to a given contraction bound."""
    random = np.random.default_rng(seed)
    rnn = lstm_lib.CanonicalRNN(2, 4, activation, rng=seed)
    for name in ("W_s", "W_r", "theta_s"):
        rnn.params[name] = random.normal(size=rnn.params[name].shape)
    if rho is not None:
        factor = rho / contraction.rate(rnn, order)
        rnn.params["W_s"] *= factor
        rnn.params["W_r"] *= factor
    return rnn, random


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("activation", WARPINGS)
@pytest.mark.parametrize("rho", [0.3, 0.9, 1.4])
def test_no_two_runs_differ_by_more_than_the_bound(order, activation, rho):
    rnn, random = network(3, activation, rho, order)
    x = np.repeat(random.normal(size=(15, 1, 2)), 200, axis=1)
    starts = random.normal(size=(2, 200, 4)) * 3
    a, b = (rnn.forward(x, s0=s, r0=rnn.G(s)).s for s in starts)
    first = np.linalg.norm(starts[0] - starts[1], order, axis=-1)
    apart = np.linalg.norm(a - b, order, axis=-1)
    tight = contraction.tight_rate(rnn, order)
    assert contraction.rate(rnn, order) == pytest.approx(rho)
    assert tight <= rho + 1e-12
    steps = np.arange(1, 16)[:, None]
    assert (apart <= tight**steps * first * (1 + 1e-9) + 1e-13).all()
    assert (np.linalg.norm(rnn.G(a) - rnn.G(b), order, axis=-1)
            <= rnn.G.max_slope * apart * (1 + 1e-9) + 1e-15).all()  # fmt: skip


@pytest.mark.parametrize("activation", WARPINGS)
def test_the_difference_of_two_runs_is_exact(activation):
    """One step multiplies it by W_s + W_r D, with D the quotients, however far apart they are."""
    rnn, random = network(4, activation)
    a, b = random.normal(size=(2, 50, 4)) * 3
    x = np.repeat(random.normal(size=(1, 1, 2)), 50, axis=1)
    after = [rnn.forward(x, s0=s, r0=rnn.G(s)).s[0] for s in (a, b)]
    D = (rnn.G(a) - rnn.G(b)) / (a - b)
    assert D.min() >= 0
    assert D.max() <= rnn.G.max_slope * (1 + 1e-9)
    step = rnn.params["W_s"] + rnn.params["W_r"] * D[:, None, :]  # (50, 4, 4)
    want = np.einsum("bij,bj->bi", step, a - b)
    assert np.allclose(after[0] - after[1], want, rtol=0, atol=1e-12)


def test_the_bound_is_attained():
    """A network that only decays, and one at rest: no smaller number would do."""
    rnn, _ = network(0, "identity")
    rnn.params["W_s"], rnn.params["W_r"] = 0.5 * np.eye(4), 0.3 * np.eye(4)
    s = rnn.forward(np.zeros((1, 2)), s0=np.ones(4), r0=np.ones(4)).s
    rest = rnn.forward(np.zeros((1, 2))).s
    assert np.linalg.norm(s - rest) / 2 == pytest.approx(contraction.rate(rnn))


@pytest.mark.parametrize("order", ORDERS)
def test_the_tight_rate_is_the_largest_norm_of_any_jacobian(order):
    rnn, random = network(5)
    tight = contraction.tight_rate(rnn, order)
    W_s, W_r = rnn.params["W_s"], rnn.params["W_r"]
    inside = [np.linalg.norm(W_s + W_r * D, order) for D in random.uniform(size=(500, 4))]
    assert max(inside) <= tight
    jacobians = rnn.jacobian(5 * random.normal(size=(200, 4)))
    assert max(np.linalg.norm(J, order) for J in jacobians) <= tight


def test_opposite_signs_make_the_tight_rate_smaller():
    rnn = lstm_lib.CanonicalRNN(1, 1)
    rnn.params["W_s"], rnn.params["W_r"] = [[0.5]], [[-1.2]]
    assert contraction.rate(rnn) == pytest.approx(1.7)
    assert contraction.tight_rate(rnn) == pytest.approx(0.7)


def test_the_standard_rnn_has_no_decay():
    rnn = lstm_lib.StandardRNN(1, 3, rng=0)
    assert contraction.rate(rnn) == pytest.approx(1.0)  # orthogonal


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("activation", WARPINGS)
def test_no_state_is_larger_than_its_bound(order, activation):
    rnn, random = network(7, activation, 0.8, order)
    x = random.uniform(-1, 1, size=(300, 5, 2))
    s = rnn.forward(x, r0=np.tile(rnn.G(np.zeros(4)), (5, 1))).s
    assert np.linalg.norm(s, order, axis=-1).max() <= contraction.state_bound(rnn, x, order)


@pytest.mark.parametrize("K", [1, 4, 9])
def test_a_truncated_read_out_is_within_the_bound(K):
    rnn, random = network(11, rho=0.8)
    x = random.uniform(-1, 1, size=(200, 2))
    whole = rnn.forward(x)
    last = np.stack([x[k : 200 - K + k + 1] for k in range(K)])  # the last K inputs of each step
    apart = np.linalg.norm(rnn.forward(last).r[-1] - whole.r[K - 1 :], axis=-1)
    size = np.linalg.norm(whole.s, axis=-1)
    before = np.r_[0, size[: 200 - K]]
    assert (apart <= 0.8**K * before + 1e-14).all()
    assert size.max() <= contraction.state_bound(rnn, x)


@pytest.mark.parametrize(("K", "h"), [(1, 0), (5, 0), (20, 0), (5, 3), (20, 10)])
def test_the_objectives_differ_by_no_more_than_the_bound(K, h):
    rnn, random = network(13, rho=0.8)
    x, t = random.uniform(-1, 1, size=(200, 2)), random.normal(size=(200, 4))

    def loss(r):  # Lipschitz with constant 1
        return np.linalg.norm(r - t, axis=1)

    whole = rnn.forward(x)
    parts, counts = segments.split(x, K, warm_up=h)
    cut = segments.join(rnn.forward(parts).r, counts)
    S = contraction.state_bound(rnn, x)
    bound = S * contraction.segment_error(0.8, K, h)
    assert np.linalg.norm(cut - whole.r, axis=1).mean() <= bound
    assert abs(loss(cut).mean() - loss(whole.r).mean()) <= bound
    assert bound <= S * 0.8 ** (h + 1) / (K * (1 - 0.8))


def test_a_minimiser_of_the_segments_is_nearly_one_of_the_whole():
    """On a grid of parameters, where both minima are known."""
    random = np.random.default_rng(0)
    whole = random.normal(size=500)
    for epsilon in (0.01, 0.3):
        cut = whole + random.uniform(-epsilon, epsilon, size=500)
        assert whole[cut.argmin()] <= whole.min() + 2 * epsilon


@pytest.mark.parametrize("K", [1, 3, 8])
@pytest.mark.parametrize("h", [0, 2])
def test_segment_error_is_the_mean_of_a_geometric_series(K, h):
    rho = np.array([0.5, 0.9, 1.0, 1.3])
    want = np.mean([rho ** (h + k) for k in range(1, K + 1)], axis=0)
    assert np.allclose(contraction.segment_error(rho, K, h), want)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: contraction.rate(lstm_lib.VanillaLSTM(1, 2)), TypeError, "rnn: expected"),
        (lambda: contraction.rate(lstm_lib.StandardRNN(1, 2), 3), ValueError, "order: expected"),
        (lambda: contraction.tight_rate(lstm_lib.StandardRNN(1, 20)), ValueError, "at most 14"),
        (
            lambda: contraction.state_bound(lstm_lib.CanonicalRNN(1, 2), [[1.0]]),
            ValueError,
            "expected a contraction",
        ),
        (lambda: contraction.segment_error(0.5, 0), ValueError, "length: expected"),
    ],
)
def test_a_wrong_argument_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
