"""The library's pages: one for each module, an overview, and derived equations in docstrings.

A docstring names a system, ``Backward equations: derived by ``lstm_lib.derive.NAME``.``; here the
line becomes what the engine derives from that system's forward equations.
"""

from __future__ import annotations

import html
import re
from typing import Any

from sphinx.application import Sphinx

from equation_index import resolve

DERIVED = re.compile(
    r"^ *Backward equations(?:, ([^:]+?))?:\s+derived\s+by\s+``(lstm_lib\.derive\.[^`]+)``\.$", re.M
)


def derived(docstring: str) -> list[tuple[str, str]]:
    """What a docstring names: which variant, and the name of the system."""
    return [(" ".join(m[1].split()) if m[1] else "", m[2]) for m in DERIVED.finditer(docstring)]


def expand(lines: list[str]) -> list[str]:
    """The docstring with the derived equations where it names them."""
    count = 0

    def equations(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        ((variant, name),) = derived(found[0])
        return _folded(variant, name, is_open=count == 1)

    return DERIVED.sub(equations, "\n".join(lines)).split("\n")


def _folded(variant: str, name: str, *, is_open: bool) -> str:
    system = resolve(name)
    title = f"Backward equations{f', {variant}' if variant else ''}"
    summary = f"{html.escape(title)}, derived by <code>{html.escape(name)}</code>"
    parts = [
        "",
        f".. raw:: html\n\n   <details class='derived'{' open' * is_open}>"
        f"<summary>{summary}</summary>",
        _math(system.backward),
        "Its gradients of the parameters, the inputs and the initial states:",
        _math(system.gradients),
        ".. raw:: html\n\n   </details>",
        "",
    ]
    return "\n\n".join(parts)


def _math(equations: Any) -> str:
    rows = " \\\\\n   ".join(row for equation in equations for row in equation.rows())
    return f".. math::\n\n   {rows}"


def process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Expand the docstrings that autodoc reads."""
    lines[:] = expand(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what the library's pages need."""
    app.connect("autodoc-process-docstring", process)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
