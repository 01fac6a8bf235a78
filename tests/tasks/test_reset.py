"""Sums since the last reset."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib.tasks.reset import SumSinceReset


def test_the_target_is_the_sum_of_the_numbers_since_the_last_reset():
    x, target, mask = SumSinceReset(N=30, batch=20, chance=0.2)(np.random.default_rng(0))
    assert x.shape == (30, 20, 2)
    assert target.shape == (30, 20, 1)
    assert mask.shape == (30, 20)
    assert mask.all()
    for b in range(20):
        for n in range(30):
            last = np.flatnonzero(x[: n + 1, b, 1])[-1]
            assert target[n, b, 0] == pytest.approx(x[last : n + 1, b, 0].sum(), abs=1e-12)


def test_the_first_step_is_a_reset_and_the_others_are_as_often_as_said():
    x, _, _ = SumSinceReset(N=200, batch=200, chance=0.1)(np.random.default_rng(1))
    assert set(x[..., 1].ravel()) == {0.0, 1.0}
    assert x[0, :, 1].all()
    assert abs(x[1:, :, 1].mean() - 0.1) < 0.01
    assert np.abs(x[..., 0]).max() <= 1
    assert abs(x[..., 0].var() - 1 / 3) < 0.01


def test_with_a_reset_at_every_step_the_target_is_the_number():
    x, target, _ = SumSinceReset(N=5, batch=3, chance=1)(np.random.default_rng(2))
    np.testing.assert_array_equal(target[..., 0], x[..., 0])


def test_the_same_seed_gives_the_same_batch():
    one, two = (SumSinceReset()(np.random.default_rng(4)) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"N": 0}, "N: expected"),
        ({"batch": 0}, "batch: expected"),
        ({"chance": 0}, "chance: expected"),
        ({"chance": 1.5}, "chance: expected at most 1, got 1.5"),
        ({"chance": float("nan")}, "chance: expected"),
    ],
)
def test_wrong_arguments_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        SumSinceReset(**wrong)
