"""The words of an equation: SymPy matrix nodes that keep the order in which they were written.

Sums, products and transposes are SymPy's own ``MatAdd``, ``MatMul``, ``HadamardProduct`` and
``Transpose``, with the page's printing, and always built bare: SymPy's operators sort their terms,
the functions here do not. Added to them: an indexed vector sequence, a warping function and its
derivative, the mean of a vector, the tap of a window, sums over a window and over time, the marker
that stops an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from sympy import (
    Basic,
    Equality,
    HadamardProduct,
    Integer,
    MatAdd,
    MatMul,
    MatrixExpr,
    OneMatrix,
    Symbol,
    Transpose,
    ZeroMatrix,
    preorder_traversal,
    sympify,
)
from sympy.core.relational import Relational
from sympy.core.symbol import Str

from .latex import Latex, aligned
from .writer import Writer

__all__ = ["Equation", "Equations"]

n = Symbol("n", integer=True)  # the running step
N = Symbol("N", integer=True)  # the number of steps
l = Symbol("l", integer=True)  # the running lag of a window


class _Printed:
    """Prints itself as on the page, whichever printer of SymPy asks."""

    def _sympystr(self, printer: Any) -> str:
        return Writer().at(self)

    def _latex(self, printer: Any, **settings: Any) -> str:
        return Latex().at(self)


class Sum(_Printed, MatAdd):
    """A sum in written order."""


class Product(_Printed, MatMul):
    """A matrix product, or a number times an expression."""


class Elementwise(_Printed, HadamardProduct):
    """An element-wise product in written order."""


class Transposed(_Printed, Transpose):
    """The transpose."""


class _Node(_Printed, MatrixExpr):
    """A matrix expression that has the shape of its first matrix argument."""

    word: str  # the method of a writer that spells it

    def __new__(cls, *args: Any) -> Any:
        return Basic.__new__(cls, *(Str(a) if isinstance(a, str) else sympify(a) for a in args))

    @property
    def shape(self) -> tuple[Any, Any]:
        return next(a for a in self.args if isinstance(a, MatrixExpr)).shape


def _argument(k: int) -> Any:
    """The k-th argument of a node, a name as a string."""
    return property(lambda z: z.args[k].name if isinstance(z.args[k], Str) else z.args[k])


class Seq(_Node):
    """The vector ``name[index]`` of a sequence: ``Seq("s", n - 1, d_s)`` is s[n-1]."""

    word, name, index = "seq", _argument(0), _argument(1)

    @property
    def shape(self) -> tuple[Any, Any]:
        return self.args[2], Integer(1)


class Act(_Node):
    """A warping function, element by element: ``Act("G_c", 0, a)``; order 1 is its derivative."""

    word, name, arg = "act", _argument(0), _argument(2)

    @property
    def order(self) -> int:
        return int(self.args[1])


class Tap(_Node):
    """One tap ``W[l]`` of a parameter that has a tap for every lag of a window."""

    word = "tap"


class WindowSum(_Node):
    """The sum of its body over the lags l of a named set: ``WindowSum(body, "L_cu", l)``."""

    word, lags, lag = "window", _argument(1), _argument(2)


class TimeSum(_Node):
    """The sum of its body over all steps n."""

    word = "time_sum"


class Pool(_Node):
    """Every component replaced by the "mean" or the "total" of all: ``Pool("mean", a)``."""

    word, kind, arg = "pool", _argument(0), _argument(1)


class Cut(_Node):
    """Its argument, whose value passes forward while no error flows back through it."""

    word = "cut"


class Equation(Equality):
    """A SymPy equality between a named left side and the expression that defines it."""

    def __new__(cls, lhs: Any, rhs: Any) -> Any:
        return Relational.__new__(cls, lhs, rhs)

    @property
    def name(self) -> str:
        """The name on the left side, without its index."""
        return self.lhs.args[0].name if isinstance(self.lhs, Tap) else self.lhs.name

    def rows(self, width: int = 54) -> list[str]:
        """LaTeX as rows with an alignment mark; a long sum is broken before a term."""
        return Latex().rows(self, width)

    def _sympystr(self, printer: Any) -> str:
        return Writer().whole(self)

    def _latex(self, printer: Any, **settings: Any) -> str:
        return Latex().whole(self)

    def _repr_latex_(self) -> str:
        return f"$$\n{self._latex(None)}\n$$"


class Equations(tuple[Equation, ...]):
    """Equations in written order; take one by position or by the name on its left side.

    A gradient is found by the name of its parameter, input or initial state too:
    ``gradients["W_xcu"]``, ``gradients["x"]``, ``gradients["s0"]``. With a number to refer to they
    are displayed by ``lstm_lib.page.display.show(*system.backward, label="lstm-backward")``.
    """

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return Equations(tuple.__getitem__(self, key))
        if not isinstance(key, str):
            return tuple.__getitem__(self, key)
        for equation in self:
            if key in (equation.name, key_of(equation)):
                return equation
        raise KeyError(f"no equation for {key!r}; there are {', '.join(map(key_of, self))}")

    def names(self) -> list[str]:
        """The names by which the equations are found."""
        return [key_of(equation) for equation in self]

    def latex(self, **options: Any) -> str:
        """LaTeX of all equations, aligned at the equals sign; see ``latex.aligned``."""
        return aligned(self, **options)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def __repr__(self) -> str:
        return "\n".join(map(str, self))


def key_of(equation: Equation) -> str:
    """The short name of an equation: W_xcu for dE_dW_xcu, s0 for dE_ds[-1], v for error_v."""
    name, index = equation.name.removeprefix("error_"), getattr(equation.lhs, "index", n)
    if not name.startswith("dE_d"):
        return name
    if index.has(n):
        return name[4:]
    return initial_name(name[4:], int(-index if index.is_Integer else index - N + 1))


def initial_name(name: str, depth: int = 1) -> str:
    """What programs call an initial value: s0 for s[-1], s0_2 for s[-2], s_1_0 for s_1[-1]."""
    return name + ("_0" if "_" in name else "0") + (f"_{depth}" if depth > 1 else "")


def plus(terms: Iterable[Any], shape: tuple[Any, Any]) -> Any:
    """The sum of the terms in the order given; a zero matrix if there are none."""
    flat: list[Any] = [
        t for term in terms for t in (term.args if isinstance(term, MatAdd) else (term,))
    ]
    flat = [t for t in flat if not isinstance(t, ZeroMatrix)]
    return Sum(*flat) if len(flat) > 1 else flat[0] if flat else ZeroMatrix(*shape)


def scale(factor: Any, z: Any) -> Any:
    """A number times an expression."""
    c, z = split(z)
    c = c * sympify(factor)
    return z if c == 1 else Product(c, z)


def split(z: Any) -> tuple[Any, Any]:
    """The number in front of an expression, and the rest."""
    if isinstance(z, MatMul) and not isinstance(z.args[0], MatrixExpr):
        return z.args[0], z.args[1]
    return Integer(1), z


def hadamard(*factors: Any) -> Any:
    """The element-wise product in the order given, with any number pulled to the front."""
    number: Any = Integer(1)
    flat: list[Any] = []
    for c, z in map(split, factors):
        number *= c
        flat += z.args if isinstance(z, HadamardProduct) else [z]
    flat = [z for z in flat if not isinstance(z, OneMatrix)] or flat[:1]
    if any(isinstance(z, ZeroMatrix) for z in flat):
        return ZeroMatrix(*flat[0].shape)
    return scale(number, Elementwise(*flat) if len(flat) > 1 else flat[0])


def pool(kind: str, z: Any) -> Any:
    """The mean or the total of the components in each of them, with any number in front."""
    c, z = split(z)
    return z if isinstance(z, ZeroMatrix) else scale(c, Pool(kind, z))


def product(a: Any, b: Any) -> Any:
    """The matrix product a b, with any number pulled to the front."""
    (c, a), (k, b) = split(a), split(b)
    if isinstance(a, ZeroMatrix) or isinstance(b, ZeroMatrix):
        return ZeroMatrix(a.shape[0], b.shape[1])
    return scale(c * k, Product(a, b))


def transpose(a: Any) -> Any:
    """The transpose."""
    return Transposed(a)


def shifted(z: Any, index: Any) -> Any:
    """The expression with the running step n replaced by an index."""
    return z if index == n else z.xreplace({n: index})


def apart(z: Any, lag: Any) -> Any:
    """The expression with a running lag of its windows renamed to l1, l2, ..., whichever is new.

    An expression that moves into another window must not be caught by that window's lag.
    """
    if not z.has(lag):
        return z
    others = (Symbol(f"l{k}", integer=True) for k in count(1))
    return z.xreplace({lag: next(other for other in others if not z.has(other))})


def reads(equation: Equation) -> Iterator[tuple[Seq, str | None]]:
    """The sequences that an equation reads, in written order, each with its set of lags, if any."""
    lags: dict[Any, str] = {}  # windows inside each other run over lags of different names
    for z in preorder_traversal(equation.rhs):
        if isinstance(z, WindowSum):
            lags[z.lag] = z.lags
        elif isinstance(z, Seq):
            yield z, next((lags[s] for s in z.index.free_symbols if s in lags), None)
