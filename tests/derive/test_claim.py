"""Equations that somebody typed are read, and proven or refuted."""

from __future__ import annotations

import pytest

from lstm_lib.derive import DeclarationError, ProofError, augmented_lstm, vanilla_lstm
from lstm_lib.derive.claim import claim

from .programs import SYSTEMS, system


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_derived_equations_print_can_be_read_back(name):
    cell = system(name)
    for equation in (*cell.backward, *cell.gradients):
        if str(equation.rhs) not in ("0", "sum(0 for n in range(N))"):
            assert claim(cell, str(equation)) == equation


def test_a_right_claim_is_proven_however_it_is_written():
    assert vanilla_lstm.verify("alpha_cr[n] = dG_c(a_cr[n]) * r[n] * chi[n]") == 6
    assert vanilla_lstm.verify("alpha_cu[n] = u[n] * (psi[n] * dG_c(a_cu[n]))", d=3, N=2) == 6
    assert augmented_lstm.verify("dE_dq[n] = W_qdr.T @ chi[n]") == 6


@pytest.mark.parametrize(
    "wrong",
    [
        "rho[n] = chi[n]",
        "alpha_cs[n] = psi[n] * s[n] * dG_c(a_cs[n])",
        "alpha_cr[n] = chi[n] * r[n] * G_c(a_cr[n])",
        "dE_dW_scr = sum(alpha_cr[n] @ s[n-1].T for n in range(N))",
        "dE_ds[-1] = psi[0] * g_cs[0]",
    ],
)
def test_a_wrong_claim_is_refuted(wrong):
    with pytest.raises(ProofError, match=wrong.split("[")[0].split()[0]):
        vanilla_lstm.verify(wrong)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rho[n] = chi[n] * g_xx[n]", r"rho\[n\] = chi\[n\] \* g_xx.*not declared"),
        ("rho[n] = W_xcu.T @ chi[n]", r"has shape \(d_x\)"),
        ("rho[n] = chi[n].T @ chi[n]", "has shape"),
        ("rho[n] = chi[n] @ g_cr[n]", "cannot multiply"),
        ("rho[n] = dG_x(chi[n])", "not a declared warping function"),
    ],
)
def test_a_claim_that_cannot_be_read_says_why(text, message):
    with pytest.raises(DeclarationError, match=message):
        vanilla_lstm.verify(text)


def test_there_must_be_such_an_equation():
    with pytest.raises(KeyError, match="no derived equation for 'omega"):
        vanilla_lstm.verify("omega[n] = chi[n]")
