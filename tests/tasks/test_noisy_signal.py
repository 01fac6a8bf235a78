"""The noisy signal, and the best that anybody can do with it."""

import numpy as np
import pytest

from lstm_lib.tasks.noisy_signal import NoisySignal


def test_a_batch_has_the_stated_statistics():
    task = NoisySignal(memory=0.8, noise=0.5, N=20, batch=40_000, margin=3)
    x, clean, mask = task(np.random.default_rng(0))
    assert x.shape == clean.shape == (20, 40_000, 1)
    assert mask.sum(axis=0).tolist() == [14] * 40_000
    assert mask[:3].sum() == mask[-3:].sum() == 0
    c = clean[..., 0]
    np.testing.assert_allclose((c * c).mean(axis=1), 1, atol=0.04)
    np.testing.assert_allclose((c[4:] * c[:-4]).mean(axis=1), 0.8**4, atol=0.03)
    np.testing.assert_allclose(((x - clean) ** 2).mean(), 0.25, atol=0.01)


def test_best_taps_are_best():
    """Their error is the stated one, is orthogonal to what was seen, and grows with any change."""
    task = NoisySignal(memory=0.9, noise=0.7, N=41, batch=60_000, margin=0)
    x, clean, _ = task(np.random.default_rng(1))
    lags = range(-2, 4)
    taps, least = task.best_taps(lags)
    seen = np.stack([x[20 - lag, :, 0] for lag in lags])
    missed = clean[20, :, 0] - taps @ seen
    assert (missed**2).mean() == pytest.approx(least, rel=0.02)
    np.testing.assert_allclose(seen @ missed / missed.size, 0, atol=0.02)
    for i in range(len(taps)):
        other = taps.copy()
        other[i] += 0.1
        assert ((clean[20, :, 0] - other @ seen) ** 2).mean() > (missed**2).mean()


def test_more_lags_never_hurt_and_mirrored_windows_are_symmetric():
    task = NoisySignal()
    errors = [task.best_taps(range(-k, 5))[1] for k in range(6)]
    assert errors == sorted(errors, reverse=True)
    taps = task.best_taps(range(-4, 5))[0]
    np.testing.assert_allclose(taps, taps[::-1], rtol=1e-12)
    assert task.best_taps([0])[0] == pytest.approx([0.5])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"memory": 1.0}, "memory: expected"),
        ({"noise": 0}, "noise: expected"),
        ({"N": 16}, "N: expected a whole number >= 17"),
        ({"batch": 0}, "batch: expected"),
        ({"margin": -1}, "margin: expected"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        NoisySignal(**arguments)


@pytest.mark.parametrize("lags", [[], [1, 1], [0.5]])
def test_wrong_lags_are_named(lags):
    with pytest.raises(ValueError, match="lags: expected different whole numbers"):
        NoisySignal().best_taps(lags)
