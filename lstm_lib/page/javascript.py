"""JavaScript functions from SymPy expressions.

The figures compute in the reader's browser. What they compute is written once, in SymPy; this
module prints it as JavaScript, with common sub-expressions named once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy.printing.jscode import JavascriptCodePrinter

__all__ = ["javascript_constant", "javascript_function"]


class _Printer(JavascriptCodePrinter):
    """SymPy's printer, with small whole powers as products and tanh as ``Math.tanh``."""

    def _print_Pow(self, expr: sympy.Pow) -> str:
        base, exponent = expr.as_base_exp()
        if exponent in (2, 3):
            factor = self.parenthesize(base, sympy.printing.precedence.PRECEDENCE["Mul"])
            return "(" + "*".join([factor] * int(exponent)) + ")"
        return super()._print_Pow(expr)


def javascript_constant(name: str, value: Any) -> str:
    """``const name = value;`` for numbers, texts, lists and dictionaries of such."""
    return f"const {name} = {json.dumps(value, separators=(',', ':'))};"


def javascript_function(
    name: str, arguments: Sequence[sympy.Symbol], outputs: Mapping[str, sympy.Expr]
) -> str:
    """The source of ``function name(arguments)`` that returns an object of ``outputs``.

    Raises ``ValueError`` if an output uses a symbol that is not an argument.
    """
    known = set(arguments)
    for key, expr in outputs.items():
        if stray := sympy.sympify(expr).free_symbols - known:
            raise ValueError(
                f"outputs[{key!r}]: expected an expression in {sorted(map(str, known))}, "
                f"got the symbol(s) {sorted(map(str, stray))}"
            )
    printer = _Printer()
    named, reduced = sympy.cse(
        [sympy.sympify(e) for e in outputs.values()], sympy.numbered_symbols("t_")
    )
    lines = [f"  const {symbol} = {printer.doprint(value)};" for symbol, value in named]
    pairs = zip(outputs, reduced, strict=True)
    lines.append(
        "  return {" + ", ".join(f"{key}: {printer.doprint(value)}" for key, value in pairs) + "};"
    )
    return "\n".join([f"function {name}({', '.join(map(str, arguments))}) {{", *lines, "}"])
