"""A recurrent layer with a dense read-out: one parameter vector, one loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.base import Layer, Part, Trace
from lstm_lib.layers.readout import Dense, DenseTrace, Direct
from lstm_lib.layers.rnn import CanonicalRNN
from lstm_lib.online.rtrl import RTRL
from lstm_lib.parameters import Parameters

__all__ = ["Loss", "Network", "NetworkTrace", "Step"]

Array = NDArray[np.floating]
#: A loss: takes outputs, targets and a mask, returns the loss and its gradient by the outputs.
Loss = Callable[[Array, Any, Any], tuple[float, Array]]


@dataclass(frozen=True)
class Step:
    """What a stretch of a sequence has said: its loss, the gradient, the outputs.

    ``end`` is where it ended: given as ``start``, the next stretch goes on from there.
    """

    E: float
    grads: Parameters
    y: Array
    end: Any


@dataclass(frozen=True)
class NetworkTrace:
    """The output ``y`` at every step, and the traces of layer and read-out."""

    y: Array
    layer: Trace
    readout: DenseTrace


class Network(Part):
    r"""$y[n]=W_{vy}v[n]+b_y$ on top of any recurrent layer.

    Parameters
    ----------
    layer
        A recurrent layer, or a stack of them.
    readout
        A :class:`~lstm_lib.layers.readout.Dense` with ``d_v`` the layer's ``d_out``; without one
        the layer's value is the output, $y[n]=v[n]$.

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

    def __init__(self, layer: Layer, readout: Dense | Direct | None = None) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(f"layer: expected a recurrent layer, got {layer!r}")
        layer._check_one_input("layer")
        if readout is None:
            readout = Direct(layer.d_out, dtype=layer.dtype)
        if not isinstance(readout, (Dense, Direct)):
            raise TypeError(f"readout: expected a Dense, got {readout!r}")
        if readout.d_v != layer.d_out:
            raise ValueError(f"readout: expected d_v = {layer.d_out}, got {readout.d_v}")
        for name, part in (("layer", layer), ("readout", readout)):
            if part.params._joined:
                raise ValueError(
                    f"{name}: expected one that belongs to nothing else, got {part!r}, which is "
                    f"already part of a network or a stack; make a new one in the same cell, or "
                    f"give copy.deepcopy({name})"
                )
        self.layer, self.readout = layer, readout
        self.parts = {"layer": layer, "readout": readout}
        self.dtype = layer.dtype
        self.params = Parameters.join({"layer": layer.params, "readout": readout.params})

    def _lacking(self) -> dict[str, str]:
        return self.layer.exportable.lacking | self.readout.exportable.lacking

    def forward(self, x: Any, **start: Any) -> NetworkTrace:
        """Run the network over a sequence, ``(N, B, d_x)`` or ``(N, d_x)``."""
        for name in start:
            if name not in self.layer.states:
                known = ", ".join(self.layer.states) or "nothing"
                raise TypeError(f"start: expected {known}, got {name!r}")
        trace = self.layer.forward(x, **start)
        readout = self.readout.forward(getattr(trace, self.layer.output))
        return NetworkTrace(readout.y, trace, readout)

    def backward(
        self, trace: NetworkTrace, dE_dy: Any, *, horizon: int | None = None, every: int = 1
    ) -> Parameters:
        r"""The gradient of the loss whose error at the output is ``dE_dy``.

        Parameters
        ----------
        trace
            What :meth:`forward` returned.
        dE_dy
            The loss's own gradient $\nabla_{y[n]}\mathcal L$ at every step.
        horizon, every
            Truncated BPTT(h; h'): the losses of ``every`` steps together are sent back through
            the last ``horizon`` steps up to the last of them, and no further. Without a horizon
            it is the whole gradient.
        """
        if not isinstance(trace, NetworkTrace):
            raise TypeError(f"trace: expected a NetworkTrace, got {type(trace).__name__}")
        from_readout = self.readout.backward(trace.readout, dE_dy)
        if horizon is None:
            of_layer = self.layer.backward(trace.layer, from_readout.v).params
        else:
            of_layer = _truncated(self.layer, trace.layer, from_readout.v, horizon, every)
        return self.params.filled([of_layer, from_readout.params])

    def gradient(
        self,
        x: Any,
        target: Any,
        loss: Loss,
        mask: Any = None,
        *,
        start: Any = None,
        by: str = "bptt",
        horizon: int | None = None,
        every: int = 1,
    ) -> Step:
        """The loss over a stretch of a sequence, its gradient, and where the stretch ended.

        Parameters
        ----------
        x, target, mask
            Inputs, ``(N, B, d_x)`` or ``(N, d_x)``, and what the loss function takes.
        loss
            ``loss(y, target, mask)`` returns $E$ and its gradient.
        start
            The ``end`` of the stretch before; unless given, the sequence begins. The network may
            have learned in between.
        by
            ``"bptt"``: back-propagation through time, within the stretch, if there is a
            ``horizon`` truncated as in :meth:`backward`. ``"rtrl"``: real-time recurrent learning,
            for a standard or canonical RNN; what ``end`` carries reaches back to the first step of
            the sequence.
        """
        if checks.one_of("by", by, ("bptt", "rtrl")) == "rtrl":
            if horizon is not None:
                raise ValueError("horizon: expected none with by='rtrl', got one")
            return self._by_rtrl(x, target, loss, mask, start)
        if not isinstance(start, (Mapping, type(None))):
            raise TypeError(f"start: expected the end of a stretch, got {type(start).__name__}")
        trace = self.forward(x, **(start or {}))
        E, dE_dy = loss(trace.y, target, mask)
        grads = self.backward(trace, dE_dy, horizon=horizon, every=every)
        return Step(E, grads, trace.y, self.layer.final(trace.layer))

    def _by_rtrl(self, x: Any, target: Any, loss: Loss, mask: Any, start: Any) -> Step:
        """One influence for every sequence; the errors are known once all outputs are."""
        learner = RTRL(cast(CanonicalRNN, self.layer))
        single = checks.ndim("x", x) == 2
        sequences = 1 if single or checks.ndim("x", x) < 3 else np.shape(x)[1]
        if not isinstance(start, (tuple, type(None))):
            raise TypeError(f"start: expected the end of a stretch, got {type(start).__name__}")
        streams = [learner.begin()] * sequences if start is None else list(start)
        if len(streams) != sequences:
            raise ValueError(f"start: expected one of {sequences} sequences, got {len(streams)}")
        for b, now in enumerate(streams):
            learner._check(f"start[{b}]", now)
        states = {
            name: np.array([getattr(now, name[0]) for now in streams]) for name in self.layer.states
        }
        trace = self.forward(x, **{k: v[0] if single else v for k, v in states.items()})
        E, dE_dy = loss(trace.y, target, mask)
        from_readout = self.readout.backward(trace.readout, dE_dy)
        of_layer = self.layer.params.zeros()
        inputs, errors = trace.layer.x, from_readout.v
        for b, now in enumerate(streams):
            own = slice(None) if single else (slice(None), b)
            for x_n, error in zip(inputs[own], errors[own], strict=True):
                now = learner.step(now, x_n)
                of_layer.flat[:] += learner.gradient(now, error).flat
            streams[b] = now
        return Step(E, self.params.filled([of_layer, from_readout.params]), trace.y, tuple(streams))


def _truncated(layer: Layer, trace: Trace, dE_dout: Array, horizon: int, every: int) -> Parameters:
    """BPTT(h; h') of any layer: for each group of losses one run over its own ``horizon`` steps."""
    h, group = checks.size("horizon", horizon), checks.size("every", every)
    if h < group:
        raise ValueError(f"horizon: expected at least every = {group}, got {h}")
    if isinstance(layer, CanonicalRNN) and group == 1:  # it has a way to do all groups at once
        return layer.backward(trace, dE_dout, horizon=h).params
    if not layer.causal:
        raise ValueError(f"layer: expected one that goes from state to state, got {layer!r}")
    layer, total = layer.as_it_was(trace), layer.params.zeros()
    at, start = 0, {name: getattr(trace, name) for name in layer.states}
    for first in range(0, len(dE_dout), group):
        end = min(first + group, len(dE_dout))
        begin = max(0, end - h)
        if begin > at:
            start = layer.final(layer.forward(trace.x[at:begin], **start))
            at = begin
        errors = dE_dout[begin:end].copy()
        errors[: first - begin] = 0
        own = layer.forward(trace.x[begin:end], **start)
        total.flat[:] += layer.backward(own, errors).params.flat
    return total
