r"""The feed-forward network and back-propagation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import activations, initialise
from lstm_lib.layers.activations import Activation
from lstm_lib.layers.base import Exportable, Part
from lstm_lib.parameters import Parameters

__all__ = ["FeedForward", "FeedForwardGradients", "FeedForwardTrace"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class FeedForwardTrace:
    """``y[k]``, the output of layer k (``y[0]`` the input), ``net[k]``, the weights; read-only."""

    y: tuple[Array, ...]
    net: tuple[Array, ...]
    W: tuple[Array, ...]


@dataclass(frozen=True)
class FeedForwardGradients:
    r"""``params``; ``x``, the error at the input; ``theta[k]`` $=\vartheta$ of layer k + 1."""

    params: Parameters
    x: Array
    theta: tuple[Array, ...]


class FeedForward(Part):
    r"""A feed-forward network of any depth.

    .. math:: net_k = W_k\,y_{k-1}+b_k, \qquad y_k = f(net_k), \qquad y_0 = x

    Backward equations, one hidden layer: derived by ``lstm_lib.derive.feedforward``.
    To see them: ``print(lstm_lib.derive.feedforward.backward)``, then ``.gradients``.

    ``theta[k]`` has the sign of the papers, $-\delta$: it points downhill. Momentum is
    :class:`lstm_lib.learning.optimisers.Momentum` over ``params``.

    Parameters
    ----------
    sizes
        Number of units of every layer, the inputs first: ``(2, 2, 1)``.
    activation
        $f$ of all layers, or one name per layer.
    rng
        Seed or ``numpy.random.Generator`` for the initial $W_k$, normal with variance one over
        the number of columns; $b_k=0$.
    dtype
        float64 or float32.

    Attributes
    ----------
    params
        ``W_1`` of shape ``(sizes[1], sizes[0])``, ``b_1`` ``(sizes[1],)``, ``W_2``, ...

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of ``dtype``.

    Notes
    -----
    Source: Rumelhart, Hinton and Williams (1986); Staudemeyer and Morris (2019).
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Activation | Sequence[str] = "logistic",
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        if not isinstance(sizes, (list, tuple)) or len(sizes) < 2:
            raise ValueError(f"sizes: expected at least two numbers of units, got {sizes!r}")
        self.sizes = tuple(checks.size(f"sizes[{k}]", size) for k, size in enumerate(sizes))
        depth = len(sizes) - 1
        if isinstance(activation, (str, Activation)):
            names: list[Any] = [activation] * depth
        elif isinstance(activation, (list, tuple)):
            names = list(activation)
        else:
            raise TypeError(f"activation: expected one or {depth} names, got {activation!r}")
        if len(names) != depth:
            raise ValueError(f"activation: expected one or {depth} names, got {len(names)}")
        self.f = [activations.activation(name) for name in names]
        self.activation = [f.name if f.known else f for f in self.f]
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        shapes: dict[str, tuple[int, ...]] = {}
        for k in range(1, len(sizes)):
            shapes |= {f"W_{k}": (sizes[k], sizes[k - 1]), f"b_{k}": (sizes[k],)}
        self.params = Parameters(shapes, self.dtype)
        for k in range(1, len(sizes)):
            self.params[f"W_{k}"] = initialise.normal((sizes[k], sizes[k - 1]), random)

    def _lacking(self) -> dict[str, str]:
        own = [f.name for f in self.f if not f.known]
        reason = f"there is no activation {own[0]!r}" if own else ""
        return dict.fromkeys(Exportable.TARGETS, reason) if own else {}

    def forward(self, x: Any) -> FeedForwardTrace:
        """Run ``x``, ``(D, sizes[0])`` or ``(sizes[0],)``, through all layers."""
        self.params.check()
        lead = ("D",) if checks.ndim("x", x) == 2 else ()
        y = [checks.array("x", x, (*lead, self.sizes[0]), self.dtype, copy=True)]
        W = tuple(self.params[f"W_{k + 1}"].copy() for k in range(len(self.f)))
        net = []
        with checks.quiet():
            for k, f in enumerate(self.f):
                net.append(y[-1] @ W[k].T + self.params[f"b_{k + 1}"])
                y.append(f(net[-1]))
        checks.in_range("net", *net)
        for array in (*y, *net, *W):  # backward works with them
            array.flags.writeable = False
        return FeedForwardTrace(tuple(y), tuple(net), W)

    def backward(self, trace: FeedForwardTrace, dE_dy: Any) -> FeedForwardGradients:
        """Send the error ``dE_dy`` at the output back."""
        if not isinstance(trace, FeedForwardTrace):
            raise TypeError(f"trace: expected a FeedForwardTrace, got {type(trace).__name__}")
        have = [(W.shape, W.dtype) for W in trace.W]
        want = [(self.params[f"W_{k + 1}"].shape, self.dtype) for k in range(len(self.f))]
        if have != want:
            raise ValueError(
                f"trace: expected one with weights of shape {[shape for shape, _ in want]} and "
                f"{self.dtype}, got {[shape for shape, _ in have]} and {have[0][1]}"
            )
        error = checks.array("dE_dy", dE_dy, trace.y[-1].shape, self.dtype)
        grads, theta = self.params.zeros(), []
        with checks.quiet():
            for k in reversed(range(len(self.f))):
                theta.append(-error * self.f[k].d(trace.net[k]))
                error = -theta[-1] @ trace.W[k]
                flat = np.atleast_2d(theta[-1])
                grads[f"W_{k + 1}"][...] = -flat.T @ np.atleast_2d(trace.y[k])
                grads[f"b_{k + 1}"][...] = -flat.sum(axis=0)
        checks.in_range("gradient", grads.flat, error)
        return FeedForwardGradients(grads, error, tuple(reversed(theta)))
