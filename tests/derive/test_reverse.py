"""The derived equations against those of the book, typed here and nowhere in the engine."""

from __future__ import annotations

import pytest

from lstm_lib.derive import (
    System,
    augmented_lstm,
    augmented_lstm_variant,
    canonical_rnn,
    lstm1997_truncated,
    standard_rnn,
    vanilla_lstm,
)

VANILLA = """
chi[n] = dL_dv[n] + W_vcu.T @ alpha_cu[n+1] + W_vcs.T @ alpha_cs[n+1] + W_vcr.T @ alpha_cr[n+1] \
+ W_vdu.T @ alpha_du[n+1]
rho[n] = chi[n] * g_cr[n]
alpha_cr[n] = chi[n] * r[n] * dG_c(a_cr[n])
psi[n] = rho[n] * dG_d(s[n]) + W_scr.T @ alpha_cr[n] + g_cs[n+1] * psi[n+1] \
+ W_scu.T @ alpha_cu[n+1] + W_scs.T @ alpha_cs[n+1]
alpha_cs[n] = psi[n] * s[n-1] * dG_c(a_cs[n])
alpha_cu[n] = psi[n] * u[n] * dG_c(a_cu[n])
alpha_du[n] = psi[n] * g_cu[n] * dG_d(a_du[n])
"""
AUGMENTED = """
chi[n] = dL_dv[n] + W_vcu.T @ alpha_cu[n+1] + W_vcs.T @ alpha_cs[n+1] + W_vcr.T @ alpha_cr[n+1] \
+ W_vdu.T @ alpha_du[n+1] + W_vcx.T @ alpha_cx[n+1]
dE_dq[n] = W_qdr.T @ chi[n]
rho[n] = dE_dq[n] * g_cr[n]
alpha_cr[n] = dE_dq[n] * r[n] * dG_c(a_cr[n])
psi[n] = rho[n] * dG_d(s[n]) + W_scr.T @ alpha_cr[n] + g_cs[n+1] * psi[n+1] \
+ W_scu.T @ alpha_cu[n+1] + W_scs.T @ alpha_cs[n+1] + W_scx.T @ alpha_cx[n+1]
alpha_cs[n] = psi[n] * s[n-1] * dG_c(a_cs[n])
alpha_cu[n] = psi[n] * u[n] * dG_c(a_cu[n])
alpha_du[n] = psi[n] * g_cu[n] * dG_d(a_du[n])
alpha_cx[n] = alpha_du[n] * xi_du[n] * dG_c(a_cx[n])
epsilon_du[n] = alpha_du[n] * g_cx[n]
"""


def terms(side: str) -> list[list[str]]:
    """A sum of products as sorted lists, so that the order of writing does not matter."""
    return sorted(sorted(term.split(" * ")) for term in side.split(" + "))


def told(text: str) -> dict[str, list[list[str]]]:
    lines = [line.split(" = ") for line in text.strip().splitlines()]
    return {left: terms(right) for left, right in lines}


def derived(equations) -> dict[str, list[list[str]]]:
    return {str(e.lhs): terms(str(e.rhs)) for e in equations}


@pytest.mark.parametrize(("system", "book"), [(vanilla_lstm, VANILLA), (augmented_lstm, AUGMENTED)])
def test_backward_equations_are_those_of_the_book(system, book):
    assert derived(system.backward) == told(book)


def test_vanilla_gradients_are_those_of_the_book():
    found = {str(e.lhs): str(e.rhs) for e in vanilla_lstm.gradients}
    for gate in ("cu", "cs", "cr", "du"):
        assert found.pop(f"dE_dW_x{gate}") == f"sum(alpha_{gate}[n] @ x[n].T for n in range(N))"
        assert found.pop(f"dE_dW_v{gate}") == f"sum(alpha_{gate}[n] @ v[n-1].T for n in range(N))"
        assert found.pop(f"dE_db_{gate}") == f"sum(alpha_{gate}[n] for n in range(N))"
    assert found.pop("dE_dW_scu") == "sum(alpha_cu[n] @ s[n-1].T for n in range(N))"
    assert found.pop("dE_dW_scs") == "sum(alpha_cs[n] @ s[n-1].T for n in range(N))"
    assert found.pop("dE_dW_scr") == "sum(alpha_cr[n] @ s[n].T for n in range(N))"
    inputs = " + ".join(f"W_x{g}.T @ alpha_{g}[n]" for g in ("cu", "cs", "cr", "du"))
    assert terms(found.pop("dE_dx[n]")) == terms(inputs)
    state = "psi[0] * g_cs[0] + W_scu.T @ alpha_cu[0] + W_scs.T @ alpha_cs[0]"
    assert terms(found.pop("dE_ds[-1]")) == terms(state)
    value = " + ".join(f"W_v{g}.T @ alpha_{g}[0]" for g in ("cu", "cs", "cr", "du"))
    assert terms(found.pop("dE_dv[-1]")) == terms(value)
    assert not found


def test_augmented_taps_and_inputs_are_those_of_the_book():
    errors = {g: f"alpha_{g}[n]" for g in ("cx", "cu", "cs", "cr")}
    errors["du"] = "epsilon_du[n]"
    for gate, error in errors.items():
        tap = augmented_lstm.gradients[f"W_x{gate}"]
        assert str(tap) == f"dE_dW_x{gate}[l] = sum({error} @ x[n-l].T for n in range(N))"
        later = error.replace("[n]", "[n+l]")
        assert f"sum(W_x{gate}[l].T @ {later} for l in L_{gate})" in str(
            augmented_lstm.gradients["x"]
        )
    assert str(augmented_lstm.gradients["W_qdr"].rhs) == "sum(chi[n] @ q[n].T for n in range(N))"


def test_rnn_equations_are_those_of_the_book():
    book = "chi[n] = dL_dr[n] + W_r.T @ psi[n+1]\npsi[n] = chi[n] * dG(s[n])"
    assert derived(standard_rnn.backward) == told(book)
    assert derived(canonical_rnn.backward) == told(book + " + W_s.T @ psi[n+1]")
    assert str(canonical_rnn.gradients["W_s"].rhs) == "sum(psi[n] @ s[n-1].T for n in range(N))"


def test_all_extensions_off_is_the_vanilla_lstm():
    off = augmented_lstm_variant(window=False, external_gate=False, projection=False)
    assert off.text == vanilla_lstm.text
    assert off.forward == vanilla_lstm.forward
    assert off.backward == vanilla_lstm.backward


def test_no_error_flows_back_through_a_cut():
    assert str(lstm1997_truncated.backward["chi"]) == "chi[n] = dL_dy_c[n]"
    assert str(lstm1997_truncated.gradients["y_c_0"].rhs) == "0"
    assert "cut" not in str(lstm1997_truncated.gradients["W_yc"])


def test_an_error_without_a_name_is_inlined_or_called_after_its_sequence():
    cell = System(
        "three delays",
        "p[n] = A @ x[n] + 0.5 * h[n-1] - h[n-3]\nh[n] = 2 * p[n]",
        inputs="x: d",
        sequences="p h: d",
        parameters="A: d, d",
        outputs="h",
    )
    # p is read at its own step only, so its error 2 error_h[n] is inlined.
    assert cell.backward.names() == ["h"]
    assert str(cell.backward["h"]) == "error_h[n] = dL_dh[n] + error_h[n+1] - 2 * error_h[n+3]"
    assert cell.gradients.names() == ["A", "x", "h0", "h0_2", "h0_3"]
    assert str(cell.gradients["h0_2"].rhs) == "-2 * error_h[1]"
    cell.prove(N=5)
    cell.check(N=6)


def test_a_window_inside_a_warping_keeps_its_own_lag():
    cell = System(
        "window in one line",
        "s[n] = G(sum(W[l] @ x[n-l] for l in L) + b)",
        inputs="x: d",
        sequences="s: d",
        parameters="W: d, d; b: d",
        outputs="s",
        warping={"G": "tanh"},
    )
    slope = "dG(sum(W[l1] @ x[n+l-l1] for l1 in L) + b)"
    assert str(cell.gradients["x"].rhs) == f"sum(W[l].T @ (dL_ds[n+l] * {slope}) for l in L)"
    assert r"\sum_{l_{1} \in \Lambda} W[l_{1}]\,x[n+l-l_{1}]" in cell.latex("gradients")
    cell.prove()
    cell.check()


def test_a_parameter_used_twice_gets_both_contributions():
    cell = standard_rnn.change("s[n] = W_r @ (r[n-1] + W_r @ r[n-2]) + W_x @ x[n] + theta_s")
    assert str(cell.gradients["W_r"].rhs).count("@") == 4
    cell.prove(N=4)
    cell.check()
