r"""The gated recurrent unit, as published and as frameworks compute it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import initialise
from lstm_lib.layers.activations import logistic
from lstm_lib.layers.base import Gradients, Layer, Trace, columns, in_range, shifted
from lstm_lib.parameters import Parameters

__all__ = ["GRU"]

Array = NDArray[np.floating]

PATHS = ("cs", "cr", "du")


@dataclass(frozen=True)
class _Work:
    """One pass in the working layout ``(N, d, B)``."""

    x: Array
    g_cs: Array
    g_cr: Array
    h: Array  # what the reset gate multiplies: v[n-1], or W_vdu v[n-1] + b_vdu
    u: Array
    v: Array
    v0: Array


class GRU(Layer):
    r"""The gated recurrent unit.

    .. math::

        a_{cs}[n] &= W_{xcs}x[n]+W_{vcs}v[n-1]+b_{cs} & g_{cs}[n]&=G_c(a_{cs}[n])\\
        a_{cr}[n] &= W_{xcr}x[n]+W_{vcr}v[n-1]+b_{cr} & g_{cr}[n]&=G_c(a_{cr}[n])\\
        a_{du}[n] &= W_{xdu}x[n]+W_{vdu}\big(g_{cr}[n]\odot v[n-1]\big)+b_{du}
            & u[n]&=G_d(a_{du}[n])\\
        v[n] &= g_{cs}[n]\odot v[n-1]+(1-g_{cs}[n])\odot u[n]

    in the published form; frameworks apply the reset gate after the product, which then has a
    bias of its own:

    .. math::

        a_{du}[n] = W_{xdu}x[n]+b_{du}+g_{cr}[n]\odot\big(W_{vdu}v[n-1]+b_{vdu}\big)

    The state is the value: there is one $v$, and $v[-1]$ is zero unless given.

    Parameters
    ----------
    d_x, d_s
        Number of input and of state components.
    form
        ``"published"`` or ``"framework"``.
    rng
        Seed or ``numpy.random.Generator`` for the initial weights: $W_{x*}$ normal with variance
        $1/d_x$, $W_{v*}$ random orthogonal, biases 0.
    dtype
        float64 or float32; everything that the layer returns has it.

    Attributes
    ----------
    params
        ``W_xcs, W_xcr, W_xdu`` of shape ``(d_s, d_x)``, ``W_vcs, W_vcr, W_vdu`` ``(d_s, d_s)``,
        ``b_cs, b_cr, b_du`` and, in the framework form, ``b_vdu`` ``(d_s,)``.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of ``dtype``; the message names the step.

    Notes
    -----
    Source: Cho et al. (2014); Staudemeyer and Morris (2019), the section on variants. In other
    words: $g_{cs}$ is the update gate z (which *keeps* the state), $g_{cr}$ the reset gate r, $u$
    the candidate, $v$ the hidden state h.
    """

    def __init__(
        self,
        d_x: int,
        d_s: int,
        form: str = "published",
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        self.d_x = checks.size("d_x", d_x)
        self.d_s = self.d_out = checks.size("d_s", d_s)
        self.form = checks.one_of("form", form, ("published", "framework"))
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        shapes: dict[str, tuple[int, ...]] = {}
        for path in PATHS:
            shapes |= {f"W_x{path}": (d_s, d_x), f"W_v{path}": (d_s, d_s), f"b_{path}": (d_s,)}
        if form == "framework":
            shapes["b_vdu"] = (d_s,)
        self.params = Parameters(shapes, self.dtype)
        for path in PATHS:
            self.params[f"W_x{path}"] = initialise.normal((d_s, d_x), random)
            self.params[f"W_v{path}"] = initialise.orthogonal((d_s, d_s), random)

    @property
    def states(self) -> dict[str, int]:
        """``v0`` of ``d_s`` components."""
        return {"v0": self.d_s}

    def forward(self, x: Any, v0: Any = None) -> Trace:  # type: ignore[override]
        r"""Run the recurrence over a sequence.

        Parameters
        ----------
        x
            Inputs $x[0],\dots,x[N-1]$, ``(N, B, d_x)``, or ``(N, d_x)`` for a single sequence.
        v0
            $v[-1]$, ``(B, d_s)``, or ``(d_s,)`` for a single sequence.

        Returns
        -------
        Trace
            ``x, a_cs, a_cr, a_du, g_cs, g_cr, u, v, v0``.
        """
        x, single = self._input(x)
        v0 = v_prev = self._start("v0", v0, self.d_s, x.shape[2], single)
        W = {k: p[:, None] if p.ndim == 1 else p for k, p in self.params.items()}
        with checks.quiet():
            a_cs, a_cr, a_du = (W[f"W_x{path}"] @ x + W[f"b_{path}"] for path in PATHS)
            g_cs, g_cr, h, u, v = (np.empty_like(a_du) for _ in range(5))
            for n in range(len(x)):
                a_cs[n] += W["W_vcs"] @ v_prev
                a_cr[n] += W["W_vcr"] @ v_prev
                g_cs[n] = logistic(a_cs[n])
                g_cr[n] = logistic(a_cr[n])
                if self.form == "published":
                    h[n] = v_prev
                    a_du[n] += W["W_vdu"] @ (g_cr[n] * h[n])
                else:
                    h[n] = W["W_vdu"] @ v_prev + W["b_vdu"]
                    a_du[n] += g_cr[n] * h[n]
                u[n] = np.tanh(a_du[n])
                v[n] = g_cs[n] * v_prev + (1 - g_cs[n]) * u[n]
                v_prev = v[n]
        in_range("v", v)
        symbols = {"x": x, "a_cs": a_cs, "a_cr": a_cr, "a_du": a_du}
        symbols |= {"g_cs": g_cs, "g_cr": g_cr, "u": u, "v": v, "v0": v0}
        return Trace(self, symbols, single, _Work(x, g_cs, g_cr, h, u, v, v0))

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, dE_dv_last: Any = None
    ) -> Gradients:
        r"""Send the loss's gradient back through a trace.

        Backward equations, published form: derived by ``lstm_lib.derive.gru``.
        Backward equations, framework form: derived by ``lstm_lib.derive.gru_framework``.
        To see them: ``print(lstm_lib.derive.gru.backward)``, then ``.gradients``.

        Parameters
        ----------
        trace
            What :meth:`forward` returned.
        dE_dv
            The loss's own gradient $\nabla_{v[n]}\mathcal L$ at every step, without what comes back
            through later steps; of the shape of ``trace.v``.
        dE_dv_last
            A gradient that arrives at the final $v$ from beyond the sequence.

        Returns
        -------
        Gradients
            ``params, x, v0, chi, alpha_cs, alpha_cr, alpha_du``.
        """
        work: _Work = self._check_trace(trace)
        W, x, g_cs, g_cr, h, u = trace.params, work.x, work.g_cs, work.g_cr, work.h, work.u
        N, _, B = x.shape
        chi = self._error("dE_dv", dE_dv, trace, N, B)
        chi_next = self._start("dE_dv_last", dE_dv_last, self.d_s, B, trace._single)
        v_prev = shifted(work.v0, work.v)
        alpha_cs, alpha_cr, alpha_du = (np.empty_like(u) for _ in range(3))
        with checks.quiet():
            F_du = (1 - g_cs) * (1 - u * u)
            F_cs = (v_prev - u) * g_cs * (1 - g_cs)
            F_cr = h * g_cr * (1 - g_cr)
            for n in reversed(range(N)):
                chi[n] += chi_next
                alpha_du[n] = chi[n] * F_du[n]
                alpha_cs[n] = chi[n] * F_cs[n]
                if self.form == "published":
                    dE_dh = W["W_vdu"].T @ alpha_du[n]  # at g_cr ⊙ v[n-1]
                    alpha_cr[n] = dE_dh * F_cr[n]
                    chi_next = g_cr[n] * dE_dh
                else:
                    alpha_cr[n] = alpha_du[n] * F_cr[n]
                    chi_next = W["W_vdu"].T @ (g_cr[n] * alpha_du[n])
                chi_next += W["W_vcr"].T @ alpha_cr[n]
                chi_next += W["W_vcs"].T @ alpha_cs[n]
                chi_next += g_cs[n] * chi[n]

            grads = self.params.zeros()
            dE_dx = np.zeros_like(x)
            for path, alpha in zip(PATHS, (alpha_cs, alpha_cr, alpha_du), strict=True):
                dE_dx += W[f"W_x{path}"].T @ alpha
                grads[f"W_x{path}"][...] = columns(alpha) @ columns(x).T
                grads[f"b_{path}"][...] = alpha.sum(axis=(0, 2))
            grads["W_vcs"][...] = columns(alpha_cs) @ columns(v_prev).T
            grads["W_vcr"][...] = columns(alpha_cr) @ columns(v_prev).T
            if self.form == "published":
                grads["W_vdu"][...] = columns(alpha_du) @ columns(g_cr * v_prev).T
            else:
                grads["W_vdu"][...] = columns(g_cr * alpha_du) @ columns(v_prev).T
                grads["b_vdu"][...] = (g_cr * alpha_du).sum(axis=(0, 2))
        in_range("chi", chi, backward=True)
        symbols = {"x": dE_dx, "v0": chi_next, "chi": chi}
        symbols |= {"alpha_cs": alpha_cs, "alpha_cr": alpha_cr, "alpha_du": alpha_du}
        return Gradients(grads, symbols, trace._single)

    def _lacking(self) -> dict[str, str]:
        if self.form == "published":
            return {"torch": "a GRU is of form 'framework' there"}
        return {}
