"""Matrix expressions, one scalar component at a time, in any ring.

Used by the proof (polynomials) and the check (rational and dual numbers); the derivation does
not know it. What a symbol is worth, and what a warping function does, is left to the ring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import (
    HadamardProduct,
    MatAdd,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    OneMatrix,
    Rational,
    Transpose,
    ZeroMatrix,
)

from .words import Act, Cut, N, Pool, Seq, Tap, TimeSum, WindowSum, l, n


@dataclass(frozen=True)
class Frame:
    """Concrete sizes: how large each size symbol is, how many steps, which lags."""

    sizes: dict[str, int]
    steps: int
    lags: dict[str, tuple[int, ...]]

    def rows(self, z: Any) -> int:
        return self.sizes[z.shape[0].name]

    def at(self, step: int, lag: int | None = None) -> dict[Any, int]:
        """The running step, the number of steps, and a lag if one is given."""
        return {n: step, N: self.steps} | ({} if lag is None else {l: lag})

    def columns(self, z: Any) -> int:
        return 1 if z.shape[1] == 1 else self.sizes[z.shape[1].name]


@dataclass(frozen=True)
class Ring:
    """How symbols and functions are valued.

    ``sequence(name, step, i)``, ``matrix(name, i, j, lag)``, ``act(name, order, value)``,
    ``cut(value)`` and ``number(rational)`` each return a scalar.
    """

    sequence: Callable[[str, int, int], Any]
    matrix: Callable[[str, int, int, int | None], Any]
    act: Callable[[str, int, Any], Any]
    cut: Callable[[Any], Any]
    number: Callable[[Any], Any]


@lru_cache(None)
def affine(index: Any) -> tuple[int, tuple[tuple[Any, int], ...]]:
    """An index as a constant and the coefficients of n, N and running lags."""
    constant, rest = index.as_coeff_Add()
    return int(constant), tuple((s, int(rest.coeff(s))) for s in rest.free_symbols)


def entry(z: Any, i: int, j: int, at: dict[Any, int], frame: Frame, ring: Ring) -> Any:
    """Component (i, j) of an expression, at given values of n, N and running lags."""

    def part(z: Any, i: int, j: int, **moved: Any) -> Any:
        return entry(z, i, j, moved.get("at", at), frame, ring)

    match z:
        case Seq():
            constant, linear = affine(z.index)
            return ring.sequence(z.name, constant + sum(c * at[s] for s, c in linear), i)
        case MatrixSymbol():
            return ring.matrix(z.name, i, j, None)
        case Tap():
            return ring.matrix(z.args[0].name, i, j, at[z.args[1]])
        case MatAdd():
            return sum((part(term, i, j) for term in z.args[1:]), part(z.args[0], i, j))
        case HadamardProduct():
            return product_of([part(factor, i, j) for factor in z.args])
        case MatMul(args=(a, b)) if isinstance(a, MatrixExpr):
            terms = [part(a, i, k) * part(b, k, j) for k in range(frame.columns(a))]
            return sum(terms[1:], terms[0])
        case MatMul(args=(number, rest)):
            return ring.number(number) * part(rest, i, j)
        case Transpose():
            return part(z.args[0], j, i)
        case Act():
            return ring.act(z.name, z.order, part(z.arg, i, j))
        case Pool():
            count = frame.rows(z)
            total = sum((part(z.arg, k, j) for k in range(1, count)), part(z.arg, 0, j))
            return total if z.kind == "total" else ring.number(Rational(1, count)) * total
        case Cut():
            return ring.cut(part(z.args[0], i, j))
        case WindowSum():
            terms = [part(z.args[0], i, j, at=at | {z.lag: k}) for k in frame.lags[z.lags]]
            return sum(terms, ring.number(0))
        case TimeSum():
            terms = [part(z.args[0], i, j, at=at | {n: k}) for k in range(frame.steps)]
            return sum(terms, ring.number(0))
        case OneMatrix():
            return ring.number(1)
        case ZeroMatrix():
            return ring.number(0)
    raise TypeError(f"no components for {type(z).__name__}")


def product_of(factors: list[Any]) -> Any:
    total = factors[0]
    for factor in factors[1:]:
        total = total * factor
    return total


def initial_steps(system: Any, frame: Frame) -> list[tuple[str, int]]:
    """Every (name, step) outside the sequence at which a state has an initial value."""
    return [
        (name, -k if system.direction[name] > 0 else frame.steps - 1 + k)
        for name, depth in system.depth.items()
        for k in range(1, depth + 1)
    ]


def matrix_entries(system: Any, frame: Frame) -> list[tuple[str, int, int, int | None]]:
    """Every component (name, i, j, lag) of the parameters."""
    found = []
    for name, shape in system.parameters.items():
        rows, columns = frame.sizes[str(shape[0])], [frame.sizes[str(s)] for s in shape[1:]]
        taps = frame.lags[system.taps[name]] if name in system.taps else (None,)
        found += [
            (name, i, j, lag)
            for lag in taps
            for i in range(rows)
            for j in range(columns[0] if columns else 1)
        ]
    return found


def frame_of(
    system: Any,
    defaults: dict[str, int],
    steps: int | None,
    least: int,
    sizes: dict[str, int] | None,
    lags: dict[str, Any] | None,
    derived: Iterable[Any],
) -> Frame:
    """A frame of the default sizes, changed as asked; each set of lags gets a window of its own.

    Without a number of steps, there are ``least``, or as many as show a shift that is one too far.

    Raises:
        ValueError: for a size or a set of lags that the system does not have, a size or number of
            steps that is not a whole number of at least 1, an empty set of lags, or fewer steps
            than the forward and the derived equations reach.
    """
    for name in sizes or {}:
        if name not in defaults:
            raise ValueError(f"sizes: no size {name!r}, expected {', '.join(defaults)}")
    wanted = {**({} if steps is None else {"N": steps}), **defaults, **(sizes or {})}
    for name, value in wanted.items():
        whole(name, value)
    chosen: dict[str, tuple[int, ...]] = {}
    for k, name in enumerate(system.lag_sets):
        first = system.least.get(name)
        # never lag 0 alone: it would hide a lag that is forgotten
        bounded = first is not None and ((first, first + 1), (first + 1,), (first + 1, first + 2))
        windows = bounded or ((-1, 0, 1), (0, 1), (-1, 0), (1,), (-1,))
        chosen[name] = windows[k % len(windows)]
    for name, values in (lags or {}).items():
        if name not in chosen:
            raise ValueError(f"lags: no set {name!r}, expected {', '.join(chosen) or 'none'}")
        chosen[name] = tuple(values)
        if not chosen[name]:
            raise ValueError(f"lags: the set {name} is empty")
        if min(chosen[name]) < system.least.get(name, min(chosen[name])):
            raise ValueError(
                f"lags: the set {name} reads what is computed already, so expected lags of at "
                f"least {system.least[name]}, got {chosen[name]}"
            )
    frame = Frame(defaults | (sizes or {}), steps or least, chosen)
    reach = farthest((*system.forward, *derived), frame)
    if steps is None:
        return replace(frame, steps=max(least, reach + 2))
    long_enough(frame, reach)
    return frame


def whole(name: str, value: Any) -> None:
    """Raise ValueError if an option is not a whole number of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name}: expected a whole number of at least 1, got {value!r}")


def farthest(equations: Iterable[Any], frame: Frame) -> int:
    """The largest number of steps between an equation and what it reads."""
    lag = max((abs(l) for lags in frame.lags.values() for l in lags), default=0)
    found = [0]
    for z in {z for equation in equations for z in equation.rhs.atoms(Seq)}:
        constant, linear = affine(z.index)
        found.append(abs(constant) + lag * sum(s not in (n, N) for s, _ in linear))
    return max(found)


def long_enough(frame: Frame, reach: int) -> None:
    """Raise ValueError if a use ``reach`` steps away lies outside every run of so many steps."""
    if frame.steps <= reach:
        raise ValueError(
            f"N: values are read up to {reach} step(s) away, which shows only in at least "
            f"N = {reach + 1} steps, got N = {frame.steps}"
        )


def size_names(system: Any) -> list[str]:
    """The size symbols of a system, in order of first use."""
    groups = (system.inputs, system.sequences, system.parameters, system.constants)
    return list(
        dict.fromkeys(str(s) for group in groups for shape in group.values() for s in shape)
    )
