"""What 02_unrolling measures: a network trained on segments that start in different ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import CanonicalRNN, StandardRNN
from lstm_lib.layers.readout import Dense
from lstm_lib.learning import losses
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import Adam
from lstm_lib.learning.training import Training
from lstm_lib.page.experiments import Experiment
from lstm_lib.study import contraction, segments

__all__ = ["SEGMENTS", "STARTS", "segments_trial"]

Array = NDArray[np.floating]

STEPS, WORK = 4000, 100  # of training data; steps of the cell in an update
UPDATES = (40, 400, 800, 1600)  # the error is measured after so many


def data(steps: int, seed: int) -> tuple[Array, Array]:
    """A random input, and its leaky average over about ten steps, of variance near 1."""
    x = np.random.default_rng(seed).uniform(-1, 1, size=(steps, 1))
    leaky = CanonicalRNN(1, 1, "identity")
    leaky.params["W_s"], leaky.params["W_r"], leaky.params["W_x"] = [[0.9]], [[0.0]], [[0.75]]
    return x, leaky.forward(x).s


def drawn(x: Array, target: Array, K: int, K_0: int) -> Callable[[np.random.Generator], Any]:
    """Segments drawn at random, as many as make the work of an update."""
    number = WORK // (K_0 + K)
    x_K, counts = segments.split(x, K, warm_up=K_0)
    target_K, _ = segments.split(target, K, warm_up=K_0)

    def batch(random: np.random.Generator) -> Any:
        m = random.choice(x_K.shape[1], number, replace=False)
        return x_K[:, m], target_K[:, m], counts[:, m]

    return batch


def segments_trial(seed: int, start: str, K: int, K_0: int) -> dict[str, Any]:
    """Train a standard RNN of eight neurons; the variance left unexplained, in percent.

    Every update takes 100 steps of the cell: 100 / (K_0 + K) segments, drawn at random, or for
    ``start="carried"`` the next K steps of 100 / K lanes.
    """
    x, target = data(STEPS, 0)
    x_test, target_test = data(2000, 7)
    layer = StandardRNN(1, 8, rng=seed)
    layer.params["W_r"] *= 0.5
    network = Network(layer, Dense(8, 1, rng=seed))

    def loss(y: Any, t: Any, mask: Any) -> tuple[float, Array]:
        return losses.squared_error(y, t, mask, average=True)

    if start == "carried":
        lanes = [segments.split(z, STEPS * K // WORK)[0] for z in (x, target)]
        updates_a_pass = STEPS // WORK
        training = Training(
            network, Adam(0.005), loss, lambda random: tuple(lanes), segment=K, stateful=True
        )
    else:
        updates_a_pass = 1
        training = Training(network, Adam(0.005), loss, drawn(x, target, K, K_0), rng=seed)
    left = []
    for updates in UPDATES:
        training.run(updates // updates_a_pass)
        y = network.forward(x_test).y  # one run over 2,000 new steps
        left.append(100 * np.mean((y - target_test) ** 2) / np.var(target_test))
    return {"early": left[0], "left": left[1:], "bound": contraction.rate(layer)}


STARTS = {  # the page's words for each setting
    "20 x 5, from zero": {"start": "zero", "K": 5, "K_0": 0},
    "4 x 25, from zero": {"start": "zero", "K": 25, "K_0": 0},
    "4 x (12 + 13), warm-up": {"start": "zero", "K": 13, "K_0": 12},
    "4 x 25, carried over": {"start": "carried", "K": 25, "K_0": 0},
    "1 x 100, from zero": {"start": "zero", "K": 100, "K_0": 0},
}
SEGMENTS = Experiment(
    "segments", segments_trial, settings=STARTS.values(), seeds=range(20), compare=["early"]
)
