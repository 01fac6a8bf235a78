r"""Real-time recurrent learning: the gradient of an RNN carried forward in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.rnn import CanonicalRNN
from lstm_lib.parameters import Parameters

__all__ = ["RTRL", "Influence"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Influence:
    r"""Where a stream is: the state, the read-out, and how every parameter has influenced them.

    ``ds_dw`` is $\partial s_k[n]/\partial w$ and ``dr_dw`` $\partial r_k[n]/\partial w$, both
    ``(d_s, number of parameters)``, columns in the order of ``params.flat``.
    """

    s: Array
    r: Array
    ds_dw: Array
    dr_dw: Array


class RTRL:
    r"""Real-time recurrent learning for the standard and the canonical RNN.

    How every state depends on every weight is carried forward. A step multiplies the carried
    derivatives as it multiplies the states, by $W_s$ and, through the slopes of the warping, by
    $W_r$; to the row of a weight it adds the number that the weight multiplies, a component of
    $s[n-1]$, $r[n-1]$, $x[n]$, or 1. One step costs $O(d_s^2)$ per parameter, whatever the length
    of the stream, and nothing of the past is kept. With fixed weights the sum of the steps'
    gradients is that of back-propagation through time; with weights that learn in between it is
    RTRL's usual approximation.

    Backward equations, canonical RNN: derived by ``lstm_lib.derive.canonical_rnn``.
    Backward equations, standard RNN: derived by ``lstm_lib.derive.standard_rnn``.
    To see them: ``print(lstm_lib.derive.canonical_rnn.backward)``, then ``.gradients``.

    Parameters
    ----------
    rnn
        A ``StandardRNN`` or ``CanonicalRNN``; its parameters are read at every step.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of the network's dtype.

    Notes
    -----
    Source: Williams and Zipser (1989); Staudemeyer and Morris (2019), the section on training.
    """

    def __init__(self, rnn: CanonicalRNN) -> None:
        if not isinstance(rnn, CanonicalRNN):
            raise TypeError(f"rnn: expected a StandardRNN or CanonicalRNN, got {rnn!r}")
        self.rnn = rnn

    def begin(self, s0: Any = None, r0: Any = None) -> Influence:
        """Before the first step: a start state, ``(d_s,)``, that depends on no parameter."""
        rnn = self.rnn
        s, r = (
            np.zeros(rnn.d_s, rnn.dtype)
            if value is None
            else checks.array(name, value, (rnn.d_s,), rnn.dtype, copy=True)
            for name, value in (("s0", s0), ("r0", r0))
        )
        none = np.zeros((rnn.d_s, rnn.params.flat.size), rnn.dtype)
        return Influence(s, r, none, none)

    def step(self, before: Influence, x: Any) -> Influence:
        """One step further: the stream after reading ``x``, ``(d_x,)``."""
        p, d = self.rnn.params, self.rnn.d_s
        self._check("before", before)
        x = checks.array("x", x, (self.rnn.d_x,), self.rnn.dtype)
        p.check()
        multiplies = {"W_s": before.s, "W_r": before.r, "W_x": x, "theta_s": np.ones(1, x.dtype)}
        begin = 0
        with checks.quiet():
            s = p["W_r"] @ before.r + p["W_x"] @ x + p["theta_s"]
            ds_dw = p["W_r"] @ before.dr_dw
            if "W_s" in p:
                s += p["W_s"] @ before.s
                ds_dw += p["W_s"] @ before.ds_dw
            for name, w in p.items():
                z = multiplies[name]
                block = ds_dw[:, begin : begin + w.size].reshape(d, d, z.size)  # (k, i, j)
                block[range(d), range(d)] += z  # δ_ik z_j
                begin += w.size
            r, dr_dw = self.rnn.G(s), self.rnn.G.d(s)[:, None] * ds_dw
        checks.in_range("s", s, r)
        checks.in_range("ds_dw", ds_dw, dr_dw)
        return Influence(s, r, ds_dw, dr_dw)

    def gradient(self, now: Influence, dE_dr: Any) -> Parameters:
        """The step's gradient: what its loss says about ``r``, times ``now.dr_dw``."""
        self._check("now", now)
        error = checks.array("dE_dr", dE_dr, (self.rnn.d_s,), self.rnn.dtype)
        out = self.rnn.params.zeros()
        with checks.quiet():
            out.flat[:] = error @ now.dr_dw
        checks.in_range("gradient", out.flat)
        return out

    def _check(self, name: str, stream: Influence) -> None:
        """Refuse what is not the influence of this network's parameters."""
        if not isinstance(stream, Influence):
            raise TypeError(f"{name}: expected an Influence, got {type(stream).__name__}")
        want = (self.rnn.d_s, self.rnn.params.flat.size)
        if stream.ds_dw.shape != want:
            raise ValueError(
                f"{name}: expected an Influence of shape {want}, got {stream.ds_dw.shape}"
            )
        if stream.ds_dw.dtype != self.rnn.dtype:
            raise TypeError(
                f"{name}: expected an Influence of {self.rnn.dtype}, got {stream.ds_dw.dtype}"
            )

    def __repr__(self) -> str:
        numbers = 2 * self.rnn.d_s * self.rnn.params.flat.size
        return f"RTRL({self.rnn!r}; carries {numbers} derivatives)"
