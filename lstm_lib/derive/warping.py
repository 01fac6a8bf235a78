"""Warping functions: any function of one number that all the programs can compute.

A warping is the name of a known function, a SymPy expression in one symbol, or a callable that
makes such an expression. Its slope is SymPy's derivative. ``spell`` prints both for every language,
and what it cannot print is refused here, when the system is declared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import sympy
from sympy import Add, Expr, Heaviside, Matrix, Max, Mul, Pow, Rational, Symbol, exp, tanh

from .grammar import DeclarationError
from .latex import Latex
from .spell import JAVASCRIPT, NUMPY, PLAIN, Unprintable

z = Symbol("z", real=True)  # the argument
r = Symbol("r", real=True)  # the value, where a slope is written by it

# tanh saturates and cannot overflow, so the logistic functions are written by it.
KNOWN: dict[str, Expr] = {
    "logistic": tanh(z / 2) / 2 + Rational(1, 2),
    "logistic2": tanh(z / 2),  # between -1 and 1
    "logistic4": 2 * tanh(z / 2),  # between -2 and 2
    "tanh": tanh(z),
    "identity": z,
    "relu": Max(z, 0),
    "softplus": sympy.log(1 + exp(z)),
    "exp": exp(z),
    "log": sympy.log(z),
    "reciprocal": 1 / z,
    "sqrt": sympy.sqrt(z),
    "rsqrt": 1 / sympy.sqrt(z),
    "square": z**2,
    "sin": sympy.sin(z),
    "cos": sympy.cos(z),
}

Given: TypeAlias = "str | Expr | Callable[[Any], Any]"


@dataclass(frozen=True)
class Warping:
    """A function of one number: ``value`` and ``slope`` are expressions in z."""

    name: str
    value: Expr
    given: str | Expr  # as it was declared

    @cached_property
    def slope(self) -> Expr:
        """The derivative; a step counts as 0 where it stands, so the slope of relu at 0 is 0."""
        return sympy.factor_terms(steady(self.value.diff(z)))

    @property
    def formulas(self) -> dict[str, Expr]:
        """The function and its derivative by their names in programs, G and dG."""
        return {self.name: self.value, f"d{self.name}": self.slope}

    def program(self, language: Any) -> dict[str, str]:
        """The formulas spelled in a language of ``spell``; a derivative has the shape of z."""
        found = {}
        for name, formula in self.formulas.items():
            text = language.spell(formula)
            only_steps = not formula.replace(Heaviside, lambda *_: r).has(z)
            found[name] = f"0 * z + {text}" if only_steps else text
        return found

    def latex(self) -> list[str]:
        """Two rows of LaTeX: the function and its derivative."""
        name, slope = Latex().function(self.name), sympy.latex(self.slope)
        return [f"{name}(z) &= {sympy.latex(self.value)}", f"{name}'(z) &= {slope}"]

    @cached_property
    def by_value(self) -> Expr | None:
        """The slope as a polynomial in the value r, such as 1 - r**2 for tanh; None: there is none.

        Found from four points, then confirmed by SymPy for all z.
        """
        at = [Rational(k, 7) for k in (2, 5, 9, 11)]
        values, slopes = ([f.subs(z, p).evalf(40) for p in at] for f in (self.value, self.slope))
        real = all(v.is_real and v.is_finite for v in (*values, *slopes))
        if not real or len(set(values)) < 4:
            return None
        powers = Matrix([[v**k for k in range(4)] for v in values])
        found = [
            sympy.nsimplify(c, rational=True, tolerance=1e-20)
            for c in powers.LUsolve(Matrix(slopes))
        ]
        polynomial = Add(*(c * r**k for k, c in enumerate(found)))
        simple = all(c.q <= 64 for c in found)
        right = simple and (polynomial.subs(r, self.value) - self.slope).equals(0)
        return polynomial if right else None


def warping(name: str, given: Given) -> Warping:
    """Read one entry of a declaration's warpings.

    Raises:
        DeclarationError: if it is not a function of one number that every program can compute.
    """
    if isinstance(given, str) and given not in KNOWN:
        raise DeclarationError(
            f"warping {name}: expected one of {', '.join(KNOWN)}, or a SymPy expression in one "
            f"symbol, got {given!r}"
        )
    value = KNOWN[given] if isinstance(given, str) else expression(name, given)
    if name in KNOWN and value != KNOWN[name]:
        raise DeclarationError(f"warping {name}: {name} is a known function and means nothing else")
    made = Warping(name, value, given if isinstance(given, str) else value)
    try:
        for language in (JAVASCRIPT, NUMPY, PLAIN):  # the first has the fewest functions
            made.program(language)
    except Unprintable as error:
        raise DeclarationError(f"warping {name}: {error}") from None
    return made


def expression(name: str, given: Any) -> Expr:
    """A SymPy expression, or what a callable makes of z, as an expression in z."""
    what = f"warping {name}: expected a name, or a SymPy expression in one symbol, or its function"
    if callable(given) and not isinstance(given, Expr):
        try:
            given = given(z)
        except Exception as error:  # whatever the reader's own function raises
            raise DeclarationError(f"{what}, the function raised {error!r}") from None
    if not isinstance(given, Expr):
        raise DeclarationError(f"{what}, got {given!r}")
    symbols = given.free_symbols
    if len(symbols) != 1:
        names = ", ".join(sorted(map(str, symbols))) or "none"
        raise DeclarationError(f"{what}, got {given} with the symbols {names}")
    value = given.subs(symbols.pop(), z)
    if value.has(sympy.I, sympy.oo, -sympy.oo, sympy.zoo):
        raise DeclarationError(f"{what}, got {given}, which is not a real number everywhere")
    return steady(value)


def steady(formula: Expr) -> Expr:
    """Logistic functions written by tanh, which no argument makes overflow; steps written short."""

    def grown(base: Expr) -> Any:
        """The term e^a of 1 + e^a."""
        match base:
            case Add(args=(one, exp() as term)) if one == 1:
                return term

    def whole(product: Expr) -> Expr:  # e^a / (1 + e^a)
        for factor in product.args:
            term = grown(1 / factor)
            if term is not None and term in product.args:
                return product / factor / term * (Rational(1, 2) + tanh(term.args[0] / 2) / 2)
        return product

    def single(power: Expr) -> Expr:  # 1 / (1 + e^a)
        term = grown(power.base)
        if term is None or not power.exp.is_integer or power.exp > 0:
            return power
        return (Rational(1, 2) - tanh(term.args[0] / 2) / 2) ** -power.exp

    formula = formula.replace(lambda e: isinstance(e, Mul), whole)
    formula = formula.replace(lambda e: isinstance(e, Pow), single)
    return formula.replace(Heaviside, lambda a, *_: Heaviside(a / abs(a.as_coeff_Mul()[0])))
