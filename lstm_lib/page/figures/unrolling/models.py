r"""The equations behind the live figures, each written once.

The network's program comes from the engine; bounds and signal are printed from SymPy.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.derive import canonical_rnn
from lstm_lib.page.javascript import javascript_function

__all__ = ["forgetting", "rates", "segments"]

n, scale = sp.symbols("n scale", real=True)
W_s, W_r = sp.symbols("W_s W_r", real=True)


@cache
def rates() -> str:
    """The contraction bound of one neuron, and the tight one: the ends of its Jacobian's range."""
    z, J_bar = sp.Symbol("z", real=True), sp.Symbol("J_bar", positive=True)
    steepest = sp.maximum(sp.diff(sp.tanh(z), z), z, sp.S.Reals)
    slopes = (0, steepest)  # of the warping, at most and at least
    both = {
        "bound": sp.Abs(W_s) + sp.Abs(W_r) * steepest,
        "tight": sp.Max(*[sp.Abs(W_s + W_r * slope) for slope in slopes]),
    }
    k = sp.Symbol("k", integer=True)
    K, K_0 = sp.symbols("K K_0", integer=True, positive=True)
    total = sp.summation(J_bar ** (K_0 + k), (k, 1, K))
    return "\n".join(
        [
            javascript_function("contraction", [W_s, W_r], both),
            javascript_function("segment_error", [J_bar, K, K_0], {"mean": total / K}),
        ]
    )


def _signal() -> str:
    """Two waves whose periods do not fit each other: never the same twice."""
    x = scale * (sp.sin(n / 2) + sp.sin(sp.sqrt(5) * n + 1)) / 2
    return javascript_function("signal", [n, scale], {"x": x})


@cache
def forgetting() -> str:
    """The network, its signal and the bounds."""
    return "\n".join([rates(), _signal(), canonical_rnn.javascript_source()])


@cache
def segments() -> str:
    """The same, and what the squared error says about a read-out."""
    r, t = sp.symbols("r t", real=True)
    error = {"error": sp.diff((r - t) ** 2 / 2, r)}
    return "\n".join([forgetting(), javascript_function("squared_loss", [r, t], error)])
