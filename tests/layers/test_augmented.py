"""The Augmented LSTM against the Vanilla LSTM and against windows written out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib import AugmentedLSTM, VanillaLSTM
from lstm_lib.layers import packing

seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("peepholes", ["full", "diagonal", None])
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 6), st.integers(1, 3), seeds)
def test_with_everything_off_it_is_the_vanilla_lstm(peepholes, dtype, d_x, d_s, N, B, seed):
    vanilla = VanillaLSTM(d_x, d_s, peepholes, rng=seed, dtype=dtype)
    augmented = AugmentedLSTM(
        d_x, d_s, external_gate=False, peepholes=peepholes, rng=seed, dtype=dtype
    )
    assert np.array_equal(augmented.params.flat, vanilla.params.flat)
    rng = np.random.default_rng(seed)
    x, dE_dv = rng.normal(size=(N, B, d_x)), rng.normal(size=(N, B, d_s))
    start = {"s0": rng.normal(size=(B, d_s)), "v0": rng.normal(size=(B, d_s))}
    trace, want = augmented.forward(x, **start), vanilla.forward(x, **start)
    for name in want.names:
        np.testing.assert_array_equal(getattr(trace, name), getattr(want, name), err_msg=name)
    np.testing.assert_array_equal(trace.q, trace.v)
    got, expected = augmented.backward(trace, dE_dv), vanilla.backward(want, dE_dv)
    np.testing.assert_array_equal(got.params.flat, expected.params.flat)
    for name in expected.names:
        np.testing.assert_array_equal(getattr(got, name), getattr(expected, name), err_msg=name)


def test_a_window_reads_past_and_future_and_zeros_outside():
    lstm = AugmentedLSTM(1, 1, lags={"cu": range(-1, 2), "du": 2, "cs": range(5, 7)})
    lstm.params["W_xcu"] = [[[100.0]], [[10.0]], [[1.0]]]  # lags -1, 0, 1
    lstm.params["W_xdu"] = [[[10.0]], [[1.0]]]  # lags 0, 1
    trace = lstm.forward([[1.0], [2.0], [3.0]])
    assert trace.xi_cu[:, 0].tolist() == [210, 321, 32]
    assert trace.xi_du[:, 0].tolist() == [10, 21, 32]
    assert trace.xi_cs[:, 0].tolist() == [0, 0, 0]  # six steps back: nothing yet


@pytest.mark.parametrize("lag", [-9, -2, -1, 1, 3, 9])
def test_one_lag_on_every_path_is_a_shifted_input(lag):
    rng = np.random.default_rng(0)
    paths = ("cu", "cs", "cr", "du", "cx")
    lagged = AugmentedLSTM(2, 3, lags=dict.fromkeys(paths, range(lag, lag + 1)), rng=1)
    plain = AugmentedLSTM(2, 3, rng=1)
    x, dE_dv = rng.normal(size=(6, 4, 2)), rng.normal(size=(6, 4, 3))
    moved = np.zeros_like(x)
    for n in range(6):
        if 0 <= n - lag < 6:
            moved[n] = x[n - lag]
    got, want = lagged.forward(x), plain.forward(moved)
    assert np.array_equal(got.v, want.v)
    grads, expected = lagged.backward(got, dE_dv), plain.backward(want, dE_dv)
    np.testing.assert_allclose(grads.params.flat, expected.params.flat, rtol=1e-12, atol=1e-14)
    for n in range(6):
        there = expected.x[n + lag] if 0 <= n + lag < 6 else np.zeros((4, 2))
        np.testing.assert_allclose(grads.x[n], there, rtol=1e-12, atol=1e-14)


def test_taps_are_the_leading_axis():
    lstm = AugmentedLSTM(3, 5, 4, lags={"du": range(-2, 3), "cs": 3})
    shapes = {name: value.shape for name, value in lstm.params.items()}
    assert shapes["W_xdu"] == (5, 5, 3)
    assert shapes["W_xcs"] == (3, 5, 3)
    assert shapes["W_xcu"] == shapes["W_xcx"] == (1, 5, 3)
    assert shapes["W_vcx"] == (5, 4)
    assert shapes["W_scx"] == (5, 5)
    assert shapes["W_qdr"] == (4, 5)
    assert lstm.lags["du"] == range(-2, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"lags": {"ck": 1}},
            ValueError,
            "lags: expected one of 'cu', 'cs', 'cr', 'du', 'cx', got",
        ),
        ({"lags": {"cx": 1}, "external_gate": False}, ValueError, "lags: expected one of"),
        ({"lags": {"cu": 0}}, ValueError, r"lags\['cu'\]: expected a range of lags with step 1"),
        ({"lags": {"cu": range(0, 4, 2)}}, ValueError, r"lags\['cu'\]: expected .* got range\(0"),
        ({"lags": {"cu": range(3, 3)}}, ValueError, r"lags\['cu'\]: expected"),
        ({"lags": {"cu": 1.5}}, TypeError, r"lags\['cu'\]: expected .* got 1.5"),
        ({"lags": {"cu": True}}, TypeError, r"lags\['cu'\]: expected .* got True"),
        ({"lags": [1]}, TypeError, r"lags: expected a mapping .* got \[1\]"),
        ({"d_v": 6}, ValueError, "d_v: expected at most d_s = 5, got 6"),
        ({"d_v": 0}, ValueError, "d_v: expected a whole number >= 1, got 0"),
        ({"external_gate": 1}, TypeError, "external_gate: expected True or False, got 1"),
        (
            {"peepholes": "some"},
            ValueError,
            "peepholes: expected 'full', 'diagonal', None or False",
        ),
    ],
)
def test_wrong_options_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        AugmentedLSTM(3, 5, **arguments)


def test_a_gap_between_two_windows_costs_nothing():
    lags = packing.union([range(1), range(60, 62), range(-2, 0)])
    assert lags == (-2, -1, 0, 60, 61)
    x = np.arange(12.0).reshape(4, 3, 1)
    assert packing.lagged(x, lags).shape == (4, 15, 1)
