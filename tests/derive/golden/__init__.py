"""What the engine derives and emits for the systems of the book, kept to the letter.

A file has one system: its equations, their LaTeX and its three programs. Functions that several
programs define in the same words stand in ``shared.txt`` once; a program has their first line only.

A change that means to alter what is printed renews the files and says why in its commit:

    python -m tests.derive.golden
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import lstm_lib.derive as derive
from lstm_lib.page.rnn_to_lstm import STAGES, towards_lstm

FOLDER = Path(__file__).parent
PARTS = ("forward", "backward", "gradients")
PROGRAMS = ("numpy_source", "scalar_source", "javascript_source")
KEPT_ELSEWHERE = "  ... in shared.txt"


def _variant(make: str, *args: Any, **keywords: Any) -> Callable[[], Any]:
    return lambda: getattr(derive, make)(*args, **keywords)


def _random_cell(seed: int) -> Any:
    from ..test_random_cells import open_cell_of

    return open_cell_of(seed)


SYSTEMS: dict[str, Callable[[], Any]] = {
    **{name: (lambda name=name: getattr(derive, name)) for name in derive.SYSTEMS},
    **{f"stage_{name}": partial(towards_lstm, name) for name in STAGES[1:]},
    "augmented_window": _variant("augmented_lstm_variant", True, False, False),
    "augmented_gate": _variant("augmented_lstm_variant", False, True, False),
    "augmented_reads_state": lambda: derive.augmented_lstm.change("", outputs="v s"),
    "lstm1997_gates": _variant("lstm1997_variant", True, gate_recurrence=True, peepholes=True),
    "lstm1997_truncated_gates": _variant("lstm1997_variant", True, True, True),
    "rnn_relu": lambda: derive.standard_rnn.change("r[n] = G(s[n])", warping={"G": "relu"}),
    "cell_1": lambda: _random_cell(1),  # a window over its own past, far reads, means
    "cell_13": lambda: _random_cell(13),  # the same in two sweeps
}


def sections(system: Any) -> dict[str, str]:
    """All that is printed of a system, by the name of what prints it."""
    found = {part: repr(getattr(system, part)) for part in PARTS}
    found |= {f"latex {part}": system.latex(part) for part in (*PARTS, "warping")}
    return found | {program: getattr(system, program)() for program in PROGRAMS}


def functions(source: str) -> list[str]:
    """A program cut before every function that it defines, in Python or in JavaScript."""
    return re.split(r"(?m)^(?=def |  function )", source)


def path_of(name: str) -> Path:
    """The file of a system."""
    return FOLDER / f"{name}.txt"


def written(found: dict[str, str], shared: dict[str, str]) -> str:
    """The sections as a file, with the functions that are kept elsewhere left out."""
    text = []
    for part, body in found.items():
        if part in PROGRAMS:
            cut = [(f, f.partition("\n")[0]) for f in functions(body)]
            body = "".join(
                f"{first}{KEPT_ELSEWHERE}\n" if shared.get(first) == f else f for f, first in cut
            )
        text.append(f"=== {part}\n{body}")
    return "\n".join(text).rstrip("\n") + "\n"


def shared_functions(everything: dict[str, dict[str, str]]) -> dict[str, str]:
    """The functions by first line that more than one program has, in the same words in each."""
    bodies: dict[str, list[str]] = {}
    for found in everything.values():
        for program in PROGRAMS:
            for f in functions(found[program])[1:]:
                if not re.match(r"\s*\w+ (for|back)ward\(", f):
                    bodies.setdefault(f.partition("\n")[0], []).append(f)
    return {
        first: same[0]
        for first, same in bodies.items()
        if len(same) > 1 and len(set(same)) == 1 and same[0].count("\n") > 1
    }


def renew() -> None:
    """Write all files anew."""
    everything = {name: sections(make()) for name, make in SYSTEMS.items()}
    shared = shared_functions(everything)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    path_of("shared").write_text("".join(shared.values()), encoding="utf-8")
    for name, found in everything.items():
        path_of(name).write_text(written(found, shared), encoding="utf-8")


def stored_functions() -> dict[str, str]:
    """The functions in ``shared.txt`` by first line."""
    text = path_of("shared").read_text(encoding="utf-8")
    return {f.partition("\n")[0]: f for f in functions(text)[1:]}
