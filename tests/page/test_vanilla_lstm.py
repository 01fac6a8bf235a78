"""The variants of the LSTM: each is what the paper says, and its backward pass is proven."""

import numpy as np
import pytest

from lstm_lib import VanillaLSTM, derive
from lstm_lib.derived import DerivedLayer
from lstm_lib.page.experiments.vanilla_lstm import UNITS, alarm
from lstm_lib.page.vanilla_lstm import VARIANTS, changed_lines, variant


@pytest.mark.parametrize("key", VARIANTS)
def test_every_variant_is_proven(key):
    assert variant(key).prove(d=2, N=3).identities > 50


def test_a_variant_differs_from_the_vanilla_cell_in_its_own_lines_alone():
    for key, (_, lines, out) in VARIANTS.items():
        if key != "GRU":
            new, gone = changed_lines(key)
            assert sorted(new) == sorted(lines)
            assert sorted(gone) == sorted(z for z in out if f"{z}[n] =" not in " ".join(lines))


def pinned(key, layer, N, B):
    """What a variant computes, step by step, with a held gate or another function in its place."""
    p, rng = layer.params, np.random.default_rng(1)
    x = rng.normal(size=(N, B, layer.d_x))
    s = v = np.zeros((B, layer.d_out))
    g = {z: np.zeros((B, layer.d_out)) for z in ("cu", "cs", "cr")}
    out = []

    def net(z, x_n, seen):
        a = x_n @ p[f"W_x{z}"].T + v @ p[f"W_v{z}"].T + p[f"b_{z}"]
        if f"w_s{z}" in p:
            a = a + p[f"w_s{z}"] * seen
        for other in g:
            if f"R_{other}{z}" in p:
                a = a + g[other] @ p[f"R_{other}{z}"].T
        return a

    def gate(z, x_n, seen):
        return 1 / (1 + np.exp(-net(z, x_n, seen))) if f"b_{z}" in p else np.ones_like(s)

    for x_n in x:
        new = {"cs": gate("cs", x_n, s)}
        new["cu"] = 1 - new["cs"] if key == "CIFG" else gate("cu", x_n, s)
        u = net("du", x_n, s)
        u = u if key == "NIAF" else np.tanh(u)
        s = new["cs"] * s + new["cu"] * u
        new["cr"] = gate("cr", x_n, s)
        v = new["cr"] * (s if key == "NOAF" else np.tanh(s))
        g = new
        out.append(v)
    return x, np.array(out)


@pytest.mark.parametrize("key", [key for key in VARIANTS if key != "GRU"])
def test_a_variant_computes_what_its_name_says(key):
    layer = DerivedLayer(variant(key), d_x=2, d_s=3, rng=4)
    for W in layer.params.values():
        W += 0.1
    x, v = pinned(key, layer, 6, 2)
    np.testing.assert_allclose(layer.forward(x).v, v, rtol=1e-12, atol=1e-13)


def test_the_others_are_layers_of_the_library():
    assert variant("NP").lines == derive.vanilla_lstm_no_peepholes.lines
    assert variant("V") is derive.vanilla_lstm_diagonal
    assert variant("GRU") is derive.gru


def test_the_variants_have_about_as_many_weights():
    sizes = [size_of(key) for key in VARIANTS]
    assert (min(sizes), max(sizes)) == (379, 431)


def size_of(key):
    size = {"d_v" if key == "GRU" else "d_s": UNITS[key]}
    return DerivedLayer(variant(key), d_x=3, **size).params.flat.size + UNITS[key] + 1


def test_the_alarm_is_silent_until_its_time():
    x, target = alarm(np.random.default_rng(0), 50)
    assert x.shape == (20, 50, 2)
    assert not x[1:].any()
    assert (x[0, :, 1] == 1).all()
    k = (x[0, :, 0] * 16).round().astype(int)
    assert set(k) == set(range(4, 17))
    np.testing.assert_array_equal((target[..., 0] == 0).sum(axis=0), k)


def test_a_blind_unit_has_constant_nets_while_its_value_is_zero():
    """What the page calls proven: v = 0, no input, no peepholes; two states, one net input."""
    layer = VanillaLSTM(2, 1, None, rng=0)
    nets = [
        layer.forward(np.zeros((1, 2)), s0=[state], v0=[0.0]).g_cs[0, 0] for state in (0.0, 3.0)
    ]
    assert nets[0] == nets[1]
    seeing = VanillaLSTM(2, 1, "diagonal", rng=0)
    nets = [
        seeing.forward(np.zeros((1, 2)), s0=[state], v0=[0.0]).g_cs[0, 0] for state in (0.0, 3.0)
    ]
    assert nets[0] != nets[1]
