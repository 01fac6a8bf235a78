"""A declaration as plain values: numbers, texts, lists and mappings, as a file of JSON holds them.

>>> from lstm_lib.derive import System, gru
>>> System(**arguments(values(gru))).backward == gru.backward
True
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Expr, Float, Rational, Symbol, false, sympify, true
from sympy.functions.elementary.piecewise import ExprCondPair

from .declare import Declaration
from .warping import KNOWN, z

__all__ = ["arguments", "values"]

# What an expression may consist of besides numbers and z. A file can name these and nothing else.
NODES: dict[str, Any] = {
    node.__name__: node
    for node in (
        *(sympy.Add, sympy.Mul, sympy.Pow, sympy.exp, sympy.log),
        *(sympy.sin, sympy.cos, sympy.tan, sympy.asin, sympy.acos, sympy.atan, sympy.atan2),
        *(sympy.sinh, sympy.cosh, sympy.tanh, sympy.asinh, sympy.acosh, sympy.atanh),
        *(sympy.Abs, sympy.sign, sympy.Max, sympy.Min, sympy.floor, sympy.ceiling, sympy.Heaviside),
        *(sympy.Piecewise, ExprCondPair, sympy.And, sympy.Or, sympy.Not, sympy.Eq, sympy.Ne),
        *(sympy.StrictLessThan, sympy.LessThan, sympy.StrictGreaterThan, sympy.GreaterThan),
    )
}
NUMBERS = {"pi": sympy.pi, "E": sympy.E}


def values(system: Declaration) -> dict[str, Any]:
    """The arguments of ``System`` that declare it.

    Raises:
        ValueError: for a warping with a function that is not in ``NODES``.
    """
    warping = {name: listed(given) for name, given in system.warping.items()}
    return {"name": system.name, **system.text, "warping": warping, "source": system.source}


def arguments(declaration: Mapping[str, Any]) -> dict[str, Any]:
    """The reverse of ``values``. Nothing in it is run: it may come from a stranger's file.

    Raises:
        ValueError: for anything but the parts of an expression that programs can compute.
    """
    given = declaration.get("warping") or {}
    if not isinstance(given, Mapping):
        raise ValueError(f"warping: expected a mapping from names, got {given!r}")
    warping = {name: function(value) for name, value in given.items()}
    return {**declaration, "warping": warping}


def function(given: Any) -> Any:
    """A known function's name or an expression; what only a program can hold stays, not a file."""
    if isinstance(given, str):
        if given not in KNOWN:
            raise ValueError(f"warping: expected one of {', '.join(KNOWN)}, got {given!r}")
        return given
    return given if isinstance(given, Expr) or callable(given) else node(given)


def listed(given: Any) -> Any:
    """A known function's name, or an expression as lists: ``["tanh", ["Mul", [1, 2], ["z"]]]``."""
    if isinstance(given, str):
        return given
    if given in (true, false):
        return bool(given)
    if isinstance(given, Symbol):
        return ["z"]
    if isinstance(given, Rational):
        return [int(given.p), int(given.q)]
    if isinstance(given, Float):
        return float(given)
    for name, number in NUMBERS.items():
        if given == number:
            return [name]
    if (name := type(given).__name__) not in NODES:
        raise ValueError(f"warping: expected functions among {', '.join(NODES)}, got {given}")
    return [name, *map(listed, given.args)]


def node(lists: Any) -> Any:
    """The expression that ``listed`` took apart.

    Whatever ``listed`` does not make is refused: SymPy's functions evaluate a string as Python.
    """
    match lists:
        case bool() | int():
            return sympify(lists)
        case float() if math.isfinite(lists):
            return Float(lists)
        case ["z"]:
            return z
        case [int(p), int(q)] if isinstance(lists, list):
            return Rational(p, q)
        case [str(name)] if name in NUMBERS:
            return NUMBERS[name]
        case [str(name), *args] if name in NODES:
            parts = [node(arg) for arg in args]
            try:
                return NODES[name](*parts)
            except Exception as error:  # whatever SymPy raises for too few or unfitting parts
                raise ValueError(f"warping: expected what {name} takes, got {parts}") from error
    raise ValueError(f"warping: expected the parts of an expression in z, got {lists!r}")
