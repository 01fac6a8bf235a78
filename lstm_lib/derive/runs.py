"""Equations that hold on a run: where sequences are what the forward equations make them.

The proof of a derived equation takes all values as free. What somebody types may hold only because
r[n] is G(s[n]): chi[n] * (1 - r[n] * r[n]) is the slope of tanh, and nothing else.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Function, Symbol, expand

from .components import Components
from .warping import Warping, r

ROUNDS, TERMS = 4, 2000  # how often forward equations are put in, and up to which length of a sum


def remainder(
    difference: Any, written: Components, right: dict[Any, Any], warpings: dict[str, Warping]
) -> Any:
    """The difference of two sides with the forward equations put in; zero if they agree then.

    The right side of each component of a sequence is given. Slopes are written by their values,
    dG(a) as a polynomial in G(a), where the warping function has one. A sequence that is G(a)
    stands for it; another is replaced by its right side.
    """
    made = {f: name for (name, order), f in written.functions.items() if order == 1}
    first: dict[Any, Any] = {}  # a right side -> the first sequence that is just that
    equal: dict[Any, Any] = {}  # a later one, such as another component of a mean -> the first
    for symbol, f in right.items():
        same = first.setdefault(expand(f.xreplace(equal)), symbol)
        if same != symbol:
            equal[symbol] = same
    values = {f: symbol for f, symbol in first.items() if isinstance(f, Function)}
    sums = {symbol: f for f, symbol in first.items() if not isinstance(f, Function)}

    def valued(z: Any) -> Any:
        z, slopes = z.xreplace(equal), {}
        for slope in (f for f in z.atoms(Function) if f.func in made):
            polynomial = warpings[made[slope.func]].by_value
            if polynomial is not None:
                value = written.act(made[slope.func], 0, slope.args[0])
                slopes[slope] = polynomial.xreplace({r: value})
        return expand(z.xreplace(slopes).xreplace(values))

    found = valued(difference)
    for _ in range(ROUNDS):
        known = {z: sums[z] for z in found.atoms(Symbol) if z in sums}
        if found == 0 or not known or len(Add.make_args(found)) > TERMS:
            break
        found = valued(found.xreplace(known))
    return found
