"""RTRL equals BPTT, step by step and in sum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib import RTRL, CanonicalRNN, StandardRNN, VanillaLSTM

seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("make", [StandardRNN, CanonicalRNN])
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(1, 6),
    st.sampled_from(["tanh", "logistic", "relu", "identity"]),
    seeds,
)
def test_the_streamed_gradient_is_that_of_bptt_at_every_step(make, d_x, d_s, N, activation, seed):
    rng = np.random.default_rng(seed)
    rnn = make(d_x, d_s, activation)
    rnn.params.flat = rng.normal(size=rnn.params.flat.size) / 2
    x, dE_dr = rng.normal(size=(N, d_x)), rng.normal(size=(N, d_s))
    start = {name: rng.normal(size=d_s) for name in rnn.states}
    learner, total = RTRL(rnn), 0
    now = learner.begin(**start)
    for n in range(N):
        now = learner.step(now, x[n])
        total = total + learner.gradient(now, dE_dr[n]).flat
        trace = rnn.forward(x[: n + 1], **start)
        np.testing.assert_allclose(now.r, trace.r[-1], rtol=1e-12, atol=1e-13)
        want = rnn.backward(trace, dE_dr[: n + 1]).params.flat
        np.testing.assert_allclose(total, want, rtol=1e-10, atol=1e-10)


def test_a_step_leaves_the_one_before_as_it_was():
    rnn = CanonicalRNN(2, 3)
    learner = RTRL(rnn)
    first = learner.step(learner.begin(), [1.0, 2.0])
    kept = [np.array(v) for v in vars(first).values()]
    second = learner.step(first, [0.5, -1.0])
    assert all(np.array_equal(a, b) for a, b in zip(kept, vars(first).values(), strict=True))
    assert not np.shares_memory(first.ds_dw, second.ds_dw)
    assert not learner.begin().ds_dw.any()


def test_wrong_arguments_are_named():
    with pytest.raises(TypeError, match="rnn: expected a StandardRNN or CanonicalRNN, got Vanilla"):
        RTRL(VanillaLSTM(1, 1))
    learner = RTRL(StandardRNN(2, 3))
    with pytest.raises(ValueError, match=r"x: expected shape \(2,\), got \(3,\)"):
        learner.step(learner.begin(), [1, 2, 3])
    with pytest.raises(ValueError, match=r"r0: expected shape \(3,\), got \(2,\)"):
        learner.begin(r0=[1, 2])
    with pytest.raises(ValueError, match=r"dE_dr: expected finite numbers, got nan at index"):
        learner.gradient(learner.begin(), [0, np.nan, 0])
