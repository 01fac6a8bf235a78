"""The programs behind the questions of 02_unrolling: both bounds, and the price of a cut."""

from __future__ import annotations

from lstm_lib.page.figures.unrolling.models import rates as model

__all__ = ["model"]
