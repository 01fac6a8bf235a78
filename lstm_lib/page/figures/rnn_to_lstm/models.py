"""The programs behind the live figures, written by the derivation engine, and what was measured."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lstm_lib.derive.system import System
from lstm_lib.page.experiments.rnn_to_lstm import RESET, TRAINED, reset_network, reset_stream
from lstm_lib.page.javascript import javascript_constant
from lstm_lib.page.rnn_to_lstm import STAGES, towards_lstm

__all__ = ["protect", "reset", "seeds", "stages", "updates"]


def _scripts(*names: str) -> str:
    """What several figures of this folder share."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)


def _programs(systems: dict[str, System]) -> str:
    """Forward and backward pass of the systems, as ``programs.name``."""
    sources = [system.javascript_source(f"stage_{name}") for name, system in systems.items()]
    pairs = ", ".join(f"{name}: stage_{name}" for name in systems)
    return "\n".join([*sources, f"var programs = {{{pairs}}};"])


# What the controls of a part set; a stage without it leaves them idle.
CONTROLLED = {
    "feedback": {"W_r", "W_rdu", "W_vdu"},
    "b_cs": {"b_cs"},
    "b_cu": {"b_cu"},
    "b_cr": {"b_cr"},
}


@cache
def stages() -> str:
    """Every stage from the canonical RNN to the LSTM."""
    systems = {name: towards_lstm(name) for name in STAGES}
    moved = {
        name: [c for c, weights in CONTROLLED.items() if weights & {*system.parameters}]
        for name, system in systems.items()
    }
    moves = javascript_constant("moves", moved)
    return "\n".join([_programs(systems), moves, _scripts("shared.js")])


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
    return "\n".join([_programs(updates()), _scripts("shared.js")])


def _rounded(values: Any) -> Any:
    """Four digits, as many as a chart can show, in lists."""
    return np.vectorize(lambda value: float(f"{value:.4g}"))(values).tolist()


@cache
def seeds() -> str:
    """``SEEDS[stage][task]``: error at the end and on the way, of every seed of ``TRAINED``."""
    result, rows = TRAINED.result(), {}
    for name in [*STAGES, "held"]:
        which = {"stage": "readout" if name == "held" else name, "pinned": name == "held"}
        rows[name] = {
            task: {
                value: _rounded(result.values(value, quiet=quiet, **which))
                for value in ("error", "curve")
            }
            for task, quiet in (("quiet", True), ("asked", False))
        }
    return "\n".join([javascript_constant("SEEDS", rows), _scripts("columns.js")])


@cache
def reset() -> str:
    """Stage 3, the nets of ``RESET`` with their gate and without it, and every seed's errors."""
    result = RESET.result()
    acts, few, never = result.settings
    nets = {
        name: {
            "weights": _rounded(result.values("weights", **setting)),
            "shapes": {
                key.split(".")[1].replace("W_vy", "W_y"): W.shape
                for key, W in reset_network(**setting, rng=0).params.items()
                if not (setting["held"] and key.endswith("cs"))
            },
        }
        for name, setting in (("acts", acts), ("never", never))
    }
    shown = [(acts, "after"), (acts, "held"), (few, "after"), (never, "after")]
    dots = [
        {N: _rounded(result.values(f"{value} {N}", **setting)) for N in (40, 400)}
        for setting, value in shown
    ]
    weights = [result.values("weights", **setting).shape[1] for setting in (few, never)]
    names = ["acts", "held later", *(f"held: {count}" for count in weights)]
    constants = {
        "NETS": nets,
        "DOTS": dots,
        "COLUMNS": names,
        "VARIANCE": {N: float(reset_stream(N)[1][-40:].var()) for N in (40, 400)},
    }
    return "\n".join(
        [
            towards_lstm("update").javascript_source("program"),
            *(javascript_constant(name, value) for name, value in constants.items()),
            _scripts("shared.js", "columns.js"),
        ]
    )
