r"""What to look at in a recurrent layer: errors over time, Jacobians, gates, memory.

All functions take what a layer's passes returned and change nothing.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.base import Gradients, Layer, Trace, last_error, of_start

__all__ = [
    "carousel_errors",
    "carousel_share",
    "error_norms",
    "gate_statistics",
    "jacobians",
    "memory_horizon",
    "product_singular_values",
    "time_constants",
]

Array = NDArray[np.floating]


def error_norms(grads: Gradients, symbol: str = "psi") -> Array:
    r"""$\lVert\psi[n]\rVert$ at every step, ``(N, B)``, or ``(N,)`` for a single sequence.

    Parameters
    ----------
    grads
        What a layer's ``backward`` returned.
    symbol
        Another error signal, ``"chi"``, ``"alpha_cu"``, ``"0.psi"`` (in a stack), ...
    """
    if not isinstance(grads, Gradients):
        raise TypeError(f"grads: expected Gradients, got {type(grads).__name__}")
    signal = getattr(grads, checks.one_of("symbol", symbol, grads.names))
    largest = np.abs(signal).max(axis=-1, keepdims=True)  # squares of tiny errors underflow
    safe = np.where(largest == 0, 1, largest)
    with checks.quiet():
        out: Array = largest[..., 0] * np.sqrt(((signal / safe) ** 2).sum(axis=-1))
    checks.in_range("norms", out)
    return out


def carousel_errors(trace: Trace, grads: Gradients, step: int = -1) -> Array:
    r"""What is left of $\psi[m]$ on the way that never leaves the carousel, ``(N, B, d_s)``.

    .. math:: \Big(\prod_{k=n+1}^{m}g_{cs}[k]\Big)\odot\psi[m]\quad\text{for }n\le m,

    and 0 for later n. The rest of $\psi[n]$ has passed a weight matrix at least once, or entered
    after n and not at m.

    Parameters
    ----------
    trace, grads
        What an LSTM's ``forward`` and ``backward`` returned.
    step
        The step m at which the error entered; the last one unless given.
    """
    for name, given, kind in (("trace", trace, Trace), ("grads", grads, Gradients)):
        if not isinstance(given, kind):
            raise TypeError(f"{name}: expected {kind.__name__}, got {type(given).__name__}")
    gate = getattr(trace, checks.one_of("trace: state gate", "g_cs", trace.names))
    psi = getattr(grads, checks.one_of("grads: error of the state", "psi", grads.names))
    if gate.shape != psi.shape:
        raise ValueError(f"grads: expected psi of shape {gate.shape}, got {psi.shape}")
    if isinstance(step, bool) or not isinstance(step, (int, np.integer)):
        raise TypeError(f"step: expected a whole number, got {step!r}")
    if not -len(psi) <= step < len(psi):
        raise ValueError(f"step: expected one of {len(psi)} steps, got {step}")
    last = int(step) % len(psi)
    out = np.zeros_like(psi)
    out[last] = psi[last]
    with checks.quiet():
        for n in reversed(range(last)):
            out[n] = gate[n + 1] * out[n + 1]
    return out


def carousel_share(trace: Trace, grads: Gradients, step: int = -1) -> Array:
    r"""The norm of :func:`carousel_errors` by that of $\psi[n]$, ``(N, B)`` or ``(N,)``.

    Shares of the whole way from step m to n, not of its last hop. They may be above 1: what comes
    by other ways may have the other sign. Where $\psi[n]=0$ the share is ``nan``.
    """
    alone, psi = carousel_errors(trace, grads, step), grads.psi
    largest = np.abs(psi).max(axis=-1, keepdims=True)  # squares of tiny errors underflow
    with np.errstate(all="ignore"):
        norms = [np.sqrt(((z / largest) ** 2).sum(axis=-1)) for z in (alone, psi)]
        out: Array = norms[0] / norms[1]
    return out


def jacobians(layer: Layer, trace: Trace, sequence: int = 0) -> Array:
    r"""$J[n]=\partial\,\text{state}[n]/\partial\,\text{state}[n-1]$ at every step, ``(N, D, D)``.

    The state is all that a layer carries from step to step, in the order of ``layer.states``: for
    an LSTM $(s, v)$, for the canonical RNN $(s, r)$, for the GRU $v$. Every row is one backward
    pass over one step, so this is the derivative that the layer itself uses, at the weights with
    which the trace was computed.

    Parameters
    ----------
    layer, trace
        A layer that carries its whole state forward in time, and a trace of it. Layers that look
        into the future or run backward have no such Jacobian, and the Grid LSTM no such state.
    sequence
        Which sequence of the batch.
    """
    if not isinstance(layer, Layer):
        raise TypeError(f"layer: expected a recurrent layer, got {layer!r}")
    layer._check_trace(trace)
    if not layer.causal:
        raise ValueError(f"layer: expected one that goes from state to state, got {layer!r}")
    single = trace.x.ndim == 2
    batch = 1 if single else trace.x.shape[1]
    sequence = checks.size("sequence", sequence, at_least=0)
    if sequence >= batch:
        raise ValueError(f"sequence: expected a number below {batch}, got {sequence}")
    sizes = list(layer.states.values())
    D, ends = sum(sizes), np.cumsum(sizes)
    parts = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    x = trace.x if single else trace.x[:, sequence]
    layer = layer.as_it_was(trace)
    J = np.empty((len(x), D, D), layer.dtype)
    unit = np.eye(D, dtype=layer.dtype)  # row i: an error of 1 at component i of the new state
    none = np.zeros((1, D, layer.d_out), layer.dtype)
    for n in range(len(x)):
        start = {}
        for name in layer.states:
            own = getattr(trace, name) if n == 0 else getattr(trace, of_start(name))[n - 1]
            own = own if single else own[sequence]
            start[name] = np.broadcast_to(own, (D, own.size))
        step = layer.forward(np.broadcast_to(x[n], (1, D, x.shape[1])), **start)
        last = {
            last_error(name): unit[:, part] for name, part in zip(layer.states, parts, strict=True)
        }
        grads = layer.backward(step, none, **last)
        J[n] = np.concatenate([getattr(grads, name) for name in layer.states], axis=1)
    return J


def product_singular_values(J: Any) -> Array:
    r"""Singular values of $J[N-1]\cdots J[n]$ for every $n$, ``(N, D)``, largest first.

    Row n says how much a change of the state before step n can still matter at the end. The
    products are rescaled on the way, so that long ones do not leave the range of numbers before
    they must; what lies beyond the range is the largest number.
    """
    J = checks.array("J", J, ("N", "D", "D"))
    if J.shape[1] != J.shape[2]:
        raise ValueError(f"J: expected square matrices, got {J.shape[1:]}")
    product: Array = np.eye(J.shape[1])
    log_scale = 0.0
    out = np.empty(J.shape[:2])
    with checks.quiet():
        for n in reversed(range(len(J))):
            step, log_step = _rescaled(J[n])
            product, log_product = _rescaled(product @ step)
            log_scale += log_step + log_product
            values = np.linalg.svd(product, compute_uv=False)
            scaled = values * math.exp(min(max(log_scale, -745.0), 709.0))
            out[n] = np.minimum(scaled, np.finfo(out.dtype).max)
    return out


def _rescaled(M: Array) -> tuple[Array, float]:
    """A matrix with largest entry 1, and the logarithm of what it was divided by."""
    size = float(np.abs(M).max())
    return (M / size, math.log(size)) if size > 0 else (M, 0.0)


def gate_statistics(trace: Trace, low: float = 0.1, high: float = 0.9) -> dict[str, Any]:
    """For every gate of a trace: its mean, and how often it is nearly shut or nearly open.

    Returns
    -------
    dict
        ``{"g_cu": {"mean": ..., "shut": ..., "open": ...}, ...}``; ``shut`` is the fraction of
        values below ``low``, ``open`` that above ``high``.
    """
    if not isinstance(trace, Trace):
        raise TypeError(f"trace: expected a Trace, got {type(trace).__name__}")
    low = checks.number("low", low, at_least=0)
    high = checks.number("high", high, at_least=low)
    gates = [name for name in trace.names if name.rpartition(".")[2].startswith("g_")]
    if not gates:
        raise ValueError(f"trace: expected one with gates, got symbols {', '.join(trace.names)}")
    return {
        gate: {
            "mean": float(np.mean(g, dtype=np.float64)),
            "shut": float((g < low).mean()),
            "open": float((g > high).mean()),
        }
        for gate in gates
        for g in [getattr(trace, gate)]
    }


def time_constants(trace: Trace, gate: str = "g_cs") -> Array:
    r"""Over how many steps each component's state fades to $1/e$, ``(d_s,)``.

    $-1/\overline{\ln g_{cs}}$ with the mean over steps and sequences: the state's own decay if
    nothing is written; infinite where the gate is always 1.
    """
    if not isinstance(trace, Trace):
        raise TypeError(f"trace: expected a Trace, got {type(trace).__name__}")
    g = getattr(trace, checks.one_of("gate", gate, trace.names))
    floor = np.finfo(g.dtype).tiny
    mean = np.log(np.maximum(g, floor)).reshape(-1, g.shape[-1]).mean(axis=0, dtype=np.float64)
    with np.errstate(divide="ignore"):
        out: Array = np.where(mean < 0, -1 / mean, np.inf)
    return out


def memory_horizon(norms: Any, fraction: float = 0.01) -> int:
    r"""How many steps back an error reaches before its norm is below a fraction of its last.

    Parameters
    ----------
    norms
        ``(N,)`` error norms over time of a loss at the last step only, from :func:`error_norms`.
    fraction
        The fraction.

    Returns
    -------
    int
        The number of steps, N if the norm stays above it.
    """
    norms = checks.array("norms", norms, ("N",))
    fraction = checks.number("fraction", fraction, above=0, below=1)
    if norms[-1] <= 0:
        raise ValueError("norms: expected a last norm above 0, got 0")
    with checks.quiet():
        below = np.flatnonzero(norms[::-1] < fraction * norms[-1])
    return int(below[0]) if below.size else len(norms)
