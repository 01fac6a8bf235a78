"""What a list of forward equations must obey to be computed step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import MatrixSymbol, preorder_traversal

from .nodes import Equation, Seq, n
from .parse import DeclarationError

if TYPE_CHECKING:
    from .system import System


def reads(equation: Equation) -> list[Seq]:
    """The sequences that an equation reads, in written order."""
    return [z for z in preorder_traversal(equation.rhs) if isinstance(z, Seq)]


def check_order(system: System) -> dict[str, int]:
    """For each sequence how many steps before its first are read.

    Raises:
        DeclarationError: for a use of a future state, a cycle within one step, equations in the
            wrong order, or a window over anything but an input.
    """
    place = {
        e.name: (i, j)
        for i, sweep in enumerate(system.passes)
        for j, e in enumerate(sweep.equations)
    }
    depth = dict.fromkeys((e.name for e in system.forward), 0)
    for equation in system.forward:
        i, j = place[equation.name]
        for z in (z for z in reads(equation) if z.name in place):
            if z.index.free_symbols != {n}:
                raise _error(system, equation, f"a window can only read an input, not {z.name}")
            k = int(z.index - n) * system.direction[z.name]  # > 0: from the future
            other, order = place[z.name]
            if other > i or (other == i and k > 0):
                raise _error(system, equation, f"{z} is a use of a future state")
            if other == i and k == 0 and order >= j:
                if cycle := _cycle(system, z.name, equation.name, (equation.name,)):
                    way = " -> ".join(cycle)
                    raise _error(system, equation, f"a cycle within one step: {way}")
                raise _error(system, equation, f"{z} is computed only later: move its equation up")
            depth[z.name] = max(depth[z.name], -k)
    return depth


def _cycle(system: System, start: str, goal: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """The way from start back to goal through reads of the same step, if there is one."""
    if start == goal:
        return (*path, start)
    for z in reads(system.forward[start]):
        if z.index == n and z.name in system.sequences and z.name not in path[1:]:
            found = _cycle(system, z.name, goal, (*path, start))
            if found:
                return found
    return ()


def check_used(system: System) -> None:
    """Raise DeclarationError if something is declared or computed and then never used."""
    leaves = (Seq, MatrixSymbol)
    used = {
        z.name for e in system.forward for z in preorder_traversal(e.rhs) if isinstance(z, leaves)
    }
    for what in ("parameters", "constants", "inputs"):
        for name in getattr(system, what):
            if name not in used:
                lines = "\n  ".join(system.lines.values())
                raise DeclarationError(f"{name}, one of the {what}, is never used in\n  {lines}")
    for equation in system.forward:
        if equation.name not in used and equation.name not in system.outputs:
            raise _error(system, equation, f"{equation.name} is never used, and not an output")


def _error(system: System, equation: Equation, why: str) -> DeclarationError:
    return DeclarationError(f"in the equation  {system.lines[equation.name]}  : {why}")
