"""The eight variants of the LSTM of Greff et al. (2017), each as one change, and the GRU."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lstm_lib import checks, derive

if TYPE_CHECKING:
    from lstm_lib.derive.system import System

__all__ = ["VARIANTS", "Variant", "changed_lines", "variant"]

GATES = ("cu", "cs", "cr")


class Variant(NamedTuple):
    """What it is called, its new lines, and the signals whose lines are taken out first."""

    name: str
    lines: tuple[str, ...] = ()
    out: tuple[str, ...] = ()


def _net(gate: str, peephole: bool = True, gates: bool = False) -> str:
    """The net input of a gate, with its peephole or not; with the gates of the step before."""
    step = "n" if gate == "cr" else "n-1"
    line = f"a_{gate}[n] = W_x{gate} @ x[n]" + f" + w_s{gate} * s[{step}]" * peephole
    heard = "".join(f" + R_{other}{gate} @ g_{other}[n-1]" for other in GATES) * gates
    return f"{line} + W_v{gate} @ v[n-1]{heard} + b_{gate}"


VARIANTS = {
    "V": Variant("vanilla"),
    "NIG": Variant("no input gate", ("s[n] = g_cs[n] * s[n-1] + u[n]",), ("a_cu", "g_cu")),
    "NFG": Variant("no forget gate", ("s[n] = s[n-1] + g_cu[n] * u[n]",), ("a_cs", "g_cs")),
    "NOG": Variant("no output gate", ("v[n] = r[n]",), ("a_cr", "g_cr")),
    "NIAF": Variant("no input activation", ("u[n] = a_du[n]",)),
    "NOAF": Variant("no output activation", ("r[n] = s[n]",)),
    "CIFG": Variant("coupled gates", ("g_cu[n] = 1 - g_cs[n]",), ("a_cu", "g_cu")),
    "NP": Variant("no peepholes", tuple(_net(gate, peephole=False) for gate in GATES)),
    "FGR": Variant("full gate recurrence", tuple(_net(gate, gates=True) for gate in GATES)),
    "GRU": Variant("GRU"),
}
"""By the abbreviations of the paper; the vanilla cell, with diagonal peepholes, comes first."""


@lru_cache(None)
def variant(key: str) -> System:
    """The system of a variant, from the declaration of the vanilla cell and its own lines."""
    name, lines, out = VARIANTS[checks.one_of("key", key, VARIANTS)]
    base = derive.vanilla_lstm_diagonal
    if key == "GRU":
        return derive.gru
    if not lines:
        return base
    new = {line.split("[")[0]: line for line in lines}
    rows = [new.get(old, line) for old, line in base.lines.items() if old not in out]
    for signal in (z for z in new if z in out):  # its place is before its first reader
        reads = [i for i, row in enumerate(rows) if f"{signal}[n]" in row.partition("=")[2]]
        rows.insert(reads[0], new[signal])
    return derive.System.from_equations("\n".join(rows), name=f"LSTM, {name}", source=base.source)


def changed_lines(key: str) -> tuple[list[str], list[str]]:
    """The equations that the vanilla cell has not, and the signals of it that are gone."""
    base, system = derive.vanilla_lstm_diagonal, variant(key)
    new = [line for line in system.lines.values() if line not in base.lines.values()]
    return new, [name for name in base.lines if name not in system.lines]
