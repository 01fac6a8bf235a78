"""What an exchange with a framework needs first: a layer that it has."""

from __future__ import annotations

from typing import Any

from lstm_lib.layers.base import Layer
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.network import Network

__all__ = ["Model", "require"]

Model = Layer | Network | Dense | FeedForward
NAMES = {"torch": "PyTorch", "keras": "Keras", "onnx": "ONNX"}


def require(layer: Any, target: str) -> None:
    """Refuse a layer that the target has not, with the reason in ``layer.exportable``."""
    if not isinstance(layer, Model):
        raise TypeError(f"layer: expected a layer or a network of this library, got {layer!r}")
    reason = layer.exportable.lacking.get(target)
    if reason is not None:
        raise ValueError(f"layer: expected one that {NAMES[target]} has, got {layer!r}; {reason}")
