r"""Add up what came since the last reset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["SumSinceReset"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class SumSinceReset:
    r"""A stream of numbers and resets; the target is the sum since the last reset.

    At every step there is a number $z[n]$, independent and uniform in $[-1,1]$, and a reset, 1
    with probability ``chance`` and else 0; the first step is a reset. The target is
    $y[n]=z[n]+y[n-1]$, and $y[n]=z[n]$ at a reset. Every step counts. A network must forget at
    once, and at no other time. Streams without an end are where the LSTM of 1997 failed (Gers,
    Schmidhuber and Cummins 2000).

    Parameters
    ----------
    N
        Steps of a stream.
    batch
        Streams in a batch.
    chance
        Probability of a reset at a step after the first, above 0 and at most 1.

    Examples
    --------
    >>> import numpy as np
    >>> x, target, mask = SumSinceReset(N=6, batch=3)(np.random.default_rng(0))
    >>> x.shape, target.shape, bool((target[0] == x[0, :, :1]).all())
    ((6, 3, 2), (6, 3, 1), True)
    """

    N: int = 40
    batch: int = 32
    chance: float = 0.1

    def __post_init__(self) -> None:
        checks.size("N", self.N)
        checks.size("batch", self.batch)
        chance = checks.number("chance", self.chance, above=0)
        if chance > 1:
            raise ValueError(f"chance: expected at most 1, got {self.chance}")

    def __call__(self, random: np.random.Generator) -> tuple[Array, Array, Array]:
        """A batch: inputs ``(N, batch, 2)``, targets ``(N, batch, 1)``, mask ``(N, batch)``."""
        random = checks.generator("random", random)
        z = random.uniform(-1, 1, (self.N, self.batch))
        reset = random.random((self.N, self.batch)) < self.chance
        reset[0] = True
        target, held = np.empty_like(z), np.zeros(self.batch)
        for n in range(self.N):
            held = z[n] + np.where(reset[n], 0, held)
            target[n] = held
        return np.stack([z, reset], axis=-1), target[..., None], np.ones_like(z)
