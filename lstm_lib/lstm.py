r"""The Vanilla LSTM, with full, diagonal or no peepholes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks, stacking
from lstm_lib.layer import Gradients, Layer, Trace, chunks, columns, in_range, rows, shifted
from lstm_lib.parameters import Parameters
from lstm_lib.stacking import Weights, peep, peep_back, peep_gradient

__all__ = ["VanillaLSTM"]

Array = NDArray[np.floating]

ROWS = ("du", "cs", "cu", "cr")
EACH = tuple((k, k + 1) for k in range(7))


@dataclass(frozen=True)
class _Work:
    """One pass in the working layout ``(N, rows, B)``: blocks of d_s rows."""

    W: Weights
    x: Array  # (N, d_x, B)
    w: Array  # (N, 7 d_s, B), rows u, g_cs, g_cu, g_cr, r, s, v
    s0: Array  # (d_s, B)
    v0: Array

    @property
    def s(self) -> Array:
        """All states, ``(N, d_s, B)``."""
        return rows(self.w, len(self.s0), (5, 6))[0]

    @property
    def v(self) -> Array:
        """All values, ``(N, d_s, B)``."""
        return rows(self.w, len(self.s0), (6, 7))[0]

    def net_input(self, row: str) -> Array:
        r"""$a_*[n]$ for all steps, from what it is made of; the passes need no copy of it."""
        d, k = len(self.s0), ROWS.index(row)
        block, W = slice(k * d, (k + 1) * d), self.W
        a = W.x[block] @ self.x + W.v[block] @ shifted(self.v0, self.v) + W.b[block]
        if row != "du" and W.s.size:
            seen = self.s if row == "cr" else shifted(self.s0, self.s)
            peepholes = W.scr if row == "cr" else np.split(W.s, 2)[k - 1]
            a += peepholes @ seen if W.s.ndim == 2 else peepholes[0] * seen
        return a


class VanillaLSTM(Layer):
    r"""The Vanilla LSTM.

    .. math::

        a_{cu}[n] &= W_{xcu}x[n]+W_{scu}s[n-1]+W_{vcu}v[n-1]+b_{cu} &~~g_{cu}[n]&=G_c(a_{cu}[n])\\
        a_{cs}[n] &= W_{xcs}x[n]+W_{scs}s[n-1]+W_{vcs}v[n-1]+b_{cs} & g_{cs}[n]&=G_c(a_{cs}[n])\\
        a_{du}[n] &= W_{xdu}x[n]+W_{vdu}v[n-1]+b_{du}               & u[n]&=G_d(a_{du}[n])\\
        s[n] &= g_{cs}[n]\odot s[n-1]+g_{cu}[n]\odot u[n]           & r[n]&=G_d(s[n])\\
        a_{cr}[n] &= W_{xcr}x[n]+W_{scr}s[n]+W_{vcr}v[n-1]+b_{cr}   & g_{cr}[n]&=G_c(a_{cr}[n])\\
        v[n] &= g_{cr}[n]\odot r[n]

    with $G_c$ the logistic function, $G_d=\tanh$, and $s[-1]$, $v[-1]$ zero unless given. The
    read-out gate looks at the *current* state.

    Parameters
    ----------
    d_x, d_s
        Number of input and of state components; $v$ has $d_s$ components too.
    peepholes
        ``"full"``: $W_{scu},W_{scs},W_{scr}$ are matrices ``(d_s, d_s)``; ``"diagonal"``: diagonal
        matrices, kept as their diagonals ``(d_s,)``; ``None``: absent.
    rng
        Seed or ``numpy.random.Generator`` for the initial weights: $W_{x*}$ normal with variance
        $1/d_x$, $W_{v*}$ random orthogonal, $W_{s*}$ normal with variance $1/(100\,d_s)$
        (diagonal: 1/100), biases 0 except $b_{cs}=1$, which opens the forget gate.
    dtype
        float64 or float32; everything that the layer returns has it.

    Attributes
    ----------
    params
        ``W_xcu, W_xcs, W_xcr, W_xdu`` of shape ``(d_s, d_x)``, ``W_vcu, W_vcs, W_vcr, W_vdu``
        ``(d_s, d_s)``, ``W_scu, W_scs, W_scr`` as above, ``b_cu, b_cs, b_cr, b_du`` ``(d_s,)``.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of ``dtype``; the message names the step.

    Notes
    -----
    Source: Sherstinsky (2020), the section on the Vanilla LSTM. In other words: $g_{cu}$ input
    gate, $g_{cs}$ forget gate, $g_{cr}$ output gate, $u$ candidate, $s$ cell state c, $v$ hidden
    state h.
    """

    def __init__(
        self,
        d_x: int,
        d_s: int,
        peepholes: str | None = "full",
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        self.d_x = checks.size("d_x", d_x)
        self.d_s = self.d_out = checks.size("d_s", d_s)
        if peepholes is not None:
            checks.one_of("peepholes", peepholes, ("full", "diagonal"))
        self.peepholes = peepholes
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        shapes: dict[str, tuple[int, ...]] = {}
        for gate in ("cu", "cs", "cr", "du"):
            shapes[f"W_x{gate}"] = (d_s, d_x)
            if peepholes and gate != "du":
                shapes[f"W_s{gate}"] = (d_s, d_s) if peepholes == "full" else (d_s,)
            shapes[f"W_v{gate}"] = (d_s, d_s)
            shapes[f"b_{gate}"] = (d_s,)
        self.params = Parameters(shapes, self.dtype)
        stacking.draw(self.params, random)

    @property
    def states(self) -> dict[str, int]:
        """``s0`` and ``v0``, both of ``d_s`` components."""
        return {"s0": self.d_s, "v0": self.d_s}

    def forward(self, x: Any, s0: Any = None, v0: Any = None) -> Trace:  # type: ignore[override]
        r"""Run the recurrence over a sequence.

        Parameters
        ----------
        x
            Inputs $x[0],\dots,x[N-1]$, ``(N, B, d_x)``, or ``(N, d_x)`` for a single sequence.
        s0, v0
            $s[-1]$ and $v[-1]$, ``(B, d_s)``, or ``(d_s,)`` for a single sequence.

        Returns
        -------
        Trace
            ``x, a_cu, a_cs, a_cr, a_du, g_cu, g_cs, g_cr, u, s, r, v, s0, v0``.
        """
        x, single = self._input(x)
        (N, _, B), d = x.shape, self.d_s
        s0 = s_prev = self._start("s0", s0, d, B, single)
        v0 = v_prev = self._start("v0", v0, d, B, single)
        W = stacking.stack(self.params, ROWS, lambda _, W_x: W_x)
        half = W.halved(d)

        # The rows are net inputs at first and become gates in place: u, g_cs, g_cu, g_cr, r, s, v.
        w = np.empty((N, 7 * d, B), self.dtype)
        early = 3 if self.peepholes else 4  # with peepholes g_cr must wait for the new state
        t_1, t_2, t_4 = (np.empty((k * d, B), self.dtype) for k in (1, 2, 4))
        with np.errstate(over="ignore", invalid="ignore"):
            np.matmul(half.x, x, out=w[:, : 4 * d])  # the input's part of every step at once
            w[:, : 4 * d] += half.b
            for a, a_cscu, a_early, g_early, u, g_cs, g_cu, g_cr, r, s, v in zip(
                *rows(w, d, (0, 4), (1, 3), (0, early), (1, early), *EACH), strict=True
            ):
                a += np.dot(half.v, v_prev, out=t_4)  # a = W_x x[n] + b + W_v v[n-1] ...
                if self.peepholes:
                    a_cscu += peep(half.s, s_prev, out=t_2)  # ... + W_s s[n-1], for cs and cu
                np.tanh(a_early, out=a_early)  # u = G_d(a_du), and on the way to
                g_early *= 0.5  # g = G_c(a) = tanh(a/2)/2 + 1/2
                g_early += 0.5
                np.multiply(g_cs, s_prev, out=s)  # s = g_cs ⊙ s[n-1] ...
                s += np.multiply(g_cu, u, out=t_1)  # ... + g_cu ⊙ u
                if self.peepholes:
                    g_cr += peep(half.scr, s, out=t_1)  # a_cr sees the current state
                    np.tanh(g_cr, out=g_cr)
                    g_cr *= 0.5
                    g_cr += 0.5
                np.tanh(s, out=r)  # r = G_d(s)
                np.multiply(g_cr, r, out=v)  # v = g_cr ⊙ r
                s_prev, v_prev = s, v
        in_range("s", w[:, 5 * d : 6 * d])

        work = _Work(W, x, w, s0, v0)
        names = ("u", "g_cs", "g_cu", "g_cr", "r", "s", "v")
        symbols: dict[str, Any] = {"x": x, "s0": s0, "v0": v0}
        symbols |= zip(names, rows(w, d, *EACH), strict=True)
        symbols |= {f"a_{row}": partial(work.net_input, row) for row in ROWS}
        return Trace(self, symbols, single, work)

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, dE_ds_last: Any = None, dE_dv_last: Any = None
    ) -> Gradients:
        r"""Send the loss's gradient back through a trace.

        .. math::

            \chi[n] &= \nabla_{v[n]}\mathcal L+W_{vcu}^\top\alpha_{cu}[n{+}1]
              +W_{vcs}^\top\alpha_{cs}[n{+}1]+W_{vcr}^\top\alpha_{cr}[n{+}1]
              +W_{vdu}^\top\alpha_{du}[n{+}1]\\
            \rho[n] &= \chi[n]\odot g_{cr}[n],\qquad
              \alpha_{cr}[n]=\chi[n]\odot r[n]\odot G_c'(a_{cr}[n])\\
            \psi[n] &= \rho[n]\odot G_d'(s[n])+W_{scr}^\top\alpha_{cr}[n]
              +g_{cs}[n{+}1]\odot\psi[n{+}1]+W_{scu}^\top\alpha_{cu}[n{+}1]
              +W_{scs}^\top\alpha_{cs}[n{+}1]\\
            \alpha_{cs}[n] &= \psi[n]\odot s[n-1]\odot G_c'(a_{cs}[n]),\quad
              \alpha_{cu}[n]=\psi[n]\odot u[n]\odot G_c'(a_{cu}[n]),\quad
              \alpha_{du}[n]=\psi[n]\odot g_{cu}[n]\odot G_d'(a_{du}[n])

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
            ``params, x, s0, v0, chi, rho, psi, alpha_cu, alpha_cs, alpha_cr, alpha_du``.
        """
        work: _Work = self._check_trace(trace)
        W, x, w, d = work.W, work.x, work.w, self.d_s
        N, _, B = x.shape
        chi_ = self._errors("dE_dv", dE_dv, "dE_dv_last", dE_dv_last, trace, x.shape)
        psi_next = self._start("dE_ds_last", dE_ds_last, d, B, trace._single)

        errors = np.empty((N, 5 * d, B), self.dtype)  # alpha_du, alpha_cs, alpha_cu, alpha_cr, psi
        alpha_next = np.zeros((4 * d, B), self.dtype)
        g_cs_next = np.ones((d, B), self.dtype)  # the error at the final s arrives unchanged
        t = np.empty((d, B), self.dtype)
        dE_dx = np.empty_like(x)
        dE_dW = W.zeros()
        with np.errstate(over="ignore", invalid="ignore"):
            for part in chunks(N, 4 * d * B, self.dtype.itemsize):
                s_prev = shifted(work.s0, work.s, part)
                F, F_psi = _factors(w[part], s_prev, d)
                for chi, alpha, alpha_ducscu, alpha_cr, psi, F_ducscu, F_cr, F_r, g_cs in zip(
                    chi_[part][::-1],
                    *rows(errors[part][::-1], d, (0, 4), (0, 3), (3, 4), (4, 5)),
                    *rows(F[::-1], d, (0, 3), (3, 4)),
                    *(F_psi[::-1], w[part][::-1, d : 2 * d]),
                    strict=True,
                ):
                    chi += np.dot(W.v.T, alpha_next, out=t)  # χ = ∇L + Σ W_v^T α[n+1]
                    np.multiply(chi, F_cr, out=alpha_cr)  # α_cr = χ ⊙ r ⊙ G_c'
                    np.multiply(chi, F_r, out=psi)  # ψ = χ ⊙ g_cr ⊙ G_d' ...
                    if self.peepholes:
                        psi += peep_back(W.scr, alpha_cr, out=t)  # ... + W_scr^T α_cr
                    psi += np.multiply(g_cs_next, psi_next, out=t)  # ... + g_cs[n+1] ⊙ ψ[n+1]
                    if self.peepholes:  # ... + W_scu^T α_cu[n+1] + W_scs^T α_cs[n+1]
                        psi += peep_back(W.s, alpha_next[d : 3 * d], out=t)
                    # α_du, α_cs, α_cu = ψ ⊙ what stands beside it
                    np.multiply(F_ducscu.reshape(3, d, B), psi, out=alpha_ducscu.reshape(3, d, B))
                    alpha_next, psi_next, g_cs_next = alpha, psi, g_cs

                alpha_part = errors[part, : 4 * d]
                np.matmul(W.x.T, alpha_part, out=dE_dx[part])
                alpha_columns = columns(alpha_part)  # (4 d_s, steps·B)
                dE_dW.x += alpha_columns @ columns(x[part]).T
                dE_dW.v += alpha_columns @ columns(shifted(work.v0, work.v, part)).T
                dE_dW.b += alpha_columns.sum(axis=1, keepdims=True)
                if self.peepholes:
                    alpha_cscu, alpha_cr = rows(alpha_part, d, (1, 3), (3, 4))
                    dE_dW.s += peep_gradient(W.s, alpha_cscu, s_prev)
                    dE_dW.scr += peep_gradient(W.scr, alpha_cr, work.s[part])
            dE_dv0 = W.v.T @ alpha_next
            dE_ds0 = g_cs_next * psi_next
            if self.peepholes:
                dE_ds0 += peep_back(W.s, alpha_next[d : 3 * d], out=t)
        alpha_du, alpha_cs, alpha_cu, alpha_cr, psi_ = rows(errors, d, *EACH[:5])
        in_range("psi", psi_, backward=True)

        g_cr = w[:, 3 * d : 4 * d]
        symbols: dict[str, Any] = {
            "alpha_cu": alpha_cu, "alpha_cs": alpha_cs, "alpha_cr": alpha_cr, "alpha_du": alpha_du,
            "x": dE_dx, "s0": dE_ds0, "v0": dE_dv0, "chi": chi_, "rho": lambda: chi_ * g_cr,
            "psi": psi_,
        }  # fmt: skip
        dE_dparams = stacking.unstack(dE_dW, self.params.zeros(), ROWS, lambda _, W_x: W_x)
        return Gradients(dE_dparams, symbols, trace._single)

    def _describe(self) -> str:
        return f"d_x={self.d_x}, d_s={self.d_s}, peepholes={self.peepholes!r}"


def _factors(w: Array, s_prev: Array, d: int) -> tuple[Array, Array]:
    r"""What the recursion multiplies with, for all steps of a stretch at once.

    $\alpha_{du},\alpha_{cs},\alpha_{cu}$ are $\psi$ times a factor, $\alpha_{cr}$ is $\chi$ times
    a factor, and $\psi$ receives $\chi$ times a factor.
    """
    u, _, g_cu, g_cr, r = rows(w, d, *EACH[:5])
    gates = w[:, d : 4 * d]
    F = np.empty((len(w), 4 * d, w.shape[2]), w.dtype)
    F_du, F_cs, F_cu, F_cr = rows(F, d, *EACH[:4])
    np.multiply(gates, 1 - gates, out=F[:, d:])  # G_c'
    F_du[...] = g_cu * (1 - u * u)
    F_cs *= s_prev
    F_cu *= u
    F_cr *= r
    return F, g_cr * (1 - r * r)
