r"""The canonical and the standard RNN.

Sampling the additive model by backward Euler gives the canonical RNN; dropping the term in
$s[n-1]$ gives the standard RNN. :func:`lstm_lib.sampling.canonical_weights` makes the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import activations, checks
from lstm_lib.activations import Activation
from lstm_lib.parameters import Parameters

__all__ = ["CanonicalRNN", "RNNTrace", "StandardRNN"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class RNNTrace:
    """What a forward pass computed, under the page's symbols.

    ``x``, ``s``, ``r`` are ``(N, B, d)``, or ``(N, d)`` for a single sequence; ``s0`` and ``r0``
    are the state and read-out before the first step. The arrays belong to the trace alone.
    """

    x: Array
    s: Array
    r: Array
    s0: Array
    r0: Array

    def __repr__(self) -> str:
        return f"RNNTrace(x {self.x.shape}, s {self.s.shape}, r {self.r.shape})"


class CanonicalRNN:
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

    Notes
    -----
    Source: Sherstinsky (2020), the section on the roots of the RNN. A read-out is the usual
    *hidden state* h; the state here is what frameworks call the pre-activation.
    """

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
        self.d_s = checks.size("d_s", d_s)
        self.G = activations.activation(activation)
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        shapes: dict[str, tuple[int, ...]] = {"W_s": (d_s, d_s)} if self._keeps_state else {}
        shapes |= {"W_r": (d_s, d_s), "W_x": (d_s, d_x), "theta_s": (d_s,)}
        self.params = Parameters(shapes, self.dtype)
        if self._keeps_state:
            self.params["W_s"] = 0.5 * np.eye(d_s)
        self.params["W_r"] = _orthogonal(random, d_s)
        self.params["W_x"] = random.normal(0, d_x**-0.5, (d_s, d_x))

    def forward(self, x: Any, s0: Any = None, r0: Any = None) -> RNNTrace:
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
        RNNTrace
            ``s`` and ``r`` at every step.
        """
        single = checks.ndim("x", x) == 2
        want = ("N", self.d_x) if single else ("N", "B", self.d_x)
        xs = checks.array("x", x, want, self.dtype, copy=True)
        x3 = xs[:, None] if single else xs
        steps, batch = x3.shape[:2]
        s_prev, s_first = self._initial("s0", s0, batch, single)
        r_prev, r_first = self._initial("r0", r0, batch, single)

        W_r, W_x, theta_s = (self.params[k] for k in ("W_r", "W_x", "theta_s"))
        s = x3 @ W_x.T + theta_s  # (N, B, d_s): the input's part of every step at once
        r = np.empty_like(s)
        for n in range(steps):
            s[n] += r_prev @ W_r.T
            if self._keeps_state:
                s[n] += s_prev @ self.params["W_s"].T
            r[n] = self.G(s[n])
            s_prev, r_prev = s[n], r[n]
        if single:
            s, r = s[:, 0], r[:, 0]
        return RNNTrace(xs, s, r, s_first, r_first)

    def jacobian(self, s: Any) -> Array:
        r"""The Jacobian $J = \partial s[n]/\partial s[n-1] = W_s + W_r\,\mathrm{diag}\,G'(s[n-1])$.

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

    def _initial(self, name: str, value: Any, batch: int, single: bool) -> tuple[Array, Array]:
        """A start value as the recurrence needs it, ``(B, d_s)``, and as the caller gave it."""
        shape = (self.d_s,) if single else (batch, self.d_s)
        if value is None:
            given: Array = np.zeros(shape, self.dtype)
        else:
            given = checks.array(name, value, shape, self.dtype, copy=True)
        return given.reshape(batch, self.d_s), given

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(d_x={self.d_x}, d_s={self.d_s}, activation={self.G.name!r}, "
            f"dtype={self.dtype.name}): {self.params.flat.size} parameters"
        )


class StandardRNN(CanonicalRNN):
    r"""The standard RNN: the canonical RNN without the term in $s[n-1]$.

    .. math::

        s[n] = W_r\,r[n-1] + W_x\,x[n] + \theta_s, \qquad r[n] = G(s[n])

    Parameters, errors and source as for :class:`CanonicalRNN`; there is no ``W_s``.
    Elman's network, and the ``RNN`` layer of the frameworks.
    """

    _keeps_state = False

    def forward(self, x: Any, r0: Any = None) -> RNNTrace:  # type: ignore[override]
        """Run the recurrence; as :meth:`CanonicalRNN.forward`, with ``r0`` the only start value."""
        return super().forward(x, None, r0)


def _orthogonal(random: np.random.Generator, d: int) -> Array:
    """A random orthogonal matrix, uniform over the group (QR with the signs of R fixed)."""
    Q, R = np.linalg.qr(random.normal(size=(d, d)))
    return Q * np.sign(np.diag(R))
