"""Cells that nobody would think of: random forward equations, derived, proven and run."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sympy

from lstm_lib.derive import System

from .programs import both, differentiated, point


def cell_of(seed: int) -> System:
    """Three sequences of one size in one sweep or two, with random right sides."""
    draw = random.Random(seed)
    names = ["p", "q", "s"]
    two_sweeps = draw.random() < 0.3
    matrices = {"A", "B", "C"}

    def leaf(k: int) -> str:
        back, kind = "n+" if two_sweeps and k == 2 else "n-", draw.random()
        if kind < 0.25:
            return f"x[n{draw.choice(['', '-1', '+2'])}]"
        if kind < 0.35:
            return draw.choice(["b", "c"])
        if kind < 0.6 and k:
            return f"{draw.choice(names[:k])}[n]"
        if kind < 0.7 and two_sweeps and k == 2:
            return f"{draw.choice(names[:2])}[n{draw.choice(['+1', '-1'])}]"
        return f"{names[k]}[{back}{draw.choice([1, 1, 2])}]"

    def vector(k: int, depth: int) -> str:
        if depth == 0 or draw.random() < 0.15:
            return leaf(k)
        kind = draw.randrange(8)
        inner = vector(k, depth - 1)
        if kind == 0:
            return f"{draw.choice('GH')}({inner})"
        if kind == 1:
            return f"{draw.choice(sorted(matrices))} @ ({inner})"
        if kind == 2:
            return f"({inner}) * ({vector(k, depth - 1)})"
        if kind == 3:
            return f"{inner} - ({vector(k, depth - 1)})"
        if kind == 4:
            return f"(1 - ({inner})) * ({vector(k, depth - 1)})"
        if kind == 5:
            return f"cut({inner})"
        if kind == 6 and "sum" not in inner:
            return f"sum(W[l] @ (x[n-l] * ({inner})) for l in L)"
        return f"0.5 * ({inner}) + {vector(k, depth - 1)}"

    lines = [
        f"p[n] = A @ x[n] + {vector(0, 3)}",
        f"q[n] = B @ p[n] + b * q[n-1] + {vector(1, 2)}",
        f"s[n] = C @ q[n] * c + G(p[n]) + H(x[n]) + sum(W[l] @ x[n-l] for l in L) + {vector(2, 3)}",
    ]
    if two_sweeps:
        lines.insert(2, "for n descending:")
    return System(
        f"cell {seed}",
        "\n".join(lines),
        inputs="x: d",
        sequences="p q s: d",
        parameters="A B C W: d, d; b c: d",
        outputs=draw.choice(["s", "s q"]),
        adjoints=draw.choice(["", "s: psi", "p: rho, s: psi"]),
        warping={"G": "tanh", "H": "logistic"},
    )


def open_cell_of(seed: int) -> System:
    """The same with open warpings, means and totals, and a window over the cell's own past."""
    text = dict(cell_of(seed).text)
    own = "s[n+l]" if "descending" in text["forward"] else "s[n-l]"
    old = "G(p[n]) + H(x[n])"
    new = f"G(mean(p[n]) * q[n]) + H(total(x[n])) + sum(u[l] * G({own}) for l in K)"
    assert old in text["forward"]
    text |= {
        "forward": text["forward"].replace(old, new),
        "parameters": text["parameters"] + "; u: d",
    }
    warping = {"G": lambda z: z / (1 + sympy.exp(-z)), "H": 1 / (1 + sympy.Symbol("y") ** 2)}
    return System(f"open cell {seed}", warping=warping, **text)


# The first few, and those that once found a mistake.
SEEDS = [*range(6), 13, 23, 27, 61, 87, 128, 187, 292]


MADE = [(cell_of, seed) for seed in SEEDS] + [
    (open_cell_of, seed) for seed in (0, 1, 2, 13, 23, 61)
]


@pytest.mark.parametrize(("make", "seed"), MADE)
def test_any_cell_is_derived_rightly(make, seed):
    cell = make(seed)
    cell.prove(d=2, lags={"L": (-1, 0, 2)})
    cell.check()
    for equation in (*cell.backward, *cell.gradients):
        if str(equation.rhs) not in ("0", "sum(0 for n in range(N))"):
            assert cell.claim(str(equation)) == equation
    differentiated(cell, point(cell, N=4, B=2, seed=seed), rel=1e-9, seed=seed)


@pytest.mark.parametrize(
    ("make", "seed"), [*((cell_of, seed) for seed in (1, 6, 11, 16)), (open_cell_of, 1)]
)
def test_javascript_of_any_cell(make, seed):
    cell = make(seed)
    trace, grads, trace_js, grads_js = both(cell, point(cell, N=4, B=2, seed=seed))
    for ours, theirs in ((trace, trace_js), (grads, grads_js)):
        for key in ours.keys() - {"lags"}:
            scale = 1 + np.abs(ours[key]).max(initial=0)
            np.testing.assert_allclose(theirs[key], ours[key], rtol=1e-11, atol=1e-12 * scale)
