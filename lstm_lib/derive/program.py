"""The one lowering: derived equations as two passes over the steps, which every language prints.

A pass takes sequences and initial values in, makes room for what it computes, runs its loops over
the steps, and returns values by name. What is decided here is the same in every program: the order
of all this, the shapes that are asked for, how far beyond the ends of a sequence is read. The
printers, ``python`` and ``javascript``, only say how a language spells it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from .declare import Sweep, starts
from .frame import size_names
from .reverse import Derived
from .warping import Warping
from .words import Cut, Equation, Pool, Seq, key_of, n

Shapes: TypeAlias = "dict[str, tuple[str, ...]]"  # names of axes, by name


class Returned(NamedTuple):
    """A value by the name under which it comes back: "steps", a "state" or a "sum" over time."""

    key: str
    kind: str
    value: str


@dataclass(frozen=True)
class Pass:
    """From what comes in to what comes back.

    ``steps`` are the sequences that come in with a vector per step, besides those of the loss;
    ``rooms`` those that are computed, each with its size; ``once`` is computed after the loops.
    """

    steps: tuple[str, ...]
    rooms: dict[str, str]
    loops: tuple[Sweep, ...]
    once: tuple[Equation, ...]
    returned: tuple[Returned, ...]


@dataclass(frozen=True)
class Program:
    """Both passes, and what they share.

    ``shapes`` names the axes of all that comes in: N counts steps, B the sequences of a batch, and
    a set of lags the taps of a window. INPUTS may come into the forward pass, the TRACE into the
    backward pass. ``taps`` has the set of lags of each parameter, or nothing, ``lags`` the least
    lag of each set. ``starts`` has every initial value: its sequence, the index where it stands
    there, its name; ``losses`` the loss's gradient by each output, dL_dv for v.
    """

    name: str
    functions: dict[str, Warping]
    helpers: tuple[str, ...]  # of "cut", "mean" and "total" those that are used
    sizes: tuple[str, ...]
    shapes: dict[str, Shapes]
    taps: dict[str, str]
    lags: dict[str, int | None]
    starts: tuple[tuple[str, str, str], ...]
    losses: dict[str, str]
    reach: tuple[int, int, int]  # steps before and after its own, and lags, that an equation reads
    forward: Pass
    backward: Pass

    @property
    def tables(self) -> dict[str, Any]:
        """What a program needs to know of its arguments to check them."""
        return self.shapes | ({"LAGS": self.lags} if self.lags else {})

    @property
    def initial(self) -> tuple[str, ...]:
        """The names of the initial values."""
        return tuple(key for _, _, key in self.starts)

    def vector(self, name: str) -> bool:
        """Whether a parameter, or each of its taps, is a vector."""
        return len(self.shapes["PARAMS"][name]) == 1 + bool(self.taps[name])

    def formulas(self, language: Any) -> dict[str, str]:
        """The warping functions and their slopes, spelled in a language of ``spell``."""
        return {k: v for f in self.functions.values() for k, v in f.program(language).items()}


def lowered(system: Derived, equations: Iterable[Equation] | None = None) -> Program:
    """The program of a system, or of other equations in place of its derived ones."""
    derived = tuple(equations or (*system.backward, *system.gradients))
    matrices = {**system.parameters, **system.constants}
    taps = {name: system.taps.get(name, "") for name in matrices}
    params = {k: (*filter(None, [taps[k]]), *map(str, shape)) for k, shape in matrices.items()}
    steps = {**system.inputs, **system.sequences}
    axes: Shapes = {name: ("N", "B", str(size)) for name, (size,) in steps.items()}
    first: Shapes = {key: ("B", axes[name][-1]) for name, _, key in starts(system)}
    inputs = {name: axes[name] for name in system.inputs} | first
    nodes = {node for e in system.forward for node in e.rhs.atoms(Cut, Pool)}
    used = {"cut" if isinstance(node, Cut) else node.kind for node in nodes}
    return Program(
        name=system.name,
        functions=system.functions,
        helpers=tuple(name for name in ("cut", "mean", "total") if name in used),
        sizes=tuple(size_names(system)),
        shapes={"PARAMS": params, "INPUTS": inputs, "TRACE": inputs | axes},
        taps=taps,
        lags={name: system.least.get(name) for name in system.lag_sets},
        starts=tuple(starts(system)),
        losses={f"dL_d{name}": name for name in system.outputs},
        reach=_reach((*system.forward, *derived)),
        forward=_forward(system),
        backward=_backward(system, derived),
    )


def _forward(system: Derived) -> Pass:
    rooms = _rooms(system.forward)
    every = (Returned(name, "steps", name) for name in (*system.inputs, *rooms))
    initial = (Returned(key, "state", f"{name}[{at}]") for name, at, key in starts(system))
    return Pass(
        steps=tuple(system.inputs),
        rooms=rooms,
        loops=system.sweeps,
        once=(),
        returned=(*every, *initial),
    )


def _backward(system: Derived, derived: tuple[Equation, ...]) -> Pass:
    """The errors in the sweeps of their sequences, last sweep first; then all that reads them."""
    of = {error: name for name, error in system.derivation.named.items()}
    sums = tuple(e for e in derived if not isinstance(e.lhs, Seq))
    once = tuple(e for e in derived if isinstance(e.lhs, Seq) and e.lhs.index != n)
    running = [e for e in derived if isinstance(e.lhs, Seq) and e.lhs.index == n]
    errors = tuple(e for e in running if e.name in of)
    values = tuple(e for e in running if e.name not in of)
    loops = [
        Sweep(-sweep.direction, tuple(e for e in errors if of[e.name] in _rooms(sweep.equations)))
        for sweep in reversed(system.sweeps)
    ]
    return Pass(
        steps=(*system.inputs, *_rooms(system.forward)),
        rooms=_rooms((*errors, *values)),
        loops=(*(loop for loop in loops if loop.equations), Sweep(1, values, sums)),
        once=once,
        returned=(
            *(Returned(key_of(e), "sum", e.name) for e in sums),
            *(Returned(key_of(e), "steps", e.name) for e in values),
            *(Returned(key_of(e), "state", f"dE_d{key_of(e)}") for e in once),
            *(Returned(e.name, "steps", e.name) for e in errors),
        ),
    )


def _rooms(equations: Iterable[Equation]) -> dict[str, str]:
    return {e.name: str(e.lhs.shape[0]) for e in equations}


def _reach(equations: Iterable[Equation]) -> tuple[int, int, int]:
    steps = [z.index - n for e in equations for z in e.rhs.atoms(Seq) if z.index.has(n)]
    offsets = [int(step.as_coeff_Add()[0]) for step in steps]
    return -min(0, *offsets), max(0, *offsets), max(len(step.free_symbols) for step in steps)
