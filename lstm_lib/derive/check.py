"""A test of the derived gradients at sizes where a proof would be long: exact, at random points.

What is tested is the program that ``numpy_source`` prints, with its decimals written as fractions,
run on exact numbers. Forward it runs on dual numbers over the rationals, so the derivative of E in
a random direction of one block (a parameter, an input, an initial state) is exact; what the
backward pass returns must be equal to it, not merely close.

A warping function is opaque here too: for each value that it meets it draws a random rational as
its result and another as its derivative, and returns the same again for the same value. Some
smooth function passes through all of them, and the numbers stay short.

Shared with the derivation: the parsed forward equations and the node classes. Shared with the
proof: no more than the choice of sizes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from numbers import Number
from typing import Any

import numpy as np

from .frame import Frame, frame_of, size_names, whole
from .program import Program, lowered
from .python import Batched
from .reverse import Derived
from .words import Equation

__all__ = ["CheckError", "Checked"]

BATCH = 2  # sequences side by side: the least that shows a gradient of one of them only


class CheckError(AssertionError):
    """A derived gradient is wrong: the message names it and has both numbers."""


@dataclass(frozen=True, repr=False)
class Checked:
    """The blocks whose gradients were right, in how many random directions, at which size."""

    name: str
    sizes: dict[str, int]
    N: int
    directions: int
    blocks: tuple[str, ...]

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        return (
            f"{self.name}: {len(self.blocks)} gradients are exact in {self.directions} random "
            f"direction(s) each, {sizes}, N = {self.N}"
        )


class Exact(Batched):
    """The NumPy program for exact numbers: its decimals are written as fractions."""

    def number(self, c: Any) -> str:
        return str(c) if c.is_Integer else f"__fraction({c.p}, {c.q})"  # no declared name


class Dual(Number):
    """A rational value and its derivative in one direction; other numbers are constants."""

    __slots__ = ("slope", "value")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any, slope: Any = 0) -> None:
        self.value, self.slope = value, slope

    def __add__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Any) -> Dual:
        other = dual(other)
        slopes = (a.slope * b.value for a, b in ((self, other), (other, self)) if a.slope)
        return Dual(self.value * other.value, sum(slopes))

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Any) -> Dual:
        return self + -dual(other)

    def __rsub__(self, other: Any) -> Dual:
        return -self + other

    def __truediv__(self, count: int) -> Dual:  # of a mean
        return self * Fraction(1, count)

    __radd__, __rmul__ = __add__, __mul__


def dual(z: Any) -> Dual:
    """A number as a dual one; the floats of the program are the zeros outside a sequence."""
    return z if isinstance(z, Dual) else Dual(Fraction(z))


class Point:
    """Random values of all that comes into a program, and the program itself, run on them."""

    def __init__(self, program: Program, frame: Frame, seed: int) -> None:
        self.program, self.draw = program, random.Random(seed)
        self.table: dict[tuple[str, int, Fraction], Fraction] = {}
        taps = {name: len(lags) for name, lags in frame.lags.items()}
        self.sizes = {**frame.sizes, **taps, "N": frame.steps, "B": BATCH}
        self.lags = {"lags": frame.lags} if frame.lags else {}
        self.shapes = program.shapes["PARAMS"] | program.shapes["INPUTS"]
        self.given = {name: self.numbers(shape) for name, shape in self.shapes.items()}
        traced = program.shapes["TRACE"]
        self.losses = {name: self.numbers(traced[name]) for name in program.losses.values()}
        self.functions: dict[str, Any] = {"__fraction": Fraction}
        exec(compile(Exact(program).module(), f"<{program.name}>", "exec"), self.functions)
        for name in program.functions:
            self.functions |= {name: self.opaque(name, 0), f"d{name}": self.opaque(name, 1)}
        # the value passes, no error comes back
        self.functions["cut"] = np.frompyfunc(lambda z: Dual(dual(z).value), 1, 1)

    def number(self) -> Fraction:
        """A short random number, never zero."""
        sign, size = self.draw.choice((-1, 1)), self.draw.randint(1, 5)
        return Fraction(sign * size, self.draw.randint(1, 2))

    def numbers(self, shape: tuple[str, ...]) -> Any:
        """An array of random numbers."""
        sizes = [self.sizes[name] for name in shape]
        return np.array([Dual(self.number()) for _ in range(prod(sizes))]).reshape(sizes)

    def opaque(self, name: str, order: int) -> Callable[[Any], Any]:
        """A function or its derivative: random values, always the same at the same place."""

        def value(order: int, z: Fraction) -> Fraction:
            if (name, order, z) not in self.table:
                self.table[name, order, z] = self.number()
            return self.table[name, order, z]

        def at(z: Any) -> Dual:
            z = dual(z)
            slope = value(order + 1, z.value) * z.slope if z.slope else 0
            return Dual(value(order, z.value), slope)

        return np.frompyfunc(at, 1, 1)

    def forward(self, values: dict[str, Any]) -> dict[str, Any]:
        """The trace."""
        inputs = {key: values[key] for key in self.program.shapes["INPUTS"]}
        return self.functions["forward"](values, **inputs, **self.lags)

    def slope(self, block: str, direction: Any) -> Fraction:
        """The derivative of E in a direction of one block."""
        turned = np.frompyfunc(lambda z, d: Dual(z.value, d.value), 2, 1)
        trace = self.forward(self.given | {block: turned(self.given[block], direction)})
        return dual(sum((dL * trace[name]).sum() for name, dL in self.losses.items())).slope

    def gradients(self) -> dict[str, Any]:
        """What the backward pass returns.

        Raises:
            CheckError: if it cannot be run, as it may be with equations from elsewhere.
        """
        trace = self.forward(self.given)
        try:
            return self.functions["backward"](self.given, trace, *self.losses.values())
        except (ValueError, TypeError, NameError, IndexError) as error:
            raise CheckError(f"{self.program.name}: no backward pass, {error}") from error


def check(
    system: Derived,
    *,
    sizes: dict[str, int] | None = None,
    N: int | None = None,
    directions: int = 1,
    seed: int = 0,
    lags: dict[str, Any] | None = None,
    equations: Iterable[Equation] | None = None,
) -> Checked:
    """Test every derived gradient of a system exactly, at one random rational point.

    Args:
        system: the declared system.
        sizes: the number of components of each size; by default 2, 3, 4, ..., all different.
        N: the number of steps; by default 5, or more if the equations read further than that.
        directions: how many random directions are tried for each block.
        seed: of the random point.
        lags: the lags of each window.
        equations: derived equations to be tested in place of the system's own.

    Raises:
        CheckError: naming the first gradient whose derivative in a direction is wrong.
        ValueError: a bad option, or N not larger than the number of steps between an equation and
            what it reads.
    """
    whole("directions", directions)
    derived = tuple(equations or (*system.backward, *system.gradients))
    defaults = {name: k for k, name in enumerate(size_names(system), start=2)}
    frame = frame_of(system, defaults, N, 5, sizes, lags, derived)
    point = Point(lowered(system, derived), frame, seed)
    blocks = tuple(name for name in point.shapes if name not in system.constants)
    gradients = point.gradients()
    for block in blocks:
        if block not in gradients:
            raise CheckError(f"{system.name}: no equation for the gradient of {block}")
        for _ in range(directions):
            direction = point.numbers(point.shapes[block])
            truth = point.slope(block, direction)
            found = dual((gradients[block] * direction).sum()).value
            if found != truth:
                raise CheckError(
                    f"{system.name}: the gradient of {block} is wrong: along a random direction "
                    f"E grows by {truth}, the derived equations say {found}"
                )
    return Checked(system.name, frame.sizes, frame.steps, directions, blocks)
