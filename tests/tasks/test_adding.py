"""The adding problem as the paper of 1997 describes it."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib.tasks.adding import AddingProblem


@pytest.fixture
def batch():
    task = AddingProblem(N=40, batch=4000)
    return task, *task(np.random.default_rng(0))


def test_shapes_lengths_and_padding(batch):
    _, x, target, mask = batch
    assert x.shape == (44, 4000, 2)
    assert target.shape == (44, 4000, 1)
    assert mask.shape == (44, 4000)
    assert (mask.sum(axis=0) == 1).all()
    last = mask.argmax(axis=0)
    assert set(last + 1) == set(range(40, 45))
    beyond = np.arange(44)[:, None] > last
    assert (x[beyond] == 0).all()
    assert (target[~mask] == 0).all()


def test_markers_are_where_the_paper_puts_them(batch):
    _, x, _, mask = batch
    marker = x[..., 1]
    assert set(np.unique(marker)) == {-1, 0, 1}
    assert (marker[0] == -1).all()
    assert (marker[mask] == -1).all()
    assert ((marker == -1).sum(axis=0) == 2).all()
    marked = (marker == 1).sum(axis=0)
    assert set(marked) == {1, 2}  # one where a mark fell on the first pair
    assert np.abs((marked == 1).mean() - (0.1 + 0.9 / 19)) < 0.02
    rows = [np.flatnonzero(marker[:, b] == 1) for b in range(4000)]
    assert all(row.min() < 10 for row in rows if len(row) == 2)
    assert max(row.max() for row in rows) == 19  # N/2 - 1 = 19 unmarked ones, and the first mark


def test_target_is_half_plus_a_quarter_of_the_sum(batch):
    _, x, target, mask = batch
    for b in range(200):
        marked = x[:, b, 1] == 1
        want = 0.5 + x[marked, b, 0].sum() / 4
        assert target[mask[:, b], b, 0] == pytest.approx(want)


def test_variance_is_that_of_the_targets():
    task = AddingProblem(N=20, batch=200_000)
    _, target, mask = task(np.random.default_rng(1))
    assert target[mask].var() == pytest.approx(task.variance, rel=0.01)


def test_share_of_right_answers():
    task = AddingProblem(N=10, batch=4)
    _, target, mask = task(np.random.default_rng(2))
    assert task.right(target, target, mask) == 1
    y = target + np.array([0.039, -0.039, 0.041, -0.041])[:, None]
    assert task.right(y, target, mask) == 0.5


def test_the_generator_decides_everything():
    task = AddingProblem(N=12, batch=3)
    for one, other in zip(task(np.random.default_rng(5)), task(np.random.default_rng(5)),
                          strict=True):  # fmt: skip
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"N": 9}, ValueError, "N: expected a whole number >= 10, got 9"),
        ({"N": 40.0}, TypeError, "N: expected a whole number"),
        ({"batch": 0}, ValueError, "batch: expected"),
    ],
)
def test_bad_sizes_are_named(wrong, error, message):
    with pytest.raises(error, match=message):
        AddingProblem(**wrong)


def test_answers_of_another_shape_are_refused():
    task = AddingProblem(N=10, batch=4)
    _, target, mask = task(np.random.default_rng(2))
    with pytest.raises(ValueError, match="y: expected shape"):
        task.right(target[..., 0], target, mask)
    with pytest.raises(ValueError, match="mask: expected"):
        task.right(target, target, mask[:5])
