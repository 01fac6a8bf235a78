r"""The adding problem: remember two marked numbers among many, and report their sum at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.learning.losses import mask_of_lengths

__all__ = ["AddingProblem"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class AddingProblem:
    r"""Task 4 of Hochreiter and Schmidhuber (1997).

    Every step of a sequence is a pair: a value, uniform in $[-1,1]$, and a marker. The marker is
    $-1$ at the first and at the last pair, 1 at two pairs in between, and 0 elsewhere. With $X_1$
    and $X_2$ for the marked values the target, wanted at the last step only, is

    .. math:: 0.5+\frac{X_1+X_2}{4}.

    The length is uniform from $N$ to $N+N/10$. One of the first ten pairs is marked, then one
    of the first $N/2-1$ pairs that are still unmarked. If a mark falls on the first pair, the
    marker stays $-1$ and the marked value counts as 0. (The paper says so of the first mark; here
    it holds for both.) Fractions of $N$ are rounded down.

    Parameters
    ----------
    N
        Shortest length, in steps; at least 10. (The paper calls it $T$.)
    batch
        Number of sequences that one call returns.

    Attributes
    ----------
    tolerance
        A sequence is right if the answer is nearer than 0.04 to the target.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.

    Notes
    -----
    Sequences of one batch are padded with zeros to $N+N/10$ steps; the mask is true at the last
    step of each sequence and false elsewhere. The paper learns from one sequence at a time.

    Examples
    --------
    >>> import numpy as np
    >>> task = AddingProblem(N=20, batch=3)
    >>> x, target, mask = task(np.random.default_rng(0))
    >>> x.shape, target.shape, mask.shape
    ((22, 3, 2), (22, 3, 1), (22, 3))
    >>> mask.sum(axis=0)
    array([1, 1, 1])
    """

    N: int = 100
    batch: int = 32
    tolerance: ClassVar[float] = 0.04

    def __post_init__(self) -> None:
        checks.size("N", self.N, at_least=10)
        checks.size("batch", self.batch)

    @property
    def longest(self) -> int:
        """The length $N+N/10$, to which all sequences are padded."""
        return self.N + self.N // 10

    @property
    def variance(self) -> float:
        r"""The target's variance: the mean squared error of the best constant answer, 0.5.

        A value that is uniform in $[-1,1]$ has the variance 1/3; marks at the first pair give 0.
        """
        first = 1 - 1 / 10
        second = 1 - first / (self.N // 2 - 1)
        return (first + second) / 3 / 16

    def __call__(self, random: np.random.Generator) -> tuple[Array, Array, NDArray[np.bool_]]:
        """A batch ``(x, target, mask)``: ``(steps, B, 2)``, ``(steps, B, 1)``, ``(steps, B)``.

        There are :attr:`longest` steps.
        """
        steps, B = self.longest, self.batch
        each = np.arange(B)
        length = random.integers(self.N, steps + 1, size=B)
        first = random.integers(10, size=B)
        second = random.integers(self.N // 2 - 1, size=B)
        second += second >= first  # of the pairs that are still unmarked
        x = np.zeros((steps, B, 2))
        x[:, :, 0] = random.uniform(-1, 1, size=(steps, B))
        x[first, each, 1] = x[second, each, 1] = 1
        x[0, :, 1] = x[length - 1, each, 1] = -1
        x *= mask_of_lengths(length, steps)[..., None]
        total = (x[..., 0] * (x[..., 1] == 1)).sum(axis=0)
        target, mask = np.zeros((steps, B, 1)), np.zeros((steps, B), bool)
        target[length - 1, each, 0] = 0.5 + total / 4
        mask[length - 1, each] = True
        return x, target, mask

    def right(self, y: Any, target: Any, mask: Any) -> float:
        """The share of sequences whose answer ``y``, ``(longest, B, 1)``, is right."""
        y = checks.array("y", y, (self.longest, "B", 1))
        target = checks.array("target", target, y.shape)
        there = checks.array("mask", mask, y.shape[:2]).astype(bool)
        return float((np.abs(y - target)[there] < self.tolerance).mean())
