"""The programs behind the questions on 05_rnn_to_lstm."""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.page.javascript import javascript_function

__all__ = ["model"]


@cache
def model() -> str:
    """``gate``, ``shares``, ``least`` and ``written``, each a formula of the chapter."""
    b, k, m, z, N = sp.symbols("b k m z N", real=True)
    one, two = sp.symbols("one two", real=True)
    n = sp.Symbol("n", integer=True, nonnegative=True)
    g = 1 / (1 + sp.exp(-b))
    uniform = sp.integrate(z**2 / 2, (z, -1, 1))  # the variance of a number of the task
    share = sp.Symbol("share", positive=True)
    total = sp.summation(share**n, (n, 0, sp.oo)).args[0][0]  # where it converges
    return "\n".join(
        [
            javascript_function("gate", [b], {"at": g, "steps": total.subs(share, g)}),
            javascript_function("shares", [one, k, two, m], {"left": one**k * two**m}),
            javascript_function("least", [N], {"error": uniform - uniform / N, "guess": uniform}),
            javascript_function("written", [b, z], {"linear": g * z, "bounded": g * sp.tanh(z)}),
        ]
    )
