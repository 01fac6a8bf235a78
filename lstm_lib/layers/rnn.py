r"""The canonical and the standard RNN, forward and back-propagation through time.

Sampling the additive model by backward Euler gives the canonical RNN; dropping the term in
$s[n-1]$ gives the standard RNN. :func:`~lstm_lib.continuous.sampling.canonical_weights`
makes the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import activations, initialise
from lstm_lib.layers.activations import Activation
from lstm_lib.layers.base import Exportable, Gradients, Layer, Trace, columns, in_range, shifted
from lstm_lib.parameters import Parameters

__all__ = ["CanonicalRNN", "StandardRNN"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class _Work:
    """One pass in the working layout."""

    x: Array  # (N, d_x, B)
    s: Array  # (N, d_s, B)
    r: Array
    s0: Array  # (d_s, B)
    r0: Array


class CanonicalRNN(Layer):
    r"""The canonical RNN.

    .. math::

        s[n] = W_s\,s[n-1] + W_r\,r[n-1] + W_x\,x[n] + \theta_s, \qquad r[n] = G(s[n])

    Parameters
    ----------
    d_x, d_s
        Number of input and of state components.
    activation
        The warping $G$: ``"tanh"``, ``"logistic"``, ``"relu"`` or ``"identity"``.
    rng
        Seed or ``numpy.random.Generator`` for the initial weights: $W_s = \tfrac12 I$ (a decay
        $A = -I$ sampled with $\Delta T = 1$), $W_r$ a random orthogonal matrix, $W_x$ normal with
        variance $1/d_x$, $\theta_s = 0$.
    dtype
        float64 or float32; everything that the layer returns has it.

    Attributes
    ----------
    params
        ``W_s`` and ``W_r`` of shape ``(d_s, d_s)``, ``W_x`` ``(d_s, d_x)``, ``theta_s`` ``(d_s,)``.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of ``dtype``, as an exploding state or gradient
        does in the end; the message names the step.

    Notes
    -----
    Source: Sherstinsky (2020), the sections on the roots of the RNN and on its training. A
    read-out is the usual *hidden state* h; the state here is what frameworks call the
    pre-activation.
    """

    output = "r"
    _keeps_state = True

    def __init__(
        self,
        d_x: int,
        d_s: int,
        activation: str | Activation = "tanh",
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        self.d_x = checks.size("d_x", d_x)
        self.d_s = self.d_out = checks.size("d_s", d_s)
        self.G = activations.activation(activation)
        self.activation = self.G.name if self.G.known else self.G
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        shapes: dict[str, tuple[int, ...]] = {"W_s": (d_s, d_s)} if self._keeps_state else {}
        shapes |= {"W_r": (d_s, d_s), "W_x": (d_s, d_x), "theta_s": (d_s,)}
        self.params = Parameters(shapes, self.dtype)
        if self._keeps_state:
            self.params["W_s"] = initialise.identity((d_s, d_s), 0.5)
        self.params["W_r"] = initialise.orthogonal((d_s, d_s), random)
        self.params["W_x"] = initialise.normal((d_s, d_x), random)

    @property
    def states(self) -> dict[str, int]:
        """``s0`` (canonical RNN only) and ``r0``, both of ``d_s`` components."""
        return {"s0": self.d_s, "r0": self.d_s} if self._keeps_state else {"r0": self.d_s}

    def forward(self, x: Any, s0: Any = None, r0: Any = None) -> Trace:  # type: ignore[override]
        r"""Run the recurrence over a sequence.

        Parameters
        ----------
        x
            Inputs $x[0],\dots,x[N-1]$, ``(N, B, d_x)``, or ``(N, d_x)`` for a single sequence.
        s0, r0
            $s[-1]$ and $r[-1]$, ``(B, d_s)``, or ``(d_s,)`` for a single sequence; zero unless
            given. The two are independent: to go on from a state give both.

        Returns
        -------
        Trace
            ``x, s, r, s0, r0``.
        """
        x, single = self._input(x)
        B = x.shape[2]
        s0 = s_prev = self._start("s0", s0, self.d_s, B, single)
        r0 = r_prev = self._start("r0", r0, self.d_s, B, single)
        W = self.params
        W_s, W_r = W.get("W_s"), W["W_r"]
        with checks.quiet():
            s = W["W_x"] @ x + W["theta_s"][:, None]  # (N, d_s, B): the input's part of every step
            r = np.empty_like(s)
            for n in range(len(x)):
                s[n] += W_r @ r_prev
                if W_s is not None:
                    s[n] += W_s @ s_prev
                r[n] = self.G(s[n])
                s_prev, r_prev = s[n], r[n]
        in_range("s", s)
        symbols = {"x": x, "s": s, "r": r, "s0": s0, "r0": r0}
        return Trace(self, symbols, single, _Work(x, s, r, s0, r0))

    def backward(  # type: ignore[override]
        self,
        trace: Trace,
        dE_dr: Any,
        dE_ds_last: Any = None,
        dE_dr_last: Any = None,
        *,
        horizon: int | None = None,
    ) -> Gradients:
        r"""Back-propagation through time.

        Backward equations, canonical RNN: derived by ``lstm_lib.derive.canonical_rnn``.
        Backward equations, standard RNN: derived by ``lstm_lib.derive.standard_rnn``.
        To see them: ``print(lstm_lib.derive.canonical_rnn.backward)``, then ``.gradients``.

        Parameters
        ----------
        trace
            What :meth:`forward` returned.
        dE_dr
            The loss's own gradient $\nabla_{r[n]}\mathcal L$ at every step, without what comes back
            through later steps; of the shape of ``trace.r``.
        dE_ds_last, dE_dr_last
            Gradients that arrive at the final $s$ and $r$ from beyond the sequence.
        horizon
            ``None`` for the whole gradient; ``h`` for truncated BPTT(h): the loss at step $n$ is
            sent back through the steps $n, n-1, \dots, n-h+1$ only. Errors that arrive at the
            end count as losses of the last step.

        Returns
        -------
        Gradients
            ``params, x, s0, r0, psi, chi``.
        """
        work: _Work = self._check_trace(trace)
        x, s, r, single = work.x, work.s, work.r, trace._single
        N, _, B = x.shape
        h = N if horizon is None else checks.size("horizon", horizon)
        chi = self._errors("dE_dr", dE_dr, "dE_dr_last", dE_dr_last, trace, x.shape)
        psi_last = self._start("dE_ds_last", dE_ds_last, self.d_s, B, single)
        W = trace.params
        W_r, W_s, W_x = W["W_r"], W.get("W_s"), W["W_x"]
        with checks.quiet():
            slope = self.G.d(s)
            if h < N:
                psi, dE_dr0, dE_ds0 = _truncated(chi, psi_last, slope, W_r, W_s, h)
            else:
                psi = np.empty_like(s)
                for n in reversed(range(N)):
                    if n < N - 1:
                        chi[n] += W_r.T @ psi[n + 1]
                    psi[n] = chi[n] * slope[n]
                    if n == N - 1:
                        psi[n] += psi_last
                    elif W_s is not None:
                        psi[n] += W_s.T @ psi[n + 1]
                dE_dr0 = W_r.T @ psi[0]
                dE_ds0 = np.zeros_like(dE_dr0) if W_s is None else W_s.T @ psi[0]

            psi_columns = columns(psi)
            grads = self.params.zeros()
            grads["W_r"][...] = psi_columns @ columns(shifted(work.r0, r)).T
            grads["W_x"][...] = psi_columns @ columns(x).T
            grads["theta_s"][...] = psi_columns.sum(axis=1)
            if W_s is not None:
                grads["W_s"][...] = psi_columns @ columns(shifted(work.s0, s)).T
            dE_dx = W_x.T @ psi
        in_range("psi", psi, backward=True)
        symbols = {"x": dE_dx, "s0": dE_ds0, "r0": dE_dr0, "psi": psi, "chi": chi}
        return Gradients(grads, symbols, single)

    def jacobian(self, s: Any) -> Array:
        r"""The Jacobian $J[n]=\partial s[n]/\partial s[n-1]$.

        Parameters
        ----------
        s
            The state $s[n-1]$, ``(..., d_s)``.

        Returns
        -------
        ndarray
            ``(..., d_s, d_s)``.
        """
        lead = tuple(f"axis {i}" for i in range(checks.ndim("s", s) - 1))
        slope = self.G.d(checks.array("s", s, (*lead, self.d_s), self.dtype))
        J: Array = self.params["W_r"] * slope[..., None, :]
        return J + self.params["W_s"] if self._keeps_state else J


class StandardRNN(CanonicalRNN):
    r"""The standard RNN: the canonical RNN without the term in $s[n-1]$.

    .. math::

        s[n] = W_r\,r[n-1] + W_x\,x[n] + \theta_s, \qquad r[n] = G(s[n])

    Parameters, errors and source as for :class:`CanonicalRNN`; there is no ``W_s``.
    Elman's network, and the ``RNN`` layer of the frameworks.
    """

    _keeps_state = False

    def _lacking(self) -> dict[str, str]:
        if not self.G.known:
            return dict.fromkeys(Exportable.TARGETS, f"there is no activation {self.G.name!r}")
        if self.G.name not in ("tanh", "relu"):
            return {"torch": f"there is no activation {self.G.name!r}, only 'tanh' and 'relu'"}
        return {}

    def forward(self, x: Any, r0: Any = None, s0: Any = None) -> Trace:  # type: ignore[override]
        """Run the recurrence; as :meth:`CanonicalRNN.forward`.

        Nothing reads $s[-1]$: ``s0`` is checked, kept in the trace, and its gradient is zero.
        """
        return super().forward(x, s0, r0)


def _truncated(
    chi: Array, psi_last: Array, slope: Array, W_r: Array, W_s: Array | None, h: int
) -> tuple[Array, Array, Array]:
    r"""BPTT(h) for all steps at once.

    ``part[n]`` is what the loss at step $n+k$ sends to $s[n]$, for $k=0,1,\dots,h-1$ in turn;
    $\psi[n]$ is their sum. ``chi`` becomes the sum of what arrives at $r[n]$.
    """
    part = chi * slope
    part[-1] += psi_last
    psi = part.copy()
    dE_dr0, dE_ds0 = np.zeros_like(chi[0]), np.zeros_like(chi[0])
    for k in range(h):
        to_r, to_s = W_r.T @ part, None if W_s is None else W_s.T @ part
        dE_dr0 += to_r[0]
        if to_s is not None:
            dE_ds0 += to_s[0]
        if k == h - 1:
            break
        part = np.zeros_like(part)
        part[:-1] = to_r[1:] * slope[:-1]
        if to_s is not None:
            part[:-1] += to_s[1:]
        chi[:-1] += to_r[1:]
        psi += part
    return psi, dE_dr0, dE_ds0
