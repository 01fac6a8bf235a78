"""The answers to the questions on 02_unrolling against the library."""

from __future__ import annotations

import re

import pytest

import lstm_lib
from lstm_lib.study import contraction

from .test_every_question import drawings

NUMBER = r"(-?\d+(?:\.\d+)?)"


def numbers(text: str, pattern: str) -> list[float]:
    found = re.search(pattern, text.replace("−", "-"))
    assert found, text
    return [float(value) for value in found.groups()]


def test_the_bounds_are_the_librarys():
    for q in drawings("unrolling")["bounds"]:
        W_s, W_r = numbers(q["text"], rf"= {NUMBER} and W_\{{r\}} = {NUMBER}\.")
        rnn = lstm_lib.CanonicalRNN(1, 1)
        rnn.params["W_s"], rnn.params["W_r"] = [[W_s]], [[W_r]]
        (right,) = [o["text"] for o in q["options"] if o["right"]]
        if contraction.rate(rnn) < 1:
            assert right.endswith("and J̄ says so.")
        elif contraction.tight_rate(rnn) < 1:
            assert right.endswith("J̄* does.")
        else:
            assert right.startswith("Neither")


def test_so_many_inputs_suffice_and_no_fewer():
    for q in drawings("unrolling")["inputs"]:
        pattern = rf"J̄ = {NUMBER}, .* above (\d+)\. .* to {NUMBER}\?"
        rate, largest, eps = numbers(q["text"], pattern)
        assert largest * rate ** q["answer"] <= eps < largest * rate ** (q["answer"] - 1)


def test_the_price_is_the_bounds_of_the_library():
    for q in drawings("unrolling")["price"]:
        pattern = rf"of (\d+) steps .* J̄ = {NUMBER}\. .* (\d+) times as long and add (\d+) steps"
        K, rate, longer, K_0 = numbers(q["text"], pattern)
        # without end the two bounds are one: the geometric series to its limit
        both = [contraction.segment_error(rate, 10_000, int(warm)) * 10_000 for warm in (0, K_0)]
        before, after = both[0] / K, both[1] / (longer * K)
        assert q["answer"] == pytest.approx(before / after, rel=1e-9)
