r"""The Augmented LSTM: context windows, external input gate, recurrent projection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks, stacking, windows
from lstm_lib.layer import Gradients, Layer, Trace, chunks, columns, in_range, rows, shifted
from lstm_lib.parameters import Parameters
from lstm_lib.stacking import Weights, peep, peep_back, peep_gradient

__all__ = ["AugmentedLSTM"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class _Work:
    """One pass in the working layout ``(N, rows, B)``; K + 3 blocks of d_s rows."""

    W: Weights
    x: Array  # (N, d_x, B)
    X: Array  # (N, L d_x, B): the windows
    xi_du: Array  # (N, d_s, B) if there is an external gate, otherwise empty
    w: Array  # rows u, (g_cx,) g_cs, g_cu, g_cr, r, s, q
    v: Array  # (N, d_v, B)
    s0: Array  # (d_s, B)
    v0: Array  # (d_v, B)

    @property
    def s(self) -> Array:
        """All states, ``(N, d_s, B)``."""
        d = len(self.s0)
        return self.w[:, -2 * d : -d]

    def net_input(self, k: int) -> Array:
        r"""$a_*[n]$ for all steps, from what it is made of; the passes need no copy of it."""
        d, W = len(self.s0), self.W
        K = len(W.b) // d
        block = slice(k * d, (k + 1) * d)
        a = W.x[block] @ self.X
        if k == 0 and self.xi_du.size:
            a *= self.w[:, d : 2 * d]  # g_cx
        a += W.v[block] @ shifted(self.v0, self.v)
        a += W.b[block]
        if k and W.s.size:
            seen = self.s if k == K - 1 else shifted(self.s0, self.s)
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
        The windows $\Lambda_*$ by path, ``"cu"``, ``"cs"``, ``"cr"``, ``"du"``, ``"cx"``: a range
        of lags $l$ in $x[n-l]$ with step 1 (negative lags look into the future), or a number
        ``L`` for ``range(L)``; ``range(1)`` unless given.
    external_gate
        Whether there is a $g_{cx}$.
    peepholes
        ``"full"``, ``"diagonal"`` or ``None``, as in :class:`~lstm_lib.lstm.VanillaLSTM`.
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
        The windows in use, by path.

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
        peepholes: str | None = "full",
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
        if peepholes is not None:
            checks.one_of("peepholes", peepholes, ("full", "diagonal"))
        self.peepholes = peepholes
        self.dtype = checks.float_dtype("dtype", dtype)
        self.lags = self._windows({} if lags is None else lags)
        self._union = windows.union(list(self.lags.values()))
        # du first, the gates that look at the old state together, cr beside s: as in lstm.py
        self._rows = ("du", *(("cx",) if external_gate else ()), "cs", "cu", "cr")
        random = checks.generator("rng", rng)
        shapes: dict[str, tuple[int, ...]] = {}
        for gate, window in self.lags.items():
            shapes[f"W_x{gate}"] = (len(window), d_s, d_x)
            if peepholes and gate != "du":
                shapes[f"W_s{gate}"] = (d_s, d_s) if peepholes == "full" else (d_s,)
            shapes[f"W_v{gate}"] = (d_s, self.d_v)
            shapes[f"b_{gate}"] = (d_s,)
        if self.projected:
            shapes["W_qdr"] = (self.d_v, d_s)
        self.params = Parameters(shapes, self.dtype)
        stacking.draw(self.params, random)

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
            ``x, xi_*, a_*, g_*, u, s, r, q, v, s0, v0`` with ``*`` the paths ``cu``, ``cs``,
            ``cr``, ``du`` and, if there is an external gate, ``cx``.
        """
        x, single = self._input(x)
        (N, _, B), d = x.shape, self.d_s
        s0 = s_prev = self._start("s0", s0, d, B, single)
        v0 = v_prev = self._start("v0", v0, self.d_v, B, single)
        X = windows.stack(x, self._union)
        W = stacking.stack(
            self.params,
            self._rows,
            lambda row, W_x: windows.widen(W_x, self.lags[row], self._union),
        )
        half = W.halved(d)

        # The rows are net inputs at first and become gates in place; r, s, q follow.
        K = len(self._rows)
        w = np.empty((N, (K + 3) * d, B), self.dtype)
        v_ = np.empty((N, self.d_v if self.projected else 0, B), self.dtype)
        xi_du_ = np.empty((N, d if self.external_gate else 0, B), self.dtype)
        t_1, t_s, t_v = (np.empty((k * d, B), self.dtype) for k in (1, K - 2, K))
        with np.errstate(over="ignore", invalid="ignore"):
            np.matmul(half.x, X, out=w[:, : K * d])
            if self.external_gate:
                xi_du_[...] = w[:, :d]
                w[:, :d] = 0
            w[:, : K * d] += half.b
            for a, u, g_old, g_cx, g_cs, g_cu, g_cr, r, s, q, xi_du, v in zip(
                *rows(w, d, (0, K), (0, 1), (1, K - 1), (1, 2)),
                *rows(w, d, *((k, k + 1) for k in range(K - 3, K + 3))),
                *(xi_du_, v_),
                strict=True,
            ):
                a += np.dot(half.v, v_prev, out=t_v)
                if self.peepholes:
                    g_old += peep(half.s, s_prev, out=t_s)
                np.tanh(g_old, out=g_old)  # a_cx, a_cs, a_cu -> g_cx, g_cs, g_cu
                g_old *= 0.5
                g_old += 0.5
                if self.external_gate:
                    u += np.multiply(g_cx, xi_du, out=t_1)
                np.tanh(u, out=u)
                np.multiply(g_cs, s_prev, out=s)
                s += np.multiply(g_cu, u, out=t_1)
                if self.peepholes:
                    g_cr += peep(half.scr, s, out=t_1)
                np.tanh(g_cr, out=g_cr)
                g_cr *= 0.5
                g_cr += 0.5
                np.tanh(s, out=r)
                np.multiply(g_cr, r, out=q)
                s_prev, v_prev = s, np.dot(W.qdr, q, out=v) if self.projected else q
        work = _Work(W, x, X, xi_du_, w, v_ if self.projected else w[:, -d:], s0, v0)
        in_range("s", work.s)
        return Trace(self, self._symbols(work), single, work)

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, dE_ds_last: Any = None, dE_dv_last: Any = None
    ) -> Gradients:
        r"""Send the loss's gradient back through a trace.

        .. math::

            \chi[n] &= \nabla_{v[n]}\mathcal L+\sum_{*\in\{cu,cs,cr,du,cx\}}
              W_{v*}^\top\alpha_*[n{+}1]\\
            \rho[n] &= (W_{qdr}^\top\chi[n])\odot g_{cr}[n],\qquad
              \alpha_{cr}[n]=(W_{qdr}^\top\chi[n])\odot r[n]\odot G_c'(a_{cr}[n])\\
            \psi[n] &= \rho[n]\odot G_d'(s[n])+W_{scr}^\top\alpha_{cr}[n]
              +g_{cs}[n{+}1]\odot\psi[n{+}1]+\sum_{*\in\{cu,cs,cx\}}W_{s*}^\top\alpha_*[n{+}1]\\
            \alpha_{cs}[n] &= \psi[n]\odot s[n-1]\odot G_c'(a_{cs}[n]),\quad
              \alpha_{cu}[n]=\psi[n]\odot u[n]\odot G_c'(a_{cu}[n])\\
            \alpha_{du}[n] &= \psi[n]\odot g_{cu}[n]\odot G_d'(a_{du}[n]),\quad
              \alpha_{cx}[n]=\alpha_{du}[n]\odot\xi_{du}[n]\odot G_c'(a_{cx}[n])

        The error that reaches $\xi_*$ is $\epsilon_{du}=\alpha_{du}\odot g_{cx}$ and otherwise
        $\epsilon_*=\alpha_*$; then $\partial E/\partial W_{x*}[l]=\sum_n\epsilon_*[n]x[n-l]^\top$
        and $\partial E/\partial x[m]=\sum_*\sum_l W_{x*}[l]^\top\epsilon_*[m+l]$.

        Parameters
        ----------
        trace
            What :meth:`forward` returned.
        dE_dv
            $\nabla_{v[n]}\mathcal L$ at every step, of the shape of ``trace.v``.
        dE_ds_last, dE_dv_last
            Gradients that arrive at the final $s$ and $v$ from beyond the sequence.

        Returns
        -------
        Gradients
            ``params, x, s0, v0, chi, rho, psi, alpha_*`` and ``epsilon_du``.
        """
        work: _Work = self._check_trace(trace)
        W, X, w, d = work.W, work.X, work.w, self.d_s
        N, _, B = X.shape
        K = len(self._rows)
        chi_ = self._errors("dE_dv", dE_dv, "dE_dv_last", dE_dv_last, trace, X.shape)
        psi_next = self._start("dE_ds_last", dE_ds_last, d, B, trace._single)

        errors = np.empty((N, (K + 1) * d, B), self.dtype)  # alpha_*, psi
        alpha_next = np.zeros((K * d, B), self.dtype)
        g_cs_next = np.ones((d, B), self.dtype)  # the error at the final s arrives unchanged
        t, t_q, t_v = (np.empty((k, B), self.dtype) for k in (d, d, self.d_v))
        dE_dX = np.empty_like(X)
        dE_dW = W.zeros()
        with np.errstate(over="ignore", invalid="ignore"):
            for part in chunks(N, K * d * B, self.dtype.itemsize):
                s_prev = shifted(work.s0, work.s, part)
                F, F_psi = self._factors(w[part], s_prev, work.xi_du[part])
                for chi, alpha, alpha_old, alpha_cr, psi, F_old, F_cr, F_r, g_cs in zip(
                    chi_[part][::-1],
                    *rows(errors[part][::-1], d, (0, K), (0, K - 1), (K - 1, K), (K, K + 1)),
                    *rows(F[::-1], d, (0, K - 1), (K - 1, K)),
                    *(F_psi[::-1], w[part][::-1, (K - 3) * d : (K - 2) * d]),
                    strict=True,
                ):
                    chi += np.dot(W.v.T, alpha_next, out=t_v)
                    dE_dq = np.dot(W.qdr.T, chi, out=t_q) if self.projected else chi
                    np.multiply(dE_dq, F_cr, out=alpha_cr)
                    np.multiply(dE_dq, F_r, out=psi)
                    if self.peepholes:
                        psi += peep_back(W.scr, alpha_cr, out=t)
                    psi += np.multiply(g_cs_next, psi_next, out=t)
                    if self.peepholes:
                        psi += peep_back(W.s, alpha_next[d : (K - 1) * d], out=t)
                    np.multiply(
                        F_old.reshape(K - 1, d, B), psi, out=alpha_old.reshape(K - 1, d, B)
                    )  # alpha_du, alpha_cx, alpha_cs, alpha_cu
                    alpha_next, psi_next, g_cs_next = alpha, psi, g_cs

                alpha_part = errors[part, : K * d]
                alpha_columns = columns(alpha_part)  # (K d_s, steps·B)
                dE_dW.v += alpha_columns @ columns(shifted(work.v0, work.v, part)).T
                dE_dW.b += alpha_columns.sum(axis=1, keepdims=True)
                epsilon = alpha_part
                if self.external_gate:
                    epsilon = alpha_part.copy()
                    epsilon[:, :d] *= w[part, d : 2 * d]
                dE_dW.x += columns(epsilon) @ columns(X[part]).T
                np.matmul(W.x.T, epsilon, out=dE_dX[part])
                if self.peepholes:
                    alpha_old, alpha_cr = rows(alpha_part, d, (1, K - 1), (K - 1, K))
                    dE_dW.s += peep_gradient(W.s, alpha_old, s_prev)
                    dE_dW.scr += peep_gradient(W.scr, alpha_cr, work.s[part])
                if self.projected:
                    dE_dW.qdr += columns(chi_[part]) @ columns(w[part, -d:]).T
            dE_dv0 = W.v.T @ alpha_next
            dE_ds0 = g_cs_next * psi_next
            if self.peepholes:
                dE_ds0 += peep_back(W.s, alpha_next[d : (K - 1) * d], out=t)
            dE_dx = windows.scatter(dE_dX, self._union)
        psi_ = errors[:, K * d :]
        in_range("psi", psi_, backward=True)

        g_cr, g_cx = w[:, (K - 1) * d : K * d], w[:, d : 2 * d]
        alpha_du = errors[:, :d]
        symbols: dict[str, Any] = {"x": dE_dx, "s0": dE_ds0, "v0": dE_dv0, "chi": chi_, "psi": psi_}
        symbols["rho"] = lambda: (W.qdr.T @ chi_ if self.projected else chi_) * g_cr
        symbols["epsilon_du"] = lambda: alpha_du * (g_cx if self.external_gate else 1)
        for k, row in enumerate(self._rows):
            symbols[f"alpha_{row}"] = errors[:, k * d : (k + 1) * d]
        dE_dparams = stacking.unstack(
            dE_dW, self.params.zeros(), self._rows,
            lambda row, W_x: windows.narrow(W_x, self.lags[row], self._union),
        )  # fmt: skip
        return Gradients(dE_dparams, symbols, trace._single)

    def _factors(self, w: Array, s_prev: Array, xi_du: Array) -> tuple[Array, Array]:
        r"""What the recursion multiplies with, for all steps of a stretch at once.

        $\alpha_{du},\alpha_{cx},\alpha_{cs},\alpha_{cu}$ are $\psi$ times a factor,
        $\alpha_{cr}$ is $\partial E/\partial q$ times a factor, and $\psi$ receives
        $\partial E/\partial q$ times a factor.
        """
        d, K = self.d_s, len(self._rows)
        gates, u = w[:, d : K * d], w[:, :d]
        g_cu, g_cr, r = rows(w, d, *((k, k + 1) for k in range(K - 2, K + 1)))
        F = np.empty((len(w), K * d, w.shape[2]), w.dtype)
        F_cs, F_cu, F_cr = rows(F, d, *((k, k + 1) for k in range(K - 3, K)))
        np.multiply(gates, 1 - gates, out=F[:, d:])  # G_c'
        F[:, :d] = g_cu * (1 - u * u)
        F_cs *= s_prev
        F_cu *= u
        F_cr *= r
        if self.external_gate:
            F[:, d : 2 * d] *= F[:, :d] * xi_du
        return F, g_cr * (1 - r * r)

    def _symbols(self, work: _Work) -> dict[str, Any]:
        """The page's symbols; those that the passes do not need are computed when read."""
        W, X, d, K = work.W, work.X, self.d_s, len(self._rows)
        symbols: dict[str, Any] = {"x": work.x}
        for k, row in enumerate(self._rows):
            block = slice(k * d, (k + 1) * d)
            symbols[f"xi_{row}"] = lambda block=block: W.x[block] @ X
            symbols[f"a_{row}"] = partial(work.net_input, k)
            symbols[f"g_{row}"] = work.w[:, block]
        symbols |= {"u": symbols.pop("g_du"), "r": work.w[:, K * d : (K + 1) * d], "s": work.s}
        symbols["q"] = work.w[:, -d:] if self.projected else work.v.copy
        return symbols | {"v": work.v, "s0": work.s0, "v0": work.v0}

    def _windows(self, lags: Mapping[str, range | int]) -> dict[str, range]:
        """The lags of every path, checked."""
        if not isinstance(lags, Mapping):
            raise TypeError(f"lags: expected a mapping from paths to ranges, got {lags!r}")
        paths = ["cu", "cs", "cr", "du"] + (["cx"] if self.external_gate else [])
        for path in lags:
            checks.one_of("lags", path, paths)
        return {path: windows.lag_range(f"lags[{path!r}]", lags.get(path, 1)) for path in paths}

    def _describe(self) -> str:
        lags = {path: f"{lag.start}..{lag.stop - 1}" for path, lag in self.lags.items()}
        return (
            f"d_x={self.d_x}, d_s={self.d_s}, d_v={self.d_v if self.projected else None}, "
            f"lags={lags}, external_gate={self.external_gate}, peepholes={self.peepholes!r}"
        )
