r"""From the additive model to a recurrent network: sampling by the two Euler rules.

With one term of each kind, and feedback that is one step old, backward Euler turns the additive
model of :mod:`lstm_lib.continuous.ode` into the canonical RNN:

.. math::

    s[n] = W_s\,s[n-1] + W_r\,r[n-1] + W_x\,x[n] + \theta_s, \qquad r[n] = G(s[n])

:func:`canonical_weights` is the map of the weights. Source: Sherstinsky (2020), the section on
the roots of the RNN.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.continuous.ode import AdditiveModel, Signal, matrix_terms, warn_if_unstable
from lstm_lib.layers.rnn import CanonicalRNN

__all__ = [
    "CanonicalWeights",
    "DelayWarning",
    "Samples",
    "backward_euler",
    "canonical_weights",
    "forward_euler",
    "poles",
    "to_rnn",
]

Array = NDArray[np.floating]


class DelayWarning(UserWarning):
    """A delay was moved to the sampling grid."""


class CanonicalWeights(NamedTuple):
    """The weights of the canonical RNN, under the page's symbols."""

    W_s: Array
    W_r: Array
    W_x: Array
    theta_s: Array


@dataclass(frozen=True)
class Samples:
    r"""States of a sampled model at $t_n = n\,\Delta T$.

    ``t`` is ``(N+1,)``, ``s`` and ``r`` are ``(N+1, d_s)``; index 0 is the start.
    ``delay_steps`` holds the whole number of steps used for each $\tau_{r,k}$.
    """

    t: Array
    s: Array
    r: Array
    delta_t: float
    delay_steps: tuple[int, ...]


def canonical_weights(
    A: Any, B: Any, C: Any, phi: Any = None, *, delta_t: float
) -> CanonicalWeights:
    r"""The map from the additive model to the weights of the canonical RNN.

    .. math::

        W_s = (I-\Delta T\,A)^{-1},\quad W_r = \Delta T\,W_s B,\quad W_x = \Delta T\,W_s C,\quad
        \theta_s = \Delta T\,W_s\,\phi

    Parameters
    ----------
    A, B, C
        ``(d_s, d_s)``, ``(d_s, d_s)`` and ``(d_s, d_x)``, in 1/time.
    phi
        ``(d_s,)``; zero if omitted.
    delta_t
        The sampling step $\Delta T > 0$, in time units.

    Raises
    ------
    ValueError
        For a wrong shape or value, and if $I-\Delta T A$ is singular, which happens when
        $1/\Delta T$ is an eigenvalue of $A$.

    Warns
    -----
    StabilityWarning
        If $A$ has an eigenvalue with positive real part.
    """
    delta_t = checks.number("delta_t", delta_t, above=0)
    A = matrix_terms("A", A, square=True, single=True)[0]
    d = len(A)
    B = checks.array("B", B, (d, d))
    C = checks.array("C", C, (d, "d_x"))
    phi = np.zeros(d) if phi is None else checks.array("phi", phi, (d,))
    warn_if_unstable(A)
    return _backward_euler_weights(A, B, C, phi, delta_t)


def backward_euler(
    model: AdditiveModel,
    x: Signal | None = None,
    *,
    t_end: float,
    delta_t: float,
    history: Any = None,
) -> Samples:
    r"""Sample by backward Euler, the rule that makes the canonical RNN.

    .. math::

        \big(s[n]-s[n-1]\big)/\Delta T = A\,s[n] + B\,r[n-k] + C\,x[n] + \phi

    where $k$ is $\tau_r/\Delta T$ rounded to the nearest whole number, and at least 1: the
    feedback has to come from the past, or each step would be a non-linear equation. Delayed
    states and inputs are rounded in the same way. Arguments as for
    :meth:`lstm_lib.continuous.ode.AdditiveModel.solve`; ``delta_t`` is $\Delta T$, and the
    samples run to the last multiple of it in ``t_end``.

    Warns
    -----
    DelayWarning
        If a delay is not a whole multiple of $\Delta T$ (for feedback: 1 or more); says what
        was used instead.
    """
    return _sample(model, x, t_end, delta_t, history, implicit=True)


def forward_euler(
    model: AdditiveModel,
    x: Signal | None = None,
    *,
    t_end: float,
    delta_t: float,
    history: Any = None,
) -> Samples:
    r"""Sample by forward Euler; arguments and delays as for :func:`backward_euler`.

    .. math::

        \big(s[n]-s[n-1]\big)/\Delta T = A\,s[n-1] + B\,r[n-1-k] + C\,x[n-1] + \phi
    """
    return _sample(model, x, t_end, delta_t, history, implicit=False)


def to_rnn(model: AdditiveModel, delta_t: float) -> CanonicalRNN:
    r"""The canonical RNN that backward Euler makes of this model.

    Needs one term of each kind, $\tau_s=\tau_x=0$, and reads the feedback one step late:
    $\tau_r=\Delta T$. A different $\tau_r$ is moved there with a :class:`DelayWarning`.
    Fed with ``x[1:]`` from ``s0 = s[0]``, ``r0 = G(s[0])`` it gives the samples of
    :func:`backward_euler`.
    """
    _check_model(model)
    delta_t = checks.number("delta_t", delta_t, above=0)
    counts = (len(model.A), len(model.B), len(model.C))
    if counts != (1, 1, 1) or model.tau_s.any() or model.tau_x.any():
        raise ValueError(
            "model: expected one term each in A, B, C with tau_s = tau_x = 0, got "
            f"{counts} terms, tau_s = {model.tau_s.tolist()}, tau_x = {model.tau_x.tolist()}"
        )
    tau = model.tau_r[0]
    if not math.isclose(tau, delta_t, rel_tol=1e-9):
        warnings.warn(
            f"tau_r: {tau:.10g} is not one step of delta_t = {delta_t:.10g}, and the canonical RNN "
            f"reads the feedback one step late; used 1 step = {delta_t:.10g}",
            DelayWarning,
            stacklevel=2,
        )
    weights = _backward_euler_weights(model.A[0], model.B[0], model.C[0], model.phi, delta_t)
    rnn = CanonicalRNN(model.d_x, model.d_s, model.G)
    for name, value in weights._asdict().items():
        rnn.params[name] = value
    return rnn


def poles(A: Any, *, delta_t: float, rule: str = "backward") -> NDArray[np.complex128]:
    r"""Where a sampling rule puts the eigenvalues $\lambda$ of $A$.

    Parameters
    ----------
    A
        ``(d_s, d_s)``, or a single real or complex $\lambda$.
    delta_t
        $\Delta T > 0$.
    rule
        ``"backward"``: $1/(1-\lambda\Delta T)$; ``"forward"``: $1+\lambda\Delta T$;
        ``"exact"``: $e^{\lambda\Delta T}$.

    Returns
    -------
    ndarray
        ``(d_s,)``, complex, in the order of ``numpy.linalg.eigvals(A)``. The sampled linear part
        forgets its start when all magnitudes are below 1.
    """
    delta_t = checks.number("delta_t", delta_t, above=0)
    checks.one_of("rule", rule, ("backward", "forward", "exact"))
    if checks.ndim("A", A) == 0:
        parts = [checks.number("A", getattr(A, part, A)) for part in ("real", "imag")]
        eigenvalues = np.array([complex(*parts)])
    else:
        eigenvalues = np.linalg.eigvals(matrix_terms("A", A, square=True, single=True)[0])
    z = np.asarray(eigenvalues * delta_t, np.complex128)
    if rule == "exact":
        return np.exp(z)
    if rule == "forward":
        return 1 + z
    if (z == 1).any():
        raise ValueError(f"delta_t: expected I - delta_t A invertible, got delta_t = {delta_t:g}")
    return 1 / (1 - z)


def _sample(
    model: AdditiveModel,
    x: Signal | None,
    t_end: float,
    delta_t: float,
    history: Any,
    *,
    implicit: bool,
) -> Samples:
    _check_model(model)
    t_end = checks.number("t_end", t_end, above=0)
    delta_t = checks.number("delta_t", delta_t, above=0)
    steps = math.floor(t_end / delta_t * (1 + 1e-12))
    if steps < 1:
        raise ValueError(f"delta_t: expected at most t_end = {t_end:g}, got {delta_t:g}")
    lag_s = _steps("tau_s", model.tau_s, delta_t, least=0)
    lag_r = _steps("tau_r", model.tau_r, delta_t, least=1)
    lag_x = _steps("tau_x", model.tau_x, delta_t, least=0)
    signal, past = model.signal(x), model.past(history)

    s = np.empty((steps + 1, model.d_s))
    s[0] = past(0.0)

    def state(n: int) -> Array:
        return s[n] if n >= 0 else past(n * delta_t)

    # Backward Euler takes the terms at the new time n; those in s[n] itself go to the left.
    decay = sum((A for A, lag in zip(model.A, lag_s, strict=True) if lag == 0), 0 * model.A[0])
    solve = _left_inverse(decay, delta_t) if implicit else np.eye(model.d_s)
    for n in range(1, steps + 1):
        now = n if implicit else n - 1
        with checks.quiet():  # an unstable rule may run off
            rate: Array = model.phi.copy()
            for A_k, lag in zip(model.A, lag_s, strict=True):
                if lag or not implicit:
                    rate += A_k @ state(now - lag)
            for B_k, lag in zip(model.B, lag_r, strict=True):
                rate += B_k @ model.G(state(now - lag))
            for C_k, lag in zip(model.C, lag_x, strict=True):
                rate += C_k @ signal((now - lag) * delta_t)
            s[n] = solve @ (s[n - 1] + delta_t * rate)
    return Samples(delta_t * np.arange(steps + 1), s, model.G(s), delta_t, tuple(lag_r))


def _check_model(model: Any) -> None:
    if not isinstance(model, AdditiveModel):
        raise TypeError(f"model: expected an AdditiveModel, got {type(model).__name__}")


def _backward_euler_weights(
    A: Array, B: Array, C: Array, phi: Array, delta_t: float
) -> CanonicalWeights:
    W_s = _left_inverse(A, delta_t)
    return CanonicalWeights(W_s, delta_t * W_s @ B, delta_t * W_s @ C, delta_t * W_s @ phi)


def _left_inverse(A: Array, delta_t: float) -> Array:
    """(I - delta_t A)^-1."""
    left = np.eye(len(A)) - delta_t * A
    # Rows are brought to one scale first: a stiff A is not a singular one.
    largest = np.abs(left).max(axis=1, keepdims=True)
    if not largest.all() or np.linalg.matrix_rank(left / largest) < len(A):
        raise ValueError(
            f"delta_t: expected I - delta_t A invertible, got delta_t = {delta_t:g} with "
            f"1/delta_t an eigenvalue of A"
        )
    return np.linalg.inv(left)


def _steps(name: str, delays: Array, delta_t: float, *, least: int) -> list[int]:
    """Delays as whole numbers of steps, with a warning for each that had to move."""
    lags = []
    for tau in delays:
        lags.append(max(math.floor(tau / delta_t + 0.5), least))
        if abs(lags[-1] * delta_t - tau) > 1e-9 * max(tau, delta_t):
            # The reader's line: past _steps, _sample and the public rule.
            _warn_delay(name, tau, delta_t, lags[-1], stacklevel=5)
    return lags


def _warn_delay(name: str, tau: float, delta_t: float, steps: int, stacklevel: int) -> None:
    at_least = " (feedback needs at least one)" if name == "tau_r" else ""
    warnings.warn(
        f"{name}: {tau:.10g} is not a whole number of steps of delta_t = {delta_t:.10g}{at_least}; "
        f"used {steps} step{'s' * (steps != 1)} = {steps * delta_t:.10g}",
        DelayWarning,
        stacklevel=stacklevel,
    )
