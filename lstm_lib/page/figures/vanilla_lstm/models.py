"""The systems and numbers behind the live figures of the Vanilla LSTM.

Each system is the Vanilla LSTM with some lines changed. Their backward passes are derived from the
changed lines, and so is the JavaScript.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lstm_lib.derive import System, vanilla_lstm
from lstm_lib.page.javascript import javascript_constant

__all__ = ["GATES", "PATHS", "carousel_lstm", "cell", "cell_numbers", "detour_lstm", "held_lstm",
           "hops", "paths", "paths_lstm", "paths_numbers", "unheard_lstm"]  # fmt: skip

#: The gates of the Vanilla LSTM.
GATES = ("cu", "cs", "cr")
#: Ways of the error into the state: the sequence that an equation computes, what it reads.
PATHS = {
    "s": ("s", "s[n-1]"),
    "r": ("r", "s[n]"),
    "cr": ("a_cr", "s[n]"),
    "cu": ("a_cu", "s[n-1]"),
    "cs": ("a_cs", "s[n-1]"),
}
STEPS, FAR = 30, 40


@cache
def held_lstm() -> System:
    """Each gate is its own where the mask m is 0, and held at hat_g where m is 1."""
    held = "g_{0}[n] = (1 - m_{0}[n]) * G_c(a_{0}[n]) + m_{0}[n] * hat_g_{0}[n]"
    return vanilla_lstm.change(
        "\n".join(held.format(gate) for gate in GATES),
        inputs=f"{' '.join(f'm_{gate} hat_g_{gate}' for gate in GATES)}: d_s",
    )


@cache
def paths_lstm() -> System:
    """Every reader of the state reads a copy of its own, so each path's error has a name."""
    copies = [f"s_{name}[n] = s[n]" for name in PATHS]
    changed = [
        vanilla_lstm.lines[reader].replace(read, read.replace("s", f"s_{name}"))
        for name, (reader, read) in PATHS.items()
    ]
    return vanilla_lstm.change(
        "\n".join(copies + changed),
        sequences=f"{' '.join(f's_{name}' for name in PATHS)}: d_s",
        adjoints=", ".join(f"s_{name}: psi_{name}" for name in PATHS),
    )


@cache
def carousel_lstm() -> System:
    """No way back but the carousel: the gates and the update read a record of the last step.

    ``seen`` is s[n-1] and ``heard`` v[n-1] of a run before, given like an input. So the forward
    pass is the same, and no error goes back through what only repeats it.
    """
    record = {"s[n-1]": "seen[n]", "v[n-1]": "heard[n]"}
    return vanilla_lstm.change(
        "\n".join(_reading(f"a_{name}", record) for name in ("cu", "cs", "du", "cr")),
        inputs="seen heard: d_s",
    )


@cache
def unheard_lstm() -> System:
    """No way back through the value: the gates and the update hear a record of the last value."""
    record = {"v[n-1]": "heard[n]"}
    return vanilla_lstm.change(
        "\n".join(_reading(f"a_{name}", record) for name in ("cu", "cs", "du", "cr")),
        inputs="heard: d_s",
    )


@cache
def detour_lstm() -> System:
    """Every way but the carousel: it alone takes the old state from a record of a run before."""
    return vanilla_lstm.change(_reading("s", {"s[n-1]": "seen[n]"}), inputs="seen: d_s")


def _reading(name: str, record: dict[str, str]) -> str:
    line = vanilla_lstm.lines[name]
    for old, given in record.items():
        line = line.replace(old, given)
    return line


@cache
def cell_numbers() -> dict[str, Any]:
    """One unit, wired by hand to add up what is marked with 1 and to tell it at a marker of -1.

    The input is a value and a marker.
    """
    x = np.zeros((STEPS, 2))
    x[:, 0] = np.random.default_rng(4).uniform(-1, 1, STEPS).round(2)
    x[[4, 12]] = (0.9, 1), (-0.4, 1)
    x[[0, -1], 1] = -1
    nothing = {f"W_{start}{gate}": [[0.0]] for start in "sv" for gate in GATES}
    params = nothing | {
        "W_xcu": [[0.0, 8.0]], "b_cu": [-4.0],
        "W_xcs": [[0.0, 0.0]], "b_cs": [5.0],
        "W_xdu": [[0.7, 0.0]], "b_du": [0.0], "W_vdu": [[0.3]],
        "W_xcr": [[0.0, -8.0]], "b_cr": [-4.0],
    }  # fmt: skip
    return {"params": params, "x": x.tolist()}


@cache
def paths_numbers() -> dict[str, Any]:
    """Four units with random weights; the figure's sliders scale and shift some of them."""
    rng = np.random.default_rng(1)
    sizes = {"d_x": 1, "d_s": 4}
    params = {}
    for name, shape in vanilla_lstm.parameters.items():
        rows, *columns = (sizes[str(size)] for size in shape)
        draw = rng.normal(size=(rows, *columns)) / (columns or [1])[0] ** 0.5
        params[name] = (0 * draw if name.startswith("b_") else draw).round(3).tolist()
    return {"params": params, "x": rng.normal(size=(FAR, 1)).round(3).tolist()}


@cache
def cell() -> str:
    """The cell whose gates can be held, its weights and its input."""
    return "\n".join(
        [javascript_constant("CELL", cell_numbers()), held_lstm().javascript_source("held_lstm")]
    )


def _net(*systems: System) -> str:
    """The weights and the input of the small network, and programs as JavaScript."""
    names = {
        paths_lstm(): "paths_lstm",
        carousel_lstm(): "carousel_lstm",
        unheard_lstm(): "unheard_lstm",
        detour_lstm(): "detour_lstm",
    }
    programs = [system.javascript_source(names[system]) for system in systems]
    shared = (Path(__file__).parent / "shared.js").read_text(encoding="utf-8")
    return "\n".join([javascript_constant("NET", paths_numbers()), *programs, shared])


@cache
def paths() -> str:
    """The cell whose paths have names, and the three with ways cut off."""
    return _net(paths_lstm(), carousel_lstm(), unheard_lstm(), detour_lstm())


@cache
def hops() -> str:
    """The cell whose paths have names, and the two by which the whole way is divided."""
    return _net(paths_lstm(), carousel_lstm(), unheard_lstm())
