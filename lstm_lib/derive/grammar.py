"""From the text of an equation to its nodes, shapes checked on the way.

An equation is one line of Python's own grammar, read and never run: ``@`` is the matrix product,
``*`` the element-wise product, ``s[n-1]`` a sequence, ``G_c(...)`` a warping function,
``sum(W[l] @ x[n-l] for l in L)`` a window sum, ``cut(...)`` stops the error, ``mean(...)`` and
``total(...)`` put the mean or the sum of all components into each. A number stands for a vector of
that number. Brackets may span lines, and ``#`` begins a comment.

A derived equation that somebody typed may have more, all that derived equations print:
``dG_c(a[n])``, ``W.T``, ``sum(alpha[n] @ x[n].T for n in range(N))``, and fixed steps, ``psi[0]``,
in the equation of an initial value. Every error names the equation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from math import inf
from typing import Any

from sympy import Integer, MatrixSymbol, OneMatrix, Rational, Symbol

from .words import (
    Act,
    Cut,
    Equation,
    N,
    Seq,
    Tap,
    TimeSum,
    WindowSum,
    hadamard,
    n,
    plus,
    pool,
    product,
    scale,
    split,
    transpose,
)
from .writer import Writer

__all__ = ["DeclarationError"]

# Names that equations, or the programs made from them, use themselves; words of JavaScript, and
# what each of its objects has from the beginning.
RESERVED = set(
    re.findall(
        r"\w+",
        "n N l np math sum mean total batch pad cut params trace lags dtype given columns rows row "
        "reversed dict len max abs zip list isinstance single sizes PARAMS INPUTS TRACE LAGS "
        "range array fitted matched entered present tapped windows Number Real add sub mul scale "
        "filled zeros dot dotT addTo addOuter steps padded byLag each sumOver merged batched kinds "
        "tables TypeError ValueError RangeError forward backward "
        "all any enumerate hasattr iter map min next repr set str tuple type isFinite "
        "constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString "
        "valueOf Array Math Object module arguments eval undefined NaN Infinity var let const "
        "function "
        "new this null true false typeof void delete switch case default do throw catch "
        "instanceof enum export extends super debugger implements interface package private "
        "protected public static",
    )
)


class DeclarationError(ValueError):
    """A forward system that cannot be: the message names the equation and says why."""


def wrong(line: str, why: str) -> DeclarationError:
    """What is wrong with an equation."""
    return DeclarationError(f"in the equation  {line.strip()}  : {why}")


def lines(text: str) -> Iterator[str]:
    """The equations of a text, each as one line: comments are dropped, open brackets go on.

    Raises:
        DeclarationError: if a bracket is not closed before the next equation or the end.
        TypeError: if it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"forward: expected the text of equations, got {text!r}")
    whole = ""
    for line in [*text.splitlines(), "for"]:
        line = line.partition("#")[0].strip()
        if whole and re.match(r"for\b(?! \w+ in )|\w+\[[^]]*\] *=", line):
            raise wrong(whole, "a bracket is not closed")
        whole = f"{whole} {line}".strip()
        if sum(whole.count(left) - whole.count(right) for left, right in ("()", "[]")) <= 0:
            if whole and whole != "for":
                yield whole
            whole = ""


def parsed(text: str, line: str) -> Any:
    """The syntax of one side of an equation."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise wrong(line, f"not an equation ({error.msg})") from None
    except (RecursionError, MemoryError):
        raise wrong(line, "nested too deeply") from None


def usable(name: str, what: str, *taken: str) -> str:
    """The name itself.

    Raises:
        DeclarationError: if an equation, or a program made from it, cannot use the name.
    """
    known = iskeyword(name) or name in RESERVED or name in taken
    made = re.match(r"l\d+$|d[EL]_d|error_|__", name)
    if known or made or not (name.isidentifier() and name.isascii()):
        raise DeclarationError(f"{what} {name!r}: not a name that an equation can use")
    return name


def declared(text: str, what: str) -> Iterator[tuple[str, tuple[Symbol, ...]]]:
    """Read ``"W_x W_y: d_s, d_x; b: d_s"`` as names with their shapes."""
    text = re.sub(r"#.*", "", text).replace("\n", ";")
    for group in filter(None, map(str.strip, text.split(";"))):
        names, colon, sizes = group.partition(":")
        shape = tuple(
            Symbol(size.strip(), integer=True, positive=True) for size in sizes.split(",")
        )
        if not colon or not sizes.strip() or len(shape) > 2:
            raise DeclarationError(
                f"{what} {group!r}: expected 'names: rows' or 'names: rows, columns'"
            )
        for size in shape:
            usable(size.name, f"the size of {names.strip()},", "B")  # which counts sequences
        for name in names.split():
            yield usable(name, what), shape


@dataclass
class Parser:
    """Reads equations over declared sequences, matrices (parameters and constants) and warpings.

    A forward equation is read without ``at``. A derived one has a left side ``at`` n, at the fixed
    step of an initial value, or at no step, 0. ``taps`` are the sets of lags over which matrices
    are known to have taps; where a fixed step may be read, ``initial`` has all initial values,
    "s[-1]", and ``direction`` that of each state's sweep.
    """

    sequences: Mapping[str, tuple]
    matrices: Mapping[str, tuple]
    warping: Collection[str]
    taps: dict[str, str] = field(default_factory=dict)  # parameter -> its set of lags
    at: Any = None
    initial: Collection[str] = ()
    direction: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.derived = self.at is not None
        self.line, self.summed = "", False  # what is read, and whether a sum over time is
        self.lags: dict[str, str] = {}  # running lag -> its set, inside a window

    def equation(self, line: str) -> Equation:
        """One line ``s[n] = ...``."""
        left, _, right = line.partition("=")
        lhs = self.side(left, line)
        if not isinstance(lhs, Seq) or lhs.index != n:
            raise self.error("the left side must be a sequence at step n")
        return Equation(lhs, self.side(right, line, lhs))

    def side(self, text: str, line: str, lhs: Any = None, **lags: str) -> Any:
        """One side of an equation, of the shape of the left side if that is given."""
        self.line, self.lags = line, lags
        try:
            z = self.read(parsed(text, line))
        except RecursionError:
            raise self.error("nested too deeply") from None
        if lhs is not None:
            z = scale(z, OneMatrix(*lhs.shape)) if isinstance(z, Rational) else z
            self.same(lhs, z, "=")
        return z

    def error(self, why: str) -> DeclarationError:
        return wrong(self.line, why)

    def same(self, a: Any, b: Any, sign: str) -> None:
        if a.shape != b.shape:
            raise self.error(
                f"{a} has shape {show(a)}, but {b} has shape {show(b)} around '{sign}'"
            )

    def read(self, tree: ast.AST) -> Any:
        """The node of a piece of syntax; a bare number stays a number."""
        match tree:
            case ast.Constant(value=int() | float() as value) if (
                not isinstance(value, bool) and abs(value) < inf
            ):
                return Rational(str(value))
            case ast.UnaryOp(op=ast.USub(), operand=z):
                return self.times(Integer(-1), self.read(z))
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=b):
                sign = Integer(1 if isinstance(op, ast.Add) else -1)
                return self.add(self.read(a), self.times(sign, self.read(b)))
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                return self.times(self.read(a), self.read(b))
            case ast.BinOp(left=a, op=ast.MatMult(), right=b):
                return self.matmul(self.read(a), self.read(b))
            case ast.BinOp(op=ast.Div(), right=b):
                advice = f"reciprocal({text_of(b)}), as in z * reciprocal({text_of(b)})"
                if isinstance(self.read(b), Rational):
                    advice = "a factor, 0.5 * z for z / 2"
                raise self.error(f"{text_of(tree)}: write {advice}")
            case ast.BinOp(op=ast.Pow()):
                raise self.error(f"{text_of(tree)}: write a product, z * z for z ** 2")
            case ast.Call(
                func=ast.Name(id="sum"),
                args=[ast.GeneratorExp(generators=runs, elt=z)],
                keywords=[],
            ):
                over_time = self.derived and ast.unparse(runs[0].target) == "n"
                return self.time_sum(runs, z) if over_time else self.window(runs, z)
            case ast.Call(func=ast.Name(id=name), args=[z], keywords=[]):
                return self.call(name, z)
            case ast.Attribute(value=z, attr="T") if self.derived:
                return transpose(self.array(z))
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                return self.indexed(name, self.index(index))
            case ast.Name(id=name):
                if name in self.sequences:
                    raise self.error(f"{name} is a sequence: write {name}[n]")
                return self.matrix(name)
        raise self.error(f"cannot read {text_of(tree)!r}")

    def call(self, name: str, argument: ast.AST) -> Any:
        slope = self.derived and name[:1] == "d" and name[1:] in self.warping
        if name not in ("cut", "mean", "total", *self.warping) and not slope:
            raise self.error(
                f"{name} is not a declared warping function, nor a known one: "
                + ", ".join(sorted(self.warping))
            )
        z = self.vector(self.read(argument))
        if name == "cut":
            return Cut(z)
        if name in ("mean", "total"):
            return pool(name, z)
        return Act(name[slope:], int(slope), z)

    def add(self, a: Any, b: Any) -> Any:
        if isinstance(a, Rational) and isinstance(b, Rational):
            return a + b
        a, b = (
            scale(z, OneMatrix(*other.shape)) if isinstance(z, Rational) else z
            for z, other in ((a, b), (b, a))
        )
        self.same(a, b, "+")
        return plus([a, b], a.shape)

    def times(self, a: Any, b: Any) -> Any:
        if isinstance(a, Rational) or isinstance(b, Rational):
            number, z = (a, b) if isinstance(a, Rational) else (b, a)
            return number * z if isinstance(z, Rational) else scale(number, z)
        self.same(self.vector(a), self.vector(b), "*")
        return hadamard(a, b)

    def matmul(self, a: Any, b: Any) -> Any:
        if not self.derived:
            if not isinstance(split(a)[1], (MatrixSymbol, Tap)):
                raise self.error(f"the left factor of '@' must be a matrix, not {a}")
            self.vector(b)
        if isinstance(a, Rational) or isinstance(b, Rational) or a.shape[1] != b.shape[0]:
            raise self.error(f"{a} has shape {show(a)}, it cannot multiply {b} of shape {show(b)}")
        return product(a, b)

    def array(self, tree: ast.AST) -> Any:
        """What a sum may add up: in a forward equation vectors only."""
        z = self.read(tree)
        if self.derived and isinstance(z, Rational):
            raise self.error(f"expected a vector or matrix, not {z}")
        return z if self.derived else self.vector(z)

    def vector(self, z: Any) -> Any:
        if isinstance(z, Rational) or z.shape[1] != 1:
            raise self.error(f"expected a vector, not {z}")
        return z

    def matrix(self, name: str, tapped: str = "") -> MatrixSymbol:
        if name not in self.matrices:
            raise self.error(f"{name} is not declared")
        if self.taps.setdefault(name, tapped) != tapped:
            raise self.error(f"{name} must be used with the taps of one window, or with none")
        rows, *columns = self.matrices[name]
        return MatrixSymbol(name, rows, columns[0] if columns else 1)

    def indexed(self, name: str, index: Any) -> Any:
        here = f"{name}[{Writer().index(index)}]"
        if name in self.matrices and str(index) in self.lags:
            return Tap(self.matrix(name, self.lags[str(index)]), index)
        if name not in self.sequences:
            raise self.error(f"{here} is not declared")
        step = index - (n if index.has(n) or not self.derived else self.at)
        if self.derived and index.has(n):
            if index.has(N) or not (self.summed or self.at == n):
                raise self.error(
                    f"{here}: no such step here; n runs in 'sum(... for n in range(N))'"
                )
        elif self.derived and (self.summed or not self.initial or step.has(N)):
            raise self.error(f"{here}: only the equation of an initial value reads a fixed step")
        if step.has(n, N) or any(abs(step.coeff(lag)) != 1 for lag in step.free_symbols):
            raise self.error(f"{here}: expected an index like n, n-1 or n-l")
        z = Seq(name, index, self.sequences[name][0])
        way = 0 if index.has(n) else self.direction.get(name, 0)  # else it is zero outside
        if way and (index if way > 0 else N - 1 - index).is_negative and str(z) not in self.initial:
            raise self.error(f"{here} lies before the initial values")
        return z

    def index(self, tree: ast.AST) -> Any:
        match tree:
            case ast.Constant(value=int() as value):
                return Integer(value)
            case ast.Name(id="n" | "N" as name):
                return n if name == "n" else N
            case ast.Name(id=name) if name in self.lags:
                return Symbol(name, integer=True)
            case ast.UnaryOp(op=ast.USub(), operand=z):
                return -self.index(z)
            case ast.BinOp(left=a, op=ast.Add(), right=b):
                return self.index(a) + self.index(b)
            case ast.BinOp(left=a, op=ast.Sub(), right=b):
                return self.index(a) - self.index(b)
        raise self.error(f"cannot read the index {ast.unparse(tree)!r}")

    def window(self, runs: list[ast.comprehension], body: ast.AST) -> WindowSum:
        names = "l[1-9]?" if self.derived else "l"
        match runs:
            case [ast.comprehension(target=ast.Name(id=lag), iter=ast.Name(id=lags), ifs=[])]:
                if not re.fullmatch(names, lag) or lag in self.lags:
                    raise self.error("a window runs over l, and has no other window inside")
                self.lags[lag] = lags
                z = self.array(body)
                del self.lags[lag]
                return WindowSum(z, lags, Symbol(lag, integer=True))
        raise self.error("a window reads 'sum(... for l in L)'")

    def time_sum(self, runs: list[ast.comprehension], body: ast.AST) -> TimeSum:
        """A sum over all steps, which is the only place of n in an equation without a step."""
        if [ast.unparse(run).strip() for run in runs] != ["for n in range(N)"] or self.summed:
            raise self.error("a sum over time reads 'sum(... for n in range(N))'")
        self.summed = True
        z = self.array(body)
        self.summed = False
        return TimeSum(z)


def text_of(tree: ast.AST) -> str:
    """The text of a piece of syntax, with indices as they are written: s[n-1]."""
    return re.sub(r" (?=[^\[]*\])", "", ast.unparse(tree))


def show(z: Any) -> str:
    """The shape as printed in a message: (d_s, d_x) or (d_s), () for a number."""
    if isinstance(z, Rational):
        return "()"
    rows, columns = z.shape
    return f"({rows})" if columns == 1 else f"({rows}, {columns})"
