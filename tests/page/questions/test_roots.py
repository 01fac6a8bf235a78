"""The answers to the questions on 01_roots against the NumPy library."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lstm_lib

from .test_every_question import drawings

NUMBER = r"(-?\d+(?:\.\d+)?)"


def numbers(text: str, pattern: str) -> list[float]:
    found = re.search(pattern, text.replace("−", "-").replace("- ", "-").replace("+ ", ""))
    assert found, text
    return [float(value) for value in found.groups()]


def said(question: dict) -> str:
    (right,) = [o["text"] for o in question["options"] if o["right"]]
    return right


def test_what_the_canonical_rnn_keeps_is_the_librarys():
    for q in drawings("roots")["keep"]:
        a, dt = numbers(q["text"], rf"a = {NUMBER}\. .*ΔT = {NUMBER}\.")
        weights = lstm_lib.canonical_weights([[a]], [[0.0]], [[1.0]], delta_t=dt)
        assert q["answer"] == pytest.approx(weights.W_s[0, 0], rel=1e-12)


def test_the_rule_that_made_a_network_is_the_one_with_its_weight():
    unit = {
        "forward Euler": lambda z: 1 + z,
        "the implicit–explicit rule": lambda z: 1 / (1 - z),
        "the exact hold": np.exp,
        "the bilinear rule": lambda z: (2 + z) / (2 - z),
    }
    for q in drawings("roots")["which"]:
        pattern = (
            rf"ṡ = {NUMBER}·s {NUMBER}·tanh.* = {NUMBER}·s\[n-1\] {NUMBER}·tanh.*ΔT = {NUMBER}\."
        )
        a, b, W_s, W_r, dt = numbers(q["text"], pattern)
        assert W_s == pytest.approx(unit[said(q)](a * dt), abs=6e-4)
        assert W_r == pytest.approx((1 - W_s) * b / -a, abs=0.01)


def test_a_nudge_does_what_is_said():
    for q in drawings("roots")["rest"][:60]:
        W_s, W_r = numbers(q["text"], rf"= {NUMBER}, .* = {NUMBER} and no input")
        layer = lstm_lib.CanonicalRNN(1, 1)
        layer.params["W_s"], layer.params["W_r"] = [[W_s]], [[W_r]]
        s = layer.forward(np.zeros((12, 1)), s0=[1e-9], r0=[1e-9]).s[:, 0]
        sides = "changes" if s[-1] * s[-2] < 0 else "one side"
        assert ("dies out" if abs(s[-1]) < 1e-9 else sides) in said(q)


def test_a_neuron_swings_as_the_solution_does():
    for q in drawings("roots")["swing"][:40]:
        b, tau = numbers(q["text"], rf"-s\(t\) {NUMBER}·tanh s\(t - ?{NUMBER}\)")
        s = lstm_lib.AdditiveModel([[-1.0]], [[b]], tau_r=tau).solve(
            t_end=150, step=0.05, history=[0.1]
        )
        late = s.s[-len(s.s) // 8 :]
        assert (np.ptp(late) > 0.05) == (said(q) == "It swings."), q["text"]
