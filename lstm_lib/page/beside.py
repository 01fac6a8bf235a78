"""The lines of a program beside the equations that they compute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["beside"]


def beside(system: Any, equations: Iterable[Any], width: int = 30) -> str:
    """A Markdown table: each statement as ``numpy_source()`` prints it, and its equation.

    ``width`` is about the number of symbols in a row of an equation. On a phone the book sets an
    equation below its statement.
    """
    from lstm_lib.derive.latex import lined
    from lstm_lib.derive.program import lowered
    from lstm_lib.derive.python import Batched
    from lstm_lib.derive.words import Seq, key_of, n

    printer = Batched(lowered(system))
    rows = ["| in NumPy | on the page |", "|---|---|"]
    for e in equations:
        step = isinstance(e.lhs, Seq)
        once = step and e.lhs.index != n  # a start value's
        left = f"dE_d{key_of(e)}" if once else str(e.lhs)
        lines = printer.statement(e, left, "=" if step else "+=")
        code = "<br>".join(f"`{line}`".replace("`    ", "`") for line in lines)
        parts = e.rows(width)
        latex = lined(parts).replace("\n", " ") if len(parts) > 1 else parts[0].replace("&", "")
        rows.append(f"| {code} | ${latex}$ |")
    return "\n".join(['<div class="beside">\n', *rows, "\n</div>"])
