r"""The dense read-out: from a layer's value to the network's output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import initialise
from lstm_lib.layers.base import Exportable, Part
from lstm_lib.parameters import Parameters

__all__ = ["Dense", "DenseGradients", "DenseTrace", "Direct"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class DenseTrace:
    """What a read-out computed, ``v (..., d_v)``, ``y (..., d_y)``, with its weights; read-only."""

    v: Array
    y: Array
    W_vy: Array


@dataclass(frozen=True)
class DenseGradients:
    """``params`` with the layer's names and shapes, and the error at its input, ``v``."""

    params: Parameters
    v: Array


class Dense(Part):
    r"""The dense read-out.

    .. math:: y[n] = W_{vy}\,v[n] + b_y

    Parameters
    ----------
    d_v, d_y
        Number of input and of output components.
    bias
        Whether there is a $b_y$.
    rng
        Seed or ``numpy.random.Generator`` for the initial $W_{vy}$, normal with variance
        $1/d_v$; $b_y=0$.
    dtype
        float64 or float32.

    Attributes
    ----------
    params
        ``W_vy`` of shape ``(d_y, d_v)``, ``b_y`` ``(d_y,)``.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of ``dtype``.
    """

    def __init__(
        self,
        d_v: int,
        d_y: int,
        bias: bool = True,
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        self.d_v, self.d_y = checks.size("d_v", d_v), checks.size("d_y", d_y)
        self.bias = checks.flag("bias", bias)
        self.dtype = checks.float_dtype("dtype", dtype)
        shapes: dict[str, tuple[int, ...]] = {"W_vy": (d_y, d_v)}
        if bias:
            shapes["b_y"] = (d_y,)
        self.params = Parameters(shapes, self.dtype)
        self.params["W_vy"] = initialise.normal((d_y, d_v), checks.generator("rng", rng))

    def _lacking(self) -> dict[str, str]:
        return {}

    def forward(self, v: Any) -> DenseTrace:
        """Read out ``v``, ``(..., d_v)``, e.g. ``(N, B, d_v)``."""
        self.params.check()
        lead = tuple(f"axis {i}" for i in range(checks.ndim("v", v) - 1))
        v = checks.array("v", v, (*lead, self.d_v), self.dtype, copy=True)
        W_vy = self.params["W_vy"].copy()
        with checks.quiet():
            y = v @ W_vy.T
            if self.bias:
                y += self.params["b_y"]
        checks.in_range("y", y)
        for array in (v, y, W_vy):  # backward works with them
            array.flags.writeable = False
        return DenseTrace(v, y, W_vy)

    def backward(self, trace: DenseTrace, dE_dy: Any) -> DenseGradients:
        """The gradients of ``params``, and the error at ``v``, for the error ``dE_dy`` at ``y``."""
        if not isinstance(trace, DenseTrace):
            raise TypeError(f"trace: expected a DenseTrace, got {type(trace).__name__}")
        if (trace.W_vy.shape, trace.W_vy.dtype) != ((self.d_y, self.d_v), self.dtype):
            raise ValueError(
                f"trace: expected one with W_vy of shape {(self.d_y, self.d_v)} and "
                f"{self.dtype}, got {trace.W_vy.shape} and {trace.W_vy.dtype}"
            )
        error = checks.array("dE_dy", dE_dy, trace.y.shape, self.dtype)
        flat = error.reshape(-1, self.d_y)
        grads = self.params.zeros()
        with checks.quiet():
            grads["W_vy"][...] = flat.T @ trace.v.reshape(-1, self.d_v)
            if self.bias:
                grads["b_y"][...] = flat.sum(axis=0)
            dE_dv = error @ trace.W_vy
        checks.in_range("gradient", grads.flat, dE_dv)
        return DenseGradients(grads, dE_dv)


class Direct(Part):
    """No read-out: the value of the layer is the output, $y[n]=v[n]$."""

    def __init__(self, d_v: int, *, dtype: Any = np.float64) -> None:
        self.d_v = self.d_y = checks.size("d_v", d_v)
        self.dtype = checks.float_dtype("dtype", dtype)
        self.params = Parameters({}, self.dtype)

    def _lacking(self) -> dict[str, str]:
        return dict.fromkeys(Exportable.TARGETS, "there is no read-out; give the layer alone")

    def forward(self, v: Any) -> DenseTrace:
        """Pass ``v`` on."""
        v = checks.array("v", v, np.shape(v), self.dtype, copy=True)
        v.flags.writeable = False
        return DenseTrace(v, v, np.empty((0, self.d_v), self.dtype))

    def backward(self, trace: DenseTrace, dE_dy: Any) -> DenseGradients:
        """Pass the error back."""
        error = checks.array("dE_dy", dE_dy, trace.y.shape, self.dtype)
        return DenseGradients(self.params.zeros(), error)
