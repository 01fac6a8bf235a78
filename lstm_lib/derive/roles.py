"""What a parameter does in the forward equations, as far as its initial value depends on it."""

from __future__ import annotations

from typing import Any

from sympy import HadamardProduct, MatMul, MatrixSymbol, preorder_traversal

from .declare import Declaration
from .words import Seq, Tap, n

__all__ = ["factors", "feedback"]


def feedback(system: Declaration) -> set[str]:
    """The matrices that multiply what an earlier step has computed."""
    return {
        name
        for z in nodes(system, MatMul)
        if isinstance(z.args[0], (MatrixSymbol, Tap))
        and any(s.index != n and s.name in system.sequences for s in z.args[1].atoms(Seq))
        for name in leaves(z.args[0])
    }


def factors(system: Declaration) -> set[str]:
    """The vectors that multiply component by component: kappa in ``(1 - kappa) * s[n-1]``."""
    return {
        name
        for z in nodes(system, HadamardProduct)
        for factor in z.args
        if not factor.atoms(Seq)
        for name in leaves(factor)
    }


def nodes(system: Declaration, kind: type) -> list[Any]:
    """The nodes of one kind in all equations."""
    return [z for e in system.forward for z in preorder_traversal(e.rhs) if isinstance(z, kind)]


def leaves(z: Any) -> set[str]:
    """The parameters in an expression."""
    return {leaf.name for leaf in preorder_traversal(z) if isinstance(leaf, MatrixSymbol)}
