r"""Products with peephole matrices, full or diagonal.

One or more peephole matrices that look at the same state lie one below the other: full ones as
``(k·d_s, d_s)``, diagonal ones as their diagonals ``(k, d_s, 1)``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lstm_lib.layer import columns

__all__ = ["apply", "gradient", "pull_back", "stack"]

Array = NDArray[np.floating]


def stack(*weights: Array) -> Array:
    """Copies of the weights, one below the other; ``(d_s, d_s)`` each, or ``(d_s,)`` if diagonal."""
    if weights[0].ndim == 2:
        return np.concatenate(weights)
    return np.stack(weights)[:, :, None]


def apply(W: Array, s: Array, out: Array) -> Array:
    r"""$W s$, ``(k·d_s, B)``, for one step's ``s (d_s, B)``."""
    if W.ndim == 2:
        return np.dot(W, s, out=out)
    np.multiply(W, s, out=out.reshape(-1, *s.shape))
    return out


def pull_back(W: Array, alpha: Array, out: Array) -> Array:
    r"""$W^\top\alpha$, ``(d_s, B)``, for one step's ``alpha (k·d_s, B)``."""
    if W.ndim == 2:
        return np.dot(W.T, alpha, out=out)
    return np.sum(W * alpha.reshape(-1, *out.shape), axis=0, out=out)


def gradient(W: Array, alpha: Array, s: Array) -> Array:
    r"""$\sum_n\alpha[n]s[n]^\top$ in the shape of ``W``, for ``alpha (N, k·d_s, B)``."""
    if W.ndim == 2:
        return columns(alpha) @ columns(s).T
    N, d, B = s.shape
    return np.einsum("nkdb,ndb->kd", alpha.reshape(N, -1, d, B), s)[:, :, None]
