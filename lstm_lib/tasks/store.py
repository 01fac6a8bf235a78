r"""Store a value among distractors, and give it back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["StoreValue"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class StoreValue:
    r"""One of many numbers is marked; say which it was when asked, at the last step.

    At every step there is a number $z[n]$, independent and uniform in $[-1,1]$. One step $m$,
    drawn evenly from the first ``within``, is marked. The inputs are $z[n]$, a mark that is 1 at
    $n=m$ and else 0, and a question that is 1 at the last step and else 0. The target of the last
    step is $z[m]$.

    Whoever knows only the sum of the numbers has a mean squared error of at least
    $\tfrac13(1-\tfrac1N)$, see :attr:`additive_bound`; whoever answers 0 has $\tfrac13$.

    Parameters
    ----------
    N
        Steps, at least 2.
    batch
        Sequences in a batch.
    within
        The mark lies in the first ``within`` steps, all but the last unless given.
    quiet
        Whether the answer has to be 0 at the steps before the question; else these do not count.

    Examples
    --------
    >>> import numpy as np
    >>> x, target, mask = StoreValue(N=10, batch=4)(np.random.default_rng(0))
    >>> x.shape, target.shape, mask.sum()
    ((10, 4, 3), (10, 4, 1), np.float64(4.0))
    """

    N: int = 20
    batch: int = 32
    within: int | None = None
    quiet: bool = False

    def __post_init__(self) -> None:
        checks.size("N", self.N, at_least=2)
        checks.size("batch", self.batch)
        if self.within is not None:
            checks.size("within", self.within)
            if self.within >= self.N:
                raise ValueError(f"within: expected at most {self.N - 1}, got {self.within}")
        checks.flag("quiet", self.quiet)

    def __call__(self, random: np.random.Generator) -> tuple[Array, Array, Array]:
        """A batch: inputs ``(N, batch, 3)``, targets ``(N, batch, 1)``, mask ``(N, batch)``."""
        sequences = np.arange(self.batch)
        x = np.zeros((self.N, self.batch, 3))
        x[..., 0] = random.uniform(-1, 1, (self.N, self.batch))
        marked = random.integers(self.within or self.N - 1, size=self.batch)
        x[marked, sequences, 1] = 1
        x[-1, :, 2] = 1
        target = np.zeros((self.N, self.batch, 1))
        target[-1, :, 0] = x[marked, sequences, 0]
        mask = np.full((self.N, self.batch), float(self.quiet))
        mask[-1] = 1
        return x, target, mask

    @property
    def additive_bound(self) -> float:
        r"""$\tfrac13(1-\tfrac1N)$: the least mean squared error from the sum of all numbers.

        Given the sum $Z$ every number has the same expectation $Z/N$, whichever is marked. The
        best answer is $Z/N$, and its error is the variance of $z$ less that of $Z/N$.
        """
        return (1 - 1 / self.N) / 3
