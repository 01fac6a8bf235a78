"""Framework layouts: there and back, and one step as a framework would take it."""

import sys

import numpy as np
import pytest

from lstm_lib import (
    GRU,
    LSTM1997,
    AugmentedLSTM,
    Bidirectional,
    CanonicalRNN,
    GridLSTM,
    Stacked,
    StandardRNN,
    VanillaLSTM,
)
from lstm_lib.exchange.convert import from_keras, from_torch, to_keras, to_torch, torch_module
from lstm_lib.layers.activations import Activation
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.network import Network

V, T = ValueError, TypeError


def made(layer, seed=0):
    layer.params.flat = np.random.default_rng(seed).normal(size=layer.params.flat.size)
    return layer


def sigma(z):
    return 1 / (1 + np.exp(-z))


def lstm(d_x=3, d_s=4):
    return VanillaLSTM(d_x, d_s, None)


LAYERS = {
    "rnn": lambda: StandardRNN(3, 4, "relu"),
    "lstm": lstm,
    "projected": lambda: AugmentedLSTM(3, 4, 2, external_gate=False, peepholes=None),
    "gru": lambda: GRU(3, 4, "framework"),
    "published": lambda: GRU(3, 4, "published"),
    "both": lambda: Bidirectional(lstm(), lstm()),
    "stack": lambda: Stacked(lstm(), lstm(4)),
    "stack of both": lambda: Stacked(
        Bidirectional(lstm(), lstm()), Bidirectional(lstm(8), lstm(8))
    ),
    "dense": lambda: Dense(3, 2),
    "dense without bias": lambda: Dense(3, 2, False),
    "feed-forward": lambda: FeedForward((3, 5, 2), ("tanh", "identity")),
    "network": lambda: Network(Bidirectional(lstm(), lstm()), Dense(8, 2)),
}
UNLIKE = {
    "sizes": lambda: Stacked(lstm(), lstm(4, 5)),
    "kinds": lambda: Bidirectional(lstm(), GRU(3, 4, "framework")),
    "activations": lambda: Stacked(StandardRNN(3, 4), StandardRNN(4, 4, "relu")),
    "directions": lambda: Stacked(Bidirectional(lstm(), lstm()), lstm(8)),
    "stacks": lambda: Bidirectional(Stacked(lstm(), lstm(4)), Stacked(lstm(), lstm(4))),
}


@pytest.mark.parametrize("name", LAYERS | UNLIKE)
def test_there_and_back(name):
    make = (LAYERS | UNLIKE)[name]
    layer = made(make())
    ways = {"torch": (to_torch, from_torch), "keras": (to_keras, from_keras)}
    for target in [target for target in layer.exportable if target in ways]:
        to, back = ways[target]
        arrays, twin = to(layer), make()
        back(twin, arrays)
        assert np.array_equal(twin.params.flat, layer.params.flat)
        values = list(arrays.values()) if isinstance(arrays, dict) else arrays
        for array in values:
            assert not np.shares_memory(array, layer.params.flat)
        count = sum(array.size for array in values)
        assert count >= layer.params.flat.size  # a second bias comes on top
    assert ("torch" in layer.exportable) is (name in LAYERS and name != "published")
    assert ("keras" in layer.exportable) is (name != "projected")


def test_the_names_of_a_state_dict():
    """As the documentation of torch.nn lists them."""
    own = ["weight_ih_l{}", "weight_hh_l{}", "bias_ih_l{}", "bias_hh_l{}"]
    at = [name.format(k) for k in ("0", "0_reverse", "1", "1_reverse") for name in own]
    shapes = {name: value.shape for name, value in to_torch(LAYERS["stack of both"]()).items()}
    assert list(shapes) == at
    assert shapes["weight_ih_l0_reverse"] == (16, 3)
    assert shapes["weight_ih_l1"] == (16, 8)
    assert list(to_torch(LAYERS["projected"]())) == [*at[:4], "weight_hr_l0"]
    assert list(to_torch(LAYERS["feed-forward"]())) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    network = made(LAYERS["network"]())
    arrays = to_torch(network)
    names = [*(f"layer.{name}" for name in at[:8]), "readout.weight", "readout.bias"]
    assert list(arrays) == names
    assert np.array_equal(arrays["readout.weight"], network.params["readout.W_vy"])
    block = arrays["layer.weight_hh_l0_reverse"][4:8]  # the second is the forget gate
    assert np.array_equal(block, network.params["layer.backward.W_vcs"])


def test_keras_layers_one_after_the_other():
    network = made(LAYERS["network"]())
    shapes = [array.shape for array in to_keras(network)]
    assert shapes == [*[(3, 16), (4, 16), (16,)] * 2, (8, 2), (2,)]
    assert np.array_equal(to_keras(network)[6].T, network.params["readout.W_vy"])
    rnn = made(LAYERS["rnn"]())
    kernel, recurrent, bias = to_keras(rnn)
    x, h = np.array([0.5, -1, 2]), np.array([0.1, 0.2, -0.3, 0.4])
    want = np.maximum(x @ kernel + h @ recurrent + bias, 0)
    np.testing.assert_allclose(rnn.forward(x[None], r0=h).r[0], want, rtol=1e-12)


def test_one_keras_step():
    """As the documentation of Keras' layers describes it: x @ kernel + h @ recurrent_kernel."""
    x, h, c = np.array([0.5, -1, 2]), np.array([0.1, 0.2, -0.3, 0.4]), np.array([1, -1, 0.5, 0])
    layer = made(lstm())
    kernel, recurrent, bias = to_keras(layer)
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4)
    c1 = sigma(f) * c + sigma(i) * np.tanh(g)
    want = sigma(o) * np.tanh(c1)
    np.testing.assert_allclose(layer.forward(x[None], s0=c, v0=h).v[0], want, rtol=1e-12)

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
    layer = lstm(1, 1)
    arrays = to_torch(layer)
    arrays["bias_ih_l0"], arrays["bias_hh_l0"] = np.arange(4.0), np.array([10.0, 20, 30, 40])
    from_torch(layer, arrays)
    biases = [layer.params[f"b_{row}"][0] for row in ("cu", "cs", "du", "cr")]
    assert biases == [10, 21, 32, 43]
    gru = GRU(1, 1, "framework")
    kernel, recurrent, _ = to_keras(gru)
    from_keras(gru, [kernel, recurrent, [[1.0, 2, 3], [10.0, 20, 30]]])
    biases = [gru.params[name][0] for name in ("b_cs", "b_cr", "b_du", "b_vdu")]
    assert biases == [11, 22, 3, 30]


def augmented(d_v=None, **options):
    return AugmentedLSTM(2, 3, d_v, **{"external_gate": False, "peepholes": None} | options)


OWN = Activation("mine", np.tanh, lambda z: 1 - np.tanh(z) ** 2, 1.0)
LACKING = {
    "full": (lambda: VanillaLSTM(2, 3), {
        "torch": "there are no peepholes", "keras": "there are no peepholes",
        "onnx": "peepholes are diagonal there",
    }),
    "diagonal": (lambda: augmented(peepholes="diagonal"), dict.fromkeys(
        ("torch", "keras"), "there are no peepholes"
    )),
    "external gate": (lambda: augmented(external_gate=True), "there is no external gate"),
    "windows": (lambda: augmented(lags={"cu": 2}), "there are no windows, only lag 0"),
    "projection": (lambda: augmented(2), dict.fromkeys(
        ("keras", "onnx"), "there is no projection"
    )),
    "square projection": (lambda: augmented(3), {
        "torch": "a projection is to fewer components, d_v < d_s",
        "keras": "there is no projection", "onnx": "there is no projection",
    }),
    "gru": (lambda: GRU(2, 3), {"torch": "a GRU is of form 'framework' there"}),
    "logistic": (lambda: StandardRNN(2, 3, "logistic"), {
        "torch": "there is no activation 'logistic', only 'tanh' and 'relu'",
    }),
    "own": (lambda: StandardRNN(2, 3, OWN), "there is no activation 'mine'"),
    "own warping": (lambda: FeedForward((2, 3), OWN), "there is no activation 'mine'"),
    "canonical": (lambda: CanonicalRNN(2, 3), "there is no CanonicalRNN"),
    "1997": (lambda: LSTM1997(2, 3), "there is no LSTM1997"),
    "grid": (lambda: GridLSTM(2, 3), "there is no GridLSTM"),
    "a part": (lambda: Stacked(lstm(), Bidirectional(GRU(4, 3), LSTM1997(4, 3))), {
        "torch": "layer 1: layer forward: a GRU is of form 'framework' there",
        "keras": "layer 1: layer backward: there is no LSTM1997",
        "onnx": "layer 1: layer backward: there is no LSTM1997",
    }),
    "in a network": (lambda: Network(CanonicalRNN(2, 3), Dense(3, 1)), "there is no CanonicalRNN"),
} | {
    name: (make, {"torch": "all layers are of one kind and size there"})
    for name, make in UNLIKE.items()
} | {
    name: (make, {})
    for name, make in LAYERS.items() if name not in ("projected", "published")
}  # fmt: skip


@pytest.mark.parametrize("name", LACKING)
def test_what_frameworks_lack_is_known_at_construction_and_said_again(name):
    make, lacking = LACKING[name]
    if isinstance(lacking, str):
        lacking = dict.fromkeys(("torch", "keras", "onnx"), lacking)
    layer = make()
    assert layer.exportable.lacking == lacking
    assert list(layer.exportable) == [k for k in ("torch", "keras", "onnx") if k not in lacking]
    calls = {
        "torch": [to_torch, torch_module, lambda layer: from_torch(layer, {})],
        "keras": [to_keras, lambda layer: from_keras(layer, [])],
    }
    for target, framework in (("torch", "PyTorch"), ("keras", "Keras")):
        for call in calls[target] if target in lacking else ():
            with pytest.raises(
                ValueError, match=f"layer: expected one that {framework} has"
            ) as caught:
                call(layer)
            assert str(caught.value).endswith(f"; {lacking[target]}")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: to_torch("layer"), T, "layer: expected a layer or a network of this library, got"),
        (lambda: to_keras(None), T, "layer: expected a layer or a network of this library, got N"),
        (lambda: from_torch(lstm(), {}), V, "arrays: expected weight_ih_l0, .*, got"),
        (lambda: from_keras(lstm(), []), V, "arrays: expected kernel, recurrent_kernel, bias"),
        (lambda: "jax" in lstm().exportable, V, "target: expected one of 'torch', 'keras', 'onn"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"^torch: expected .* pip install 'lstm_lib\[fram"
    ):
        torch_module(lstm())


def test_a_sum_that_overflows_in_the_last_part_changes_nothing():
    network = LAYERS["network"]()
    kept = network.params.flat.copy()
    arrays = to_torch(network)
    for kind in ("ih", "hh"):
        arrays[f"layer.bias_{kind}_l0_reverse"] = np.full(16, 1.5e308)
    with pytest.raises(OverflowError, match="arrays: expected"):
        from_torch(network, arrays)
    assert np.array_equal(network.params.flat, kept)


def test_a_wrong_array_is_named_and_changes_nothing():
    layer = lstm()
    kept = layer.params.flat.copy()
    arrays = to_torch(layer) | {"weight_hh_l0": np.ones((16, 3))}
    with pytest.raises(ValueError, match=r"arrays\['weight_hh_l0'\]: expected shape \(16, 4\)"):
        from_torch(layer, arrays)
    assert np.array_equal(layer.params.flat, kept)
