"""From the text of a forward equation to its nodes, shapes checked on the way.

An equation is one line of Python's own grammar, read and never run: ``@`` is the matrix product,
``*`` the element-wise product, ``s[n-1]`` a sequence, ``G_c(...)`` a warping function,
``sum(W[l] @ x[n-l] for l in L)`` a window sum, ``cut(...)`` stops the error, ``mean(...)`` and
``total(...)`` put the mean or the sum of all components into each. A number stands for a vector of
that number. Brackets may span lines, and ``#`` begins a comment. Every error names the equation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from keyword import iskeyword
from typing import Any

from sympy import Integer, MatrixSymbol, OneMatrix, Rational, Symbol

from .words import (
    Act,
    Cut,
    Equation,
    Seq,
    Tap,
    WindowSum,
    hadamard,
    n,
    plus,
    pool,
    product,
    scale,
    split,
)
from .writer import Writer

__all__ = ["DeclarationError"]

# Names that equations, or the programs made from them, use themselves; words of JavaScript.
RESERVED = set(
    re.findall(
        r"\w+",
        "n N l np math sum mean total batch pad cut params trace lags dtype given columns rows row "
        "reversed dict len max abs zip list isinstance single sizes PARAMS INPUTS TRACE LAGS "
        "range array fitted matched entered present tapped windows Number Real add sub mul scale "
        "filled zeros dot dotT addTo addOuter steps padded byLag each sumOver merged batched kinds "
        "tables TypeError ValueError RangeError forward backward "
        "Array Math Object module arguments eval undefined NaN Infinity var let const function "
        "new this null true false typeof void delete switch case default do throw catch "
        "instanceof enum export extends super debugger implements interface package private "
        "protected public static",
    )
)


class DeclarationError(ValueError):
    """A forward system that cannot be: the message names the equation and says why."""


def lines(text: str) -> Iterator[str]:
    """The equations of a text, each as one line: comments are dropped, open brackets go on.

    Raises:
        DeclarationError: if a bracket is not closed before the next equation or the end.
    """
    whole = ""
    for line in [*text.splitlines(), "for"]:
        line = line.partition("#")[0].strip()
        if whole and re.match(r"for\b(?! \w+ in )|\w+\[[^]]*\] *=", line):
            raise DeclarationError(f"in the equation  {whole}  : a bracket is not closed")
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
        why = f"not an equation ({error.msg})"
        raise DeclarationError(f"in the equation  {line.strip()}  : {why}") from None


def usable(name: str, what: str) -> str:
    """The name itself.

    Raises:
        DeclarationError: if an equation, or a program made from it, cannot use the name.
    """
    taken = iskeyword(name) or name in RESERVED or re.match(r"l\d+$|d[EL]_d|error_|__", name)
    if taken or not (name.isidentifier() and name.isascii()):
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
            usable(size.name, f"the size of {names.strip()},")
        for name in names.split():
            yield usable(name, what), shape


class Parser:
    """Reads equations over declared sequences, matrices (parameters and constants) and warpings."""

    running: Collection[str] = ("l",)  # names that a running lag may have

    def __init__(self, sequences: dict, matrices: dict, warping: Collection[str]) -> None:
        self.sequences, self.matrices, self.warping = sequences, matrices, warping
        self.taps: dict[str, str] = {}  # parameter -> its set of lags
        self.line = ""
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
        self.line, self.lags = line.strip(), lags
        z = self.read(parsed(text, line))
        if lhs is not None:
            z = scale(z, OneMatrix(*lhs.shape)) if isinstance(z, Rational) else z
            self.same(lhs, z, "=")
        return z

    def error(self, why: str) -> DeclarationError:
        return DeclarationError(f"in the equation  {self.line}  : {why}")

    def same(self, a: Any, b: Any, sign: str) -> None:
        if a.shape != b.shape:
            raise self.error(
                f"{a} has shape {show(a)}, but {b} has shape {show(b)} around '{sign}'"
            )

    def read(self, tree: ast.AST) -> Any:
        """The node of a piece of syntax; a bare number stays a number."""
        match tree:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Rational(str(value))
            case ast.UnaryOp(op=ast.USub(), operand=z):
                return self.times(Integer(-1), self.read(z))
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=b):
                sign = Integer(1 if isinstance(op, ast.Add) else -1)
                return self.add(self.read(a), self.times(sign, self.read(b)), "+")
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                return self.times(self.read(a), self.read(b))
            case ast.BinOp(left=a, op=ast.MatMult(), right=b):
                return self.matmul(self.read(a), self.read(b))
            case ast.BinOp(op=ast.Div()):
                divisor = text_of(tree.right)
                if isinstance(self.read(tree.right), Rational):
                    raise self.error(f"{text_of(tree)}: write a factor, 0.5 * z for z / 2")
                raise self.error(
                    f"{text_of(tree)}: write reciprocal({divisor}), as in z * reciprocal({divisor})"
                )
            case ast.BinOp(op=ast.Pow()):
                raise self.error(f"{text_of(tree)}: write a product, z * z for z ** 2")
            case ast.Call(func=ast.Name(id="cut"), args=[z], keywords=[]):
                return Cut(self.vector(self.read(z)))
            case ast.Call(func=ast.Name(id="mean" | "total" as kind), args=[z], keywords=[]) if (
                not isinstance(z, ast.GeneratorExp)
            ):
                return pool(kind, self.vector(self.read(z)))
            case ast.Call(
                func=ast.Name(id="sum"), args=[ast.GeneratorExp() as window], keywords=[]
            ):
                return self.window(window)
            case ast.Call(func=ast.Name(id=name), args=[z], keywords=[]):
                if name not in self.warping:
                    known = ", ".join(sorted(self.warping))
                    raise self.error(
                        f"{name} is not a declared warping function, nor a known one: {known}"
                    )
                return Act(name, 0, self.vector(self.read(z)))
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                return self.indexed(name, self.index(index))
            case ast.Name(id=name):
                if name in self.sequences:
                    raise self.error(f"{name} is a sequence: write {name}[n]")
                return self.matrix(name)
        raise self.error(f"cannot read {text_of(tree)!r}")

    def add(self, a: Any, b: Any, sign: str) -> Any:
        numbers = isinstance(a, Rational), isinstance(b, Rational)
        if all(numbers):
            return a + b
        if numbers[0]:
            a = scale(a, OneMatrix(*b.shape))
        if numbers[1]:
            b = scale(b, OneMatrix(*a.shape))
        self.same(a, b, sign)
        return plus([a, b], a.shape)

    def times(self, a: Any, b: Any) -> Any:
        if isinstance(a, Rational) or isinstance(b, Rational):
            number, z = (a, b) if isinstance(a, Rational) else (b, a)
            return number * z if isinstance(z, Rational) else scale(number, z)
        self.same(self.vector(a), self.vector(b), "*")
        return hadamard(a, b)

    def matmul(self, a: Any, b: Any) -> Any:
        if not isinstance(split(a)[1], (MatrixSymbol, Tap)):
            raise self.error(f"the left factor of '@' must be a matrix, not {a}")
        self.vector(b)
        if a.shape[1] != b.shape[0]:
            raise self.error(f"{a} has shape {show(a)}, it cannot multiply {b} of shape {show(b)}")
        return product(a, b)

    def array(self, tree: ast.AST) -> Any:
        """What a sum may add up."""
        return self.vector(self.read(tree))

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
        if name in self.sequences:
            step = index - n
            if step.has(n) or any(abs(step.coeff(lag)) != 1 for lag in step.free_symbols):
                raise self.error(
                    f"{name}[{Writer().index(index)}]: expected an index like n, n-1 or n-l"
                )
            return Seq(name, index, self.sequences[name][0])
        if name in self.matrices and str(index) in self.lags:
            return Tap(self.matrix(name, self.lags[str(index)]), index)
        raise self.error(f"{name}[{Writer().index(index)}] is not declared")

    def index(self, tree: ast.AST) -> Any:
        match tree:
            case ast.Constant(value=int() as value):
                return Integer(value)
            case ast.Name(id="n"):
                return n
            case ast.Name(id=name) if name in self.lags:
                return Symbol(name, integer=True)
            case ast.UnaryOp(op=ast.USub(), operand=z):
                return -self.index(z)
            case ast.BinOp(left=a, op=ast.Add(), right=b):
                return self.index(a) + self.index(b)
            case ast.BinOp(left=a, op=ast.Sub(), right=b):
                return self.index(a) - self.index(b)
        raise self.error(f"cannot read the index {ast.unparse(tree)!r}")

    def window(self, tree: ast.GeneratorExp) -> WindowSum:
        match tree.generators:
            case [ast.comprehension(target=ast.Name(id=lag), iter=ast.Name(id=lags), ifs=[])]:
                if lag not in self.running or lag in self.lags:
                    raise self.error("a window runs over l, and has no other window inside")
                self.lags[lag] = lags
                body = self.array(tree.elt)
                del self.lags[lag]
                return WindowSum(body, lags, Symbol(lag, integer=True))
        raise self.error("a window reads 'sum(... for l in L)'")


def text_of(tree: ast.AST) -> str:
    """The text of a piece of syntax, with indices as they are written: s[n-1]."""
    return re.sub(r" (?=[^\[]*\])", "", ast.unparse(tree))


def show(z: Any) -> str:
    """The shape as printed in a message: (d_s, d_x) or (d_s)."""
    rows, columns = z.shape
    return f"({rows})" if columns == 1 else f"({rows}, {columns})"
