"""Matrix expressions written out as polynomials, one scalar component at a time, for the proof.

Every component of a sequence or a parameter is a symbol of its own, every warping function an
opaque function of SymPy. Neither the derivation nor the programs know this module.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sympy import (
    Add,
    Dummy,
    Function,
    HadamardProduct,
    Integer,
    MatAdd,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    OneMatrix,
    Rational,
    Symbol,
    Transpose,
    ZeroMatrix,
)

from .declare import Declaration
from .frame import Frame, affine
from .words import Act, Cut, Pool, Seq, Tap, TimeSum, WindowSum, n


class Components:
    """The components of a system's expressions, with all sizes of a frame."""

    def __init__(self, system: Declaration, frame: Frame) -> None:
        self.frame = frame
        self.initial = {  # where a state has a value outside the sequence
            (name, -k if system.direction[name] > 0 else frame.steps - 1 + k)
            for name, depth in system.depth.items()
            for k in range(1, depth + 1)
        }
        self.frozen: dict[Any, Any] = {}  # symbol of a cut expression -> its value
        self.functions: dict[tuple[str, int], Any] = {}
        # What was computed once is kept, here, so that it can be thrown away whole.
        self.value, self.weight = cache(self._value), cache(self._weight)

    def _value(self, name: str, step: int, i: int) -> Any:
        """The symbol of one component of a sequence; zero where there is none."""
        if 0 <= step < self.frame.steps or (name, step) in self.initial:
            return Symbol(f"{name}[{step}]_{i}")
        return Integer(0)

    def _weight(self, name: str, i: int, j: int, lag: int | None) -> Any:
        """The symbol of one component of a parameter."""
        return Symbol(f"{name}_{i}{j}" if lag is None else f"{name}[{lag}]_{i}{j}")

    def act(self, name: str, order: int, value: Any) -> Any:
        """An opaque function, whose derivative is another opaque function."""
        if (name, order) not in self.functions:

            def fdiff(function: Any, argindex: int = 1) -> Any:
                return self.act(name, order + 1, function.args[0])

            made = type(Function)("d" * order + name, (Function,), {"fdiff": fdiff})
            self.functions[name, order] = made
        return self.functions[name, order](value)

    def cut(self, value: Any) -> Any:
        """A constant in place of a value through which no error flows."""
        symbol = Dummy("cut")
        self.frozen[symbol] = value.xreplace(self.frozen)  # one cut may stand inside another
        return symbol

    def entry(self, z: Any, i: int, j: int, at: dict[Any, int]) -> Any:
        """Component (i, j) of an expression, at given values of n, N and running lags."""
        part = self.entry
        match z:
            case Seq():
                constant, linear = affine(z.index)
                return self.value(z.name, constant + sum(c * at[s] for s, c in linear), i)
            case MatrixSymbol():
                return self.weight(z.name, i, j, None)
            case Tap():
                return self.weight(z.args[0].name, i, j, at[z.args[1]])
            case MatAdd():
                return Add(*(part(term, i, j, at) for term in z.args))
            case HadamardProduct():
                return Mul(*(part(factor, i, j, at) for factor in z.args))
            case MatMul(args=(a, b)) if isinstance(a, MatrixExpr):
                inner = range(self.frame.columns(a))
                return Add(*(part(a, i, k, at) * part(b, k, j, at) for k in inner))
            case MatMul(args=(number, rest)):
                return number * part(rest, i, j, at)
            case Transpose():
                return part(z.args[0], j, i, at)
            case Act():
                return self.act(z.name, z.order, part(z.arg, i, j, at))
            case Pool():
                count = self.frame.rows(z)
                total = Add(*(part(z.arg, k, j, at) for k in range(count)))
                return total if z.kind == "total" else Rational(1, count) * total
            case Cut():
                return self.cut(part(z.args[0], i, j, at))
            case WindowSum():
                lags = self.frame.lags[z.lags]
                return Add(*(part(z.args[0], i, j, at | {z.lag: k}) for k in lags))
            case TimeSum():
                steps = range(self.frame.steps)
                return Add(*(part(z.args[0], i, j, at | {n: k}) for k in steps))
            case OneMatrix():
                return Integer(1)
            case ZeroMatrix():
                return Integer(0)
        raise TypeError(f"no components for {type(z).__name__}")
