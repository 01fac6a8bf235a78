"""The programs behind the questions of 06_vanilla_lstm: one unit, its clock, and changed cells."""

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


def _unit() -> str:
    """``unit``: the errors of the state and of the state gate of one unit without peepholes.

    The lines are the engine's; slopes are written by what the forward pass has computed.
    """
    lines = {e.name: str(e).split(" = ")[1] for e in vanilla_lstm_no_peepholes.backward}
    names = {
        "rho[n]": f"({lines['rho']})",
        "dG_d(s[n])": "(1 - r**2)",
        "dG_c(a_cs[n])": "(g_cs * (1 - g_cs))",
        "psi[n+1]": "psi_next",
        "g_cs[n+1]": "g_next",
        "s[n-1]": "s_old",
        "[n]": "",
    }
    symbols = sp.symbols("chi g_cr r psi_next g_next psi s_old g_cs", real=True)
    found = {}
    for name in ("psi", "alpha_cs"):
        text = lines[name]
        for old, new in names.items():
            text = text.replace(old, new)
        found[name] = sp.sympify(text, locals={str(z): z for z in symbols})
    return javascript_function("unit", list(symbols), found)


@cache
def model() -> str:
    """``unit``, ``clock`` (the half-life of a bias), and the cells with their line for ψ."""
    b = sp.Symbol("b", real=True)
    rows = [
        {"name": name, "change": change, "psi": line(cell.backward["psi"])}
        for name, (change, cell) in CELLS.items()
    ]
    half_life = sp.log(2) / sp.log(1 + sp.exp(-b))
    return "\n".join(
        [
            _unit(),
            javascript_function("clock", [b], {"half": half_life}),
            javascript_constant("CELLS", rows),
        ]
    )
