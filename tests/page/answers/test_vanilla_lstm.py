"""The answers of the chapter on the Vanilla LSTM."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstm_lib.derive import ProofError, vanilla_lstm, vanilla_lstm_diagonal
from lstm_lib.page.answers import vanilla_lstm as answers

BOOK = Path(__file__).resolve().parents[3] / "book"
PAGE = (BOOK / "06_vanilla_lstm.ipynb").read_text(encoding="utf-8")


def test_the_late_gate_moves_one_term_to_the_next_step():
    late = vanilla_lstm.change(answers.LATE)
    claim = (
        "psi[n] = rho[n] * dG_d(s[n]) + psi[n+1] * g_cs[n+1] + W_scu.T @ alpha_cu[n+1]"
        " + W_scs.T @ alpha_cs[n+1] + W_scr.T @ alpha_cr[n+1]"
    )
    assert claim in PAGE
    late.verify(claim)
    with pytest.raises(ProofError):
        late.verify(claim.replace("alpha_cr[n+1]", "alpha_cr[n]"))


def test_the_gradient_of_a_diagonal_peephole():
    claim = "dE_dw_scr = sum(alpha_cr[n] * s[n] for n in range(N))"
    assert claim in PAGE
    vanilla_lstm_diagonal.verify(claim)


def test_the_factor_of_a_peephole_is_the_one_worked_by_hand():
    factor, steps = answers.SOLUTIONS[4]
    assert factor == pytest.approx(0.9 + 2 * 0.8 * 0.5 * (1 - 0.5), rel=1e-12)
    assert factor**steps > 10 > factor ** (steps - 1)
