"""The truncated gradient of 1997, by its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib import LSTM1997, TruncatedGradient, VanillaLSTM
from tests import equations

seeds = st.integers(0, 2**32 - 1)


def drawn(data, seed):
    rng = np.random.default_rng(seed)
    options = ("forget_gate", "peepholes", "gate_recurrence", "cell_bias", "gate_bias")
    lstm = LSTM1997(
        data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)), data.draw(st.integers(1, 3)),
        **{option: data.draw(st.booleans(), label=option) for option in options},
    )  # fmt: skip
    lstm.params.flat = rng.normal(size=lstm.params.flat.size)
    N = data.draw(st.integers(1, 6))
    x, e = rng.normal(size=(N, lstm.d_x)), rng.normal(size=(N, lstm.d_s))
    return lstm, x, e, {name: rng.normal(size=size) for name, size in lstm.states.items()}, rng


@given(st.data(), seeds)
def test_the_online_gradient_is_that_of_frozen_net_inputs(data, seed):
    """Truncation by definition: what net inputs read from the past is held constant."""
    lstm, x, e, start, rng = drawn(data, seed)
    trace = lstm.forward(x, **start)
    frozen = {
        "v_prev": [start["v0"], *trace.v], "g_prev": [start["g0"], *trace.g],
        "s_prev": [start["s0"], *trace.s], "s": trace.s,
    }  # fmt: skip
    learner, total = TruncatedGradient(lstm), 0
    now = learner.begin(**start)
    for n in range(len(x)):
        now = learner.step(now, x[n])
        np.testing.assert_allclose(now.v, trace.v[n], rtol=1e-12, atol=1e-14)
        total = total + learner.gradient(now, e[n]).flat
    got = lstm.params.zeros()
    got.flat = total
    for name, W in lstm.params.items():
        direction = rng.normal(size=W.shape)
        moved = dict(lstm.params) | {name: W + 1e-30j * direction}
        out = equations.lstm_1997(
            moved, x, start, blocks=lstm.blocks, size=lstm.size, frozen=frozen
        )
        want = (out["v"] * e).sum().imag / 1e-30
        assert (got[name] * direction).sum() == pytest.approx(want, rel=1e-9, abs=1e-10), name


@given(st.data(), seeds)
def test_one_step_from_a_fresh_start_has_nothing_to_truncate(data, seed):
    lstm, x, e, start, _ = drawn(data, seed)
    learner = TruncatedGradient(lstm)
    got = learner.gradient(learner.step(learner.begin(**start), x[0]), e[0])
    want = lstm.backward(lstm.forward(x[:1], **start), e[:1]).params
    for name in want:
        if lstm.peepholes and name not in ("W_xcr", "W_vcr", "W_gcr", "W_scr", "b_cr"):
            continue  # the output gate's peephole is a way back that truncation closes
        np.testing.assert_allclose(got[name], want[name], rtol=1e-10, atol=1e-12)


def test_wrong_arguments_are_named():
    with pytest.raises(TypeError, match="lstm: expected an LSTM1997, got VanillaLSTM"):
        TruncatedGradient(VanillaLSTM(1, 1))
    learner = TruncatedGradient(LSTM1997(2, 1))
    with pytest.raises(ValueError, match=r"g0: expected shape \(2,\), got \(1,\)"):
        learner.begin(g0=[1])
    with pytest.raises(ValueError, match=r"x: expected shape \(2,\), got \(1,\)"):
        learner.step(learner.begin(), [1])
