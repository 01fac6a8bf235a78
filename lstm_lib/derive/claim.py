"""A derived equation that somebody typed, read so that it can be proven or refuted.

The text is what derived equations print: ``psi[n] = rho[n] * dG_d(s[n]) + W_scr.T @ alpha_cr[n]``,
``dE_db_cr = sum(alpha_cr[n] for n in range(N))``, ``dE_ds[-1] = psi[0] * g_cs[0]``.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any

from sympy import Integer, Rational

from .declare import starts
from .parse import DeclarationError, Parser, show
from .reverse import Derived
from .words import Act, Equation, N, Seq, Tap, TimeSum, WindowSum, key_of, n, product, transpose


class Claim(Parser):
    """Reads also transposes, derivatives of warping functions, errors and sums over time."""

    running = tuple(f"l{k or ''}" for k in range(10))
    at: Any = Integer(0)  # the step of the left side; a parameter has none
    initial: Collection[str] = ()  # the initial values, if the left side is one of them
    direction: dict[str, int]  # of every state
    summed = False  # whether a sum over time is being read

    def read(self, tree: ast.AST) -> Any:
        match tree:
            case ast.Attribute(value=z, attr="T"):
                return transpose(self.array(z))
            case ast.Call(func=ast.Name(id="sum"), args=[ast.GeneratorExp() as total]) if (
                ast.unparse(total.generators[0].target) == "n"
            ):
                return self.time_sum(total)
            case ast.Call(func=ast.Name(id=name), args=[z]) if name[:1] == "d":
                if name[1:] in self.warping:
                    return Act(name[1:], 1, self.vector(self.read(z)))
        return super().read(tree)

    def array(self, tree: ast.AST) -> Any:
        z = self.read(tree)
        if isinstance(z, Rational):
            raise self.error(f"expected a vector or matrix, not {z}")
        return z

    def time_sum(self, tree: ast.GeneratorExp) -> TimeSum:
        """A sum over all steps, which is the only place of n in an equation without a step."""
        runs = [ast.unparse(g).strip() for g in tree.generators]
        if runs != ["for n in range(N)"] or self.summed:
            raise self.error("a sum over time reads 'sum(... for n in range(N))'")
        self.summed = True
        body = self.array(tree.elt)
        self.summed = False
        return TimeSum(body)

    def matmul(self, a: Any, b: Any) -> Any:
        if isinstance(a, Rational) or isinstance(b, Rational) or a.shape[1] != b.shape[0]:
            shapes = " and ".join(str(z) if isinstance(z, Rational) else show(z) for z in (a, b))
            raise self.error(f"cannot multiply {a} and {b} of shapes {shapes}")
        return product(a, b)

    def index(self, tree: ast.AST) -> Any:
        return N if isinstance(tree, ast.Name) and tree.id == "N" else super().index(tree)

    def indexed(self, name: str, index: Any) -> Any:
        if name not in self.sequences:
            return super().indexed(name, index)
        z = Seq(name, index, self.sequences[name][0])
        if index.has(n):
            if (self.summed or self.at.has(n)) and not index.has(N):
                return super().indexed(name, index)
            raise self.error(f"{z}: no such step here; n runs in 'sum(... for n in range(N))'")
        if self.summed or not self.initial or (index - self.at).has(N):
            raise self.error(f"{z}: only the equation of an initial value reads a fixed step")
        super().indexed(name, n + index - self.at)  # lags as in any other equation
        way = self.direction.get(name, 0)  # an input or an error is zero outside
        before = (index if way > 0 else N - 1 - index).is_negative
        if way and before and str(z) not in self.initial:
            raise self.error(f"{z} lies before the initial values")
        return z


def claim(system: Derived, text: str) -> Equation:
    """The equation that a text claims, with the left side of the derived one.

    Raises:
        DeclarationError: if the text cannot be read, its shapes do not fit, or the system has no
            derived equation with this left side.
    """
    left, _, right = text.partition("=")
    derived = {str(e.lhs): e for e in (*system.backward, *system.gradients)}
    if left.replace(" ", "") not in derived:
        raise DeclarationError(
            f"no derived equation for {left.strip()!r}; there are {', '.join(derived)}"
        )
    known = derived[left.replace(" ", "")]
    errors = {e.name: (e.lhs.shape[0],) for e in system.backward}
    losses = {f"dL_d{name}": system.sequences[name] for name in system.outputs}
    parser = Claim(
        {**system.inputs, **system.sequences, **errors, **losses},
        {**system.parameters, **system.constants},
        system.functions,
    )
    parser.direction = system.direction
    parser.taps = {name: system.taps.get(name, "") for name in parser.matrices}
    if isinstance(known.lhs, Seq):
        parser.at = known.lhs.index
        if not parser.at.has(n):
            parser.initial = {f"{name}[{index}]" for name, index, _ in starts(system)}
    lags = {"l": system.taps[key_of(known)]} if isinstance(known.lhs, Tap) else {}
    rhs = parser.side(right, text, known.lhs, **lags)
    for window in rhs.atoms(WindowSum):
        if window.lags not in system.lag_sets:
            raise parser.error(f"there is no set of lags {window.lags}")
    return Equation(known.lhs, rhs)
