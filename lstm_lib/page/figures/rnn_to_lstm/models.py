"""The programs behind the live figures, written by the derivation engine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lstm_lib.derive.system import System
from lstm_lib.page.rnn_to_lstm import STAGES, towards_lstm

__all__ = ["protect", "stages", "updates"]


def _programs(systems: dict[str, System]) -> str:
    """Forward and backward pass of the systems, as ``programs.name``, and what feeds them."""
    sources = [system.javascript_source(f"stage_{name}") for name, system in systems.items()]
    pairs = ", ".join(f"{name}: stage_{name}" for name in systems)
    shared = (Path(__file__).parent / "shared.js").read_text(encoding="utf-8")
    return "\n".join([*sources, f"var programs = {{{pairs}}};", shared])


@cache
def stages() -> str:
    """Every stage from the canonical RNN to the LSTM."""
    return _programs({name: towards_lstm(name) for name in STAGES})


def updates() -> dict[str, System]:
    """The gated update, linear, by tanh and by the logistic function; the loss reads the state."""
    bounded = towards_lstm("bounded")
    systems = {
        "update": towards_lstm("update"),
        "bounded": bounded,
        "positive": bounded.change("u[n] = G_c(a_du[n])"),
    }
    return {name: system.change("", outputs="s") for name, system in systems.items()}


@cache
def protect() -> str:
    """The gated update in three versions."""
    return _programs(updates())
