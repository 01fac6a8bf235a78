"""What 03_training measures: networks that follow a pendulum."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import StandardRNN
from lstm_lib.derive import System
from lstm_lib.derived import DerivedLayer
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import SGD, Adam
from lstm_lib.learning.training import Training
from lstm_lib.page.experiments import Experiment
from lstm_lib.tasks.pendulum import Pendulum

__all__ = [
    "FED_BACK",
    "TRUNCATED",
    "TURNED",
    "elman",
    "fed_back_trial",
    "jordan",
    "truncated_trial",
    "turned_trial",
    "without_memory",
]

Array = NDArray[np.floating]

TASK = Pendulum(N=60, batch=16)
EARLY, BATCHES = 20, 200  # the error is measured after so many batches
STREAM, TURN, LAST = 6000, 1500, 1500  # steps in all, before the sensor is turned, at the end

elman = System(
    "Elman network",
    """
    s[n] = W_r @ r[n-1] + W_x @ x[n] + theta_s
    r[n] = G(s[n])
    y[n] = W_ry @ r[n] + b_y
    """,
    inputs="x: d_x",
    sequences="s r: d_s; y: d_y",
    outputs="y",
    parameters="W_r: d_s, d_s; W_x: d_s, d_x; theta_s: d_s; W_ry: d_y, d_s; b_y: d_y",
    adjoints="y: epsilon, r: chi, s: psi",
    warping={"G": "tanh"},
)
jordan = elman.change("s[n] = W_ys @ y[n-1] + W_x @ x[n] + theta_s", parameters="W_ys: d_s, d_y")


def unseen() -> tuple[Array, Array]:
    """Two hundred sequences that no network has learned from."""
    x, target = Pendulum(N=60, batch=200)(np.random.default_rng(99))
    return x, target


def half_square(y: Any, target: Array) -> float:
    """The mean loss, E/N."""
    return float(0.5 * np.mean((y - target) ** 2))


def without_memory() -> float:
    """The mean loss of the best linear answer that has the present push only."""
    x, target = unseen()
    flat = np.stack([x.ravel(), np.ones(x.size)], axis=1)
    best = np.linalg.lstsq(flat, target.ravel(), rcond=None)[0]
    return half_square((flat @ best).reshape(target.shape), target)


def mean_loss(y: Any, target: Any, mask: Any) -> tuple[float, Array]:
    """E/N, and its gradient."""
    return squared_error(y, target, mask, average=True)


def pendulum_network(seed: int) -> Network:
    """Twelve neurons and a dense read-out."""
    return Network(StandardRNN(1, 12, rng=seed), Dense(12, 1, rng=seed + 1000))


def truncated_trial(seed: int, horizon: int | None) -> dict[str, float]:
    """Train with BPTT(h), or with the whole gradient; the loss over that without memory."""
    network, (x_test, target_test), left = pendulum_network(seed), unseen(), {}
    training = Training(network, Adam(0.01), mean_loss, TASK, rng=seed, horizon=horizon)
    for batches in (EARLY, BATCHES):
        training.run(batches)
        left[batches] = half_square(network.forward(x_test).y, target_test) / without_memory()
    return {"early": left[EARLY], "left": left[BATCHES]}


def fed_back_trial(seed: int, network: str, d_s: int) -> dict[str, float]:
    """Train Elman's or Jordan's network as declared; the loss over that without memory."""
    system, left = {"Elman": elman, "Jordan": jordan}[network], {}
    model, (x_test, target_test) = Network(DerivedLayer(system, d_s=d_s, d_x=1, d_y=1)), unseen()
    params = model.params
    params.flat[:] = np.random.default_rng(seed).normal(size=params.flat.size) / d_s**0.5
    training = Training(model, Adam(0.01), mean_loss, TASK, rng=seed)
    for batches in (EARLY, BATCHES):
        training.run(batches)
        left[batches] = half_square(model.forward(x_test).y, target_test) / without_memory()
    return {"early": left[EARLY], "left": left[BATCHES]}


def online(network: Network, seed: int) -> tuple[Array, Array]:
    """The loss at every step of a stream in which the sensor is turned round at step 1500.

    Of the network as it is, and of a copy that goes on learning: RTRL, a plain gradient step after
    every step of the network.
    """
    pushes = 0.5 * np.random.default_rng(seed).normal(size=(STREAM, 1, 1))
    bob = TASK.answer(pushes)[:, 0]
    bob[TURN:] *= -1
    fixed = 0.5 * (network.forward(pushes).y[:, 0] - bob)[:, 0] ** 2
    network, optimiser, alive, now = copy.deepcopy(network), SGD(0.02), [], None
    for n in range(STREAM):
        step = network.gradient(
            pushes[n : n + 1], bob[n : n + 1, None], squared_error, start=now, by="rtrl"
        )
        optimiser.step(network.params, step.grads)
        alive.append(step.E)
        now = step.end
    return fixed, np.array(alive)


def turned_trial(seed: int) -> dict[str, float]:
    """Learn 400 batches, then follow a stream in which the sensor is turned round.

    Losses as shares of the one without memory: after learning; on the stream before the turn and
    on its last 1500 steps, of the network that stays and of the one that goes on learning.
    """
    network, (x_test, target_test) = pendulum_network(seed), unseen()
    training = Training(network, Adam(0.01), mean_loss, TASK, rng=seed, clip=1.0)
    training.run(EARLY)
    early = half_square(network.forward(x_test).y, target_test)
    training.run(400)
    learned = half_square(network.forward(x_test).y, target_test)
    fixed, alive = online(network, seed)
    values = {"early": early, "learned": learned}
    for name, losses in (("stays", fixed), ("learns", alive)):
        values[f"{name}_before"] = losses[:TURN].mean()
        values[f"{name}_after"] = losses[-LAST:].mean()
    return {name: float(value / without_memory()) for name, value in values.items()}


TRUNCATED = Experiment(
    "truncated",
    truncated_trial,
    settings=[{"horizon": h} for h in (1, 4, 16, None)],
    seeds=range(20),
    compare=["early"],
)
FED_BACK = Experiment(
    "fed_back",
    fed_back_trial,
    settings=[  # 181, 49 and 181 parameters
        {"network": name, "d_s": d_s}
        for name, d_s in (("Elman", 12), ("Jordan", 12), ("Jordan", 45))
    ],
    seeds=range(20),
    compare=["early"],
)
TURNED = Experiment(
    "turned_sensor", turned_trial, settings=[{}], seeds=range(20), compare=["early"]
)
