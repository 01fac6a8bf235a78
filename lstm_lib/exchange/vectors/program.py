r"""A short program that computes all numbers of a test vector file: NumPy alone, one sequence.

It is printed from the declared equations, statement by statement as ``numpy_source()`` is, in a
frame for those who read it: a sequence is a dictionary of columns, so ``s[-1]`` is the start value
and ``alpha_cu[N]`` is zero. Nothing is checked, and nothing is fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

__all__ = ["Short", "short_program"]

WIDTH = 79
HEAD = '''"""{title}, forward and backward, on the test vectors. NumPy is all it needs."""

import json
from collections import defaultdict

import numpy as np

file = json.load(open("{stem}.json"))
inputs, loss, N = file["inputs"], file["loss"], file["sizes"]["N"]
'''
STEPS = '''class Steps(dict):
    """z[n] is a column; where nothing was computed it is zero."""

    def __init__(self, size, rows=()):
        self.zero = np.zeros((size, 1))
        super().__init__(enumerate(np.reshape(rows, (-1, size, 1))))

    def __missing__(self, n):
        return self.zero
'''
PARAMETERS = """for name, W in {given}.items():
    W = np.array(W)
    globals()[name] = W[:, None] if W.ndim == 1 else W"""
TAIL = '''def plain(z, like):
    """A result in the form of the file."""
    if isinstance(z, dict):  # of steps, or of taps by their lags
        z = [z[n] for n in (range(N) if isinstance(z, Steps) else z)]
    return np.reshape(z, np.shape(like)).tolist()


mine = {"name": file["name"]}
for part, before in (("forward", ""), ("errors", ""), ("gradients", "dE_d")):
    mine[part] = {k: plain(globals()[before + k], z) for k, z in file[part].items()}
json.dump(mine, open("my_output.json", "w"))
'''


@dataclass(frozen=True)
class Short:
    """The parts of the program, in their order; ``str`` joins them."""

    head: str
    given: str
    forward: str
    backward: str
    gradients: str
    tail: str

    def __str__(self) -> str:
        parts = (self.head, self.given, self.forward, self.backward, self.gradients, self.tail)
        return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def short_program(
    system: Any, stem: str, weights: Mapping[str, tuple[int, ...]], title: str
) -> Short:
    """The program of a system, called ``title``, for the test vectors ``stem.json``.

    ``weights`` are the shapes of the loss in the file. A loss that reads a sequence at every step
    is ``C``, or ``C_z`` if there are several; what arrives at the last step of ``z`` is ``C_z``,
    too, without an axis of steps.
    """
    from lstm_lib.derive.program import lowered
    from lstm_lib.derive.python import Batched
    from lstm_lib.derive.spell import NUMPY

    program = lowered(system)
    ends_late = {e.name: sweep.direction > 0 for sweep in system.sweeps for e in sweep.equations}
    printer = Batched(program)

    def rooms(sizes: dict[str, str]) -> list[str]:
        lines = []
        for size in dict.fromkeys(sizes.values()):
            names = [name for name, own in sizes.items() if own == size]
            made = f"Steps({size})" if len(names) == 1 else f"(Steps({size}) for _ in {names!r})"
            made = made.replace(repr(names), f"range({len(names)})")
            lines += spread(f"{', '.join(names)} = {made}")
        return lines

    def spread(line: str) -> list[str]:
        """Names side by side, in brackets where they do not fit a line."""
        left, equals, right = line.partition(" = ")
        if len(line) <= WIDTH:
            return [line]
        return ["(", *wrap(left, WIDTH - 4, initial_indent="    ", subsequent_indent="    "),
                f"){equals}{right}"]  # fmt: skip

    functions = program.formulas(NUMPY).items()
    given = [STEPS, *(f"def {name}(z):\n    return {body}\n" for name, body in functions)]
    sizes = ", ".join(program.sizes)
    lines = [f'{sizes} = (file["sizes"][k] for k in {list(program.sizes)!r})'.replace("'", '"')]
    parts = ["parameters", "constants"] if system.constants else ["parameters"]
    dicts = " | ".join(f'file["{part}"]' for part in parts)
    lines += [PARAMETERS.format(given=f"({dicts})" if len(parts) > 1 else dicts)]
    if program.lags:
        lines.append(f'{", ".join(program.lags)} = file["lags"].values()')
    lines += [f"{W} = dict(zip({L}, {W}))" for W, L in program.taps.items() if L]
    shapes = program.shapes["TRACE"]
    this = program.forward
    forward = [f'{x} = Steps({shapes[x][-1]}, inputs["{x}"])' for x in this.steps]
    forward += rooms(this.rooms)
    forward += [f'{z}[{at}] = np.array(inputs["{key}"])[:, None]' for z, at, key in program.starts]
    for loop in this.loops:
        forward += printer.loop(loop)
    losses = []
    for name, z in program.losses.items():
        each = "C" if z == system.outputs[0] and "C" in weights else f"C_{z}"
        read = f', loss["{each}"]' if len(weights.get(each, ())) == 2 else ""
        losses.append(f"{name} = Steps({shapes[z][-1]}{read})")
        if len(weights.get(f"C_{z}", ())) == 1:
            end = "N-1" if ends_late[z] else "0"
            losses.append(f'{name}[{end}] = {name}[{end}] + np.array(loss["C_{z}"])[:, None]')
    error = " + ".join(f"({name}[n] * {z}[n]).sum()" for name, z in program.losses.items())
    losses.append(f"E = sum({error} for n in range(N))")
    this = program.backward
    *errors, last = this.loops
    backward = [*losses, *rooms(this.rooms)]
    for loop in errors:
        backward += printer.loop(loop)
    gradients = []
    for zero, windowed in (("defaultdict(float)", True), ("float()", False)):
        names = [e.name for e in last.sums if bool(program.taps[_key(e)]) is windowed]
        if names:
            made = f"({zero} for _ in range({len(names)}))" if len(names) > 1 else zero
            gradients += spread(f"{', '.join(names)} = {made}")
    gradients += printer.loop(last)[len(last.sums) :]
    for e in this.once:
        gradients += printer.statement(e, f"dE_d{_key(e)}")
    return Short(
        HEAD.format(title=title, stem=stem),
        "\n\n".join([*given, "\n".join(lines)]),
        "\n".join(forward),
        "\n".join(backward),
        "\n".join(gradients),
        TAIL,
    )


def _key(equation: Any) -> str:
    from lstm_lib.derive.words import key_of

    return str(key_of(equation))
