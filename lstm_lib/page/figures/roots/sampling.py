r"""What the discretisation explorer computes, printed from the five rules.

The neuron may be a pair that turns, $a\to a+i\omega$: its state is $u+iv$, and the read-out warps
$u$ and $v$ each alone. The two are real numbers in what is printed.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.page.figures.roots.rules import a, b, c, dt, order, phi, rules
from lstm_lib.page.javascript import javascript_constant, javascript_function

__all__ = ["sampling"]

omega, h, u, v = sp.symbols("omega h u v", real=True)
turning = a + sp.I * omega


@cache
def sampling() -> str:
    """Weights, poles and orders of each rule; a step with given weights; the exact solution."""
    return "\n".join([*_rules(), *_step(), *_exact()])


def _parts(name: str, value: sp.Expr) -> dict[str, sp.Expr]:
    return dict(zip((f"{name}_re", f"{name}_im"), value.as_real_imag(), strict=True))


def _rules() -> list[str]:
    """Each rule's weights and its pole with feedback, near rest; the order of both."""
    source, orders = [], {}
    for name, rule in rules().items():
        outputs: dict[str, sp.Expr] = {}
        for key, value in {"pole": rule.pole_at_rest, **rule.weights}.items():
            outputs |= _parts(key, value.subs({a: turning, c: 1, phi: 0}))
        source.append(javascript_function(f"rule_{name}", [a, omega, b, dt], outputs))
        orders[name] = [order(rule.weights["W_s"], a), order(rule.pole_at_rest, a + b)]
    # Forward Euler's pole has to stay inside the unit circle.
    pole = rules()["forward"].weights["W_s"].subs(a, turning)
    (limit,) = sp.solve(sp.cancel(sp.expand(pole * sp.conjugate(pole) - 1) / dt), dt)
    exact = sp.exp(turning * dt)
    return [
        *source,
        javascript_constant("ORDERS", orders),
        javascript_function("forward_limit", [a, omega], {"delta_t": limit}),
        javascript_function("pole_exact", [a, omega, dt], _parts("W_s", exact)),
    ]


def _step() -> list[str]:
    """The new state; where the read-out is the new one, a step of Newton's method towards it."""
    r_u, r_v, u_new, v_new = sp.symbols("r_u r_v u_new v_new", real=True)
    weights = sp.symbols("W_s_re W_s_im W_r_re W_r_im", real=True)
    W_s, W_r = weights[0] + sp.I * weights[1], weights[2] + sp.I * weights[3]
    after = sp.expand(W_s * (u + sp.I * v) + W_r * (r_u + sp.I * r_v)).as_real_imag()
    new = sp.Matrix([u_new, v_new])
    warped = {r_u: sp.tanh(u_new), r_v: sp.tanh(v_new)}
    gap = new - sp.Matrix(after).subs(warped)
    move = gap.jacobian(new).inv() * gap
    return [
        javascript_function(
            "sample_step", [*weights, u, v, r_u, r_v], dict(zip("uv", after, strict=True))
        ),
        javascript_function(
            "newton",
            [*weights, u, v, u_new, v_new],
            {"gap_u": gap[0], "gap_v": gap[1], "move_u": move[0], "move_v": move[1]},
        ),
    ]


def _exact() -> list[str]:
    """The equation itself, by fine steps of the classical Runge-Kutta rule."""
    slopes = [sp.Matrix(sp.symbols(f"k{i}_u k{i}_v", real=True)) for i in range(1, 5)]
    k1, k2, k3, k4 = slopes

    def slope(z: sp.Matrix) -> dict[str, sp.Expr]:
        rates = turning * (z[0] + sp.I * z[1]) + b * (sp.tanh(z[0]) + sp.I * sp.tanh(z[1]))
        return dict(zip("uv", sp.expand(rates).as_real_imag(), strict=True))

    start = sp.Matrix([u, v])
    end = start + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return [
        javascript_function("slope", [a, omega, b, u, v], slope(start)),
        javascript_function(
            "runge_kutta",
            [h, u, v, *(k for both in slopes for k in both)],
            dict(zip("uv", end, strict=True)),
        ),
    ]
