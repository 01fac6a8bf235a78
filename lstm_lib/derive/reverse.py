"""Reverse mode over matrix expressions: the whole derivation, on one page.

The error of z[n] is the derivative of E by z[n]. Every equation that reads z contributes: its own
error, carried back through its right side to the place of reading. An equation that reads z[n-1]
sees at step n+1 what is z[n]; its contribution is shifted n -> n+1. An error that has a name
stands in later equations as that name; one without is written out where it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sympy import HadamardProduct, MatAdd, MatMul, MatrixExpr, MatrixSymbol

from .declare import Declaration
from .words import (
    Act,
    Cut,
    Equation,
    Equations,
    N,
    Pool,
    Seq,
    Tap,
    TimeSum,
    WindowSum,
    apart,
    hadamard,
    l,
    n,
    plus,
    pool,
    product,
    scale,
    shifted,
    split,
    transpose,
)


@dataclass(frozen=True)
class Use:
    """One place where a sequence or parameter is read, and what flows back from it.

    ``term`` is the contribution to the error of the leaf at step n; ``shift`` is the index that
    replaced n in it, so n+1 for a leaf read as z[n-1]. ``equation`` is None for the loss.
    """

    leaf: Any
    term: Any
    shift: Any
    equation: Equation | None


@dataclass(frozen=True)
class Derivation:
    """The derived equations, and for each sequence, parameter and input its uses."""

    backward: Equations
    gradients: Equations
    uses: dict[str, tuple[Use, ...]]
    errors: dict[str, Any]  # sequence -> its error at step n: a name or what is inlined
    named: dict[str, str]  # sequence -> name of its error, if it has an equation


class Derived(Declaration):
    """A declaration with its backward equations and gradients."""

    @cached_property
    def derivation(self) -> Derivation:
        """Backward equations, gradients, and the uses that each came from."""
        return derive(self)

    @property
    def backward(self) -> Equations:
        """The error signals, in the order in which they are computed."""
        return self.derivation.backward

    @property
    def gradients(self) -> Equations:
        """Gradients of the parameters, the inputs and the initial states."""
        return self.derivation.gradients


def pull(z: Any, error: Any, window: WindowSum | None = None) -> Iterator[tuple[Any, Any]]:
    """Carry an error back through an expression: every leaf with what reaches it."""

    def over_lags(term: Any) -> Any:
        return WindowSum(term, window.lags, window.lag) if window else term

    match z:
        case Seq():
            yield z, over_lags(shifted(error, 2 * n - z.index))  # read at n-1, so felt at n+1
        case MatrixSymbol():
            yield z, over_lags(error)
        case Tap():
            yield z, error
        case Act():
            yield from pull(z.arg, hadamard(error, Act(z.name, z.order + 1, z.arg)), window)
        case Pool():  # as a matrix it is symmetric
            yield from pull(z.arg, pool(z.kind, error), window)
        case WindowSum():
            yield from pull(z.args[0], apart(error, z.lag), z)
        case MatAdd():
            for term in z.args:
                yield from pull(term, error, window)
        case HadamardProduct():
            for i, factor in enumerate(z.args):
                others = z.args[:i] + z.args[i + 1 :]
                yield from pull(factor, hadamard(error, *others), window)
        case MatMul(args=(first, second)) if isinstance(first, MatrixExpr):
            yield from pull(first, product(error, transpose(second)), window)
            yield from pull(second, product(transpose(first), error), window)
        case MatMul(args=(number, rest)):
            yield from pull(rest, scale(number, error), window)
        case Cut():
            return  # no error flows back through here


def derive(system: Declaration) -> Derivation:
    """Derive all backward equations and gradients of a system."""
    readers: dict[str, dict[Equation, bool]] = {}  # leaf -> who reads it; True: at another step
    for equation in system.forward:
        for z, term in pull(equation.rhs, equation.lhs):
            far = isinstance(term, WindowSum) or (isinstance(z, Seq) and z.index != n)
            found = readers.setdefault(leaf_name(z), {})
            found[equation] = far or found.get(equation, False)

    def named(name: str) -> bool:
        if name in system.adjoints:
            return True
        needed = any(True for _ in pull(system.forward[name].rhs, system.forward[name].lhs))
        return needed and any(readers.get(name, {}).values())

    def name_of(name: str) -> str:
        # dE_dv is what the loss itself says about an output v, so its whole error is not called so
        own = f"error_{name}" if name in system.outputs else f"dE_d{name}"
        return system.adjoints.get(name, own)

    @lru_cache(None)
    def error(name: str) -> Any:
        size = system.sequences[name][0]
        if named(name):
            return Seq(name_of(name), n, size)
        return plus((use.term for use in uses(name)), (size, 1))

    @lru_cache(None)
    def uses(name: str) -> tuple[Use, ...]:
        found: list[Use] = []
        if name in system.outputs:
            lhs = system.forward[name].lhs
            found.append(Use(lhs, Seq(f"dL_d{name}", n, lhs.shape[0]), n, None))
        for equation in readers.get(name, ()):
            for leaf, term in pull(equation.rhs, error(equation.name)):
                if leaf_name(leaf) == name and not term.is_ZeroMatrix:
                    shift = 2 * n - leaf.index if isinstance(leaf, Seq) else n
                    found.append(Use(leaf, uncut(term), shift, equation))
        return tuple(sorted(found, key=written_order))

    backward = [
        Equation(error(e.name), plus((use.term for use in uses(e.name)), e.lhs.shape))
        for e in reversed(system.forward)
        if named(e.name)
    ]
    gradients = []
    for name in system.parameters:
        leaf = uses(name)[0].leaf if uses(name) else MatrixSymbol(name, *shape_of(system, name))
        total = plus((use.term for use in uses(name)), leaf.shape)
        lhs = MatrixSymbol(f"dE_d{name}", *leaf.shape)
        tapped = name in system.taps
        gradients.append(Equation(Tap(lhs, l) if tapped else lhs, TimeSum(total)))
    for name, (size,) in system.inputs.items():
        total = plus((use.term for use in uses(name)), (size, 1))
        gradients.append(Equation(Seq(f"dE_d{name}", n, size), total))
    for name, depth in system.depth.items():
        size, direction = system.sequences[name][0], system.direction[name]
        for j in range(1, depth + 1):
            start = -j if direction > 0 else N - 1 + j
            late = [u for u in uses(name) if is_late((u.shift - n) * direction, j)]
            total = plus((shifted(u.term, start) for u in late), (size, 1))
            gradients.append(Equation(Seq(f"dE_d{name}", start, size), total))
    everything = (*system.sequences, *system.parameters, *system.inputs)
    return Derivation(
        Equations(backward),
        Equations(gradients),
        {name: uses(name) for name in everything},
        {name: error(name) for name in system.sequences},
        {name: name_of(name) for name in system.sequences if named(name)},
    )


def is_late(steps: Any, j: int) -> bool:
    """Whether a use so many steps later can read the j-th initial value; a window's may always."""
    return bool(steps >= j) if steps.is_Integer else True


def uncut(term: Any) -> Any:
    """Without the markers: going back, only the value of a cut expression is needed."""
    while cuts := term.atoms(Cut):  # one may stand inside another
        term = term.xreplace({cut: cut.args[0] for cut in cuts})
    return term


def leaf_name(leaf: Any) -> str:
    """The name of a sequence, parameter or tapped parameter."""
    return leaf.args[0].name


def shape_of(system: Declaration, name: str) -> tuple[Any, Any]:
    rows, *columns = system.parameters[name]
    return rows, columns[0] if columns else 1


def written_order(use: Use) -> tuple[bool, int, bool]:
    """The loss first, then this step before its neighbours, element-wise terms before matrices."""
    step = use.shift - n
    far = int(abs(step)) if step.is_Integer else 0
    return use.equation is not None, far, isinstance(split(use.term)[1], MatMul)
