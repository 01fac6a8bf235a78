"""Checks of the readers' answers to the exercises."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["check"]


def check(exercise: str, answer: Any, expected: Any, *, tolerance: float = 1e-6) -> None:
    """Print whether an answer is right; ``None`` means that there is none yet.

    Parameters
    ----------
    exercise
        The exercise's name, for the message.
    answer, expected
        Numbers, arrays, or functions of one number; functions are compared at random complex
        points, and a failure names the first point at which they differ, not the right value.
    tolerance
        Largest accepted relative difference.
    """
    if answer is None:
        print(f"{exercise}: no answer yet.")
        return
    if callable(expected):
        random = np.random.default_rng(0)
        points = random.normal(size=20) + 1j * random.normal(size=20)
        pairs = [(answer(z), expected(z), f" at z = {z:.3f}") for z in points]
    else:
        pairs = [(answer, expected, "")]
    for got, want, where in pairs:
        if np.shape(got) != np.shape(want):
            print(
                f"{exercise}: not yet{where}: expected shape {np.shape(want)}, got {np.shape(got)}."
            )
            return
        if not np.allclose(got, want, rtol=tolerance, atol=tolerance):
            print(f"{exercise}: not yet{where}: {got!r} is not the right value.")
            return
    print(f"{exercise}: correct.")
