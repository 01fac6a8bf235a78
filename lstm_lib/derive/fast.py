"""The NumPy program once more, as fast as passes that know no cell can make it.

``python`` prints a line for every equation and runs them all at every step; there the program can
be held against the page. Here the same equations are sorted by what has to wait for the step
before. What need not is computed for all steps at once, before the loop or after it, and gradients
are summed by one product of two matrices. In the loop, matrices that multiply the same vector
stand on top of each other. So the text is another one than ``numpy_source`` prints, and
``tests/derive/test_fast.py`` holds the two to the same numbers. Names that only this text has begin
with ``__``, as no declared name may.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import HadamardProduct, MatAdd, MatMul, MatrixExpr, MatrixSymbol, Transpose

from .declare import Sweep
from .program import Program, lowered
from .python import Batched
from .reverse import Derived
from .words import Act, Equation, Seq, Tap, hadamard, key_of, n, plus, shifted

__all__ = ["fast_source"]

HELPERS = '''
def __shift(z, k, N):
    """z[n+k] for all n; what stands before the first step is at the end."""
    return z[k : N + k] if k >= 0 else z.take(range(k, N + k), 0, mode="wrap")


def __flat(z):
    """All steps and sequences side by side."""
    return z.transpose(1, 0, 2).reshape(z.shape[1], -1)


def __unflat(z, N):
    """The reverse of __flat; every step stands together in memory, where the loop looks for it."""
    return np.ascontiguousarray(z.reshape(len(z), N, -1).transpose(1, 0, 2))


def __spread(z, steps):
    return np.broadcast_to(z, steps.shape)
'''


class Wide(Batched):
    """Expressions for all steps at once, arrays (N, d, B)."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.flats: dict[str, str] = {}  # what stands side by side already, and its name
        self.lines: list[str] = []  # where that is done, for the next statement

    def flat(self, z: Any) -> str:
        """All steps side by side, once for all that need it."""
        text = self.at(z)
        if z.atoms(Tap) or any(s.index.free_symbols != {n} for s in z.atoms(Seq)):  # in a window
            return f"__flat({text})"
        if text not in self.flats:
            self.flats[text] = f"__f{len(self.flats) + 1}"
            self.lines.append(f"{self.flats[text]} = __flat({text})")
        return self.flats[text]

    def take(self, text: str) -> list[str]:
        """A statement, after the lines that it needs."""
        lines, self.lines = self.lines, []
        return [*lines, text]

    def seq(self, z: Any) -> str:
        k = self.index(z.index - n)
        return f"{z.name}[:N]" if k == "0" else f"__shift({z.name}, {k}, N)"

    def matrix_product(self, a: Any, b: Any) -> str:
        if not b.has(Seq) and not isinstance(b, Transpose):
            return super().matrix_product(a, b)
        if not isinstance(b, Transpose):
            return f"__unflat({self.at(a, 2)} @ {self.flat(b)}, N)"
        if b.has(Seq):
            return f"{self.flat(a)} @ {self.flat(b.args[0])}.T"
        return f"{self.at(a, 2)}.sum((0, 2))[:, None] @ {self.at(b)}"

    def time_sum(self, z: Any) -> str:
        body = z.args[0]
        return f"{self.flat(body)}.sum(1, keepdims=True)" if body.shape[1] == 1 else self.at(body)

    def pool(self, z: Any) -> str:
        arg = self.at(z.arg)
        sign = {"mean": "mean", "total": "sum"}[z.kind]
        return f"__spread(({arg}).{sign}(1, keepdims=True), {arg})"


class Fast(Batched):
    """The program with every loop sorted."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.wide, self.made = Wide(program), 0
        # where u[n] is G(a[n]) and the slope of G a polynomial in its value: G'(a[n]) by u[n]
        self.slopes: dict[Any, Any] = {}
        self.by_value: dict[str, str] = {}
        for e in (e for loop in program.forward.loops for e in loop.equations):
            slope = isinstance(e.rhs, Act) and program.functions[e.rhs.name].by_value
            if slope and slope.free_symbols:
                name = f"__{e.rhs.name}_by_value"
                self.by_value[name] = self.language.spell(slope)
                for k in range(-1, 2):
                    act = Act(e.rhs.name, 1, shifted(e.rhs.arg, n + k))
                    self.slopes[act] = Act(name, 0, shifted(e.lhs, n + k))

    def tables(self) -> str:
        """The tables, and what is used besides the functions of the plain program."""
        slopes = [f"def {name}(r):\n    return {body}" for name, body in self.by_value.items()]
        return "\n\n\n".join([super().tables(), HELPERS.strip(), *slopes])

    def loop(self, loop: Sweep) -> list[str]:
        """What every step can do by itself, around a loop over what it cannot."""
        if not all(map(addable, loop.sums)):
            return super().loop(loop)
        early, late, inner = sort(
            [Equation(e.lhs, e.rhs.xreplace(self.slopes)) for e in loop.equations]
        )
        waits = {e.name for e in inner}
        before = [row for e in early for row in self.at_once(e)]
        equations = [Equation(e.lhs, self.hoisted(e.rhs, waits, before)) for e in inner]
        top: list[str] = []
        equations = self.stacked(equations, before, top)
        lines = [row for e in equations for row in self.statement(e, f"{e.name}[n]")]
        steps = "range(N)" if loop.direction > 0 else "reversed(range(N))"
        if lines:
            before += [f"for n in {steps}:", *(f"    {row}" for row in (*top, *lines))]
        before += [row for e in late for row in self.at_once(e)]
        return [*before, *(row for e in loop.sums for row in self.summed(e))]

    def at_once(self, e: Equation) -> list[str]:
        """A sequence at all steps at once."""
        return self.wide.take(f"{e.name}[:N] = {self.wide.at(e.rhs)}")

    def summed(self, e: Equation) -> list[str]:
        """A gradient: the sum over time in one product, for each tap."""
        lags = self.program.taps[key_of(e)]
        body = self.wide.at(e.rhs)
        return self.wide.take(f"{e.name} = " + (f"{{l: {body} for l in {lags}}}" if lags else body))

    def function(self, *arguments: Any) -> str:
        self.wide.flats.clear()
        return super().function(*arguments)

    def name_of(self, stem: str) -> str:
        self.made += 1
        return f"__{stem}{self.made}"

    def hoisted(self, z: Any, waits: set[str], before: list[str]) -> Any:
        """An expression in which all that need not wait has a name of its own."""
        if not any(s.name in waits for s in z.atoms(Seq)):
            return self.held(z, before) if z.atoms(Seq) and not isinstance(z, Seq) else z
        if isinstance(z, (MatAdd, HadamardProduct)):
            free = [a for a in z.args if not any(s.name in waits for s in a.atoms(Seq))]
            rest = [self.hoisted(a, waits, before) for a in z.args if a not in free]
            if any(a.atoms(Seq) for a in free) and (len(free) > 1 or not isinstance(free[0], Seq)):
                whole = plus(free, z.shape) if isinstance(z, MatAdd) else hadamard(*free)
                free = [self.held(whole, before)]
            every = [*free, *rest]
            return plus(every, z.shape) if isinstance(z, MatAdd) else hadamard(*every)
        if isinstance(z, (MatMul, Act)):
            return z.func(*(self.hoisted(a, waits, before) if is_column(a) else a for a in z.args))
        return z

    def held(self, z: Any, before: list[str]) -> Seq:
        """A sequence that is computed before the loop."""
        name = self.name_of("h")
        before += self.wide.take(f"{name} = {self.wide.at(z)}")
        return Seq(name, n, z.shape[0])

    def stacked(
        self, equations: list[Equation], before: list[str], top: list[str]
    ) -> list[Equation]:
        """Matrices that multiply the same vector of an earlier step, on top of each other."""
        by: dict[Any, list[Any]] = {}
        for e in equations:
            for z in products(e.rhs):
                if isinstance(z.args[1], Seq) and is_past(z.args[1].index):
                    by.setdefault(z.args[1], []).append(z)
        for vector, found in by.items():
            found = list(dict.fromkeys(found))
            if len(found) < 2:
                continue
            stack, result = self.name_of("W"), self.name_of("p")
            before.append(
                f"{stack} = np.concatenate([{', '.join(self.at(z.args[0]) for z in found)}])"
            )
            top.append(f"{result} = {stack} @ {self.at(vector)}")
            begin, parts = "0", {}
            for z in found:
                end = f"{begin} + {z.shape[0]}"
                parts[z] = MatrixSymbol(f"{result}[{begin} : {end}]", *z.shape)
                begin = end
            equations = [Equation(e.lhs, e.rhs.xreplace(parts)) for e in equations]
        return equations


def sort(equations: list[Equation]) -> tuple[list[Equation], list[Equation], list[Equation]]:
    """What can be computed before the loop, after it, and in it."""
    inner = list(equations)

    def movable(test: Any) -> Iterator[Equation]:
        while (found := next(filter(test, inner), None)) is not None:
            inner.remove(found)
            yield found

    def reads(e: Equation) -> set[str]:
        return {z.name for z in e.rhs.atoms(Seq)}

    early = list(movable(lambda e: not reads(e) & {other.name for other in inner}))
    late = list(movable(lambda e: all(e.name not in reads(other) for other in inner)))
    return early, late[::-1], inner


def addable(e: Equation) -> bool:
    """Whether a sum over time can be printed as one product: both factors change with time."""
    return e.rhs.has(Seq) and all(
        z.args[0].has(Seq)
        for z in e.rhs.atoms(MatMul)
        if isinstance(z.args[0], MatrixExpr) and isinstance(z.args[1], Transpose)
    )


def products(z: Any) -> Iterator[Any]:
    """The products of a matrix, the same at every lag, and a vector in an expression."""
    matrix = isinstance(z, MatMul) and isinstance(z.args[0], (MatrixSymbol, Transpose))
    if matrix and not z.args[0].has(Tap):
        yield z
    else:
        for a in getattr(z, "args", ()):
            yield from products(a)


def is_past(index: Any) -> bool:
    """Whether what stands there is known when the step begins, and the same in any window."""
    return index != n and index.free_symbols == {n}


def is_column(z: Any) -> bool:
    return isinstance(z, MatrixExpr) and z.shape[1] == 1


def fast_source(system: Derived) -> str:
    """A module with the functions of ``numpy_source``, to be run and not to be read."""
    return Fast(lowered(system)).module()
