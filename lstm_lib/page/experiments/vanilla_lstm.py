"""What 06_vanilla_lstm measures: the adding problem, a task of timing, the variants of the cell."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib.derived import DerivedLayer
from lstm_lib.layers.lstm import VanillaLSTM
from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import StandardRNN
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import Adam
from lstm_lib.learning.training import Training
from lstm_lib.page.experiments import Experiment
from lstm_lib.page.vanilla_lstm import VARIANTS, variant
from lstm_lib.tasks.adding import AddingProblem
from lstm_lib.tasks.store import StoreValue

__all__ = ["ADDING", "ALARM_STEPS", "TASK", "TIMING", "UNITS", "UNLIKE", "alarm", "start"]

Array = NDArray[np.floating]

TASK = AddingProblem(N=50, batch=32)
"""Sequences of 50 to 55 steps."""
UPDATES, LOOK, LEARNED = 1500, 100, 0.05  # a look each 100 updates; learned: 5 % of the variance


def start(cell: str, rate: float, seed: int) -> Training:
    """A network of some 360 parameters before its first update.

    ``cell`` is ``"RNN"``, ``"bias 3"``, ``"bias 1"`` (LSTMs of 8 units without peepholes) or
    ``"bias 1, peepholes"`` (diagonal ones).
    """
    if cell == "RNN":
        layer: VanillaLSTM | StandardRNN = StandardRNN(2, 17, rng=seed)
    else:
        layer = VanillaLSTM(2, 8, "diagonal" if "peepholes" in cell else None, rng=seed)
        layer.params["b_cs"] = np.full(8, 3.0 if cell == "bias 3" else 1.0)
    network = Network(layer, Dense(layer.d_out, 1, rng=100 + seed))
    network.params["readout.b_y"] = [0.5]  # all start at the mean
    loss = partial(squared_error, average=True)
    return Training(network, Adam(rate), loss, TASK, rng=seed, clip=1.0)


def trial(seed: int, cell: str, rate: float) -> dict[str, float]:
    """How it ended: the mean squared error by the target's variance, a mean over 100 updates."""
    training = start(cell, rate, seed)
    early = training.run(20).loss[-1]
    left, done = np.inf, 0
    while left >= LEARNED and done < UPDATES:
        done += LOOK
        history = training.run(done)
        left = 2 * float(np.mean(history.loss[-LOOK:])) / TASK.variance
    return {"updates": done, "left": left, "early": early,
            "parameters": training.network.params.flat.size}  # fmt: skip


ADDING = Experiment(
    "adding_problem",
    trial,
    settings=[
        {"cell": "bias 3", "rate": 0.01},
        {"cell": "bias 1", "rate": 0.01},
        {"cell": "bias 1, peepholes", "rate": 0.01},
        {"cell": "RNN", "rate": 0.003},
        {"cell": "RNN", "rate": 0.001},
    ],
    seeds=range(20),
    compare=["early", "parameters"],
    rtol=1e-5,
)
"""LSTMs with two biases, one with peepholes, and RNNs on the adding problem."""

ALARM_STEPS = 20
"""Steps of a sequence of :func:`alarm`."""


def alarm(random: np.random.Generator, batch: int = 32) -> tuple[Array, Array]:
    """Be silent for as long as you are told, then speak: inputs and targets.

    At step 0, and only there, the input says k/16 and a mark of 1; k is drawn evenly from 4 to 16.
    The target is 0 before step k and 0.9 from there on.
    """
    k = random.integers(4, 17, batch)
    x = np.zeros((ALARM_STEPS, batch, 2))
    x[0] = np.stack([k / 16, np.ones(batch)], axis=1)
    return x, np.where(np.arange(ALARM_STEPS)[:, None] < k, 0.0, 0.9)[..., None]


def timing(seed: int, units: int, readout: bool, peepholes: str | None) -> dict[str, object]:
    """An LSTM after 3000 batches of :func:`alarm`; without a read-out its value is the answer.

    ``wrong``: steps of a fresh sequence at which the answer is off by more than 0.2, on average.
    ``curve``: the answers to k = 10. ``begin``: the loss of the first batches.
    """
    layer = VanillaLSTM(2, units, peepholes, rng=seed)
    layer.params["b_cs"] = np.full(units, 4.0)
    network = Network(layer, Dense(units, 1, rng=100 + seed) if readout else None)
    mean_error = partial(squared_error, average=True)
    training = Training(network, Adam(0.02), mean_error, alarm, rng=seed, clip=1.0)
    training.run(3000)
    x, target = alarm(np.random.default_rng(5), 400)
    off = np.abs(network.forward(x).y - target) > 0.2
    ten = np.zeros((ALARM_STEPS, 2))
    ten[0] = 10 / 16, 1
    return {
        "begin": float(np.mean(training.history.loss[:10])),
        "wrong": float(off.sum(axis=0).mean()),
        "curve": network.forward(ten).y[:, 0],
        "parameters": network.params.flat.size,
    }


TIMING = Experiment(
    "timing",
    timing,
    settings=[
        {"units": units, "readout": readout, "peepholes": peepholes}
        for units, readout in ((1, False), (1, True), (4, True))
        for peepholes in ("diagonal", None)
    ],
    seeds=range(20),
    compare=["begin", "parameters"],
)
"""One unit that has to be silent, one with a read-out, four with a read-out."""

UNITS = {"V": 8, "NIG": 9, "NFG": 9, "NOG": 9, "NIAF": 8, "NOAF": 8, "CIFG": 9, "NP": 8, "FGR": 5,
         "GRU": 10}  # fmt: skip
"""Units of each variant that make 369 to 431 weights, with the line that answers."""


def unlike(seed: int, cell: str) -> dict[str, float]:
    """A variant of the LSTM after 400 batches of ``StoreValue``, quiet, 20 steps.

    The gate that keeps starts at a bias of 2, peepholes at 0. ``error``: the mean square over 1000
    fresh sequences, by that of who always answers 0. ``begin``: the loss of the first batches.
    """
    rng = np.random.default_rng(seed)
    size: dict[str, Any] = {"d_v" if cell == "GRU" else "d_s": UNITS[cell]}
    layer = DerivedLayer(variant(cell), d_x=3, rng=rng, **size)
    for name, W in layer.params.items():
        if name.startswith("w_s"):
            W[...] = 0
        if name == "b_cs":
            W[...] = 2
    network = Network(layer, Dense(UNITS[cell], 1, rng=rng))
    mean_error = partial(squared_error, average=True)
    task = StoreValue(N=20, batch=32, quiet=True)
    training = Training(network, Adam(0.02), mean_error, task, rng=seed, clip=1.0)
    training.run(400)
    x, target, _ = StoreValue(N=20, batch=1000, quiet=True)(np.random.default_rng(9))
    wrong = network.forward(x).y - target
    return {
        "begin": float(np.mean(training.history.loss[:10])),
        "error": float((wrong**2).mean() / (target**2).mean()),
        "parameters": network.params.flat.size,
    }


UNLIKE = Experiment(
    "variants",
    unlike,
    settings=[{"cell": cell} for cell in VARIANTS],
    seeds=range(20),
    compare=["begin", "parameters"],
)
"""The variants of Greff et al. (2017) and the GRU, with some 400 weights each."""
