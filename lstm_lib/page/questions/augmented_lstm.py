"""The programs behind the questions of 07_augmented_lstm: those of its figures."""

from __future__ import annotations

from functools import cache

from lstm_lib.page.figures.augmented_lstm import models

__all__ = ["model"]


@cache
def model() -> str:
    """``context_window``, ``filtered`` and ``ahead_step``, and ``parameters``."""
    return "\n".join([models.window(), models.look_ahead(), models.projection()])
