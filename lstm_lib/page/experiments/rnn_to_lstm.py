"""What 05_rnn_to_lstm measures: the stages in training, and a task for the forget gate."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib.derive import System
from lstm_lib.derived import DerivedLayer
from lstm_lib.layers.base import Layer
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network, NetworkTrace
from lstm_lib.learning.optimisers import Adam
from lstm_lib.learning.training import Training
from lstm_lib.page.experiments import Experiment
from lstm_lib.page.rnn_to_lstm import STAGES, towards_lstm
from lstm_lib.tasks.reset import SumSinceReset
from lstm_lib.tasks.store import StoreValue

__all__ = [
    "INSIDE", "RESET", "TRAINED", "UNITS", "draw", "hold", "network", "parts", "question",
    "reset_error", "reset_network", "reset_stream", "train",
]  # fmt: skip

Array = NDArray[np.floating]

UNITS = {"canonical": 7, "identity": 9, "carousel": 26, "update": 5, "bounded": 5, "readout": 4}
"""Units of each stage that make 127 to 141 weights, with the line that answers."""

PINNED = 5  # units of stage 5 whose g_cs is held at 1: 141 weights that learn


def draw(
    system: System, rng: int | np.random.Generator, feedback: float = 0.5, **sizes: Any
) -> DerivedLayer:
    """A system as a layer; what it feeds back is multiplied by ``feedback`` to begin with."""
    layer = DerivedLayer(system, rng=rng, **sizes)
    for name, W in layer.params.items():
        if name.startswith(("W_r", "W_v")):
            W *= feedback
    return layer


def network(stage: str, seed: int, units: int) -> Network:
    """A stage and the line that answers, before training; a state gate starts mostly open."""
    rng = np.random.default_rng(seed)
    layer = draw(towards_lstm(stage), rng, 1.0, d_s=units, d_x=3)
    p = layer.params
    if stage == "canonical":
        p["W_s"] = 0.5 * np.eye(units)
    if stage == "identity":
        p["W_rdu"] = 0.3 * p["W_rdu"]
    if "b_cs" in p:
        p["b_cs"] = np.full(units, 2.0)
    return Network(layer, Dense(units, 1, rng=rng))


def hold(layer: Layer) -> None:
    """Hold the state gate at 1: at a net input of 40 the logistic function is 1, its slope 0."""
    for name, W in layer.params.items():
        if name.endswith("cs"):
            W[...] = 40 if name == "b_cs" else 0


def per_sequence(y: Array, target: Any, mask: Any) -> tuple[float, Array]:
    """The squares of all that is wrong in a sequence, on average over the sequences."""
    E, dE_dy = squared_error(y, target, mask)
    return 2 * E / y.shape[1], 2 * dE_dy / y.shape[1]


def train(
    stage: str, task: StoreValue, seed: int, batches: int, pinned: bool = False
) -> tuple[Array, Network]:
    """Adam on batches of the task, clipped: the error of every batch, and the network.

    ``pinned`` holds the state gate at 1, in a stage with as many weights that learn.
    """
    model = network(stage, seed, PINNED if pinned else UNITS[stage])
    if pinned:
        hold(model.layer)
    run = Training(model, Adam(0.03), per_sequence, task, rng=seed, clip=1.0)
    return np.array(run.run(batches).loss), model


def question(model: Network, N: int) -> tuple[Array, NetworkTrace, float]:
    """500 fresh sequences of N steps: inputs, trace, mean squared error of the answers."""
    x, target, _ = StoreValue(N, 500, quiet=True)(np.random.default_rng(4))
    trace = model.forward(x)
    return x, trace, ((trace.y - target)[-1] ** 2).mean()


def trained(seed: int, stage: str, quiet: bool, pinned: bool = False) -> dict[str, Any]:
    """A stage after 400 batches of ``StoreValue``, 20 steps, 32 sequences each.

    ``curve``: the mean error of each 40 batches. ``error``: that of the last 100. ``begin``: that
    of the first ten, before rounding can matter.
    """
    task = StoreValue(N=20, batch=32, quiet=quiet)
    errors, _ = train(stage, task, seed, 400, pinned)
    return {
        "begin": errors[:10].mean(),
        "error": errors[-100:].mean(),
        "curve": errors.reshape(-1, 40).mean(axis=1),
    }


TRAINED = Experiment(
    "stages",
    trained,
    settings=[
        {"stage": stage, "quiet": quiet, "pinned": pinned}
        for quiet in (True, False)
        for stage, pinned in [*((stage, False) for stage in STAGES), ("readout", True)]
    ],
    seeds=range(20),
    compare=["begin"],
)


def parts(model: Network) -> tuple[int, int, float]:
    """The unit of a trained LSTM that stores, the one that answers, and its share of the answer.

    The first is the one whose update gate opens most at the mark; the second the one whose term
    of the answer has the largest variance at the question.
    """
    x, trace, _ = question(model, 20)
    gate, mark = trace.layer.g_cu, x[..., 1] == 1
    opens = gate[mark].mean(axis=0) - gate[~mark].mean(axis=0)
    says = (model.params["readout.W_vy"][0] * trace.layer.v[-1]).var(axis=0)
    return int(opens.argmax()), int(says.argmax()), says.max() / says.sum()


def inside(seed: int) -> dict[str, float]:
    """What a trained LSTM does: which unit stores, which answers, and for how long it stores."""
    errors, model = train("readout", StoreValue(N=20, batch=32, quiet=True), seed, 400)
    store, answer, share = parts(model)
    return {
        "begin": errors[:10].mean(),
        "one": store == answer,
        "share": share,
        "after 20": question(model, 20)[2],
        "after 100": question(model, 100)[2],
    }


INSIDE = Experiment("storing_units", inside, settings=[{}], seeds=range(20), compare=["begin"])


def reset_network(units: int, held: bool, rng: int | np.random.Generator) -> Network:
    """Stage 3 and the line that answers, before training on ``SumSinceReset``."""
    rng = np.random.default_rng(rng)
    layer = draw(towards_lstm("update"), rng, 1.0, d_s=units, d_x=2)
    layer.params["b_cs"] = np.full(units, 2.0)
    if held:
        hold(layer)
    return Network(layer, Dense(units, 1, rng=rng))


def reset_stream(N: int) -> tuple[Array, Array]:
    """A hundred fresh streams of N steps, and their targets."""
    x, target, _ = SumSinceReset(N, 100)(np.random.default_rng(9))
    return x, target


def reset_error(model: Network, N: int) -> float:
    """Mean square over the last 40 steps of fresh streams, in units of the target's variance."""
    x, target = reset_stream(N)
    wrong = (model.forward(x).y - target)[-40:]
    return (wrong**2).mean() / target[-40:].var()


def reset(seed: int, units: int, held: bool) -> dict[str, Any]:
    """Stage 3 on ``SumSinceReset``, with its state gate or with the gate held at 1.

    Five units with the gate have 126 weights that learn, six and seven without it 115 and 148.
    400 batches of 32 streams, 40 steps each. ``after N``: the error on streams of N steps.
    ``held N``: the same if the gate is held at 1 after training. ``weights``: what was learned.
    """
    model = reset_network(units, held, seed)
    mean_error = partial(squared_error, average=True)
    run = Training(model, Adam(0.03), mean_error, SumSinceReset(40, 32), rng=seed, clip=1.0)
    run.run(400)
    learned = [W.ravel() for name, W in model.params.items() if not (held and name.endswith("cs"))]
    out: dict[str, Any] = {"begin": float(np.mean(run.history.loss[:10]))}
    out["weights"] = np.concatenate(learned)
    out |= {f"after {N}": reset_error(model, N) for N in (40, 400)}
    hold(model.layer)
    return out | {f"held {N}": reset_error(model, N) for N in (40, 400)}


RESET = Experiment(
    "forget_gate",
    reset,
    settings=[
        {"units": 5, "held": False},
        {"units": 6, "held": True},
        {"units": 7, "held": True},
    ],
    seeds=range(20),
    compare=["begin"],
)
