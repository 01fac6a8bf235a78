"""Programs in Python: batched NumPy, and plain numbers for a single neuron.

A step of a batch is kept as a matrix (d, B), one column per sequence, so that a line of the
program is the line of the page. Arrays have a few rows more than there are steps: the initial
value of a state stands in the last row, which Python calls s[-1], and what lies beyond the
sequence reads as zero.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from typing import Any

from sympy import Transpose

from .program import Loop, Pass, Program, Returned, lowered
from .reverse import Derived
from .spell import NUMPY
from .spell import PLAIN as PLAIN_PYTHON
from .words import Equation, Pool, Seq, key_of
from .writer import Writer

WIDTH = 96
HELPERS = {
    "cut": "def cut(z):\n    return z  # the value passes, no error comes back",
    "mean": "def mean(z):\n    return np.broadcast_to(z.mean(0), z.shape)",
    "total": "def total(z):\n    return np.broadcast_to(z.sum(0), z.shape)",
}


class Batched(Writer):
    """NumPy over columns; the sum over time of a vector sums over the batch as well."""

    head = '''"""{}: forward and backward pass, written by lstm_lib.derive.

Sequences are arrays (N, B, d): N steps, B sequences side by side, d components; or (N, d).
"""

from numbers import Number

import numpy as np'''
    language, modules = NUMPY, ("groups", "arrays")
    helpers: tuple[str, ...] = ("cut", "mean", "total")
    room, nothing = "np.zeros((N + pad, {}, batch), dtype)", "np.zeros_like({}, dtype)"
    padded, start, column, taps = "columns({}, pad)", ".T", "[:, None]", "np.stack({})"
    steps, state = "rows({}, N, single)", "row({}, single)"

    def shape(self, program: Program, axes: tuple[str, ...]) -> tuple[str, ...]:
        """The axes that an argument has."""
        return axes

    def entering(self, program: Program) -> list[str]:
        """Lines that check the arguments of the forward pass."""
        return [
            'given, single = entered(given, "", INPUTS, sizes)',
            *self.sizes(program),
            "dtype = np.result_type(1.0, *given.values(), *params.values())",
        ]

    def tracing(self, program: Program) -> list[str]:
        """Lines that check the arguments of the backward pass."""
        lines = ['trace, single = entered(trace, "trace", TRACE, sizes, finite=False)']
        for z, name in zip(program.losses, program.outputs, strict=True):
            lines += [
                f'{z} = array({z}, "{z}")',
                f'{z} = fitted({z}, "{z}", sizes, TRACE["{name}"], single)',
            ]
        given = ", ".join([f'trace["{program.outputs[0]}"]', *program.losses])
        return [
            *lines,
            *self.sizes(program),
            f"dtype = np.result_type({given}, *params.values())",
        ]

    def sizes(self, program: Program) -> list[str]:
        """Lines that name the sizes, once all is checked."""
        axes = [shape for shape in program.shapes["TRACE"].values() if shape[0] == "N"]
        every = [
            *(shape[-1] for shape in axes),
            *(z for s in program.shapes["PARAMS"].values() for z in s),
        ]
        names = [name for name in dict.fromkeys(every) if name not in program.lags]
        values = ", ".join(f'sizes["{name}"]' for name in names)
        return ['N, batch = sizes["N"], sizes["B"]', f"{', '.join(names)} = {values}"]

    def losses(self, program: Program) -> list[str]:
        """Lines that put zeros behind the gradients of the loss."""
        return [f"{z} = {self.padded.format(z)}" for z in program.losses]

    def statement(self, equation: Equation, left: str, sign: str = "=") -> list[str]:
        """A line, or several with one term each if it would be too long."""
        line = f"{left} {sign} {self.at(equation.rhs)}"
        if len(line) + 8 <= WIDTH:
            return [line]
        terms = self.terms(equation.rhs)
        first = ("-" if terms[0][0] == "-" else "") + terms[0][1]
        rest = [f"    {s} {term}" for s, term in terms[1:]]
        return [f"{left} {sign} (", f"    {first}", *rest, ")"]

    def time_sum(self, z: Any) -> str:
        body = z.args[0]
        return self.at(body) if body.shape[1] != 1 else f"{self.at(body, 2)}.sum(1, keepdims=True)"

    def matrix_product(self, a: Any, b: Any) -> str:
        if isinstance(b, Transpose) and not b.has(Seq):  # one column for the whole batch
            return f"{self.at(a, 2)}.sum(1, keepdims=True) @ {self.at(b)}"
        return super().matrix_product(a, b)

    def zero(self, z: Any) -> str:
        rows, columns = z.shape
        return f"np.zeros(({rows}, {'batch' if columns == 1 else columns}))"


class Plain(Batched):
    """Single numbers: nothing to transpose, one kind of product."""

    head = '''"""{}, one neuron: forward and backward pass, written by lstm_lib.derive.

Sequences are lists of N numbers.
"""

import math
from numbers import Real'''
    language, modules = PLAIN_PYTHON, ("groups", "scalars")
    helpers = ("cut",)
    room, nothing = "[0.0] * (N + pad)", "0.0"
    padded, start, column, taps = "{} + [0.0] * pad", "", "", "{}"
    steps, state = "{}[:N]", "{}"
    matmul = " * "

    def shape(self, program: Program, axes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(z for z in axes if z == "N" or z in program.lags)

    def entering(self, program: Program) -> list[str]:
        line = f'given = matched(given, "", INPUTS, sizes, optional={program.initial!r})'
        return [line.replace("'", '"'), 'N = sizes["N"]']

    def tracing(self, program: Program) -> list[str]:
        return ['trace = matched(trace, "trace", TRACE, sizes, finite=False)', 'N = sizes["N"]']

    def losses(self, program: Program) -> list[str]:
        return [
            f"{z} = " + self.padded.format(f'fitted({z}, "{z}", sizes, TRACE["{name}"])')
            for z, name in zip(program.losses, program.outputs, strict=True)
        ]

    def transposed(self, z: Any) -> str:
        return self.at(z, 2)

    def matrix_product(self, a: Any, b: Any) -> str:
        return Writer.matrix_product(self, a, b)

    def pool(self, z: Pool) -> str:
        return self.at(z.arg, 2)

    def time_sum(self, z: Any) -> str:
        return self.at(z.args[0])

    def zero(self, z: Any) -> str:
        return "0.0"


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
    return module(lowered(system), Batched())


def scalar_source(system: Derived) -> str:
    """The same for one neuron: sequences are lists of numbers, parameters are numbers."""
    return module(lowered(system), Plain())


def module(program: Program, write: Batched) -> str:
    """The text of a module with both passes."""
    functions = [
        f"def {name}(z):\n    return {body}"
        for made in program.functions.values()
        for name, body in made.program(write.language).items()
    ]
    functions += [HELPERS[name] for name in program.helpers if name in write.helpers]
    for name in write.modules:  # functions of this package; those on windows where there are any
        text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
        text = text[text.index("def ") :].strip()
        functions.append(text if program.lags else text.partition("\n\n\ndef windows(")[0])
    tables = []
    for table, entries in program.tables.items():
        rows = {
            k: write.shape(program, z) if isinstance(z, tuple) else z for k, z in entries.items()
        }
        tables += [
            f"{table} = {{",
            *(f"    {k!r}: {z!r},".replace("'", '"') for k, z in rows.items()),
            "}",
        ]
    head = write.head.format(program.name) + "\n\n" + "\n".join(tables)
    return (
        "\n\n\n".join([head, *functions, _forward(program, write), _backward(program, write)])
        + "\n"
    )


def _forward(program: Program, write: Batched) -> str:
    this, names = program.forward, program.shapes["INPUTS"]
    lines = [
        *_parameters(program, write),
        "given = {" + ", ".join(f'"{name}": {name}' for name in names) + "}",
        *write.entering(program),
        *(f"{x} = " + write.padded.format(f'given["{x}"]') for x in this.steps),
        *_rooms(this, write),
    ]
    for name, index, key in program.starts:
        lines += [f"if {key} is not None:", f'    {name}[{index}] = given["{key}"]{write.start}']
    arguments = ["params", *this.steps, *(f"{key}=None" for key in program.initial)]
    return _function("forward", "Every sequence.", arguments, program, this, lines, write)


def _backward(program: Program, write: Batched) -> str:
    this = program.backward
    lines = [
        *_parameters(program, write),
        *write.tracing(program),
        *(f"{z} = " + write.padded.format(f'trace["{z}"]') for z in this.steps),
        *write.losses(program),
    ]
    if program.lags:
        lines.insert(0, 'lags = present(trace, "trace", ["lags"])[0][1]')
    for name, index, key in program.starts:
        lines.append(f'{name}[{index}] = trace["{key}"]{write.start}')
    lines += _rooms(this, write)
    doc = "Every gradient, and every error that has a name."
    arguments = ["params", "trace", *program.losses]
    return _function("backward", doc, arguments, program, this, lines, write)


def _parameters(program: Program, write: Batched) -> list[str]:
    """Lines that check the lags and the parameters."""
    lines = ["sizes = {}", 'params = matched(params, "params", PARAMS, sizes)']
    if program.lags:
        lines.insert(1, "lags = windows(lags, LAGS, sizes)")
        lines.append("lags = tapped(lags, LAGS, sizes)")
        lines += [f'{lags} = lags["{lags}"]' for lags in program.lags]
    for name, shape in program.shapes["PARAMS"].items():
        tapped = name in program.taps
        value, column = f'params["{name}"]', write.column if len(shape) == 1 + tapped else ""
        if tapped:
            pairs = f"zip({program.taps[name]}, {value}, strict=True)"
            value = f"{{l: w{column} for l, w in {pairs}}}" if column else f"dict({pairs})"
        else:
            value += column
        lines.append(f"{name} = {value}")
    before, after, windows = program.reach
    pad = str(before + after)
    if windows:
        pad += f" + {2 * windows} * max(abs(l) for L in lags.values() for l in L)"
    return [*lines, f"pad = {pad}"]


def _rooms(this: Pass, write: Batched) -> list[str]:
    """Lines that make room for what is computed, one size after the other."""
    sizes = list(this.rooms.values())
    ordered = sorted(this.rooms.items(), key=lambda room: sizes.index(room[1]))
    return [f"{name} = {write.room.format(size)}" for name, size in ordered]


def _loop(loop: Loop, program: Program, write: Batched) -> list[str]:
    """Lines of a loop over the steps."""
    before, inside = [], []
    for e in loop.equations:
        inside += write.statement(e, f"{e.name}[n]")
    for e in loop.sums:
        key, body = key_of(e), write.statement(e, str(e.lhs), "+=")
        zero = write.nothing.format(key)
        if key in program.taps:
            lags = program.taps[key]
            zero = f"{{l: {write.nothing.format(f'{key}[l]')} for l in {lags}}}"
            body = [f"for l in {lags}:", *(f"    {row}" for row in body)]
        before.append(f"{e.name} = {zero}")
        inside += body
    steps = "range(N)" if loop.direction > 0 else "reversed(range(N))"
    return [*before, f"for n in {steps}:", *(f"    {row}" for row in inside)]


def _function(
    name: str,
    doc: str,
    arguments: list[str],
    program: Program,
    this: Pass,
    lines: list[str],
    write: Batched,
) -> str:
    """The whole pass, after its arguments were taken in by the given lines."""
    for loop in this.loops:
        lines += _loop(loop, program, write)
    for e in this.once:
        lines += write.statement(e, f"dE_d{key_of(e)}")
    items = [f'"{back.key}": {_returned(back, program, write)}' for back in this.returned]
    if program.lags and name == "forward":
        arguments, items = [*arguments, "lags=None"], [*items, '"lags": lags']
    body = [f'"""{doc}"""', *lines, "return {", *(f"    {item}," for item in items), "}"]
    return f"def {name}({', '.join(arguments)}):\n" + indent("\n".join(body), "    ")


def _returned(back: Returned, program: Program, write: Batched) -> str:
    key, kind, value = back
    if kind != "sum":
        return (write.steps if kind == "steps" else write.state).format(value)
    shape, flat = program.shapes["PARAMS"][key], write.column.replace("None", "0")
    if key in program.taps:
        column = flat if len(shape) == 2 else ""
        return write.taps.format(f"[{value}[l]{column} for l in {program.taps[key]}]")
    return value + (flat if len(shape) == 1 else "")
