"""Programs in plain JavaScript, for a page's script tag and for Node.

A sequence is an array of vectors that reaches K steps beyond both ends, so that s[-1] is the
initial state and what lies outside reads as zero. Every line carries the equation it computes.
"""

from __future__ import annotations

import json
import re
from keyword import iskeyword
from pathlib import Path
from textwrap import indent
from typing import Any

from sympy import HadamardProduct, MatAdd, MatMul, MatrixExpr, OneMatrix, Transpose, ZeroMatrix

from .declare import Sweep
from .grammar import RESERVED
from .program import Pass, Program, Returned, lowered
from .reverse import Derived
from .spell import JAVASCRIPT
from .words import Equation, key_of, scale, split
from .writer import Page, Writer


class JavaScript(Writer):
    """A program whose expressions are calls on vectors."""

    def __init__(self, program: Program) -> None:
        self.program = program

    # -- expressions ---------------------------------------------------------------------------

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

    def equation(self, e: Equation) -> list[str]:
        """The equation as on the page, and what computes it, if that looks different."""
        page, line = Page().whole(e), f"{self.at(e.lhs)} = {self.at(e.rhs)}"
        return [f"{line};"] if line == page else [f"// {page}", f"{line};"]

    def added(self, e: Equation) -> list[str]:
        """The terms of a sum over time, each added to what is there."""
        body, rows, target = e.rhs.args[0], [f"// {Page().whole(e)}"], self.at(e.lhs)
        for term in body.args if isinstance(body, MatAdd) else (body,):
            c, z = split(term)
            if e.lhs.shape[1] == 1:
                rows.append(f"addTo({target}, {self.at(term)});")
            elif isinstance(z, MatMul):
                a, b = self.at(scale(c, z.args[0])), self.at(z.args[1].args[0])
                rows.append(f"addOuter({target}, {a}, {b});")
        if lags := self.program.taps[key_of(e)]:
            rows[1:] = [f"{lags}.forEach(function (l) {{ {' '.join(rows[1:])} }});"]
        return rows

    # -- passes --------------------------------------------------------------------------------

    def script(self, name: str) -> str:
        """The text of a script that defines one object with both passes."""
        program = self.program
        sequences = [z for z, axes in program.shapes["TRACE"].items() if axes[0] == "N"]
        errors = [back.key for back in program.backward.returned if back.key == back.value]
        kinds = dict.fromkeys((*sequences, *errors), "steps")
        kinds |= dict.fromkeys(program.initial, "state") | {"lags": "shared"}
        kind = {"params": "shared", "trace": "trace"} | dict.fromkeys(program.losses, "steps")
        forward = ["params", *program.shapes["INPUTS"], *(["lags"] if program.lags else [])]
        backward = ["params", "trace", *program.losses]
        body = [
            Path(__file__).with_name("vectors.js").read_text(encoding="utf-8").strip(),
            *self.functions(),
            self.function("forward", forward, program.forward, self.entering()),
            self.function("backward", backward, program.backward, self.tracing()),
            f"var kinds = {json.dumps(kinds)};",
            f"var tables = {json.dumps(program.tables)};",
            "return {",
        ]
        for made, names, end in (("forward", forward, ","), ("backward", backward, "")):
            given = json.dumps([(kind | kinds)[z] for z in names])
            body.append(
                f"  {made}: batched({made}, kinds, {given}, {json.dumps(names)}, tables){end}"
            )
        inside = indent("\n".join([*body, "};"]), "  ")
        calls = f"forward({', '.join(forward)}) and backward({', '.join(backward)})"
        return (
            f"// {program.name}: {calls}.\n"
            f"// Written by lstm_lib.derive from the forward equations.\n"
            f'var {name} = (function () {{\n  "use strict";\n{inside}\n}})();\n'
            f'if (typeof module !== "undefined" && module.exports) module.exports = {name};\n'
        )

    def functions(self) -> list[str]:
        """The warping functions, on vectors."""
        body = "return a.map(function (z) {{ return {}; }});"
        formulas = self.program.formulas(JAVASCRIPT).items()
        lines = [f"function {name}(a) {{ {body.format(text)} }}" for name, text in formulas]
        if "cut" in self.program.helpers:
            lines.append("function cut(z) { return z; }  // the value passes, no error comes back")
        return lines

    def entering(self) -> list[str]:
        """Lines that take the arguments of the forward pass in."""
        program, inputs = self.program, self.program.shapes["INPUTS"]
        return [
            *self.leaves(""),
            *(f"{x} = padded({x}, N, pad, {inputs[x][-1]});" for x in program.forward.steps),
            *self.rooms(program.forward),
            *(f"if ({key}) {name}[{index}] = {key};" for name, index, key in program.starts),
        ]

    def tracing(self) -> list[str]:
        """Lines that take the arguments of the backward pass in."""
        program, trace = self.program, self.program.shapes["TRACE"]
        steps = {z: axes[-1] for z, axes in trace.items() if axes[0] == "N"}
        return [
            *(["var lags = trace.lags;"] if program.lags else []),
            *self.leaves("trace."),
            *(f"var {z} = padded(trace.{z}, N, pad, {size});" for z, size in steps.items()),
            *(f"{name}[{index}] = trace.{key};" for name, index, key in program.starts),
            *(f"{z} = padded({z}, N, pad, {steps[v]});" for z, v in program.losses.items()),
            *self.rooms(program.backward),
        ]

    def leaves(self, group: str) -> list[str]:
        """Lines that take parameters and sizes apart; inputs stand in a group, or alone."""
        program, sizes = self.program, dict[str, str]()
        lines = [f"var {lags} = lags.{lags};" for lags in program.lags]
        for name, lags in program.taps.items():
            value = f"params.{name}"
            lines.append(f"var {name} = {f'byLag({lags}, {value})' if lags else value};")
            for axis, size in enumerate(program.shapes["PARAMS"][name]):
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

    def rooms(self, this: Pass) -> list[str]:
        return [f"var {name} = steps(N, pad, {size});" for name, size in this.rooms.items()]

    def function(self, name: str, arguments: list[str], this: Pass, lines: list[str]) -> str:
        """A whole pass, after lines that take its arguments in."""
        for loop in this.loops:
            lines += self.loop(loop)
        for e in this.once:
            lines += [f"// {Page().whole(e)}", f"var dE_d{key_of(e)} = {self.at(e.rhs)};"]
        items = [f"  {back.key}: {self.returned(back)}" for back in this.returned]
        if self.program.lags and name == "forward":
            items.append("  lags: lags")
        body = indent("\n".join([*lines, "return {", ",\n".join(items), "};"]), "  ")
        return f"function {name}({', '.join(arguments)}) {{\n{body}\n}}"

    def loop(self, loop: Sweep) -> list[str]:
        """A loop over the steps, after what it adds up is set to zero."""
        before = []
        for e in loop.sums:
            key = key_of(e)
            zero = f"each({key}, zeros)" if self.program.taps[key] else f"zeros({key})"
            before.append(f"var {e.name} = {zero};")
        inside = [row for e in loop.equations for row in self.equation(e)]
        inside += [row for e in loop.sums for row in self.added(e)]
        steps = "var n = 0; n < N; n++" if loop.direction > 0 else "var n = N - 1; n >= 0; n--"
        return [*before, f"for ({steps}) {{", *(f"  {row}" for row in inside), "}"]

    def returned(self, back: Returned) -> str:
        if back.kind == "steps":
            return f"{back.value}.slice(0, N)"
        if back.kind == "sum" and (lags := self.program.taps[back.key]):
            return f"{lags}.map(function (l) {{ return {back.value}[l]; }})"
        return back.value


def free(name: str) -> bool:
    """Whether a variable can have the name."""
    return name.isidentifier() and name.isascii() and not iskeyword(name) and name not in RESERVED


def javascript_source(system: Derived, name: str | None = None) -> str:
    """A script that defines one object with ``forward`` and ``backward``.

    ``forward(params, x, s0, v0)`` takes x as (N, B, d) or, for one sequence, (N, d) and returns
    the trace in the same form; ``backward(params, trace, dL_dv)`` returns every gradient and every
    named error. Initial states may be left out. A system with windows takes its lags last,
    ``{L_cu: [-1, 0, 1]}``. The object is a global variable in a page and the export in Node; it is
    called ``name``, by default the system's name in lower case. What comes in is checked: names,
    lengths, numbers, and that they are finite.

    Raises:
        ValueError: if the name is not an identifier, or a word of the language.
    """
    if name is None:
        name = re.sub(r"\W+", "_", system.name).strip("_").lower()
        name = name if free(name) else f"system_{name}"
    if not free(name):
        raise ValueError(f"name: expected an identifier that JavaScript leaves free, got {name!r}")
    return JavaScript(lowered(system)).script(name)
