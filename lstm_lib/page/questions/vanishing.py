"""The programs behind the questions on 04_vanishing."""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.page.figures.vanishing.models import WARPING
from lstm_lib.page.javascript import javascript_function

__all__ = ["model"]


@cache
def model() -> str:
    """``bound``, ``gate`` and ``rest``, each a formula of the chapter."""
    z, w, k, lam = sp.symbols("z w k lam", real=True)
    forget, update, show = sp.symbols("forget update show", real=True)
    tanh, logistic = WARPING["tanh"], WARPING["logistic"]
    (x,) = tanh.free_symbols
    at = lambda G, value: G.subs(x, value)  # noqa: E731
    return "\n".join(
        [
            javascript_function(
                "bound", [w, k], {"tanh": w**k, "logistic": (w * at(sp.diff(logistic, x), 0)) ** k}
            ),
            javascript_function("gate", [z], {"at": at(logistic, z)}),
            javascript_function(
                "rest",
                [forget, update, show, lam],
                {"factor": at(logistic, forget) + at(logistic, update) * at(logistic, show) * lam},
            ),
        ]
    )
