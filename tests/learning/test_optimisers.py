import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib.learning.optimisers import SGD, Adam, Momentum, RMSProp, clip_by_norm
from lstm_lib.parameters import Parameters

ALL = [SGD(0.1), Momentum(0.1, 0.5), RMSProp(0.1, 0.5), Adam(0.1, 0.5, 0.75)]


def made(values, dtype=np.float64):
    params = Parameters({"w": (len(values),)}, dtype)
    params["w"] = values
    return params


def test_three_steps_of_each_worked_by_hand():
    gradients = [1.0, -2.0, 0.5]
    m = v = square = mean = 0.0
    want = {"SGD": 3.0, "Momentum": 3.0, "RMSProp": 3.0, "Adam": 3.0}
    second = 0.0
    for k, g in enumerate(gradients, 1):
        want["SGD"] -= 0.1 * g
        v = 0.5 * v - 0.1 * g
        want["Momentum"] += v
        square = 0.5 * square + 0.5 * g * g
        want["RMSProp"] -= 0.1 * g / (square**0.5 + 1e-8)
        mean, second = 0.5 * mean + 0.5 * g, 0.75 * second + 0.25 * g * g
        m = mean / (1 - 0.5**k)
        want["Adam"] -= 0.1 * m / ((second / (1 - 0.75**k)) ** 0.5 + 1e-8)
    for optimiser in (SGD(0.1), Momentum(0.1, 0.5), RMSProp(0.1, 0.5), Adam(0.1, 0.5, 0.75)):
        params = made([3.0])
        for g in gradients:
            optimiser.step(params, made([g]))
        assert params["w"][0] == pytest.approx(want[type(optimiser).__name__], rel=1e-14)


@pytest.mark.parametrize("make", [SGD, Momentum, RMSProp, Adam])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_they_find_the_bottom_of_a_bowl_and_keep_the_dtype(make, dtype):
    params, optimiser = made([3.0, -2.0], dtype), make(0.05)
    view = params["w"]
    for _ in range(400):
        grads = made([0.0, 0.0], dtype)
        grads.flat = params.flat * [1, 2]
        optimiser.step(params, grads)
    assert np.abs(view).max() < 0.06
    assert view.dtype == dtype


@pytest.mark.parametrize("make", [Momentum, RMSProp, Adam])
def test_a_saved_state_goes_on_as_if_nothing_had_happened(make):
    rng = np.random.default_rng(0)
    one, other = make(0.1), make(0.1)
    a, b = made([1.0, 2.0]), made([1.0, 2.0])
    for k in range(6):
        g = made(rng.normal(size=2))
        one.step(a, g)
        if k == 3:
            fresh = make(0.1)
            fresh.load(other.state)
            other = fresh
        other.step(b, g)
    assert np.array_equal(a.flat, b.flat)


@given(st.lists(st.floats(-1e150, 1e150), min_size=1, max_size=5), st.floats(1e-3, 1e3))
def test_clipping_keeps_the_direction_and_bounds_the_norm(values, bound):
    grads = made(values)
    norm = clip_by_norm(grads, bound)
    assert norm == pytest.approx(math.hypot(*values), rel=1e-12)
    if norm <= bound:
        assert grads["w"].tolist() == values
    else:
        assert np.linalg.norm(grads.flat) == pytest.approx(bound, rel=1e-12)
        np.testing.assert_allclose(grads.flat / bound, np.array(values) / norm, atol=1e-12)


def test_the_norm_of_large_float32_gradients_does_not_overflow():
    grads = made([3e38, 3e38], np.float32)
    assert clip_by_norm(grads, 1.0) == pytest.approx(2**0.5 * 3e38, rel=1e-6)
    assert np.linalg.norm(grads.flat) == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("optimiser", ALL, ids=repr)
def test_a_wrong_step_is_named_and_changes_nothing(optimiser):
    params = made([1.0, 2.0])
    optimiser.step(params, made([0.1, 0.1]))
    kept, state = params.flat.copy(), {k: v.copy() for k, v in optimiser.state.items()}
    bad = made([1.0, 2.0])
    bad.flat[1] = np.nan
    for grads, error, message in (
        (bad, ValueError, r"params\['w'\]: expected finite numbers, got nan"),
        (made([1.0]), ValueError, "grads: expected the names and shapes of params"),
        (np.ones(2), TypeError, "grads: expected Parameters, got ndarray"),
    ):
        with pytest.raises(error, match=message):
            optimiser.step(params, grads)
    with pytest.raises(TypeError, match="params: expected Parameters, got list"):
        optimiser.step([1.0, 2.0], made([1.0, 1.0]))
    assert np.array_equal(params.flat, kept)
    for name, value in state.items():
        assert np.array_equal(optimiser.state[name], value)


def test_an_overflowing_step_changes_nothing():
    for optimiser, params, g in (
        (SGD(1e300), made([1e308]), -1e300),
        (RMSProp(0.1), made([1.0]), 1e200),
        (Adam(0.1), made([1.0]), 1e200),
    ):
        kept = params.flat.copy()
        with pytest.raises(OverflowError, match="nothing has moved"):
            optimiser.step(params, made([g]))
        assert np.array_equal(params.flat, kept)
        assert all(np.isfinite(value).all() for value in optimiser.state.values())


def test_a_state_of_another_size_is_refused():
    optimiser = Adam(0.1)
    optimiser.step(made([1.0, 2.0]), made([1.0, 2.0]))
    with pytest.raises(ValueError, match="params: expected 2 numbers as before, got 1"):
        optimiser.step(made([1.0]), made([1.0]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0), "learning_rate: expected a finite number > 0, got 0"),
        (lambda: Momentum(0.1, 1), "momentum: expected a finite number < 1 and >= 0|momentum"),
        (lambda: RMSProp(0.1, epsilon=0), "epsilon: expected a finite number > 0, got 0"),
        (lambda: Adam(0.1, beta_1=-0.1), "beta_1: expected"),
        (lambda: clip_by_norm(made([1.0]), 0), "max_norm: expected a finite number > 0, got 0"),
    ],
)
def test_wrong_constants_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
