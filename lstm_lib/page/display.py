"""What a chapter shows: numbered equations, and figures that follow the page's theme."""

from __future__ import annotations

import html
import io
import itertools
import os
import re
from collections.abc import Iterable
from typing import Any

from lstm_lib.page.style import matplotlib_style
from lstm_lib.page.svg import page_svg, titled

__all__ = ["STATIC_PAGE", "Figure", "Shown", "Table", "figure", "latex", "show", "table"]

STATIC_PAGE = "LSTM_LIB_STATIC_PAGE"
"""Environment variable: when set, figures display as HTML for a page with the book's styles."""

PHONE = 345  # pixels that a figure has on a small phone

_counter = itertools.count(1)


class Shown:
    """A displayed equation, or several, one a line, aligned at the relation sign.

    ``str`` gives the LaTeX. With a ``label`` the book numbers the equation, and text anywhere in
    the book can refer to it; in a notebook the label is invisible.
    """

    def __init__(self, lines: Iterable[str], label: str | None = None) -> None:
        self.lines = list(lines)
        if label is not None and not re.fullmatch(r"[a-z][a-z0-9-]*", label):
            raise ValueError(f"label: expected lower-case words joined by '-', got {label!r}")
        self.label = label

    def __str__(self) -> str:
        if len(self.lines) == 1:
            return self.lines[0].replace("&", "", 1)
        return "\\begin{aligned}\n" + " \\\\\n".join(self.lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        label = f"% label: {self.label}\n" if self.label else ""
        return f"$$\n{label}{self}\n$$"

    def __repr__(self) -> str:
        return f"Shown({self.label!r}, {len(self.lines)} lines)"


def show(*equations: Any, label: str | None = None) -> Shown:
    """Display SymPy equations as they stand, aligned at ``=``.

    Parameters
    ----------
    equations
        SymPy equations; pairs ``(left, right)`` of expressions or LaTeX strings, for equations
        that SymPy would evaluate; or LaTeX strings with ``&`` before the relation sign.
    label
        The name under which the book numbers the equation.
    """
    return Shown([row for item in equations for row in _rows(item)], label)


def _rows(item: Any) -> list[str]:
    if isinstance(item, str):
        return [item]
    if hasattr(item, "rows"):  # an equation of lstm_lib.derive, which prints itself
        return list(item.rows())
    left, right = (item.lhs, item.rhs) if hasattr(item, "lhs") else item
    text = [side if isinstance(side, str) else latex(side) for side in (left, right)]
    return [" &= ".join(text)]


def latex(expr: Any) -> str:
    r"""LaTeX of a SymPy expression, with the terms of a sum in the page's order.

    The order is: numbers and the identity, states $s$, read-outs $r$, inputs $x$, constants.
    SymPy sorts terms by rules of its own; the page keeps the order in which the model is written.
    """
    import sympy
    from sympy.core.function import AppliedUndef
    from sympy.printing.latex import LatexPrinter
    from sympy.printing.precedence import PRECEDENCE

    def place(term: Any) -> int:
        product = isinstance(term, (sympy.Mul, sympy.MatMul))
        factors = term.args if product else (term,)
        if all(f.is_number or isinstance(f, sympy.Identity) for f in factors):
            return 0
        values = [f.name for f in factors if re.search(r"[\[(]", getattr(f, "name", ""))]
        letter = values[-1].removeprefix("\\dot ")[0] if values else "?"
        return "-srx".find(letter) % 9

    class Printer(LatexPrinter):
        def _print_MatrixSymbol(self, expr: Any) -> str:
            return str(expr.name)  # names are LaTeX already: s[n-1], W_s

        def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
            verbatim = re.search(r"[\\\[(]", expr.name)
            return str(expr.name) if verbatim else str(super()._print_Symbol(expr, style))

        def _print_Derivative(self, expr: Any) -> str:
            function, (variable, order) = expr.expr, expr.variable_count[0]
            if isinstance(function, AppliedUndef) and function.args == (variable,) and order == 1:
                return f"{function.func.__name__}'({self._print(variable)})"
            return str(super()._print_Derivative(expr))

        def _print_Identity(self, expr: Any) -> str:
            return "I"

        def _print_MatMul(self, expr: Any) -> str:
            number, factors = expr.as_coeff_matrices()
            parts = [self.parenthesize(f, PRECEDENCE["Mul"]) for f in factors]
            sign, number = ("- ", -number) if number.could_extract_minus_sign() else ("", number)
            return sign + r"\,".join(([] if number == 1 else [self._print(number)]) + parts)

        def _print_Add(self, expr: Any, order: Any = None) -> str:
            return self._sum(expr.as_ordered_terms())

        def _print_MatAdd(self, expr: Any) -> str:
            return self._sum(expr.args)

        def _sum(self, terms: Any) -> str:
            printed = [(place(term), str(self._print(term))) for term in terms]
            printed.sort(key=lambda item: (item[0], item[1].startswith("-")))
            return " + ".join(text for _, text in printed).replace("+ -", "-")

    return str(Printer({"mat_delim": "(", "mat_str": "matrix"}).doprint(expr))


class Table:
    """Rows of numbers and words as a table of Markdown, which the book and Jupyter both show."""

    def __init__(self, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        self.head, self.rows = list(head), [list(row) for row in rows]
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(f"table: expected {len(self.head)} cells in a row, got {row!r}")

    def _repr_markdown_(self) -> str:
        lines = [self.head, ["--:"] * len(self.head), *self.rows]
        return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)

    def __repr__(self) -> str:
        return f"Table({len(self.rows)} rows)"


def table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Numbers as a table; words may have formulas ``$...$``, numbers at most four decimals."""
    return Table(head, rows)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{round(float(value), 4) + 0.0:.10g}".replace("-", "−")  # no -0


class Figure:
    """A drawing as SVG in the page's colours, a title that states the finding, and alt text.

    A drawing that is not legible below ``min_width`` pixels scrolls on a narrower page.
    """

    def __init__(self, svg: str, title: str, alt: str, min_width: int = 0) -> None:
        self.svg, self.title, self.alt, self.min_width = svg, title, alt, min_width

    def _repr_html_(self) -> str:
        svg = self.svg
        if self.min_width:
            svg = (
                f'<div class="rnd-scroll" role="group" tabindex="0" '
                f'aria-label="{html.escape(self.title)}">'
                f'<div style="min-width:{self.min_width}px">{svg}</div></div>'
            )
        return (
            f'<figure class="rnd-figure"><figcaption>{html.escape(self.title)}</figcaption>'
            f"{svg}</figure>"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """HTML that follows the theme for the book; elsewhere a picture, which every host shows."""
        if os.environ.get(STATIC_PAGE):
            return {"text/html": self._repr_html_(), "text/plain": repr(self)}
        return {"image/svg+xml": titled(self.svg, self.title), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"Figure({self.title!r})"


def figure(drawing: Any, *, title: str, alt: str, min_width: int | None = None) -> Figure:
    """Turn a matplotlib figure into a page figure that follows the theme.

    Draw it under :func:`lstm_lib.page.style.matplotlib_style`.

    Parameters
    ----------
    drawing
        The matplotlib figure; it is closed.
    title
        The finding, in a sentence.
    alt
        What the picture shows, for readers who do not see it.
    min_width
        The width, in pixels of the page, below which it would be illegible; it scrolls there.
        Unless given, the width at which letters of the usual size are 8.5 pixels high.
    """
    import matplotlib.pyplot as plt

    if min_width is None:
        points = 72 * drawing.get_size_inches()[0]
        wanted = round(8.5 / matplotlib_style()["font.size"] * points)
        min_width = wanted if wanted > PHONE else 0
    buffer = io.StringIO()
    with plt.rc_context(matplotlib_style()):
        drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(drawing)
    # Ids are unique on the page: the clip paths of two figures must not be one another's.
    svg = page_svg(buffer.getvalue(), prefix=f"fig{next(_counter)}-", alt=alt)
    return Figure(svg, title, alt, min_width)
