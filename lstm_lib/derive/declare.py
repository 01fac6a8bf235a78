"""A recurrent system as data: its forward equations, read, and all that is declared beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Self

from sympy import MatrixSymbol, preorder_traversal

from .grammar import DeclarationError, Parser, declared, lines, usable, wrong
from .warping import KNOWN, Given
from .warping import warping as read_warping
from .words import Act, Equation, Equations, Seq, WindowSum, initial_name, n, reads

__all__ = ["Declaration"]


@dataclass(frozen=True)
class Sweep:
    """What is computed at every step, ascending (+1) or descending (-1), and then added up."""

    direction: int
    equations: tuple[Equation, ...]
    sums: tuple[Equation, ...] = ()


class Declaration:
    """Forward equations, read and found to be computable; ``System`` says what the arguments are.

    It has the declared names with their sizes (``inputs``, ``sequences``, ``parameters``,
    ``constants``), ``outputs``, the names of errors (``adjoints``), the warping ``functions``, the
    equations in order (``forward``) and by sweep (``sweeps``). From these follow, for each
    sequence, the ``direction`` of its sweep and the ``depth`` to which steps before the first are
    read; ``taps``, the set of lags of each parameter that has one; ``lag_sets``, and the ``least``
    lag of those that read what is computed already.
    """

    def __init__(
        self,
        name: str,
        forward: str,
        *,
        inputs: str,
        sequences: str,
        parameters: str,
        outputs: str,
        adjoints: str = "",
        constants: str = "",
        warping: Mapping[str, Given] | None = None,
        source: str = "",
    ) -> None:
        self.name, self.source = name, source
        self.functions = {g: read_warping(g, given) for g, given in (warping or {}).items()}
        groups = {"inputs": inputs, "sequences": sequences}
        groups |= {"parameters": parameters, "constants": constants}
        self.text = {"forward": "\n".join(lines(forward)), **groups}
        self.text |= {"outputs": outputs, "adjoints": adjoints}
        self.inputs, self.sequences, self.parameters, self.constants = (
            _shapes(text, group.removesuffix("s")) for group, text in groups.items()
        )
        self.outputs = tuple(outputs.replace(",", " ").split())
        self.adjoints: dict[str, str] = {}
        for pair in filter(str.strip, adjoints.replace(";", ",").split(",")):
            name, colon, error = map(str.strip, pair.partition(":"))
            if not colon or name in self.adjoints:
                raise DeclarationError(f"adjoint {pair.strip()!r}: expected one 'sequence: error'")
            own = error == f"dE_d{name}" and name not in self.outputs
            self.adjoints[name] = error if own else usable(error, "adjoint")
        self._check_roles()
        self._read()
        self.direction = {e.name: sweep.direction for sweep in self.sweeps for e in sweep.equations}
        # how many steps before the first are read, and from which lag on a window may read
        self.depth, self.least = check_order(self)
        self._check_names()
        check_used(self)

    def _check_names(self) -> None:
        """One name, one meaning, also for the names that are made from others."""
        groups = (self.inputs, self.sequences, self.parameters, self.constants)
        sizes = {str(size) for group in groups for shape in group.values() for size in shape}
        initial = [key for _, _, key in starts(self)]
        names = [name for group in groups for name in group]
        names += [*self.adjoints.values(), *sizes, *self.lag_sets, *initial]
        names += [usable(prefix + g, "warping") for g in self.warping for prefix in ("", "d")]
        for name in names:
            if names.count(name) > 1:
                raise DeclarationError(f"the name {name} is declared twice")
        for name in self.lag_sets:
            usable(name, "the set of lags")

    def _check_roles(self) -> None:
        for name in (*self.outputs, *self.adjoints):
            if name not in self.sequences:
                raise DeclarationError(f"{name} has a role but no equation: it is not a sequence")
        if not self.outputs:
            raise DeclarationError("no outputs: name the sequences that the loss reads")
        if len(set(self.outputs)) < len(self.outputs):
            raise DeclarationError(f"outputs {' '.join(self.outputs)!r}: one is named twice")
        if not self.inputs:
            raise DeclarationError("no inputs: the length of an input is the number of steps")

    def _read(self) -> None:
        parser = Parser(
            {**self.inputs, **self.sequences},
            {**self.parameters, **self.constants},
            {*self.functions, *KNOWN},
        )
        sweeps: list[tuple[int, list[Equation]]] = []
        self.lines: dict[str, str] = {}
        for line in self.text["forward"].splitlines():
            if header := re.fullmatch(r"for n (ascending|descending):", line):
                sweeps.append((1 if header[1] == "ascending" else -1, []))
                continue
            equation = parser.equation(line)
            if equation.name in self.inputs:
                raise parser.error(f"{equation.name} is an input, it has no equation")
            if equation.name in self.lines:
                raise parser.error(f"{equation.name} has an equation already")
            self.lines[equation.name] = line
            if not sweeps:
                sweeps.append((1, []))
            sweeps[-1][1].append(equation)
        for name in self.sequences:
            if name not in self.lines:
                raise DeclarationError(f"the sequence {name} is declared but has no equation")
        self.sweeps = tuple(Sweep(d, tuple(e)) for d, e in sweeps if e)
        self.forward = Equations(e for sweep in self.sweeps for e in sweep.equations)
        used = {z.name for e in self.forward for z in e.rhs.atoms(Act)}
        self.functions |= {g: read_warping(g, g) for g in KNOWN if g in used - {*self.functions}}
        self.taps = {name: lags for name, lags in parser.taps.items() if lags}
        self.lag_sets = tuple(
            dict.fromkeys(
                w.lags
                for e in self.forward
                for w in preorder_traversal(e.rhs)  # in written order
                if isinstance(w, WindowSum)
            )
        )

    def change(
        self,
        equations: str,
        *,
        parameters: str = "",
        sequences: str = "",
        inputs: str = "",
        outputs: str = "",
        adjoints: str = "",
        warping: Mapping[str, Given] | None = None,
    ) -> Self:
        """A new system with some equations replaced or added, for trying things out.

        A line whose left side exists replaces that equation; a new one is put before the first
        equation that reads it at the same step, else at the end. What is no longer used is
        dropped from the declaration. With ``outputs`` the loss reads other sequences: with
        ``"v s"`` also the state, at every step and so at the last. ``adjoints`` names further
        errors.
        """
        text = dict(self.text)
        new: dict[str, str] = {}
        for line in lines(equations):
            new[line.split("[")[0]] = line
        rows = [new.pop(old.split("[")[0], old) for old in text["forward"].splitlines()]
        for name, line in reversed(new.items()):
            read = re.compile(rf"\b{name}\[n\]")
            reads = [i for i, old in enumerate(rows) if read.search(old.partition("=")[2])]
            rows.insert(reads[0] if reads else len(rows), line)
        text |= {"forward": "\n".join(rows), "outputs": outputs or text["outputs"]}
        words = set(re.findall(r"\w+", text["forward"]))
        added = {"parameters": parameters, "sequences": sequences, "inputs": inputs}
        added["constants"] = ""
        for group, more in added.items():
            kept = [(k, s) for k, s in declared(text[group], group) if k in words]
            text[group] = "; ".join([f"{k}: {', '.join(map(str, s))}" for k, s in kept] + [more])
        pairs = {s: a for s, a in self.adjoints.items() if s in words}
        text["adjoints"] = ", ".join([f"{s}: {a}" for s, a in pairs.items()] + [adjoints])
        warpings = {g: f for g, f in self.warping.items() if g in words} | dict(warping or {})
        name = f"{self.name.removesuffix(', changed')}, changed"
        return type(self)(name, warping=warpings, source=self.source, **text)

    def error(self, equation: Equation, why: str) -> DeclarationError:
        return wrong(self.lines[equation.name], why)

    @property
    def warping(self) -> dict[str, Given]:
        """What each warping function is: the name of a known one, or an expression in z."""
        return {g: made.given for g, made in self.functions.items()}


def _shapes(text: str, what: str) -> dict[str, tuple]:
    """The names of a group with their sizes; no name is declared twice."""
    found: dict[str, tuple] = {}
    for name, shape in declared(text, what):
        if len(shape) == 2 and what in ("input", "sequence"):
            raise DeclarationError(f"{what} {name}: a sequence of vectors has one size")
        if name in found:
            raise DeclarationError(f"{what} {name} is declared twice")
        found[name] = shape
    return found


def starts(declaration: Declaration) -> list[tuple[str, str, str]]:
    """Every initial value: its sequence, the index where it stands, its name in programs."""
    found = []
    for name, depth in declaration.depth.items():
        for k in range(1, depth + 1):
            index = str(-k) if declaration.direction[name] > 0 else f"N+{k - 1}" if k > 1 else "N"
            found.append((name, index, initial_name(name, k)))
    return found


def check_order(system: Declaration) -> tuple[dict[str, int], dict[str, int]]:
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
        for i, sweep in enumerate(system.sweeps)
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
                    raise system.error(equation, f"{z} is a use of a future state")
                if other == i:  # n - l + c is before n, or at n if that is computed by then
                    first = int(constant) * way + (order >= j)
                    least[lags] = max(least.get(lags, first), first)
                continue
            k = int(z.index - n) * system.direction[z.name]  # > 0: from the future
            if other > i or (other == i and k > 0):
                raise system.error(equation, f"{z} is a use of a future state")
            if other == i and k == 0 and order >= j:
                if circle := " -> ".join(_cycle(system, equation.name)):
                    raise system.error(equation, f"a cycle within one step: {circle}")
                raise system.error(equation, f"{z} is computed only later: move its equation up")
            depth[z.name] = max(depth[z.name], -k)
    return depth, least


def _cycle(system: Declaration, name: str) -> list[str]:
    """The way from a sequence back to itself through reads of the same step, if there is one."""
    now = {e.name: [z.name for z, _ in reads(e) if z.index == n] for e in system.forward}
    try:
        TopologicalSorter(now).prepare()
    except CycleError as error:
        back = error.args[1][:0:-1]  # each reads the next
        if name in back:
            return [*back[back.index(name) :], *back[: back.index(name)], name]
    return []


def check_used(system: Declaration) -> None:
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
            raise system.error(equation, f"{equation.name} is never used, and not an output")
