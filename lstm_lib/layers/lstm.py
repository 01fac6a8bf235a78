r"""The Augmented LSTM, and the Vanilla LSTM, which is the same without its extensions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
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
)  # fmt: skip
from lstm_lib.layers.packing import Weights, Work, peep, peep_back, peep_gradient
from lstm_lib.parameters import Parameters

__all__ = ["AugmentedLSTM", "VanillaLSTM"]

Array = NDArray[np.floating]


class AugmentedLSTM(Layer):
    r"""The Augmented LSTM: windows of lags, an external input gate, a recurrent projection.

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

    Without the external gate $g_{cx}=1$, without the projection $v=q$; without either, and with
    one lag, 0, in every window, it is the Vanilla LSTM.

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
        ``"full"``: $W_{s*}$ are matrices ``(d_s, d_s)``; ``"diagonal"``: diagonal matrices, kept as
        their diagonals ``(d_s,)``; ``None`` or ``False``: absent.
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

    _hidden: tuple[str, ...] = ()  # symbols that are not the layer's, by their beginnings

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
        self.d_x, self.d_s = checks.size("d_x", d_x), checks.size("d_s", d_s)
        self.d_v = None if d_v is None else checks.size("d_v", d_v)
        self.d_out = self.d_v or self.d_s
        if self.d_out > self.d_s:
            raise ValueError(f"d_v: expected at most d_s = {d_s}, got {d_v}")
        self.external_gate = checks.flag("external_gate", external_gate)
        self.peepholes = packing.peephole_kind(peepholes)
        self.dtype = checks.float_dtype("dtype", dtype)
        self.lags = self._windows({} if lags is None else lags)
        rows = ("du", *(("cx",) if external_gate else ()), "cs", "cu", "cr")
        self._lags = {row: self.lags[row] for row in rows}
        random = checks.generator("rng", rng)
        inputs = {path: self._taps(window) for path, window in self.lags.items()}
        shapes = packing.shapes(inputs, self.d_s, self.d_v, self.peepholes)
        self.params = Parameters(shapes, self.dtype)
        packing.draw(self.params, random)

    @property
    def states(self) -> dict[str, int]:
        """``s0`` of ``d_s`` and ``v0`` of ``d_out`` components."""
        return {"s0": self.d_s, "v0": self.d_out}

    @property
    def causal(self) -> bool:
        """Whether it goes from state to state: no window reads anything but the present input."""
        return all(window == range(1) for window in self.lags.values())

    def forward(self, x: Any, s0: Any = None, v0: Any = None) -> Trace:  # type: ignore[override]
        r"""Run the recurrence over a sequence.

        Parameters
        ----------
        x
            Inputs $x[0],\dots,x[N-1]$, ``(N, B, d_x)``, or ``(N, d_x)`` for a single sequence.
        s0, v0
            $s[-1]$, ``(B, d_s)``, and $v[-1]$, ``(B, d_out)``; without ``B`` for a single sequence.

        Returns
        -------
        Trace
            ``x, a_*, g_*, u, s, r, v, s0, v0`` with ``*`` the readers; of the Augmented LSTM also
            ``xi_*`` and ``q``.
        """
        x, single = self._input(x)
        (N, _, B), d = x.shape, self.d_s
        lags = packing.union(self.lags.values())
        X, W = packing.lagged(x, lags), Weights.of(self.params, self._lags)
        K, L, end = len(self._lags), X.shape[1], X.shape[1] + 1 + self.d_out
        peepholes, external, projected = self.peepholes, self.external_gate, self.d_v
        half = W.halved(d)
        W_z = np.hstack([half.x, half.b, half.v])
        see_old, see_new = peep(half.s, B), peep(half.scr, B)

        w = np.empty((N + 1, end + (K + 2 + bool(projected)) * d, B), self.dtype)
        w[:-1, :L] = X
        w[:, L] = 1
        xi_du = np.empty((N, d if external else 0, B), self.dtype)
        work = Work(W, w[:-1, :L] if X is x else x, xi_du, w, d)
        s, v = work.rows(0), work.v
        s[0] = self._start("s0", s0, d, B, single)
        v[0] = self._start("v0", v0, self.d_out, B, single)
        t, gated = np.empty((d, B), self.dtype), np.empty((2 * d, B), self.dtype)
        t_old, (from_s, from_u) = np.empty(((K - 2) * d, B), self.dtype), (gated[:d], gated[d:])
        one_half = np.array(0.5, self.dtype)  # as an array, it need not be made into one
        # g_cx stands before the input of u, and peepholes of g_cr see the new state: both wait.
        early = (2 if external else 1, K if peepholes else K + 1)
        with checks.quiet():
            gate: Iterable[Any] = repeat(0)
            if external:
                times(W.x[:d], work.X, out=xi_du)
                W_z[:d, :L] = 0
                gate = zip(*(work.rows(*k) for k in ((1,), (2,), (2, K))), xi_du, strict=False)
            W_z = packing.suited(W_z, B)
            # Views of every step's rows, made in advance; w[N] holds nothing but the last v and s.
            for z, a, a_early, g_early, g_cscu, su, s_prev, g_cr, r, s_n, q, of_gate, v_n in zip(
                work.z, work.rows(1, K + 1), work.rows(*early), work.rows(2, early[1]),
                work.rows(K - 2, K), work.rows(0, 2), s, work.rows(K), work.rows(K + 1), s[1:],
                work.rows(K + 2) if projected else v[1:], gate, v[1:] if projected else repeat(0),
                strict=False,
            ):  # fmt: skip
                W_z.dot(z, a)  # a = ξ[n] + b + W_v v[n-1] ...
                g_old = g_cscu
                if external:
                    u, g_cx, g_old, xi = of_gate
                if peepholes:
                    g_old += see_old(s_prev, t_old)  # ... + W_s s[n-1], but for du and cr
                np.tanh(a_early, a_early)  # u = G_d(a_du), and on the way to
                g_early *= one_half  # g = G_c(a) = tanh(a/2)/2 + 1/2
                g_early += one_half
                if external:
                    u += np.multiply(g_cx, xi, t)  # a_du has g_cx ⊙ ξ_du for ξ_du
                    np.tanh(u, u)
                np.multiply(g_cscu, su, gated)
                np.add(from_s, from_u, s_n)  # s = g_cs ⊙ s[n-1] + g_cu ⊙ u
                if peepholes:
                    g_cr += see_new(s_n, t)  # a_cr sees the current state
                    np.tanh(g_cr, g_cr)
                    g_cr *= one_half
                    g_cr += one_half
                np.tanh(s_n, r)  # r = G_d(s)
                np.multiply(g_cr, r, q)  # q = g_cr ⊙ r
                if projected:
                    W.qdr.dot(q, v_n)  # v = W_qdr q
        in_range("s", s[1:])
        in_range("v", v[1:])
        symbols = self._own(work.symbols(self._lags))
        return Trace(self, symbols, single, work, partial(self._named, W))

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
            ``params, x, s0, v0, chi, rho, psi, alpha_*``; of the Augmented LSTM also
            ``epsilon_du``.
        """
        work: Work = self._check_trace(trace)
        W, X, z, d, K = work.W, work.X, work.z, self.d_s, len(self._lags)
        peepholes, external, projected = self.peepholes, self.external_gate, self.d_v
        N, L, B = X.shape
        chi_ = self._errors("dE_dv", dE_dv, "dE_dv_last", dE_dv_last, trace, X.shape)
        carried = self._start("dE_ds_last", dE_ds_last, d, B, trace._single)

        # The rows are factors at first and become errors in place:
        # g_cs ⊙ ψ, which step n - 1 receives, α_du, (α_cx,) α_cs, α_cu, α_cr, ψ.
        errors = np.empty((N, K + 2, d, B), self.dtype)
        alpha_ = errors[:, 1:-1].reshape(N, K * d, B)
        alpha = np.zeros((K * d, B), self.dtype)
        alpha_old = alpha[d:-d]
        t, t_q, t_v = (np.empty((k, B), self.dtype) for k in (d, d, self.d_out))
        W_v_T, W_qdr_T = np.ascontiguousarray(W.v.T), np.ascontiguousarray(W.qdr.T)
        seen_old, seen_new = peep_back(W.s), peep_back(W.scr)
        dE_dX = np.empty(X.shape, self.dtype)
        dE_dW, dE_dW_z = W.zeros(), np.zeros((K * d, z.shape[1]), self.dtype)
        with checks.quiet():
            for part in chunks(N, K * d * B, self.dtype.itemsize):
                work.factors(part, errors[part])
                back = slice(part.stop - 1, part.start - 1 if part.start else None, -1)
                for chi, of_psi, alpha_cr, psi, carried_n, alpha_n, alpha_old_n in zip(
                    chi_[back], errors[back, :K], *(errors[back, k] for k in (K, K + 1, 0)),
                    alpha_[back], alpha_[back, d:-d], strict=True,
                ):  # fmt: skip
                    chi += W_v_T.dot(alpha, t_v)  # what the nets of step n+1 say about v[n]
                    dE_dq = W_qdr_T.dot(chi, t_q) if projected else chi
                    alpha_cr *= dE_dq  # times its factor
                    psi *= dE_dq  # times its factor: through the read-out ...
                    psi += carried  # ... along the carousel ...
                    if peepholes:  # ... and through the peepholes
                        psi += seen_new(alpha_cr, t)
                        psi += seen_old(alpha_old, t)
                    of_psi *= psi  # α_du, (α_cx,) α_cs, α_cu: times their factors
                    alpha, alpha_old, carried = alpha_n, alpha_old_n, carried_n

                epsilon = alpha_part = alpha_[part]  # errors at ξ_*
                alpha_columns, z_columns = columns(alpha_part), columns(z[part])
                if external:
                    epsilon = alpha_part.copy()
                    epsilon[:, :d] *= work.rows(2)[part]  # g_cx
                    dE_dW_z[:, :L] += columns(epsilon) @ z_columns[:L].T
                    dE_dW_z[:, L:] += alpha_columns @ z_columns[L:].T
                else:
                    dE_dW_z += alpha_columns @ z_columns.T
                times(W.x.T, epsilon, out=dE_dX[part])
                if peepholes:
                    s = work.rows(0)
                    dE_dW.s += peep_gradient(W.s, alpha_part[:, d:-d], s[:-1][part])
                    dE_dW.scr += peep_gradient(W.scr, alpha_part[:, -d:], s[1:][part])
                if projected:
                    dE_dW.qdr += columns(chi_[part]) @ columns(work.rows(K + 2)[part]).T
            dE_dv0 = W_v_T @ alpha
            dE_ds0 = carried + seen_old(alpha_old, t) if peepholes else carried
            dE_dx = packing.errors_at_inputs(dE_dX, packing.union(self.lags.values()))
        psi_, alpha_du = errors[:, -1], errors[:, 1]
        in_range("psi", psi_, backward=True)

        g_cr, g_cx = work.rows(K)[:-1], work.rows(2)[:-1]
        symbols: dict[str, Any] = {"x": dE_dx, "s0": dE_ds0, "v0": dE_dv0, "chi": chi_, "psi": psi_}
        symbols["rho"] = lambda: (W.qdr.T @ chi_ if projected else chi_) * g_cr
        symbols |= {f"alpha_{row}": errors[:, k] for k, row in enumerate(self._lags, start=1)}
        symbols["epsilon_du"] = lambda: alpha_du * (g_cx if external else 1)
        dE_dW.x, dE_dW.b, dE_dW.v = np.split(dE_dW_z, [L, L + 1], axis=1)
        return Gradients(self._named(dE_dW), self._own(symbols), trace._single)

    def _named(self, W: Weights) -> Parameters:
        return W.into(self.params.zeros(), self._lags)

    def _own(self, symbols: dict[str, Any]) -> dict[str, Any]:
        return {k: value for k, value in symbols.items() if not k.startswith(self._hidden)}

    def _lacking(self) -> dict[str, str]:
        if self.external_gate:
            return dict.fromkeys(Exportable.TARGETS, "there is no external gate")
        if not self.causal:
            return dict.fromkeys(Exportable.TARGETS, "there are no windows, only lag 0")
        reasons = dict.fromkeys(("torch", "keras"), "there are no peepholes")
        reasons = reasons if self.peepholes else {}
        if self.peepholes == "full":
            reasons["onnx"] = "peepholes are diagonal there"
        if self.d_v:
            reasons |= dict.fromkeys(("keras", "onnx"), "there is no projection")
            if self.d_v == self.d_s:
                reasons["torch"] = "a projection is to fewer components, d_v < d_s"
        return reasons

    def _taps(self, window: range) -> tuple[int, ...]:
        return len(window), self.d_s, self.d_x

    def _windows(self, lags: Mapping[str, range | int]) -> dict[str, range]:
        """The lags of every reader, checked."""
        if not isinstance(lags, Mapping):
            raise TypeError(f"lags: expected a mapping from readers to ranges, got {lags!r}")
        readers = ["cu", "cs", "cr", "du"] + (["cx"] if self.external_gate else [])
        for reader in lags:
            checks.one_of("lags", reader, readers)
        return {at: packing.lag_range(f"lags[{at!r}]", lags.get(at, 1)) for at in readers}


class VanillaLSTM(AugmentedLSTM):
    r"""The Vanilla LSTM, which is the Augmented LSTM without its extensions.

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
    peepholes, rng, dtype
        As for :class:`AugmentedLSTM`, which has the same initial weights; so are the errors.

    Attributes
    ----------
    params
        ``W_xcu, W_xcs, W_xcr, W_xdu`` of shape ``(d_s, d_x)``, ``W_vcu, W_vcs, W_vcr, W_vdu``
        ``(d_s, d_s)``, ``W_scu, W_scs, W_scr`` ``(d_s, d_s)``, or ``(d_s,)`` if diagonal,
        ``b_cu, b_cs, b_cr, b_du`` ``(d_s,)``.

    Notes
    -----
    Source: Sherstinsky (2020), the section on the Vanilla LSTM. In other words: $g_{cu}$ input
    gate, $g_{cs}$ forget gate, $g_{cr}$ output gate, $u$ candidate, $s$ cell state c, $v$ hidden
    state h.
    """

    _hidden = ("xi_", "q", "epsilon_du")

    def __init__(
        self,
        d_x: int,
        d_s: int,
        peepholes: str | bool | None = "full",
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        super().__init__(d_x, d_s, None, {}, False, peepholes, rng=rng, dtype=dtype)

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, dE_ds_last: Any = None, dE_dv_last: Any = None
    ) -> Gradients:
        r"""Send the loss's gradient back through a trace; as :meth:`AugmentedLSTM.backward`.

        Backward equations: derived by ``lstm_lib.derive.vanilla_lstm``.
        Backward equations, diagonal peepholes: derived by
        ``lstm_lib.derive.vanilla_lstm_diagonal``.
        Backward equations, no peepholes: derived by ``lstm_lib.derive.vanilla_lstm_no_peepholes``.
        To see them: ``print(lstm_lib.derive.vanilla_lstm.backward)``, then ``.gradients``.
        """
        return super().backward(trace, dE_dv, dE_ds_last, dE_dv_last)

    def _taps(self, window: range) -> tuple[int, ...]:
        return self.d_s, self.d_x  # there is one, and no axis for it
