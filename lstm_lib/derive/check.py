"""A test of the derived gradients at sizes where a proof would be long: exact, at random points.

The forward equations are computed with dual numbers over the rationals, so the derivative of E in
a random direction of one block (a parameter, an input, an initial state) is exact. The derived
equations are computed backwards in rationals, and the two must be equal, not merely close.

A warping function is opaque here too: for each value that it meets it draws a random rational as
its result and another as its derivative, and returns the same again for the same value. Some
smooth function passes through all of them, and the numbers stay short.

Shared with the derivation: the parsed forward equations and the node classes. Shared with the
proof: the components of expressions.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sympy import Rational

from .components import (
    Frame,
    Ring,
    entry,
    frame_of,
    initial_steps,
    matrix_entries,
    size_names,
    whole,
)
from .plan import sweeps_back
from .reverse import Derived
from .words import Equations, initial_name, n

__all__ = ["CheckError", "Checked"]


class CheckError(AssertionError):
    """A derived gradient is wrong: the message names it and has both numbers."""


@dataclass(frozen=True, repr=False)
class Checked:
    """The blocks whose gradients were right, in how many random directions, at which size."""

    name: str
    sizes: dict[str, int]
    N: int
    directions: int
    blocks: tuple[str, ...] = field(default_factory=tuple)

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} = {size}" for name, size in self.sizes.items())
        return (
            f"{self.name}: {len(self.blocks)} gradients are exact in {self.directions} random "
            f"direction(s) each, {sizes}, N = {self.N}"
        )

    __repr__ = __str__


@dataclass(frozen=True)
class Dual:
    """A value and its derivative in one direction."""

    value: Fraction
    slope: Fraction = Fraction(0)

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Dual) -> Dual:
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)


def fraction(c: Any) -> Fraction:
    """A number of Python or of SymPy as a fraction."""
    return Fraction(int(c.p), int(c.q)) if isinstance(c, Rational) else Fraction(c)


class Point:
    """Random values for all leaves of a system, and the two ways to compute with them."""

    def __init__(self, system: Derived, frame: Frame, draw: random.Random) -> None:
        self.system, self.frame, self.draw = system, frame, draw
        self.table: dict[tuple[str, int, Fraction], Fraction] = {}
        constants = [
            (name, i, j, None)
            for name, (rows, *columns) in system.constants.items()
            for i in range(frame.sizes[str(rows)])
            for j in range(frame.sizes[str(columns[0])] if columns else 1)
        ]
        leaves: list[tuple] = [*matrix_entries(system, frame), *constants]
        steps = [(name, k) for name in system.inputs for k in range(frame.steps)]
        for name, k in [*steps, *initial_steps(system, frame)]:
            leaves += [(name, k, i) for i in range(self.size(name))]
        for name in system.outputs:
            leaves += [
                (f"dL_d{name}", k, i) for k in range(frame.steps) for i in range(self.size(name))
            ]
        self.leaves = {leaf: self.number() for leaf in leaves}

    def size(self, name: str) -> int:
        return self.frame.sizes[str({**self.system.inputs, **self.system.sequences}[name][0])]

    def number(self) -> Fraction:
        return Fraction(
            self.draw.choice((-1, 1)) * self.draw.randint(1, 5), self.draw.randint(1, 2)
        )

    def act(self, name: str, order: int, value: Fraction) -> Fraction:
        """The random value of an opaque function or its derivative, always the same."""
        key = name, order, value
        if key not in self.table:
            self.table[key] = self.number()
        return self.table[key]

    def forward(self, direction: dict[tuple, Fraction]) -> tuple[Fraction, dict]:
        """The derivative of E in a direction, and the values of all sequences."""
        zero, steps = Fraction(0), range(self.frame.steps)
        found: dict[tuple, Dual] = {}

        def leaf(*key: Any) -> Dual:
            return Dual(self.leaves.get(key, zero), direction.get(key, zero))

        def act(name: str, order: int, z: Dual) -> Dual:
            slope = self.act(name, order + 1, z.value) * z.slope
            return Dual(self.act(name, order, z.value), slope)

        ring = Ring(
            sequence=lambda *key: found.get(key) or leaf(*key),
            matrix=leaf,
            act=act,
            cut=lambda z: Dual(z.value),
            number=lambda c: Dual(fraction(c)),
        )
        for sweep in self.system.passes:
            for step in steps[:: sweep.direction]:
                for equation in sweep.equations:
                    for i in range(self.size(equation.name)):
                        z = entry(equation.rhs, i, 0, self.frame.at(step), self.frame, ring)
                        found[equation.name, step, i] = z
        slope = sum(
            (
                self.leaves[f"dL_d{name}", step, i] * found[name, step, i].slope
                for name in self.system.outputs
                for step in steps
                for i in range(self.size(name))
            ),
            zero,
        )
        return slope, {key: z.value for key, z in found.items()}

    def backward(
        self, values: dict, backward: Equations, gradients: Equations
    ) -> Callable[[tuple], Fraction]:
        """Compute the derived equations; what is returned looks a gradient's component up."""
        zero, frame = Fraction(0), self.frame
        errors: dict[tuple, Fraction] = {}

        def sequence(*key: Any) -> Fraction:
            return errors[key] if key in errors else values.get(key, self.leaves.get(key, zero))

        ring = Ring(
            sequence=sequence,
            matrix=lambda *key: self.leaves[key],
            act=self.act,
            cut=lambda z: z,
            number=fraction,
        )
        for direction, equations in sweeps_back(self.system, backward):
            for step in range(frame.steps)[::direction]:
                for equation in equations:
                    for i in range(frame.rows(equation.lhs)):
                        e = entry(equation.rhs, i, 0, frame.at(step), frame, ring)
                        errors[equation.name, step, i] = e

        def gradient(leaf: tuple) -> Fraction:
            if len(leaf) == 4:
                name, i, j, lag = leaf
                return entry(gradients[name].rhs, i, j, frame.at(0, lag), frame, ring)
            name, step, i = leaf
            depth = -step if self.system.direction.get(name, 1) > 0 else step - frame.steps + 1
            key = name if name in self.system.inputs else initial_name(name, depth)
            return entry(gradients[key].rhs, i, 0, frame.at(step), frame, ring)

        return gradient


def check(
    system: Derived,
    *,
    sizes: dict[str, int] | None = None,
    N: int | None = None,
    directions: int = 1,
    seed: int = 0,
    lags: dict[str, Any] | None = None,
    equations: Equations | None = None,
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
    derived = equations or (*system.backward, *system.gradients)
    defaults = {name: k for k, name in enumerate(size_names(system), start=2)}
    frame = frame_of(system, defaults, N, 5, sizes, lags, derived)
    point = Point(system, frame, random.Random(seed))
    errors = set(system.derivation.named.values())
    backward = Equations(e for e in derived if e.name in errors and e.lhs.index == n)
    gradients = Equations(e for e in derived if e not in backward)
    _, values = point.forward({})
    gradient = point.backward(values, backward, gradients)
    blocks: dict[str, list[tuple]] = {}
    initial = {name for name, _ in initial_steps(system, frame)}
    for leaf in point.leaves:
        name = leaf[0]
        if name in initial or name in system.parameters or name in system.inputs:
            blocks.setdefault(initial_name(name) if name in initial else name, []).append(leaf)
    for block, leaves in blocks.items():
        for _ in range(directions):
            direction = {leaf: point.number() for leaf in leaves}
            truth, _ = point.forward(direction)
            derived_slope = sum((gradient(leaf) * d for leaf, d in direction.items()), Fraction(0))
            if derived_slope != truth:
                raise CheckError(
                    f"{system.name}: the gradient of {block} is wrong: along a random direction "
                    f"E grows by {truth}, the derived equations say {derived_slope}"
                )
    return Checked(system.name, frame.sizes, frame.steps, directions, tuple(blocks))
