"""The exact check at larger sizes, and what it says about a wrong gradient."""

from __future__ import annotations

import pytest

from lstm_lib.derive import augmented_lstm, standard_rnn, vanilla_lstm
from lstm_lib.derive.check import CheckError, check
from lstm_lib.derive.words import Equation, Equations

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


def test_a_wrong_gradient_is_named():
    gradients = standard_rnn.gradients
    wrong = Equation(gradients["theta_s"].lhs, gradients["theta_s"].rhs.xreplace({}))
    wrong = Equation(wrong.lhs, -1 * wrong.rhs.args[0])
    others = [e for e in gradients if e.name != "dE_dtheta_s"]
    with pytest.raises(CheckError, match="gradient of theta_s is wrong"):
        check(standard_rnn, equations=Equations([*standard_rnn.backward, *others, wrong]))


@pytest.mark.parametrize("directions", [0, -1, 1.5, True])
def test_at_least_one_direction(directions):
    with pytest.raises(ValueError, match="directions: expected a whole number of at least 1"):
        standard_rnn.check(directions=directions)
