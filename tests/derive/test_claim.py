"""Equations that somebody typed are read, and proven or refuted."""

from __future__ import annotations

import pytest

from lstm_lib.derive import DeclarationError, ProofError, augmented_lstm, vanilla_lstm

from .programs import SYSTEMS, system


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_derived_equations_print_can_be_read_back(name):
    cell = system(name)
    for equation in (*cell.backward, *cell.gradients):
        if str(equation.rhs) not in ("0", "sum(0 for n in range(N))"):
            assert cell.claim(str(equation)) == equation


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
        # Read from so far away that it lies outside a short run.
        "rho[n] = chi[n] * g_cr[n] + psi[n+3]",
        "rho[n] = chi[n] * g_cr[n] + s[n+9]",
        "rho[n] = chi[n] * g_cr[n] + s[n-4]",
        "dE_dv[-1] = psi[4]",
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
        ("rho[n] = chi[n] * g_cr[n] + s[-4]", "only the equation of an initial value"),
        ("dE_db_cr = alpha_cr[0] + alpha_cr[1] + alpha_cr[2]", "only the equation of an initial"),
        ("dE_db_cr = sum(alpha_cr[0] for n in range(N))", "only the equation of an initial value"),
        ("dE_db_cr = sum(alpha_cr[n] for n in range(2))", "a sum over time reads"),
        ("dE_db_cr = sum(alpha_cr[n] for n in nonsense)", "a sum over time reads"),
        ("dE_db_cr = sum(alpha_cr[n] for n in range(N) if n > 0)", "a sum over time reads"),
        ("dE_db_cr = sum(alpha_cr[n] for n in range(N) for m in x)", "a sum over time reads"),
        ("dE_db_cr = sum(alpha_cr[n] for n in range(N)) + s[n]", "no such step here"),
        ("dE_ds[-1] = psi[n]", "no such step here"),
        ("rho[n] = chi[n-N+3] * g_cr[n]", "no such step here"),
        ("dE_ds[-1] = psi[N-3] * g_cs[0]", "only the equation of an initial value"),
        ("dE_ds[-1] = psi[0] * g_cs[0] + s[-4]", "lies before the initial values"),
        ("rho[n] = sum(0 for n in range(N))", "expected a vector or matrix, not 0"),
        ("dE_dW_scr = (2).T", "expected a vector or matrix, not 2"),
    ],
)
def test_a_claim_that_cannot_be_read_says_why(text, message):
    with pytest.raises(DeclarationError, match=message):
        vanilla_lstm.verify(text)


def test_there_must_be_such_an_equation():
    with pytest.raises(DeclarationError, match=r"no derived equation for 'omega\[n\]'"):
        vanilla_lstm.verify("omega[n] = chi[n]")


def test_a_claim_gets_the_steps_that_it_needs():
    assert vanilla_lstm.verify("rho[n] = g_cr[n] * chi[n] + 0 * psi[n+4]") == 2 * 6
    with pytest.raises(ValueError, match=r"4 step.s. away.* at least N = 5 steps, got N = 3"):
        vanilla_lstm.verify("rho[n] = chi[n] * g_cr[n] + psi[n+4]", N=3)


def test_the_reversal_of_a_window_shows_at_any_lag():
    right = "dE_dW_xcu[l] = sum(alpha_cu[n] @ x[n-l].T for n in range(N))"
    wrong = right.replace("n-l", "n+l")
    assert augmented_lstm.verify(right, lags={"L_cu": (5,)}) == 4
    with pytest.raises(ProofError, match="of tap 5"):
        augmented_lstm.verify(wrong, lags={"L_cu": (5,)})
    with pytest.raises(ValueError, match="at least N = 6 steps"):
        augmented_lstm.verify(wrong, N=3, lags={"L_cu": (5,)})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("xi = 0", "no derived equation for 'xi'"),
        ("chi[n] = sum(v[n-l] for l in L)", "there is no set of lags L"),
        ("dE_dW_xcu[l] = sum(alpha_cu[n] @ x[n-l].T for n in range(N)) + W_xcu", "taps of one"),
        (
            "dE_dx[n] = sum(W_xcu[l].T @ alpha_cu[n+l] for l in L_cs)",
            "W_xcu must be used with the taps of one window, or with none",
        ),
    ],
)
def test_the_windows_of_a_claim_are_those_of_the_system(text, message):
    with pytest.raises(DeclarationError, match=message):
        augmented_lstm.verify(text)


def test_initial_values_of_a_descending_sweep_are_counted_from_the_end():
    claimed = str(system("bidirectional_lstm").gradients["s_bw_0"])
    assert "[N-1]" in claimed
    assert system("bidirectional_lstm").verify(claimed) == 2
    with pytest.raises(DeclarationError, match="only the equation of an initial value"):
        system("bidirectional_lstm").verify(claimed.replace("N-1", "2"))
