"""Which cell learns the adding problem, after how many updates; and its start on any machine."""

from __future__ import annotations

from functools import partial

import numpy as np

from lstm_lib.layers.lstm import VanillaLSTM
from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import StandardRNN
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import Adam
from lstm_lib.learning.training import Training
from lstm_lib.page.experiments import Experiment
from lstm_lib.tasks.adding import AddingProblem

__all__ = ["ADDING", "TASK", "start"]

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
