r"""The fixed parts of the networks in the figures: a basis, a spectrum, weights and one input.

.. math:: W_r = Q\,(\Lambda + \alpha N)\,Q^\top

is a real Schur form: $Q$ is orthogonal, $\Lambda$ has $2\times2$ rotations on its diagonal, with 1,
0.95, 0.9 and 0.8 times the radius as their sizes, and $N$ has identities just above them. So the
spectral radius is what it is said to be whatever $\alpha$ is, and $W_r$ is normal exactly if
$\alpha=0$.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import initialise

__all__ = ["STEPS", "fixed", "recurrent"]

Array = NDArray[np.floating]

#: Steps of a run.
STEPS = 150
SIZES = (1.0, 0.95, 0.9, 0.8)
ANGLES = (0.35, 1.2, 2.0, 2.8)


@cache
def fixed() -> dict[str, Any]:
    """Everything that no slider changes, as arrays; ``d`` is 8."""
    d = 2 * len(SIZES)
    rng = np.random.default_rng(18)
    Q = initialise.orthogonal((d, d), rng)
    spectrum, coupling = np.zeros((d, d)), np.zeros((d, d))
    for k, (size, angle) in enumerate(zip(SIZES, ANGLES, strict=True)):
        cos, sin = size * np.cos(angle), size * np.sin(angle)
        spectrum[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = [[cos, -sin], [sin, cos]]
        if k:
            coupling[2 * k - 2 : 2 * k, 2 * k : 2 * k + 2] = np.eye(2)
    few = lambda *shape: np.round(rng.normal(size=shape), 2)  # noqa: E731
    start = few(d)
    return {
        "Q": Q,
        "spectrum": spectrum,
        "coupling": coupling,
        "signal": few(STEPS),
        "W_x": few(d, 1),
        "start": start,
        "error": few(d),
        "W_xcu": 0.3 * few(d, 1),
        "W_xcs": 0.3 * few(d, 1),
        "W_xcr": 0.3 * few(d, 1),
        "b_cu": np.full(d, -2.0),
        "W_vcu": 0.3 * Q,
        "W_vcs": 0.3 * Q.T,
        "W_vcr": 0.3 * Q @ Q,
    }


def recurrent(radius: float, nonnormal: float) -> Array:
    r"""$W_r=Q(\Lambda+\alpha N)Q^\top$ with spectral radius ``radius``."""
    radius = checks.number("radius", radius, at_least=0)
    nonnormal = checks.number("nonnormal", nonnormal, at_least=0)
    parts = fixed()
    Q: Array = parts["Q"]
    W: Array = Q @ (radius * parts["spectrum"] + nonnormal * parts["coupling"]) @ Q.T
    return W
