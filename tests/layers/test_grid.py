"""The Grid LSTM in three dimensions; two dimensions run with all layers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lib import GridLSTM
from tests.problems import grid_lstm

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=60)
@given(st.data(), st.integers(1, 3), st.integers(1, 3), st.sampled_from([None, 1, 2]), seeds)
def test_three_dimensions(data, N, M, B, seed):
    rng = np.random.default_rng(seed)
    grid, equation, _ = grid_lstm(data.draw, dimensions=3)
    grid.params.flat = rng.normal(size=grid.params.flat.size)
    batch = () if B is None else (B,)
    x = rng.normal(size=(N, M, *batch, grid.d_x))
    e = rng.normal(size=(N, M, *batch, grid.d_s))
    trace = grid.forward(x)
    grads = grid.backward(trace, e)

    def loss(p, x):
        if B is None:
            return (equation(p, x, {})["v"] * e).sum()
        return sum((equation(p, x[:, :, b], {})["v"] * e[:, :, b]).sum() for b in range(B))

    if B is None:
        np.testing.assert_allclose(trace.v, equation(grid.params, x, {})["v"], atol=1e-13)
    else:
        for b in range(B):
            want = equation(grid.params, x[:, :, b], {})
            np.testing.assert_allclose(trace.v[:, :, b], want["v"], atol=1e-13)
            np.testing.assert_allclose(trace.s[:, :, b], want["s"], atol=1e-12)
    p = dict(grid.params)
    for name, W in p.items():
        direction = rng.normal(size=W.shape)
        want = loss(p | {name: W + 1e-30j * direction}, x).imag / 1e-30
        assert (grads.params[name] * direction).sum() == pytest.approx(want, rel=1e-9, abs=1e-9)
    direction = rng.normal(size=x.shape)
    want = loss(p, x + 1e-30j * direction).imag / 1e-30
    assert (grads.x * direction).sum() == pytest.approx(want, rel=1e-9, abs=1e-9)


def test_sizes():
    grid = GridLSTM(3, 4, dimensions=3, depth=2)
    assert grid.params["space.W_vcu"].shape == (4, 12)
    trace = grid.forward(np.ones((5, 6, 2, 3)))
    assert trace.v.shape == (5, 6, 2, 4)
    assert trace.grid_v.shape == (5, 6, 2, 3, 2, 4)
    assert np.array_equal(trace.grid_v[:, :, -1, -1], trace.v)


@pytest.mark.parametrize("dimensions", [1, 4])
def test_only_two_or_three_dimensions(dimensions):
    with pytest.raises(ValueError, match=f"dimensions: expected 2 or 3, got {dimensions}"):
        GridLSTM(1, 1, dimensions)


@pytest.mark.parametrize("shape", [(3,), (0, 2, 3), (4, 0, 3), (4, 2, 2), (4, 2, 1, 3)])
def test_a_wrong_sequence_is_named(shape):
    with pytest.raises(ValueError, match=r"x: expected shape"):
        GridLSTM(3, 2).forward(np.ones(shape))
