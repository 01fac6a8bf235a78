"""Layers against PyTorch's own, values and every gradient, through the conversion of weights."""

import copy
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lib import (
    GRU,
    AugmentedLSTM,
    Bidirectional,
    Stacked,
    StandardRNN,
    VanillaLSTM,
)
from lstm_lib.exchange.convert import from_torch, to_torch, torch_module
from lstm_lib.layers.base import last_error
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.losses import softmax_cross_entropy, squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import SGD, Adam, Momentum, RMSProp
from lstm_lib.parameters import Parameters

small, seeds = st.integers(1, 5), st.integers(0, 2**32 - 1)


def close(got, want, name=""):
    want = want.detach().numpy()
    assert got.shape == want.shape, name
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11, err_msg=name)


def random_problem(layer, N, B, rng):
    layer.params.flat = rng.normal(size=layer.params.flat.size) * 0.7
    x, dE = rng.normal(size=(N, B, layer.d_x)), rng.normal(size=(N, B, layer.d_out))
    start = {name: rng.normal(size=(B, d)) for name, d in layer.states.items()}
    return x, dE, start


def projected(d_x, d_s):
    return AugmentedLSTM(d_x, d_s + 1, d_s, external_gate=False, peepholes=None)


SIMPLE = {
    "RNN tanh": StandardRNN,
    "RNN relu": lambda d_x, d_s: StandardRNN(d_x, d_s, "relu"),
    "LSTM": lambda d_x, d_s: VanillaLSTM(d_x, d_s, None),
    "augmented, all off": lambda d_x, d_s: AugmentedLSTM(
        d_x, d_s, external_gate=False, peepholes=None
    ),
    "LSTM projected": projected,
    "GRU": lambda d_x, d_s: GRU(d_x, d_s, "framework"),
}


def both(make, d_x, d_s):
    return Bidirectional(make(d_x, d_s), make(d_x, d_s))


def stack(make, d_x, d_s):
    return Stacked(make(d_x, d_s), make(d_s, d_s), make(d_s, d_s))


def stack_of_both(make, d_x, d_s):
    return Stacked(both(make, d_x, d_s), both(make, 2 * d_s, d_s))


LAYERS = SIMPLE | {
    f"{name}, {build.__name__}": partial(build, make)
    for name, make in SIMPLE.items()
    for build in (both, stack, stack_of_both)
}


def states_of(layer, states):
    """Start or final values in PyTorch's form, v and s or one of them, the levels first."""
    kinds = [
        [value for name, value in states.items() if name.rpartition(".")[2] == kind]
        for kind in ("v0", "r0", "s0")
    ]
    return [np.stack(values) for values in kinds if values]


def same_gradients(layer, grads, module):
    """Every gradient of the module against ours in the layout of its weights."""
    twin = copy.deepcopy(layer)
    twin.params.flat = grads.flat
    want = to_torch(twin)
    for name, weight in module.named_parameters():
        got = want[name]
        if ".bias_hh" in "." + name:  # both biases are one on the page, but for a block of the GRU
            d = 2 * len(got) // 3 if "GRU" in repr(layer) else len(got)
            got = np.concatenate([want[name.replace("bias_hh", "bias_ih")][:d], got[d:]])
        close(got, weight.grad, name)


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=25)
@given(small, small, small, small, seeds)
def test_a_layer_is_its_module(name, d_x, d_s, N, B, seed):
    """Values, final states, and the gradients of weights, inputs and start values."""
    layer, rng = LAYERS[name](d_x, d_s), np.random.default_rng(seed)
    x, dE, start = random_problem(layer, N, B, rng)
    module = torch_module(layer)
    tx = torch.tensor(x, requires_grad=True)
    state = [torch.tensor(value, requires_grad=True) for value in states_of(layer, start)]
    out, last = module(tx, tuple(state) if len(state) == 2 else state[0])
    trace = layer.forward(x, **start)
    close(getattr(trace, layer.output), out)
    ends = {k: getattr(trace, k[:-1])[0 if "backward." in k else -1] for k in layer.states}
    errors = {k: rng.normal(size=(B, d)) for k, d in layer.states.items()}
    loss = (out * torch.tensor(dE)).sum()
    for got, value, error in zip(
        states_of(layer, ends),
        last if isinstance(last, tuple) else [last],
        states_of(layer, errors),
        strict=True,
    ):
        close(got, value)
        loss = loss + (value * torch.tensor(error)).sum()
    loss.backward()
    grads = layer.backward(trace, dE, **{last_error(k): error for k, error in errors.items()})
    close(grads.x, tx.grad, "x")
    starts = states_of(layer, {k: getattr(grads, k) for k in layer.states})
    for got, value in zip(starts, state, strict=True):
        close(got, value.grad, "start")
    same_gradients(layer, grads.params, module)


@pytest.mark.parametrize("name", ["LSTM", "RNN relu", "GRU, stack_of_both", "LSTM projected, both"])
@settings(max_examples=25)
@given(small, small, small, small, st.booleans(), seeds)
def test_a_network_is_its_module(name, d_x, d_s, N, B, bias, seed):
    layer, rng = LAYERS[name](d_x, d_s), np.random.default_rng(seed)
    network = Network(layer, Dense(layer.d_out, 2, bias))
    network.params.flat = rng.normal(size=network.params.flat.size) * 0.7
    x, dE = rng.normal(size=(N, B, d_x)), rng.normal(size=(N, B, 2))
    module = torch_module(network)
    y, _ = module(torch.tensor(x))
    trace = network.forward(x)
    close(trace.y, y)
    (y * torch.tensor(dE)).sum().backward()
    same_gradients(network, network.backward(trace, dE), module)


@given(st.lists(small, min_size=2, max_size=4), small, seeds)
def test_a_feed_forward_network_is_its_module(sizes, D, seed):
    rng = np.random.default_rng(seed)
    names = rng.choice(["tanh", "logistic", "relu", "identity"], len(sizes) - 1).tolist()
    network = FeedForward(sizes, names)
    network.params.flat = rng.normal(size=network.params.flat.size)
    x, dE = rng.normal(size=(D, sizes[0])), rng.normal(size=(D, sizes[-1]))
    module = torch_module(network)
    y = module(torch.tensor(x))
    trace = network.forward(x)
    close(trace.y[-1], y)
    (y * torch.tensor(dE)).sum().backward()
    same_gradients(network, network.backward(trace, dE).params, module)


def test_a_module_has_the_dtype_of_the_layer():
    for dtype, peer in ((np.float32, torch.float32), (np.float64, torch.float64)):
        module = torch_module(VanillaLSTM(2, 3, None, dtype=dtype))
        assert {weight.dtype for weight in module.parameters()} == {peer}


@given(small, small, small, seeds)
def test_the_weights_of_a_trained_module_come_back(d_x, d_s, B, seed):
    """A whole network, its second biases not zero, as an optimiser of PyTorch leaves them."""
    torch.manual_seed(seed % 2**31)
    network = Network(LAYERS["LSTM, stack_of_both"](d_x, d_s), Dense(2 * d_s, 2))
    module = torch_module(network)
    with torch.no_grad():
        for weight in module.parameters():
            weight += torch.randn_like(weight)
    from_torch(network, {name: value.numpy() for name, value in module.state_dict().items()})
    x = np.random.default_rng(seed).normal(size=(4, B, d_x))
    close(network.forward(x).y, module(torch.tensor(x))[0])


@given(small, small, seeds)
def test_the_state_dict_comes_back_with_both_biases(d_x, d_s, seed):
    torch.manual_seed(seed % 2**31)
    for peer, layer in (
        (torch.nn.LSTM(d_x, d_s, dtype=torch.float64), VanillaLSTM(d_x, d_s, None)),
        (torch.nn.GRU(d_x, d_s, dtype=torch.float64), GRU(d_x, d_s, "framework")),
    ):
        from_torch(layer, {name: value.numpy() for name, value in peer.state_dict().items()})
        x = np.random.default_rng(seed).normal(size=(4, 2, d_x))
        close(layer.forward(x).v, peer(torch.from_numpy(x))[0])


@given(small, small, small, st.booleans(), seeds)
def test_losses_with_masks(N, B, d, average, seed):
    rng = np.random.default_rng(seed)
    y, t = rng.normal(size=(N, B, d)), rng.normal(size=(N, B, d))
    classes, mask = rng.integers(0, d, (N, B)), rng.integers(0, 2, (N, B))
    mask[0, 0] = 1
    m, count = torch.from_numpy(mask), mask.sum() if average else 1
    ty = torch.tensor(y, requires_grad=True)
    nll = torch.nn.functional.cross_entropy(
        ty.flatten(0, 1), torch.from_numpy(classes).flatten(), reduction="none"
    )
    square = 0.5 * ((ty - torch.from_numpy(t)) ** 2).sum(-1).flatten()
    for each, loss, target in (
        (nll, softmax_cross_entropy, classes), (square, squared_error, t)
    ):  # fmt: skip
        ty.grad = None
        want = (each * m.flatten()).sum() / count
        want.backward(retain_graph=True)
        E, dE_dy = loss(y, target, mask, average=average)
        assert pytest.approx(want.item(), rel=1e-10, abs=1e-12) == E
        close(dE_dy, ty.grad)


@pytest.mark.parametrize(
    ("ours", "peer"),
    [
        (SGD(0.1), lambda w: torch.optim.SGD(w, 0.1)),
        (Momentum(0.1, 0.8), lambda w: torch.optim.SGD(w, 0.1, momentum=0.8)),
        (RMSProp(0.01, 0.9, 1e-6), lambda w: torch.optim.RMSprop(w, 0.01, alpha=0.9, eps=1e-6)),
        (Adam(0.01), lambda w: torch.optim.Adam(w, 0.01)),
    ],
    ids=["SGD", "Momentum", "RMSProp", "Adam"],
)
def test_optimisers(ours, peer):
    rng = np.random.default_rng(0)
    params, grads = (Parameters({"w": (7,)}) for _ in range(2))
    params.flat = rng.normal(size=7)
    w = torch.tensor(params.flat.copy(), requires_grad=True)
    optimiser = peer([w])
    for _ in range(20):
        grads.flat = rng.normal(size=7)
        w.grad = torch.tensor(grads.flat.copy())
        optimiser.step()
        ours.step(params, grads)
        close(params.flat, w)
