"""The proof counts what it proves, and says where an equation fails."""

from __future__ import annotations

import pytest

from lstm_lib.derive import System, augmented_lstm, vanilla_lstm
from lstm_lib.derive.nodes import Equation, Equations
from lstm_lib.derive.prove import Proof, ProofError

from .programs import SYSTEMS, system


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_is_proven(name):
    cell = system(name)
    proven = cell.prove(d=2, N=3)
    assert len(proven.counts) == len(cell.backward) + len(cell.gradients)
    assert min(proven.counts.values()) >= 2
    assert str(proven.identities) in str(proven)


def test_identities_are_counted_by_component():
    # 7 errors and x at 3 steps, 11 matrices, 4 biases, 2 initial states; d = 2.
    assert vanilla_lstm.prove(d=2, N=3).identities == 7 * 6 + 6 + 11 * 4 + 4 * 2 + 2 * 2


def test_sizes_steps_and_lags_are_free():
    proven = augmented_lstm.prove(d=1, N=2, sizes={"d_v": 2}, lags={"L_cu": range(-2, 2)})
    assert proven.counts["dE_dW_xcu[l]"] == 4
    assert proven.counts["chi[n]"] == 4


def test_a_wrong_equation_is_named_with_its_component():
    right = vanilla_lstm.backward["chi"]
    wrong = Equation(right.lhs, vanilla_lstm.backward["rho"].lhs)
    with pytest.raises(ProofError, match=r"component 0 at step 0 in the equation  chi\[n\] = rho"):
        Proof(vanilla_lstm).verify(wrong)


def test_a_missing_equation_is_noticed():
    cell = System(
        "fresh",
        vanilla_lstm.text["forward"],
        **{
            **{k: v for k, v in vanilla_lstm.text.items() if k != "forward"},
            "warping": vanilla_lstm.warping,
        },
    )
    full = cell.derivation
    object.__setattr__(full, "gradients", Equations(full.gradients[:-1]))
    with pytest.raises(ProofError, match=r"no equation for dE_dv\[-1\]"):
        cell.prove()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"d": 0}, "d_x: expected a whole number of at least 1, got 0"),
        ({"N": 2.5}, "N: expected"),
        ({"sizes": {"d_q": 2}}, "no size 'd_q'"),
        ({"lags": {"L_cu": [0]}}, "no set 'L_cu'"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        vanilla_lstm.prove(**options)


def test_d_of_one_cannot_see_a_transpose_but_two_can():
    right = vanilla_lstm.backward["chi"]
    wrong = Equation(
        right.lhs,
        right.rhs.xreplace({right.rhs.args[1].args[0]: right.rhs.args[1].args[0].args[0]}),
    )
    assert Proof(vanilla_lstm, d=1).verify(wrong) == 3
    with pytest.raises(ProofError):
        Proof(vanilla_lstm, d=2).verify(wrong)
