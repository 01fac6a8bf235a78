"""Formulas of one number z in the languages of the programs: SymPy's printers, less their traps.

Fractions are printed as decimal numbers; Max, Min and steps by comparisons, which a slope can be
taken of; log(1 + e^z) so that nothing overflows; a function that one of the languages lacks, not at
all.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

from sympy import Abs, Add, Expr, Max, Min, Pow, Rel, exp, log, true
from sympy.codegen.cfunctions import log1p
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import PythonCodePrinter


class Unprintable(ValueError):
    """A formula that the programs cannot compute: the message says which part of it."""


class Speller(CodePrinter):
    """What the printers of all languages have in common."""

    def spell(self, formula: Expr) -> str:
        """The formula as an expression of the language.

        Raises:
            Unprintable: for a function that the language does not have.
        """
        text = re.sub(r"\s+", " ", self._print(formula.replace(log, steady_log)))
        return re.sub(r"(\*\*|[*/])", r" \1 ", text)

    def _print(self, e: Any, **options: Any) -> str:
        if isinstance(e, Expr) and e.is_number and e.is_finite and not e.is_Integer:
            try:
                return repr(float(e))
            except TypeError:
                raise Unprintable(f"{e} is not a real number") from None
        return super()._print(e, **options)

    def parenthesize(self, item: Any, level: float, strict: bool = False) -> str:
        if item.is_number and not item.is_negative:
            return self._print(item)
        if isinstance(item, Max | Min):
            return f"({self._print(item)})"
        return super().parenthesize(item, level, strict)

    def _print_Pow(self, e: Pow) -> str:
        if e.exp.is_number and e.exp.is_negative:
            root, below = 2 * e.exp == -1, e.base**-e.exp
            return (
                f"1/{self._print(below) if root else self.parenthesize(below, PRECEDENCE['Pow'])}"
            )
        return super()._print_Pow(e)

    def _print_Max(self, e: Any, sign: str = ">") -> str:
        """The larger of two, or the smaller, as b + (a - b) * (a > b)."""
        a, b = e.args[0], e.func(*e.args[1:])
        if not a.is_number:
            a, b = b, a
        step = f"({self._print(b)} {sign} {self._print(a)})"
        step = f"{self.parenthesize(b - a, PRECEDENCE['Mul'])}*{step}"
        return f"{self._print(a)} + {step}" if a != 0 else step

    def _print_Min(self, e: Any) -> str:
        return self._print_Max(e, "<")

    def _print_Heaviside(self, e: Any) -> str:
        return f"({self._print(e.args[0])} > 0)"

    def _print_Piecewise(self, e: Any) -> str:
        *cases, last = e.args
        if last.cond is not true or not all(isinstance(case.cond, Rel) for case in cases):
            self._refuse(e)
        return super()._print_Piecewise(e)

    def _refuse(self, e: Any) -> NoReturn:
        raise Unprintable(
            f"no program can compute {e}; what can be printed are sums, products, powers, exp, "
            "log, sin, cos, tan, sinh, cosh, tanh, their inverses, sqrt, Abs, sign, Max, Min and "
            "Piecewise"
        )

    _print_not_supported = emptyPrinter = _refuse


class NumpySpeller(Speller, NumPyPrinter):
    def _module_format(self, name: str, register: bool = True) -> str:
        return name.replace("numpy.", "np.")


class PlainSpeller(Speller, PythonCodePrinter):
    def _print_Pow(self, e: Pow) -> str:
        if e.exp.is_integer or 2 * abs(e.exp) == 1:
            return super()._print_Pow(e)
        return f"math.pow({self._print(e.base)}, {self._print(e.exp)})"  # no complex numbers


class JavaScriptSpeller(Speller, JavascriptCodePrinter):
    pass


def steady_log(a: Expr) -> Expr:
    """A logarithm, where it is of 1 + e^z without the overflow."""
    match a:
        case Add(args=(one, exp(args=(z,)))) if one == 1:
            return Max(z, 0) + log1p(exp(-Abs(z)))
    return log(a)


NUMPY = NumpySpeller()
PLAIN = PlainSpeller()
JAVASCRIPT = JavaScriptSpeller({"user_functions": {"log1p": "Math.log1p"}})
