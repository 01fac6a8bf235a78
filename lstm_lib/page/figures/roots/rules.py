r"""Five ways to take one step of the additive model, derived from its one equation.

One neuron, one term of each kind, no delay: $\dot s=a\,s+b\,r+c\,x+\phi$. Every rule replaces the
derivative by a slope over one step and says where it reads the right side; SymPy solves for the
new state. The input $x$ is constant during a step.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import sympy as sp

__all__ = [
    "Rule",
    "a",
    "b",
    "c",
    "dt",
    "order",
    "phi",
    "r_prev",
    "rate",
    "rules",
    "s",
    "s_prev",
    "x",
]

a, b, c, phi, dt = sp.symbols("a b c phi delta_t", real=True)
s, s_prev, r_prev, r_new, x = sp.symbols("s s_prev r_prev r_new x", real=True)


def rate(state: sp.Expr, read_out: sp.Expr, signal: sp.Expr) -> sp.Expr:
    """The additive model with one term each, for one neuron: ds/dt."""
    return a * state + b * read_out + c * signal + phi


class Rule(NamedTuple):
    """One step of a rule, solved for the new state; ``r`` is the read-out that it takes."""

    step: sp.Expr
    r: sp.Symbol

    @property
    def weights(self) -> dict[str, sp.Expr]:
        """What multiplies the old state, the read-out and the input."""
        places = {"W_s": s_prev, "W_r": self.r, "W_x": x}
        return {name: sp.factor(sp.diff(self.step, place)) for name, place in places.items()}

    @property
    def pole_at_rest(self) -> sp.Expr:
        """What a step makes of a small state, where the read-out is the state itself."""
        small = self.step.subs({x: 0, phi: 0, r_prev: s_prev, r_new: s})
        (solution,) = sp.solve(sp.Eq(s, small), s)
        return sp.diff(solution, s_prev)


def _hold() -> sp.Expr:
    """The state after one step of the equation itself, read-out and input held."""
    t, path = sp.symbols("t", real=True), sp.Function("s")
    held = sp.Eq(path(t).diff(t), rate(path(t), r_prev, x))
    return sp.dsolve(held, path(t), ics={path(0): s_prev}).rhs.subs(t, dt)


@cache
def rules() -> dict[str, Rule]:
    """Five ways to take one step of ds/dt = rate; x is the input during the step."""

    def solved(slope: sp.Expr) -> sp.Expr:
        (solution,) = sp.solve(sp.Eq(s - s_prev, dt * slope), s)
        return sp.expand(solution)

    old, new = rate(s_prev, r_prev, x), rate(s, r_prev, x)
    return {
        "forward": Rule(solved(old), r_prev),
        "backward": Rule(solved(rate(s, r_new, x)), r_new),
        "mixed": Rule(solved(new), r_prev),
        "hold": Rule(sp.expand(_hold()), r_prev),
        "bilinear": Rule(solved((old + new) / 2), r_prev),
    }


def order(pole: sp.Expr, growth: sp.Expr) -> int | None:
    """The order of a rule on ds/dt = growth s: how its pole begins to differ from the exact one."""
    terms = sp.series(pole - sp.exp(growth * dt), dt, 0, 5).removeO().expand()
    powers = [k for k in range(5) if sp.simplify(terms.coeff(dt, k)) != 0]
    return powers[0] - 1 if powers else None  # exact, as far as the series goes
