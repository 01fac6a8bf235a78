"""The programs behind the questions of 01_roots: the five rules, and the delay that swings."""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.page.figures.roots.rules import a, b
from lstm_lib.page.figures.roots.sampling import sampling
from lstm_lib.page.javascript import javascript_function

__all__ = ["model"]


@cache
def model() -> str:
    """``rule_*`` and others of the explorer, and ``border``: where a neuron begins to swing."""
    tau, omega = sp.symbols("tau omega", positive=True)
    # i omega = a + b exp(-i omega tau), its size and its real part
    (frequency,) = sp.solve(sp.Eq(omega**2 + a**2, b**2), omega)
    late = sp.acos(sp.solve(a + b * sp.Symbol("cos"), sp.Symbol("cos"))[0])
    (delay,) = sp.solve(sp.Eq(omega * tau, late), tau)
    outputs = {"omega": frequency, "tau": delay.subs(omega, frequency)}
    return "\n".join([sampling(), javascript_function("border", [a, b], outputs)])
