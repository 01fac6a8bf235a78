"""Checks of the readers' answers to the exercises."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["check", "prove"]


def check(exercise: str, answer: Any, expected: Any, *, tolerance: float = 5e-3) -> None:
    """Print whether an answer is right; ``None`` means that there is none yet.

    Parameters
    ----------
    exercise
        The exercise's name, for the message.
    answer, expected
        Numbers, arrays, or functions of one number. Functions are compared at random complex
        points. A failure says what the answer gave, not what is right.
    tolerance
        Largest accepted relative difference; the default accepts two or three correct digits.
    """
    if answer is None:
        print(f"{exercise}: no answer yet.")
        return
    if callable(expected):
        random = np.random.default_rng(0)
        points = random.normal(size=20) + 1j * random.normal(size=20)
        if not callable(answer):
            print(f"{exercise}: not yet: a function is wanted, not {answer!r}.")
            return
    else:
        points = np.zeros(1)
    for z in points:
        try:
            got = np.asarray(answer(z) if callable(expected) else answer, complex)
        except Exception as error:  # whatever the reader's own code raises is the reader's to see
            print(f"{exercise}: not yet: {type(error).__name__}: {error}")
            return
        want = np.asarray(expected(z) if callable(expected) else expected)
        where = f" at {z:.3f}" if callable(expected) else ""
        if got.shape != want.shape:
            print(
                f"{exercise}: not yet: an array of shape {want.shape} is wanted, not {got.shape}."
            )
            return
        if not np.allclose(got, want, rtol=tolerance, atol=0):
            print(f"{exercise}: not yet: your answer{where} is not the right value.")
            return
    print(f"{exercise}: correct.")


def prove(exercise: str, system: Any, claim: str | None, *, left: str | None = None) -> None:
    """Print whether an equation that the reader typed can be proven; ``None``: none yet.

    Parameters
    ----------
    exercise
        The exercise's name, for the message.
    system
        A system of ``lstm_lib.derive``.
    claim
        A backward equation in the engine's language.
    left
        The left side that it must have, such as ``"psi[n]"``; by default any.
    """
    if claim is None:
        print(f"{exercise}: no answer yet.")
        return
    if left is not None and str(claim).partition("=")[0].replace(" ", "") != left.replace(" ", ""):
        print(f"{exercise}: not yet: an equation for {left} is wanted.")
        return
    try:
        identities = system.verify(claim)
    except Exception as error:  # not proven, or not readable: both are the reader's to see
        print(f"{exercise}: not yet: {type(error).__name__}: {error}")
    else:
        print(f"{exercise}: proven, {identities} identities.")
