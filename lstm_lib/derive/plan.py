"""What every program made from a system must know: sweeps, initial values, sizes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .declare import starts
from .reverse import Derived
from .words import Equation, Seq, TimeSum, n


def sweeps_back(system: Derived, backward: Iterable[Equation]) -> list[tuple[int, list[Equation]]]:
    """The backward equations by sweep, last sweep first, each with its direction in time."""
    of = {error: name for name, error in system.derivation.named.items()}
    groups = []
    for sweep in reversed(system.passes):
        inside = {equation.name for equation in sweep.equations}
        groups.append((-sweep.direction, [e for e in backward if of[e.name] in inside]))
    return [group for group in groups if group[1]]


def size_sources(system: Derived) -> dict[str, tuple[str, int]]:
    """For each size symbol a leaf that has it and the axis, counted from the end, where."""
    found: dict[str, tuple[str, int]] = {}
    for group in (system.parameters, system.constants, system.inputs):
        for name, shape in group.items():
            for axis, size in enumerate(shape):
                found.setdefault(str(size), (name, axis - len(shape)))
    return found


def tables(system: Derived) -> dict[str, dict[str, Any]]:
    """The names of the axes of all that comes in, and the least lag of each window.

    N counts steps, B the sequences of a batch, and a set of lags the taps of a window. INPUTS may
    come into the forward pass, the TRACE into the backward pass.
    """

    params = {
        name: (*filter(None, [system.taps.get(name)]), *map(str, shape))
        for name, shape in {**system.parameters, **system.constants}.items()
    }
    inputs = {name: ("N", "B", str(size)) for name, (size,) in system.inputs.items()}
    first = {key: ("B", str(system.sequences[name][0])) for name, _, key in starts(system)}
    computed = {name: ("N", "B", str(size)) for name, (size,) in system.sequences.items()}
    found: dict[str, dict[str, Any]] = {"PARAMS": params, "INPUTS": inputs | first}
    found["TRACE"] = inputs | first | computed
    if system.lag_sets:
        found["LAGS"] = {name: system.least.get(name) for name in system.lag_sets}
    return found


def reach(system: Derived) -> tuple[int, int, int]:
    """How many steps before and after its own an equation reads, and how many lags beyond that."""
    every = (*system.forward, *system.backward, *system.gradients)
    steps = [z.index - n for e in every for z in e.rhs.atoms(Seq) if z.index.has(n)]
    offsets = [int(step.as_coeff_Add()[0]) for step in steps]
    lags = max(len(step.free_symbols) for step in steps)
    return max([0, *(-k for k in offsets)]), max([0, *offsets]), lags


def sized(system: Derived) -> dict[str, list[str]]:
    """The names of sequences by size, in order of computation."""
    groups: dict[str, list[str]] = {}
    for equation in system.forward:
        groups.setdefault(str(equation.lhs.shape[0]), []).append(equation.name)
    return groups


def sums_and_values(system: Derived) -> tuple[list[Equation], list[Equation], list[Equation]]:
    """The gradients by kind: sums over time, one value per step, initial values."""
    sums = [e for e in system.gradients if isinstance(e.rhs, TimeSum)]
    rest = [e for e in system.gradients if not isinstance(e.rhs, TimeSum)]
    steps = [e for e in rest if e.name[4:] in system.inputs]
    return sums, steps, [e for e in rest if e.name[4:] not in system.inputs]
