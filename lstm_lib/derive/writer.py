"""One walk over the nodes for every output: a writer says how each kind of node is spelled.

``at(node, level)`` spells a node and puts it into brackets if it binds less tightly than its
place demands: 0 a sum, 1 a product, 2 a factor. SymPy's nodes are known here by their classes, the
own ones of ``words`` by the name of the method that spells them, their ``word``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sympy import (
    HadamardProduct,
    MatAdd,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    OneMatrix,
    Transpose,
    ZeroMatrix,
)


class Writer:
    """The walk, with plain text as the default: the form in which equations are declared."""

    times, matmul, scaled, brackets = " * ", " @ ", " * ", ("(", ")")
    binds: ClassVar[dict[str, int]] = {"time_sum": 1}  # any other own node is a factor, 2

    def whole(self, equation: Any) -> str:
        return f"{self.at(equation.lhs)} = {self.at(equation.rhs)}"

    def at(self, z: Any, level: int = 0) -> str:
        return self.bracketed(*self.spell(z), level)

    def bracketed(self, text: str, strength: int, level: int) -> str:
        left, right = self.brackets
        return f"{left}{text}{right}" if strength < level else text

    def spell(self, z: Any) -> tuple[str, int]:
        match z:
            case MatrixSymbol():
                return self.symbol(z.name), 2
            case Transpose():
                return self.transposed(z.args[0]), 2
            case MatAdd():
                return self.join(self.terms(z)), 0
            case HadamardProduct():
                return self.times.join(self.at(factor, 2) for factor in z.args), 1
            case MatMul(args=(first, second)) if isinstance(first, MatrixExpr):
                return self.matrix_product(first, second), 1
            case MatMul(args=(number, rest)):
                return self.multiple(number, rest)
            case OneMatrix():
                return "1", 2
            case ZeroMatrix():
                return self.zero(z), 2
        if word := getattr(z, "word", ""):
            return getattr(self, word)(z), self.binds.get(word, 2)
        raise TypeError(f"cannot write {type(z).__name__}")

    def multiple(self, number: Any, z: Any) -> tuple[str, int]:
        if abs(number) == 1:
            return (f"-{self.at(z, 1)}", 0) if number < 0 else self.spell(z)
        if isinstance(z, OneMatrix):
            return self.number(number), 2 if number > 0 else 0
        return f"{self.number(number)}{self.scaled}{self.at(z, 2)}", 1

    def terms(self, z: Any) -> list[tuple[str, str]]:
        """The terms of a sum, each with its sign."""
        result = []
        for term in z.args if isinstance(z, MatAdd) else (z,):
            match term:
                case MatMul(args=(number, rest)) if not isinstance(number, MatrixExpr):
                    sign = "-" if number < 0 else "+"
                    text = self.bracketed(*self.multiple(abs(number), rest), 1)
                    result.append((sign, text))
                case _:
                    result.append(("+", self.at(term, 1)))
        return result

    @staticmethod
    def join(terms: list[tuple[str, str]]) -> str:
        (sign, first), *rest = terms
        return ("-" if sign == "-" else "") + first + "".join(f" {s} {t}" for s, t in rest)

    def number(self, c: Any) -> str:
        return str(c) if c.is_Integer else repr(float(c))

    def zero(self, z: Any) -> str:
        return "0"

    def name(self, name: str) -> str:
        return name

    def symbol(self, name: str) -> str:
        return self.name(name)

    def index(self, index: Any) -> str:
        """n+1, n-l, N-1: the running step first, no spaces."""
        parts = [(c, str(s)) for s, c in index.as_coefficients_dict().items() if s != 1]
        parts.sort(key=lambda part: (part[1] not in "nN", part[1]))
        text = "".join(("+" if c > 0 else "-") + s for c, s in parts)
        constant = index.as_coeff_Add()[0]
        text += f"{int(constant):+d}" if constant else ""
        return text.removeprefix("+") or "0"

    def seq(self, z: Any) -> str:
        return f"{self.name(z.name)}[{self.index(z.index)}]"

    def tap(self, z: Any) -> str:
        return f"{self.at(z.args[0])}[{z.args[1]}]"

    def act(self, z: Any) -> str:
        return f"{'d' * z.order}{z.name}({self.at(z.arg)})"

    def pool(self, z: Any) -> str:
        return f"{z.kind}({self.at(z.arg)})"

    def transposed(self, z: Any) -> str:
        return f"{self.at(z, 2)}.T"

    def matrix_product(self, a: Any, b: Any) -> str:
        return self.at(a, 2) + self.matmul + self.at(b, 2)

    def window(self, z: Any) -> str:
        return f"sum({self.at(z.args[0])} for {z.lag} in {z.lags})"

    def time_sum(self, z: Any) -> str:
        return f"sum({self.at(z.args[0])} for n in range(N))"

    def cut(self, z: Any) -> str:
        return f"cut({self.at(z.args[0])})"


class Page(Writer):
    """Equations as on the page, in one line of characters."""

    times, matmul = " ⊙ ", " "

    def transposed(self, z: Any) -> str:
        return f"{self.at(z, 2)}ᵀ"

    def window(self, z: Any) -> str:
        return f"Σ_{{{z.lag} in {z.lags}}} {self.at(z.args[0], 1)}"

    def time_sum(self, z: Any) -> str:
        return f"Σ_n {self.at(z.args[0], 1)}"

    def act(self, z: Any) -> str:
        return f"{z.name}{'′' * z.order}({self.at(z.arg)})"
