"""Formulas of one number z, spelled in each language of the programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Add,
    Expr,
    Heaviside,
    Integer,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Symbol,
    exp,
    log,
    sign,
    sympify,
)
from sympy.core.relational import Relational


class Unprintable(ValueError):
    """A formula that the programs cannot compute: the message says which part of it."""


@dataclass(frozen=True)
class Language:
    """How a language calls its functions, and how it writes powers, cases and signs."""

    prefix: str
    power: str  # to a whole number
    root: str  # to any other
    case: str  # value, condition, other value
    absolute: str
    sign: str
    renamed: dict[str, str]

    def call(self, name: str, argument: str) -> str:
        return f"{self.prefix}{self.renamed.get(name, name)}({argument})"


FUNCTIONS = [
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "asin",
    "acos",
    "atan",
    "asinh",
    "acosh",
    "atanh",
]
ARCS = {name: f"arc{name[1:]}" for name in FUNCTIONS if name.startswith("a")}
NUMPY = Language(
    "np.", "{} ** {}", "{} ** {}", "np.where({1}, {0}, {2})", "np.abs({})", "np.sign({})", ARCS
)
PLAIN = Language(
    "math.",
    "{} ** {}",
    "math.pow({}, {})",
    "({} if {} else {})",
    "abs({})",
    "(({0} > 0) - ({0} < 0))",
    {},
)
JAVASCRIPT = Language(
    "Math.",
    "Math.pow({}, {})",
    "Math.pow({}, {})",
    "({1} ? {0} : {2})",
    "Math.abs({})",
    "Math.sign({})",
    {},
)
SUM, PRODUCT, POWER, ATOM = range(4)  # how tightly a piece of text binds


def spelled(formula: Expr, language: Language) -> str:
    """The formula as an expression of a language.

    Raises:
        Unprintable: for a function that not every language has.
    """
    return _Speller(language).at(formula)


class _Speller:
    def __init__(self, language: Language) -> None:
        self.language = language

    def at(self, e: Any, level: int = SUM) -> str:
        text, strength = self.spell(e)
        return f"({text})" if strength < level else text

    def spell(self, e: Any) -> tuple[str, int]:
        match e:
            case Symbol():
                return e.name, ATOM
            case Expr(is_number=True):
                text = str(e) if isinstance(e, Integer) else repr(self.number(e))
                return text, SUM if text.startswith("-") else ATOM
            case log(args=[Add(args=[one, exp(args=[a])])]) if one == 1:  # without overflow
                tail = self.language.call("exp", f"-{self.language.absolute.format(self.at(a))}")
                return f"{self.larger(a, Integer(0))} + {self.language.call('log1p', tail)}", SUM
            case Add():
                return self.total(e), SUM
            case Mul():
                number, _ = e.as_coeff_Mul()
                return self.product(e), SUM if number < 0 else PRODUCT
            case Pow(base=base, exp=power):
                return self.power(base, power)
            case Max(args=[a, *rest]):
                return self.larger(e.func(*rest), a), SUM
            case Min(args=[a, *rest]):
                return self.larger(e.func(*rest), a, "<"), SUM
            case Heaviside(args=[a, *_]):
                return f"({self.at(a)} > 0)", ATOM
            case Abs(args=[a]):
                return self.language.absolute.format(self.at(a)), ATOM
            case sign(args=[a]):
                return self.language.sign.format(self.at(a)), ATOM
            case Piecewise(args=[first, *rest]) if rest and e.args[-1].cond == sympify(True):
                other = rest[0].expr if len(rest) == 1 else Piecewise(*rest)
                parts = map(self.at, (first.expr, first.cond, other))
                return self.language.case.format(*parts), ATOM
            case Relational(lhs=a, rhs=b, rel_op="<" | "<=" | ">" | ">=" as op):
                return f"{self.at(a)} {op} {self.at(b)}", SUM
        if (name := getattr(e.func, "__name__", "")) in FUNCTIONS:
            return self.language.call(name, self.at(e.args[0])), ATOM
        raise Unprintable(
            f"no program can compute {e}; what can be printed are sums, products, powers, "
            f"{', '.join(FUNCTIONS)}, sqrt, Abs, sign, Max, Min and Piecewise"
        )

    @staticmethod
    def number(e: Expr) -> float:
        try:
            return float(e)
        except TypeError:
            raise Unprintable(f"{e} is not a real number") from None

    def total(self, e: Add) -> str:
        text = ""
        for term in e.as_ordered_terms():
            negative = bool(term.as_coeff_Mul()[0] < 0)
            part = self.at(-term if negative else term, PRODUCT)
            text += f" {'-' if negative else '+'} {part}" if text else f"{'-' * negative}{part}"
        return text

    def product(self, e: Mul) -> str:
        number, rest = e.as_coeff_Mul()
        above: list[Any] = []
        below: list[Any] = []
        for factor in Mul.make_args(rest):
            base, power = factor.as_base_exp()
            under = power.is_number and power.is_real and power < 0 and not isinstance(factor, exp)
            (below if under else above).append(base**-power if under else factor)
        size = abs(number)
        above = [size, *above] if size != 1 or not above else above
        text = ("-" if number < 0 else "") + " * ".join(
            self.at(factor, PRODUCT) for factor in above
        )
        if not below:
            return text
        return f"{text} / {self.at(Mul(*below), POWER)}"

    def power(self, base: Expr, power: Expr) -> tuple[str, int]:
        if power.is_number and power < 0:
            return f"1 / {self.at(base**-power, POWER)}", PRODUCT
        if power.is_number and 2 * power == 1:
            return self.language.call("sqrt", self.at(base)), ATOM
        form = self.language.power if power.is_Integer else self.language.root
        plain = "**" in form
        parts = [self.at(part, ATOM if plain else SUM) for part in (base, power)]
        return form.format(*parts), POWER if plain else ATOM

    def larger(self, a: Expr, b: Expr, sign: str = ">") -> str:
        """The larger of two, or the smaller, as b + (a - b) * (a > b)."""
        if a.is_number:
            a, b = b, a
        step = f"{self.at(a - b, PRODUCT)} * ({self.at(a)} {sign} {self.at(b)})"
        return step if b == 0 else f"{self.at(b)} + {step}"
