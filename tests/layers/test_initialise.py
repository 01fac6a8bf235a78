import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib.layers import initialise

sides, seeds = st.integers(1, 8), st.integers(0, 2**32 - 1)


@given(sides, sides, st.floats(0.1, 3), seeds)
def test_orthogonal_has_equal_singular_values(rows, columns, scale, seed):
    W = initialise.orthogonal((rows, columns), seed, scale)
    assert W.shape == (rows, columns)
    np.testing.assert_allclose(np.linalg.svd(W, compute_uv=False), scale, rtol=1e-12)


@given(sides, st.floats(0, 3), seeds)
def test_spectral_radius(d, radius, seed):
    W = initialise.spectral_radius((d, d), seed, radius)
    assert np.abs(np.linalg.eigvals(W)).max() == pytest.approx(radius, rel=1e-9, abs=1e-12)


def test_the_others():
    assert initialise.identity((2, 3), 0.5).tolist() == [[0.5, 0, 0], [0, 0.5, 0]]
    W = initialise.normal((300, 200), 0, scale=2)
    assert W.var() == pytest.approx(4 / 200, rel=0.03)
    U = initialise.uniform((300, 200), 0, 0.1)
    assert 0.0999 < U.max() < 0.1
    assert -0.1 <= U.min() < -0.0999
    assert np.array_equal(U, initialise.uniform((300, 200), np.random.default_rng(0), 0.1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: initialise.normal((3,), 0), "shape: expected"),
        (lambda: initialise.normal((0, 1), 0), "rows: expected a whole number >= 1"),
        (lambda: initialise.normal((1, 1), 0, -1), "scale: expected"),
        (lambda: initialise.uniform((1, 1), 0, -1), "bound: expected"),
        (lambda: initialise.uniform((1, 1), -1, 1), "rng: expected a seed >= 0"),
        (lambda: initialise.spectral_radius((1, 2), 0, 1), "shape: expected a square matrix"),
        (lambda: initialise.spectral_radius((2, 2), 0, -1), "radius: expected"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
