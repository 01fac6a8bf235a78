"""What a training run has to know to go on: written down, and checked before it is taken up."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from lstm_lib import checks

__all__ = ["History", "plain", "random_state", "same"]


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


def plain(state: Any) -> Any:
    """A generator's state as JSON can hold it; some generators have arrays in theirs."""
    if isinstance(state, dict):
        return {name: plain(value) for name, value in state.items()}
    if isinstance(state, np.ndarray):
        return {"array": state.tolist(), "dtype": state.dtype.str}
    return state.item() if isinstance(state, np.generic) else state


def same(random: np.random.Generator) -> str:
    """What two generators have in common exactly if they will draw the same numbers."""
    text = json.dumps(plain(random.bit_generator.state), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def random_state(like: np.random.Generator, state: Any) -> Any:
    """The state that :func:`plain` has written, tried on a generator of the same kind."""
    out = _arrays(state)
    type(like.bit_generator)().state = out
    return out


def _arrays(state: Any) -> Any:
    """The reverse of :func:`plain`."""
    if isinstance(state, dict):
        if set(state) == {"array", "dtype"}:
            return np.array(state["array"], state["dtype"])
        return {name: _arrays(value) for name, value in state.items()}
    return state
