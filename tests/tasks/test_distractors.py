"""The oscillator among garbage."""

import numpy as np
import pytest

from lstm_lib.tasks.distractors import Distractors


def test_only_what_counts_strikes_the_oscillator():
    task = Distractors(garbage=0.6, strength=50.0, keep=0.9, omega=0.5, N=30, batch=8)
    x, y = task(np.random.default_rng(0))
    assert x.shape == (30, 8, 2)
    assert y.shape == (30, 8, 1)
    struck = task.kick * (x[..., 0] * x[..., 1])[..., None]
    padded = np.concatenate([np.zeros((2, 8, 1)), y])
    want = 2 * 0.9 * np.cos(0.5) * padded[1:-1] - 0.81 * padded[:-2] + struck
    np.testing.assert_allclose(y, want, rtol=1e-9, atol=1e-12)


def test_the_share_and_the_size_of_garbage():
    x, _ = Distractors(strength=4.0, batch=2000)(np.random.default_rng(1))
    garbage = x[..., 1] == 0
    assert garbage.mean() == pytest.approx(0.7, abs=0.01)
    assert x[..., 0][garbage].std() == pytest.approx(4, rel=0.02)
    assert x[..., 0][~garbage].std() == pytest.approx(1, rel=0.02)
    assert (Distractors(garbage=0.0)(np.random.default_rng(2))[0][..., 1] == 1).all()


@pytest.mark.parametrize("name", ["garbage", "keep"])
@pytest.mark.parametrize("value", [1.0, -0.1])
def test_wrong_arguments_are_named(name, value):
    with pytest.raises(ValueError, match=f"{name}: expected"):
        Distractors(**{name: value})


@pytest.mark.parametrize("garbage", [0.0, 0.9])
def test_the_swing_has_variance_1_in_the_steady_state(garbage):
    _, y = Distractors(garbage, keep=0.8, N=60, batch=4000)(np.random.default_rng(3))
    assert y[30:].var() == pytest.approx(1, rel=0.03)
