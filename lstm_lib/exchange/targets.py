"""What an exchange with a framework needs first: a layer that it has, and the package."""

from __future__ import annotations

import importlib
from typing import Any

from lstm_lib.layers.base import Layer
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.network import Network

__all__ = ["Model", "package", "require"]

Model = Layer | Network | Dense | FeedForward
NAMES = {"torch": "PyTorch", "keras": "Keras", "onnx": "ONNX"}


def require(layer: Any, target: str) -> None:
    """Refuse a layer that the target has not, with the reason in ``layer.exportable``."""
    if not isinstance(layer, Model):
        raise TypeError(f"layer: expected a layer or a network of this library, got {layer!r}")
    reason = layer.exportable.lacking.get(target)
    if reason is not None:
        raise ValueError(f"layer: expected one that {NAMES[target]} has, got {layer!r}; {reason}")


def package(name: str, extra: str) -> Any:
    """An optional package, or one sentence that says how to get it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ModuleNotFoundError(
            f"{name}: expected this package to be installed, got none: "
            f"pip install 'lstm_lib[{extra}]'",
            name=name,
        ) from None
