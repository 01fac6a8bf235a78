"""The gradient check notices a small fault in any one gradient, and names it."""

from types import SimpleNamespace

import numpy as np
import pytest

from lstm_lib import Stacked, StandardRNN, VanillaLSTM
from tests import equations
from tests.oracle import Problem, check_backward
from tests.problems import LSTM_SIGNALS


class Faulty:
    """A layer whose backward pass is wrong in one entry of one gradient."""

    def __init__(self, layer, name):
        self.layer, self.name = layer, name

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def backward(self, *arguments, **errors):
        grads = self.layer.backward(*arguments, **errors)
        known = {name: np.array(value) for name, value in grads.params.items()}
        known |= {name: np.array(getattr(grads, name)) for name in grads.names}
        known[self.name].flat[0] += 1e-6 * np.linalg.norm(known[self.name])
        own = {name: known[name] for name in grads.params}
        return SimpleNamespace(params=own, **{n: v for n, v in known.items() if n not in own})


def problem(name=None, scale=1.0):
    lstm, rnn = VanillaLSTM(2, 3, rng=1), StandardRNN(3, 2, rng=2)
    rng = np.random.default_rng(3)
    layer = Stacked(lstm, rnn)
    layers = [(equations.vanilla_lstm, "v"), (equations.rnn, "r")]
    x, dE = rng.normal(size=(4, 2, 2)), scale * rng.normal(size=(4, 2, 2))
    start = {"0.s0": rng.normal(size=(2, 3))}
    signals = {f"0.{grad}": f"0.{symbol}" for grad, symbol in LSTM_SIGNALS.items()}
    signals |= {"1.psi": "1.s", "1.chi": "1.r"}

    def plain(p, x, start, nudge=equations.no_nudge):
        return equations.stack_of(p, x, start, nudge, layers=layers)

    return Problem(Faulty(layer, name) if name else layer, plain, x, dE, start, {}, signals)


RIGHT = problem()
NAMES = [*RIGHT.layer.params, "x", *RIGHT.layer.states, *RIGHT.signals]


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_is_noticed_and_named(name):
    symbol = RIGHT.signals.get(name, name)
    with pytest.raises(AssertionError, match=rf"^{symbol}: backward .* complex step"):
        check_backward(problem(name), np.random.default_rng(4))


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_right_one_passes(scale):
    check_backward(problem(scale=scale), np.random.default_rng(4))
