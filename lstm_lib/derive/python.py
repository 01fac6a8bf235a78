"""Programs in Python: batched NumPy, and plain numbers for a single neuron.

A step of a batch is kept as a matrix (d, B), one column per sequence, so that a line of the
program is the line of the page. Arrays have a few rows more than there are steps: the initial
value of a state stands in the last row, which Python calls s[-1], and what lies beyond the
sequence reads as zero.
"""

from __future__ import annotations

from itertools import starmap
from pathlib import Path
from textwrap import indent
from typing import Any

from sympy import Transpose

from .declare import Sweep
from .program import Pass, Program, Returned, lowered
from .reverse import Derived
from .spell import NUMPY, PLAIN
from .words import Equation, Pool, Seq, key_of
from .writer import Writer

WIDTH = 88  # of a line in a loop, from where it begins
HELPERS = {
    "cut": "def cut(z):\n    return z  # the value passes, no error comes back",
    "mean": "def mean(z):\n    return np.broadcast_to(z.mean(0), z.shape)",
    "total": "def total(z):\n    return np.broadcast_to(z.sum(0), z.shape)",
}


class Batched(Writer):
    """A program in NumPy, over columns."""

    head = '''"""{}: forward and backward pass, written by lstm_lib.derive.

Sequences are arrays (N, B, d): N steps, B sequences side by side, d components; or (N, d).
"""

from numbers import Number

import numpy as np'''
    entering = """\
given, single = entered(given, "", INPUTS, sizes)
N, batch = sizes["N"], sizes["B"]
{sizes}
dtype = np.result_type(1.0, *given.values(), *params.values())"""
    tracing = """\
trace, single = entered(trace, "trace", TRACE, sizes, finite=False)
{losses}
N, batch = sizes["N"], sizes["B"]
{sizes}
dtype = np.result_type(trace["{output}"], {names}, *params.values())"""
    loss = '{0} = array({0}, "{0}")\n{0} = fitted({0}, "{0}", sizes, TRACE["{1}"], single)'
    # How a sequence to be computed and a sum begin; how values come in, and how they are returned.
    room, nothing = "np.zeros((N + pad, {}, batch), dtype)", "np.zeros_like({}, dtype)"
    padded, read, start = "columns({}, pad)", "columns({}, pad)", ".T"
    column, taps = "[:, None]", "np.stack({})"
    steps, state = "rows({}, N, single)", "row({}, single)"
    language, begins, helpers = NUMPY, ("groups", "arrays"), set(HELPERS)

    def __init__(self, program: Program) -> None:
        self.program = program

    # -- expressions ---------------------------------------------------------------------------

    def time_sum(self, z: Any) -> str:
        """The sum over time of a vector sums over the batch as well."""
        body = z.args[0]
        return self.at(body) if body.shape[1] != 1 else f"{self.at(body, 2)}.sum(1, keepdims=True)"

    def matrix_product(self, a: Any, b: Any) -> str:
        if isinstance(b, Transpose) and not b.has(Seq):  # one column for the whole batch
            return f"{self.at(a, 2)}.sum(1, keepdims=True) @ {self.at(b)}"
        return super().matrix_product(a, b)

    def zero(self, z: Any) -> str:
        rows, columns = z.shape
        return f"np.zeros(({rows}, {'batch' if columns == 1 else columns}), dtype)"

    # -- arguments -----------------------------------------------------------------------------

    def shape(self, axes: tuple[str, ...]) -> tuple[str, ...]:
        """The axes that an argument has."""
        return axes

    def filled(self, lines: str) -> list[str]:
        """Lines that check the arguments of a pass and name the sizes."""
        program = self.program
        output, *_ = program.losses.values()
        sizes = ", ".join(program.sizes), ", ".join(f'sizes["{z}"]' for z in program.sizes)
        return lines.format(
            initial=repr(program.initial).replace("'", '"'),
            sizes=" = ".join(sizes),
            losses="\n".join(starmap(self.loss.format, program.losses.items())),
            names=", ".join(program.losses),
            output=output,
        ).splitlines()

    def parameters(self) -> list[str]:
        """Lines that check the lags and the parameters."""
        program, lines = self.program, ['params = matched(params, "params", PARAMS, sizes)']
        if program.lags:
            lines = ["lags = windows(lags, LAGS, sizes)", *lines]
            lines += ["lags = tapped(lags, LAGS, sizes)"]
            lines += [f'{lags} = lags["{lags}"]' for lags in program.lags]
        for name, lags in program.taps.items():
            value, column = f'params["{name}"]', self.column if program.vector(name) else ""
            if lags:
                pairs = f"zip({lags}, {value}, strict=True)"
                value = f"{{l: w{column} for l, w in {pairs}}}" if column else f"dict({pairs})"
                column = ""
            lines.append(f"{name} = {value}{column}")
        before, after, windows = program.reach
        pad = str(before + after)
        if windows:
            pad += f" + {2 * windows} * max(abs(l) for L in lags.values() for l in L)"
        return ["sizes = {}", *lines, f"pad = {pad}"]

    # -- passes --------------------------------------------------------------------------------

    def module(self) -> str:
        """The text of a module with both passes."""
        program = self.program
        parts = [f"{self.head.format(program.name)}\n\n{self.tables()}"]
        formulas = program.formulas(self.language).items()
        parts += [f"def {name}(z):\n    return {body}" for name, body in formulas]
        parts += [HELPERS[name] for name in program.helpers if name in self.helpers]
        for name in self.begins:  # functions of this package; on windows only where they are used
            text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
            text = text[text.index("def ") :].strip()
            parts.append(text if program.lags else text.partition("\n\n\ndef windows(")[0])
        return "\n\n\n".join([*parts, self.forward(), self.backward()]) + "\n"

    def tables(self) -> str:
        lines = []
        for table, entries in self.program.tables.items():
            lines.append(f"{table} = {{")
            for name, value in entries.items():
                value = self.shape(value) if isinstance(value, tuple) else value
                lines.append(f"    {name!r}: {value!r},".replace("'", '"'))
            lines.append("}")
        return "\n".join(lines)

    def forward(self) -> str:
        program, this = self.program, self.program.forward
        given = ", ".join(f'"{name}": {name}' for name in program.shapes["INPUTS"])
        lines = [*self.parameters(), f"given = {{{given}}}", *self.filled(self.entering)]
        lines += [f"{x} = " + self.padded.format(f'given["{x}"]') for x in this.steps]
        lines += self.rooms(this)
        for name, index, key in program.starts:
            lines += [f"if {key} is not None:", f'    {name}[{index}] = given["{key}"]{self.start}']
        arguments = ["params", *this.steps, *(f"{key}=None" for key in program.initial)]
        return self.function("forward", "Every sequence.", arguments, this, lines)

    def backward(self) -> str:
        program, this = self.program, self.program.backward
        lines = ['lags = present(trace, "trace", ["lags"])[0][1]'] if program.lags else []
        lines += [*self.parameters(), *self.filled(self.tracing)]
        lines += [f"{z} = " + self.padded.format(f'trace["{z}"]') for z in this.steps]
        lines += [f"{z} = " + self.read.format(z, name) for z, name in program.losses.items()]
        for name, index, key in program.starts:
            lines.append(f'{name}[{index}] = trace["{key}"]{self.start}')
        lines += self.rooms(this)
        doc = "Every gradient, and every error that has a name."
        return self.function("backward", doc, ["params", "trace", *program.losses], this, lines)

    def function(
        self, name: str, doc: str, arguments: list[str], this: Pass, lines: list[str]
    ) -> str:
        """A whole pass, after lines that take its arguments in."""
        for loop in this.loops:
            lines += self.loop(loop)
        for e in this.once:
            lines += self.statement(e, f"dE_d{key_of(e)}")
        items = [f'"{back.key}": {self.returned(back)}' for back in this.returned]
        if self.program.lags and name == "forward":
            arguments, items = [*arguments, "lags=None"], [*items, '"lags": lags']
        body = [f'"""{doc}"""', *lines, "return {", *(f"    {item}," for item in items), "}"]
        return f"def {name}({', '.join(arguments)}):\n" + indent("\n".join(body), "    ")

    def rooms(self, this: Pass) -> list[str]:
        """Lines that make room for what is computed, one size after the other."""
        sizes = list(this.rooms.values())
        ordered = sorted(this.rooms.items(), key=lambda room: sizes.index(room[1]))
        return [f"{name} = {self.room.format(size)}" for name, size in ordered]

    def loop(self, loop: Sweep) -> list[str]:
        """A loop over the steps, after what it adds up is set to zero."""
        before, inside = [], []
        for e in loop.equations:
            inside += self.statement(e, f"{e.name}[n]")
        for e in loop.sums:
            key, body = key_of(e), self.statement(e, str(e.lhs), "+=")
            zero = self.nothing.format(key)
            if lags := self.program.taps[key]:
                zero = f"{{l: {self.nothing.format(f'{key}[l]')} for l in {lags}}}"
                body = [f"for l in {lags}:", *(f"    {row}" for row in body)]
            before.append(f"{e.name} = {zero}")
            inside += body
        steps = "range(N)" if loop.direction > 0 else "reversed(range(N))"
        return [*before, f"for n in {steps}:", *(f"    {row}" for row in inside)]

    def statement(self, equation: Equation, left: str, sign: str = "=") -> list[str]:
        """A line, or several with one term each if it would be too long."""
        line = f"{left} {sign} {self.at(equation.rhs)}"
        if len(line) <= WIDTH:
            return [line]
        (first_sign, first), *rest = self.terms(equation.rhs)
        first = first_sign.replace("+", "") + first
        return [f"{left} {sign} (", f"    {first}", *(f"    {s} {term}" for s, term in rest), ")"]

    def returned(self, back: Returned) -> str:
        if back.kind != "sum":
            return (self.steps if back.kind == "steps" else self.state).format(back.value)
        flat = self.column.replace("None", "0") if self.program.vector(back.key) else ""
        if lags := self.program.taps[back.key]:
            return self.taps.format(f"[{back.value}[l]{flat} for l in {lags}]")
        return back.value + flat


class Plain(Batched):
    """A program over single numbers: nothing to transpose, one kind of product."""

    head = '''"""{}, one neuron: forward and backward pass, written by lstm_lib.derive.

Sequences are lists of N numbers.
"""

import math
from numbers import Real'''
    entering = """\
given = matched(given, "", INPUTS, sizes, optional={initial})
N = sizes["N"]"""
    tracing = 'trace = matched(trace, "trace", TRACE, sizes, finite=False)\nN = sizes["N"]'
    room, nothing = "[0.0] * (N + pad)", "0.0"
    padded, start, column, taps = "{} + [0.0] * pad", "", "", "{}"
    read = 'fitted({0}, "{0}", sizes, TRACE["{1}"]) + [0.0] * pad'
    steps, state = "{}[:N]", "{}"
    language, begins, helpers = PLAIN, ("groups", "scalars"), {"cut"}
    matmul = " * "

    def time_sum(self, z: Any) -> str:
        return self.at(z.args[0])

    def matrix_product(self, a: Any, b: Any) -> str:
        return Writer.matrix_product(self, a, b)

    def zero(self, z: Any) -> str:
        return "0.0"

    def transposed(self, z: Any) -> str:
        return self.at(z, 2)

    def pool(self, z: Pool) -> str:
        return self.at(z.arg, 2)

    def shape(self, axes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(z for z in axes if z == "N" or z in self.program.lags)


def numpy_source(system: Derived) -> str:
    """A NumPy module with ``forward`` and ``backward``.

    ``forward(params, x, s0=None, v0=None)`` returns the trace, every sequence as (N, B, d), and
    ``backward(params, trace, dL_dv)`` a dict with the gradient of every parameter, input (x) and
    initial state (s0, v0) and with every named error. A single sequence (N, d) is taken, too, and
    comes back as (N, d). Constants are passed with the parameters. A system with windows takes
    ``lags={"L_cu": range(-1, 2)}``; its parameters have a tap axis in front, and without ``lags``
    the taps are 0, 1, 2, ... or 1, 2, 3, ... where a window reads no earlier than that.

    What comes in is checked: names, shapes, numbers, and that they are finite.
    """
    return Batched(lowered(system)).module()


def scalar_source(system: Derived) -> str:
    """The same for one neuron: sequences are lists of numbers, parameters are numbers."""
    return Plain(lowered(system)).module()
