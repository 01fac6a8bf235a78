"""What is measured: a trial, the settings it is run with, and the seeds."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lstm_lib import checks
from lstm_lib.page.measure.inputs import code_hash
from lstm_lib.page.measure.result import Result, describe

__all__ = ["Experiment", "folder"]

Setting = dict[str, Any]
Trial = Callable[..., Mapping[str, Any]]
TAKEN = ("above", "axis", "below", "labels", "name", "seed")  # arguments of Result's methods


def folder() -> Path:
    """Where the results are: in the installed package, or at the top of the repository."""
    package = Path(__file__).resolve().parent.parent.parent
    installed = package / "page" / "results"
    return installed if installed.is_dir() else package.parent / "results"


class Experiment:
    """A trial for every setting and seed.

    Args:
        name: the file is ``results/<name>.json``; small letters, digits and ``_``.
        trial: ``trial(seed, **setting)``, a function at the top of a module. It returns numbers or
            lists of numbers by name; the same seed gives the same numbers.
        settings: keyword arguments of ``trial``: strings, numbers, True, False or None.
        seeds: whole numbers >= 0.
        compare: the values that have to agree when a trial is run again (default: all).
            Name those that another processor's rounding cannot carry away.
        rtol: how far they may be apart, relative to the larger one.
    """

    def __init__(
        self,
        name: str,
        trial: Trial,
        *,
        settings: Iterable[Setting],
        seeds: Iterable[int],
        compare: Sequence[str] | None = None,
        rtol: float = 1e-3,
    ) -> None:
        if not isinstance(name, str) or not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise ValueError(f"name: expected small letters, digits and _, got {name!r}")
        self.name = name
        if not inspect.isfunction(trial) or not trial.__qualname__.isidentifier():
            raise TypeError(f"trial: expected a function at the top of a module, got {trial!r}")
        self.trial = trial
        self.settings = [_setting(trial, setting) for setting in settings]
        self.seeds = [checks.size("seeds", seed, at_least=0) for seed in seeds]
        for what, given in (
            ("settings", [json.dumps(s) for s in self.settings]),
            ("seeds", self.seeds),
        ):
            if not given or len(set(given)) < len(given):
                raise ValueError(f"{what}: expected at least one, none of them twice, got {given}")
        if isinstance(compare, str):
            raise TypeError(f"compare: expected a sequence of names, got {compare!r}")
        self.compare = None if compare is None else list(compare)
        self.rtol = checks.number("rtol", rtol, above=0)

    def __repr__(self) -> str:
        return f"<Experiment {self.name}: {len(self.settings)} settings x {len(self.seeds)} seeds>"

    @property
    def command(self) -> str:
        """What measures it."""
        return f"make results EXPERIMENT={self.name}"

    def declared(self) -> str:
        """A hash of what is run: the settings and the seeds."""
        text = json.dumps([self.name, self.settings, self.seeds])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def inputs(self) -> dict[str, str]:
        """Hashes of all that the values depend on: the declaration, and the code of the trial."""
        return {"declared": self.declared(), "code": code_hash(self.trial)}

    def run(self, seed: int, setting: Setting) -> dict[str, Any]:
        """One trial now: its values by name, as floats or lists of floats."""
        values = self.trial(seed, **setting)
        where = f"{self.name}: trial(seed={seed}, {describe(setting)})"
        if not isinstance(values, Mapping) or not values:
            raise TypeError(f"{where}: expected values by name, got {values!r}")
        return {str(name): _plain(f"{where}: {name}", value) for name, value in values.items()}

    def result(self, where: Path | None = None) -> Result:
        """What was measured. ``FileNotFoundError`` if nothing was; ``ValueError`` if it was with
        other settings or seeds, or if the file is damaged."""
        path = (where or folder()) / f"{self.name}.json"
        if not path.exists():
            raise FileNotFoundError(f"{path}: not measured yet; run {self.command}")
        result = Result.read(path, self.command, self.rtol)
        if result.measured["inputs"]["declared"] != self.declared():
            raise ValueError(f"{path}: measured with other settings or seeds; run {self.command}")
        return result

    def again(self, seed: int, *, where: Path | None = None, **setting: Any) -> None:
        """Run one trial now, compare it with the stored one and print whether they agree."""
        result = self.result(where)
        chosen = result.setting(**setting)
        if seed not in self.seeds:
            raise ValueError(f"seed: expected one of {self.seeds}, got {seed!r}")
        apart = self.apart(result, seed, chosen, self.run(seed, chosen))
        names = ", ".join(self.compare or result.names)
        verdict = "; ".join(apart) or f"{names} as stored (within {self.rtol:.1g} of it)"
        print(f"{self.name}, seed {seed}, {describe(chosen)}, run again: {verdict}.")

    def apart(
        self,
        result: Result,
        seed: int,
        setting: Setting,
        now: dict[str, Any],
        names: Sequence[str] | None = None,
    ) -> list[str]:
        """What a trial that is run again has not in common with the stored one, in words."""
        apart = []
        for name in names or self.compare or result.names:
            stored = result.values(name, **setting)[self.seeds.index(seed)]
            if name not in now:
                apart.append(f"{name} is missing")
            elif np.shape(now[name]) != np.shape(stored) or not np.allclose(
                np.array(now[name], float), stored, rtol=self.rtol, atol=1e-12, equal_nan=True
            ):
                apart.append(f"{name} DIFFERS: {now[name]} now, {stored} stored")
        return apart


def _setting(trial: Trial, setting: Any) -> Setting:
    """A setting that the trial takes and that JSON keeps as it is."""
    if not isinstance(setting, Mapping) or not all(isinstance(name, str) for name in setting):
        raise TypeError(f"settings: expected dictionaries of arguments, got {setting!r}")
    for name, value in setting.items():
        if name in TAKEN:
            raise ValueError(f"settings: expected other names than {', '.join(TAKEN)}, got {name}")
        if not (value is None or isinstance(value, (str, bool, int, float))):
            raise TypeError(f"settings: expected strings or numbers, got {name}={value!r}")
        if isinstance(value, float):
            checks.number(f"settings: {name}", value)
    try:
        inspect.signature(trial).bind(0, **setting)
    except TypeError as error:
        raise ValueError(f"settings: expected arguments of {trial.__name__}: {error}") from error
    return dict(setting)


def _plain(name: str, value: Any) -> Any:
    """A number as a float, a list or vector of numbers as a list of floats."""
    array = np.asarray(value)
    if array.dtype.kind not in "bif" or array.ndim > 1:
        raise TypeError(f"{name}: expected a number or a list of numbers, got {value!r}")
    return array.astype(float).tolist()
