"""Every layer that has test vectors: the layer, the declared system, and which name is which.

The layer was written by hand, the system is derived by the engine; they share no code. A file of
test vectors has the system's names, which are those of its equations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib.layers.base import Part
from lstm_lib.layers.compose import Bidirectional, Stacked
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.grid import GridLSTM
from lstm_lib.layers.gru import GRU
from lstm_lib.layers.lstm import AugmentedLSTM, VanillaLSTM
from lstm_lib.layers.lstm1997 import LSTM1997
from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import CanonicalRNN, StandardRNN

__all__ = ["CASES", "LAGS", "Case"]

Array = NDArray[np.floating]
Named = dict[str, Array]

#: The lags of the Augmented LSTM's windows.
LAGS = {
    "cx": range(1),
    "cu": range(-1, 2),
    "cs": range(-2, 0),
    "du": range(-1, 3),
    "cr": range(2),
}


def _same(name: str, value: Array) -> Named:
    return {name: value}


@dataclass(frozen=True)
class Case:
    """A small layer of a kind, and its declaration.

    ``spread`` takes an array of the layer to those of the system, by name: a matrix for two
    readers becomes two matrices, and what the system does not have becomes none. ``outputs`` are
    the system's, side by side in the layer's value; ``constants`` and ``zeros``, an input that is
    zero in the layer, are the system's alone.
    """

    layer: Callable[[], Part]
    system: Callable[[], Any]
    spread: Callable[[str, Array], Named] = _same
    outputs: tuple[str, ...] = ("v",)
    constants: Mapping[str, Array] = field(default_factory=dict)
    lags: Mapping[str, range] = field(default_factory=dict)
    zeros: tuple[str, ...] = ()


def _of_catalogue(name: str) -> Callable[[], Any]:
    def system() -> Any:
        from lstm_lib.derive import catalogue

        return getattr(catalogue, name)()

    return system


def _diagonal(name: str, value: Array) -> Named:
    return {"w" + name[1:] if name.startswith("W_s") else name: value}


# The memory block of 1997 has the names of its paper; gates that read gates have one matrix for
# each pair there, and peepholes stand one below the other.
PATHS = {"du": "c", "cu": "in", "cs": "phi", "cr": "out"}
PAPER = {"s": "s_c", "v": "y_c", "g_cu": "y_in", "g_cs": "y_phi", "g_cr": "y_out"}
STEMS = {"W_v": "W_y", "a_": "net_"}
BLOCKS, SIZE = 2, 2
OPTIONS = ("forget_gate", "peepholes", "gate_recurrence", "cell_bias", "gate_bias")


def _lstm1997() -> LSTM1997:
    return LSTM1997(2, BLOCKS, SIZE, **dict.fromkeys(OPTIONS, True))


def _system1997() -> Any:
    from lstm_lib.derive.catalogue import lstm1997_variant

    return lstm1997_variant(True, False, True, True)


def _paper(name: str, value: Array) -> Named:
    gates = [PATHS[gate] for gate in _lstm1997().gates]
    path = PATHS.get(name[-2:])
    if name == "g":
        parts = np.split(value, len(gates), axis=-1)
        return {f"y_{gate}": part for gate, part in zip(gates, parts, strict=True)}
    if path and name.startswith("W_g"):
        parts = np.split(value, len(gates), axis=1)
        return {f"W_{gate}_{path}": part for gate, part in zip(gates, parts, strict=True)}
    if path and name.startswith("W_s"):
        return {f"w_s_{path}": value.ravel()}
    if name in PAPER or not path:
        return {} if name in ("u", "r") else {PAPER.get(name, name): value}
    stem = name.removesuffix(name[-2:])
    return {STEMS.get(stem, stem) + path: value}


def _grid_system() -> Any:
    """The cell of two dimensions at the bottom of the depth, where the input comes in."""
    from lstm_lib.derive.catalogue import grid_lstm
    from lstm_lib.derive.system import System

    cell = grid_lstm()
    text = dict(cell.text)
    text["forward"] = "h[n] = W_xv @ x[n] + b_v\n" + text["forward"].strip("\n")
    text |= {"inputs": "x: d_x; m: d_s", "sequences": f"h {text['sequences']}"}
    text["parameters"] += "; W_xv: d_s, d_x; b_v: d_s"
    text["outputs"] = "v_2"
    return System("Grid LSTM, two dimensions", warping=cell.warping, **text)


def _grid(name: str, value: Array) -> Named:
    known = {"x": "x", "v": "v_2", "W_xv": "W_xv", "b_v": "b_v", "time_s": "s_1", "time_v": "v_1"}
    dimension, _, own = name.rpartition(".")
    if not dimension:
        return {known[name]: value} if name in known else {}
    k = {"time": 1, "depth": 2}[dimension]
    if own.startswith("b_"):
        return {f"{own}_{k}": value}
    over_time, over_depth = np.split(value, 2, axis=1)
    return {f"{own}_{k}": over_time, f"{own.replace('W_v', 'W_h')}_{k}": over_depth}


def _parts(suffix: Mapping[str, str], name: str, value: Array) -> Named:
    part, dot, own = name.partition(".")
    if not dot:
        return {name: value} if name == "x" or not suffix else {}
    return {} if own == "x" else {own + suffix[part]: value}


def _feedforward(name: str, value: Array) -> Named:
    known = {"W_1": "W_xh", "b_1": "b_h", "W_2": "W_hy", "b_2": "b_y", "x": "x"}
    known |= {"y_1": "h", "y_2": "y", "net_0": "a_h", "net_1": "a_y"}
    return {known[name]: value} if name in known else {}


def _dense_system() -> Any:
    from lstm_lib.derive.system import System

    return System(
        "Dense read-out",
        "y[n] = W_vy @ v[n] + b_y",
        inputs="v: d_v",
        sequences="y: d_y",
        parameters="W_vy: d_y, d_v; b_y: d_y",
        outputs="y",
    )


P = np.kron(np.eye(BLOCKS), np.ones((SIZE, 1)))  # repeats a block's gates for its cells
CASES = {
    "standard_rnn": Case(partial(StandardRNN, 2, 3), _of_catalogue("standard_rnn"), outputs=("r",)),
    "canonical_rnn": Case(
        partial(CanonicalRNN, 2, 3), _of_catalogue("canonical_rnn"), outputs=("r",)
    ),
    "gru": Case(partial(GRU, 2, 3), _of_catalogue("gru")),
    "gru_framework": Case(partial(GRU, 2, 3, "framework"), _of_catalogue("gru_framework")),
    "lstm1997": Case(
        _lstm1997, _system1997, _paper, outputs=("y_c",), constants={"P": P, "Q": P.T}
    ),
    "vanilla_lstm": Case(partial(VanillaLSTM, 2, 3), _of_catalogue("vanilla_lstm")),
    "vanilla_lstm_diagonal": Case(
        partial(VanillaLSTM, 2, 3, "diagonal"), _of_catalogue("vanilla_lstm_diagonal"), _diagonal
    ),
    "vanilla_lstm_no_peepholes": Case(
        partial(VanillaLSTM, 2, 3, None), _of_catalogue("vanilla_lstm_no_peepholes")
    ),
    "augmented_lstm": Case(
        partial(AugmentedLSTM, 2, 3, 2, LAGS), _of_catalogue("augmented_lstm"), lags=LAGS
    ),
    "stacked_lstm": Case(
        lambda: Stacked(VanillaLSTM(2, 3), VanillaLSTM(3, 2)),
        _of_catalogue("stacked_lstm"),
        partial(_parts, {"0": "_1", "1": "_2"}),
        outputs=("v_2",),
    ),
    "bidirectional_lstm": Case(
        lambda: Bidirectional(VanillaLSTM(2, 3), VanillaLSTM(2, 3)),
        _of_catalogue("bidirectional_lstm"),
        partial(_parts, {"forward": "_fw", "backward": "_bw"}),
        outputs=("v_fw", "v_bw"),
    ),
    "grid_lstm": Case(partial(GridLSTM, 2, 3), _grid_system, _grid, outputs=("v_2",), zeros=("m",)),
    "feedforward": Case(
        partial(FeedForward, (2, 3, 2)),
        _of_catalogue("feedforward"),
        _feedforward,
        outputs=("y",),
    ),
    "dense": Case(partial(Dense, 3, 2), _dense_system, outputs=("y",)),
}
"""The layers by the names of their files."""
