"""A proof of the derived equations, component by component.

The proof does not know how the equations were derived. It writes every component of every forward
equation out as a polynomial, in which every component of every sequence is a symbol of its own and
the warping functions are opaque. With a multiplier lambda for each equation z = f, E is stationary
in the Lagrangian

    sum dL_dv v + sum lambda (f - z),

so lambda_z is the derivative of the Lagrangian's other terms by z, and so is every gradient. Each
derived equation must agree with that after ``expand``; nothing is ever simplified.

Shared with the derivation: the parsed forward equations, the node classes, and the names of the
errors (which lambda is called psi). Not shared: reverse mode, index shifts, inlining, window
reversal and transposes, which here come from SymPy's scalar ``diff`` of written-out components.
Both read the same forward equations, so a misread forward equation is not noticed here: the tests
compare emitted programs with hand-written forward passes, and differentiate those by complex step.

Each equation is proven by itself; that their order lets them be computed is looked at apart.

What is proven holds for the given sizes and number of steps, for all values and any functions G.
Two components per vector are the least that shows a missing transpose. A use k steps later shows
only in a run of more than k steps; the proof refuses a shorter one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from sympy import Integer, Symbol, diff, expand

from .components import Components
from .declare import starts
from .frame import affine, farthest, frame_of, long_enough, size_names
from .reverse import Derived
from .runs import remainder
from .words import Equation, N, Seq, Tap, n, reads

__all__ = ["ProofError", "Proven"]


Place = tuple[int, int, dict[Any, int]]  # row, column, values of n, N and l


class ProofError(AssertionError):
    """A derived equation is wrong: the message has the equation, the component and both sides."""

    def __str__(self) -> str:  # written when it is read: to print both sides may take long
        return "".join(map(str, self.args))


@dataclass(frozen=True, repr=False)
class Proven:
    """How many identities were proven, and at which size."""

    name: str
    d: int
    N: int
    counts: dict[str, int]

    @property
    def identities(self) -> int:
        """The number of scalar identities."""
        return sum(self.counts.values())

    def __repr__(self) -> str:
        return (
            f"{self.name}: {self.identities} identities proven in {len(self.counts)} equations, "
            f"{self.d} components, {self.N} steps, any warping function"
        )


class Proof(Components):
    """All that is needed to test derived equations of one system at one size.

    Args:
        system: the declared system.
        d: the number of components of every vector.
        N: the number of steps; by default 3, or more if the equations read further than that.
        sizes: other numbers of components for some sizes, ``{"d_x": 3}``.
        lags: the lags of each window, ``{"L_cu": range(-1, 2)}``.
        claims: equations that shall be verified; they count for the default number of steps.

    Raises:
        ValueError: a bad option, or N not larger than the number of steps between an equation and
            what it reads.
    """

    def __init__(
        self,
        system: Derived,
        d: int = 2,
        N: int | None = None,
        *,
        sizes: dict[str, int] | None = None,
        lags: dict[str, Any] | None = None,
        claims: tuple[Equation, ...] = (),
    ) -> None:
        self.multiplier, self.stationary = cache(self._multiplier), cache(self._stationary)
        self.system, self.d = system, d
        equal = dict.fromkeys(size_names(system), d)
        derived = (*system.backward, *system.gradients, *claims)
        super().__init__(system, frame_of(system, equal, N, 3, sizes, lags, derived))
        self.named = {error: name for name, error in system.derivation.named.items()}
        self.right: dict[Any, Any] = {}  # symbol of a sequence -> right side of its equation
        self.readers: dict[Any, list[tuple[tuple[str, int, int], Any]]] = defaultdict(list)
        for equation in system.forward:
            for step in range(self.frame.steps):
                for i in range(self.frame.rows(equation.lhs)):
                    f = self.entry(equation.rhs, i, 0, self.frame.at(step))
                    self.right[self.value(equation.name, step, i)] = f
                    for symbol in f.free_symbols if f != 0 else ():
                        self.readers[symbol].append(((equation.name, step, i), f))

    def _value(self, name: str, step: int, i: int) -> Any:
        """The symbol of one component of a sequence; for an error, the multiplier that it is."""
        if name not in self.named:
            return super()._value(name, step, i)
        inside = 0 <= step < self.frame.steps
        return self.multiplier(self.named[name], step, i) if inside else Integer(0)

    # -- the Lagrangian ------------------------------------------------------------------------

    def _multiplier(self, name: str, step: int, i: int) -> Any:
        """Lambda of one component: a free symbol if the error has a name, else eliminated."""
        if name in self.system.derivation.named:
            return Symbol(f"lambda_{name}[{step}]_{i}")
        return self.stationary(self.value(name, step, i), (name, step, i))

    def _stationary(self, symbol: Any, of: tuple[str, int, int] | None = None) -> Any:
        """The derivative of the Lagrangian by a symbol, without its own multiplier."""
        total = Integer(0)
        if of and of[0] in self.system.outputs:
            total += self.value(f"dL_d{of[0]}", *of[1:])
        for (name, step, i), f in self.readers.get(symbol, ()):
            total += self.multiplier(name, step, i) * diff(f, symbol)
        return expand(total.xreplace(self.frozen))

    def _ordered(self) -> None:
        """Raise ProofError if an equation reads an error that is not computed by then."""
        done: set[str] = set()  # in this sweep at this step, or in a sweep before
        for forward in reversed(self.system.sweeps):
            names = {e.name for e in forward.equations}
            equations = [e for e in self.system.backward if self.named[e.name] in names]
            sweep = {equation.name for equation in equations}
            for equation in equations:
                for z, lags in reads(equation):
                    known = z.name in done and z.name not in sweep
                    for steps in self._steps(z, lags):
                        known_now = z.name in done and steps == 0
                        before = z.name in sweep and steps * forward.direction > 0
                        if z.name in self.named and not (known or known_now or before):
                            where = f"{self.system.name}: {z} is not known yet in {equation}"
                            raise ProofError(where)
                done.add(equation.name)

    def _steps(self, z: Seq, lags: str | None) -> list[int]:
        """How many steps later than its equation a sequence is read, at every lag."""
        constant, linear = affine(z.index)
        running = sum(c for symbol, c in linear if symbol not in (n, N))
        return [constant + running * lag for lag in (self.frame.lags[lags] if lags else (0,))]

    # -- the identities ------------------------------------------------------------------------

    def verify(self, equation: Equation, *, on_a_run: bool = False) -> int:
        """The number of components in which an equation holds, for all values or on a run.

        Raises:
            ProofError: naming the equation and the first component in which it does not hold.
            ValueError: if the equation reads further than the proof has steps.
        """
        long_enough(self.frame, farthest([equation], self.frame))
        identities = self._identities(equation)
        return sum(self._same(equation, on_a_run, *identity) for identity in identities)

    def _same(
        self, equation: Equation, on_a_run: bool, where: str, claim: Place, truth: Any
    ) -> int:
        derived = expand(self.entry(equation.rhs, *claim))
        difference = 0 if derived == truth else expand(derived - truth)
        if difference != 0 and on_a_run:
            difference = remainder(difference, self, self.right, self.system.functions)
        if difference != 0:
            where = f"{self.system.name}: {where} in the equation  "
            sides = "\n  derived:    ", derived, "\n  Lagrangian: ", truth
            raise ProofError(where, equation, *sides)
        return 1

    def _identities(self, equation: Equation) -> Iterator[tuple[str, Place, Any]]:
        """What must hold: where it is, the place on the right side, and the truth."""
        lhs, frame = equation.lhs, self.frame
        z = equation.name.removeprefix("dE_d")
        if isinstance(lhs, Seq):
            running = lhs.index.has(n)
            z = self.named.get(equation.name, z) if running else z
            for step in range(frame.steps) if running else [int(lhs.index.subs(N, frame.steps))]:
                for i in range(frame.rows(lhs)):
                    truth = self.stationary(self.value(z, step, i), (z, step, i))
                    yield f"component {i} at step {step}", (i, 0, frame.at(step)), truth
            return
        tapped = isinstance(lhs, Tap)
        for lag in frame.lags[self.system.taps[z]] if tapped else (None,):
            for i, j in product(range(frame.rows(lhs)), range(frame.columns(lhs))):
                where = f"component ({i}, {j})" + (f" of tap {lag}" if tapped else "")
                truth = self.stationary(self.weight(z, i, j, lag))
                yield where, (i, j, frame.at(0, lag)), truth

    def all(self) -> Proven:
        """Prove all backward equations and gradients of the system, and that they can be run."""
        system = self.system
        self._ordered()
        derived = (*system.backward, *system.gradients)
        wanted = [f"{error}[n]" for error in self.named]
        wanted += [f"dE_d{name}" + "[l]" * (name in system.taps) for name in system.parameters]
        wanted += [f"dE_d{name}[n]" for name in system.inputs]
        wanted += [f"dE_d{name}[{at}]" for name, at, _ in starts(system)]
        missing = set(wanted) - {str(equation.lhs) for equation in derived}
        if missing:
            raise ProofError(f"{system.name}: no equation for {', '.join(sorted(missing))}")
        counts = {str(equation.lhs): self.verify(equation) for equation in derived}
        return Proven(self.system.name, self.d, self.frame.steps, counts)
