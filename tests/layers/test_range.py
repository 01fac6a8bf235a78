"""Numbers at the ends of the range: no NumPy warning, and what left the range is named."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib import (
    GRU,
    LSTM1997,
    RTRL,
    CanonicalRNN,
    StandardRNN,
    TruncatedGradient,
    VanillaLSTM,
)
from lstm_lib.exchange.convert import from_keras, from_torch, to_keras, to_torch
from lstm_lib.layers import initialise
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.perceptron import LinearUnit, Perceptron
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.losses import softmax, softmax_cross_entropy, squared_error
from lstm_lib.learning.optimisers import clip_by_norm, gradient_norm
from lstm_lib.study.diagnostics import error_norms, memory_horizon, product_singular_values

HUGE = 1e308


@pytest.fixture(autouse=True)
def numpy_raises():
    with np.errstate(over="raise", invalid="raise", under="raise"):
        yield


def stream(steps, W_r):
    rnn = StandardRNN(1, 2, "identity")
    rnn.params["W_r"] = W_r
    learner = RTRL(rnn)
    now = learner.begin()
    for _ in range(steps):
        now = learner.step(now, [1.0])
    return learner, now


def exploding():
    stream(400, 10 * np.eye(2))


def rtrl_gradient():
    learner, now = stream(2, np.full((2, 2), 1e100))
    learner.gradient(now, [HUGE, HUGE])


def truncated_gradient():
    lstm = LSTM1997(1, 1, 2)
    learner = TruncatedGradient(lstm)
    now = learner.step(learner.begin(s0=[HUGE, 3.0]), [1.0])
    learner.gradient(now, [HUGE, HUGE])


def truncated_output_gate():
    lstm = LSTM1997(1, 1, 1)
    lstm.params["W_xcr"], lstm.params["W_vcr"] = [[HUGE]], [[-HUGE]]
    learner = TruncatedGradient(lstm)
    learner.step(learner.begin(v0=[10.0]), [10.0])


def dense(v, W=1.0):
    layer = Dense(2, 1)
    layer.params["W_vy"] = [[W, W]]
    return layer, layer.forward(v)


def dense_backward():
    layer, trace = dense([[1.0, 1.0], [1.0, 1.0]])
    layer.backward(trace, [[HUGE], [HUGE]])


def feedforward(activation, x, error):
    net = FeedForward((1, 2, 1), activation)
    net.params.flat = np.full(net.params.flat.size, 2.0)
    net.backward(net.forward(x), error)


def torch_bias():
    lstm = VanillaLSTM(1, 1, None)
    from_torch(lstm, to_torch(lstm) | {"bias_ih_l0": [HUGE] * 4, "bias_hh_l0": [HUGE] * 4})


def keras_bias():
    gru = GRU(1, 1, "framework")
    kernel, recurrent, bias = to_keras(gru)
    from_keras(gru, [kernel, recurrent, np.full_like(bias, HUGE)])


def norms():
    lstm = VanillaLSTM(1, 2)
    error_norms(lstm.backward(lstm.forward([[1.0]]), [[1.7e308, 1.7e308]]), "chi")


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (exploding, "s|ds_dw"),
        (rtrl_gradient, "gradient"),
        (truncated_gradient, "gradient"),
        (truncated_output_gate, "v"),
        (lambda: dense([[HUGE, HUGE]]), "y"),
        (dense_backward, "gradient"),
        (lambda: feedforward("identity", [[HUGE]], [[1.0]]), "net"),
        (lambda: feedforward("identity", [[1.0]], [[HUGE]]), "gradient"),
        (lambda: Perceptron(2, [0, HUGE, HUGE])([10.0, -10.0]), "net"),
        (lambda: Perceptron(1).learn([[HUGE]], [0], eta=10), "net|w"),
        (lambda: LinearUnit(1, [0, HUGE])([10.0]), "net"),
        (lambda: LinearUnit(1, [0, HUGE]).error([[1.0]], [1.0]), "E"),
        (lambda: LinearUnit(1).largest_eta([[HUGE]]), "x"),
        (lambda: squared_error([[HUGE]], [[-HUGE]]), "y"),
        (lambda: softmax_cross_entropy([[HUGE, -HUGE]] * 3, [1, 1, 1]), "y"),
        (torch_bias, "arrays"),
        (keras_bias, "arrays"),
        (norms, "norms"),
        (lambda: initialise.normal((20, 1), 0, HUGE), "scale"),
        (lambda: initialise.uniform((1, 1), 0, 1.5e308), "bound"),
        (lambda: initialise.spectral_radius((2, 2), 0, 1.7e308), "radius"),
    ],
)  # fmt: skip
def test_what_leaves_the_range_is_named(call, name):
    with pytest.raises(OverflowError, match=f"^({name}): expected "):
        call()


def test_what_stays_in_range_is_computed():
    assert softmax([HUGE, -HUGE]).tolist() == [1, 0]
    assert squared_error([[1e-200]], [[0.0]])[0] == 0
    assert LinearUnit(1).largest_eta([[1e100]]) == pytest.approx(2e-200)
    assert memory_horizon([1e-320, 1e-310], 0.01) == 1
    assert product_singular_values([np.full((3, 3), HUGE)] * 3).max() == np.finfo(float).max
    tiny = product_singular_values([1e-200 * np.eye(2), np.diag([1e200, 1.0])])
    assert tiny[0].tolist() == pytest.approx([1, 1e-200])
    feedforward("logistic", [[1e-300]], [[1e-300]])
    dense([1e-300, 1e-300], 1e-300)
    TruncatedGradient(LSTM1997(1, 1)).begin(s0=[5e-324])


def test_the_norm_of_a_gradient_does_not_overflow():
    grads = Dense(1, 2, bias=False).params.zeros()
    for values, want in (([3e300, 4e300], 5e300), ([3e-300, 4e-300], 5e-300), ([0, 0], 0)):
        grads.flat = values
        assert gradient_norm(grads) == pytest.approx(want)
        assert clip_by_norm(grads, 1e-3) == pytest.approx(want)
    grads.flat = [1.7e308, 1.7e308]
    assert clip_by_norm(grads, 2**0.5) == np.finfo(float).max
    assert grads.flat.tolist() == pytest.approx([1, 1])


def test_a_perceptron_that_overflows_keeps_its_weights():
    unit = Perceptron(1, [1.0, 1.0])
    with pytest.raises(OverflowError, match="expected numbers within the range"):
        unit.learn([[HUGE]], [0], eta=10)
    assert unit.w.tolist() == [1, 1]


def test_a_bias_sum_that_overflows_changes_nothing():
    gru = GRU(1, 1, "framework")
    kept = gru.params.flat.copy()
    kernel, recurrent, bias = to_keras(gru)
    with pytest.raises(OverflowError, match="arrays: expected"):
        from_keras(gru, [kernel, recurrent, np.full_like(bias, HUGE)])
    arrays = to_torch(gru)
    with pytest.raises(OverflowError, match="arrays: expected"):
        from_torch(gru, {name: np.full_like(value, HUGE) for name, value in arrays.items()})
    assert np.array_equal(gru.params.flat, kept)


def loss_of(draw):
    for loss in (squared_error, softmax_cross_entropy):
        target = draw(3, 2) if loss is squared_error else [0, 1, 1]
        yield lambda loss=loss, target=target: loss(draw(3, 2), target)[1]


def networks(draw):
    def there_and_back(net):
        net.params.flat = draw(net.params.flat.size)
        trace = net.forward(draw(3, 2))
        y = trace.y if isinstance(net, Dense) else trace.y[-1]
        return net.backward(trace, draw(*y.shape)).params.flat

    for net in (Dense(2, 2), *(FeedForward((2, 3, 1), f) for f in ("tanh", "identity", "relu"))):
        yield lambda net=net: there_and_back(net)


def streams(draw):
    def run(learner, layer, **start):
        layer.params.flat = draw(layer.params.flat.size)
        now = learner.step(learner.begin(**start), draw(1))
        return learner.gradient(learner.step(now, draw(1)), draw(2)).flat

    for activation in ("tanh", "identity"):
        rnn = CanonicalRNN(1, 2, activation)
        yield lambda rnn=rnn: run(RTRL(rnn), rnn, r0=draw(2), s0=draw(2))
    for options in ({}, {"forget_gate": True, "peepholes": True}):
        lstm = LSTM1997(1, 1, 2, **options)
        yield lambda lstm=lstm: run(TruncatedGradient(lstm), lstm, s0=draw(2))


def units(draw):
    yield lambda: Perceptron(2, draw(3)).learn(draw(3, 2), [0, 1, 1], passes=3)
    yield lambda: LinearUnit(2, draw(3)).learn(draw(3, 2), draw(3), eta=0.1, passes=3)
    yield lambda: LinearUnit(2, draw(3)).error(draw(3, 2), draw(3))
    yield lambda: LinearUnit(2).largest_eta(draw(3, 2))
    yield lambda: product_singular_values(draw(3, 2, 2))


@pytest.mark.parametrize("family", [loss_of, networks, streams, units])
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_numbers_of_any_size_give_numbers_or_an_overflow_error(family, seed, each):
    rng = np.random.default_rng(seed)

    def draw(*shape):
        exponent = rng.uniform(-300, 300, shape if each else ())
        return rng.choice([-1, 1], shape) * rng.uniform(0.1, 9, shape) * 10.0**exponent

    for call in family(draw):
        with contextlib.suppress(OverflowError):
            assert np.isfinite(call()).all()
