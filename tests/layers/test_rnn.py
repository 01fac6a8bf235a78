"""Back-propagation through time for the RNNs: truncation, and a case worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib import CanonicalRNN, StandardRNN

seeds = st.integers(0, 2**32 - 1)


def drawn(make, seed, activation="tanh", d_x=2, d_s=3, N=6, B=2):
    rng = np.random.default_rng(seed)
    rnn = make(d_x, d_s, activation)
    rnn.params.flat = rng.normal(size=rnn.params.flat.size) / 2
    return rnn, rnn.forward(rng.normal(size=(N, B, d_x))), rng.normal(size=(N, B, d_s))


def test_two_steps_worked_by_hand():
    rnn = CanonicalRNN(1, 1, "identity")
    for name, value in {"W_s": 0.5, "W_r": 2, "W_x": 3, "theta_s": -1}.items():
        rnn.params[name][...] = value
    trace = rnn.forward([[1.0], [-5.0]], s0=[4], r0=[0.25])  # s = r = 4.5, -4.75
    grads = rnn.backward(trace, [[1.0], [10.0]])
    # chi[1] = 10, psi[1] = 10; chi[0] = 1 + 2*10, psi[0] = 21 + 0.5*10
    assert grads.chi.tolist() == [[21], [10]]
    assert grads.psi.tolist() == [[26], [10]]
    assert grads.params["W_s"].tolist() == [[26 * 4 + 10 * 4.5]]
    assert grads.params["W_r"].tolist() == [[26 * 0.25 + 10 * 4.5]]
    assert grads.params["W_x"].tolist() == [[26 - 50]]
    assert grads.params["theta_s"].tolist() == [36]
    assert grads.s0.tolist() == [13]
    assert grads.r0.tolist() == [52]
    assert grads.x.tolist() == [[78], [30]]


@pytest.mark.parametrize("make", [CanonicalRNN, StandardRNN])
@given(seeds, st.integers(1, 8))
def test_truncated_bptt_sends_every_loss_back_h_steps(make, seed, h):
    """By definition: the loss of each step alone, through a sequence that begins h - 1 before."""
    rnn, trace, dE_dr = drawn(make, seed)
    want, dE_dx, psi = np.zeros(rnn.params.flat.size), np.zeros((6, 2, 2)), np.zeros((6, 2, 3))
    s = np.concatenate([np.zeros((1, 2, 3)), trace.s])
    r = np.concatenate([np.zeros((1, 2, 3)), trace.r])
    r0 = np.zeros((2, 3))
    for n in range(6):
        begin = max(0, n - h + 1)
        start = {"s0": s[begin], "r0": r[begin]} if make is CanonicalRNN else {"r0": r[begin]}
        window = rnn.forward(trace.x[begin : n + 1], **start)
        errors = np.zeros((n + 1 - begin, 2, 3))
        errors[-1] = dE_dr[n]
        grads = rnn.backward(window, errors)
        want += grads.params.flat
        dE_dx[begin : n + 1] += grads.x
        psi[begin : n + 1] += grads.psi
        r0 += grads.r0 if begin == 0 else 0
    got = rnn.backward(trace, dE_dr, horizon=h)
    np.testing.assert_allclose(got.params.flat, want, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(got.x, dE_dx, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(got.psi, psi, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(got.r0, r0, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("make", [CanonicalRNN, StandardRNN])
@given(seeds)
def test_a_horizon_of_the_whole_sequence_is_the_whole_gradient(make, seed):
    rnn, trace, dE_dr = drawn(make, seed)
    whole = rnn.backward(trace, dE_dr)
    for h in (6, 7, 100):
        part = rnn.backward(trace, dE_dr, horizon=h)
        np.testing.assert_array_equal(part.params.flat, whole.params.flat)
    for h in (1, 5):
        part = rnn.backward(trace, dE_dr, horizon=h)
        assert not np.allclose(part.params.flat, whole.params.flat, rtol=1e-9, atol=0)


@given(seeds, st.integers(1, 6))
def test_the_truncated_errors_meet_the_final_errors(seed, h):
    rnn, trace, dE_dr = drawn(CanonicalRNN, seed, "identity")
    last_s, last_r = np.random.default_rng(seed).normal(size=(2, 2, 3))
    with_last = rnn.backward(trace, dE_dr, last_s, last_r, horizon=h)
    moved = dE_dr.copy()
    moved[-1] += last_r + last_s  # the slope is 1
    without = rnn.backward(trace, moved, horizon=h)
    np.testing.assert_allclose(with_last.params.flat, without.params.flat, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(with_last.psi, without.psi, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(with_last.s0, without.s0, rtol=1e-8, atol=1e-10)


@given(seeds, st.integers(0, 4))
def test_a_signal_is_the_effect_of_a_nudge(seed, n):
    """chi and psi: nudge one value, let everything after follow, measure the loss."""
    rnn, trace, _ = drawn(CanonicalRNN, seed)
    target = np.random.default_rng(seed).normal(size=(6, 2, 3))
    grads = rnn.backward(trace, trace.r - target)

    def loss(s, r):  # of step n and all later ones, from these values of step n on
        rest = rnn.forward(trace.x[n + 1 :], s0=s, r0=r).r
        return 0.5 * ((r - target[n]) ** 2).sum() + 0.5 * ((rest - target[n + 1 :]) ** 2).sum()

    s, r, h = trace.s[n], trace.r[n], 1e-5
    for b, k in np.ndindex(s.shape):
        nudge = np.zeros_like(s)
        nudge[b, k] = h
        chi = (loss(s, r + nudge) - loss(s, r - nudge)) / (2 * h)
        up, down = s + nudge, s - nudge
        psi = (loss(up, rnn.G(up)) - loss(down, rnn.G(down))) / (2 * h)
        assert np.isclose(chi, grads.chi[n, b, k], rtol=1e-6, atol=1e-7)
        assert np.isclose(psi, grads.psi[n, b, k], rtol=1e-6, atol=1e-7)


@given(seeds, st.integers(1, 8), st.floats(0.2, 1.3))
def test_the_error_of_a_truncated_gradient_is_below_its_bound(seed, h, gain):
    """Terms of age a are at most rho^a times the largest error and the largest read-out."""
    N = 12
    rng = np.random.default_rng(seed)
    rnn = StandardRNN(2, 4, rng=rng)
    rnn.params["W_r"] *= gain
    trace = rnn.forward(rng.normal(size=(N, 2)), r0=rng.uniform(-1, 1, size=4))
    dE_dr = rng.normal(size=(N, 4))
    full = rnn.backward(trace, dE_dr).params["W_r"]
    part = rnn.backward(trace, dE_dr, horizon=h).params["W_r"]
    rho = np.linalg.norm(rnn.params["W_r"], 2)  # the slope of tanh is at most 1
    C = np.linalg.norm(dE_dr, axis=1).max()
    R = max(np.linalg.norm(trace.r, axis=1).max(), np.linalg.norm(trace.r0))
    bound = C * R * sum((N - age) * rho**age for age in range(h, N))
    assert np.linalg.norm(full - part) <= bound * (1 + 1e-12) + 1e-12


@pytest.mark.parametrize(
    ("horizon", "error"), [(0, ValueError), (1.5, TypeError), (-1, ValueError)]
)
def test_a_horizon_is_a_whole_number_of_steps(horizon, error):
    rnn, trace, dE_dr = drawn(StandardRNN, 0)
    with pytest.raises(error, match=r"horizon: expected a whole number >= 1, got"):
        rnn.backward(trace, dE_dr, horizon=horizon)


def test_an_explosion_is_an_error_that_names_the_step():
    rnn = StandardRNN(1, 1, "identity")
    rnn.params["W_r"] = [[1e30]]
    with pytest.raises(OverflowError, match=r"s: expected numbers within the range of float64"):
        rnn.forward(np.ones((20, 1)))
    trace = rnn.forward(np.zeros((20, 1)))
    with pytest.raises(OverflowError, match=r"psi: .* step 8"):
        rnn.backward(trace, np.ones((20, 1)))


def test_the_standard_rnn_checks_a_start_state_and_does_not_read_it():
    rnn = StandardRNN(2, 3, rng=1)
    x, s0 = np.ones((4, 2, 2)), np.full((2, 3), 7.0)
    trace = rnn.forward(x, s0=s0)
    assert np.array_equal(trace.s, rnn.forward(x).s)
    assert np.array_equal(trace.s0, s0)
    assert not rnn.backward(trace, np.ones((4, 2, 3))).s0.any()
    with pytest.raises(ValueError, match=r"s0: expected shape \(2, 3\), got \(3, 2\)"):
        rnn.forward(x, s0=s0.T)
