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

from .program import Loop, Pass, Program, Returned, lowered
from .reverse import Derived
from .spell import JAVASCRIPT
from .words import Equation, key_of, scale, split
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
    program = lowered(system)
    sequences = [z for z, axes in program.shapes["TRACE"].items() if axes[0] == "N"]
    errors = [key for key, kind, value in program.backward.returned if key == value]
    kinds = dict.fromkeys((*sequences, *errors), "steps")
    kinds |= dict.fromkeys(program.initial, "state") | {"lags": "shared"}
    forward = ["params", *program.shapes["INPUTS"], *(["lags"] if program.lags else [])]
    backward = ["params", "trace", *program.losses]
    given = {
        "params": "shared",
        "trace": "trace",
        **dict.fromkeys(program.losses, "steps"),
        **kinds,
    }

    def batched(arguments: list[str]) -> str:
        return (
            f"kinds, {json.dumps([given[k] for k in arguments])}, {json.dumps(arguments)}, tables"
        )

    body = [
        Path(__file__).with_name("vectors.js").read_text(encoding="utf-8").strip(),
        *_functions(program),
        _forward(program, forward),
        _backward(program, backward),
        f"var kinds = {json.dumps(kinds)};",
        f"var tables = {json.dumps(program.tables)};",
        "return {",
        f"  forward: batched(forward, {batched(forward)}),",
        f"  backward: batched(backward, {batched(backward)})",
        "};",
    ]
    inside = indent("\n".join(body), "  ")
    return (
        f"// {program.name}: forward({', '.join(forward)}) and backward({', '.join(backward)}).\n"
        f"// Written by lstm_lib.derive from the forward equations.\n"
        f'var {name} = (function () {{\n  "use strict";\n{inside}\n}})();\n'
        f'if (typeof module !== "undefined" && module.exports) module.exports = {name};\n'
    )


def _functions(program: Program) -> list[str]:
    lines = []
    for made in program.functions.values():
        for name, body in made.program(JAVASCRIPT).items():
            text = f"return a.map(function (z) {{ return {body}; }});"
            lines.append(f"function {name}(a) {{ {text} }}")
    if "cut" in program.helpers:
        lines.append("function cut(z) { return z; }  // the value passes, no error comes back")
    return lines


def _forward(program: Program, arguments: list[str]) -> str:
    this, sizes = program.forward, program.shapes["INPUTS"]
    lines = [
        *_leaves(program, ""),
        *(f"{x} = padded({x}, N, pad, {sizes[x][-1]});" for x in this.steps),
        *_rooms(this),
        *(f"if ({key}) {name}[{index}] = {key};" for name, index, key in program.starts),
    ]
    return _function("forward", arguments, program, this, lines)


def _backward(program: Program, arguments: list[str]) -> str:
    this, trace = program.backward, program.shapes["TRACE"]
    steps = {z: axes[-1] for z, axes in trace.items() if axes[0] == "N"}
    lines = [
        *(["var lags = trace.lags;"] if program.lags else []),
        *_leaves(program, "trace."),
        *(f"var {z} = padded(trace.{z}, N, pad, {size});" for z, size in steps.items()),
        *(f"{name}[{index}] = trace.{key};" for name, index, key in program.starts),
        *(f"dL_d{z} = padded(dL_d{z}, N, pad, {steps[z]});" for z in program.outputs),
        *_rooms(this),
    ]
    return _function("backward", arguments, program, this, lines)


def _leaves(program: Program, group: str) -> list[str]:
    """Lines that take the parameters and sizes apart; the inputs stand in a group, or alone."""
    lines = [f"var {lags} = lags.{lags};" for lags in program.lags]
    sizes: dict[str, str] = {}
    for name, shape in program.shapes["PARAMS"].items():
        value, lags = f"params.{name}", program.taps.get(name)
        lines.append(f"var {name} = {f'byLag({lags}, {value})' if lags else value};")
        for axis, size in enumerate(shape):
            sizes.setdefault(size, f"{value}{'[0]' * axis}.length")
    for name in program.forward.steps:
        size = program.shapes["INPUTS"][name][-1]
        sizes.setdefault(size, f"N ? {group}{name}[0].length : 0")
    before, after, windows = program.reach
    pad = str(max(before, after))
    if windows:
        every = ", ".join(program.lags)
        pad += f" + {windows} * Math.max.apply(null, [].concat({every}).map(Math.abs))"
    lines.append(f"var N = {group}{program.forward.steps[0]}.length, pad = {pad};")
    return lines + [f"var {z} = {of};" for z, of in sizes.items() if z not in program.lags]


def _rooms(this: Pass) -> list[str]:
    return [f"var {name} = steps(N, pad, {size});" for name, size in this.rooms.items()]


def _loop(loop: Loop, program: Program) -> list[str]:
    """Lines of a loop over the steps, each below the equation that it computes."""
    before, inside = [], []
    for e in loop.equations:
        page, line = Page().equation(e), f"{JavaScript().at(e.lhs)} = {JavaScript().at(e.rhs)};"
        inside += [line] if line == page + ";" else [f"// {page}", line]
    for e in loop.sums:
        key, rows = key_of(e), _accumulate(e)
        zero = f"zeros({key})"
        if key in program.taps:
            zero = f"each({key}, zeros)"
            rows = [f"{program.taps[key]}.forEach(function (l) {{ {' '.join(rows)} }});"]
        before.append(f"var {e.name} = {zero};")
        inside += [f"// {Page().equation(e)}", *rows]
    up, down = "var n = 0; n < N; n++", "var n = N - 1; n >= 0; n--"
    steps = up if loop.direction > 0 else down
    return [*before, f"for ({steps}) {{", *(f"  {row}" for row in inside), "}"]


def _accumulate(e: Equation) -> list[str]:
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
    return rows


def _function(
    name: str, arguments: list[str], program: Program, this: Pass, lines: list[str]
) -> str:
    """The whole pass, after its arguments were taken in by the given lines."""
    for loop in this.loops:
        lines += _loop(loop, program)
    for e in this.once:
        lines += [f"// {Page().equation(e)}", f"var dE_d{key_of(e)} = {JavaScript().at(e.rhs)};"]
    items = [f"  {back.key}: {_returned(back, program)}" for back in this.returned]
    if program.lags and name == "forward":
        items.append("  lags: lags")
    body = [*lines, "return {", ",\n".join(items), "};"]
    return f"function {name}({', '.join(arguments)}) {{\n" + indent("\n".join(body), "  ") + "\n}"


def _returned(back: Returned, program: Program) -> str:
    if back.kind == "steps":
        return f"{back.value}.slice(0, N)"
    if back.kind == "sum" and back.key in program.taps:
        return f"{program.taps[back.key]}.map(function (l) {{ return {back.value}[l]; }})"
    return back.value
