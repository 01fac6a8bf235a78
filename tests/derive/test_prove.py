"""The proof counts what it proves, and says where an equation fails."""

from __future__ import annotations

import pytest

from lstm_lib.derive import CheckError, System, augmented_lstm, standard_rnn, vanilla_lstm
from lstm_lib.derive.check import check
from lstm_lib.derive.prove import Proof, ProofError
from lstm_lib.derive.words import Equation, Equations, n, shifted

from .mutations import mutants
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
    proven = augmented_lstm.prove(d=1, N=3, sizes={"d_v": 2}, lags={"L_cu": range(-2, 2)})
    assert proven.counts["dE_dW_xcu[l]"] == 4
    assert proven.counts["chi[n]"] == 6


def test_a_wrong_equation_is_named_with_its_component():
    right = vanilla_lstm.backward["chi"]
    wrong = Equation(right.lhs, vanilla_lstm.backward["rho"].lhs)
    with pytest.raises(ProofError, match=r"component 0 at step 0 in the equation  chi\[n\] = rho"):
        Proof(vanilla_lstm).verify(wrong)


def fresh(system_: System) -> System:
    """The same declaration, whose derivation may be spoilt."""
    return System("fresh", warping=system_.warping, **system_.text)


@pytest.mark.parametrize("name", ["vanilla_lstm", "bidirectional_lstm"])
def test_backward_equations_in_an_order_that_cannot_be_run_are_refused(name):
    cell = fresh(system(name))
    order = cell.backward[::-1]
    object.__setattr__(cell.derivation, "backward", order)
    with pytest.raises(ProofError, match="is not known yet in"):
        cell.prove()


def test_an_error_of_the_wrong_neighbour_is_not_known_yet():
    cell = fresh(standard_rnn)
    chi, psi = cell.backward
    early = Equation(chi.lhs, shifted(chi.rhs, n - 2))  # reads psi[n-1]
    object.__setattr__(cell.derivation, "backward", Equations([early, psi]))
    with pytest.raises(ProofError, match=r"psi\[n-1\] is not known yet in chi"):
        cell.prove()


def test_a_missing_equation_is_noticed():
    cell = fresh(vanilla_lstm)
    full = cell.derivation
    object.__setattr__(full, "gradients", Equations(full.gradients[:-1]))
    with pytest.raises(ProofError, match=r"no equation for dE_dv\[-1\]"):
        cell.prove()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"d": 0}, "d_x: expected a whole number of at least 1, got 0"),
        ({"N": 2.5}, "N: expected"),
        ({"N": True}, "N: expected a whole number of at least 1, got True"),
        ({"N": 1}, "1 step.s. away.* at least N = 2 steps, got N = 1"),
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


def delayed(k: int) -> System:
    """A cell whose read-out comes back k steps later."""
    return System(
        f"delay {k}",
        f"s[n] = W @ r[n-{k}] + U @ x[n]\nr[n] = G(s[n])",
        inputs="x: d_x",
        sequences="s r: d_s",
        parameters="W: d_s, d_s; U: d_s, d_x",
        outputs="r",
        adjoints="r: chi, s: psi",
        warping={"G": "tanh"},
    )


@pytest.mark.parametrize("k", [2, 3, 4])
def test_a_run_is_longer_than_the_longest_delay(k):
    cell = delayed(k)
    steps = cell.prove().N, cell.check().N
    assert steps == (max(3, k + 2), max(5, k + 2))
    for too_short in (cell.prove, cell.check):
        with pytest.raises(ValueError, match=f"{k} step.s. away.*N = {k + 1} steps, got N = {k}"):
            too_short(N=k)
    forgotten = Equation(cell.backward["chi"].lhs, cell.backward["chi"].rhs.args[0])
    others = (cell.backward["psi"], *cell.gradients)
    for N in (None, k + 1):
        with pytest.raises(ProofError, match=r"chi\[n\] = dL_dr\[n\]"):
            Proof(cell, N=N).verify(forgotten)
        with pytest.raises(CheckError):
            check(cell, N=N, equations=Equations([forgotten, *others]))
    with pytest.raises(ProofError):
        cell.verify(f"chi[n] = dL_dr[n] + W.T @ psi[n+{k}] - 7 * W @ psi[n+{k + 3}]")


@pytest.mark.parametrize("k", [2, 3])
def test_every_mutant_of_a_delay_is_rejected(k):
    cell = delayed(k)
    proof, killed = Proof(cell, N=2 * k + 1), 0
    for equation in (*cell.backward, *cell.gradients):
        for _mistake, mutant in mutants(cell, equation):
            with pytest.raises(ProofError):
                proof.verify(mutant)
            killed += 1
    assert killed > 20
