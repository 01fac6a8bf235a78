"""The programs behind the questions of 06_vanilla_lstm: a gate, and changed cells."""

from __future__ import annotations

import re
from functools import cache

import sympy as sp

from lstm_lib.derive import vanilla_lstm, vanilla_lstm_no_peepholes
from lstm_lib.page.answers.vanilla_lstm import LATE
from lstm_lib.page.javascript import javascript_constant, javascript_function

__all__ = ["model"]

CELLS = {
    "the cell of this chapter": ("nothing is changed", vanilla_lstm),
    "one without peepholes": ("the three peepholes are left out", vanilla_lstm_no_peepholes),
    "one whose read-out gate looks too late": (
        "the read-out gate looks at s[n−1] in place of s[n]",
        vanilla_lstm.change(LATE),
    ),
    "one whose read-out is not squashed": (
        "the read-out is r[n] = s[n]",
        vanilla_lstm.change("r[n] = s[n]"),
    ),
}
SIGNS = {
    ".T @ ": "^{⊤} ",
    " * ": " ⊙ ",
    "-": "−",
    "dG_d(s[n])": "G_{d}′(s[n])",
    "alpha": "α",
    "psi": "ψ",
    "rho": "ρ",
}


def line(equation: object) -> str:
    """An equation of the engine in plain letters."""
    text = str(equation)
    for old, new in SIGNS.items():
        text = text.replace(old, new)
    return re.sub(r"\b([Wgα])_(\w+)", r"\1_{\2}", text)


def _gate() -> str:
    """``gate``: the error of the state gate's net input, of one unit.

    The line is the engine's; the slope is written by what the forward pass has computed.
    """
    psi, s_old, g_cs = symbols = sp.symbols("psi s_old g_cs", real=True)
    text = str(vanilla_lstm_no_peepholes.backward["alpha_cs"]).split(" = ")[1]
    names = {"psi[n]": "psi", "s[n-1]": "s_old", "dG_c(a_cs[n])": "(g_cs * (1 - g_cs))"}
    for old, new in names.items():
        text = text.replace(old, new)
    found = sp.sympify(text, locals={str(z): z for z in symbols})
    return javascript_function("gate", [psi, s_old, g_cs], {"alpha_cs": found})


@cache
def model() -> str:
    """``gate``, and the cells with their line for ψ."""
    rows = [
        {"name": name, "change": change, "psi": line(cell.backward["psi"])}
        for name, (change, cell) in CELLS.items()
    ]
    return "\n".join([_gate(), javascript_constant("CELLS", rows)])
