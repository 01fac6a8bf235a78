"""How large a proof or a check is: concrete sizes, steps and lags, chosen or asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .words import N, Seq, l, n


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


@lru_cache(None)
def affine(index: Any) -> tuple[int, tuple[tuple[Any, int], ...]]:
    """An index as a constant and the coefficients of n, N and running lags."""
    constant, rest = index.as_coeff_Add()
    return int(constant), tuple((s, int(rest.coeff(s))) for s in rest.free_symbols)
