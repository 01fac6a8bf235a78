"""A recurrent layer with a dense read-out: one parameter vector, one loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib.layers.base import Exportable, Layer, Trace
from lstm_lib.layers.readout import Dense, DenseTrace
from lstm_lib.parameters import Parameters

__all__ = ["Loss", "Network", "NetworkTrace"]

Array = NDArray[np.floating]
#: A loss: takes outputs, targets and a mask, returns the loss and its gradient by the outputs.
Loss = Callable[[Array, Any, Any], tuple[float, Array]]


@dataclass(frozen=True)
class NetworkTrace:
    """The output ``y`` at every step, and the traces of layer and read-out."""

    y: Array
    layer: Trace
    readout: DenseTrace


class Network:
    r"""$y[n]=W_{vy}v[n]+b_y$ on top of any recurrent layer.

    Parameters
    ----------
    layer
        A recurrent layer, or a stack of them.
    readout
        A :class:`~lstm_lib.layers.readout.Dense` with ``d_v`` the layer's ``d_out``.

    Attributes
    ----------
    params
        Both parts' parameters as views into one vector: ``"layer.W_xcu"``, ...,
        ``"readout.W_vy"``, ``"readout.b_y"``.

    Raises
    ------
    TypeError, ValueError
        For parts that do not fit, or belong to something else; the message names them.

    Examples
    --------
    >>> import numpy as np
    >>> from lstm_lib.learning.losses import squared_error
    >>> from lstm_lib.layers.lstm import VanillaLSTM
    >>> network = Network(VanillaLSTM(2, 4), Dense(4, 1))
    >>> trace = network.forward(np.ones((5, 3, 2)))
    >>> trace.y.shape
    (5, 3, 1)
    >>> E, dE_dy = squared_error(trace.y, np.zeros((5, 3, 1)))
    >>> network.backward(trace, dE_dy)["readout.W_vy"].shape
    (1, 4)
    """

    def __init__(self, layer: Layer, readout: Dense) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(f"layer: expected a recurrent layer, got {layer!r}")
        if not isinstance(readout, Dense):
            raise TypeError(f"readout: expected a Dense, got {readout!r}")
        if readout.d_v != layer.d_out:
            raise ValueError(f"readout: expected d_v = {layer.d_out}, got {readout.d_v}")
        for name, part in (("layer", layer), ("readout", readout)):
            _release(part.params)
            if part.params._joined:
                raise ValueError(
                    f"{name}: expected one that belongs to nothing else, got {part!r}, which is "
                    f"already part of a network or a stack; make a new one in the same cell, or "
                    f"give copy.deepcopy({name})"
                )
        self.layer, self.readout = layer, readout
        self.params = Parameters.join({"layer": layer.params, "readout": readout.params})

    @property
    def exportable(self) -> Exportable:
        """Which frameworks have this network: those that have its layer."""
        return self.layer.exportable

    def forward(self, x: Any, **start: Any) -> NetworkTrace:
        """Run the network over a sequence, ``(N, B, d_x)`` or ``(N, d_x)``."""
        for name in start:
            if name not in self.layer.states:
                known = ", ".join(self.layer.states) or "nothing"
                raise TypeError(f"start: expected {known}, got {name!r}")
        trace = self.layer.forward(x, **start)
        readout = self.readout.forward(getattr(trace, self.layer.output))
        return NetworkTrace(readout.y, trace, readout)

    def backward(self, trace: NetworkTrace, dE_dy: Any) -> Parameters:
        """The gradient of the loss whose error at the output is ``dE_dy``."""
        if not isinstance(trace, NetworkTrace):
            raise TypeError(f"trace: expected a NetworkTrace, got {type(trace).__name__}")
        from_readout = self.readout.backward(trace.readout, dE_dy)
        from_layer = self.layer.backward(trace.layer, from_readout.v)
        grads = self.params.zeros()
        grads.flat[:] = np.concatenate([from_layer.params.flat, from_readout.params.flat])
        return grads

    def __repr__(self) -> str:
        return f"Network({self.layer!r}, {self.readout!r}): {self.params.flat.size} parameters"


def _release(params: Parameters) -> None:
    """The copy of a part has memory of its own and belongs to nothing."""
    if params._joined and params.flat.base is None:
        params._joined = False
