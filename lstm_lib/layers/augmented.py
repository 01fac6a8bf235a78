r"""The Augmented LSTM: context windows, external input gate, recurrent projection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import lags as windows
from lstm_lib.layers import packing
from lstm_lib.layers.base import (
    Exportable,
    Gradients,
    Layer,
    Trace,
    chunks,
    columns,
    in_range,
    times,
)
from lstm_lib.layers.packing import Weights, peep, peep_back, peep_gradient
from lstm_lib.parameters import Parameters

__all__ = ["AugmentedLSTM"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class _Work:
    """One pass in the working layout: ``w[n]`` is one column with all that step n is made of.

    As in lstm.py. Its rows are X[n], 1, v[n-1], then blocks of d_s rows: s[n-1], u[n], (g_cx[n],)
    g_cs[n], g_cu[n], g_cr[n], r[n], (q[n]).
    """

    W: Weights
    x: Array  # (N, d_x, B)
    xi_du: Array  # (N, d_s, B) if there is an external gate, otherwise empty
    w: Array  # (N + 1, ..., B)
    d: int

    @property
    def X(self) -> Array:
        """The windows, ``(N, L d_x, B)``."""
        return self.w[:-1, : self.W.x.shape[1]]

    @property
    def z(self) -> Array:
        """What $W_x$, b, $W_v$ multiply: X[n], 1, v[n-1] for all steps."""
        return self.w[:-1, : self.W.x.shape[1] + 1 + self.W.v.shape[1]]

    @property
    def v(self) -> Array:
        """v[-1] and all values, ``(N + 1, d_v, B)``."""
        end = self.z.shape[1]
        return self.w[:, end - self.W.v.shape[1] : end]

    def rows(self, first: int, last: int) -> Array:
        """Blocks of d_s rows at every step: 0 is s[n-1], 1 u, ..., K + 1 r."""
        begin = self.z.shape[1]
        return self.w[:, begin + first * self.d : begin + last * self.d]

    def net_input(self, k: int) -> Array:
        r"""$a_*[n]$ for all steps, from what it is made of; the passes need no copy of it."""
        d, W = self.d, self.W
        K = len(W.b) // d
        block = slice(k * d, (k + 1) * d)
        a = W.x[block] @ self.X
        if k == 0 and self.xi_du.size:
            a *= self.rows(2, 3)[:-1]  # g_cx
        a += W.v[block] @ self.v[:-1]
        a += W.b[block]
        if k and W.s.size:
            s = self.rows(0, 1)
            seen = s[1:] if k == K - 1 else s[:-1]
            peepholes = W.scr if k == K - 1 else np.split(W.s, K - 2)[k - 1]
            a += peepholes @ seen if W.s.ndim == 2 else peepholes[0] * seen
        return a


class AugmentedLSTM(Layer):
    r"""The Augmented LSTM.

    .. math::

        \xi_*[n] &= \sum_{l\in\Lambda_*} W_{x*}[l]\,x[n-l], \quad *\in\{cu,cs,cr,du,cx\}, \qquad
            x[m]=0 \text{ outside the sequence}\\
        a_{cu}[n] &= \xi_{cu}[n]+W_{scu}s[n-1]+W_{vcu}v[n-1]+b_{cu} &~~g_{cu}[n]&=G_c(a_{cu}[n])\\
        a_{cs}[n] &= \xi_{cs}[n]+W_{scs}s[n-1]+W_{vcs}v[n-1]+b_{cs} & g_{cs}[n]&=G_c(a_{cs}[n])\\
        a_{cx}[n] &= \xi_{cx}[n]+W_{scx}s[n-1]+W_{vcx}v[n-1]+b_{cx} & g_{cx}[n]&=G_c(a_{cx}[n])\\
        a_{du}[n] &= g_{cx}[n]\odot\xi_{du}[n]+W_{vdu}v[n-1]+b_{du} & u[n]&=G_d(a_{du}[n])\\
        s[n] &= g_{cs}[n]\odot s[n-1]+g_{cu}[n]\odot u[n]           & r[n]&=G_d(s[n])\\
        a_{cr}[n] &= \xi_{cr}[n]+W_{scr}s[n]+W_{vcr}v[n-1]+b_{cr}   & g_{cr}[n]&=G_c(a_{cr}[n])\\
        q[n] &= g_{cr}[n]\odot r[n]                                 & v[n]&=W_{qdr}\,q[n]

    Without the external gate $g_{cx}=1$, without the projection $v=q$; with one lag, 0, in every
    window, without either and with the same weights it is the Vanilla LSTM.

    Parameters
    ----------
    d_x, d_s
        Number of input and of state components.
    d_v
        Number of components of $v$, at most ``d_s``; ``None`` for no projection.
    lags
        The windows $\Lambda_*$ by reader, ``"cu"``, ``"cs"``, ``"cr"``, ``"du"``, ``"cx"``: a range
        of lags $l$ in $x[n-l]$ with step 1 (negative lags look into the future), or a number
        ``L`` for ``range(L)``; ``range(1)`` unless given.
    external_gate
        Whether there is a $g_{cx}$.
    peepholes
        ``"full"``, ``"diagonal"``, or ``None`` or ``False``, as in
        :class:`~lstm_lib.layers.lstm.VanillaLSTM`.
    rng
        Seed or ``numpy.random.Generator`` for the initial weights: $W_{x*}$ normal with variance
        $1/(d_x|\Lambda_*|)$, $W_{v*}$ and $W_{qdr}$ with orthonormal rows or columns, $W_{s*}$
        normal with variance $1/(100\,d_s)$ (diagonal: 1/100), biases 0 except $b_{cs}=b_{cx}=1$.
    dtype
        float64 or float32; everything that the layer returns has it.

    Attributes
    ----------
    params
        ``W_x*`` of shape ``(len(lags), d_s, d_x)``, tap ``i`` for the i-th lag of the range,
        ``W_v*`` ``(d_s, d_v)``, ``W_scu, W_scs, W_scr, W_scx`` ``(d_s, d_s)``, or ``(d_s,)`` if
        diagonal, ``b_*`` ``(d_s,)``, ``W_qdr`` ``(d_v, d_s)``.
    lags
        The windows in use, by reader.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of ``dtype``; the message names the step.

    Notes
    -----
    Source: Sherstinsky (2020), the section on the Augmented LSTM. The projection is that of Sak
    et al. (2014), ``proj_size`` in PyTorch.
    """

    def __init__(
        self,
        d_x: int,
        d_s: int,
        d_v: int | None = None,
        lags: Mapping[str, range | int] | None = None,
        external_gate: bool = True,
        peepholes: str | bool | None = "full",
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        self.d_x = checks.size("d_x", d_x)
        self.d_s = checks.size("d_s", d_s)
        self.projected = d_v is not None
        self.d_v = self.d_out = self.d_s if d_v is None else checks.size("d_v", d_v)
        if self.d_v > self.d_s:
            raise ValueError(f"d_v: expected at most d_s = {d_s}, got {d_v}")
        self.external_gate = checks.flag("external_gate", external_gate)
        self.peepholes = packing.peephole_kind(peepholes)
        self.dtype = checks.float_dtype("dtype", dtype)
        self.lags = self._windows({} if lags is None else lags)
        self._union = windows.union(list(self.lags.values()))
        # du first, the gates that look at the old state together, cr beside s: as in lstm.py
        self._rows = ("du", *(("cx",) if external_gate else ()), "cs", "cu", "cr")
        random = checks.generator("rng", rng)
        inputs = {path: (len(window), d_s, d_x) for path, window in self.lags.items()}
        shapes = packing.shapes(inputs, d_s, self.d_v, self.peepholes)
        if self.projected:
            shapes["W_qdr"] = (self.d_v, d_s)
        self.params = Parameters(shapes, self.dtype)
        packing.draw(self.params, random)

    @property
    def states(self) -> dict[str, int]:
        """``s0`` of ``d_s`` and ``v0`` of ``d_v`` components."""
        return {"s0": self.d_s, "v0": self.d_v}

    def forward(self, x: Any, s0: Any = None, v0: Any = None) -> Trace:  # type: ignore[override]
        r"""Run the recurrence over a sequence.

        Parameters
        ----------
        x
            Inputs $x[0],\dots,x[N-1]$, ``(N, B, d_x)``, or ``(N, d_x)`` for a single sequence.
        s0, v0
            $s[-1]$, ``(B, d_s)``, and $v[-1]$, ``(B, d_v)``; without ``B`` for a single sequence.

        Returns
        -------
        Trace
            ``x, xi_*, a_*, g_*, u, s, r, q, v, s0, v0`` with ``*`` the readers ``cu``, ``cs``,
            ``cr``, ``du`` and, if there is an external gate, ``cx``.
        """
        x, single = self._input(x)
        (N, _, B), d = x.shape, self.d_s
        X = windows.stack(x, self._union)
        W = packing.stack(
            self.params,
            self._rows,
            lambda row, W_x: windows.widen(W_x, self.lags[row], self._union),
        )
        half = W.halved(d)
        K, (L, end) = len(self._rows), np.cumsum([X.shape[1], 1 + self.d_v])
        W_z = packing.suited(np.hstack([half.x, half.b, half.v]), B)
        see_old, see_new = peep(half.s, B), peep(half.scr, B)

        w = np.empty((N + 1, end + (K + 2 + self.projected) * d, B), self.dtype)
        w[:-1, :L] = X
        w[:, L] = 1
        xi_du_ = np.empty((N, d if self.external_gate else 0, B), self.dtype)
        work = _Work(W, w[:-1, :L] if X is x else x, xi_du_, w, d)
        s, v = work.rows(0, 1), work.v
        s[0] = self._start("s0", s0, d, B, single)
        v[0] = self._start("v0", v0, self.d_v, B, single)
        q_ = work.rows(K + 2, K + 3)[:-1] if self.projected else v[1:]
        t, gated = np.empty((d, B), self.dtype), np.empty((2 * d, B), self.dtype)
        t_old = np.empty(((K - 2) * d, B), self.dtype)
        from_s, from_u = gated[:d], gated[d:]
        one_half = np.array(0.5, self.dtype)
        with checks.quiet():
            if self.external_gate:
                times(W.x[:d], work.X, out=xi_du_)
                W_z[:d, :L] = 0  # g_cx stands before it
            for z, a, u, g_cx, g_old, g_cscu, su, s_prev, g_cr, r, s_n, q, v_n, xi_du in zip(
                work.z, *(work.rows(*k) for k in ((1, K + 1), (1, 2), (2, 3), (2, K), (K - 2, K))),
                *(work.rows(*k) for k in ((0, 2), (0, 1), (K, K + 1), (K + 1, K + 2))),
                s[1:], q_, v[1:], xi_du_, strict=False,
            ):  # fmt: skip
                W_z.dot(z, a)
                if self.peepholes:
                    g_old += see_old(s_prev, t_old)
                np.tanh(g_old, g_old)  # a_cx, a_cs, a_cu -> g_cx, g_cs, g_cu
                g_old *= one_half
                g_old += one_half
                if self.external_gate:
                    u += np.multiply(g_cx, xi_du, t)
                np.tanh(u, u)
                np.multiply(g_cscu, su, gated)
                np.add(from_s, from_u, s_n)
                if self.peepholes:
                    g_cr += see_new(s_n, t)
                np.tanh(g_cr, g_cr)
                g_cr *= one_half
                g_cr += one_half
                np.tanh(s_n, r)
                np.multiply(g_cr, r, q)
                if self.projected:
                    W.qdr.dot(q, v_n)
        in_range("s", s[1:])
        in_range("v", v[1:])
        return Trace(self, self._symbols(work), single, work)

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, dE_ds_last: Any = None, dE_dv_last: Any = None
    ) -> Gradients:
        r"""Send the loss's gradient back through a trace.

        Backward equations: derived by ``lstm_lib.derive.augmented_lstm``.
        Backward equations, diagonal peepholes: derived by
        ``lstm_lib.derive.augmented_lstm_variant(peepholes='diagonal')``.
        Backward equations, no external gate and no projection: derived by
        ``lstm_lib.derive.augmented_lstm_variant(external_gate=False, projection=False)``.
        To see them: ``print(lstm_lib.derive.augmented_lstm.backward)``, then ``.gradients``.

        Parameters
        ----------
        trace
            What :meth:`forward` returned.
        dE_dv
            The loss's own gradient $\nabla_{v[n]}\mathcal L$ at every step, without what comes back
            through later steps; of the shape of ``trace.v``.
        dE_ds_last, dE_dv_last
            Gradients that arrive at the final $s$ and $v$ from beyond the sequence.

        Returns
        -------
        Gradients
            ``params, x, s0, v0, chi, rho, psi, alpha_*`` and ``epsilon_du``.
        """
        work: _Work = self._check_trace(trace)
        W, X, z, d = work.W, work.X, work.z, self.d_s
        N, L, B = X.shape
        K = len(self._rows)
        q_ = work.rows(K + 2, K + 3)[:-1]
        chi_ = self._errors("dE_dv", dE_dv, "dE_dv_last", dE_dv_last, trace, X.shape)
        carried = self._start("dE_ds_last", dE_ds_last, d, B, trace._single)

        # Factors at first, errors in place: g_cs ⊙ ψ, which step n - 1 receives, α_*, ψ.
        errors = np.empty((N, K + 2, d, B), self.dtype)
        alpha_ = errors[:, 1:-1].reshape(N, K * d, B)
        alpha = np.zeros((K * d, B), self.dtype)
        alpha_old = alpha[d:-d]
        t, t_q, t_v = (np.empty((k, B), self.dtype) for k in (d, d, self.d_v))
        W_v_T, W_qdr_T = np.ascontiguousarray(W.v.T), np.ascontiguousarray(W.qdr.T)
        seen_old, seen_new = peep_back(W.s), peep_back(W.scr)
        dE_dX = np.empty(X.shape, self.dtype)
        dE_dW, dE_dW_z = W.zeros(), np.zeros((K * d, z.shape[1]), self.dtype)
        with checks.quiet():
            for part in chunks(N, K * d * B, self.dtype.itemsize):
                self._factors(work, part, errors[part])
                back = slice(part.stop - 1, part.start - 1 if part.start else None, -1)
                for chi, of_psi, alpha_cr, psi, carried_n, alpha_n, alpha_old_n in zip(
                    chi_[back], errors[back, :K], *(errors[back, k] for k in (K, K + 1, 0)),
                    alpha_[back], alpha_[back, d:-d], strict=True,
                ):  # fmt: skip
                    chi += W_v_T.dot(alpha, t_v)
                    dE_dq = W_qdr_T.dot(chi, t_q) if self.projected else chi
                    alpha_cr *= dE_dq
                    psi *= dE_dq
                    psi += carried
                    if self.peepholes:
                        psi += seen_new(alpha_cr, t)
                        psi += seen_old(alpha_old, t)
                    of_psi *= psi  # alpha_du, alpha_cx, alpha_cs, alpha_cu
                    alpha, alpha_old, carried = alpha_n, alpha_old_n, carried_n

                epsilon = alpha_part = alpha_[part]
                alpha_columns, z_columns = columns(alpha_part), columns(z[part])
                if self.external_gate:
                    epsilon = alpha_part.copy()
                    epsilon[:, :d] *= work.rows(2, 3)[part]  # g_cx
                    dE_dW_z[:, :L] += columns(epsilon) @ z_columns[:L].T
                    dE_dW_z[:, L:] += alpha_columns @ z_columns[L:].T
                else:
                    dE_dW_z += alpha_columns @ z_columns.T
                times(W.x.T, epsilon, out=dE_dX[part])
                if self.peepholes:
                    s = work.rows(0, 1)
                    dE_dW.s += peep_gradient(W.s, alpha_part[:, d:-d], s[:-1][part])
                    dE_dW.scr += peep_gradient(W.scr, alpha_part[:, -d:], s[1:][part])
                if self.projected:
                    dE_dW.qdr += columns(chi_[part]) @ columns(q_[part]).T
            dE_dv0 = W_v_T @ alpha
            dE_ds0 = carried + seen_old(alpha_old, t) if self.peepholes else carried
            dE_dx = windows.scatter(dE_dX, self._union)
        psi_ = errors[:, -1]
        in_range("psi", psi_, backward=True)

        g_cr, g_cx = work.rows(K, K + 1)[:-1], work.rows(2, 3)[:-1]
        alpha_du = errors[:, 1]
        symbols: dict[str, Any] = {"x": dE_dx, "s0": dE_ds0, "v0": dE_dv0, "chi": chi_, "psi": psi_}
        symbols["rho"] = lambda: (W.qdr.T @ chi_ if self.projected else chi_) * g_cr
        symbols["epsilon_du"] = lambda: alpha_du * (g_cx if self.external_gate else 1)
        symbols |= {f"alpha_{row}": errors[:, k] for k, row in enumerate(self._rows, start=1)}
        dE_dW.x, dE_dW.b, dE_dW.v = np.split(dE_dW_z, [L, L + 1], axis=1)
        dE_dparams = packing.unstack(
            dE_dW, self.params.zeros(), self._rows,
            lambda row, W_x: windows.narrow(W_x, self.lags[row], self._union),
        )  # fmt: skip
        return Gradients(dE_dparams, symbols, trace._single)

    def _factors(self, work: _Work, part: slice, F: Array) -> None:
        r"""What the recursion multiplies with, for all steps of a stretch at once.

        $\alpha_{du},\alpha_{cx},\alpha_{cs},\alpha_{cu}$ and what step n - 1 receives are $\psi$
        times a factor, $\alpha_{cr}$ and what $\psi$ receives are $\partial E/\partial q$ times a
        factor.
        """
        K = len(self._rows)
        w = work.rows(0, K + 2)[part].reshape(F.shape)  # s[n-1], u, (g_cx,) g_cs, g_cu, g_cr, r
        gates, F_gates = w[:, 2 : K + 1], F[:, 2 : K + 1]
        F[:, 0] = w[:, K - 2]
        np.subtract(1, gates, F_gates)
        F_gates *= gates  # G_c'
        F[:, K - 2 : K] *= w[:, :2]  # cs, cu: s[n-1], u
        F[:, K] *= w[:, K + 1]  # cr: r
        for k, gate in ((1, K - 1), (K + 1, K)):  # u with g_cu, r with g_cr
            h, f = w[:, k], F[:, k]
            np.multiply(h, h, f)
            np.subtract(1, f, f)  # G_d'
            f *= w[:, gate]
        if self.external_gate:
            F[:, 2] *= work.xi_du[part]
            F[:, 2] *= F[:, 1]

    def _symbols(self, work: _Work) -> dict[str, Any]:
        """The page's symbols; those that the passes do not need are computed when read."""
        W, d, K = work.W, self.d_s, len(self._rows)
        s, v = work.rows(0, 1), work.v
        symbols: dict[str, Any] = {"x": work.x}
        for k, row in enumerate(self._rows):
            block = slice(k * d, (k + 1) * d)
            symbols[f"xi_{row}"] = lambda block=block: W.x[block] @ work.X
            symbols[f"a_{row}"] = partial(work.net_input, k)
            symbols[f"g_{row}"] = work.rows(k + 1, k + 2)[:-1]
        symbols |= {"u": symbols.pop("g_du"), "r": work.rows(K + 1, K + 2)[:-1], "s": s[1:]}
        symbols["q"] = work.rows(K + 2, K + 3)[:-1] if self.projected else v[1:].copy
        return symbols | {"v": v[1:], "s0": s[0], "v0": v[0]}

    def _lacking(self) -> dict[str, str]:
        if self.external_gate:
            return dict.fromkeys(Exportable.TARGETS, "there is no external gate")
        if any(window != range(1) for window in self.lags.values()):
            return dict.fromkeys(Exportable.TARGETS, "there are no windows, only lag 0")
        reasons = packing.lacking(self.peepholes)
        if self.projected:
            reasons |= dict.fromkeys(("keras", "onnx"), "there is no projection")
            if self.d_v == self.d_s:
                reasons["torch"] = "a projection is to fewer components, d_v < d_s"
        return reasons

    def _windows(self, lags: Mapping[str, range | int]) -> dict[str, range]:
        """The lags of every reader, checked."""
        if not isinstance(lags, Mapping):
            raise TypeError(f"lags: expected a mapping from readers to ranges, got {lags!r}")
        readers = ["cu", "cs", "cr", "du"] + (["cx"] if self.external_gate else [])
        for reader in lags:
            checks.one_of("lags", reader, readers)
        return {at: windows.lag_range(f"lags[{at!r}]", lags.get(at, 1)) for at in readers}

    def _describe(self) -> str:
        lags = {path: f"{lag.start}..{lag.stop - 1}" for path, lag in self.lags.items()}
        return (
            f"d_x={self.d_x}, d_s={self.d_s}, d_v={self.d_v if self.projected else None}, "
            f"lags={lags}, external_gate={self.external_gate}, peepholes={self.peepholes!r}"
        )
