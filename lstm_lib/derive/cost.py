"""What a system costs: multiplications and numbers kept per step, counted from its equations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sympy import HadamardProduct, Integer, MatMul, MatrixExpr, sympify

from .nodes import Equation, Seq, key_of

if TYPE_CHECKING:
    from .system import System

__all__ = ["kept_per_step", "multiplications", "training_multiplications"]


def multiplications(expression: Any) -> Any:
    r"""Multiplications of two numbers that computing an expression once takes.

    A product of an $a\times b$ and a $b\times c$ matrix takes $abc$, an element-wise product of
    $k$ factors $k-1$ per component. Additions, warping functions and numbers in front are not
    counted. Chains of matrices are multiplied from the right, as in $W^\top(V^\top z)$.

    Parameters
    ----------
    expression
        A matrix expression, an equation (its right side counts), or several of them. A sum over
        time counts for one step, a window for one lag.

    Returns
    -------
    sympy.Expr
        A polynomial in the sizes, such as ``d_s**2 + d_s*d_x``.

    Examples
    --------
    >>> from lstm_lib.derive import standard_rnn
    >>> multiplications(standard_rnn.forward)
    d_s**2 + d_s*d_x
    """
    if isinstance(expression, Equation):
        return multiplications(expression.rhs)
    if isinstance(expression, Iterable) and not isinstance(expression, MatrixExpr):
        return sympify(sum((multiplications(z) for z in expression), Integer(0))).expand()
    z = sympify(expression)
    total: Any = sum((multiplications(part) for part in z.args), Integer(0))
    if isinstance(z, MatMul):
        *before, last = (part for part in z.args if isinstance(part, MatrixExpr))
        for part in before:
            total += part.shape[0] * part.shape[1] * last.shape[1]
    elif isinstance(z, HadamardProduct):
        total += (len(z.args) - 1) * z.shape[0] * z.shape[1]
    return total.expand()


def training_multiplications(system: System) -> Any:
    """Multiplications per step: forward pass, backward pass and the gradients of the parameters.

    Examples
    --------
    >>> from lstm_lib.derive import standard_rnn
    >>> training_multiplications(standard_rnn)
    3*d_s**2 + 2*d_s*d_x + d_s
    """
    weights = [e for e in system.gradients if key_of(e) in system.parameters]
    return multiplications((*system.forward, *system.backward, *weights))


def kept_per_step(system: System) -> dict[str, Any]:
    """The forward values that the backward equations read, with the size of each.

    Back-propagation through time keeps them from every step.

    Examples
    --------
    >>> from lstm_lib.derive import standard_rnn
    >>> kept_per_step(standard_rnn)
    {'x': d_x, 's': d_s, 'r': d_s}
    """
    weights = [e for e in system.gradients if key_of(e) in system.parameters]
    read = {z.name for e in (*system.backward, *weights) for z in e.rhs.atoms(Seq)}
    known = {**system.inputs, **system.sequences}
    return {name: shape[0] for name, shape in known.items() if name in read}
