r"""An oscillator that is struck by some inputs and must ignore the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["Distractors"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Distractors:
    r"""Go on swinging while the input is garbage.

    .. math::

        y[n]=2\kappa\cos(\omega)\,y[n-1]-\kappa^2\,y[n-2]+c\,i[n]\,z[n],

    a damped oscillator. $z[n]$ is a normal number and $i[n]$ says, with 1 or 0, whether it counts.
    The input shows both at every step, $x[n]=(z[n],i[n])$; where $i[n]=0$ the number is garbage,
    multiplied by ``strength``. The swing must go on meanwhile. The factor c (:attr:`kick`) gives
    $y$ the variance 1 in the steady state, however seldom it is struck.

    Parameters
    ----------
    garbage
        Share of steps with $i[n]=0$; with 0 the task is clean.
    strength
        Standard deviation of garbage; 1 where the number counts.
    keep, omega
        $\kappa$, from 0 to below 1, and $\omega$ in radians a step.
    N, batch
        Steps of a sequence and sequences of a batch.
    """

    garbage: float = 0.7
    strength: float = 1.0
    keep: float = 0.9
    omega: float = 0.6
    N: int = 40
    batch: int = 32

    def __post_init__(self) -> None:
        checks.number("garbage", self.garbage, at_least=0, below=1)
        checks.number("strength", self.strength, at_least=0)
        checks.number("keep", self.keep, at_least=0, below=1)
        checks.number("omega", self.omega)
        checks.size("N", self.N)
        checks.size("batch", self.batch)

    @property
    def kick(self) -> float:
        r"""The factor c. With $a=2\kappa\cos\omega$, $b=\kappa^2$ and $p$ the share that counts,

        .. math:: c^2=\frac{(1-b)\big((1+b)^2-a^2\big)}{p\,(1+b)},

        since strikes of variance $p\,c^2$ make $y$ vary by $p\,c^2(1+b)/((1-b)((1+b)^2-a^2))$.
        """
        a, b = 2 * self.keep * np.cos(self.omega), self.keep**2
        return float(np.sqrt((1 - b) * ((1 + b) ** 2 - a**2) / ((1 - self.garbage) * (1 + b))))

    def __call__(self, random: np.random.Generator) -> tuple[Array, Array]:
        """A batch: ``x`` of shape ``(N, batch, 2)``, target ``(N, batch, 1)``."""
        shape = (self.N, self.batch, 1)
        counts = (random.random(shape) >= self.garbage).astype(float)
        z = random.normal(size=shape)
        y = np.empty(shape)
        last = before = np.zeros(shape[1:])
        for n in range(self.N):
            swing = 2 * self.keep * np.cos(self.omega) * last - self.keep**2 * before
            last, before = swing + self.kick * counts[n] * z[n], last
            y[n] = last
        shown = np.where(counts > 0, z, self.strength * z)
        return np.concatenate([shown, counts], axis=-1), y
