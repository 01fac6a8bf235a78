"""A derived equation that somebody typed, read so that it can be proven or refuted.

The text is what derived equations print: ``psi[n] = rho[n] * dG_d(s[n]) + W_scr.T @ alpha_cr[n]``,
``dE_db_cr = sum(alpha_cr[n] for n in range(N))``, ``dE_ds[-1] = psi[0] * g_cs[0]``.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from sympy import Rational

from .nodes import Act, Equation, N, Seq, Tap, TimeSum, key_of, n, product, transpose
from .parse import Parser, show

if TYPE_CHECKING:
    from .system import System


class Claim(Parser):
    """Reads also transposes, derivatives of warping functions, errors and sums over time."""

    running = tuple(f"l{k or ''}" for k in range(10))

    def read(self, tree: ast.AST) -> Any:
        match tree:
            case ast.Attribute(value=z, attr="T"):
                return transpose(self.read(z))
            case ast.Call(
                func=ast.Name(id="sum"),
                args=[ast.GeneratorExp(elt=body, generators=[ast.comprehension(target=t)])],
            ) if ast.unparse(t) == "n":
                return TimeSum(self.read(body))
            case ast.Call(func=ast.Name(id=name), args=[z]) if name[:1] == "d":
                if name[1:] in self.warping:
                    return Act(name[1:], 1, self.vector(self.read(z)))
        return super().read(tree)

    def matmul(self, a: Any, b: Any) -> Any:
        if isinstance(a, Rational) or isinstance(b, Rational) or a.shape[1] != b.shape[0]:
            shapes = " and ".join(str(z) if isinstance(z, Rational) else show(z) for z in (a, b))
            raise self.error(f"cannot multiply {a} and {b} of shapes {shapes}")
        return product(a, b)

    def index(self, tree: ast.AST) -> Any:
        return N if isinstance(tree, ast.Name) and tree.id == "N" else super().index(tree)

    def indexed(self, name: str, index: Any) -> Any:
        if name in self.sequences and not index.has(n):
            return Seq(name, index, self.sequences[name][0])
        return super().indexed(name, index)


def claim(system: System, text: str) -> Equation:
    """The equation that a text claims, with the left side of the derived one.

    Raises:
        DeclarationError: if the text cannot be read or its shapes do not fit.
        KeyError: if the system has no derived equation with this left side.
    """
    left, _, right = text.partition("=")
    derived = {str(e.lhs): e for e in (*system.backward, *system.gradients)}
    if left.replace(" ", "") not in derived:
        raise KeyError(f"no derived equation for {left!r}; there are {', '.join(derived)}")
    known = derived[left.replace(" ", "")]
    errors = {e.name: (e.lhs.shape[0],) for e in system.backward}
    losses = {f"dL_d{name}": system.sequences[name] for name in system.outputs}
    parser = Claim(
        {**system.inputs, **system.sequences, **errors, **losses},
        {**system.parameters, **system.constants},
        system.warping,
    )
    lags = {"l": system.taps[key_of(known)]} if isinstance(known.lhs, Tap) else {}
    return Equation(known.lhs, parser.side(right, text, known.lhs, **lags))
