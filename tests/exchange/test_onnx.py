"""ONNX models, run: by ONNX Runtime in float32, by the specification's own programs in float64."""

import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator

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
from lstm_lib.exchange.onnx import to_onnx
from lstm_lib.layers.activations import Activation
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.network import Network

# Each maps sizes and options to a layer; ``diagonal`` peepholes are what ONNX has.
SIMPLE = {
    "LSTM": lambda d_x, d_s: VanillaLSTM(d_x, d_s, None),
    "LSTM with peepholes": lambda d_x, d_s: VanillaLSTM(d_x, d_s, "diagonal"),
    "augmented, all off": lambda d_x, d_s: AugmentedLSTM(
        d_x, d_s, external_gate=False, peepholes="diagonal"
    ),
    "GRU framework": lambda d_x, d_s: GRU(d_x, d_s, "framework"),
    "GRU published": lambda d_x, d_s: GRU(d_x, d_s, "published"),
} | {
    f"RNN {name}": lambda d_x, d_s, name=name: StandardRNN(d_x, d_s, name)
    for name in ("tanh", "logistic", "relu", "identity")
}


def both(make, d_x, d_s):
    return Bidirectional(make(d_x, d_s), make(d_x, d_s))


LAYERS = (
    SIMPLE
    | {f"both {name}": lambda d_x, d_s, make=make: both(make, d_x, d_s)
       for name, make in SIMPLE.items()}
    | {
        "both, unlike": lambda d_x, d_s: Bidirectional(
            VanillaLSTM(d_x, d_s, None), VanillaLSTM(d_x, d_s, "diagonal")
        ),
        "stack": lambda d_x, d_s: Stacked(GRU(d_x, d_s), VanillaLSTM(d_s, 2, "diagonal")),
        "stack of both": lambda d_x, d_s: Stacked(
            both(SIMPLE["LSTM with peepholes"], d_x, d_s),
            both(SIMPLE["GRU framework"], 2 * d_s, d_s + 1),
        ),
        "both of stacks": lambda d_x, d_s: Bidirectional(
            Stacked(StandardRNN(d_x, d_s), GRU(d_s, 2)), Stacked(VanillaLSTM(d_x, 3, None))
        ),
        "both of both": lambda d_x, d_s: Bidirectional(
            both(SIMPLE["LSTM with peepholes"], d_x, d_s), both(SIMPLE["LSTM"], d_x, d_s)
        ),
    }
)  # fmt: skip
small, seeds = st.integers(1, 4), st.integers(0, 2**32 - 1)


def runtime(model):
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return lambda inputs: dict(zip(names, session.run(None, inputs), strict=True))


def specification(model):
    onnx.checker.check_model(model, full_check=True)
    reference = ReferenceEvaluator(model)
    return lambda inputs: dict(
        zip(reference.output_names, reference.run(None, inputs), strict=True)
    )


def drawn(make, data, seed, dtype):
    """A layer with weights and start values that the dtype holds exactly."""
    layer = make(data.draw(small, label="d_x"), data.draw(small, label="d_s"))
    rng = np.random.default_rng(seed)
    layer.params.flat = (rng.normal(size=layer.params.flat.size) / 2).astype(dtype)

    def inputs(N, B):
        x = rng.normal(size=(N, B, layer.d_x)).astype(dtype)
        sizes = layer.states.items()
        return x, {name: rng.normal(size=(B, d)).astype(dtype) for name, d in sizes}

    return layer, inputs


def final_values(layer, trace):
    """Where every part ends: at the last step, at step 0 if it reads backwards."""
    found = {}
    for name in layer.states:
        reversed_ = name.split(".").count("backward") % 2
        value = getattr(trace, name[:-1])[0 if reversed_ else -1]
        found[name[:-1] + "_last"] = value
    return found


IN_BOTH = [name for name in LAYERS if "logistic" not in name and "relu" not in name]
CASES = [(name, runtime, np.float32, 2e-5) for name in LAYERS]
# The programs of the specification know no other activations of an RNN, the runtime no float64.
CASES += [(name, specification, np.float64, 1e-12) for name in IN_BOTH]


@pytest.mark.parametrize(("name", "run", "dtype", "tolerance"), CASES)
@settings(max_examples=5)
@given(data=st.data(), seed=seeds)
def test_a_model_computes_what_the_layer_computes(name, run, dtype, tolerance, data, seed):
    """One model, for sequences and batches of several sizes, from given starts and from zero."""
    layer, inputs = drawn(LAYERS[name], data, seed, dtype)
    from_zero = run(to_onnx(layer, dtype=dtype))
    going_on = run(to_onnx(layer, states=True, dtype=dtype))
    for N, B in ((1, 1), (4, 3), (7, 2)):
        x, start = inputs(N, B)
        trace = layer.forward(x, **start)
        got = going_on({"x": x, **start})
        want = {layer.output: getattr(trace, layer.output)} | final_values(layer, trace)
        assert set(got) == set(want)
        for symbol, value in want.items():
            assert got[symbol].dtype == dtype
            np.testing.assert_allclose(got[symbol], value, rtol=tolerance, atol=tolerance)
        want = getattr(layer.forward(x), layer.output)
        (got,) = from_zero({"x": x}).values()
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("run", "dtype", "tolerance"), [(runtime, np.float32, 2e-5), (specification, np.float64, 1e-12)]
)
@given(seed=seeds)
@settings(max_examples=5)
def test_networks(run, dtype, tolerance, bias, seed):
    rng = np.random.default_rng(seed)
    x, v = rng.normal(size=(5, 3, 2)).astype(dtype), rng.normal(size=(5, 3, 4)).astype(dtype)
    network = Network(VanillaLSTM(2, 4, "diagonal"), Dense(4, 3, bias))
    dense = Dense(4, 3, bias)
    forward = FeedForward((2, 4, 5, 3, 2), ("tanh", "logistic", "relu", "identity"))
    start = {name: rng.normal(size=(3, 4)).astype(dtype) for name in network.layer.states}
    for made in (network, dense, forward):
        made.params.flat = rng.normal(size=made.params.flat.size).astype(dtype)
    trace = network.forward(x, **start)
    got = run(to_onnx(network, states=True, dtype=dtype))({"x": x, **start})
    want = {"y": trace.y, "s_last": trace.layer.s[-1], "v_last": trace.layer.v[-1]}
    got |= {"dense": run(to_onnx(dense, dtype=dtype))({"v": v})["y"]}
    got |= {"forward": run(to_onnx(forward, dtype=dtype))({"x": x[0]})["y"]}
    want |= {"dense": dense.forward(v).y, "forward": forward.forward(x[0]).y[-1]}
    assert set(got) == set(want)
    for name, value in want.items():
        np.testing.assert_allclose(got[name], value, rtol=10 * tolerance, atol=10 * tolerance)


def test_a_model_is_written_and_says_what_it_is(tmp_path):
    layer = Bidirectional(GRU(2, 3), GRU(2, 3))
    model = to_onnx(layer, tmp_path / "layer.onnx")
    assert onnx.load(tmp_path / "layer.onnx") == model
    assert model.doc_string == repr(layer)
    assert [node.op_type for node in model.graph.node] == [
        "GRU",
        "Transpose",
        "Reshape",
        "Identity",
    ]
    shape = [d.dim_param or d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    assert shape == ["N", "B", 2]


OWN = Activation("mine", np.tanh, lambda z: 1 - np.tanh(z) ** 2, 1.0)
REFUSED = [
    (lambda: to_onnx(VanillaLSTM(2, 3)), ValueError, "layer: expected one that ONNX has, got Van.*"
     "; peepholes are diagonal there"),
    (lambda: to_onnx(AugmentedLSTM(2, 3)), ValueError, "; there is no external gate"),
    (lambda: to_onnx(AugmentedLSTM(2, 3, lags={"cu": 2}, external_gate=False)), ValueError,
     "; there are no windows, only lag 0"),
    (lambda: to_onnx(AugmentedLSTM(2, 3, 2, external_gate=False, peepholes=None)), ValueError,
     "; there is no projection"),
    (lambda: to_onnx(CanonicalRNN(2, 3)), ValueError, "; there is no CanonicalRNN"),
    (lambda: to_onnx(LSTM1997(2, 3)), ValueError, "; there is no LSTM1997"),
    (lambda: to_onnx(Stacked(GRU(2, 3), GridLSTM(3, 3))), ValueError, "; layer 1: there is no Gr"),
    (lambda: to_onnx(Network(VanillaLSTM(2, 3), Dense(3, 1))), ValueError, "; peepholes are diag"),
    (lambda: to_onnx(StandardRNN(2, 3, OWN)), ValueError, "; there is no activation 'mine'"),
    (lambda: to_onnx(FeedForward((2, 3), OWN)), ValueError, "; there is no activation 'mine'"),
    (lambda: to_onnx("layer"), TypeError, "layer: expected a layer or a network of this library"),
    (lambda: to_onnx(GRU(2, 3), 3), TypeError, "path: expected a path, got 3"),
    (lambda: to_onnx(GRU(2, 3), "/no/such/folder/x.onnx"), ValueError, "path: expected a file in"),
    (lambda: to_onnx(GRU(2, 3), states=1), TypeError, "states: expected True or False, got 1"),
    (lambda: to_onnx(Dense(2, 3), states=True), ValueError, "states: expected False, Dense has"),
    (lambda: to_onnx(GRU(2, 3), dtype=int), TypeError, "dtype: expected float64 or float32, got"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_what_onnx_does_not_have_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_weights_that_cannot_be_written_are_named(tmp_path):
    layer = GRU(1, 1)
    layer.params["W_xcs"][...] = 1e39
    with pytest.raises(ValueError, match="W: expected numbers within the range of float32"):
        to_onnx(layer, tmp_path / "x.onnx")
    layer.params["W_xcs"][...] = np.nan
    with pytest.raises(ValueError, match=r"params\['W_xcs'\]: expected finite numbers"):
        to_onnx(layer, tmp_path / "x.onnx")
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"^onnx: expected .* pip install 'lstm_lib\[onnx\]"
    ):
        to_onnx(GRU(2, 3))
