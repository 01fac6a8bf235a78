"""Leaky averages of noise."""

import numpy as np
import pytest

from lstm_lib.tasks.leaky_averages import LeakyAverages


def test_the_averages_follow_their_recurrence():
    task = LeakyAverages((0.5, 0.9), N=6, batch=3)
    x, y = task(np.random.default_rng(0))
    assert x.shape == (6, 3, 1)
    assert y.shape == (6, 3, 2)
    before = np.concatenate([np.zeros((1, 3, 2)), y[:-1]])
    keep = np.array([0.5, 0.9])
    np.testing.assert_allclose(y, keep * before + np.sqrt(1 - keep**2) * x, rtol=1e-12)


def test_the_mean_is_one_number_of_the_same_batch():
    all_of_them, mean = (LeakyAverages(mean=m)(np.random.default_rng(3))[1] for m in (False, True))
    np.testing.assert_allclose(mean, all_of_them.mean(axis=-1, keepdims=True), rtol=1e-14)


def test_the_covariance_is_that_of_late_steps():
    task = LeakyAverages((0.3, 0.6, 0.9), N=80, batch=40_000)
    y = task(np.random.default_rng(1))[1][-1]
    np.testing.assert_allclose(np.cov(y.T), task.covariance(), atol=0.03)
    np.testing.assert_allclose(np.diag(task.covariance()), 1, rtol=1e-12)


@pytest.mark.parametrize("d_v", [1, 2, 3])
def test_a_plane_cannot_be_nearer_than_the_small_eigenvalues(d_v):
    """The best plane reaches the bound, random ones, best fitted, stay above it."""
    rng = np.random.default_rng(d_v)
    y = LeakyAverages()(rng)[1].reshape(-1, 4)
    centred = y - y.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov(y.T, bias=True))
    floor = values[: 4 - d_v].sum()

    def distance(basis):
        Q = np.linalg.qr(basis)[0]
        return ((centred - centred @ Q @ Q.T) ** 2).sum(axis=1).mean()

    assert distance(vectors[:, 4 - d_v :]) == pytest.approx(floor, rel=1e-9)
    assert min(distance(rng.normal(size=(4, d_v))) for _ in range(200)) >= floor


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"keep": ()}, TypeError, "keep: expected a tuple of numbers"),
        ({"keep": [0.5]}, TypeError, "keep: expected a tuple of numbers"),
        ({"keep": (1.0,)}, ValueError, "keep: expected"),
        ({"mean": 1}, TypeError, "mean: expected True or False"),
        ({"N": 0}, ValueError, "N: expected"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        LeakyAverages(**arguments)
