r"""A driven pendulum: hear the pushes, say where the bob is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["Pendulum"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Pendulum:
    r"""Follow a pendulum from the pushes that it gets.

    The angle obeys

    .. math:: \ddot\varphi(t) = -\sin\varphi(t) - \gamma\,\dot\varphi(t) + u(t)

    from rest, with a push $u$ that is constant over each sampling step and normally distributed.
    Time is in units of $\sqrt{\text{length}/g}$, in which a small swing takes $2\pi$. The input is
    $x[n]=u$ during step n, the target $\sin\varphi$ at its end: how far the bob stands to the side.

    Parameters
    ----------
    N
        Steps.
    batch
        Sequences in a batch.
    delta_t
        Sampling step; the equation is solved by the semi-implicit Euler rule in tenths of it.
    damping
        $\gamma$, at least 0.
    push
        Standard deviation of $u$, above 0.

    Examples
    --------
    >>> import numpy as np
    >>> x, target = Pendulum(N=10, batch=4)(np.random.default_rng(0))
    >>> x.shape, target.shape
    ((10, 4, 1), (10, 4, 1))
    """

    N: int = 60
    batch: int = 16
    delta_t: float = 0.5
    damping: float = 0.4
    push: float = 0.5

    def __post_init__(self) -> None:
        checks.size("N", self.N)
        checks.size("batch", self.batch)
        checks.number("delta_t", self.delta_t, above=0)
        checks.number("damping", self.damping, at_least=0)
        checks.number("push", self.push, above=0)

    def __call__(self, random: np.random.Generator) -> tuple[Array, Array]:
        """A batch: inputs ``(N, batch, 1)`` and targets ``(N, batch, 1)``."""
        x = self.push * random.normal(size=(self.N, self.batch, 1))
        return x, self.answer(x)

    def answer(self, x: Array) -> Array:
        r"""$\sin\varphi$ at the end of every step for pushes ``x``, ``(N, B, 1)``, from rest."""
        h = self.delta_t / 10
        angle = np.zeros(x.shape[1:])
        speed = np.zeros_like(angle)
        target = np.empty_like(x)
        for n, push in enumerate(x):
            for _ in range(10):
                speed = speed + h * (push - np.sin(angle) - self.damping * speed)
                angle = angle + h * speed
            target[n] = np.sin(angle)
        return target
