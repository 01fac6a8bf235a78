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

from .components import size_names
from .declare import starts
from .plan import reach, sized, sums_and_values, sweeps_back, tables
from .reverse import Derived
from .spell import NUMPY
from .spell import PLAIN as PLAIN_PYTHON
from .words import Equation, Pool, Seq, Tap, key_of
from .writer import Writer

WIDTH = 96
BATCHED = '''"""{}: forward and backward pass, written by lstm_lib.derive.

Sequences are arrays (N, B, d): N steps, B sequences side by side, d components; or (N, d).
"""

from numbers import Number

import numpy as np'''
PLAIN = '''"""{}, one neuron: forward and backward pass, written by lstm_lib.derive.

Sequences are lists of N numbers.
"""

import math
from numbers import Real'''
POOLS = {
    "mean": "def mean(z):\n    return np.broadcast_to(z.mean(0), z.shape)",
    "total": "def total(z):\n    return np.broadcast_to(z.sum(0), z.shape)",
}


class Numpy(Writer):
    """Expressions over columns; the sum over time of a vector sums over the batch as well."""

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


class Scalar(Numpy):
    """Expressions over single numbers: nothing to transpose, one kind of product."""

    matmul = " * "

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
    return _module(system, Numpy(), batched=True)


def scalar_source(system: Derived) -> str:
    """The same for one neuron: sequences are lists of numbers, parameters are numbers."""
    return _module(system, Scalar(), batched=False)


def _module(system: Derived, write: Numpy, batched: bool) -> str:
    head, language, helpers = (
        (BATCHED, NUMPY, ("groups", "arrays"))
        if batched
        else (PLAIN, PLAIN_PYTHON, ("groups", "scalars"))
    )
    functions = [
        f"def {name}(z):\n    return {body}"
        for made in system.functions.values()
        for name, body in made.program(language).items()
    ]
    if "cut(" in system.text["forward"]:
        functions.append("def cut(z):\n    return z  # the value passes, no error comes back")
    if batched:
        functions += [text for kind, text in POOLS.items() if f"{kind}(" in system.text["forward"]]
    for name in helpers:
        functions.append(_helpers(name, bool(system.lag_sets)))
    passes = [_forward(system, write, batched), _backward(system, write, batched)]
    parts = [f"{head.format(system.name)}\n\n{_tables(system, batched)}", *functions, *passes]
    return "\n\n\n".join(parts) + "\n"


def _helpers(module: str, lags: bool) -> str:
    """The functions of a module of this package; those on windows only where they are needed."""
    text = Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8")
    text = text[text.index("def ") :].strip()
    return text if lags else text.partition("\n\n\ndef windows(")[0]


def _tables(system: Derived, batched: bool) -> str:
    """The shapes of all that comes in, by name; one neuron has axes of steps and taps only."""
    lines = []
    for table, entries in tables(system).items():
        lines.append(f"{table} = {{")
        for name, value in entries.items():
            if not batched and isinstance(value, tuple):
                value = tuple(z for z in value if z == "N" or z in system.lag_sets)
            lines.append(f"    {name!r}: {value!r},".replace("'", '"'))
        lines.append("}")
    return "\n".join(lines)


def _leaves(system: Derived, batched: bool) -> list[str]:
    """Lines that check the lags and the parameters."""
    lines = ["sizes = {}", 'params = matched(params, "params", PARAMS, sizes)']
    if system.lag_sets:
        lines.insert(1, "lags = windows(lags, LAGS, sizes)")
        lines.append("lags = tapped(lags, LAGS, sizes)")
        lines += [f'{lags} = lags["{lags}"]' for lags in system.lag_sets]
    for name, shape in {**system.parameters, **system.constants}.items():
        value, column = f'params["{name}"]', "[:, None]" if batched and len(shape) == 1 else ""
        if name in system.taps:
            pairs = f"zip({system.taps[name]}, {value}, strict=True)"
            value = f"{{l: w{column} for l, w in {pairs}}}" if column else f"dict({pairs})"
        else:
            value += column
        lines.append(f"{name} = {value}")
    before, after, windows = reach(system)
    pad = str(before + after)
    if windows:
        pad += f" + {2 * windows} * max(abs(l) for L in lags.values() for l in L)"
    return [*lines, f"pad = {pad}"]


def _sizes(system: Derived, batched: bool) -> list[str]:
    """Lines that name the sizes, once all is checked."""
    if not batched:
        return ['N = sizes["N"]']
    names = size_names(system)
    values = ", ".join(f'sizes["{name}"]' for name in names)
    return ['N, batch = sizes["N"], sizes["B"]', f"{', '.join(names)} = {values}"]


def _forward(system: Derived, write: Numpy, batched: bool) -> str:
    initial = starts(system)
    inputs = list(system.inputs)
    arguments = [*inputs, *(f"{key}=None" for _, _, key in initial)]
    entering = [*inputs, *(key for _, _, key in initial)]
    group = "{" + ", ".join(f'"{name}": {name}' for name in entering) + "}"
    lines = [*_leaves(system, batched), f"given = {group}"]
    if batched:
        lines += ['given, single = entered(given, "", INPUTS, sizes)', *_sizes(system, batched)]
        lines += ["dtype = np.result_type(1.0, *given.values(), *params.values())"]
        lines += [f'{x} = columns(given["{x}"], pad)' for x in inputs]
    else:
        optional = tuple(key for _, _, key in initial)
        lines += [
            f'given = matched(given, "", INPUTS, sizes, optional={optional!r})'.replace("'", '"'),
            *_sizes(system, batched),
        ]
        lines += [f'{x} = given["{x}"] + [0.0] * pad' for x in inputs]
    for size, names in sized(system).items():
        lines += _zeros(names, size, batched)
    for name, index, key in initial:
        value = f'given["{key}"]{".T" if batched else ""}'
        lines += [f"if {key} is not None:", f"    {name}[{index}] = {value}"]
    for sweep in system.passes:
        lines.append(f"for n in {_range(sweep.direction)}:")
        for e in sweep.equations:
            lines += ["    " + row for row in write.statement(e, f"{e.name}[n]")]
    names = [*inputs, *(e.name for e in system.forward)]
    cut, end = ("rows({}, N, single)", "row({}[{}], single)") if batched else ("{}[:N]", "{}[{}]")
    items = [f'"{name}": {cut.format(name)}' for name in names]
    items += [f'"{key}": {end.format(name, index)}' for name, index, key in initial]
    return _function("forward", ["params", *arguments], system, lines, items, "Every sequence.")


def _backward(system: Derived, write: Numpy, batched: bool) -> str:
    sums, steps, initial = sums_and_values(system)
    losses = [f"dL_d{name}" for name in system.outputs]
    read = [*system.inputs, *(e.name for e in system.forward)]
    lines = []
    if system.lag_sets:
        lines += ['lags = present(trace, "trace", ["lags"])[0][1]']
    lines += _leaves(system, batched)
    if batched:
        lines += ['trace, single = entered(trace, "trace", TRACE, sizes, finite=False)']
        for z, name in zip(losses, system.outputs, strict=True):
            lines += [
                f'{z} = array({z}, "{z}")',
                f'{z} = fitted({z}, "{z}", sizes, TRACE["{name}"], single)',
            ]
        lines += _sizes(system, batched)
        given = ", ".join([f'trace["{system.outputs[0]}"]', *losses])
        lines.append(f"dtype = np.result_type({given}, *params.values())")
        lines += [f'{name} = columns(trace["{name}"], pad)' for name in read]
        lines += [f"{z} = columns({z}, pad)" for z in losses]
    else:
        lines += [
            'trace = matched(trace, "trace", TRACE, sizes, finite=False)',
            *_sizes(system, batched),
        ]
        lines += [f'{name} = trace["{name}"] + [0.0] * pad' for name in read]
        lines += [
            f'{z} = fitted({z}, "{z}", sizes, TRACE["{name}"]) + [0.0] * pad'
            for z, name in zip(losses, system.outputs, strict=True)
        ]
    for name, index, key in starts(system):
        lines.append(f'{name}[{index}] = trace["{key}"]{".T" if batched else ""}')
    groups: dict[str, list[str]] = {}
    for e in (*system.backward, *steps):
        groups.setdefault(str(e.lhs.shape[0]), []).append(e.name)
    for size, names in groups.items():
        lines += _zeros(names, size, batched)
    for direction, equations in sweeps_back(system, system.backward):
        lines.append(f"for n in {_range(direction)}:")
        for e in equations:
            lines += ["    " + row for row in write.statement(e, f"{e.name}[n]")]
    for e in sums:
        zero = f"np.zeros_like({e.name[4:]}, dtype)" if batched else "0.0"
        if isinstance(e.lhs, Tap):
            lags, zero = system.taps[key_of(e)], zero.replace(key_of(e), key_of(e) + "[l]")
            zero = f"{{l: {zero} for l in {lags}}}"
        lines.append(f"{e.name} = {zero}")
    lines.append("for n in range(N):")
    for e in steps:
        lines += ["    " + row for row in write.statement(e, f"{e.name}[n]")]
    for e in sums:
        tapped = isinstance(e.lhs, Tap)
        body = write.statement(e, str(e.lhs), "+=")
        if tapped:
            lines.append(f"    for l in {system.taps[key_of(e)]}:")
        lines += ["    " * (2 if tapped else 1) + row for row in body]
    for e in initial:
        lines += write.statement(e, f"dE_d{key_of(e)}")
    items = []
    for e in sums:
        key, value = key_of(e), e.name
        column = "[:, 0]" if batched and len(system.parameters[key]) == 1 else ""
        if isinstance(e.lhs, Tap):
            value = f"[{value}[l]{column} for l in {system.taps[key]}]"
            value = f"np.stack({value})" if batched else value
            column = ""
        items.append(f'"{key}": {value}{column}')
    cut, end = ("rows({}, N, single)", "row({}, single)") if batched else ("{}[:N]", "{}")
    items += [f'"{key_of(e)}": {cut.format(e.name)}' for e in steps]
    items += [f'"{key_of(e)}": {end.format("dE_d" + key_of(e))}' for e in initial]
    items += [f'"{e.name}": {cut.format(e.name)}' for e in system.backward]
    doc = "Every gradient, and every error that has a name."
    return _function("backward", ["params", "trace", *losses], system, lines, items, doc)


def _function(
    name: str, arguments: list[str], system: Derived, lines: list[str], items: list[str], doc: str
) -> str:
    if system.lag_sets and name == "forward":
        arguments, items = [*arguments, "lags=None"], [*items, '"lags": lags']
    body = [f'"""{doc}"""', *lines, "return {", *(f"    {item}," for item in items), "}"]
    return f"def {name}({', '.join(arguments)}):\n" + indent("\n".join(body), "    ")


def _zeros(names: list[str], size: str, batched: bool) -> list[str]:
    zero = f"np.zeros((N + pad, {size}, batch), dtype)" if batched else "[0.0] * (N + pad)"
    return [f"{name} = {zero}" for name in names]


def _range(direction: int) -> str:
    return "range(N)" if direction > 0 else "reversed(range(N))"
