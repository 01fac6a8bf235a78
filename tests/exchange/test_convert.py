"""Framework layouts: there and back, and one step as a framework would take it."""

import numpy as np
import pytest

from lstm_lib import GRU, AugmentedLSTM, StandardRNN, VanillaLSTM
from lstm_lib.exchange.convert import from_keras, from_torch, to_keras, to_torch

V, T = ValueError, TypeError


def made(layer, seed=0):
    layer.params.flat = np.random.default_rng(seed).normal(size=layer.params.flat.size)
    return layer


def sigma(z):
    return 1 / (1 + np.exp(-z))


LAYERS = [
    lambda: VanillaLSTM(3, 4, None),
    lambda: AugmentedLSTM(3, 4, 2, external_gate=False, peepholes=None),
    lambda: GRU(3, 4, "framework"),
    lambda: GRU(3, 4, "published"),
]


@pytest.mark.parametrize("make", LAYERS)
def test_there_and_back(make):
    layer = made(make())
    ways = [(to_torch, from_torch), (to_keras, from_keras)]
    if isinstance(layer, AugmentedLSTM):
        ways = ways[:1]
    elif getattr(layer, "form", None) == "published":
        ways = ways[1:]
    for to, back in ways:
        arrays, twin = to(layer), make()
        back(twin, arrays)
        assert np.array_equal(twin.params.flat, layer.params.flat)
        for array in arrays.values() if isinstance(arrays, dict) else arrays:
            assert not np.shares_memory(array, layer.params.flat)


def test_one_keras_step():
    """As the documentation of Keras' layers describes it: x @ kernel + h @ recurrent_kernel."""
    x, h, c = np.array([0.5, -1, 2]), np.array([0.1, 0.2, -0.3, 0.4]), np.array([1, -1, 0.5, 0])
    lstm = made(VanillaLSTM(3, 4, None))
    kernel, recurrent, bias = to_keras(lstm)
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
    c1 = sigma(f) * c + sigma(i) * np.tanh(g)
    want = sigma(o) * np.tanh(c1)
    np.testing.assert_allclose(lstm.forward(x[None], s0=c, v0=h).v[0], want, rtol=1e-12)

    gru = made(GRU(3, 4, "framework"))
    kernel, recurrent, bias = to_keras(gru)
    xz, xr, xh = np.split(x @ kernel + bias[0], 3)
    hz, hr, hh = np.split(h @ recurrent + bias[1], 3)
    z = sigma(xz + hz)
    want = z * h + (1 - z) * np.tanh(xh + sigma(xr + hr) * hh)
    np.testing.assert_allclose(gru.forward(x[None], v0=h).v[0], want, rtol=1e-12)

    gru = made(GRU(3, 4, "published"))
    kernel, recurrent, bias = to_keras(gru)
    xz, xr, xh = np.split(x @ kernel + bias, 3)
    Uz, Ur, Uh = np.split(recurrent, 3, axis=1)
    z, r = sigma(xz + h @ Uz), sigma(xr + h @ Ur)
    want = z * h + (1 - z) * np.tanh(xh + (r * h) @ Uh)
    np.testing.assert_allclose(gru.forward(x[None], v0=h).v[0], want, rtol=1e-12)


def test_two_bias_vectors_add_up():
    lstm = VanillaLSTM(1, 1, None)
    arrays = to_torch(lstm)
    arrays["bias_ih_l0"], arrays["bias_hh_l0"] = np.arange(4.0), np.array([10.0, 20, 30, 40])
    from_torch(lstm, arrays)
    biases = [lstm.params[f"b_{row}"][0] for row in ("cu", "cs", "du", "cr")]
    assert biases == [10, 21, 32, 43]
    gru = GRU(1, 1, "framework")
    kernel, recurrent, _ = to_keras(gru)
    from_keras(gru, [kernel, recurrent, [[1.0, 2, 3], [10.0, 20, 30]]])
    biases = [gru.params[name][0] for name in ("b_cs", "b_cr", "b_du", "b_vdu")]
    assert biases == [11, 22, 3, 30]


windowed = AugmentedLSTM(1, 1, lags={"cu": 2}, external_gate=False, peepholes=None)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: to_torch(VanillaLSTM(1, 1)), V, "layer: expected one without peepholes"),
        (lambda: to_torch(AugmentedLSTM(1, 1, peepholes=None)), V, "layer: expected windows"),
        (lambda: to_torch(windowed), V, "layer: expected windows"),
        (lambda: to_torch(StandardRNN(1, 1)), T, "layer: expected a VanillaLSTM, AugmentedLSTM or"),
        (lambda: to_torch(GRU(1, 1)), V, "layer: expected a GRU of form 'framework'"),
        (lambda: to_keras(LAYERS[1]()), V, "layer: expected one without projection"),
        (lambda: from_torch(LAYERS[0](), {}), V, "arrays: expected weight_ih_l0, .*, got"),
        (lambda: from_keras(LAYERS[0](), []), V, "arrays: expected kernel, recurrent_kernel, bias"),
    ],
)  # fmt: skip
def test_what_frameworks_do_not_have_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_wrong_array_is_named_and_changes_nothing():
    lstm = LAYERS[0]()
    kept = lstm.params.flat.copy()
    arrays = to_torch(lstm) | {"weight_hh_l0": np.ones((16, 3))}
    with pytest.raises(ValueError, match=r"arrays\['weight_hh_l0'\]: expected shape \(16, 4\)"):
        from_torch(lstm, arrays)
    assert np.array_equal(lstm.params.flat, kept)
