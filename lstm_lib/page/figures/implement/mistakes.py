"""Mistakes that are easily made in an Augmented LSTM, each as a change of a printed program."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from lstm_lib.derived import passes
from lstm_lib.exchange.vectors import compare, problem
from lstm_lib.exchange.vectors.make import declared

__all__ = ["MISTAKES", "Mistake", "computed", "symptom"]


@dataclass(frozen=True)
class Mistake:
    """One slip. ``numpy`` and ``script`` are (what is right, what stands there instead).

    The first is text of the program in NumPy, the second a pattern in that in JavaScript; there is
    none where JavaScript would not go on.
    """

    name: str
    words: str
    numpy: tuple[str, str]
    script: tuple[str, str] | None = None

    def in_numpy(self, source: str) -> str:
        """The program in NumPy with the mistake; ``ValueError`` if there is no place for it."""
        return self._placed(source, source.replace(*self.numpy))

    def in_script(self, source: str) -> str:
        """The program in JavaScript with the mistake."""
        if self.script is None:
            raise ValueError(f"{self.name}: expected a pattern for JavaScript, got none")
        return self._placed(source, re.sub(*self.script, source))

    def _placed(self, source: str, changed: str) -> str:
        if changed == source:
            raise ValueError(f"{self.name}: expected the program to have a place for it, got none")
        return changed


MISTAKES = (
    Mistake(
        "lag_sign", "lags with the wrong sign",
        ("@ x[n-l] for", "@ x[n+l] for"),
        (r"\[l\], x\[n-l\]\)", "[l], x[n+l])"),
    ),
    Mistake(
        "lag_sign_du", "lags of du alone with the wrong sign",
        ("W_xdu[l] @ x[n-l]", "W_xdu[l] @ x[n+l]"),
        (r"W_xdu\[l\], x\[n-l\]", "W_xdu[l], x[n+l]"),
    ),
    Mistake(
        "descending", "taps stored in descending order",
        ('"""Every sequence."""', "lags = {at: window[::-1] for at, window in lags.items()}"),
        (r"byLag\((L_\w+), ", r"byLag(\1.slice().reverse(), "),
    ),
    Mistake(
        "repeated", "x[0] and x[N−1] repeated outside, not zeros",
        ("@ x[n-l] for", "@ x[min(max(n-l, 0), N-1)] for"),
        (r"\[l\], x\[n-l\]\)", "[l], x[Math.min(Math.max(n-l, 0), N-1)])"),
    ),
    Mistake(
        "no_v0", "start value v[−1] left out",
        ('v[-1] = given["v0"].T', "pass"),
        (r"if \(v0\) v\[-1\] = v0;", ";"),
    ),
    Mistake(
        "transposed", "W_s∗ transposed, as read column by column",
        (" @ s[n-1] + W_v", ".T @ s[n-1] + W_v"),
        (r"dot\((W_s\w+), s\[n-1\]\)", r"dotT(\1, s[n-1])"),
    ),
    Mistake(
        "gate_on_all", "g_cx on the whole of a_du",
        (
            "g_cx[n] * xi_du[n] + W_vdu @ v[n-1] + b_du",
            "g_cx[n] * (xi_du[n] + W_vdu @ v[n-1] + b_du)",
        ),
        (
            r"add\(mul\(g_cx\[n\], xi_du\[n\]\), dot\(W_vdu, v\[n-1\]\), b_du\)",
            "mul(g_cx[n], add(xi_du[n], dot(W_vdu, v[n-1]), b_du))",
        ),
    ),
    Mistake(
        "old_s_in_cr", "g_cr looks at the old state",
        ("xi_cr[n] + W_scr @ s[n]", "xi_cr[n] + W_scr @ s[n-1]"),
        (r"dot\(W_scr, s\[n\]\)", "dot(W_scr, s[n-1])"),
    ),
    Mistake(
        "v_never", "the old value never updated",
        (" @ v[n-1]", " @ v[-1]"),
        (r"dot\((W_v\w+), v\[n-1\]\)", r"dot(\1, v[-1])"),
    ),
    Mistake(
        "s_never", "the old state never updated",
        ("s[n-1]", "s[-1]"),
        (r"\bs\[n-1\]", "s[-1]"),
    ),
    Mistake(
        "no_C_v", "C_v left out",
        ("            dL_dv[n]", "            dL_dv[n] - (n == N - 1) * C_v"),
        (r"add\(dL_dv\[n\], ", "add(dL_dv[n], C_v.map((z) => (n === N - 1 ? -z : 0)), "),
    ),
    Mistake(
        "no_C_s", "what arrives at the final state left out",
        ("dL_ds[n]", "0 * dL_ds[n]"),
        (r"add\(dL_ds\[n\], ", "add("),
    ),
    Mistake(
        "chi_without_cx", "χ lacks the external gate",
        ("+ W_vcx.T @ alpha_cx[n+1]", ""),
        (r" dotT\(W_vcx, alpha_cx\[n\+1\]\),", ""),
    ),
    Mistake(
        "psi_without_cr", "ψ lacks the peephole of g_cr",
        ("+ W_scr.T @ alpha_cr[n]\n", "\n"),
        (r" dotT\(W_scr, alpha_cr\[n\]\),", ""),
    ),
    Mistake(
        "gate_too_early", "g_cs[n] in place of g_cs[n+1] in ψ",
        ("psi[n+1] * g_cs[n+1]", "psi[n+1] * g_cs[n]"),
        (r"mul\(psi\[n\+1\], g_cs\[n\+1\]\)", "mul(psi[n+1], g_cs[n])"),
    ),
    Mistake(
        "not_transposed", "W_scx not transposed in ψ",
        ("W_scx.T @ alpha_cx[n+1]", "W_scx @ alpha_cx[n+1]"),
        (r"dotT\(W_scx, alpha_cx\[n\+1\]\)", "dot(W_scx, alpha_cx[n+1])"),
    ),
    Mistake(
        "slope_of_gate", "G_c′(g_cu) in place of G_c′(a_cu)",
        ("dG_c(a_cu[n])", "dG_c(g_cu[n])"),
        (r"dG_c\(a_cu\[n\]\)", "dG_c(g_cu[n])"),
    ),
    Mistake(
        "new_s_in_cs", "s[n] in place of s[n−1] in α_cs",
        ("psi[n] * s[n-1]", "psi[n] * s[n]"),
        (r"mul\(psi\[n\], s\[n-1\]", "mul(psi[n], s[n]"),
    ),
    Mistake(
        "no_s0_in_cs", "s[−1] left out in α_cs",
        ("psi[n] * s[n-1]", "(n > 0) * psi[n] * s[n-1]"),
        (r"mul\(psi\[n\], s\[n-1\]", "mul(psi[n], s[n-1].map((z) => (n > 0 ? z : 0))"),
    ),
    Mistake(
        "gated_window", "α_cx reads the gated window",
        ("alpha_du[n] * xi_du[n]", "alpha_du[n] * xi_du[n] * g_cx[n]"),
        (r"mul\(alpha_du\[n\], xi_du\[n\]", "mul(alpha_du[n], xi_du[n], g_cx[n]"),
    ),
    Mistake(
        "taps_ungated", "taps of du get α_du, not ε_du",
        ("epsilon_du[n] @ x[n-l].T", "alpha_du[n] @ x[n-l].T"),
        (r"addOuter\(dE_dW_xdu\[l\], epsilon_du\[n\]", "addOuter(dE_dW_xdu[l], alpha_du[n]"),
    ),
    Mistake(
        "outer_turned", "gradient of W_scs is s αᵀ, not α sᵀ",
        ('"W_scs": dE_dW_scs', '"W_scs": dE_dW_scs.T'),
        (r"addOuter\(dE_dW_scs, alpha_cs\[n\], s\[n-1\]\)",
         "addOuter(dE_dW_scs, s[n-1], alpha_cs[n])"),
    ),
    Mistake(
        "sums_from_1", "s[−1] and v[−1] left out in the sums over n",
        ("[n-1].T", "[n-1].T * (n > 0)"),
        (r"addOuter\((\w+, \w+\[n\], [sv]\[n-1\])\)", r"if (n > 0) addOuter(\1)"),
    ),
    Mistake(
        "cr_paired_old", "peephole of cr paired with s[n−1]",
        ("alpha_cr[n] @ s[n].T", "alpha_cr[n] @ s[n-1].T"),
        (r"addOuter\(dE_dW_scr, alpha_cr\[n\], s\[n\]\)",
         "addOuter(dE_dW_scr, alpha_cr[n], s[n-1])"),
    ),
    Mistake(
        "x_forwards", "∂E/∂x runs its window forwards",
        ("epsilon_du[n+l]", "epsilon_du[n-l]"),
        (r"epsilon_du\[n\+l\]", "epsilon_du[n-l]"),
    ),
    Mistake(
        "no_projection", "projection left out on the way back",
        ("W_qdr.T @ chi[n]", "chi[n]"),
    ),
)  # fmt: skip


@cache
def _right() -> tuple[str, dict[str, Any]]:
    """The program in NumPy, with a loss that reads the state, too, and the test vectors."""
    return declared("augmented_lstm").numpy_source(), problem("augmented_lstm")


def computed(mistake: Mistake | None = None) -> dict[str, Any]:
    """What the program computes of the test vectors, in their form."""
    source, case = _right()
    loss, N = case["loss"], case["sizes"]["N"]
    source = mistake.in_numpy(source) if mistake else source
    forward, backward = passes(source, C_v=loss["C_v"][:, None])
    lags = {f"L_{reader}": window for reader, window in case["lags"].items()}
    trace = forward(case["parameters"], **case["inputs"], lags=lags)
    at_v, at_s = loss["C"].copy(), np.zeros((N, len(loss["C_s"])))
    at_v[-1] += loss["C_v"]
    at_s[-1] = loss["C_s"]
    grads = backward(case["parameters"], trace, at_v, at_s)
    E = (at_v * trace["v"]).sum() + (at_s * trace["s"]).sum()
    parts = {"forward": {**trace, "E": E}, "errors": grads, "gradients": grads}
    found = {part: {name: given[name] for name in case[part]} for part, given in parts.items()}
    return {"name": case["name"]} | found


def symptom(mistake: Mistake) -> str:
    """The first quantity that is wrong, and its step; the line that fails, if shapes do not fit."""
    try:
        first = str(compare(computed(mistake)).first)
    except ValueError as error:
        line = traceback.extract_tb(error.__traceback__)[-1].lineno or 0
        name = mistake.in_numpy(_right()[0]).split("\n")[line - 1].split("[n]")[0].strip()
        return f"{name}, its length"
    return re.sub(r"(\[\d+\])(\[\d+\])+$", r"\1", first) if first[:8] != "gradient" else (
        re.sub(r"(\[\d+\])+$", "", first)
    )  # fmt: skip
