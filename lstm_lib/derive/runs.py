"""Equations that hold on a run: where sequences are what the forward equations make them.

The proof of a derived equation takes all values as free. What somebody types may hold only because
r[n] is G(s[n]): chi[n] * (1 - r[n] * r[n]) is the slope of tanh, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import Add, Function, Symbol, expand

from .warping import r

if TYPE_CHECKING:
    from .prove import Proof

ROUNDS, TERMS = 4, 2000  # how often forward equations are put in, and up to which length of a sum


def remainder(difference: Any, proof: Proof) -> Any:
    """The difference of two sides with the forward equations put in; zero if they agree then.

    Slopes are written by their values, dG(a) as a polynomial in G(a), where the warping function
    has one. A sequence that is G(a) stands for it; another is replaced by its right side.
    """
    made = {f: name for (name, order), f in proof.functions.items() if order == 1}
    first: dict[Any, Any] = {}  # a right side -> the first sequence that is just that
    equal: dict[Any, Any] = {}  # a later one, such as another component of a mean -> the first
    for symbol, f in proof.right.items():
        same = first.setdefault(expand(f.xreplace(equal)), symbol)
        if same != symbol:
            equal[symbol] = same
    values = {f: symbol for f, symbol in first.items() if isinstance(f, Function)}
    sums = {symbol: f for f, symbol in first.items() if not isinstance(f, Function)}

    def valued(z: Any) -> Any:
        z, slopes = z.xreplace(equal), {}
        for slope in (f for f in z.atoms(Function) if f.func in made):
            polynomial = proof.system.functions[made[slope.func]].by_value
            if polynomial is not None:
                value = proof.act(made[slope.func], 0, slope.args[0])
                slopes[slope] = polynomial.xreplace({r: value})
        return expand(z.xreplace(slopes).xreplace(values))

    found = valued(difference)
    for _ in range(ROUNDS):
        known = {z: sums[z] for z in found.atoms(Symbol) if z in sums}
        if found == 0 or not known or len(Add.make_args(found)) > TERMS:
            break
        found = valued(found.xreplace(known))
    return found
