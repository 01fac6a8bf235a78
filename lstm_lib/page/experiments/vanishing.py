"""What 04_vanishing measures: every start with and without clipping."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib.layers import initialise
from lstm_lib.layers.base import Gradients, Layer
from lstm_lib.layers.lstm import VanillaLSTM
from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import CanonicalRNN, StandardRNN
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import SGD
from lstm_lib.learning.training import Training
from lstm_lib.page.experiments import Experiment
from lstm_lib.study.diagnostics import error_norms
from lstm_lib.tasks.recall import Recall

__all__ = ["CLIPS", "REMEDIES", "STARTS", "last_only", "start"]

Array = NDArray[np.floating]

STARTS = {
    "small": "small random weights",
    "identity": "identity and ReLU",
    "orthogonal": "orthogonal",
    "leaky": "leaky, kappa = 0.98",
    "shut": "LSTM, bias 0",
    "open": "LSTM, bias 3",
}
"""The starts, and what they are called on the page."""

CLIPS = (None, 1.0)
"""Largest norm of a gradient; None: not clipped."""

KAPPA = 0.98
BIAS = {"shut": 0.0, "open": 3.0}


def last_only(layer: Layer, x: Array, **start: Array) -> tuple[Any, Gradients]:
    """Run a layer; let an error enter at the last step; carry it back."""
    trace = layer.forward(x, **start)
    error = np.zeros_like(getattr(trace, layer.output))
    error[-1] = np.random.default_rng(1).normal(size=error.shape[1:])
    return trace, layer.backward(trace, error)


def start(name: str, seed: int) -> Layer:
    """A recurrent layer for one input. Each network has 180 to 200 weights with its read-out."""
    if name in BIAS:
        cell = VanillaLSTM(1, 6, peepholes=None, rng=seed)
        cell.params["b_cs"] = np.full(6, BIAS[name])
        return cell
    if name == "leaky":  # the canonical RNN; W_s is learned as well
        canonical = CanonicalRNN(1, 9, rng=seed)
        canonical.params["W_s"] = initialise.identity((9, 9), KAPPA)
        canonical.params["W_r"] = initialise.orthogonal((9, 9), seed, 1 - KAPPA)
        return canonical
    rnn = StandardRNN(1, 12, "relu" if name == "identity" else "tanh", rng=seed)
    if name == "small":
        rnn.params["W_r"] = initialise.normal((12, 12), seed, 0.5)
    elif name == "identity":
        rnn.params["W_r"] = initialise.identity((12, 12))
    else:
        rnn.params["W_r"] = initialise.orthogonal((12, 12), seed)
    return rnn


def remedy(seed: int, begin: str, clip: float | None) -> dict[str, float]:
    """One start, trained on delayed recall over 40 steps with 200 batches.

    ``left``: decimal logarithm of the share of an error at the last step that is left at the
    first, before training. ``first``, ``largest``: logarithms of gradient norms. ``accuracy``: on
    300 fresh sequences; one half (guessing) where training left the range of numbers.
    """
    exam = Recall(N=40, batch=300)
    layer = start(begin, seed)
    x, _, _ = exam(np.random.default_rng(9))
    sizes = error_norms(last_only(layer, x)[1])
    network = Network(layer, Dense(layer.d_out, 1, rng=seed + 100))
    mean_error = partial(squared_error, average=True)
    run = Training(network, SGD(0.05), mean_error, Recall(40, 20), rng=seed, clip=clip)
    try:
        run.run(200)
        accuracy = exam.accuracy(network, 7)
    except OverflowError:
        accuracy = 0.5
    norms = np.log10(run.history.gradient_norm)
    return {
        "left": np.median(np.log10(np.maximum(sizes[0] / sizes[-1], 1e-300))),
        "first": norms[0],
        "largest": norms.max(),
        "accuracy": accuracy,
    }


REMEDIES = Experiment(
    "remedies",
    remedy,
    settings=[{"begin": name, "clip": clip} for name in STARTS for clip in CLIPS],
    seeds=range(20),
    compare=["left", "first"],
)
