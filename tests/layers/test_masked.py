"""NumPy drops a mask without a word wherever an array is made: every public input refuses one."""

import numpy as np
import pytest

from lstm_lib import (
    LSTM1997,
    RTRL,
    AdditiveModel,
    CanonicalRNN,
    TruncatedGradient,
    VanillaLSTM,
    canonical_weights,
    circulant,
    poles,
)
from lstm_lib.exchange.convert import from_torch, to_torch
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.perceptron import LinearUnit, Perceptron
from lstm_lib.layers.readout import Dense
from lstm_lib.learning import losses
from lstm_lib.study import contraction, diagnostics, segments


def masked(*shape):
    return np.ma.array(np.ones(shape), mask=False)


ONE = [[1.0]]
RNN, LSTM, DENSE, UNIT = CanonicalRNN(1, 1), VanillaLSTM(1, 1, None), Dense(1, 1), LinearUnit(1)
CALM = CanonicalRNN(1, 1)
CALM.params.flat *= 0.1
NET, MODEL = FeedForward((1, 1)), AdditiveModel([[-1]], C=[[1]])

CALLS = {
    "x": [
        lambda: RNN.forward(masked(2, 1)),
        lambda: RNN.forward([masked(1), masked(1)]),
        lambda: RNN.forward([[masked(1)], [masked(1)]]),
        lambda: NET.forward(masked(1)),
        lambda: Perceptron(1).learn(masked(2, 1), [0, 1]),
        lambda: UNIT.error(masked(2, 1), [0, 1]),
        lambda: UNIT.largest_eta(masked(2, 1)),
        lambda: segments.split(masked(4, 1), 2),
        lambda: contraction.state_bound(CALM, masked(2, 1)),
        lambda: RTRL(RNN).step(RTRL(RNN).begin(), masked(1)),
        lambda: TruncatedGradient(LSTM1997(1, 1)).step(
            TruncatedGradient(LSTM1997(1, 1)).begin(), masked(1)
        ),
    ],
    "s0": [lambda: RNN.forward(ONE, s0=masked(1)), lambda: RTRL(RNN).begin(s0=masked(1))],
    "dE_dr": [lambda: RNN.backward(RNN.forward(ONE), masked(1, 1))],
    "dE_dv_last": [lambda: LSTM.backward(LSTM.forward(ONE), ONE, dE_dv_last=masked(1))],
    "v": [lambda: DENSE.forward(masked(2, 1))],
    "dE_dy": [
        lambda: DENSE.backward(DENSE.forward(ONE), masked(1, 1)),
        lambda: NET.backward(NET.forward([1.0]), masked(1)),
    ],
    "y": [
        lambda: losses.squared_error(masked(2, 1), np.ones((2, 1))),
        lambda: losses.softmax(masked(2, 1)),
        lambda: losses.softmax_cross_entropy(masked(2, 1), [0, 0]),
    ],
    "target": [
        lambda: losses.squared_error(np.ones((2, 1)), masked(2, 1)),
        lambda: losses.softmax_cross_entropy(np.ones((2, 1)), np.ma.array([0, 0])),
    ],
    "mask": [lambda: losses.squared_error(np.ones((2, 1)), np.ones((2, 1)), masked(2))],
    "lengths": [lambda: losses.mask_of_lengths(np.ma.array([1, 2]), 2)],
    "t": [lambda: MODEL.solve(lambda t: 0, t_end=1)(masked(2))],
    "A": [lambda: AdditiveModel(masked(1, 1)), lambda: poles(masked(1, 1), delta_t=1)],
    "B": [lambda: canonical_weights([[-1]], masked(1, 1), [[1]], delta_t=1)],
    "tau_s": [lambda: AdditiveModel([[[-1]], [[-1]]], tau_s=masked(2))],
    "history": [lambda: MODEL.solve(lambda t: 0, t_end=1, history=masked(1))],
    "kernel": [lambda: circulant(masked(3))],
    "s": [lambda: RNN.jacobian(masked(1))],
    "w": [lambda: LinearUnit(1, masked(2))],
    "parts": [lambda: segments.join(masked(2, 1, 1), np.ones((2, 1), bool))],
    "counts": [lambda: segments.join(np.ones((2, 1, 1)), np.ma.array([[True], [True]]))],
    "norms": [lambda: diagnostics.memory_horizon(masked(3))],
    "J": [lambda: diagnostics.product_singular_values(masked(2, 1, 1))],
    "flat": [lambda: setattr(RNN.params, "flat", masked(4))],
    "params['W_r']": [lambda: RNN.params.__setitem__("W_r", masked(1, 1))],
    "arrays['bias_hh_l0']": [
        lambda: from_torch(LSTM, to_torch(LSTM) | {"bias_hh_l0": masked(4)}),
    ],
}


@pytest.mark.parametrize(
    ("name", "call"), [(name, call) for name, calls in CALLS.items() for call in calls]
)
def test_a_masked_array_is_refused(name, call):
    weights = [part.params.flat.copy() for part in (RNN, LSTM, DENSE, NET)]
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value).startswith(f"{name}: expected an array without a mask, got a masked")
    for part, kept in zip((RNN, LSTM, DENSE, NET), weights, strict=True):
        assert np.array_equal(part.params.flat, kept)
