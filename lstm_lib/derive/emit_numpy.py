"""Programs in Python: batched NumPy, and plain numbers for a single neuron.

A step of a batch is kept as a matrix (d, B), one column per sequence, so that a line of the
program is the line of the page. Arrays have a few rows more than there are steps: the initial
value of a state stands in the last row, which Python calls s[-1], and what lies beyond the
sequence reads as zero.
"""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Any

from sympy import Transpose

from .nodes import Equation, Seq, Tap, key_of
from .plan import reach, size_sources, sized, starts, sums_and_values, sweeps_back
from .writer import Writer

if TYPE_CHECKING:
    from .system import System

WIDTH = 96
# Each warping function and its derivative; tanh saturates and cannot overflow.
WARPINGS = {
    "logistic": ("0.5 * tanh(0.5 * z) + 0.5", "0.25 * (1 - tanh(0.5 * z) ** 2)"),
    "logistic2": ("tanh(0.5 * z)", "0.5 * (1 - tanh(0.5 * z) ** 2)"),
    "logistic4": ("2 * tanh(0.5 * z)", "1 - tanh(0.5 * z) ** 2"),
    "tanh": ("tanh(z)", "1 - tanh(z) ** 2"),
    "identity": ("z", "0 * z + 1"),
    "relu": ("z * (z > 0)", "0 * z + (z > 0)"),
}

BATCHED = '''"""{}: forward and backward pass, written by lstm_lib.derive.

Sequences are arrays (N, B, d): N steps, B sequences side by side, d components.
"""

import numpy as np'''
PLAIN = '''"""{}, one neuron: forward and backward pass, written by lstm_lib.derive.

Sequences are lists of N numbers.
"""

from math import tanh'''
HELPERS = [
    '''def shaped(z, name, *shape):
    """The array itself, if it has the shape (N, B, d) or (B, d) that it must have."""
    if np.shape(z) != shape:
        raise ValueError(f"{name}: expected an array of shape {shape}, got {np.shape(z)}")
    return z''',
    '''def columns(z, pad):
    """(N, B, d) as N + pad matrices (d, B), the last of them zero."""
    padded = np.zeros((len(z) + pad, z.shape[2], z.shape[1]), z.dtype)
    padded[: len(z)] = z.transpose(0, 2, 1)
    return padded''',
    '''def rows(z, N):
    """Back to (N, B, d)."""
    return z[:N].transpose(0, 2, 1)''',
]


def warpings(system: System) -> dict[str, str]:
    """The formula of every warping function G and of its derivative dG.

    Raises ValueError if there is none for it.
    """
    found = {}
    for name, kind in system.warping.items():
        if kind not in WARPINGS:
            raise ValueError(f"warping {name}: expected one of {', '.join(WARPINGS)}, got {kind!r}")
        found[name], found[f"d{name}"] = WARPINGS[kind]
    return found


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

    def time_sum(self, z: Any) -> str:
        return self.at(z.args[0])

    def zero(self, z: Any) -> str:
        return "0.0"


def numpy_source(system: System) -> str:
    """A NumPy module with ``forward`` and ``backward``.

    ``forward(params, x, s0=None, v0=None)`` returns the trace, every sequence as (N, B, d), and
    ``backward(params, trace, dL_dv)`` a dict with the gradient of every parameter, input (x) and
    initial state (s0, v0) and with every named error. Constants are passed with the parameters.
    A system with windows takes ``lags={"L_cu": range(-1, 2)}``; its parameters have a tap axis in
    front, and without ``lags`` the taps are 0, 1, 2, ...
    """
    return _module(system, Numpy(), batched=True)


def scalar_source(system: System) -> str:
    """The same for one neuron: sequences are lists of numbers, parameters are numbers."""
    return _module(system, Scalar(), batched=False)


def _module(system: System, write: Numpy, batched: bool) -> str:
    head, helpers = (BATCHED, HELPERS) if batched else (PLAIN, [])
    functions = [
        f"def {name}(z):\n    return {body.replace('tanh', 'np.tanh') if batched else body}"
        for name, body in warpings(system).items()
    ]
    if "cut(" in system.text["forward"]:
        functions.append("def cut(z):\n    return z  # the value passes, no error comes back")
    passes = [_forward(system, write, batched), _backward(system, write, batched)]
    return "\n\n\n".join([head.format(system.name), *functions, *helpers, *passes]) + "\n"


def _leaves(system: System, batched: bool) -> list[str]:
    """Lines that take the parameters apart."""
    lines = [f'{lags} = lags["{lags}"]' for lags in system.lag_sets]
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


def _default_lags(system: System) -> list[str]:
    if not system.lag_sets:
        return []
    first = {lags: name for name, lags in reversed(system.taps.items())}
    defaults = [f'    "{lags}": range(len(params["{name}"])),' for lags, name in first.items()]
    return ["lags = {", *defaults, "} | (lags or {})"]


def _forward(system: System, write: Numpy, batched: bool) -> str:
    initial = starts(system)
    inputs, first = list(system.inputs), next(iter(system.inputs))
    arguments = [*inputs, *(f"{key}=None" for _, _, key in initial)]
    lines = [*_default_lags(system), *_leaves(system, batched)]
    if batched:
        lines += [f"N, batch = {first}.shape[:2]"]
        for size, (name, axis) in size_sources(system).items():
            where = name if name in system.inputs else f'params["{name}"]'
            lines.append(f"{size} = {where}.shape[{axis}]")
        given = ", ".join([*inputs, *(key for _, _, key in initial)])
        lines.append(f"given = [z for z in [{given}] if z is not None]")
        lines.append("dtype = np.result_type(1.0, *given, *params.values())")
        lines += [_columns(x, str(size)) for x, (size,) in system.inputs.items()]
    else:
        lines += [f"N = len({first})", *(f"{x} = [*{x}] + [0.0] * pad" for x in inputs)]
    for size, names in sized(system).items():
        lines += _zeros(names, size, batched)
    for name, index, key in initial:
        value = f'shaped({key}, "{key}", batch, {system.sequences[name][0]}).T'
        lines += [f"if {key} is not None:", f"    {name}[{index}] = {value if batched else key}"]
    for sweep in system.passes:
        lines.append(f"for n in {_range(sweep.direction)}:")
        for e in sweep.equations:
            lines += ["    " + row for row in write.statement(e, f"{e.name}[n]")]
    names = [*inputs, *(e.name for e in system.forward)]
    cut, end = ("rows({}, N)", "{}[{}].T") if batched else ("{}[:N]", "{}[{}]")
    items = [f'"{name}": {cut.format(name)}' for name in names]
    items += [f'"{key}": {end.format(name, index)}' for name, index, key in initial]
    return _function("forward", ["params", *arguments], system, lines, items, "Every sequence.")


def _backward(system: System, write: Numpy, batched: bool) -> str:
    sums, steps, initial = sums_and_values(system)
    losses = [f"dL_d{name}" for name in system.outputs]
    lines = ['lags = trace["lags"]'] if system.lag_sets else []
    lines += _leaves(system, batched)
    read = [*system.inputs, *(e.name for e in system.forward)]
    if batched:
        lines += [f'N, batch = trace["{read[0]}"].shape[:2]']
        for size, (name, axis) in size_sources(system).items():
            group = "trace" if name in system.inputs else "params"
            lines.append(f'{size} = {group}["{name}"].shape[{axis}]')
        given = ", ".join([f'trace["{system.outputs[0]}"]', *losses])
        lines.append(f"dtype = np.result_type({given}, *params.values())")
        lines += [f'{name} = columns(trace["{name}"], pad)' for name in read]
        lines += [_columns(f"dL_d{z}", str(system.sequences[z][0])) for z in system.outputs]
    else:
        lines += [f'N = len(trace["{read[0]}"])']
        lines += [f'{name} = trace["{name}"] + [0.0] * pad' for name in read]
        lines += [f"{name} = [*{name}] + [0.0] * pad" for name in losses]
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
    cut, end = ("rows({}, N)", "{}.T") if batched else ("{}[:N]", "{}")
    items += [f'"{key_of(e)}": {cut.format(e.name)}' for e in steps]
    items += [f'"{key_of(e)}": {end.format("dE_d" + key_of(e))}' for e in initial]
    items += [f'"{e.name}": {cut.format(e.name)}' for e in system.backward]
    doc = "Every gradient, and every error that has a name."
    return _function("backward", ["params", "trace", *losses], system, lines, items, doc)


def _function(
    name: str, arguments: list[str], system: System, lines: list[str], items: list[str], doc: str
) -> str:
    if system.lag_sets and name == "forward":
        arguments, items = [*arguments, "lags=None"], [*items, '"lags": lags']
    body = [f'"""{doc}"""', *lines, "return {", *(f"    {item}," for item in items), "}"]
    return f"def {name}({', '.join(arguments)}):\n" + indent("\n".join(body), "    ")


def _columns(name: str, size: str) -> str:
    return f'{name} = columns(shaped({name}, "{name}", N, batch, {size}), pad)'


def _zeros(names: list[str], size: str, batched: bool) -> list[str]:
    zero = f"np.zeros((N + pad, {size}, batch), dtype)" if batched else "[0.0] * (N + pad)"
    return [f"{name} = {zero}" for name in names]


def _range(direction: int) -> str:
    return "range(N)" if direction > 0 else "reversed(range(N))"
