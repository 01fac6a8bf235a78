"""Programs in plain JavaScript, for a page's script tag and for Node.

A sequence is an array of vectors that reaches K steps beyond both ends, so that s[-1] is the
initial state and what lies outside reads as zero. Every line carries the equation it computes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import indent
from typing import Any

from sympy import HadamardProduct, MatAdd, MatMul, MatrixExpr, OneMatrix, Transpose, ZeroMatrix

from .declare import starts
from .plan import reach, size_sources, sums_and_values, sweeps_back, tables
from .reverse import Derived
from .spell import JAVASCRIPT
from .words import Equation, Tap, key_of, scale, split
from .writer import Page, Writer


class JavaScript(Writer):
    """Expressions as calls on vectors."""

    def spell(self, z: Any) -> tuple[str, int]:
        match z:
            case MatAdd():
                return self.total(z), 2
            case HadamardProduct():
                return self.call("mul", *map(self.at, z.args)), 2
            case MatMul(args=(Transpose() as a, b)):
                return self.call("dotT", self.at(a.args[0]), self.at(b)), 2
            case MatMul(args=(a, b)) if isinstance(a, MatrixExpr):
                return self.call("dot", self.at(a), self.at(b)), 2
            case MatMul(args=(number, rest)):
                return self.call("scale", self.number(number), self.at(rest)), 2
            case OneMatrix() | ZeroMatrix():
                value = "1" if isinstance(z, OneMatrix) else "0"
                return self.call("filled", str(z.shape[0]), value), 2
        return super().spell(z)

    @staticmethod
    def call(name: str, *arguments: str) -> str:
        return f"{name}({', '.join(arguments)})"

    def total(self, z: MatAdd) -> str:
        """A sum as one ``add``, and a ``sub`` for every negative term."""
        terms = [split(term) for term in z.args]
        positive = [self.at(term) for term, (c, _) in zip(z.args, terms, strict=True) if c > 0]
        text = self.call("add", *positive) if len(positive) > 1 else "".join(positive)
        for c, term in terms:
            if c < 0:
                text = text or self.call("filled", str(z.shape[0]), "0")
                text = self.call("sub", text, self.at(scale(-c, term)))
        return text

    def window(self, z: Any) -> str:
        body = f"function ({z.lag}) {{ return {self.at(z.args[0])}; }}"
        return self.call("sumOver", z.lags, str(z.shape[0]), body)


def javascript_source(system: Derived, name: str | None = None) -> str:
    """A script that defines one object with ``forward`` and ``backward``.

    ``forward(params, x, s0, v0)`` takes x as (N, B, d) or, for one sequence, (N, d) and returns
    the trace in the same form; ``backward(params, trace, dL_dv)`` returns every gradient and every
    named error. Initial states may be left out. A system with windows takes its lags last,
    ``{L_cu: [-1, 0, 1]}``. The object is a global variable in a page and the export in Node; it is
    called ``name``, by default the system's name in lower case. What comes in is checked: names,
    lengths, numbers, and that they are finite.

    Raises:
        ValueError: if the name is not an identifier.
    """
    if name is None:
        name = re.sub(r"\W+", "_", system.name).strip("_").lower()
        name = name if name.isidentifier() else f"system_{name}"
    if not name.isidentifier():
        raise ValueError(f"name: expected an identifier, got {name!r}")
    losses, initial = [f"dL_d{z}" for z in system.outputs], [key for _, _, key in starts(system)]
    errors = [e.name for e in system.backward]
    kinds = dict.fromkeys((*system.inputs, *system.sequences, *errors), "steps")
    kinds |= dict.fromkeys(initial, "state") | {"lags": "shared"}
    windows = ["lags"] if system.lag_sets else []
    forward = ["params", *system.inputs, *initial, *windows]
    backward = ["params", "trace", *losses]
    given = {"params": "shared", "trace": "trace", **dict.fromkeys(losses, "steps"), **kinds}
    body = [
        Path(__file__).with_name("vectors.js").read_text(encoding="utf-8").strip(),
        *_functions(system),
        _forward(system, forward),
        _backward(system, backward),
        f"var kinds = {json.dumps(kinds)};",
        f"var tables = {json.dumps(tables(system))};",
        "return {",
        f"  forward: batched(forward, {_arguments(forward, given)}),",
        f"  backward: batched(backward, {_arguments(backward, given)})",
        "};",
    ]
    inside = indent("\n".join(body), "  ")
    return (
        f"// {system.name}: forward({', '.join(forward)}) and backward({', '.join(backward)}).\n"
        f"// Written by lstm_lib.derive from the forward equations.\n"
        f'var {name} = (function () {{\n  "use strict";\n{inside}\n}})();\n'
        f'if (typeof module !== "undefined" && module.exports) module.exports = {name};\n'
    )


def _arguments(names: list[str], given: dict[str, str]) -> str:
    """The kinds and names of the arguments, as ``batched`` takes them."""
    return f"kinds, {json.dumps([given[k] for k in names])}, {json.dumps(names)}, tables"


def _functions(system: Derived) -> list[str]:
    lines = []
    for made in system.functions.values():
        for name, body in made.program(JAVASCRIPT).items():
            text = f"return a.map(function (z) {{ return {body}; }});"
            lines.append(f"function {name}(a) {{ {text} }}")
    if "cut(" in system.text["forward"]:
        lines.append("function cut(z) { return z; }  // the value passes, no error comes back")
    return lines


def _leaves(system: Derived, of_input: str) -> list[str]:
    """Lines that take the parameters and sizes apart."""
    matrices = {**system.parameters, **system.constants}
    lines = [f"var {lags} = lags.{lags};" for lags in system.lag_sets]
    for name in matrices:
        lags = system.taps.get(name)
        lines.append(
            f"var {name} = {f'byLag({lags}, params.{name})' if lags else f'params.{name}'};"
        )
    before, after, windows = reach(system)
    pad = str(max(before, after))
    if windows:
        every = ", ".join(system.lag_sets)
        pad += f" + {windows} * Math.max.apply(null, [].concat({every}).map(Math.abs))"
    lines.append(f"var N = {of_input}{next(iter(system.inputs))}.length, pad = {pad};")
    for size, (name, axis) in size_sources(system).items():
        if name in matrices:
            inner = "[0]" * (len(matrices[name]) + axis + (name in system.taps))
            lines.append(f"var {size} = params.{name}{inner}.length;")
        else:
            lines.append(f"var {size} = N ? {of_input}{name}[0].length : 0;")
    return lines


def _sweep(direction: int, equations: list[Equation]) -> list[str]:
    up = "for (var n = 0; n < N; n++) {"
    lines = [up if direction > 0 else "for (var n = N - 1; n >= 0; n--) {"]
    for e in equations:
        page, line = Page().equation(e), f"{JavaScript().at(e.lhs)} = {JavaScript().at(e.rhs)};"
        lines += [f"  {line}"] if line == page + ";" else [f"  // {page}", f"  {line}"]
    return [*lines, "}"]


def _forward(system: Derived, arguments: list[str]) -> str:
    lines, initial = [], starts(system)
    lines += _leaves(system, "")
    lines += [f"{x} = padded({x}, N, pad, {size});" for x, (size,) in system.inputs.items()]
    lines += [f"var {e.name} = steps(N, pad, {e.lhs.shape[0]});" for e in system.forward]
    lines += [f"if ({key}) {name}[{index}] = {key};" for name, index, key in initial]
    for sweep in system.passes:
        lines += _sweep(sweep.direction, list(sweep.equations))
    items = [f"{z}: {z}.slice(0, N)" for z in (*system.inputs, *(e.name for e in system.forward))]
    items += [f"{key}: {name}[{index}]" for name, index, key in initial]
    items += ["lags: lags"] if system.lag_sets else []
    return _function("forward", arguments, lines, items)


def _backward(system: Derived, arguments: list[str]) -> str:
    sums, values, initial = sums_and_values(system)
    lines = ["var lags = trace.lags;"] if system.lag_sets else []
    lines += _leaves(system, "trace.")
    size = {z: shape[0] for z, shape in {**system.inputs, **system.sequences}.items()}
    lines += [f"var {z} = padded(trace.{z}, N, pad, {size[z]});" for z in size]
    lines += [f"{name}[{index}] = trace.{key};" for name, index, key in starts(system)]
    lines += [f"dL_d{z} = padded(dL_d{z}, N, pad, {size[z]});" for z in system.outputs]
    lines += [
        f"var {e.name} = steps(N, pad, {e.lhs.shape[0]});" for e in (*system.backward, *values)
    ]
    for direction, equations in sweeps_back(system, system.backward):
        lines += _sweep(direction, equations)
    items = []
    for e in sums:
        key, lags = key_of(e), system.taps.get(key_of(e))
        zero = f"each({key}, zeros)" if lags else f"zeros({key})"
        lines.append(f"var {e.name} = {zero};")
        taps = f"{lags}.map(function (l) {{ return {e.name}[l]; }})"
        items.append(f"{key}: {taps if lags else e.name}")
    lines += _sweep(1, values)[:-1]
    for e in sums:
        lines += [f"  // {Page().equation(e)}", *(f"  {row}" for row in _accumulate(system, e))]
    lines.append("}")
    for e in initial:
        lines += [f"// {Page().equation(e)}", f"var dE_d{key_of(e)} = {JavaScript().at(e.rhs)};"]
    items += [f"{key_of(e)}: {e.name}.slice(0, N)" for e in values]
    items += [f"{key_of(e)}: dE_d{key_of(e)}" for e in initial]
    items += [f"{e.name}: {e.name}.slice(0, N)" for e in system.backward]
    return _function("backward", arguments, lines, items)


def _accumulate(system: Derived, e: Equation) -> list[str]:
    """The terms of a sum over time, each added to what is there."""
    js, body, rows = JavaScript(), e.rhs.args[0], []
    target = js.at(e.lhs)
    for term in body.args if isinstance(body, MatAdd) else (body,):
        c, z = split(term)
        if e.lhs.shape[1] == 1:
            rows.append(f"addTo({target}, {js.at(term)});")
        elif isinstance(z, MatMul):
            a, b = z.args
            rows.append(f"addOuter({target}, {js.at(scale(c, a))}, {js.at(b.args[0])});")
    if isinstance(e.lhs, Tap):
        return [f"{system.taps[key_of(e)]}.forEach(function (l) {{ {' '.join(rows)} }});"]
    return rows


def _function(name: str, arguments: list[str], lines: list[str], items: list[str]) -> str:
    body = [*lines, "return {", ",\n".join(f"  {item}" for item in items), "};"]
    return f"function {name}({', '.join(arguments)}) {{\n" + indent("\n".join(body), "  ") + "\n}"
