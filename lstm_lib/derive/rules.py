"""What a list of forward equations must obey to be computed step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sympy import MatrixSymbol, preorder_traversal

from .nodes import Equation, Seq, WindowSum, n
from .parse import DeclarationError

if TYPE_CHECKING:
    from .system import System


def reads(equation: Equation) -> Iterator[tuple[Seq, str | None]]:
    """The sequences that an equation reads, in written order, each with its set of lags, if any."""
    lags: dict[Any, str] = {}  # windows inside each other run over lags of different names
    for z in preorder_traversal(equation.rhs):
        if isinstance(z, WindowSum):
            lags[z.lag] = z.lags
        elif isinstance(z, Seq):
            yield z, next((lags[s] for s in z.index.free_symbols if s in lags), None)


def check_order(system: System) -> tuple[dict[str, int], dict[str, int]]:
    """For each sequence how many steps before its first are read, and the least lags of windows.

    A window over a sequence of its own sweep reads what is computed already: lags from 1, or from
    0 if that equation stands above. Other windows have no least lag. What a window reads beyond
    the initial values is zero.

    Raises:
        DeclarationError: for a use of a future state, a cycle within one step, or equations in the
            wrong order.
    """
    place = {
        e.name: (i, j)
        for i, sweep in enumerate(system.passes)
        for j, e in enumerate(sweep.equations)
    }
    depth = dict.fromkeys((e.name for e in system.forward), 0)
    least: dict[str, int] = {}
    for equation in system.forward:
        i, j = place[equation.name]
        for z, lags in reads(equation):
            if z.name not in place:
                continue
            (other, order), way = place[z.name], system.direction[z.name]
            if lags is not None:
                constant, lag = (z.index - n).as_coeff_Add()
                if other > i or (other == i and lag.as_coeff_Mul()[0] != -way):
                    raise _error(system, equation, f"{z} is a use of a future state")
                if other == i:  # n - l + c is before n, or at n if that is computed by then
                    first = int(constant) * way + (order >= j)
                    least[lags] = max(least.get(lags, first), first)
                continue
            k = int(z.index - n) * system.direction[z.name]  # > 0: from the future
            if other > i or (other == i and k > 0):
                raise _error(system, equation, f"{z} is a use of a future state")
            if other == i and k == 0 and order >= j:
                if cycle := _cycle(system, z.name, equation.name, (equation.name,)):
                    circle = " -> ".join(cycle)
                    raise _error(system, equation, f"a cycle within one step: {circle}")
                raise _error(system, equation, f"{z} is computed only later: move its equation up")
            depth[z.name] = max(depth[z.name], -k)
    return depth, least


def _cycle(system: System, start: str, goal: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """The way from start back to goal through reads of the same step, if there is one."""
    if start == goal:
        return (*path, start)
    for z, _ in reads(system.forward[start]):
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
