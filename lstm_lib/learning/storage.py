"""Save a layer and get the same layer back, without pickle."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import numpy as np

from lstm_lib.layers.activations import ACTIVATIONS
from lstm_lib.layers.augmented import AugmentedLSTM
from lstm_lib.layers.base import Layer
from lstm_lib.layers.compose import Bidirectional, Stacked
from lstm_lib.layers.grid import GridLSTM
from lstm_lib.layers.gru import GRU
from lstm_lib.layers.lstm import VanillaLSTM
from lstm_lib.layers.lstm1997 import LSTM1997
from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import CanonicalRNN, StandardRNN
from lstm_lib.learning import checkpoints
from lstm_lib.learning.network import Network

__all__ = ["load", "save"]

CLASSES: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        *(StandardRNN, CanonicalRNN, VanillaLSTM, AugmentedLSTM, GRU, LSTM1997, GridLSTM),
        *(Bidirectional, Stacked, Dense, Network),
    )
}
# Layers whose modules need more than NumPy: imported when one is saved or loaded.
ELSEWHERE = {"DerivedLayer": "lstm_lib.derived"}
# What a constructor must be told, by the names under which the layer keeps it.
OPTIONS: dict[str, tuple[str, ...]] = {
    "VanillaLSTM": ("d_x", "d_s", "peepholes"),
    "GRU": ("d_x", "d_s", "form"),
    "LSTM1997": ("d_x", "blocks", "size", "forget_gate", "peepholes", "gate_recurrence"),
    "Dense": ("d_v", "d_y", "bias"),
}


def save(path: str | os.PathLike[str], layer: Layer | Dense | Network) -> None:
    """Write a layer, a read-out or a network to ``path``; the file is replaced in one step."""
    description = _describe(layer)
    layer.params.check()
    checkpoints.write(path, {"params": layer.params.flat}, {"layer": description})


def load(path: str | os.PathLike[str]) -> Any:
    """The layer, read-out or network that was saved."""
    arrays, values = checkpoints.read(path)
    try:
        layer = _build(values["layer"])
        layer.params.flat = arrays["params"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"path: expected a saved layer, got something else at {path}") from error
    return layer


def _class(name: str) -> Any:
    """The class of that name, or nothing."""
    if name in ELSEWHERE:
        return getattr(import_module(ELSEWHERE[name]), name)
    return CLASSES.get(name)


def _describe(layer: Any) -> dict[str, Any]:
    name = type(layer).__name__
    if _class(name) is not type(layer):
        known = ", ".join([*CLASSES, *ELSEWHERE])
        raise TypeError(f"layer: expected one of {known}, got {layer!r}")
    if name in ELSEWHERE:
        return {"class": name, "options": layer.options | {"dtype": layer.dtype.name}}
    if isinstance(layer, (Stacked, Bidirectional)):
        return {"class": name, "parts": [_describe(part) for part in layer.parts.values()]}
    if isinstance(layer, Network):
        return {"class": name, "parts": [_describe(layer.layer), _describe(layer.readout)]}
    options = {option: getattr(layer, option) for option in OPTIONS.get(name, ())}
    if isinstance(layer, CanonicalRNN):
        if not layer.G.known:
            raise ValueError(
                f"layer: expected one of the activations {', '.join(ACTIVATIONS)}, got {layer.G!r}"
            )
        options = {"d_x": layer.d_x, "d_s": layer.d_s, "activation": layer.G.name}
    if isinstance(layer, LSTM1997):
        options |= {"cell_bias": "b_du" in layer.params, "gate_bias": "b_cu" in layer.params}
    if isinstance(layer, GridLSTM):
        options = {"d_x": layer.d_x, "d_s": layer.d_s, "depth": layer.depth}
        options["dimensions"] = len(layer.dimensions)
    if isinstance(layer, AugmentedLSTM):
        options = {name: getattr(layer, name) for name in ("d_x", "d_s", "peepholes")}
        options |= {"d_v": layer.d_v if layer.projected else None}
        options |= {"external_gate": layer.external_gate}
        options |= {"lags": {path: [lag.start, lag.stop] for path, lag in layer.lags.items()}}
    return {"class": name, "options": options | {"dtype": layer.dtype.name}}


def _build(description: dict[str, Any]) -> Any:
    cls = _class(description["class"])
    if cls is None:
        raise KeyError(description["class"])
    if "parts" in description:
        return cls(*(_build(part) for part in description["parts"]))
    options = dict(description["options"])
    if cls is AugmentedLSTM:
        options["lags"] = {path: range(*lag) for path, lag in options["lags"].items()}
    return cls(**options | {"dtype": np.dtype(options["dtype"])})
