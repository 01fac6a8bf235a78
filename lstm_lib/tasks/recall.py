r"""Delayed recall: say at the end what came first.

The first input is $+1$ or $-1$, each with probability ½. Noise follows for the rest of the
sequence. At the last step, and only there, the target is the first input. The simplest form of
the latching problem of Bengio, Simard and Frasconi (1994).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["Recall"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Recall:
    """Batches of the task; call with a ``numpy.random.Generator``.

    Parameters
    ----------
    N
        Steps of a sequence, at least 2: the delay is N − 1 steps.
    batch
        Number of sequences B in a batch.
    noise
        Standard deviation of the inputs that follow the first.

    Examples
    --------
    >>> import numpy as np
    >>> x, target, mask = Recall(N=4, batch=3)(np.random.default_rng(0))
    >>> x.shape, target.shape, mask[:, 0].tolist()
    ((4, 3, 1), (4, 3, 1), [0.0, 0.0, 0.0, 1.0])
    >>> bool((target[-1] == x[0]).all())
    True
    """

    N: int = 20
    batch: int = 20
    noise: float = 0.2

    def __post_init__(self) -> None:
        checks.size("N", self.N, at_least=2)
        checks.size("batch", self.batch)
        checks.number("noise", self.noise, at_least=0)

    def __call__(self, random: np.random.Generator) -> tuple[Array, Array, Array]:
        """``(x, target, mask)`` of shapes ``(N, B, 1)``, ``(N, B, 1)`` and ``(N, B)``."""
        random = checks.generator("random", random)
        shape = (self.N, self.batch, 1)
        x = random.normal(0, self.noise, shape)
        x[0] = random.choice([-1.0, 1.0], shape[1:])
        target, mask = np.zeros(shape), np.zeros(shape[:2])
        target[-1], mask[-1] = x[0], 1
        return x, target, mask

    def accuracy(self, network: Any, rng: int | np.random.Generator = 0) -> float:
        """The share of a fresh batch whose sign a network reports at the last step."""
        x, target, _ = self(checks.generator("rng", rng))
        y = network.forward(x).y
        return float((np.sign(y[-1]) == target[-1]).mean())
