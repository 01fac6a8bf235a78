r"""The equations behind the live figures on the Augmented LSTM, each written once."""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.derive import System, augmented_lstm_variant
from lstm_lib.page.javascript import javascript_constant, javascript_function

__all__ = ["distractor", "look_ahead", "projection", "window"]


@cache
def window() -> str:
    """The window as a program, its taps by shape, and the terms of its frequency response."""
    fir = System(
        "Context window",
        "xi[n] = sum(W_x[l] @ x[n-l] for l in L)",
        inputs="x: d_x",
        sequences="xi: d_s",
        parameters="W_x: d_s, d_x",
        outputs="xi",
    )
    lag, first, count, omega, kappa = sp.symbols("lag first count omega kappa", real=True)
    middle, last = first + (count - 1) / 2, first + count - 1
    one = sp.Integer(1)
    shapes = {
        "average": 1 / count,
        "gaussian": sp.exp(-((lag - middle) ** 2) / (2 * (count / 4) ** 2)),
        "difference": sp.Piecewise((one, sp.Eq(lag, first)), (0, True))
        - sp.Piecewise((one, sp.Eq(lag, last)), (0, True)),
    }
    turn = sp.exp(-sp.I * omega * lag)  # a wave e^{i omega n} is multiplied by this at lag l
    re, im = turn.as_real_imag()
    source = [
        fir.javascript_source("context_window"),
        javascript_function("shape_of_tap", [lag, first, count], shapes),
        javascript_function("turned", [lag, omega], {"re": re, "im": im}),
        javascript_function("correlation", [lag, kappa], {"c": kappa ** sp.Abs(lag)}),
    ]
    return "\n".join(source)


def filtered() -> tuple[sp.Symbol, sp.Symbol, sp.Expr]:
    r"""The least error $P$ of an estimate from all of the past: $\kappa$, $\nu$, $P$.

    One step ahead the error is $\kappa^2P+1-\kappa^2$; the measurement, with the error $\nu^2$,
    adds its precision, and brings it back to $P$. That is a quadratic equation for $P$.
    """
    kappa, nu, P = sp.symbols("kappa nu P", positive=True)
    predicted = kappa**2 * P + 1 - kappa**2
    again = sp.together(1 / (1 / predicted + 1 / nu**2) - P)
    a, b, c = sp.Poly(sp.numer(again), P).all_coeffs()
    # Written with the root below the line, it holds for kappa = 0, too; one of the two is positive.
    roots = [-2 * c / (b + sign * sp.sqrt(b**2 - 4 * a * c)) for sign in (1, -1)]
    return kappa, nu, next(root for root in roots if root.subs({kappa: 0.5, nu: 1.0}) > 0)


@cache
def look_ahead() -> str:
    r"""The least error from the past, what a step of the future adds to its precision, and TRAINED.

    A measurement one step later has the precision $Y=J+1/\nu^2$ about $c[n+1]$, together with all
    behind it; about $c[n]$ it is worth $\kappa^2/(1-\kappa^2+1/Y)$.
    """
    from lstm_lib.page.experiments.augmented_lstm import LOOKS, SIGNALS
    from lstm_lib.tasks.noisy_signal import NoisySignal

    kappa, nu, least = filtered()
    J = sp.Symbol("J", nonnegative=True)
    later = J + 1 / nu**2
    worth = kappa**2 * later / (1 + (1 - kappa**2) * later)
    result, task = LOOKS.result(), SIGNALS["noisy signal"]
    assert isinstance(task, NoisySignal)
    trained = [
        {**setting, "error": [round(float(z), 5) for z in result.values("error", **setting)]}
        for setting in result.settings
    ]
    return "\n".join(
        [
            javascript_function("filtered", [kappa, nu], {"P": least}),
            javascript_function("ahead_step", [J, kappa, nu], {"J": worth}),
            javascript_constant("TRAINED", trained),
            javascript_constant("MEMORY", task.memory),
            javascript_constant("NOISE", task.noise),
        ]
    )


@cache
def distractor() -> str:
    """The cell with and without the external gate."""
    gated = augmented_lstm_variant(False, True, False, None)
    plain = augmented_lstm_variant(False, False, False, None)
    return gated.javascript_source("gated") + "\n" + plain.javascript_source("plain")


@cache
def projection() -> str:
    """How many numbers each group of parameters has, added up from the declared shapes."""
    outputs = {}
    d_x, d_s, d_v = sp.symbols("d_x d_s d_v")
    for name, kind in (("none", None), ("diagonal", "diagonal"), ("full", "full")):
        for projected in (True, False):
            system = augmented_lstm_variant(True, True, projected, kind)
            sizes = [sp.Mul(*shape) for shape in system.parameters.values()]
            by_name = {"d_x": d_x, "d_s": d_s, "d_v": d_v}
            total = sp.Add(*sizes)
            total = total.subs({k: by_name[str(k)] for k in total.free_symbols})
            outputs[f"{name}_{'with' if projected else 'without'}"] = total
    return javascript_function("parameters", [d_x, d_s, d_v], outputs)
