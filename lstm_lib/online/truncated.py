r"""The truncated gradient of 1997, online: local in space and time, O(W) per step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.base import Trace
from lstm_lib.layers.lstm1997 import LSTM1997
from lstm_lib.parameters import Parameters

__all__ = ["TruncatedGradient", "TruncatedStep"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class TruncatedStep:
    r"""Where a stream is, and the partials that it carries forward.

    ``ds_dW[c, k]`` is $\partial s_c[n]/\partial W$ for the weights of cell c's own net input
    (k = 0), its block's input gate (1) and forget gate (2), ``(C, 2 or 3, sources)``; ``ds_dp``
    the same for the gates' peepholes, ``(C, 1 or 2, size)``. ``z``, ``r``, ``g_cr`` are what the
    output side needs.
    """

    s: Array
    v: Array
    g: Array
    r: Array
    g_cr: Array
    z: Array
    ds_dW: Array
    ds_dp: Array


class TruncatedGradient:
    r"""The learning algorithm of the LSTM of 1997.

    An error that has reached a net input is not sent further back; inside the constant error
    carousel it flows unchanged. So each weight of a cell, and of its input and forget gate, needs
    one partial only, that of the cell's own state by the weight. It is carried forward: the
    state gate times the last one, and what the step adds. The step's gradient is that partial
    times the error that reaches the state now; the output gate needs no partial.

    Backward equations: derived by ``lstm_lib.derive.lstm1997_variant(True, True, True)``.
    Backward equations, no forget gate: derived by ``lstm_lib.derive.lstm1997_truncated``.
    To see them: ``print(lstm_lib.derive.lstm1997_truncated.backward)``, then ``.gradients``.

    The sum of the steps' gradients is theirs, with peepholes and without. Peepholes are weights
    like others, with the states that they see among the sources.

    Parameters
    ----------
    lstm
        The layer; its parameters are read at every step, so that it may learn in between.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of the layer's dtype.

    Notes
    -----
    Source: Hochreiter and Schmidhuber (1997), appendix A.1; Gers, Schmidhuber and Cummins (2000).
    """

    def __init__(self, lstm: LSTM1997) -> None:
        if not isinstance(lstm, LSTM1997):
            raise TypeError(f"lstm: expected an LSTM1997, got {lstm!r}")
        self.lstm = lstm

    def begin(self, s0: Any = None, v0: Any = None, g0: Any = None) -> TruncatedStep:
        """Before the first step: a start that depends on no parameter; zero unless given."""
        lstm = self.lstm
        s, v, g = (
            np.zeros(size, lstm.dtype)
            if value is None
            else checks.array(name, value, (size,), lstm.dtype, copy=True)
            for (name, size), value in zip(lstm.states.items(), (s0, v0, g0), strict=True)
        )
        sources = lstm._weights(lstm.params).shape[1]
        with checks.quiet():
            r = np.tanh(0.5 * s)
        return TruncatedStep(
            s=s, v=v, g=g, r=r, g_cr=g[-lstm.blocks :],
            z=np.zeros(sources, lstm.dtype),
            ds_dW=np.zeros((lstm.d_s, len(lstm.gates), sources), lstm.dtype),
            ds_dp=np.zeros((lstm.d_s, len(lstm.gates) - 1, lstm.size), lstm.dtype),
        )  # fmt: skip

    def step(self, before: TruncatedStep, x: Any) -> TruncatedStep:
        """One step further: the stream after reading ``x``, ``(d_x,)``."""
        lstm = self.lstm
        self._check("before", before)
        x = checks.array("x", x, (lstm.d_x,), lstm.dtype)
        with checks.quiet():
            now = lstm.forward(x[None], before.s, before.v, before.g)
            ds_dW, ds_dp = self._carried(before, now)
        checks.in_range("v", now.v, now.g)
        checks.in_range("ds_dW", ds_dW, ds_dp)
        return TruncatedStep(
            s=now.s[0], v=now.v[0], g=now.g[0], r=now.r[0], g_cr=now.g_cr[0],
            z=now._work.z[0, :, 0], ds_dW=ds_dW, ds_dp=ds_dp,
        )  # fmt: skip

    def _carried(self, before: TruncatedStep, now: Trace) -> tuple[Array, Array]:
        """The partials one step further, after the one step of the trace ``now``."""
        lstm, s_prev = self.lstm, before.s
        z, u, g_cu = now._work.z[0, :, 0], now.u[0], now.g_cu[0]
        local = [
            lstm._to_cells(g_cu) * (1 - 0.25 * u * u),
            u * lstm._to_cells(g_cu * (1 - g_cu)),
        ]  # what z is multiplied with, (C,)
        ds_dW, ds_dp = before.ds_dW, before.ds_dp
        if lstm.forget_gate:
            g_cs = now.g_cs[0]
            local.append(s_prev * lstm._to_cells(g_cs * (1 - g_cs)))
            keep = lstm._to_cells(g_cs)[:, None, None]
            ds_dW, ds_dp = keep * ds_dW, keep * ds_dp
        factor = np.stack(local, axis=1)[:, :, None]  # (C, 2 or 3, 1)
        ds_dW = ds_dW + factor * z
        if lstm.peepholes:
            seen = lstm._to_cells(lstm._by_block(s_prev))[:, None]  # (C, 1, size)
            ds_dp = ds_dp + factor[:, 1:] * seen
        return ds_dW, ds_dp

    def gradient(self, now: TruncatedStep, dE_dv: Any) -> Parameters:
        r"""The step's truncated gradient, for the step's own ``dE_dv``, ``(C,)``."""
        lstm = self.lstm
        self._check("now", now)
        e = checks.array("dE_dv", dE_dv, (lstm.d_s,), lstm.dtype)
        with checks.quiet():
            alpha_cr = lstm._by_block(e * now.r).sum(axis=1) * now.g_cr * (1 - now.g_cr)
            e_s = e * lstm._to_cells(now.g_cr) * 0.5 * (1 - now.r * now.r)
            parts = e_s[:, None, None] * now.ds_dW  # (C, 2 or 3, sources)
            gates = [lstm._by_block(parts[:, k]).sum(axis=1) for k in range(1, parts.shape[1])]
            out = lstm._unstack(np.vstack([parts[:, 0], *gates, alpha_cr[:, None] * now.z]))
            if lstm.peepholes:
                peeps = e_s[:, None, None] * now.ds_dp
                for k, gate in enumerate(lstm.gates[:-1]):
                    out[f"W_s{gate}"][...] = lstm._by_block(peeps[:, k]).sum(axis=1)
                out["W_scr"][...] = alpha_cr[:, None] * lstm._by_block(now.s)
        checks.in_range("gradient", out.flat)
        return out

    def _check(self, name: str, stream: TruncatedStep) -> None:
        """Refuse what is not a step of this layer's own stream."""
        if not isinstance(stream, TruncatedStep):
            raise TypeError(f"{name}: expected a TruncatedStep, got {type(stream).__name__}")
        lstm = self.lstm
        sources = lstm._weights(lstm.params).shape[1]
        for symbol, have, want in (
            (
                "ds_dW",
                stream.ds_dW,
                (lstm.d_s, len(lstm.gates), sources),
            ),
            ("ds_dp", stream.ds_dp, (lstm.d_s, len(lstm.gates) - 1, lstm.size)),
        ):
            if have.shape != want:
                raise ValueError(f"{name}: expected {symbol} of shape {want}, got {have.shape}")
        if stream.s.dtype != lstm.dtype:
            raise TypeError(f"{name}: expected a step of {lstm.dtype}, got {stream.s.dtype}")

    def __repr__(self) -> str:
        return f"TruncatedGradient({self.lstm!r})"
