"""Store a value among distractors."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib.tasks.store import StoreValue


def test_one_number_is_marked_and_asked_for_at_the_end():
    task = StoreValue(N=12, batch=50, within=4)
    x, target, mask = task(np.random.default_rng(0))
    assert x.shape == (12, 50, 3)
    assert target.shape == (12, 50, 1)
    assert (x[..., 1].sum(axis=0) == 1).all()
    assert not x[4:, :, 1].any()
    assert (x[-1, :, 2] == 1).all()
    assert not x[:-1, :, 2].any()
    marked = x[..., 1].argmax(axis=0)
    assert set(marked) == set(range(4))
    np.testing.assert_array_equal(target[-1, :, 0], x[marked, np.arange(50), 0])
    assert not target[:-1].any()
    assert np.abs(x[..., 0]).max() <= 1
    np.testing.assert_array_equal(mask.sum(axis=0), 1)
    assert mask[-1].all()


def test_quiet_asks_for_silence_before_the_question():
    _, _, mask = StoreValue(N=5, batch=3, quiet=True)(np.random.default_rng(0))
    assert mask.all()


def test_the_same_seed_gives_the_same_batch():
    one, two = (StoreValue()(np.random.default_rng(4)) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def sums(N, count=200_000):
    x, target, _ = StoreValue(N=N, batch=count)(np.random.default_rng(1))
    return x[..., 0].sum(axis=0), target[-1, :, 0]


@pytest.mark.parametrize("N", [2, 5, 20])
def test_no_answer_from_the_sum_is_better_than_the_bound(N):
    """Not even the mean target of all sequences with nearly the same sum."""
    S, z = sums(N)
    order = np.argsort(S)
    groups = z[order].reshape(200, -1)
    least = groups.var(axis=1).mean()
    assert least == pytest.approx(StoreValue(N=N).additive_bound, rel=0.02)


@pytest.mark.parametrize("N", [2, 5, 20])
def test_the_best_weight_on_the_sum_is_one_over_the_number_of_numbers(N):
    S, z = sums(N)
    w = (S * z).mean() / (S**2).mean()
    assert w == pytest.approx(1 / N, rel=0.05)
    assert ((w * S - z) ** 2).mean() == pytest.approx(StoreValue(N=N).additive_bound, rel=0.02)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"N": 1}, "N: expected"),
        ({"batch": 0}, "batch: expected"),
        ({"within": 0}, "within: expected"),
        ({"N": 5, "within": 5}, "within: expected at most 4, got 5"),
    ],
)
def test_wrong_arguments_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        StoreValue(**wrong)


def test_quiet_is_a_flag():
    with pytest.raises(TypeError, match="quiet: expected"):
        StoreValue(quiet=2)
