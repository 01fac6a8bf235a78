r"""The additive model of a recurrent network and its accurate solution.

The additive model is a delay differential equation (DDE) for the state $s(t)$:

.. math::

    \dot s(t) = \sum_k A_k\,s(t-\tau_{s,k}) + \sum_k B_k\,r(t-\tau_{r,k})
              + \sum_k C_k\,x(t-\tau_{x,k}) + \phi, \qquad r = G(s)

:mod:`~lstm_lib.continuous.sampling` turns it into a recurrent network. Source: Sherstinsky
(2020), the section on the roots of the RNN.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import activations
from lstm_lib.layers.activations import Activation

__all__ = ["AdditiveModel", "Solution", "StabilityWarning", "circulant"]

Array = NDArray[np.floating]
Signal = Callable[[float], Any]

# The solver reads the input this fraction of a step inside the step's ends, so that an input
# that jumps exactly on a grid point is seen from the side on which the step lies.
_INSIDE = 1e-9


class StabilityWarning(UserWarning):
    """The linear part of a model grows without bound."""


@dataclass(frozen=True)
class Solution:
    """A DDE solution on a fine grid, with a cubic Hermite interpolant between grid points.

    ``t`` is ``(M+1,)``, ``s`` and ``r`` are ``(M+1, d_s)``. Call the object to read the state at
    any time from the start to the end of the grid.
    """

    t: Array
    s: Array
    r: Array
    slopes: Array  # (M, 2, d_s): ds/dt at both ends of each interval

    def __call__(self, t: Any) -> Array:
        """The state at the times ``t``, shape ``t.shape + (d_s,)``."""
        lead = tuple(f"axis {i}" for i in range(checks.ndim("t", t)))
        times = checks.array("t", t, lead)
        end, h = self.t[-1], self.t[1]
        if times.min() < 0 or times.max() > end * (1 + 1e-12):
            raise ValueError(f"t: expected times in [0, {end:g}], got {times.min()}..{times.max()}")
        j = np.minimum((times / h).astype(int), len(self.t) - 2)
        theta = ((times - self.t[j]) / h)[..., None]
        return _hermite(theta, h, self.s[j], self.s[j + 1], self.slopes[j, 0], self.slopes[j, 1])


class AdditiveModel:
    r"""The additive model of the state of a recurrent network.

    .. math::

        \dot s(t) = \sum_k A_k\,s(t-\tau_{s,k}) + \sum_k B_k\,r(t-\tau_{r,k})
                  + \sum_k C_k\,x(t-\tau_{x,k}) + \phi, \qquad r = G(s)

    Parameters
    ----------
    A
        Decay of past states, in 1/time: ``(d_s, d_s)`` for one term or ``(K_s, d_s, d_s)``.
    B
        Feedback of past read-outs, 1/time: ``(d_s, d_s)`` or ``(K_r, d_s, d_s)``; none if omitted.
    C
        Input, 1/time: ``(d_s, d_x)`` or ``(K_x, d_s, d_x)``; none if omitted.
    phi
        Constant drive $\phi$, ``(d_s,)``; zero if omitted.
    tau_s, tau_r, tau_x
        Delays, in time units, >= 0: one number for one term, else one for each term.
    activation
        The warping $G$.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.

    Warns
    -----
    StabilityWarning
        If the sum of the undelayed $A_k$ has an eigenvalue with positive real part; the warning
        says which.
    """

    def __init__(
        self,
        A: Any,
        B: Any = None,
        C: Any = None,
        phi: Any = None,
        *,
        tau_s: Any = 0.0,
        tau_r: Any = 0.0,
        tau_x: Any = 0.0,
        activation: str | Activation = "tanh",
    ) -> None:
        self.A = matrix_terms("A", A, square=True)
        self.d_s = d = self.A.shape[-1]
        self.B = np.zeros((0, d, d)) if B is None else matrix_terms("B", B, rows=d, columns=d)
        self.C = np.zeros((0, d, 0)) if C is None else matrix_terms("C", C, rows=d)
        self.d_x = self.C.shape[-1]
        self.phi = np.zeros(d) if phi is None else checks.array("phi", phi, (d,), copy=True)
        self.tau_s = _delays("tau_s", tau_s, len(self.A))
        self.tau_r = _delays("tau_r", tau_r, len(self.B))
        self.tau_x = _delays("tau_x", tau_x, len(self.C))
        self.G = activations.activation(activation)
        warn_if_unstable(self.A[self.tau_s == 0].sum(axis=0))

    def __repr__(self) -> str:
        terms = f"{len(self.A)} decay, {len(self.B)} feedback and {len(self.C)} input terms"
        return f"AdditiveModel(d_x={self.d_x}, d_s={self.d_s}, G={self.G.name!r}): {terms}"

    def solve(
        self, x: Signal | None = None, *, t_end: float, step: float = 0.01, history: Any = None
    ) -> Solution:
        r"""Solve the DDE accurately: method of steps, classical Runge–Kutta, Hermite in between.

        Each step needs the state at times up to the smallest delay ago; these lie on the part
        already solved, where a cubic Hermite interpolant gives them. For smooth inputs, and
        delays that are multiples of the step, the error falls with the fourth power of the step.

        Parameters
        ----------
        x
            The input as a function of time, returning ``(d_x,)`` or, for ``d_x = 1``, a number.
            It may jump, best on a grid point.
        t_end
            End time, > 0. Time starts at 0.
        step
            Largest step. The step used divides the smallest positive delay (without delays:
            ``t_end``) into equal parts; the grid ends at or just after ``t_end``.
        history
            $s(t)$ for $t\le0$: ``(d_s,)``, or a function of time; zero unless given.
        """
        t_end = checks.number("t_end", t_end, above=0)
        step = checks.number("step", step, above=0)
        delays = np.concatenate([self.tau_s, self.tau_r])
        delays = delays[delays > 0]
        unit = float(delays.min()) if delays.size else t_end
        h = unit / math.ceil(unit / step * (1 - 1e-12))
        steps = math.ceil(t_end / h * (1 - 1e-12))
        signal, past = self.signal(x), self.past(history)

        t = h * np.arange(steps + 1)
        s = np.empty((steps + 1, self.d_s))
        slopes = np.empty((steps, 2, self.d_s))
        s[0] = past(0.0)

        def delayed(time: float) -> Array:
            """The state at a time that has been solved already, or before the start."""
            if time <= 1e-12 * h:
                return past(min(time, 0.0))
            j = min(int(time / h * (1 + 1e-12)), m - 1)  # solved intervals: 0 .. m-1
            theta = time / h - j
            return _hermite(theta, h, s[j], s[j + 1], slopes[j, 0], slopes[j, 1])

        def rate(fraction: float, state: Array) -> Array:
            """The right-hand side at ``t[m] + fraction * h``."""
            inside = min(max(fraction, _INSIDE), 1 - _INSIDE)
            return self._rate(t[m] + fraction * h, state, delayed, signal, t[m] + inside * h)

        for m in range(steps):
            k1 = rate(0.0, s[m])
            k2 = rate(0.5, s[m] + h / 2 * k1)
            k3 = rate(0.5, s[m] + h / 2 * k2)
            k4 = rate(1.0, s[m] + h * k3)
            s[m + 1] = s[m] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            slopes[m] = k1, rate(1.0, s[m + 1])
        return Solution(t, s, self.G(s), slopes)

    def _rate(
        self, t: float, state: Array, delayed: Signal, signal: Signal, t_input: float
    ) -> Array:
        out: Array = self.phi.copy()
        for A_k, tau in zip(self.A, self.tau_s, strict=True):
            out += A_k @ (delayed(t - tau) if tau else state)
        for B_k, tau in zip(self.B, self.tau_r, strict=True):
            out += B_k @ self.G(delayed(t - tau) if tau else state)
        for C_k, tau in zip(self.C, self.tau_x, strict=True):
            out += C_k @ signal(t_input - tau)
        return out

    def signal(self, x: Signal | None) -> Signal:
        """The input as a checked function of time."""
        if x is None:
            if len(self.C):
                raise ValueError("x: expected a function of time, the model has C, got None")
            return lambda t: np.zeros(0)
        if not callable(x):
            raise TypeError(f"x: expected a function of time, got {type(x).__name__}")
        return lambda t: _value(f"x({t:g})", x(t), self.d_x)

    def past(self, history: Any) -> Callable[[float], Array]:
        """The state before the start as a checked function of time."""
        if callable(history):
            return lambda t: _value(f"history({t:g})", history(t), self.d_s)
        given = np.zeros(self.d_s) if history is None else history
        constant = checks.array("history", given, (self.d_s,), copy=True)
        return lambda t: constant


def circulant(kernel: Any) -> Array:
    r"""The circulant matrix whose product with a vector is a circular convolution.

    $\mathrm{circulant}(k)_{ij} = k_{(i-j)\bmod d}$, so that
    $(\mathrm{circulant}(k)\,s)_i = \sum_j k_{(i-j)\bmod d}\,s_j$.

    Parameters
    ----------
    kernel
        The first column, ``(d,)``.
    """
    k = checks.array("kernel", kernel, ("d",))
    i = np.arange(len(k))
    return k[(i[:, None] - i) % len(k)]


def _hermite(theta: Any, h: float, s0: Array, s1: Array, f0: Array, f1: Array) -> Array:
    """The cubic through s0, s1 with slopes f0, f1 at the ends of a step h; theta in [0, 1]."""
    gap = s1 - s0
    bend = (1 - 2 * theta) * gap + (theta - 1) * h * f0 + theta * h * f1
    return (1 - theta) * s0 + theta * s1 + theta * (theta - 1) * bend


def matrix_terms(
    name: str,
    value: Any,
    *,
    rows: int | None = None,
    columns: int | None = None,
    square: bool = False,
    single: bool = False,
) -> Array:
    """One matrix or a stack of them, as a stack ``(K, rows, columns)``."""
    shape: tuple[int | str, ...] = (rows or "d_s", columns or ("d_s" if square else "d_x"))
    lead = ("K",) if not single and checks.ndim(name, value) == 3 else ()
    out = checks.array(name, value, (*lead, *shape), copy=True)
    if square and out.shape[-1] != out.shape[-2]:
        raise ValueError(f"{name}: expected a square matrix, got shape {out.shape}")
    return out if lead else out[None]


def _delays(name: str, value: Any, terms: int) -> Array:
    """One delay for each term."""
    one = checks.ndim(name, value) == 0
    tau = checks.array(name, value, () if one else (terms,))
    if (tau < 0).any():
        raise ValueError(f"{name}: expected delays >= 0, got {tau.min()}")
    if one and terms != 1 and tau:
        raise ValueError(f"{name}: expected {terms} delays, one for each term, got {value!r}")
    return np.array(np.broadcast_to(tau, (terms,)))


def _value(name: str, value: Any, d: int) -> Array:
    """What a function of time returned; one component may come as a plain number."""
    given = [value] if checks.ndim(name, value) == 0 else value
    return checks.array(name, given, (d,))


def warn_if_unstable(A: Array) -> None:
    """Warn if an eigenvalue lies right of the imaginary axis by more than rounding."""
    eigenvalues = np.linalg.eigvals(A)
    worst = eigenvalues[np.argmax(eigenvalues.real)]
    if worst.real > len(A) * np.finfo(float).eps * np.abs(eigenvalues).max():
        shown = f"{worst.real:.4g}" + (f"{worst.imag:+.4g}j" if worst.imag else "")
        warnings.warn(
            f"A: the eigenvalue {shown} has a positive real part, so the linear part grows "
            "without bound",
            StabilityWarning,
            stacklevel=3,
        )
