"""The driven pendulum."""

import numpy as np
import pytest

from lstm_lib.tasks.pendulum import Pendulum


def test_shapes_and_seed():
    task = Pendulum(N=7, batch=3)
    x, target = task(np.random.default_rng(1))
    assert x.shape == target.shape == (7, 3, 1)
    again = task(np.random.default_rng(1))
    assert np.array_equal(x, again[0])
    assert np.array_equal(target, again[1])
    assert np.abs(target).max() <= 1


def test_small_pushes_give_the_linear_pendulum():
    """An impulse response of the damped oscillator, to first order in the solver's step."""
    task = Pendulum(N=400, batch=1, delta_t=0.01, damping=0.4)
    x = np.zeros((400, 1, 1))
    x[0] = 1e-3
    t = 0.01 * np.arange(1, 401)
    omega = np.sqrt(1 - 0.2**2)
    exact = 1e-5 * np.exp(-0.2 * t) * np.sin(omega * t) / omega
    assert np.abs(task.answer(x)[:, 0, 0] - exact).max() < 2e-7


def test_without_damping_energy_is_kept():
    task = Pendulum(N=2000, batch=1, delta_t=0.05, damping=0.0)
    x = np.zeros((2000, 1, 1))
    x[:20] = 0.6
    swing = np.abs(task.answer(x)[:, 0, 0])
    early, late = swing[20:400].max(), swing[1600:].max()
    assert np.isclose(early, late, rtol=1e-3)


def test_the_future_does_not_matter():
    task = Pendulum(N=20, batch=2)
    x, target = task(np.random.default_rng(0))
    changed = x.copy()
    changed[10:] = 0
    assert np.array_equal(task.answer(changed)[:10], target[:10])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"N": 0}, "N: expected a whole number >= 1"),
        ({"delta_t": 0}, "delta_t: expected a finite number > 0"),
        ({"damping": -1.0}, "damping: expected a finite number >= 0"),
        ({"push": 0.0}, "push: expected a finite number > 0"),
    ],
)
def test_wrong_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        Pendulum(**options)
