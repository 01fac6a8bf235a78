"""Layers against PyTorch's own, values and every gradient, through the conversion of weights."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lstm_lib import GRU, AugmentedLSTM, Bidirectional, Stacked, StandardRNN, VanillaLSTM
from lstm_lib.exchange.convert import from_torch, to_torch
from lstm_lib.losses import softmax_cross_entropy, squared_error
from lstm_lib.optimisers import SGD, Adam, Momentum, RMSProp
from lstm_lib.parameters import Parameters

small, seeds = st.integers(1, 5), st.integers(0, 2**32 - 1)


def close(got, want, name=""):
    want = want.detach().numpy()
    assert got.shape == want.shape, name
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11, err_msg=name)


def copied(layer, peer, suffix=""):
    with torch.no_grad():
        for name, value in to_torch(layer).items():
            getattr(peer, name + suffix).copy_(torch.from_numpy(value))


def random_problem(layer, N, B, rng):
    layer.params.flat = rng.normal(size=layer.params.flat.size) * 0.7
    x, dE = rng.normal(size=(N, B, layer.d_x)), rng.normal(size=(N, B, layer.d_out))
    start = {name: rng.normal(size=(B, d)) for name, d in layer.states.items()}
    return x, dE, start


@pytest.mark.parametrize("projection", [False, True])
@given(small, small, small, small, seeds)
def test_lstm(projection, d_x, d_s, N, B, seed):
    rng = np.random.default_rng(seed)
    if projection:
        d_s += 1
        d_v = int(rng.integers(1, d_s))  # PyTorch wants d_v < d_s
        layer = AugmentedLSTM(d_x, d_s, d_v, external_gate=False, peepholes=None)
        peer = torch.nn.LSTM(d_x, d_s, proj_size=d_v, dtype=torch.float64)
    else:
        layer = VanillaLSTM(d_x, d_s, None)
        peer = torch.nn.LSTM(d_x, d_s, dtype=torch.float64)
    x, dE, start = random_problem(layer, N, B, rng)
    copied(layer, peer)
    last = {f"dE_d{k}_last": rng.normal(size=start[f"{k}0"].shape) for k in "sv"}
    tx = torch.tensor(x, requires_grad=True)
    s0, v0 = (torch.tensor(start[k][None], requires_grad=True) for k in ("s0", "v0"))
    out, (v_n, s_n) = peer(tx, (v0, s0))
    trace = layer.forward(x, **start)
    close(trace.v, out)
    close(trace.s[-1], s_n[0])
    loss = (out * torch.tensor(dE)).sum()
    loss = loss + (s_n[0] * torch.tensor(last["dE_ds_last"])).sum()
    (loss + (v_n[0] * torch.tensor(last["dE_dv_last"])).sum()).backward()
    grads = layer.backward(trace, dE, **last)
    close(grads.x, tx.grad, "x")
    close(grads.s0, s0.grad[0], "s0")
    close(grads.v0, v0.grad[0], "v0")
    for k, row in enumerate(("cu", "cs", "du", "cr")):
        block = slice(k * d_s, (k + 1) * d_s)
        close(grads.params[f"W_x{row}"].reshape(d_s, d_x), peer.weight_ih_l0.grad[block], row)
        close(grads.params[f"W_v{row}"], peer.weight_hh_l0.grad[block], row)
        close(grads.params[f"b_{row}"], peer.bias_ih_l0.grad[block], row)
    if projection:
        close(grads.params["W_qdr"], peer.weight_hr_l0.grad, "W_qdr")


@given(small, small, small, small, seeds)
def test_gru(d_x, d_s, N, B, seed):
    layer, rng = GRU(d_x, d_s, "framework"), np.random.default_rng(seed)
    peer = torch.nn.GRU(d_x, d_s, dtype=torch.float64)
    x, dE, start = random_problem(layer, N, B, rng)
    copied(layer, peer)
    tx = torch.tensor(x, requires_grad=True)
    v0 = torch.tensor(start["v0"][None], requires_grad=True)
    out, _ = peer(tx, v0)
    trace = layer.forward(x, **start)
    close(trace.v, out)
    (out * torch.tensor(dE)).sum().backward()
    grads = layer.backward(trace, dE)
    close(grads.x, tx.grad, "x")
    close(grads.v0, v0.grad[0], "v0")
    for k, row in enumerate(("cr", "cs", "du")):
        block = slice(k * d_s, (k + 1) * d_s)
        close(grads.params[f"W_x{row}"], peer.weight_ih_l0.grad[block], row)
        close(grads.params[f"W_v{row}"], peer.weight_hh_l0.grad[block], row)
        close(grads.params[f"b_{row}"], peer.bias_ih_l0.grad[block], row)
    close(grads.params["b_vdu"], peer.bias_hh_l0.grad[2 * d_s :], "b_vdu")


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@given(small, small, small, small, seeds)
def test_standard_rnn(activation, d_x, d_s, N, B, seed):
    layer, rng = StandardRNN(d_x, d_s, activation), np.random.default_rng(seed)
    peer = torch.nn.RNN(d_x, d_s, nonlinearity=activation, dtype=torch.float64)
    x, dE, start = random_problem(layer, N, B, rng)
    with torch.no_grad():
        peer.weight_ih_l0.copy_(torch.from_numpy(layer.params["W_x"]))
        peer.weight_hh_l0.copy_(torch.from_numpy(layer.params["W_r"]))
        peer.bias_ih_l0.copy_(torch.from_numpy(layer.params["theta_s"]))
        peer.bias_hh_l0.zero_()
    tx = torch.tensor(x, requires_grad=True)
    out, _ = peer(tx, torch.tensor(start["r0"][None]))
    trace = layer.forward(x, **start)
    close(trace.r, out)
    (out * torch.tensor(dE)).sum().backward()
    grads = layer.backward(trace, dE)
    close(grads.x, tx.grad)
    close(grads.params["W_r"], peer.weight_hh_l0.grad)
    close(grads.params["W_x"], peer.weight_ih_l0.grad)
    close(grads.params["theta_s"], peer.bias_ih_l0.grad)


@given(small, small, small, small, seeds)
def test_two_bidirectional_layers(d_x, d_s, N, B, seed):
    rng = np.random.default_rng(seed)
    lstms = [VanillaLSTM(d, d_s, None) for d in (d_x, d_x, 2 * d_s, 2 * d_s)]
    layer = Stacked(Bidirectional(*lstms[:2]), Bidirectional(*lstms[2:]))
    peer = torch.nn.LSTM(d_x, d_s, num_layers=2, bidirectional=True, dtype=torch.float64)
    x, dE, _ = random_problem(layer, N, B, rng)
    with torch.no_grad():
        for lstm, suffix in zip(lstms, ("l0", "l0_reverse", "l1", "l1_reverse"), strict=True):
            for name, value in to_torch(lstm).items():
                getattr(peer, name.removesuffix("l0") + suffix).copy_(torch.from_numpy(value))
    tx = torch.tensor(x, requires_grad=True)
    out, _ = peer(tx)
    trace = layer.forward(x)
    close(trace.v, out)
    (out * torch.tensor(dE)).sum().backward()
    grads = layer.backward(trace, dE)
    close(grads.x, tx.grad)
    close(grads.params["0.backward.W_xdu"], peer.weight_ih_l0_reverse.grad[2 * d_s : 3 * d_s])
    close(grads.params["1.forward.W_vcs"], peer.weight_hh_l1.grad[d_s : 2 * d_s])


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
