"""What a training run has measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from lstm_lib import checks

__all__ = ["History"]


@dataclass
class History:
    """What a run has measured: one loss per batch, one validation loss per look, and the best."""

    loss: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    validated_at: list[int] = field(default_factory=list)
    best: float = math.inf
    best_at: int = -1
    stopped_early: bool = False

    def mark(self) -> dict[str, Any]:
        """Where it stands: the lengths of the lists and the other values."""
        return {k: len(v) if isinstance(v, list) else v for k, v in vars(self).items()}

    def rewind(self, mark: dict[str, Any]) -> None:
        """Go back to where it stood."""
        for name, value in mark.items():
            if isinstance(held := getattr(self, name), list):
                del held[value:]
            else:
                setattr(self, name, value)

    @classmethod
    def checked(cls, given: Any) -> History:
        """A history that was read from a file; ``ValueError`` unless it is one."""
        names = [f.name for f in fields(cls)]
        if not isinstance(given, dict) or set(given) != set(names):
            raise ValueError(f"history: expected {', '.join(names)}, got {given!r}")
        for name in ("loss", "gradient_norm", "validation", "validated_at"):
            if not isinstance(given[name], list):
                raise ValueError(f"history: expected a list {name}, got {given[name]!r}")
            if given[name]:
                kind = checks.array(f"history[{name!r}]", given[name], ("steps",))
                if name == "validated_at" and (np.diff(kind) <= 0).any():
                    raise ValueError("history: expected growing validated_at, got others")
        for one, other in (("loss", "gradient_norm"), ("validation", "validated_at")):
            if len(given[one]) != len(given[other]):
                raise ValueError(f"history: expected as many {one} as {other}, got others")
        if given["best"] != math.inf:
            checks.number("history['best']", given["best"])
        checks.size("history['best_at']", given["best_at"], at_least=-1)
        checks.flag("history['stopped_early']", given["stopped_early"])
        return cls(**given)
