"""The derivation in words has every term, its equation and its shift."""

from __future__ import annotations

import pytest

from lstm_lib.derive import augmented_lstm, bidirectional_lstm, standard_rnn, vanilla_lstm

from .programs import SYSTEMS, system


def test_the_state_of_the_vanilla_lstm():
    assert str(vanilla_lstm.explain("s")) == (
        "s[n] is used in five places.\n\n"
        "1. In r[n] = G_d(s[n]), which contributes rho[n] ⊙ G_d′(s[n]).\n"
        "2. In a_cr[n] = W_xcr x[n] + W_scr s[n] + W_vcr v[n-1] + b_cr, which contributes "
        "W_scrᵀ alpha_cr[n].\n"
        "3. One step later, in s[n+1] = g_cs[n+1] ⊙ s[n] + g_cu[n+1] ⊙ u[n+1] (shift n → n+1), "
        "which contributes psi[n+1] ⊙ g_cs[n+1].\n"
        "4. One step later, in a_cu[n+1] = W_xcu x[n+1] + W_scu s[n] + W_vcu v[n] + b_cu "
        "(shift n → n+1), which contributes W_scuᵀ alpha_cu[n+1].\n"
        "5. One step later, in a_cs[n+1] = W_xcs x[n+1] + W_scs s[n] + W_vcs v[n] + b_cs "
        "(shift n → n+1), which contributes W_scsᵀ alpha_cs[n+1].\n\n"
        "Together: psi[n] = rho[n] ⊙ G_d′(s[n]) + W_scrᵀ alpha_cr[n] + psi[n+1] ⊙ g_cs[n+1] "
        "+ W_scuᵀ alpha_cu[n+1] + W_scsᵀ alpha_cs[n+1]"
    )


def test_markdown_has_latex():
    text = vanilla_lstm.explain("psi")._repr_markdown_()
    assert text.startswith(
        "**$s[n]$ is used in five places.**\n\n1. In $r[n] = G_{d}(s[n])$, which"
    )
    assert r"(shift $n \to n+1$), which contributes $W_{scu}^{\top}\,\alpha_{cu}[n+1]$." in text
    assert text.count("$") % 2 == 0


def test_inlined_errors_are_told():
    text = str(vanilla_lstm.explain("a_cr"))
    assert text.splitlines()[2].endswith(
        "which contributes chi[n] ⊙ r[n] ⊙ G_c′(a_cr[n]) (the error of g_cr[n] is chi[n] ⊙ r[n])."
    )


def test_a_page_shows_of_a_sum_the_terms_that_read():
    text = vanilla_lstm.explain("s")._repr_markdown_()
    assert r"in $s[n+1] = g_{cs}[n+1] \odot s[n] + \cdots$ (shift" in text
    assert r"In $a_{cr}[n] = \cdots + W_{scr}\,s[n] + \cdots$, which" in text
    assert "g_{cu}" not in text


def test_places_that_contribute_the_same_are_told_apart():
    cell = standard_rnn.change("s[n] = theta_s * r[n-1] * r[n-1] + W_x @ x[n] + W_r @ r[n-1]")
    text = str(cell.explain("r"))
    assert "(shift n → n+1) as factor 2, which contributes psi[n+1] ⊙" in text
    assert "(shift n → n+1) as factor 3, which contributes psi[n+1] ⊙" in text
    twice = standard_rnn.change("s[n] = W_r @ r[n-1] + W_x @ x[n] + W_x @ x[n] + theta_s")
    assert "W_x x[n] + theta_s as term 3, which contributes" in str(twice.explain("x"))


def test_parameters_inputs_windows_and_initial_states():
    assert "W_scr is used in one place, at every step." in str(vanilla_lstm.explain("W_scr"))
    assert "Summed over all steps: dE_dW_scr" in str(vanilla_lstm.explain("W_scr"))
    assert "shift n → n+l" in str(augmented_lstm.explain("x"))
    start = str(vanilla_lstm.explain("s0"))
    assert start.startswith("s[-1] is used in three places.")
    assert "in s[0] = g_cs[0] ⊙ s[-1] + g_cu[0] ⊙ u[0], which contributes psi[0] ⊙" in start
    assert "One step earlier, in s_bw[n-1] =" in str(bidirectional_lstm.explain("s_bw"))


@pytest.mark.parametrize("name", SYSTEMS)
def test_terms_of_every_explanation_add_up(name):
    cell = system(name)
    whole = cell.explain()
    assert [step.equation for step in whole.steps] == list(cell.backward)
    for step in whole.steps:
        total = step.equation.rhs
        terms = [use.term for use in step.uses]
        flat = [t for term in terms for t in (term.args if term.is_MatAdd else (term,))]
        assert flat == list(total.args if total.is_MatAdd else (total,))


def test_unknown_names_are_refused():
    with pytest.raises(KeyError, match="no derived equation for 'g_cr'"):
        vanilla_lstm.explain("g_cr")
