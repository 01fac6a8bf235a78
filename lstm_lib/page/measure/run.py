"""``make results``: measure what is missing, confirm what is older than its code.

    make results                              # all experiments, one process a core
    make results EXPERIMENT="one other" JOBS=2
    make results BACKEND=threading            # any backend of joblib

On a cluster, with the library installed on every machine:

    DASK_SCHEDULER_ADDRESS=tcp://host:8786 make results BACKEND=dask
    RAY_ADDRESS=auto make results BACKEND=ray

BLAS has one thread in each worker, so that a value does not depend on where it was measured.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from joblib.parallel import get_active_backend
from threadpoolctl import threadpool_info, threadpool_limits

import lstm_lib
from lstm_lib.page.measure.experiment import Experiment, folder
from lstm_lib.page.measure.result import Damaged, Result, describe
from lstm_lib.page.measure.workfile import Busy, WorkFile

__all__ = ["Failed", "main", "measure", "run_all", "stale"]

DIGITS = 6  # significant digits that are kept
SAMPLE = 2  # trials a setting that confirm a file


class Failed(RuntimeError):
    """A trial raised; what the others have measured is kept."""


def stale(experiment: Experiment, where: Path | None = None) -> str:
    """Why the file of an experiment does not hold (any more), in words; empty if it does."""
    try:
        result = experiment.result(where)
    except (FileNotFoundError, ValueError) as error:
        return str(error)
    if result.measured["inputs"] != experiment.inputs():
        return (
            f"results/{experiment.name}.json is older than the code that it was measured with; "
            f"run {experiment.command}"
        )
    return ""


def measure(experiment: Experiment, where: Path | None = None, jobs: int = -1) -> str:
    """Measure what is missing with joblib's active backend, write the file, say what was done."""
    where = where or folder()
    path = where / f"{experiment.name}.json"
    inputs = experiment.inputs()
    work = WorkFile(where / ".running" / f"{experiment.name}.jsonl", json.dumps(inputs))
    with work, threadpool_limits(1, user_api="blas"):
        if not stale(experiment, where):
            return "up to date"
        if path.exists() and not work.kept:
            measured = Result.read(path, experiment.command).measured
            if measured["inputs"]["declared"] == inputs["declared"]:
                count = _confirm(experiment, experiment.result(where), jobs)
                if count:
                    confirmed = {**_here(), "trials": count}
                    _write(path, {**measured, "inputs": inputs, "confirmed": confirmed})
                    return f"confirmed by {count} trials"
                print(f"{experiment.name}: the code gives other values now; all anew", flush=True)
        todo = [
            (number, seed)
            for seed in experiment.seeds  # all settings early: a mistake shows early
            for number in range(len(experiment.settings))
            if (number, seed) not in work.kept
        ]
        for number, seed, values, seconds in _finished(experiment, todo, jobs):
            work.keep(number, seed, values, seconds)
            total = len(experiment.seeds) * len(experiment.settings)
            print(f"{experiment.name}: {len(work.kept)} of {total} trials", flush=True)
        _write(path, _document(experiment, inputs, work.kept))
        work.remove()
    return "measured"


def _confirm(experiment: Experiment, result: Result, jobs: int) -> int:
    """How many trials were run again and agree; 0 if one does not.

    All their values have to, where the same NumPy and kernel have measured them.
    """
    here, measured = _here(), result.measured
    same = all(here[key] == measured[key] for key in ("numpy", "kernel"))
    names = result.names if same else None
    todo = [(n, s) for s in experiment.seeds[:SAMPLE] for n in range(len(experiment.settings))]
    agree = len(todo)
    for number, seed, values, _ in _finished(experiment, todo, jobs):
        if apart := experiment.apart(result, seed, experiment.settings[number], values, names):
            where = f"seed {seed}, {describe(experiment.settings[number])}"
            print(f"{experiment.name}: {where}: {'; '.join(apart)}", flush=True)
            agree = 0
    return agree


def _finished(
    experiment: Experiment, todo: list[tuple[int, int]], jobs: int
) -> Iterator[tuple[int, int, dict[str, Any], float]]:
    """The trials as they end: number of the setting, seed, values, seconds.

    ``Failed``, after the ones that have begun, if one raises; no other is begun then.
    """
    failures: list[str] = []

    def calls() -> Iterator[Any]:
        for number, seed in todo:
            if failures:
                return
            yield joblib.delayed(_trial)(experiment, number, seed)

    # Ray's and multiprocessing's backends hand nothing out before the end: short rounds for them.
    streams = getattr(get_active_backend()[0], "supports_return_generator", False)
    kind = "generator_unordered" if streams else "list"
    parallel = joblib.Parallel(n_jobs=jobs, return_as=kind, batch_size=1)
    waiting = calls()
    rounds = iter(lambda: list(islice(waiting, joblib.effective_n_jobs(jobs))), [])
    for outcomes in [parallel(waiting)] if streams else map(parallel, rounds):
        for number, seed, values, seconds, failure in outcomes:
            if failure:
                setting = describe(experiment.settings[number])
                failures.append(f"{experiment.name}, seed {seed}, {setting}:\n{failure}")
            else:
                yield number, seed, values, seconds
    if failures:
        raise Failed("\n".join(failures))


def _trial(experiment: Experiment, number: int, seed: int) -> tuple[int, int, Any, float, str]:
    """One trial in a worker; an exception comes back as its text."""
    threadpool_limits(1, user_api="blas")
    begin = time.thread_time()  # of this core: what else the machine does is not counted
    try:
        values = experiment.run(seed, experiment.settings[number])
    except Exception:
        return number, seed, {}, 0.0, traceback.format_exc()
    return number, seed, values, time.thread_time() - begin, ""


def _document(
    experiment: Experiment, inputs: dict[str, str], kept: dict[tuple[int, int], dict[str, Any]]
) -> dict[str, Any]:
    """The content of the file."""
    names = {tuple(trial["values"]) for trial in kept.values()}
    if len(names) > 1:
        raise Failed(f"{experiment.name}: expected the same names of every trial, got {names}")
    seconds = sum(trial["seconds"] for trial in kept.values())
    return {
        "experiment": experiment.name,
        "command": experiment.command,
        **_here(),
        "cores": joblib.cpu_count(),
        "threads": 1,
        "minutes": float(f"{seconds / 60:.2g}"),
        "inputs": inputs,
        "confirmed": None,
        "settings": [
            {
                "setting": setting,
                "seeds": experiment.seeds,
                "values": {
                    name: [_rounded(kept[number, s]["values"][name]) for s in experiment.seeds]
                    for name in next(iter(names))
                },
            }
            for number, setting in enumerate(experiment.settings)
        ],
    }


def _here() -> dict[str, Any]:
    """The day, the versions, and the kernel that multiplies matrices."""
    kernels = {str(pool.get("architecture")) for pool in _blas()}
    return {
        "date": datetime.date.today().isoformat(),
        "lstm_lib": lstm_lib.__version__,
        "numpy": np.__version__,
        "kernel": ", ".join(sorted(kernels)) or "unknown",
    }


def _blas() -> list[dict[str, Any]]:
    return [pool for pool in threadpool_info() if pool["user_api"] == "blas"]


def _rounded(value: Any) -> Any:
    """To the digits that are kept. JSON has no infinity: such a number becomes a word."""
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else str(value)


def _write(path: Path, document: dict[str, Any]) -> None:
    """In one move: there is never half a file. One line for each list of values."""
    head = json.dumps({**document, "settings": []}, indent=1, ensure_ascii=False)
    parts = []
    for part in document["settings"]:
        lines = [f"   {json.dumps(n)}: {json.dumps(v)}" for n, v in part["values"].items()]
        parts.append(
            f'  {{"setting": {json.dumps(part["setting"])},\n   "seeds": {part["seeds"]},\n'
            f'   "values": {{\n' + ",\n".join(lines) + "}}"
        )
    text = head.replace('"settings": []', '"settings": [\n' + ",\n".join(parts) + "]") + "\n"
    assert json.loads(text) == document
    new = path.with_name(path.name + ".new")
    with open(new, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


@contextmanager
def _connected(backend: str) -> Iterator[None]:
    """joblib's backend; for a cluster, with a client of it."""
    if backend == "dask":
        from distributed import Client

        with Client(set_as_default=True), joblib.parallel_config(backend=backend):
            yield
        return
    if backend == "ray":
        from ray.util.joblib import register_ray

        register_ray()
    with joblib.parallel_config(backend=backend):
        yield


def main(every: dict[str, Experiment], arguments: list[str] | None = None) -> int:
    """The command, for these experiments by name; returns its exit code."""
    parser = argparse.ArgumentParser(prog="make results", description=__doc__)
    parser.add_argument("names", nargs="*", help="experiments (default: all)")
    parser.add_argument("--jobs", type=int, default=-1, help="workers (default: one a core)")
    parser.add_argument("--backend", default="loky", help="a backend of joblib (default: loky)")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(every)):
        parser.error(f"expected names of {', '.join(every) or 'nothing yet'}; got {unknown}")
    return run_all([every[name] for name in given.names or every], given.backend, given.jobs)


def run_all(
    chosen: list[Experiment], backend: str = "loky", jobs: int = -1, where: Path | None = None
) -> int:
    """Measure these experiments; 1 if a trial fails or another run is at it."""
    with _connected(backend):
        for experiment in chosen:
            try:
                print(f"{experiment.name}: {measure(experiment, where, jobs)}", flush=True)
            except (Busy, Damaged, Failed) as error:
                print(error, file=sys.stderr)
                return 1
            except KeyboardInterrupt:
                print(f"{experiment.name}: stopped; the same command goes on", file=sys.stderr)
                return 1
    return 0
