r"""One long sequence as many short segments, and back.

>>> import numpy as np
>>> x = np.arange(7.0)[:, None]  # 7 steps of one number
>>> parts, counts = split(x, 3, warm_up=1)
>>> parts[..., 0].T.tolist()  # one row a segment
[[0.0, 0.0, 1.0, 2.0], [2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 0.0, 0.0]]
>>> counts.T.astype(int).tolist()  # its first step is read, but does not count
[[0, 1, 1, 1], [0, 1, 1, 1], [0, 1, 0, 0]]
>>> join(parts, counts)[:, 0].tolist()
[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["join", "partition", "split"]

Array = NDArray[Any]


def partition(N: int, segment: int) -> NDArray[np.float64]:
    r"""The rectangular windows $w_m[n]$, ``(M, N)``: 1 where step n belongs to segment m, else 0.

    They are a partition of unity: $\sum_m w_m[n]=1$ at every step. The last segment is shorter if
    ``segment`` does not divide ``N``.

    Parameters
    ----------
    N, segment
        Number of steps of the sequence, and number $K$ of steps of a segment.
    """
    N, K = checks.size("N", N), checks.size("segment", segment)
    of = np.arange(N) // K  # the segment to which a step belongs
    return (np.arange(of[-1] + 1)[:, None] == of).astype(float)


def split(x: Any, segment: int, *, warm_up: int = 0) -> tuple[Array, NDArray[np.bool_]]:
    """Cut a sequence into segments that lie side by side as a batch.

    Parameters
    ----------
    x
        ``(N, ...)``: N steps of anything.
    segment
        Number of steps $K$ of a segment.
    warm_up
        Number $K_0$ of steps before its own that each segment reads in addition. Before the
        sequence begins, and after it ends, these are zeros; a network with a bias leaves the zero
        state even so, so the first segment is then not exact.

    Returns
    -------
    parts, counts
        ``(K_0 + K, M, ...)``, and a mask ``(K_0 + K, M)`` that is true at a segment's own steps.
        Every step of the sequence counts exactly once.
    """
    axes = checks.ndim("x", x)
    x = np.asarray(x)
    if axes == 0 or len(x) == 0:
        raise ValueError(f"x: expected shape (N, ...), N >= 1, got {x.shape}")
    K = checks.size("segment", segment)
    K_0 = checks.size("warm_up", warm_up, at_least=0)
    N = len(x)
    own = np.arange(-K_0, K)[:, None]
    place = own + K * np.arange(-(-N // K))  # (K_0 + K, M): the step in the sequence
    inside = (place >= 0) & (place < N)
    parts = x[np.where(inside, place, 0)]
    parts[~inside] = 0
    return parts, inside & (own >= 0)


def join(parts: Any, counts: Any) -> Array:
    """The steps of segments that count, in order: the reverse of :func:`split`, ``(N, ...)``."""
    axes = checks.ndim("parts", parts)
    checks.ndim("counts", counts)
    parts, counts = np.asarray(parts), np.asarray(counts)
    if counts.dtype != bool or counts.ndim != 2:
        raise ValueError(
            f"counts: expected a mask of shape (K_0 + K, M), got {counts.dtype} of {counts.shape}"
        )
    if axes < 2 or parts.shape[:2] != counts.shape:
        raise ValueError(f"parts: expected shape {counts.shape} + (...), got {parts.shape}")
    out: Array = parts.swapaxes(0, 1)[counts.T]
    return out
