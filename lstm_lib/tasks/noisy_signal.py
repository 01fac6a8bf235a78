r"""A signal that must be read through noise: the past helps, and so does the future."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["NoisySignal"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class NoisySignal:
    r"""Say what a slowly changing signal is, from noisy measurements of it.

    .. math::

        c[n]=\kappa\,c[n-1]+\sqrt{1-\kappa^2}\,z[n],\qquad x[n]=c[n]+\nu\,e[n],\qquad
        \text{target }c[n],

    with $z$ and $e$ independent standard normal numbers and $c[0]$ drawn from the steady state,
    so that $c$ has variance 1 at every step.

    Parameters
    ----------
    memory
        $\kappa$, from 0 to below 1.
    noise
        $\nu$, above 0.
    N, batch
        Steps of a sequence and sequences of a batch.
    margin
        Steps at either end that do not count, because a window is cut off there.
    """

    memory: float = 0.9
    noise: float = 1.0
    N: int = 40
    batch: int = 32
    margin: int = 8

    def __post_init__(self) -> None:
        checks.number("memory", self.memory, at_least=0, below=1)
        checks.number("noise", self.noise, above=0)
        checks.size("batch", self.batch)
        checks.size("margin", self.margin, at_least=0)
        checks.size("N", self.N, at_least=2 * self.margin + 1)

    def __call__(self, random: np.random.Generator) -> tuple[Array, Array, Array]:
        """A batch: ``x`` and target ``(N, batch, 1)``, and the mask ``(N, batch)``."""
        fresh = random.normal(size=(self.N, self.batch, 1))
        clean = np.empty_like(fresh)
        value = fresh[0]
        for n in range(self.N):
            if n:
                value = self.memory * value + np.sqrt(1 - self.memory**2) * fresh[n]
            clean[n] = value
        x = clean + self.noise * random.normal(size=clean.shape)
        mask = np.zeros(clean.shape[:2])
        mask[self.margin : self.N - self.margin] = 1
        return x, clean, mask

    def best_taps(self, lags: Iterable[int]) -> tuple[Array, float]:
        r"""The best estimate of $c[n]$ from $x[n-l]$ with the given lags, and its error.

        Everything is normal, so the best of all estimates is linear (Wiener). Its taps solve the
        normal equations $\sum_k\big(\kappa^{|l-k|}+\nu^2\delta_{lk}\big)w_k=\kappa^{|l|}$, and
        its mean squared error is $1-\sum_lw_l\kappa^{|l|}$.
        """
        at = np.array(list(lags))
        if at.ndim != 1 or at.size == 0 or at.dtype.kind not in "iu" or len(set(at)) < len(at):
            raise ValueError(f"lags: expected different whole numbers, got {lags!r}")
        wanted = self.memory ** np.abs(at).astype(float)
        distance = np.abs(at[:, None] - at).astype(float)
        correlation = self.memory**distance + self.noise**2 * np.eye(len(at))
        taps = np.linalg.solve(correlation, wanted)
        return taps, float(1 - taps @ wanted)
