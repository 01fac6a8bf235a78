"""A fixed family of mistakes, each made at every place of an equation where it can be made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from sympy import Basic, HadamardProduct, Integer, MatAdd, MatMul, MatrixExpr, Transpose

from lstm_lib.derive.words import Act, Equation, Seq, l, n


def places(z: Any, rebuild: Callable[[Any], Any] = lambda z: z) -> Iterator[tuple[Any, Any]]:
    """Every node of an expression, with a function that puts another one in its place."""
    yield z, rebuild
    for k, arg in enumerate(getattr(z, "args", ())):
        if isinstance(arg, MatrixExpr):

            def inside(new: Any, k: int = k, z: Any = z) -> Any:
                # Basic.__new__ does not check shapes: a mistake may have a wrong one.
                return rebuild(Basic.__new__(type(z), *z.args[:k], new, *z.args[k + 1 :]))

            yield from places(arg, inside)


def mutants(system: Any, equation: Equation) -> Iterator[tuple[str, Equation]]:
    """All mutants of one derived equation, each with the name of its mistake."""
    gates = {
        e.name: e.lhs.shape for e in system.forward if isinstance(e.rhs, Act) and e.rhs.order == 0
    }
    errors = {e.name: e.lhs.shape for e in system.backward}
    seen = {written(equation.rhs)}
    for z, put in places(equation.rhs):
        for mistake, new in mistakes(z, gates, errors):
            rhs = put(new)
            if written(rhs) not in seen:
                seen.add(written(rhs))
                yield f"{mistake} at {z}", Equation(equation.lhs, rhs)
    for group in (gates, errors):
        for mistake, rhs in swaps(equation.rhs, group):
            if written(rhs) not in seen:
                seen.add(written(rhs))
                yield mistake, Equation(equation.lhs, rhs)


def written(rhs: Any) -> Any:
    """The same for sums that differ in the order of their terms only: that is no mistake."""
    return frozenset(Counter(rhs.args).items()) if isinstance(rhs, MatAdd) else rhs


def swaps(rhs: Any, group: dict) -> Iterator[tuple[str, Any]]:
    """Two sequences of one kind in each other's place, everywhere in an equation."""
    found = [z for z in group if any(s.name == z for s in rhs.atoms(Seq))]
    for a, b in combinations(found, 2):
        if group[a] == group[b]:
            other = {a: b, b: a}
            moved = {
                s: Seq(other[s.name], s.index, s.shape[0])
                for s in rhs.atoms(Seq)
                if s.name in other
            }
            yield f"swap {a} and {b}", rhs.xreplace(moved)


def mistakes(z: Any, gates: dict, errors: dict) -> Iterator[tuple[str, Any]]:
    """What can be done wrong at one node."""
    if isinstance(z, MatAdd):
        for k in range(len(z.args)):
            rest = z.args[:k] + z.args[k + 1 :]
            yield f"drop term {k + 1}", MatAdd(*rest) if len(rest) > 1 else rest[0]
    if isinstance(z, HadamardProduct):
        for k in range(len(z.args)):
            rest = z.args[:k] + z.args[k + 1 :]
            yield f"drop factor {k + 1}", HadamardProduct(*rest) if len(rest) > 1 else rest[0]
    if isinstance(z, Transpose):
        yield "drop the transpose", z.args[0]
    if isinstance(z, Act) and z.order == 1:
        yield "forget the derivative", Act(z.name, 0, z.arg)
    if isinstance(z, (Seq, HadamardProduct)) or (
        isinstance(z, MatMul) and isinstance(z.args[0], MatrixExpr)
    ):
        yield "flip the sign", Basic.__new__(MatMul, Integer(-1), z)
    if isinstance(z, Seq):
        yield from moved(z)
        for group in (gates, errors):
            for other, shape in group.items() if z.name in group else ():
                if other != z.name and shape == group[z.name]:
                    yield f"put {other} for {z.name}", Seq(other, z.index, z.shape[0])


def moved(z: Seq) -> Iterator[tuple[str, Seq]]:
    """A sequence read at a wrong step."""
    step = z.index - n
    if step.has(l):
        yield "forget the window's reversal", Seq(z.name, n - step, z.shape[0])
        yield "forget the lag", Seq(z.name, n, z.shape[0])
        yield "shift one too far", Seq(z.name, z.index + 1, z.shape[0])
        yield "shift one too little", Seq(z.name, z.index - 1, z.shape[0])
    elif not step.has(n) and step != 0:
        yield "shift the wrong way", Seq(z.name, n - step, z.shape[0])
        yield "forget the shift", Seq(z.name, n, z.shape[0])
        yield "shift too far", Seq(z.name, n + 2 * step, z.shape[0])
    else:
        yield "shift one later", Seq(z.name, z.index + 1, z.shape[0])
        yield "shift one earlier", Seq(z.name, z.index - 1, z.shape[0])
