r"""How fast a recurrent network forgets the state in which it began.

Two runs of the canonical RNN with the same inputs and different starts differ after $n$ steps by at
most $\bar J^n$ times what they differed by at first, where $\bar J$ bounds the norm of every
Jacobian. The functions here compute $\bar J$, and what follows from $\bar J<1$.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.rnn import CanonicalRNN

__all__ = ["rate", "segment_error", "state_bound", "tight_rate"]

ORDERS = (1, 2, np.inf)


def rate(rnn: CanonicalRNN, order: float = 2) -> float:
    r"""The contraction bound $\bar J=\lVert W_s\rVert+\bar G'\lVert W_r\rVert$, $\bar G'=\max|G'|$.

    Below 1 the network forgets every start; above 1 the bound says nothing.

    Parameters
    ----------
    rnn
        A canonical or standard RNN.
    order
        Of the norm: 1, 2 or ``numpy.inf``.
    """
    W_s, W_r = _weights(rnn)
    norm = _order(order)
    return float(np.linalg.norm(W_s, norm) + np.linalg.norm(W_r, norm) * rnn.G.max_slope)


def tight_rate(rnn: CanonicalRNN, order: float = 2) -> float:
    r"""$\bar J^*=\max\lVert W_s+W_r\Gamma\rVert$, $\Gamma$ diagonal with entries $0\ldots\bar G'$.

    Never above :func:`rate`. A norm is convex, so the maximum is at one of the $2^{d_s}$ corners,
    and all of them are tried: at most 14 neurons.
    """
    W_s, W_r = _weights(rnn)
    norm = _order(order)
    if rnn.d_s > 14:
        raise ValueError(f"rnn: expected at most 14 neurons, got {rnn.d_s}")
    corners = itertools.product((0.0, rnn.G.max_slope), repeat=rnn.d_s)
    return float(max(np.linalg.norm(W_s + W_r * np.array(slopes), norm) for slopes in corners))


def state_bound(rnn: CanonicalRNN, x: Any, order: float = 2) -> float:
    r"""A bound $\bar s$ on every $\lVert s[n]\rVert$ of a run with these inputs from $s=0$.

    .. math:: \bar s = \max_n\lVert W_x\,x[n] + W_r\,G(0) + \theta_s\rVert / (1-\bar J)

    The run starts from $r=G(0)$.

    Parameters
    ----------
    rnn
        A canonical or standard RNN with $\bar J<1$.
    x
        The inputs, ``(N, d_x)`` or ``(N, B, d_x)``.
    order
        Of the norm.
    """
    J = rate(rnn, order)
    if J >= 1:
        raise ValueError(f"rnn: expected a contraction, rate below 1, got {J:g}")
    lead = ("N", "B") if checks.ndim("x", x) == 3 else ("N",)
    x = checks.array("x", x, (*lead, rnn.d_x))
    rest = rnn.params["W_r"] @ rnn.G(np.zeros(rnn.d_s)) + rnn.params["theta_s"]
    drive = x @ rnn.params["W_x"].T + rest
    return float(np.linalg.norm(drive, _order(order), axis=-1).max() / (1 - J))


def segment_error(bound: Any, length: int, warm_up: int = 0) -> Any:
    r"""$\frac1K\sum_{k=1}^{K}\bar J^{K_0+k}$: the mean of what a start still matters in a segment.

    Times the Lipschitz constants and the largest state, it bounds how far the mean loss over
    segments of $K$ steps with $K_0$ warm-up steps is from that of the whole run.

    Parameters
    ----------
    bound
        $\bar J$, a number or an array.
    length, warm_up
        $K$ and $K_0$.
    """
    K = checks.size("length", length)
    K_0 = checks.size("warm_up", warm_up, at_least=0)
    return sum(bound ** (K_0 + k) for k in range(1, K + 1)) / K


def _weights(rnn: CanonicalRNN) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    if not isinstance(rnn, CanonicalRNN):
        raise TypeError(f"rnn: expected a canonical or standard RNN, got {rnn!r}")
    W_r = rnn.params["W_r"]
    return (rnn.params["W_s"] if "W_s" in rnn.params else np.zeros_like(W_r)), W_r


def _order(order: float) -> Any:
    if order not in ORDERS:
        raise ValueError(f"order: expected 1, 2 or numpy.inf, got {order!r}")
    return order
