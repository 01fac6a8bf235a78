"""The programs behind the live figures, written by the derivation engine."""

from __future__ import annotations

from functools import cache

from lstm_lib.derive.stages import STAGES, towards_lstm

__all__ = ["protect", "stages"]


def _programs(*names: str) -> str:
    """Forward and backward pass of the named stages, as ``programs.name``."""
    sources = [towards_lstm(name).javascript_source(f"stage_{name}") for name in names]
    pairs = ", ".join(f"{name}: stage_{name}" for name in names)
    return "\n".join([*sources, f"var programs = {{{pairs}}};"])


@cache
def stages() -> str:
    """Every stage from the canonical RNN to the LSTM."""
    return _programs(*STAGES)


@cache
def protect() -> str:
    """The gated update, with a linear and with a bounded update."""
    return _programs("update", "bounded")
