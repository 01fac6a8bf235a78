"""What was measured, read from its file: values, counts, quartiles, dots."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.page.style import COLOURS

__all__ = ["Count", "Damaged", "Result", "describe", "whole"]

Array = NDArray[np.float64]


def describe(setting: dict[str, Any]) -> str:
    """A setting in words: ``bias=4.0, cell='LSTM'``."""
    return ", ".join(f"{name}={value!r}" for name, value in setting.items()) or "no setting"


class Damaged(ValueError):
    """A file that is not what was written: half a merge, half a line, another format."""


def whole(path: Path, take: Callable[[Any], Any], text: str, remedy: str) -> Any:
    """What ``take`` makes of JSON; ``Damaged`` names the file, the fault and the remedy."""
    try:
        return take(json.loads(text))
    except json.JSONDecodeError as error:
        begin = text.splitlines()[error.lineno - 1 : error.lineno]
        fault = f"{error.msg.lower()} at line {error.lineno}: {' '.join(begin)[:40]!r}"
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        fault = f"{type(error).__name__} {error}"
    raise Damaged(f"{path}: expected what make results has written, got {fault}; {remedy}")


@dataclass(frozen=True)
class Count:
    """``k`` of ``n``, and Wilson's interval (95 %) of the share behind it.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference.
    """

    k: int
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """The shares p whose distance from k/n is at most z sqrt(p (1 - p) / n), z = 1.96."""
        z2 = 1.959964**2
        middle = (self.k + z2 / 2) / (self.n + z2)
        half = math.sqrt(z2 * (self.k * (self.n - self.k) / self.n + z2 / 4)) / (self.n + z2)
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def __str__(self) -> str:
        low, high = (round(100 * share) for share in self.interval)
        return f"{self.k} of {self.n} ({low} to {high} %)"


class Result:
    """The values of an experiment, ``[seed]`` or ``[seed, entry]`` for each setting and name.

    A setting is named by as many of its arguments as it takes to tell it from the others.
    """

    def __init__(self, measured: dict[str, Any], rtol: float = 1e-3) -> None:
        self.measured = measured
        self.rtol = rtol
        self.settings: list[dict[str, Any]] = [part["setting"] for part in measured["settings"]]
        self.seeds: list[int] = measured["settings"][0]["seeds"]
        self.names: list[str] = list(measured["settings"][0]["values"])

    @classmethod
    def read(cls, path: Path, command: str, rtol: float = 1e-3) -> Result:
        """From its file; ``Damaged`` if that is none."""

        def take(measured: Any) -> Result:
            measured["inputs"]["declared"], measured["experiment"], measured["command"]
            measured["date"], float(measured["minutes"])
            found = cls(measured, rtol)
            for part in measured["settings"]:
                if list(part["values"]) != found.names or part["seeds"] != found.seeds:
                    raise ValueError("settings that were not measured alike")
                for name, values in part["values"].items():
                    if len(np.array(values, dtype=float)) != len(found.seeds):
                        raise ValueError(f"not a {name} for each seed")
            return found

        remedy = f"take it from git (git checkout -- {path}), or delete it and run {command}"
        return whole(path, take, path.read_text(encoding="utf-8", errors="replace"), remedy)

    def __repr__(self) -> str:
        return f"<Result {self.measured['experiment']}: {self.caption()}>"

    def setting(self, **arguments: Any) -> dict[str, Any]:
        """The one setting that has these arguments."""
        known = [name for setting in self.settings for name in setting]
        for name in arguments:
            checks.one_of("setting", name, dict.fromkeys(known))
        found = [s for s in self.settings if _has(s, arguments)]
        if len(found) != 1:
            listed = "; ".join(describe(s) for s in found or self.settings)
            raise ValueError(f"setting: expected one of {listed}; got {describe(arguments)}")
        return found[0]

    def values(self, name: str, **setting: Any) -> Array:
        """The values over the seeds, in the order of ``seeds``."""
        checks.one_of("name", name, self.names)
        chosen = self.settings.index(self.setting(**setting))
        return np.array(self.measured["settings"][chosen]["values"][name], dtype=float)

    def quartiles(self, name: str, **setting: Any) -> Array:
        """Lower quartile, median and upper quartile over the seeds."""
        return np.quantile(self.values(name, **setting), [0.25, 0.5, 0.75], axis=0)

    def count(
        self,
        name: str,
        *,
        below: float | None = None,
        above: float | None = None,
        **setting: Any,
    ) -> Count:
        """How many seeds end below (or above) a threshold, with an interval.

        ``ValueError`` if a value lies so near that another machine could count it otherwise.
        """
        if (below is None) == (above is None):
            raise ValueError("count: expected one of below and above, got both or none")
        threshold = checks.number("threshold", above if below is None else below)
        values = self.values(name, **setting)
        if values.ndim > 1:
            raise ValueError(f"name: expected a number a seed, got the lists {name!r}")
        near = np.isclose(values, threshold, rtol=self.rtol, atol=0)
        if near.any():
            raise ValueError(
                f"threshold: expected one that no value touches, got {threshold:g} "
                f"beside {values[near][0]:g}"
            )
        hits = values > threshold if below is None else values < threshold
        return Count(int(hits.sum()), len(values))

    def caption(self) -> str:
        """How much was measured, when, in which time and with which command."""
        found = self.measured
        minutes = round(found["minutes"])
        took = {0: "less than a minute", 1: "1 minute"}.get(minutes, f"{minutes} minutes")
        seeds = f"{len(self.seeds)} seed{'s' * (len(self.seeds) != 1)}"
        return f"{seeds}, measured {found['date']}, {took}: {found['command']}"

    def dots(self, axis: Any, name: str, labels: list[str] | None = None, **setting: Any) -> None:
        """Draw one dot a seed, a column a setting, a line from quartile to quartile.

        ``setting`` picks the settings that have these arguments; ``labels`` stand below them
        (default: the settings in words). For ``lstm_lib.page.display.figure`` and its style.
        """
        shown = [s for s in self.settings if _has(s, setting)]
        if not shown:
            self.setting(**setting)  # says what there is
        texts = [describe(s) for s in shown] if labels is None else list(labels)
        if len(texts) != len(shown):
            raise ValueError(f"labels: expected {len(shown)}, got {len(texts)}")
        shift = 0.3 * (np.arange(len(self.seeds)) * 0.618034 % 1 - 0.5)  # dots side by side
        for column, chosen in enumerate(shown):
            values = self.values(name, **chosen)
            low, median, high = self.quartiles(name, **chosen)
            axis.plot(
                column + shift, values, "o", color=COLOURS["blue"][0], alpha=0.6, markersize=4
            )
            axis.vlines(column + 0.28, low, high, color=COLOURS["ink"][0], linewidth=1.5)
            axis.plot(column + 0.28, median, "_", color=COLOURS["ink"][0], markersize=9)
        axis.set_xticks(range(len(shown)), texts)
        axis.set_xlim(-0.5, len(shown) - 0.5)
        axis.grid(False, axis="x")


def _has(setting: dict[str, Any], arguments: dict[str, Any]) -> bool:
    """Whether a setting has all of these arguments, with these values (and True is not 1)."""
    return all(
        name in setting
        and setting[name] == value
        and isinstance(setting[name], bool) == isinstance(value, bool)
        for name, value in arguments.items()
    )
