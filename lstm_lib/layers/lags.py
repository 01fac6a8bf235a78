r"""Context windows: FIR filters over the input with lags that may reach into the future.

$\xi[n]=\sum_{l\in\Lambda}W[l]\,x[n-l]$ with $x$ zero outside the sequence. Several filters, each
with lags of its own, are computed as one product: the inputs that any of them needs are stacked,
``X[n]`` = $(x[n-l])_{l\in\cup\Lambda}$, and a filter's matrix is zero where it lacks a lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["lag_range", "narrow", "scatter", "stack", "union", "widen"]

Array = NDArray[np.floating]


def lag_range(name: str, value: Any) -> range:
    """A contiguous range of lags; a number ``L`` stands for ``range(L)``."""
    want = f"{name}: expected a range of lags with step 1, or a number of lags >= 1, got {value!r}"
    if isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_)):
        value = range(int(value))
    elif not isinstance(value, range):
        raise TypeError(want)
    if len(value) == 0 or value.step != 1:
        raise ValueError(want)
    return value


def union(lags: Sequence[range]) -> tuple[int, ...]:
    """Every lag that any window has, in order; a gap between two windows costs nothing."""
    return tuple(sorted(set().union(*lags)))


def stack(x: Array, lags: tuple[int, ...]) -> Array:
    r"""The inputs of every window: ``(N, d_x, B)`` becomes ``(N, len(lags)·d_x, B)``."""
    if lags == (0,):
        return x
    N, d_x, B = x.shape
    X = np.zeros((N, len(lags), d_x, B), x.dtype)
    for i, lag in enumerate(lags):
        here, there = _overlap(N, lag)
        X[here, i] = x[there]
    return X.reshape(N, -1, B)


def scatter(dE_dX: Array, lags: tuple[int, ...]) -> Array:
    """The reverse of :func:`stack`: errors at the windows summed into errors at the inputs."""
    if lags == (0,):
        return dE_dX
    N, _, B = dE_dX.shape
    dE_dX = dE_dX.reshape(N, len(lags), -1, B)
    dE_dx = np.zeros_like(dE_dX[:, 0])
    for i, lag in enumerate(lags):
        here, there = _overlap(N, lag)
        dE_dx[there] += dE_dX[here, i]
    return dE_dx


def widen(W: Array, own: range, lags: tuple[int, ...]) -> Array:
    r"""A filter ``(len(own), d_s, d_x)`` as a matrix ``(d_s, len(lags)·d_x)``."""
    _, d_s, d_x = W.shape
    wide = np.zeros((d_s, len(lags), d_x), W.dtype)
    wide[:, _own(own, lags)] = W.swapaxes(0, 1)
    return wide.reshape(d_s, -1)


def narrow(wide: Array, own: range, lags: tuple[int, ...]) -> Array:
    """The reverse of :func:`widen`."""
    return wide.reshape(len(wide), len(lags), -1)[:, _own(own, lags)].swapaxes(0, 1)


def _own(own: range, lags: tuple[int, ...]) -> slice:
    """Where a window's lags stand; they are contiguous whole numbers, so they stand together."""
    begin = lags.index(own.start)
    return slice(begin, begin + len(own))


def _overlap(N: int, lag: int) -> tuple[slice, slice]:
    """The steps n at which x[n - lag] exists, and the steps n - lag."""
    begin, end = max(lag, 0), min(N + lag, N)
    end = max(begin, end)
    return slice(begin, end), slice(begin - lag, end - lag)
