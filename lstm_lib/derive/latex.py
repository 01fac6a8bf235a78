"""Equations as LaTeX in the book's notation, plain enough for MathJax."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from sympy import MatMul

from .writer import Writer

GREEK = set(
    re.findall(
        r"\w+",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
        "upsilon phi varphi chi psi omega vartheta Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi "
        "Omega",
    )
)


class Latex(Writer):
    """W_xcu becomes W_{xcu}, dE_ds the derivative of E, dL_dv the gradient of the loss.

    hat_g is a g with a hat.
    """

    times, matmul, scaled = r" \odot ", r"\,", r"\,"
    brackets = r"\left(", r"\right)"
    binds: ClassVar[dict[str, int]] = {"time_sum": 1, "window": 1}

    def name(self, name: str) -> str:
        if name.startswith("hat_"):
            return rf"\hat {self.name(name[4:])}"
        stem, _, rest = re.sub(r"^([A-Za-z]+)(\d+)", r"\1_\2", name).partition("_")
        parts = [rf"\{part}" if part in GREEK else part for part in rest.split("_") if part]
        parts = [re.sub(r"(\w)phi$|\\phi$", r"\1\\varphi", part) for part in parts]
        parts = [p for part in parts for p in re.sub("^([xy])(in|out)$", r"\1 \2", part).split()]
        stem = rf"\{stem}" if stem in GREEK else stem
        if len(stem) > 1 and not stem.startswith("\\"):
            stem = rf"\mathrm{{{stem}}}"
        parts = [rf"\mathrm{{{p}}}" if p in ("fw", "bw", "in", "out") else p for p in parts]
        return f"{stem}_{{{','.join(parts)}}}" if parts else stem

    def seq(self, z: Any) -> str:
        kind, name = z.name[:4], z.name[4:]
        if kind == "dE_d":
            return rf"\frac{{\partial E}}{{\partial {self.name(name)}[{self.index(z.index)}]}}"
        if kind == "dL_d":
            return rf"\nabla_{{\!{self.name(name)}[{self.index(z.index)}]}}\mathcal{{L}}"
        return f"{self.name(z.name)}[{self.index(z.index)}]"

    def symbol(self, name: str) -> str:
        if name.startswith("dE_d"):
            return rf"\frac{{\partial E}}{{\partial {self.name(name[4:])}}}"
        return self.name(name)

    def index(self, index: Any) -> str:
        return re.sub(r"l(\d+)", r"l_{\1}", super().index(index))

    def tap(self, z: Any) -> str:
        whole = self.at(z.args[0])
        if whole.startswith(r"\frac"):
            return f"{whole[:-1]}[{self.index(z.args[1])}]}}"
        return f"{whole}[{self.index(z.args[1])}]"

    def act(self, z: Any) -> str:
        return self.function(z.name) + "'" * z.order + f"({self.at(z.arg)})"

    def pool(self, z: Any) -> str:
        return rf"\operatorname{{{z.kind}}}({self.at(z.arg)})"

    def function(self, name: str) -> str:
        """G_c by its symbol, a word such as tanh or rsqrt upright."""
        if name in ("tanh", "exp", "log", "sin", "cos"):
            return rf"\{name}"
        word = len(name) > 1 and name.isalnum() and name not in GREEK
        return rf"\operatorname{{{name}}}" if word else self.name(name)

    def transposed(self, z: Any) -> str:
        return rf"{self.at(z, 2)}^{{\top}}"

    def matrix_product(self, a: Any, b: Any) -> str:
        inner = isinstance(b, MatMul)  # associative: A B x needs no brackets
        return self.at(a, 2) + self.matmul + self.at(b, 1 if inner else 2)

    def window(self, z: Any) -> str:
        return rf"\sum_{{{self.index(z.lag)} \in {self.lag_set(z.lags)}}} {self.at(z.args[0], 1)}"

    def lag_set(self, lags: str) -> str:
        return self.name(re.sub("^L(?=_|$)", "Lambda", lags))

    def time_sum(self, z: Any) -> str:
        return rf"\sum_{{n}} {self.at(z.args[0], 1)}"

    def cut(self, z: Any) -> str:
        return rf"\overline{{{self.at(z.args[0])}}}"

    def number(self, c: Any) -> str:
        return str(c) if c.is_Integer else rf"\tfrac{{{c.p}}}{{{c.q}}}"

    def rows(self, equation: Any, width: int) -> list[str]:
        """An equation as rows with an alignment mark; a long sum is broken before a term."""
        rows = [f"{self.at(equation.lhs)} &="]
        for i, (sign, term) in enumerate(self.terms(equation.rhs)):
            if i and visible(rows[-1] + term) > width:
                rows.append(r"&\quad")
            rows[-1] += f" {sign} {term}" if i or sign == "-" else f" {term}"
        return rows


def visible(text: str) -> int:
    """About how many characters of LaTeX are seen."""
    text = re.sub(
        r"\\(mathcal|mathrm|operatorname|left|right|quad|partial|top|frac|tfrac|!|,)", "", text
    )
    return len(re.sub(r"[{}_^&\s]", "", re.sub(r"\\[A-Za-z]+", "x", text)))


def aligned(equations: Iterable[Any], *, width: int = 54) -> str:
    """LaTeX of equations, one below the other, aligned at the equals sign.

    A sum is broken before it is wider than about ``width`` characters.
    """
    rows = [row for equation in equations for row in Latex().rows(equation, width)]
    return lined(rows)


def lined(rows: list[str]) -> str:
    """LaTeX of rows, each with an alignment mark."""
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
