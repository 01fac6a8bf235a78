"""Layers made of layers: one on top of the other, and both directions of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.base import Gradients, Layer, Trace, last_error
from lstm_lib.parameters import Parameters

__all__ = ["Bidirectional", "Stacked", "same_kind"]

Array = NDArray[np.floating]


class _Composite(Layer):
    """Named parts. Whatever belongs to a part has the part's name and a dot before its own."""

    def __init__(self, parts: Mapping[str, Layer]) -> None:
        for name, part in parts.items():
            if not isinstance(part, Layer):
                raise TypeError(f"layer {name}: expected a recurrent layer, got {part!r}")
            part._check_one_input(f"layer {name}")
        self.parts: Mapping[str, Layer] = dict(parts)
        self.params = Parameters.join({name: part.params for name, part in parts.items()})
        self.dtype = self.params.flat.dtype

    @property
    def states(self) -> dict[str, int]:
        """The parts' start values, e.g. ``"0.s0"`` or ``"forward.v0"``."""
        return {
            f"{name}.{start}": size
            for name, part in self.parts.items()
            for start, size in part.states.items()
        }

    @property
    def causal(self) -> bool:
        """Whether every part goes from state to state."""
        return all(part.causal for part in self.parts.values())

    def _check(self, x: Any, start: Mapping[str, Any]) -> None:
        """Everything that the parts would refuse, before any of them has run."""
        x, single = self._input(x)
        for name, value in start.items():
            checks.one_of("start value", name, self.states)
            self._start(name, value, self.states[name], x.shape[2], single)

    def _check_last(self, trace: Trace, last: Mapping[str, Any]) -> None:
        shape = trace.x.shape[1:-1]
        sizes = {last_error(name): size for name, size in self.states.items()}
        for name, value in last.items():
            checks.one_of("final error", name, sizes)
            if value is not None:
                checks.array(name, value, (*shape, sizes[name]), self.dtype)

    def _trace(self, traces: Mapping[str, Trace], v: Array, x: Array) -> Trace:
        """A trace with every symbol of every part, ``getattr(trace, "0.s")``."""
        single = x.ndim == 2
        symbols: dict[str, Any] = {"x": _working(x), "v": _working(v)}
        for name, part in traces.items():
            symbols |= {f"{name}.{symbol}": value for symbol, value in part._symbols.items()}
        used = partial(self.params.filled, [part.params for part in traces.values()])
        return Trace(self, symbols, single, dict(traces), used)

    def _gradients(self, grads: Mapping[str, Gradients], dE_dx: Array) -> Gradients:
        symbols: dict[str, Any] = {"x": _working(dE_dx)}
        for name in self.parts:
            own = grads[name]._symbols
            symbols |= {f"{name}.{symbol}": value for symbol, value in own.items()}
        params = self.params.filled([grads[name].params for name in self.parts])
        return Gradients(params, symbols, dE_dx.ndim == 2)

    def _lacking(self) -> dict[str, str]:
        reasons: dict[str, str] = {}
        for name, part in self.parts.items():
            for target, reason in part.exportable.lacking.items():
                reasons.setdefault(target, f"layer {name}: {reason}")
        levels = self.levels()
        leaves = [leaf for level in levels for leaf in level]
        if len(set(map(len, levels))) > 1 or not same_kind(*leaves):
            reasons.setdefault("torch", "all layers are of one kind and size there")
        return reasons

    def levels(self) -> list[list[Layer]]:
        """The layers from the lowest to the highest; two on one level read both directions."""
        raise NotImplementedError


class Stacked(_Composite):
    r"""Layers on top of one another: the value of one is the input of the next.

    .. math::

        x^{(0)}[n] = x[n], \qquad x^{(k+1)}[n] = v^{(k)}[n], \qquad v[n] = v^{(K-1)}[n]

    (for an RNN the read-out $r$ in place of $v$).

    Parameters
    ----------
    layers
        Recurrent layers, the lowest first, or one list of them; each one's ``d_x`` is the
        ``d_out`` of the one below, and all have one dtype. A layer can be in one stack only.

    Attributes
    ----------
    params
        The layers' parameters as views into one vector, ``"0.W_xcu"``, ``"1.W_xcu"``, ...
    parts
        The layers, ``parts["0"]``, ...

    Raises
    ------
    TypeError, ValueError
        For layers that do not fit; the message names them.

    Notes
    -----
    ``forward`` takes the start values as ``**{"0.s0": ...}``, ``backward`` the final errors as
    ``**{"0.dE_ds_last": ...}``; ``getattr(trace, "1.g_cs")`` and ``getattr(grads, "1.psi")`` are
    the symbols of one layer. Source: Staudemeyer and Morris (2019), the section on variants.
    """

    def __init__(self, *layers: Any) -> None:
        if len(layers) == 1 and isinstance(layers[0], (list, tuple)):
            layers = tuple(layers[0])
        if not layers:
            raise ValueError("layers: expected at least one, got none")
        parts = {str(k): layer for k, layer in enumerate(layers)}
        for k in range(1, len(layers)):
            d_out, d_x = getattr(layers[k - 1], "d_out", None), getattr(layers[k], "d_x", None)
            if None not in (d_out, d_x) and d_out != d_x:
                raise ValueError(f"layer {k}: expected d_x = {d_out}, got {d_x}")
        super().__init__(parts)
        self.d_x, self.d_out = layers[0].d_x, layers[-1].d_out

    def levels(self) -> list[list[Layer]]:
        """The layers from the lowest to the highest; two on one level read both directions."""
        return [
            level
            for part in self.parts.values()
            for level in (part.levels() if isinstance(part, _Composite) else [[part]])
        ]

    def forward(self, x: Any, **start: Any) -> Trace:
        """Run the layers, the lowest first; ``trace.v`` is the value of the highest."""
        self._check(x, start)
        traces: dict[str, Trace] = {}
        v = x
        for name, part in self.parts.items():
            traces[name] = part.forward(v, **_of(name, start))
            v = getattr(traces[name], part.output)
        return self._trace(traces, v, traces["0"].x)

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, **last: Any
    ) -> Gradients:
        """Send the gradient back through the layers, the highest first.

        ``dE_dv`` is the loss's own gradient at every step, of the shape of ``trace.v``.

        Backward equations, two layers of the Vanilla LSTM: derived by
        ``lstm_lib.derive.stacked_lstm``.
        To see them: ``print(lstm_lib.derive.stacked_lstm.backward)``, then ``.gradients``.
        """
        traces = self._check_trace(trace)
        self._check_last(trace, last)
        dE_dv = checks.array("dE_dv", dE_dv, trace.v.shape, self.dtype)
        grads: dict[str, Gradients] = {}
        for name, part in reversed([*self.parts.items()]):
            grads[name] = part.backward(traces[name], dE_dv, **_of(name, last))
            dE_dv = grads[name].x
        return self._gradients(grads, dE_dv)

    def final(self, trace: Trace) -> dict[str, Array]:
        """The start values with which a next segment goes on where ``trace`` ended."""
        traces = self._check_trace(trace)
        return {
            f"{name}.{start}": value
            for name, part in self.parts.items()
            for start, value in part.final(traces[name]).items()
        }


class Bidirectional(_Composite):
    r"""Two layers that read the sequence in opposite directions.

    .. math::

        v[n] = \begin{pmatrix} v^{\rightarrow}[n] \\ v^{\leftarrow}[n] \end{pmatrix}

    where $v^{\rightarrow}$ is the value of ``forward`` and $v^{\leftarrow}$ that of ``backward``,
    which runs over $x[N-1],\dots,x[0]$.

    Parameters
    ----------
    forward, backward
        Recurrent layers of the same ``d_x`` and dtype.

    Attributes
    ----------
    params
        The layers' parameters as views into one vector, ``"forward.W_xcu"``, ...,
        ``"backward.W_xcu"``, ...
    parts
        The layers, ``parts["forward"]`` and ``parts["backward"]``.

    Raises
    ------
    TypeError, ValueError
        For layers that do not fit; the message names them.

    Notes
    -----
    Start values are ``**{"forward.s0": ..., "backward.s0": ...}``, the latter the state *beyond
    the last* step; final errors are ``**{"backward.dE_ds_last": ...}``, which arrives where that
    layer ends, at step 0. All symbols of both, e.g. ``getattr(trace, "backward.s")``, are indexed
    with the step of the input. Source: Schuster and Paliwal (1997); Staudemeyer and Morris
    (2019), the section on variants.
    """

    def __init__(self, forward: Layer, backward: Layer) -> None:
        sizes = [getattr(part, "d_x", None) for part in (forward, backward)]
        if None not in sizes and sizes[0] != sizes[1]:
            raise ValueError(f"backward: expected d_x = {sizes[0]}, got {sizes[1]}")
        super().__init__({"forward": forward, "backward": backward})
        self.d_x, self.d_out = forward.d_x, forward.d_out + backward.d_out

    @property
    def causal(self) -> bool:
        """No: one of them comes from the end."""
        return False

    def levels(self) -> list[list[Layer]]:
        """One level of both."""
        return [list(self.parts.values())]

    def forward(self, x: Any, **start: Any) -> Trace:
        """Run both layers; ``trace.v`` is their values one below the other."""
        self._check(x, start)
        there, back = self.parts.values()
        trace = there.forward(x, **_of("forward", start))
        trace_back = back.forward(trace.x[::-1], **_of("backward", start))
        v = getattr(trace, there.output)
        v_back = getattr(trace_back, back.output)[::-1]
        out = self._trace(
            {"forward": trace, "backward": trace_back}, np.concatenate([v, v_back], -1), trace.x
        )
        _flip(out._symbols, back)
        return out

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, **last: Any
    ) -> Gradients:
        """Send the gradient back through both layers.

        ``dE_dv`` is the loss's own gradient at every step, of the shape of ``trace.v``.

        Backward equations, the Vanilla LSTM in both directions: derived by
        ``lstm_lib.derive.bidirectional_lstm``.
        To see them: ``print(lstm_lib.derive.bidirectional_lstm.backward)``, then ``.gradients``.
        """
        traces = self._check_trace(trace)
        self._check_last(trace, last)
        there, back = self.parts.values()
        error = checks.array("dE_dv", dE_dv, trace.v.shape, self.dtype)
        split = there.d_out
        grads = there.backward(traces["forward"], error[..., :split], **_of("forward", last))
        grads_back = back.backward(
            traces["backward"], error[::-1, ..., split:], **_of("backward", last)
        )
        with checks.quiet():
            dE_dx = grads.x + grads_back.x[::-1]
        out = self._gradients({"forward": grads, "backward": grads_back}, dE_dx)
        _flip(out._symbols, back)
        return out

    def final(self, trace: Trace) -> dict[str, Array]:
        """The start values of a next segment: those of ``forward``; ``backward`` starts anew."""
        final = self.parts["forward"].final(self._check_trace(trace)["forward"])
        return {f"forward.{start}": value for start, value in final.items()}


def same_kind(*layers: Layer) -> bool:
    """Whether layers without parts are alike but for their weights and the size of their input."""
    options = ("G", "form", "peepholes")
    kinds = {
        (type(layer), *layer.states.values(), *(getattr(layer, name, None) for name in options))
        for layer in layers
    }
    return len(kinds) == 1 and not any(isinstance(layer, _Composite) for layer in layers)


def _of(part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that belong to one part, under their own names."""
    return {k.removeprefix(part + "."): v for k, v in values.items() if k.startswith(part + ".")}


def _working(array: Array) -> Array:
    """``(N, B, d)`` or ``(N, d)`` as a view ``(N, d, B)``."""
    return array[..., None] if array.ndim == 2 else array.swapaxes(1, 2)


def _flip(symbols: dict[str, Any], back: Layer) -> None:
    """Turn the time of the sequences of ``backward`` round."""
    starts = {f"backward.{start}" for start in back.states}
    for name in [name for name in symbols if name.startswith("backward.")]:
        if name not in starts:
            symbols[name] = _reversed(symbols[name])


def _reversed(symbol: Any) -> Any:
    return partial(_turned, symbol) if callable(symbol) else symbol[::-1]


def _turned(symbol: Callable[[], Array]) -> Array:
    return symbol()[::-1]
