r"""The equations behind the live figures, each written once, in SymPy.

Every function here returns JavaScript source. The formulas are solved or composed by SymPy from
the differential equation and the sampling rule; none is typed in its final form.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.derive import canonical_rnn, standard_rnn
from lstm_lib.page.figures.roots.rules import (
    a,
    b,
    c,
    dt,
    phi,
    r_prev,
    rate,
    rules,
    s,
    s_prev,
    x,
)
from lstm_lib.page.javascript import javascript_function

__all__ = ["delay", "impulse", "poles"]

h = sp.Symbol("h", real=True)


@cache
def poles() -> str:
    """Linear decay to 1 with a complex rate, ds/dt = lambda (s - 1), exact and by both rules."""
    re, im, t, u_prev, v_prev = sp.symbols("re im t u_prev v_prev", real=True)
    rate, old = re + sp.I * im, u_prev + sp.I * v_prev

    def parts(expr: sp.Expr) -> dict[str, sp.Expr]:
        real, imaginary = sp.sympify(expr).as_real_imag()
        return {"re": sp.simplify(real), "im": sp.simplify(imaginary)}

    z = sp.Symbol("z")  # s[n], to be solved for
    (backward,) = sp.solve(sp.Eq(z - old, dt * rate * (z - 1)), z)
    forward = old + dt * rate * (old - 1)
    # The pole is what multiplies the old state.
    pole = {
        rule: sp.diff(step, u_prev) for rule, step in [("backward", backward), ("forward", forward)]
    }
    exact_pole = sp.exp(rate * dt)
    exact = 1 - sp.exp(rate * t)  # from s(0) = 0
    assert sp.simplify(sp.diff(exact, t) - rate * (exact - 1)) == 0
    return "\n".join(
        [
            javascript_function("pole_backward", [re, im, dt], parts(pole["backward"])),
            javascript_function("pole_forward", [re, im, dt], parts(pole["forward"])),
            javascript_function("pole_exact", [re, im, dt], parts(exact_pole)),
            javascript_function("step_backward", [re, im, dt, u_prev, v_prev], parts(backward)),
            javascript_function("step_forward", [re, im, dt, u_prev, v_prev], parts(forward)),
            javascript_function("state_exact", [re, im, t], parts(exact)),
        ]
    )


@cache
def delay() -> str:
    """One neuron with delayed feedback: a Runge-Kutta step, an interpolant and the RNN's step."""
    old, middle, new = sp.symbols("s_old s_middle s_new", real=True)  # delayed states
    x_old, x_middle, x_new = sp.symbols("x_old x_middle x_new", real=True)
    k1 = rate(s, sp.tanh(old), x_old)
    k2 = rate(s + h / 2 * k1, sp.tanh(middle), x_middle)
    k3 = rate(s + h / 2 * k2, sp.tanh(middle), x_middle)
    k4 = rate(s + h * k3, sp.tanh(new), x_new)
    after = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    coefficients = [a, b, c, phi]
    runge_kutta = javascript_function(
        "runge_kutta_step",
        [*coefficients, h, s, old, middle, new, x_old, x_middle, x_new],
        {"s": after, "slope_start": k1, "slope_end": rate(after, sp.tanh(new), x_new)},
    )
    # The cubic with given values and slopes at both ends of a step.
    theta, s0, s1, f0, f1 = sp.symbols("theta s0 s1 f0 f1", real=True)
    p = sp.symbols("p:4")
    cubic = sum(p_i * theta**i for i, p_i in enumerate(p))
    slope = sp.diff(cubic, theta)
    ends = [
        cubic.subs(theta, 0) - s0,
        cubic.subs(theta, 1) - s1,
        slope.subs(theta, 0) - h * f0,
        slope.subs(theta, 1) - h * f1,
    ]
    interpolant = sp.horner(cubic.subs(sp.solve(ends, p)), theta)
    hermite = javascript_function("hermite", [theta, h, s0, s1, f0, f1], {"s": interpolant})
    rnn = javascript_function(
        "rnn_step",
        [*coefficients, dt, s_prev, r_prev, x],
        {"s": sp.together(rules()["mixed"].step)},
    )
    warp = javascript_function("warp", [s], {"r": sp.tanh(s)})
    return "\n".join([runge_kutta, hermite, rnn, warp])


@cache
def impulse() -> str:
    """The canonical RNN's weights, read off the backward Euler step, and both RNNs' programs."""
    source = javascript_function("rnn_weights", [a, b, c, dt], rules()["mixed"].weights)
    return "\n".join([source, canonical_rnn.javascript_source(), standard_rnn.javascript_source()])
