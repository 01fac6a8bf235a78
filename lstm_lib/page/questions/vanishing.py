"""The programs behind the questions on 04_vanishing."""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.page.figures.vanishing.models import WARPING
from lstm_lib.page.javascript import javascript_function

__all__ = ["model"]


@cache
def model() -> str:
    """``bound``, ``latch``, ``gate`` and ``rest``, each a formula of the chapter."""
    z, w, k, lam = sp.symbols("z w k lam", real=True)
    forget, update, show = sp.symbols("forget update show", real=True)
    tanh, logistic = WARPING["tanh"], WARPING["logistic"]
    (x,) = tanh.free_symbols
    at = lambda G, value: G.subs(x, value)  # noqa: E731
    slope = sp.diff(tanh, x)
    weight = z / at(tanh, z)  # the neuron rests at z
    size = sp.sqrt(lam**2 + (w / 2) ** 2) + sp.Abs(w) / 2
    return "\n".join(
        [
            javascript_function(
                "bound", [w, k], {"tanh": w**k, "logistic": (w * at(sp.diff(logistic, x), 0)) ** k}
            ),
            javascript_function(
                "latch", [z, k], {"weight": weight, "left": (weight * at(slope, z)) ** k}
            ),
            javascript_function(
                "gate", [z, k], {"at": at(logistic, z), "left": at(logistic, z) ** k}
            ),
            javascript_function(
                "rest",
                [forget, update, show, lam],
                {"factor": at(logistic, forget) + at(logistic, update) * at(logistic, show) * lam},
            ),
            # of the matrix (lam, w; 0, lam)
            javascript_function("chain", [lam, w], {"norm": size}),
        ]
    )
