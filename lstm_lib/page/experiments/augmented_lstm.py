"""What windows, the external gate and the projection are worth to networks that learn."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import numpy as np

from lstm_lib.layers.base import Layer
from lstm_lib.layers.compose import Bidirectional
from lstm_lib.layers.lstm import AugmentedLSTM
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import Adam
from lstm_lib.learning.training import Training
from lstm_lib.page.experiments import Experiment
from lstm_lib.tasks.distractors import Distractors
from lstm_lib.tasks.leaky_averages import LeakyAverages
from lstm_lib.tasks.noisy_signal import NoisySignal

__all__ = [
    "BANKS",
    "GATES",
    "LOOKS",
    "PROJECTIONS",
    "SIGNALS",
    "WINDOWS",
    "error_on",
    "fit",
    "fresh",
    "let_in",
    "projected",
    "windowed",
]

Task = NoisySignal | LeakyAverages | Distractors
loss = partial(squared_error, average=True)
bare = partial(AugmentedLSTM, external_gate=False, peepholes=None)


def fit(
    task: Task, layer: Layer, seed: int, updates: int, rate: float = 0.02
) -> tuple[Network, float]:
    """A trained network, and its loss at update 20: the last third has a fifth of the rate."""
    outputs = task(np.random.default_rng(0))[1].shape[-1]
    network = Network(layer, Dense(layer.d_out, outputs, rng=seed))
    training = Training(network, Adam(rate), loss, task, rng=seed, clip=1.0)
    early = training.run(20).loss[-1]
    training.run(2 * updates // 3)
    training.optimiser.learning_rate = rate / 5
    training.run(updates)
    return network, early


def fresh(task: Task) -> tuple[Any, ...]:
    """400 new sequences: inputs, targets, and perhaps a mask."""
    return dataclasses.replace(task, batch=400)(np.random.default_rng(99))


def error_on(network: Network, task: Task) -> float:
    """Mean over the steps of the squared distance to the target, on new sequences."""
    x, target, *mask = fresh(task)
    return 2 * loss(network.forward(x).y, target, *mask)[0]


# Windows ------------------------------------------------------------------------------------------

SIGNALS: dict[str, Task] = {
    "noisy signal": NoisySignal(memory=0.9, noise=1.0),
    "leaky average": LeakyAverages((0.9,), N=25),
}
"""The tasks for windows: in one the future knows something, in the other nothing."""


def windowed(lags: str, seed: int) -> AugmentedLSTM:
    """8 cells without a window, or 7 with one for the update: no more parameters."""
    if lags == "no window":
        return bare(1, 8, rng=seed)
    return bare(1, 7, lags={"du": range(9) if lags == "0 to 8" else range(-4, 5)}, rng=seed)


def window_trial(seed: int, task: str, lags: str) -> dict[str, float]:
    """Test error after 300 updates."""
    network, early = fit(SIGNALS[task], windowed(lags, seed), seed, 300)
    size = network.layer.params.flat.size
    return {"error": error_on(network, SIGNALS[task]), "early": early, "parameters": size}


WINDOWS = Experiment(
    "input_windows",
    window_trial,
    settings=[
        {"task": task, "lags": lags}
        for task in SIGNALS
        for lags in ("no window", "0 to 8", "-4 to 4")
    ],
    seeds=range(20),
    compare=["early", "parameters"],
    rtol=1e-5,
)  # fmt: skip
"""What a window on the input is worth, to a noisy signal and to a leaky average."""

# Look-ahead ---------------------------------------------------------------------------------------


def looking(ahead: int | None, seed: int) -> Layer:
    """A network that sees so many steps ahead, or all of them: 280 parameters each.

    7 cells whose update has a window of five lags, or 5 cells in each direction of time.
    """
    if ahead is None:
        return Bidirectional(bare(1, 5, rng=seed), bare(1, 5, rng=1000 + seed))
    return bare(1, 7, lags={"du": range(-ahead, 5 - ahead)}, rng=seed)


def look_trial(seed: int, ahead: int | None) -> dict[str, float]:
    """Test error after 600 updates, on 4000 sequences: it is to be compared with the least."""
    task = SIGNALS["noisy signal"]
    network, early = fit(task, looking(ahead, seed), seed, 600)
    x, target, mask = dataclasses.replace(task, batch=4000)(  # type: ignore[misc]
        np.random.default_rng(99)
    )
    error = 2 * loss(network.forward(x).y, target, mask)[0]
    return {"error": error, "early": early, "parameters": network.layer.params.flat.size}


LOOKS = Experiment(
    "look_ahead",
    look_trial,
    settings=[{"ahead": ahead} for ahead in (0, 1, 2, 3, 4, None)],
    seeds=range(20),
    compare=["early", "parameters"],
    rtol=1e-5,
)
"""The error against the steps that a network sees ahead, or in both directions."""

# External gate ------------------------------------------------------------------------------------


def gated(cells: int, gate: bool, seed: int) -> AugmentedLSTM:
    """A few cells that hear a number and whether it counts."""
    return AugmentedLSTM(2, cells, external_gate=gate, peepholes=None, rng=seed)


def let_in(network: Network, task: Task) -> float:
    """The share of the garbage that the external gate lets in."""
    x = fresh(task)[0]
    trace = network.layer.forward(x)
    garbage = x[..., 1] == 0
    heard = np.abs(trace.g_cx * trace.xi_du)[garbage].sum()
    return float(heard / np.abs(trace.xi_du)[garbage].sum())


def gate_trial(seed: int, garbage: float, cells: int, gate: bool) -> dict[str, float]:
    """Test error in per cent of the variance after 1500 updates."""
    task = Distractors(garbage, N=25)
    network, early = fit(task, gated(cells, gate, seed), seed, 1500, 0.05)
    return {
        "error": 100 * error_on(network, task) / float(fresh(task)[1].var()),
        "let_in": let_in(network, task) if gate and garbage else 1.0,
        "early": early,
        "parameters": network.layer.params.flat.size,
    }


GATES = Experiment(
    "external_gate",
    gate_trial,
    settings=[
        {"garbage": garbage, "cells": cells, "gate": gate}
        for garbage, cells, gate in [
            (0.9, 2, True), (0.9, 2, False), (0.9, 3, False), (0.0, 2, True), (0.0, 2, False),
        ]
    ],
    seeds=range(20),
    compare=["early", "parameters"],
    rtol=1e-5,
)  # fmt: skip
"""Two cells with and without the external gate, and three without, among garbage."""

# Projection ---------------------------------------------------------------------------------------

SPEEDS = (0.3, 0.6, 0.8, 0.9)
BANKS = {
    "mean": LeakyAverages(SPEEDS, mean=True, N=25),
    "all four": LeakyAverages(SPEEDS, N=25),
}
"""The tasks for projections: one number to say, or four."""


def projected(d_s: int, d_v: int, seed: int) -> AugmentedLSTM:
    """d_s cells that speak through d_v numbers; no projection where these are as many."""
    return bare(1, d_s, d_v if d_v < d_s else None, rng=seed)


def projection_trial(seed: int, target: str, d_s: int, d_v: int) -> dict[str, float]:
    """Test error, summed over the components of the target, after 400 updates."""
    network, early = fit(BANKS[target], projected(d_s, d_v, seed), seed, 400)
    size = network.layer.params.flat.size
    return {"error": error_on(network, BANKS[target]), "early": early, "parameters": size}


PROJECTIONS = Experiment(
    "projection",
    projection_trial,
    settings=[
        {"target": target, "d_s": d_s, "d_v": d_v}
        for target, sizes in {
            "mean": [(16, 16), (16, 4), (16, 1), (8, 8), (6, 6)],
            "all four": [(16, 16), (16, 4), (16, 2), (16, 1)],
        }.items()
        for d_s, d_v in sizes
    ],
    seeds=range(20),
    compare=["early", "parameters"],
    rtol=1e-5,
)
"""Cells that speak through fewer components than they have."""
