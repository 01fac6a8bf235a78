"""One batch, checked as a whole before anything is learned from it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["checked"]

Array = NDArray[Any]


def checked(batch: Any, d_x: int, dtype: np.dtype[Any]) -> tuple[Array, Array, Array | None]:
    """``x, target, mask`` of what the function ``batches`` returned.

    ``x`` is ``(N, B, d_x)`` or ``(N, d_x)``; target and mask have something for each of the N
    steps, all of it finite. The loss function knows what else they must be.
    """
    if not isinstance(batch, (tuple, list)):
        raise TypeError(
            "batches: expected a function that returns (x, target) or (x, target, mask), "
            f"got {type(batch).__name__} from it"
        )
    if len(batch) not in (2, 3):
        raise ValueError(
            f"batches: expected (x, target) or (x, target, mask), got {len(batch)} of them"
        )
    lead = ("N", "B") if checks.ndim("batches()[0]", batch[0]) == 3 else ("N",)
    x = checks.array("batches()[0]", batch[0], (*lead, d_x), dtype)
    target = _steps("batches()[1]", batch[1], len(x))
    mask = batch[2] if len(batch) == 3 else None
    return x, target, None if mask is None else _steps("batches()[2]", mask, len(x))


def _steps(name: str, value: Any, steps: int) -> Array:
    axes = checks.ndim(name, value)
    given = np.asarray(value)
    if axes == 0 or len(given) != steps:
        raise ValueError(
            f"{name}: expected shape ({steps}, ...), as many steps as x has, got {given.shape}"
        )
    free: list[int | str] = [f"axis {i}" for i in range(1, axes)]
    checks.array(name, given, (steps, *free), given.dtype if given.dtype.kind == "f" else float)
    return given
