"""The check of a reader's answer."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lstm_lib.derive import standard_rnn
from lstm_lib.page.exercises import check, prove


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        (None, 0.24, "no answer yet"),
        (0.24, 0.24, "correct"),
        (0.2395, 0.24, "correct"),
        (0.23, 0.24, "not yet: your answer is not the right value"),
        (-0.14, (1 - 2 ** (1 / 50)) / 0.1, "correct"),
        ("0.24", 0.24, "correct"),
        ("a quarter", 0.24, "not yet: ValueError"),
        ([1, 2], np.array([1.0, 2.0]), "correct"),
        ([1, 2, 3], np.array([1.0, 2.0]), r"not yet: an array of shape \(2,\) is wanted"),
        (lambda z: 1 / (1 - z), lambda z: 1 / (1 - z), "correct"),
        (lambda z: 1 + z, lambda z: 1 / (1 - z), "not yet: your answer at .* is not the right"),
        (lambda z: undefined, lambda z: z, "not yet: NameError"),  # noqa: F821
        (3.0, lambda z: z, "not yet: a function is wanted"),
    ],
)
def test_check_says_where_the_reader_stands(capsys, answer, expected, says):
    check("Exercise 1", answer, expected)
    out = capsys.readouterr().out
    assert re.match(f"Exercise 1: {says}", out), out
    assert out.count("\n") == 1


def test_check_does_not_tell_the_answer(capsys):
    check("Exercise 1", 1.0, 0.123456)
    assert "0.123" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("claim", "says"),
    [
        (None, "no answer yet."),
        ("psi[n] = dG(s[n]) * chi[n]", "proven, 6 identities."),
        (" psi[ n ]= chi[n] * dG(s[n])", "proven, 6 identities."),
        ("chi[n] = dL_dr[n] + W_r.T @ psi[n+1]", r"not yet: an equation for psi\[n\] is wanted."),
        ("chi[n] * dG(s[n])", r"not yet: an equation for psi\[n\] is wanted."),
        (42, r"not yet: an equation for psi\[n\] is wanted."),
        ("psi[n] = chi[n]", "not yet: ProofError"),
        ("psi[n] = chi[n] * dG(q[n])", "not yet: DeclarationError"),
    ],
)
def test_prove_says_where_the_reader_stands(capsys, claim, says):
    prove("Exercise 1", standard_rnn, claim, left="psi[n]")
    assert re.match(f"Exercise 1: {says}", capsys.readouterr().out)


def test_any_equation_can_be_proven_without_a_left_side(capsys):
    prove("Exercise 2", standard_rnn, "chi[n] = dL_dr[n] + W_r.T @ psi[n+1]")
    assert capsys.readouterr().out == "Exercise 2: proven, 6 identities.\n"
