from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib.learning.losses import mask_of_lengths, softmax, softmax_cross_entropy, squared_error

V, T = ValueError, TypeError
seeds = st.integers(0, 2**32 - 1)


def value(loss, target, mask, average, y):
    return loss(y, target, mask, average=average)[0]


def central(loss, y, direction, h=1e-6):
    return (loss(y + h * direction) - loss(y - h * direction)) / (2 * h)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 5), st.booleans(), seeds)
def test_gradients_are_derivatives(N, B, d, average, seed):
    rng = np.random.default_rng(seed)
    y, t = rng.normal(size=(N, B, d)), rng.normal(size=(N, B, d))
    classes, soft = rng.integers(0, d, (N, B)), softmax(t)
    mask = rng.integers(0, 2, (N, B))
    mask[0, 0] = 1
    direction = rng.normal(size=y.shape)
    for loss, target in (
        (squared_error, t), (softmax_cross_entropy, classes), (softmax_cross_entropy, soft)
    ):  # fmt: skip
        for m in (None, mask):
            _, dE_dy = loss(y, target, m, average=average)
            want = central(partial(value, loss, target, m, average), y, direction)
            assert (dE_dy * direction).sum() == pytest.approx(want, rel=1e-6, abs=1e-7)


@given(st.integers(1, 4), st.integers(2, 5), seeds)
def test_a_mask_is_leaving_the_steps_out(N, d, seed):
    rng = np.random.default_rng(seed)
    y, t, classes = rng.normal(size=(N + 2, d)), rng.normal(size=(N + 2, d)), np.zeros(N + 2, int)
    mask = [1] * N + [0] * 2
    classes[N:] = 99  # not looked at
    for loss, target in ((squared_error, t), (softmax_cross_entropy, classes)):
        for average in (False, True):
            E, dE_dy = loss(y, target, mask, average=average)
            want, expected = loss(y[:N], target[:N], average=average)
            assert pytest.approx(want, rel=1e-13) == E
            np.testing.assert_allclose(dE_dy[:N], expected, rtol=1e-12)
            assert not dE_dy[N:].any()


def test_worked_by_hand():
    E, dE_dy = squared_error([[1.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [3.0, 0.0]])
    assert E == 0.5 * (1 + 4 + 9)
    assert dE_dy.tolist() == [[1, 2], [-3, 0]]
    assert squared_error([[1.0], [3.0]], [[0.0], [0.0]], average=True)[0] == 0.5 * 10 / 2
    E, dE_dy = softmax_cross_entropy([[0.0, 0.0]], [1])
    assert pytest.approx(np.log(2)) == E
    assert dE_dy.tolist() == [[0.5, -0.5]]


def test_no_finite_output_overflows():
    y = np.array([[1e308, -1e308, 0.0]])
    assert softmax(y).tolist() == [[1, 0, 0]]
    assert softmax_cross_entropy(y, [0])[0] == 0
    E, dE_dy = softmax_cross_entropy(y, [1])
    assert E > 1e308
    assert dE_dy.tolist() == [[1, -1, 0]]
    with pytest.raises(OverflowError, match="y: expected a loss within the range of float64"):
        squared_error(y, -y)


def test_dtype_is_kept():
    y = np.zeros((2, 3), np.float32)
    for E, dE_dy in (squared_error(y, y + 1), softmax_cross_entropy(y, [0, 1])):
        assert isinstance(E, float)
        assert dE_dy.dtype == np.float32


def test_mask_of_lengths():
    assert mask_of_lengths([1, 3], 3).tolist() == [[True, True], [False, True], [False, True]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: squared_error([[1.0]], [[1.0], [2.0]]), V, r"target: expected shape \(1"),
        (lambda: squared_error([[np.inf]], [[1.0]]), V, "y: expected finite"),
        (lambda: squared_error([[1.0]], [[1.0]], [0.5]), V, "mask: expected 0 and 1 only"),
        (lambda: squared_error([[1.0]], [[1.0]], [0], average=True), V, "mask: .* at least"),
        (lambda: squared_error([[1.0]], [[1.0]], [1, 1]), V, r"mask: expected shape \(1,\)"),
        (lambda: squared_error([[1.0]], [[1.0]], average=1), T, "average: expected True or"),
        (lambda: softmax_cross_entropy([[1.0, 2.0]], [2]), V, "target: .* classes 0 to 1"),
        (lambda: softmax_cross_entropy([[1.0, 2.0]], [-1]), V, "target: .* classes 0 to 1"),
        (lambda: softmax_cross_entropy([[1.0, 2.0]], [0.0]), V, "target: expected whole"),
        (lambda: softmax_cross_entropy([[1.0, 2.0]], [[1.0, 1.0]]), V, "target: .* sums"),
        (lambda: softmax_cross_entropy([[1.0, 2.0]], [[2.0, -1.0]]), V, "target: .*negative"),
        (lambda: mask_of_lengths([0, 1], 3), V, "lengths: expected numbers from 1 to 3"),
        (lambda: mask_of_lengths([4], 3), V, "lengths: expected numbers from 1 to 3"),
        (lambda: mask_of_lengths([], 3), V, "lengths: expected whole numbers"),
        (lambda: mask_of_lengths([1.5], 3), V, "lengths: expected whole numbers"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
