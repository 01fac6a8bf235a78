"""SymPy to JavaScript."""

from __future__ import annotations

import pytest
import sympy as sp

from lstm_lib.page.javascript import javascript_function
from tests.page.figures.javascript import run

x, y = sp.symbols("x y", real=True)

EXPRESSIONS = {
    "power": x**3 + x**2 - x**5 + 1 / (1 + y**2),
    "functions": sp.tanh(x) * sp.exp(-y) + sp.sin(x * y) + sp.sqrt(1 + x**2),
    "rationals": x / 3 - sp.Rational(7, 5) * y,
    "cases": sp.Piecewise((x, y > 0), (-x, True)),
    "constant": sp.Integer(2),
}


@pytest.mark.parametrize("point", [(0.3, -1.2), (-2.5, 0.7), (4.0, 3.0)])
def test_emitted_functions_have_the_expressions_values(point):
    source = javascript_function("f", [x, y], EXPRESSIONS)
    got = run(f"{source}\nf({point[0]}, {point[1]})")
    for name, expr in EXPRESSIONS.items():
        expected = float(expr.subs({x: point[0], y: point[1]}))
        assert got[name] == pytest.approx(expected, rel=1e-14), name


def test_a_common_subexpression_is_computed_once():
    shared = sp.tanh(x + y)
    source = javascript_function("f", [x, y], {"a": shared + 1, "b": shared**2})
    assert source.count("Math.tanh") == 1


def test_an_unknown_symbol_is_refused():
    with pytest.raises(ValueError, match=r"outputs\['a'\].*symbol\(s\) \['y'\]"):
        javascript_function("f", [x], {"a": x + y})
