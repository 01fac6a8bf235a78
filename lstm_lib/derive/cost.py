"""What a system costs: multiplications and numbers kept per step, counted from its equations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import HadamardProduct, Integer, MatMul, MatrixExpr, ZeroMatrix, sympify

from .reverse import Derived
from .warping import KNOWN, Warping
from .words import Act, Equation, Seq, key_of

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


def training_multiplications(system: Derived) -> Any:
    """Multiplications per step: forward pass, backward pass and the gradients of the parameters.

    Examples
    --------
    >>> from lstm_lib.derive import standard_rnn
    >>> training_multiplications(standard_rnn)
    3*d_s**2 + 2*d_s*d_x + d_s
    """
    return multiplications((*system.forward, *_back(system)))


def kept_per_step(system: Derived) -> dict[str, Any]:
    r"""The forward values that the backward equations need, with the size of each.

    Back-propagation through time keeps them from every step. An argument $s[n]$ of a slope
    $G'(s[n])$ is not needed if the value $r[n]=G(s[n])$ is kept and tells the slope, as it does for
    $\tanh$, $\tanh'=1-\tanh^2$.

    Examples
    --------
    >>> from lstm_lib.derive import canonical_rnn, standard_rnn
    >>> kept_per_step(standard_rnn)
    {'x': d_x, 'r': d_s}
    >>> kept_per_step(canonical_rnn)  # here the gradient of W_s reads s[n-1]
    {'x': d_x, 's': d_s, 'r': d_s}
    """
    back = _back(system)
    values = {e.rhs: e.lhs for e in system.forward}  # G(s[n]): r[n]
    told = {
        slope: values[value]
        for slope in {slope for e in back for slope in e.rhs.atoms(Act)}
        if (value := Act(slope.name, 0, slope.arg)) in values
        and _tells_its_slope(system.functions[slope.name])
    }
    blank = {slope: ZeroMatrix(*slope.shape) for slope in told}
    direct = {z for e in back for z in e.rhs.xreplace(blank).atoms(Seq)}
    told = {slope: r for slope, r in told.items() if not slope.atoms(Seq) <= direct}
    read = {z.name for e in back for z in e.rhs.xreplace(told).atoms(Seq)}
    known = {**system.inputs, **system.sequences}
    return {name: shape[0] for name, shape in known.items() if name in read}


def _back(system: Derived) -> tuple[Equation, ...]:
    """The equations of training: the errors, and the gradients of the parameters."""
    weights = (e for e in system.gradients if key_of(e) in system.parameters)
    return (*system.backward, *weights)


def _tells_its_slope(warping: Warping) -> bool:
    """Whether the value is enough for the slope: as a polynomial, or for relu as a case."""
    return warping.by_value is not None or warping.value == KNOWN["relu"]
