"""Wrong arguments beside the layers: the message names the argument, and nothing changes."""

import numpy as np
import pytest

from lstm_lib import (
    LSTM1997,
    RTRL,
    CanonicalRNN,
    StandardRNN,
    TruncatedGradient,
    VanillaLSTM,
)
from lstm_lib.exchange.convert import from_keras, from_torch, to_keras, to_torch
from lstm_lib.layers import initialise
from lstm_lib.layers.activations import Activation, relu
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.perceptron import LinearUnit, Perceptron
from lstm_lib.layers.readout import Dense
from lstm_lib.learning import files
from lstm_lib.learning.losses import mask_of_lengths, softmax, softmax_cross_entropy, squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import SGD, Adam, clip_by_norm, gradient_norm
from lstm_lib.parameters import Parameters
from lstm_lib.study.diagnostics import (
    error_norms,
    jacobians,
    memory_horizon,
    product_singular_values,
)

V, T = ValueError, TypeError
RAGGED = [[1.0], [1.0, 2.0]]


def numbers(dtype=np.float64, size=2):
    return Parameters({"w": (size,)}, dtype)


rtrl, other_rtrl = RTRL(StandardRNN(1, 2)), RTRL(StandardRNN(2, 3))
single = RTRL(StandardRNN(1, 2, dtype=np.float32))
truncated = TruncatedGradient(LSTM1997(1, 1))
other_truncated = TruncatedGradient(LSTM1997(2, 3, 2))
lstm = VanillaLSTM(1, 1, None)
dense, net = Dense(2, 1), FeedForward((2, 1))
dense_trace, net_trace = Dense(3, 1).forward(np.ones(3)), FeedForward((3, 1)).forward(np.ones(3))
network, other_network = (Network(VanillaLSTM(1, 1), Dense(1, 1)) for _ in range(2))
adam, perceptron, unit = Adam(0.1), Perceptron(1), LinearUnit(1)
STATE = {"learning_rate": [0.1], "mean": [0.0, 0], "square": [0.0, 0], "k": [1.0]}
DIVERGENT = Activation("tanh", relu, relu, 1.0)


def kept():
    """What must not change."""
    return [
        *(a.flat.copy() for a in (lstm.params, dense.params, net.params, network.params)),
        *(w.copy() for w in (rtrl.rnn.params.flat, truncated.lstm.params.flat)),
        *(w.copy() for w in (perceptron.w, unit.w, adam.state["learning_rate"])),
    ]


@pytest.mark.parametrize(
    ("name", "error", "call"),
    [
        ("before", T, lambda: rtrl.step(None, [1.0])),
        ("before", V, lambda: rtrl.step(other_rtrl.begin(), [1.0])),
        ("before", T, lambda: rtrl.step(single.begin(), [1.0])),
        ("x", V, lambda: rtrl.step(rtrl.begin(), RAGGED)),
        ("now", T, lambda: rtrl.gradient(None, [1.0, 1.0])),
        ("now", V, lambda: rtrl.gradient(other_rtrl.begin(), [1.0, 1.0])),
        ("before", T, lambda: truncated.step(None, [1.0])),
        ("before", V, lambda: truncated.step(other_truncated.begin(), [1.0])),
        ("now", T, lambda: truncated.gradient(None, [1.0])),
        ("now", V, lambda: truncated.gradient(other_truncated.begin(), [1.0])),
        ("dE_dv", T, lambda: truncated.gradient(truncated.begin(), None)),
        ("trace", V, lambda: dense.backward(dense_trace, [1.0])),
        ("trace", T, lambda: dense.backward(None, [1.0])),
        ("v", T, lambda: dense.forward(None)),
        ("v", V, lambda: dense.forward(RAGGED)),
        ("trace", V, lambda: net.backward(net_trace, [1.0])),
        ("activation", T, lambda: FeedForward((2, 2), 3)),
        ("activation", T, lambda: FeedForward((2, 2), None)),
        ("activation", V, lambda: FeedForward((2, 2), [None])),
        ("sizes", V, lambda: FeedForward(None)),
        ("start", T, lambda: network.forward([[1.0]], q=3)),
        ("trace", T, lambda: network.backward(None, None)),
        ("dE_dy", T, lambda: network.backward(network.forward([[1.0]]), None)),
        ("trace", V, lambda: network.backward(other_network.forward([[1.0]]), [[1.0]])),
        ("state", T, lambda: adam.load(None)),
        ("state", V, lambda: adam.load({"mean": "junk"})),
        ("state", V, lambda: SGD(0.1).load(STATE)),
        ("state['mean']", T, lambda: adam.load(STATE | {"mean": "junk"})),
        ("state['mean']", V, lambda: adam.load(STATE | {"mean": [0, np.nan]})),
        ("state['square']", V, lambda: adam.load(STATE | {"square": [0, -1]})),
        ("state", V, lambda: adam.load(STATE | {"square": [0]})),
        ("state['mean']", V, lambda: adam.load(STATE, numbers(size=3))),
        ("state['learning_rate']", V, lambda: adam.load(STATE | {"learning_rate": [0]})),
        ("params", T, lambda: adam.load(STATE, 3)),
        ("grads", T, lambda: adam.step(numbers(), numbers(np.float32))),
        ("learning_rate", V, lambda: setattr(adam, "learning_rate", 0)),
        ("learning_rate", T, lambda: setattr(adam, "learning_rate", None)),
        ("grads", T, lambda: clip_by_norm(None, 1)),
        ("max_norm", T, lambda: clip_by_norm(numbers(), None)),
        ("grads", T, lambda: gradient_norm(None)),
        ("arrays", T, lambda: from_torch(lstm, None)),
        ("arrays", T, lambda: from_torch(lstm, [1])),
        ("arrays['bias_hh_l0']", T, lambda: from_torch(lstm, to_torch(lstm) | {"bias_hh_l0": 1j})),
        ("layer", T, lambda: from_torch(None, {})),
        ("arrays", T, lambda: from_keras(lstm, None)),
        ("arrays", V, lambda: from_keras(lstm, [1])),
        ("arrays[2] (bias)", V, lambda: from_keras(lstm, [*to_keras(lstm)[:2], RAGGED])),
        ("y", V, lambda: squared_error(RAGGED, RAGGED)),
        ("target", T, lambda: squared_error([[1.0]], None)),
        ("y", V, lambda: softmax([])),
        ("target", V, lambda: softmax_cross_entropy([[1.0, 2.0]], RAGGED)),
        ("mask", T, lambda: softmax_cross_entropy([[1.0, 2.0]], [0], "a")),
        ("lengths", V, lambda: mask_of_lengths([[1], [1, 2]], 3)),
        ("steps", T, lambda: mask_of_lengths([1], None)),
        ("x", T, lambda: perceptron(None)),
        ("x", V, lambda: perceptron.learn(RAGGED, [1])),
        ("eta", T, lambda: unit.learn([[1.0]], [1.0], eta=None)),
        ("x", V, lambda: unit.largest_eta([1.0, np.nan])),
        ("grads", T, lambda: error_norms(None)),
        ("trace", T, lambda: jacobians(lstm, None)),
        ("sequence", T, lambda: jacobians(lstm, lstm.forward([[1.0]]), None)),
        ("J", T, lambda: product_singular_values(None)),
        ("norms", T, lambda: memory_horizon(None)),
        ("scale", T, lambda: initialise.normal((1, 1), 0, None)),
        ("shape", V, lambda: initialise.identity([1, 1])),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named_and_change_nothing(name, error, call):
    before = kept()
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(f"{name}: expected "), str(caught.value)
    assert ", got " in str(caught.value)
    assert all(np.array_equal(a, b) for a, b in zip(before, kept(), strict=True))


@pytest.mark.parametrize(
    ("name", "error", "call"),
    [
        ("layer", T, lambda path: files.save(path, None)),
        ("layer", V, lambda path: files.save(path, CanonicalRNN(1, 2, DIVERGENT))),
        ("path", T, lambda path: files.save(None, lstm)),
        ("path", V, lambda path: files.save(path / "none" / "a", lstm)),
        ("path", T, lambda path: files.load(None)),
        ("arrays", T, lambda path: files.write(path, None)),
        ("arrays", T, lambda path: files.write(path, {3: 1})),
        ("arrays", V, lambda path: files.write(path, {"values.json": 1})),
        ("arrays['a']", V, lambda path: files.write(path, {"a": RAGGED})),
        ("arrays['a']", T, lambda path: files.write(path, {"a": None})),
        ("values", T, lambda path: files.write(path, {}, 3)),
        ("values", T, lambda path: files.write(path, {}, {"a": object()})),
        ("path", T, lambda path: files.read(3)),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_and_nothing_is_written(name, error, call, tmp_path):
    with pytest.raises(error) as caught:
        call(tmp_path / "file.npz")
    assert str(caught.value).startswith(f"{name}: expected "), str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("spoil", [{}, {"params": np.ones(3)}, {"params": np.full(12, np.nan)}])
def test_a_saved_layer_without_its_numbers_is_refused(spoil, tmp_path):
    path = tmp_path / "file.npz"
    files.save(path, lstm)
    _, values = files.read(path)
    files.write(path, spoil, values)
    with pytest.raises(ValueError, match="path: expected a saved layer of this version, got"):
        files.load(path)
