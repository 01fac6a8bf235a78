"""The exact check at larger sizes, and what it says about a wrong gradient."""

from __future__ import annotations

import pytest

from lstm_lib.derive import augmented_lstm, standard_rnn, vanilla_lstm
from lstm_lib.derive.check import CheckError, check
from lstm_lib.derive.words import Equation, Equations, TimeSum, scale

from .programs import SYSTEMS, system


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_gradient_is_exact_at_a_random_point(name):
    cell = system(name)
    checked = cell.check(N=4)
    initial = [k for k in cell.gradients.names() if k not in {*cell.parameters, *cell.inputs}]
    assert set(checked.blocks) == {*cell.parameters, *cell.inputs, *initial}
    assert len(set(checked.sizes.values())) == len(checked.sizes)


def test_larger_sizes_windows_and_seeds():
    vanilla_lstm.check(sizes={"d_x": 4, "d_s": 5}, N=5, seed=3)
    checked = augmented_lstm.check(N=4, lags={"L_du": range(-2, 4)}, directions=2, seed=1)
    assert "2 random direction(s)" in str(checked)


def with_rhs(cell, key, rhs):
    """The derived equations with another right side for one gradient."""
    derived = (*cell.backward, *cell.gradients)
    lhs = cell.gradients[key].lhs
    return Equations(Equation(lhs, rhs) if e.lhs == lhs else e for e in derived)


def test_a_wrong_gradient_is_named():
    total = standard_rnn.gradients["theta_s"].rhs
    wrong = with_rhs(standard_rnn, "theta_s", TimeSum(scale(-1, total.args[0])))
    with pytest.raises(CheckError, match="gradient of theta_s is wrong"):
        check(standard_rnn, equations=wrong)


def test_equations_that_are_not_a_program_are_refused():
    alone = with_rhs(standard_rnn, "theta_s", standard_rnn.gradients["theta_s"].rhs.args[0])
    with pytest.raises(CheckError, match=r"no backward pass, .*shape"):
        check(standard_rnn, equations=alone)  # one step, not the sum over all
    missing = Equations(e for e in standard_rnn.gradients if e.name != "dE_dW_r")
    with pytest.raises(CheckError, match="no equation for the gradient of W_r"):
        check(standard_rnn, equations=[*standard_rnn.backward, *missing])


def test_a_factor_with_many_digits_is_exact():
    past = "0.7071067811865476 * (0.7071067811865476 * (W_r @ r[n-1]))"
    cell = standard_rnn.change(
        f"s[n] = {past} + W_x @ x[n] + Fraction * theta_s", parameters="Fraction: d_s"
    )
    cell.check()


@pytest.mark.parametrize("directions", [0, -1, 1.5, True])
def test_at_least_one_direction(directions):
    with pytest.raises(ValueError, match="directions: expected a whole number of at least 1"):
        standard_rnn.check(directions=directions)
