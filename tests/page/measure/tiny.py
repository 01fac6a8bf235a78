"""Tiny experiments for the tests, and a command that measures one of them."""

import time
from pathlib import Path

import numpy as np

from lstm_lib import StandardRNN
from lstm_lib.page.experiments import Experiment
from lstm_lib.page.measure.run import run_all


def reach(seed: int, gain: float, steps: int = 5) -> dict[str, object]:
    """The size of an RNN's state, step by step and at the end."""
    layer = StandardRNN(1, 3, rng=seed)
    layer.params["W_r"] = gain * layer.params["W_r"]
    r = layer.forward(np.ones((steps, 1))).r
    sizes = np.abs(r).max(axis=-1)
    return {"last": sizes[-1], "sizes": sizes, "unbounded": np.inf if gain > 1 else 0}


def slow(seed: int, gain: float) -> dict[str, object]:
    """The same, in a while."""
    time.sleep(0.08)
    return reach(seed, gain)


def broken(seed: int, gain: float) -> dict[str, object]:
    """Raises in one of its trials."""
    if seed == 2 and gain == 2.0:
        raise ArithmeticError("no such number")
    return slow(seed, gain)


SETTINGS = [{"gain": 0.5}, {"gain": 2.0}]
TINY = Experiment("tiny", reach, settings=SETTINGS, seeds=range(4))
SLOW = Experiment("slow", slow, settings=SETTINGS, seeds=range(10))
BROKEN = Experiment("broken", broken, settings=SETTINGS, seeds=range(20))


def main(folder: str, name: str, backend: str = "threading") -> int:
    """What ``make results`` does, in another folder."""
    chosen = {e.name: e for e in (TINY, SLOW, BROKEN)}[name]
    return run_all([chosen], backend, 2, Path(folder))
