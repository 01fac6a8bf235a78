"""What the questions of the page Implement ask: mistakes, and where each shows first."""

from __future__ import annotations

import re
from functools import cache

import sympy as sp

from lstm_lib.page.figures.implement.mistakes import MISTAKES, symptom
from lstm_lib.page.javascript import javascript_constant, javascript_function

__all__ = ["model"]

LETTERS = {
    "epsilon": "ε", "alpha": "α", "gradient of": "the gradient of", "psi": "ψ", "chi": "χ",
    "rho": "ρ", "dE_dq": "∂E/∂q", "xi": "ξ",
}  # fmt: skip


def written(name: str) -> str:
    """A quantity in plain letters: ``alpha_cs[4]`` is α_{cs}[4]."""
    for old, new in LETTERS.items():
        name = name.replace(old, new)
    return re.sub(r"_(\w+)", r"_{\1}", name)


@cache
def model() -> str:
    """``MISTAKES`` with what each spoils first, and ``loss`` of one component in three steps."""
    rows = [
        {"name": m.name, "words": re.sub(r"([a-zα-ωG])_(\w+|∗)", r"\1_{\2}", m.words),
         "first": written(symptom(m))}
        for m in MISTAKES
        if m.script
    ]  # fmt: skip
    C, v, (C_v, C_s, s) = sp.symbols("C:3"), sp.symbols("v:3"), sp.symbols("C_v C_s s")
    E = sum(a * b for a, b in zip(C, v, strict=True)) + C_v * v[2] + C_s * s
    return "\n".join(
        [
            javascript_constant("MISTAKES", rows),
            javascript_function("loss", [*C, *v, C_v, C_s, s], {"E": E}),
        ]
    )
