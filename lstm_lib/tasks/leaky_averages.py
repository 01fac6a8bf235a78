r"""Leaky averages of noise, of several speeds: slow memory, and nothing to be seen ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["LeakyAverages"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class LeakyAverages:
    r"""Keep leaky averages of an input of independent numbers.

    .. math::

        y_i[n]=\kappa_i\,y_i[n-1]+\sqrt{1-\kappa_i^2}\,x[n],\qquad y_i[-1]=0,

    with standard normal $x[n]$: in the steady state every $y_i$ has variance 1. The target is all
    of them, or one number, their mean. Future inputs say nothing about it.

    Parameters
    ----------
    keep
        The $\kappa_i$, each from 0 to below 1.
    mean
        Whether the target is the mean of the $y_i$ instead of all of them.
    N, batch
        Steps of a sequence and sequences of a batch.
    """

    keep: tuple[float, ...] = (0.3, 0.6, 0.8, 0.9)
    mean: bool = False
    N: int = 40
    batch: int = 32

    def __post_init__(self) -> None:
        if not isinstance(self.keep, tuple) or not self.keep:
            raise TypeError(f"keep: expected a tuple of numbers, got {self.keep!r}")
        for value in self.keep:
            checks.number("keep", value, at_least=0, below=1)
        checks.flag("mean", self.mean)
        checks.size("N", self.N)
        checks.size("batch", self.batch)

    def __call__(self, random: np.random.Generator) -> tuple[Array, Array]:
        """A batch: ``x`` of shape ``(N, batch, 1)``, target ``(N, batch, d_y)``."""
        x = random.normal(size=(self.N, self.batch, 1))
        keep = np.array(self.keep)
        y = np.empty((self.N, self.batch, len(keep)))
        last = np.zeros((self.batch, len(keep)))
        for n in range(self.N):
            last = keep * last + np.sqrt(1 - keep**2) * x[n]
            y[n] = last
        return x, y.mean(axis=-1, keepdims=True) if self.mean else y

    def covariance(self) -> Array:
        r"""Of the $y_i$ in the steady state, with $c_i=\sqrt{1-\kappa_i^2}$.

        .. math:: \operatorname{cov}(y_i,y_j)=\frac{c_ic_j}{1-\kappa_i\kappa_j}
        """
        keep = np.array(self.keep)
        scale = np.sqrt(1 - keep**2)
        out: Array = np.outer(scale, scale) / (1 - np.outer(keep, keep))
        return out
