"""Every mistake of the family, in every derived equation of the catalogue, must be rejected."""

from __future__ import annotations

import pytest

from lstm_lib.derive.check import CheckError, check
from lstm_lib.derive.prove import Proof, ProofError
from lstm_lib.derive.words import Equations

from .mutations import mutants
from .programs import SYSTEMS, system

# Mutants that say the same as the original: (system, left side, mistake) with the reason.
# At present there is none in the catalogue.
EQUIVALENT: dict[tuple[str, str, str], str] = {}


@pytest.mark.parametrize("name", SYSTEMS)
def test_proof_rejects_every_mutant(name, capsys):
    cell = system(name)
    proof = Proof(cell)
    killed, survivors = 0, []
    for equation in (*cell.backward, *cell.gradients):
        for mistake, mutant in mutants(cell, equation):
            try:
                proof.verify(mutant)
            except ProofError:
                killed += 1
            else:
                survivors.append((name, str(equation.lhs), mistake))
    unexplained = [s for s in survivors if s not in EQUIVALENT]
    with capsys.disabled():
        print(f"\n  {cell.name}: {killed}/{killed + len(survivors)} mutants killed", end="")
    assert not unexplained
    assert killed > 20


@pytest.mark.parametrize("name", SYSTEMS)
def test_check_rejects_a_sample_of_the_mutants(name):
    cell = system(name)
    derived = [*cell.backward, *cell.gradients]
    sizes = dict.fromkeys({str(s) for shape in cell.parameters.values() for s in shape}, 3)
    family = [(k, *m) for k, e in enumerate(derived) for m in mutants(cell, e)]
    for k, _mistake, mutant in family[:: max(40, len(family) // 5)]:
        wrong = Equations([*derived[:k], mutant, *derived[k + 1 :]])
        with pytest.raises(CheckError):
            check(cell, sizes=sizes, N=3, equations=wrong)


def test_family_has_every_kind_of_mistake():
    cell = system("augmented_lstm")
    made = " ".join(m for e in (*cell.backward, *cell.gradients) for m, _ in mutants(cell, e))
    for kind in (
        "drop term",
        "drop factor",
        "drop the transpose",
        "flip the sign",
        "shift the wrong way",
        "forget the shift",
        "shift too far",
        "shift one too far",
        "forget the window's reversal",
        "put g_cs for g_cu",
        "forget the derivative",
        "swap alpha_cs and alpha_cu",
    ):
        assert kind in made
