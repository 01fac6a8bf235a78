r"""Initial weights.

Each function takes a shape (rows, columns) and a seed or ``numpy.random.Generator`` and returns
a float64 array; assigning it to a layer's parameter converts it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["identity", "normal", "orthogonal", "spectral_radius", "uniform"]

Array = NDArray[np.floating]


def _shape(shape: Any) -> tuple[int, int]:
    if not isinstance(shape, tuple) or len(shape) != 2:
        raise ValueError(f"shape: expected (rows, columns), got {shape!r}")
    return checks.size("rows", shape[0]), checks.size("columns", shape[1])


def normal(shape: tuple[int, int], rng: int | np.random.Generator, scale: float = 1.0) -> Array:
    r"""Independent normal numbers with variance ``scale**2 / columns``.

    An input of independent components with variance 1 then gives net inputs of variance
    ``scale**2``, whatever the number of columns.
    """
    rows, columns = _shape(shape)
    random = checks.generator("rng", rng)
    deviation = checks.number("scale", scale, at_least=0) / columns**0.5
    with checks.quiet():
        W = random.normal(0, deviation, (rows, columns))
    checks.in_range("scale", W)
    return W


def uniform(shape: tuple[int, int], rng: int | np.random.Generator, bound: float) -> Array:
    """Independent uniform numbers in ``[-bound, bound)``, as in the papers of the 1990s."""
    random = checks.generator("rng", rng)
    bound = checks.number("bound", bound, at_least=0)
    checks.in_range("bound", 2 * bound)
    return random.uniform(-bound, bound, _shape(shape))


def orthogonal(shape: tuple[int, int], rng: int | np.random.Generator, scale: float = 1.0) -> Array:
    r"""A random matrix with orthonormal columns (or rows, if those are fewer), times ``scale``.

    Uniform over such matrices: QR of normal numbers with the signs of $R$'s diagonal fixed.
    Every singular value is ``scale``, so $W$ neither stretches nor shrinks what it maps.
    """
    rows, columns = _shape(shape)
    random = checks.generator("rng", rng)
    Q, R = np.linalg.qr(random.normal(size=(max(rows, columns), min(rows, columns))))
    with checks.quiet():
        Q = Q * np.sign(np.diag(R)) * checks.number("scale", scale)
    return Q if rows >= columns else Q.T


def identity(shape: tuple[int, int], scale: float = 1.0) -> Array:
    r"""The (rectangular) identity times ``scale``: with a rectifier, the IRNN of Le et al."""
    return checks.number("scale", scale) * np.eye(*_shape(shape))


def spectral_radius(shape: tuple[int, int], rng: int | np.random.Generator, radius: float) -> Array:
    r"""A square matrix of normal numbers, scaled so that $\max|\lambda_i|$ is ``radius``."""
    rows, columns = _shape(shape)
    if rows != columns:
        raise ValueError(f"shape: expected a square matrix, got {(rows, columns)}")
    radius = checks.number("radius", radius, at_least=0)
    W = checks.generator("rng", rng).normal(size=(rows, columns))
    with checks.quiet():
        W = W * (radius / np.abs(np.linalg.eigvals(W)).max())
    checks.in_range("radius", W)
    return W
