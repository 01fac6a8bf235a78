r"""Losses over sequences, with masks for sequences of different lengths.

Each returns the loss $E$ and $\partial E/\partial y$ at every step, the loss's own gradient with
which ``backward`` begins: nothing that comes back through time is in it.

>>> y = [[[0.0, 0.0]], [[3.0, 1.0]]]  # 2 steps of 1 sequence
>>> E, dE_dy = squared_error(y, [[[1.0, 0.0]], [[-9.0, -9.0]]], mask=[[1], [0]])
>>> E, dE_dy.tolist()
(0.5, [[[-1.0, 0.0]], [[0.0, 0.0]]])
>>> E, dE_dy = softmax_cross_entropy(y, [[0], [0]], average=True)  # class 0 at both steps
>>> round(E, 3), dE_dy.round(3).tolist()
(0.41, [[[-0.25, 0.25]], [[-0.06, 0.06]]])
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["mask_of_lengths", "softmax", "softmax_cross_entropy", "squared_error"]

Array = NDArray[np.floating]


def squared_error(
    y: Any, target: Any, mask: Any = None, *, average: bool = False
) -> tuple[float, Array]:
    r"""$E=\tfrac12\sum_n m[n]\,\lVert t[n]-y[n]\rVert^2$.

    Parameters
    ----------
    y, target
        Outputs and targets, ``(..., d_y)``.
    mask
        ``(...)``, 1 or ``True`` where the target counts; everywhere unless given.
    average
        Divide by the number of steps that count.
    """
    y = _outputs(y)
    target = checks.array("target", target, y.shape, y.dtype)
    m, count = _mask(mask, y, average)
    with checks.quiet():
        difference = (y - target) * m[..., None]
        E = float(0.5 * (difference * difference).sum() / count)
        dE_dy = difference / count
    _finite(E, y)
    return E, dE_dy


def softmax(y: Any) -> Array:
    r"""$p_i=e^{y_i}/\sum_j e^{y_j}$ over the last axis; no finite $y$ overflows."""
    y = _outputs(y)
    log_p = _log_softmax(y)
    with checks.quiet():
        return np.exp(log_p)


def softmax_cross_entropy(
    y: Any, target: Any, mask: Any = None, *, average: bool = False
) -> tuple[float, Array]:
    r"""$E=-\sum_n m[n]\sum_i t_i[n]\ln p_i[n]$ with $p=\mathrm{softmax}(y)$.

    Parameters
    ----------
    y
        Outputs before the softmax, ``(..., d_y)``.
    target
        Class numbers, integers ``(...)``, or distributions, ``(..., d_y)`` with sums 1.
    mask, average
        As in :func:`squared_error`. Class numbers where the mask is 0 are not looked at.
    """
    y = _outputs(y)
    m, count = _mask(mask, y, average)
    t = _distributions(target, y, m)
    log_p = _log_softmax(y)
    with checks.quiet():
        E = -float((m[..., None] * t * log_p).sum(dtype=np.float64) / count)
        dE_dy = m[..., None] * (np.exp(log_p) - t) / count
    _finite(E, y)
    return E, dE_dy


def mask_of_lengths(lengths: Any, steps: int) -> NDArray[np.bool_]:
    """A mask ``(steps, B)`` that is true for the first ``lengths[b]`` steps of sequence b."""
    checks.ndim("lengths", lengths)
    given = np.asarray(lengths)
    if given.ndim != 1 or given.dtype.kind not in "iu" or given.size == 0:
        raise ValueError(f"lengths: expected whole numbers, one per sequence, got {lengths!r}")
    steps = checks.size("steps", steps)
    if given.min() < 1 or given.max() > steps:
        raise ValueError(f"lengths: expected numbers from 1 to {steps}, got {lengths!r}")
    out: NDArray[np.bool_] = np.arange(steps)[:, None] < given
    return out


def _log_softmax(y: Array) -> Array:
    """Never below the lowest finite number."""
    with checks.quiet():
        below = np.maximum(y - y.max(axis=-1, keepdims=True), np.finfo(y.dtype).min)
        out: Array = below - np.log(np.exp(below).sum(axis=-1, keepdims=True))
    return out


def _finite(E: float, y: Array) -> None:
    if not np.isfinite(E):
        raise OverflowError(f"y: expected a loss within the range of {y.dtype}, got an overflow")


def _outputs(y: Any) -> Array:
    dtype = np.float32 if getattr(y, "dtype", None) == np.float32 else np.float64
    return checks.array(
        "y", y, tuple(f"axis {i}" for i in range(max(checks.ndim("y", y), 1))), dtype
    )


def _mask(mask: Any, y: Array, average: bool) -> tuple[Array, Any]:
    """The mask as numbers, and what to divide by."""
    average = checks.flag("average", average)
    if mask is None:
        m: Array = np.ones(y.shape[:-1], y.dtype)
    else:
        m = checks.array("mask", mask, y.shape[:-1], y.dtype)
        if not np.isin(m, (0, 1)).all():
            raise ValueError("mask: expected 0 and 1 only, got other numbers")
    if average and not m.any():
        raise ValueError("mask: expected at least one step that counts, got none")
    return m, m.sum() if average else y.dtype.type(1)


def _distributions(target: Any, y: Array, m: Array) -> Array:
    """Targets as distributions ``(..., d_y)``."""
    checks.ndim("target", target)
    given = np.asarray(target)
    classes = y.shape[-1]
    if given.dtype.kind in "iu" and given.shape == y.shape[:-1]:
        counted = given[m.astype(bool)]
        if counted.size and (counted.min() < 0 or counted.max() >= classes):
            raise ValueError(f"target: expected classes 0 to {classes - 1}, got others")
        t = np.zeros_like(y)
        np.put_along_axis(t, np.clip(given, 0, classes - 1)[..., None], 1, axis=-1)
        return t
    if given.ndim == y.ndim - 1:
        raise ValueError(
            f"target: expected whole class numbers of shape {y.shape[:-1]} or distributions of "
            f"shape {y.shape}, got {given.dtype} of shape {given.shape}"
        )
    t = checks.array("target", target, y.shape, y.dtype)
    sums = t.sum(axis=-1)[m.astype(bool)]
    if (t < 0).any() or not np.allclose(sums, 1, atol=1e-5):
        raise ValueError("target: expected distributions, got negative numbers or sums not 1")
    return t
