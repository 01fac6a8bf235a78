"""Segments of one long sequence."""

from __future__ import annotations

import numpy as np
import pytest

import lstm_lib
from lstm_lib.study import segments

SIZES = [(12, 4, 0), (12, 4, 3), (13, 4, 2), (7, 7, 5), (5, 9, 0), (6, 1, 4)]


@pytest.mark.parametrize(("N", "K", "h"), SIZES)
def test_every_step_counts_exactly_once(N, K, h):
    x = np.arange(1.0, N + 1)[:, None]
    parts, counts = segments.split(x, K, warm_up=h)
    assert parts.shape == (h + K, -(-N // K), 1)
    assert counts.sum() == N
    assert sorted(parts[counts][:, 0]) == list(x[:, 0])
    assert np.array_equal(segments.join(parts, counts), x)


@pytest.mark.parametrize(("N", "K", "h"), SIZES)
def test_windows_add_up_to_one_and_have_the_segments_lengths(N, K, h):
    w = segments.partition(N, K)
    assert np.array_equal(w.sum(axis=0), np.ones(N))
    lengths = w.sum(axis=1)
    assert (lengths[:-1] == K).all()
    assert lengths.sum() == N
    _, counts = segments.split(np.ones((N, 1)), K, warm_up=h)
    assert np.array_equal(counts.sum(axis=0), lengths)


def test_a_segment_reads_the_steps_before_its_own():
    x = np.arange(1.0, 10)
    parts, _ = segments.split(x, 3, warm_up=2)
    assert parts.T.tolist() == [[0, 0, 1, 2, 3], [2, 3, 4, 5, 6], [5, 6, 7, 8, 9]]


def test_segments_keep_the_type_and_do_not_touch_the_sequence():
    x = np.arange(6, dtype=np.float32)[:, None]
    parts, _ = segments.split(x, 4)
    parts += 1
    assert parts.dtype == np.float32
    assert x[:, 0].tolist() == [0, 1, 2, 3, 4, 5]


def test_warm_up_over_the_whole_past_gives_the_whole_run():
    rnn = lstm_lib.CanonicalRNN(2, 3, rng=1)
    x = np.random.default_rng(0).normal(size=(12, 2))
    parts, counts = segments.split(x, 3, warm_up=12)
    r = segments.join(rnn.forward(parts).r, counts)
    assert np.allclose(r, rnn.forward(x).r, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: segments.split(np.ones((4, 1)), 0),
            "segment: expected a whole number >= 1, got 0",
        ),
        (lambda: segments.split(np.ones((4, 1)), 2, warm_up=-1), "warm_up: expected"),
        (lambda: segments.split(np.ones((0, 1)), 2), "x: expected shape"),
        (lambda: segments.split(3.0, 2), "x: expected shape"),
        (lambda: segments.partition(0, 2), "N: expected"),
        (lambda: segments.join(np.ones((4, 2)), np.ones((4, 3), bool)), "parts: expected shape"),
        (lambda: segments.join(np.ones((4, 2)), np.ones((4, 2))), "counts: expected a mask"),
    ],
)
def test_a_wrong_argument_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
