r"""The Vanilla LSTM, with full, diagonal or no peepholes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import packing
from lstm_lib.layers.base import Gradients, Layer, Trace, chunks, columns, in_range, rows, times
from lstm_lib.layers.packing import Weights, peep, peep_back, peep_gradient
from lstm_lib.parameters import Parameters

__all__ = ["VanillaLSTM"]

Array = NDArray[np.floating]

ROWS = ("du", "cs", "cu", "cr")


@dataclass(frozen=True)
class _Work:
    """One pass in the working layout: ``w[n]`` is one column with all that step n is made of.

    Its rows are x[n], 1, v[n-1], s[n-1], u[n], g_cs[n], g_cu[n], g_cr[n], r[n]. What a product
    needs stands together, and v[n], s[n] stand where the next step looks for them.
    """

    W: Weights
    w: Array  # (N + 1, d_x + 1 + 7 d_s, B)
    d_x: int
    d: int

    def rows(self, first: int, last: int) -> Array:
        """Blocks of d_s rows at every step: 0 is v[n-1], 1 s[n-1], 2 u, ..., 5 g_cr, 6 r."""
        return self.w[:, self.d_x + 1 + first * self.d : self.d_x + 1 + last * self.d]

    @property
    def x(self) -> Array:
        """All inputs, ``(N, d_x, B)``."""
        return self.w[:-1, : self.d_x]

    @property
    def z(self) -> Array:
        """What $W_x$, b, $W_v$ multiply: x[n], 1, v[n-1] for all steps."""
        return self.w[:-1, : self.d_x + 1 + self.d]

    def symbols(self) -> dict[str, Array]:
        """The page's symbols, ``(N, d_s, B)``."""
        d, old, now = self.d, self.rows(0, 2), self.rows(2, 7)[:-1]
        names = ("u", "g_cs", "g_cu", "g_cr", "r")
        v, s = rows(old, d, (0, 1), (1, 2))
        symbols = {name: now[:, k * d : (k + 1) * d] for k, name in enumerate(names)}
        return symbols | {"s": s[1:], "v": v[1:], "s0": s[0], "v0": v[0]}

    def net_input(self, row: str) -> Array:
        r"""$a_*[n]$ for all steps, from what it is made of; the passes need no copy of it."""
        k = ROWS.index(row)
        block, W = slice(k * self.d, (k + 1) * self.d), self.W
        a = W.x[block] @ self.x + W.v[block] @ self.rows(0, 1)[:-1] + W.b[block]
        if row != "du" and W.s.size:
            s = self.rows(1, 2)
            seen = s[1:] if row == "cr" else s[:-1]
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
        matrices, kept as their diagonals ``(d_s,)``; ``None`` or ``False``: absent.
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
        peepholes: str | bool | None = "full",
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        self.d_x = checks.size("d_x", d_x)
        self.d_s = self.d_out = checks.size("d_s", d_s)
        self.peepholes = packing.peephole_kind(peepholes)
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        inputs = dict.fromkeys(("cu", "cs", "cr", "du"), (d_s, d_x))
        self.params = Parameters(packing.shapes(inputs, d_s, d_s, self.peepholes), self.dtype)
        packing.draw(self.params, random)

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
        (N, d_x, B), d = x.shape, self.d_s
        W = packing.stack(self.params, ROWS, lambda _, W_x: W_x)
        half = W.halved(d)
        W_z = packing.suited(np.hstack([half.x, half.b, half.v]), B)
        see_old, see_new = peep(half.s, B), peep(half.scr, B)

        work = _Work(W, np.empty((N + 1, d_x + 1 + 7 * d, B), self.dtype), d_x, d)
        work.w[:-1, :d_x] = x
        work.w[:, d_x] = 1
        v, s = rows(work.rows(0, 2), d, (0, 1), (1, 2))
        v[0] = self._start("v0", v0, d, B, single)
        s[0] = self._start("s0", s0, d, B, single)
        early = 5 if self.peepholes else 6  # with peepholes g_cr must wait for the new state
        t, gated = np.empty((d, B), self.dtype), np.empty((2 * d, B), self.dtype)
        from_s, from_u = gated[:d], gated[d:]
        one_half = np.array(0.5, self.dtype)  # as an array, it need not be made into one
        with checks.quiet():
            # Views of every step's rows, made in advance; w[N] holds nothing but the last v and s.
            for z, a, a_early, g_early, g_cscu, su, s_prev, g_cr, r, s_n, v_n in zip(
                work.z, *(work.rows(*k) for k in ((2, 6), (2, early), (3, early), (3, 5))),
                *(work.rows(*k) for k in ((1, 3), (1, 2), (5, 6), (6, 7))), s[1:], v[1:],
                strict=False,
            ):  # fmt: skip
                W_z.dot(z, a)  # a = W_x x[n] + b + W_v v[n-1] ...
                if self.peepholes:
                    g_cscu += see_old(s_prev, gated)  # ... + W_s s[n-1], for cs and cu
                np.tanh(a_early, a_early)  # u = G_d(a_du), and on the way to
                g_early *= one_half  # g = G_c(a) = tanh(a/2)/2 + 1/2
                g_early += one_half
                np.multiply(g_cscu, su, gated)
                np.add(from_s, from_u, s_n)  # s = g_cs ⊙ s[n-1] + g_cu ⊙ u
                if self.peepholes:
                    g_cr += see_new(s_n, t)  # a_cr sees the current state
                    np.tanh(g_cr, g_cr)
                    g_cr *= one_half
                    g_cr += one_half
                np.tanh(s_n, r)  # r = G_d(s)
                np.multiply(g_cr, r, v_n)  # v = g_cr ⊙ r
        in_range("s", s[1:])
        in_range("v", v[1:])

        symbols: dict[str, Any] = {"x": work.x, **work.symbols()}
        symbols |= {f"a_{row}": partial(work.net_input, row) for row in ROWS}
        return Trace(self, symbols, single, work)

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, dE_ds_last: Any = None, dE_dv_last: Any = None
    ) -> Gradients:
        r"""Send the loss's gradient back through a trace.

        Backward equations: derived by ``lstm_lib.derive.vanilla_lstm``.
        Backward equations, diagonal peepholes: derived by
        ``lstm_lib.derive.vanilla_lstm_diagonal``.
        Backward equations, no peepholes: derived by ``lstm_lib.derive.vanilla_lstm_no_peepholes``.
        To see them: ``print(lstm_lib.derive.vanilla_lstm.backward)``, then ``.gradients``.

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
            ``params, x, s0, v0, chi, rho, psi, alpha_cu, alpha_cs, alpha_cr, alpha_du``.
        """
        work: _Work = self._check_trace(trace)
        W, x, z, d = work.W, work.x, work.z, self.d_s
        N, _, B = x.shape
        chi_ = self._errors("dE_dv", dE_dv, "dE_dv_last", dE_dv_last, trace, x.shape)
        carried = self._start("dE_ds_last", dE_ds_last, d, B, trace._single)

        # The rows are factors at first and become errors in place:
        # g_cs ⊙ ψ, which step n - 1 receives, α_du, α_cs, α_cu, α_cr, ψ.
        errors = np.empty((N, 6, d, B), self.dtype)
        alpha_ = errors[:, 1:5].reshape(N, 4 * d, B)
        alpha = np.zeros((4 * d, B), self.dtype)
        alpha_cscu = alpha[d : 3 * d]
        t = np.empty((d, B), self.dtype)
        W_v_T = np.ascontiguousarray(W.v.T)
        seen_old, seen_new = peep_back(W.s), peep_back(W.scr)
        dE_dx = np.empty(x.shape, self.dtype)
        dE_dW, dE_dW_z = W.zeros(), np.zeros((4 * d, z.shape[1]), self.dtype)
        with checks.quiet():
            for part in chunks(N, 4 * d * B, self.dtype.itemsize):
                _factors(work, part, errors[part])
                back = slice(part.stop - 1, part.start - 1 if part.start else None, -1)
                for chi, of_psi, alpha_cr, psi, carried_n, alpha_n, alpha_cscu_n in zip(
                    chi_[back], errors[back, :4], *(errors[back, k] for k in (4, 5, 0)),
                    alpha_[back], alpha_[back, d : 3 * d], strict=True,
                ):  # fmt: skip
                    chi += W_v_T.dot(alpha, t)  # what the nets of step n+1 say about v[n]
                    alpha_cr *= chi  # times its factor
                    psi *= chi  # times its factor: through the read-out ...
                    psi += carried  # ... along the carousel ...
                    if self.peepholes:  # ... and through the peepholes
                        psi += seen_new(alpha_cr, t)
                        psi += seen_old(alpha_cscu, t)
                    of_psi *= psi  # α_du, α_cs, α_cu: times their factors
                    alpha, alpha_cscu, carried = alpha_n, alpha_cscu_n, carried_n

                times(W.x.T, alpha_[part], out=dE_dx[part])
                alpha_columns = columns(alpha_[part])  # (4 d_s, steps·B)
                dE_dW_z += alpha_columns @ columns(z[part]).T
                if self.peepholes:
                    s = work.rows(1, 2)
                    dE_dW.s += peep_gradient(W.s, alpha_[part, d : 3 * d], s[:-1][part])
                    dE_dW.scr += peep_gradient(W.scr, alpha_[part, 3 * d :], s[1:][part])
            dE_dv0 = W_v_T @ alpha
            dE_ds0 = carried + seen_old(alpha_cscu, t) if self.peepholes else carried
        psi_ = errors[:, 5]
        in_range("psi", psi_, backward=True)

        g_cr = work.rows(5, 6)[:-1]
        symbols: dict[str, Any] = {
            **{f"alpha_{row}": errors[:, k] for k, row in enumerate(ROWS, start=1)},
            "x": dE_dx, "s0": dE_ds0, "v0": dE_dv0, "chi": chi_, "rho": lambda: chi_ * g_cr,
            "psi": psi_,
        }  # fmt: skip
        dE_dW.x, dE_dW.b, dE_dW.v = np.split(dE_dW_z, [self.d_x, self.d_x + 1], axis=1)
        dE_dparams = packing.unstack(dE_dW, self.params.zeros(), ROWS, lambda _, W_x: W_x)
        return Gradients(dE_dparams, symbols, trace._single)

    def _lacking(self) -> dict[str, str]:
        return packing.lacking(self.peepholes)

    def _describe(self) -> str:
        return f"d_x={self.d_x}, d_s={self.d_s}, peepholes={self.peepholes!r}"


def _factors(work: _Work, part: slice, F: Array) -> None:
    r"""What the recursion multiplies with, for all steps of a stretch at once.

    $\alpha_{du},\alpha_{cs},\alpha_{cu}$ and what step n - 1 receives are $\psi$ times a factor,
    $\alpha_{cr}$ and what $\psi$ receives are $\chi$ times a factor.
    """
    w = work.rows(1, 7)[part].reshape(F.shape)  # blocks s[n-1], u, g_cs, g_cu, g_cr, r
    s_u, u, g_cs, gates, g_cu, g_cr, r = (w[:, k] for k in (slice(2), 1, 2, slice(2, 5), 3, 4, 5))
    F_s, F_du, F_cscu, F_gates, F_cr, F_r = (
        F[:, k] for k in (0, 1, slice(2, 4), slice(2, 5), 4, 5)
    )
    F_s[...] = g_cs
    np.subtract(1, gates, F_gates)
    F_gates *= gates  # G_c'
    F_cscu *= s_u
    F_cr *= r
    for h, g, f in ((u, g_cu, F_du), (r, g_cr, F_r)):
        np.multiply(h, h, f)
        np.subtract(1, f, f)  # G_d'
        f *= g
