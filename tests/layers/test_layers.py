"""What holds for every recurrent layer, over random sizes, options, batches and start values."""

import copy
import inspect
import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lstm_lib
from lstm_lib import GRU, LSTM1997, AugmentedLSTM, Layer, VanillaLSTM, derive
from lstm_lib.derived import DerivedLayer
from lstm_lib.layers.base import Exportable, last_error
from lstm_lib.learning import files
from tests.oracle import check_backward, check_forward, close
from tests.problems import DIVISIBLE, PROBLEMS, SIMPLE


def is_layer(value):
    return isinstance(value, type) and issubclass(value, Layer) and value is not Layer


NAMES = [name for name in lstm_lib.__all__ if is_layer(getattr(lstm_lib, name))]
every_layer = pytest.mark.parametrize("make", PROBLEMS.values(), ids=PROBLEMS.keys())
seeds = st.integers(0, 2**32 - 1)
some = settings(max_examples=40)  # where the layers share the code that is tested


def test_every_layer_has_a_problem():
    assert sorted([*NAMES, "DerivedLayer"]) == sorted(PROBLEMS)


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_a_layer_keeps_its_options_and_is_made_again_from_them(make, data, seed):
    layer = drawn(make, data, seed).layer
    arguments = set(inspect.signature(type(layer)).parameters)
    if not isinstance(layer, DerivedLayer):  # its sizes are no arguments by name
        assert set(layer.options) == (set() if layer.parts else arguments - {"rng"})
    twin = made_again(layer)
    assert repr(twin) == repr(layer)
    assert twin.params.shapes == layer.params.shapes
    for name, value in twin.options.items():
        assert value == layer.options[name], name
        assert not callable(value), name


def made_again(layer, **changed):
    """The same layer from its description alone, with other options."""
    parts = [made_again(part, **changed) for part in layer.parts.values()]
    return type(layer)(*parts, **(layer.options | (changed if not parts else {})))


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_a_layer_says_where_it_can_be_exported(make, data, seed):
    exportable = drawn(make, data, seed).layer.exportable
    assert set(exportable) | set(exportable.lacking) == set(Exportable.TARGETS)
    assert all(exportable.lacking.values())


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_a_trace_carries_the_weights_that_were_used(make, data, seed):
    """Under the page's names, read-only, of its own memory; learning does not change them."""
    problem = drawn(make, data, seed)
    layer, weights = problem.layer, problem.layer.params.flat.copy()
    trace, other = problem.forward(), problem.forward()
    layer.params.flat += 1
    assert trace.params.shapes == layer.params.shapes
    assert trace.params.flat.dtype == layer.dtype
    assert np.array_equal(trace.params.flat, weights)
    assert trace.params is trace.params
    twin = layer.as_it_was(trace)
    assert np.array_equal(twin.params.flat, weights)
    assert np.array_equal(layer.params.flat, weights + 1)
    for flat in (layer.params.flat, other.params.flat, twin.params.flat):
        assert not np.shares_memory(trace.params.flat, flat)
    for name, value in trace.params.items():
        with pytest.raises(ValueError, match="read-only"):
            value[...] = 0
        for symbol in trace.names:
            assert not np.may_share_memory(value, getattr(trace, symbol)), (name, symbol)
    with pytest.raises(ValueError, match="read-only"):
        trace.params.flat += 1
    layer.params.flat = weights
    if not layer.parts:
        start = problem.start_or_zero()
        b = () if problem.x.ndim == 2 else (0,)
        symbols = problem.equations(
            trace.params, problem.x[(slice(None), *b)], {k: v[b] for k, v in start.items()}
        )
        for name, want in symbols.items():
            close(name, getattr(trace, name)[(slice(None), *b)], want, 1e-12)


@every_layer
@given(data=st.data(), seed=seeds)
def test_forward_is_the_equations(make, data, seed):
    check_forward(make(data.draw, np.random.default_rng(seed)))


@every_layer
@given(data=st.data(), seed=seeds)
def test_backward_is_the_derivative(make, data, seed):
    rng = np.random.default_rng(seed)
    check_backward(make(data.draw, rng), rng)


def drawn(make, data, seed):
    return make(data.draw, np.random.default_rng(seed))


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_a_batch_is_its_sequences_side_by_side(make, data, seed):
    problem = drawn(make, data, seed)
    if problem.x.ndim == 2:
        return
    trace = problem.forward()
    grads = problem.backward(trace)
    total = 0
    for b in range(problem.x.shape[1]):
        start = {name: value[b] for name, value in problem.start.items()}
        last = {name: value[b] for name, value in problem.last.items()}
        one = problem.layer.forward(problem.x[:, b], **start)
        close("output", getattr(one, problem.layer.output),
              getattr(trace, problem.layer.output)[:, b], 1e-12)  # fmt: skip
        own = problem.layer.backward(one, problem.dE_dout[:, b], **last)
        close("x", own.x, grads.x[:, b], 1e-10)
        for name in problem.layer.states:
            close(name, getattr(own, name), getattr(grads, name)[b], 1e-10)
        total = total + own.params.flat
    close("params", total, grads.params.flat, 1e-10)


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_traces_and_gradients_own_their_memory_and_stay_as_they_are(make, data, seed):
    problem = drawn(make, data, seed)
    layer = problem.layer
    arguments = [problem.x, problem.dE_dout, *problem.start.values(), *problem.last.values()]
    kept_arguments = [value.copy() for value in arguments]
    weights = layer.params.flat.copy()
    trace = problem.forward()
    kept = {name: getattr(trace, name).copy() for name in trace.names}
    grads = problem.backward(trace)
    kept_grads = {name: getattr(grads, name).copy() for name in grads.names}
    flat = grads.params.flat.copy()

    other = layer.forward(-problem.x, **problem.start)
    again = problem.backward(trace)
    layer.params.flat += 1  # the trace keeps the weights that it was computed with
    after = problem.backward(trace)
    assert np.array_equal(after.params.flat, flat)
    layer.params.flat = weights

    for a, b in zip(kept_arguments, arguments, strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(layer.params.flat, weights)
    for name, value in kept.items():
        assert np.array_equal(getattr(trace, name), value), name
        for mine in [*arguments, layer.params.flat, getattr(other, name)]:
            assert not np.shares_memory(getattr(trace, name), mine), name
    for name, value in kept_grads.items():
        assert np.array_equal(getattr(grads, name), value), name
        assert np.array_equal(getattr(again, name), value), name
        for mine in [*arguments, getattr(trace, name, flat), getattr(again, name)]:
            assert not np.may_share_memory(getattr(grads, name), mine), name
    assert np.array_equal(again.params.flat, flat)


def cut_in_two(make, data, seed):
    """A problem, its whole passes, and a step before which to cut it."""
    problem = drawn(make, data, seed)
    trace = problem.forward()
    cut = data.draw(st.integers(1, len(problem.x) - 1), label="cut")
    return problem, trace, problem.backward(trace), cut


def compare_halves(problem, trace, grads, halves, half_grads):
    v = problem.layer.output
    close("output", np.concatenate([getattr(t, v) for t in halves]), getattr(trace, v), 1e-11)
    close("params", sum(g.params.flat for g in half_grads), grads.params.flat, 1e-9)
    close("x", np.concatenate([g.x for g in half_grads]), grads.x, 1e-9)


def beyond(layer, grads):
    """The errors at the start values of one half, as what arrives at the end of the other."""
    return {last_error(name): getattr(grads, name) for name in layer.states}


@pytest.mark.parametrize("name", [name for name in DIVISIBLE if name != "Bidirectional"])
@some
@given(data=st.data(), seed=seeds)
def test_a_sequence_may_be_cut_and_continued(name, data, seed):
    """Forward with final states, backward with final errors: two halves are the whole."""
    problem, trace, grads, cut = cut_in_two(DIVISIBLE[name], data, seed)
    layer, x, dE = problem.layer, problem.x, problem.dE_dout
    first = layer.forward(x[:cut], **problem.start)
    second = layer.forward(x[cut:], **layer.final(first))
    late = layer.backward(second, dE[cut:], **problem.last)
    early = layer.backward(first, dE[:cut], **beyond(layer, late))
    compare_halves(problem, trace, grads, (first, second), (early, late))


@some
@given(data=st.data(), seed=seeds)
def test_both_directions_may_be_cut_when_each_goes_on_its_own_way(data, seed):
    """``forward`` goes on in the second half, ``backward``, which began there, in the first."""
    problem, trace, grads, cut = cut_in_two(DIVISIBLE["Bidirectional"], data, seed)
    layer, x, dE = problem.layer, problem.x, problem.dE_dout
    start, last = problem.start, problem.last
    ends = layer.forward(x[cut:], **of("backward", start))
    handed_back = {
        f"backward.{name}": getattr(ends, f"backward.{name[:-1]}")[0]
        for name in layer.parts["backward"].states
    }
    first = layer.forward(x[:cut], **of("forward", start), **handed_back)
    second = layer.forward(x[cut:], **layer.final(first), **of("backward", start))
    early = layer.backward(first, dE[:cut], **of("backward", last))
    returned = of("backward", beyond(layer, early))
    late = layer.backward(second, dE[cut:], **of("forward", last), **returned)
    returned = of("forward", beyond(layer, late))
    early = layer.backward(first, dE[:cut], **of("backward", last), **returned)
    compare_halves(problem, trace, grads, (first, second), (early, late))


def of(part, values):
    return {name: value for name, value in values.items() if name.startswith(part)}


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_float32_is_float64_within_its_precision(make, data, seed):
    problem = drawn(make, data, seed)
    double = problem.layer
    double.params.flat = np.clip(double.params.flat, -1, 1)
    single = made_again(double, dtype=np.dtype(np.float32))
    single.params.flat = double.params.flat
    double.params.flat = single.params.flat
    x, dE = problem.x.astype(np.float32), problem.dE_dout.astype(np.float32)
    trace, want = single.forward(x), double.forward(x)
    grads, expected = single.backward(trace, dE), double.backward(want, dE)
    assert {getattr(trace, name).dtype for name in trace.names} == {np.dtype(np.float32)}
    assert {getattr(grads, name).dtype for name in grads.names} == {np.dtype(np.float32)}
    assert grads.params.flat.dtype == np.float32
    for name in trace.names:
        close(name, getattr(trace, name), getattr(want, name), 1e-3)
    assert np.linalg.norm(grads.params.flat - expected.params.flat) <= 2e-3 * (
        np.linalg.norm(expected.params.flat) + 1
    )


@every_layer
@pytest.mark.parametrize(
    ("size", "largest_weight", "dE_size"), [(1e2, 1e8, 1e2), (1e15, 1e8, 1e15), (1e300, 1, 1e-10)]
)
@some
@given(data=st.data(), seed=seeds)
def test_saturation_is_silent_and_finite(make, size, largest_weight, dE_size, data, seed):
    """Warnings are errors in these tests."""
    problem = drawn(make, data, seed)
    problem.layer.params.flat = np.sign(problem.layer.params.flat) * np.minimum(
        np.abs(problem.layer.params.flat) * size, largest_weight
    )
    try:
        trace = problem.layer.forward(problem.x * size)
        grads = problem.layer.backward(trace, problem.dE_dout * dE_size)
    except OverflowError:  # what may explode says so; what saturates has no excuse
        assert may_explode(problem.layer)
        return
    assert np.isfinite(getattr(trace, problem.layer.output)).all()
    assert np.isfinite(grads.params.flat).all()


def may_explode(layer):
    """Whether a warping without bound stands in the layer or in one of its parts."""
    parts = [layer, *getattr(layer, "parts", {}).values()]
    return any(part.G.name in ("relu", "identity") for part in parts if hasattr(part, "G"))


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_repr_tells_sizes_and_the_number_of_parameters(make, data, seed):
    layer = drawn(make, data, seed).layer
    count = sum(value.size for value in layer.params.values())
    assert repr(layer).endswith(f"dtype=float64): {count} parameters")
    assert repr(layer).startswith(type(layer).__name__ + "(")
    assert layer.params.flat.size == count


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_names_and_the_flat_vector_are_the_same_memory(make, data, seed):
    problem = drawn(make, data, seed)
    params = problem.layer.params
    before = getattr(problem.forward(), problem.layer.output).copy()
    params.flat += 0.25
    moved = getattr(problem.forward(), problem.layer.output)
    for name in params:
        params[name][...] -= 0.25
    np.testing.assert_allclose(
        getattr(problem.forward(), problem.layer.output), before, rtol=1e-6, atol=1e-6
    )
    assert not np.array_equal(moved, before) or not before.any()
    flat = np.concatenate([params[name].ravel() for name in params])
    assert np.array_equal(flat, params.flat)


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_a_deep_copy_is_a_layer_of_its_own(make, data, seed):
    problem = drawn(make, data, seed)
    twin = copy.deepcopy(problem.layer)
    before = problem.layer.params.flat.copy()
    twin.params.flat += 1
    name = next(iter(twin.params))
    assert np.array_equal(problem.layer.params.flat, before)
    assert np.array_equal(twin.params[name], problem.layer.params[name] + 1)
    for key, part in getattr(twin, "parts", {}).items():
        own = next(iter(part.params))
        assert np.shares_memory(part.params[own], twin.params[f"{key}.{own}"])


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_a_saved_layer_comes_back(make, data, seed, tmp_path_factory):
    problem = drawn(make, data, seed)
    path = tmp_path_factory.mktemp("layer") / "layer.npz"
    files.save(path, data.draw(st.sampled_from([problem.layer, copy.deepcopy(problem.layer)])))
    twin = files.load(path)
    assert repr(twin) == repr(problem.layer)
    want = problem.forward()
    got = twin.forward(problem.x, **problem.start)
    for name in want.names:
        assert np.array_equal(getattr(got, name), getattr(want, name)), name


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_a_pickled_trace_comes_back_with_its_layer(make, data, seed):
    problem = drawn(make, data, seed)
    trace = problem.forward()
    twin = pickle.loads(pickle.dumps(trace))
    assert twin.names == trace.names
    for name in trace.names:
        assert np.array_equal(getattr(twin, name), getattr(trace, name))
    assert np.array_equal(twin.params.flat, trace.params.flat)
    dE_dv = getattr(trace, problem.layer.output)
    want = problem.layer.backward(trace, dE_dv).params.flat
    assert np.array_equal(twin._layer.backward(twin, dE_dv).params.flat, want)


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_a_trace_is_read_only_and_gradients_are_the_readers_own(make, data, seed):
    problem = drawn(make, data, seed)
    trace = problem.forward()
    grads = problem.backward(trace)
    for name in trace.names:
        with pytest.raises(ValueError, match="read-only"):
            getattr(trace, name)[...] = 0
    grads.x[...] = 0
    assert np.array_equal(problem.backward(trace).params.flat, grads.params.flat)


BY_SIZES = [name for name in SIMPLE if name in lstm_lib.__all__]
LONG = {name: partial(getattr(lstm_lib, name), 2, 3, dtype=np.float32) for name in BY_SIZES} | {
    "DerivedLayer": lambda: DerivedLayer(derive.gru, d_x=2, d_v=3, dtype=np.float32),
    "with windows": lambda: AugmentedLSTM(2, 3, 2, {"du": range(-1, 2)}, dtype=np.float32),
    "framework": lambda: GRU(2, 3, "framework", dtype=np.float32),
    "forget gate": lambda: LSTM1997(2, 2, 2, forget_gate=True, dtype=np.float32),
}


@pytest.mark.parametrize("name", LONG)
def test_a_gradient_that_vanishes_does_so_without_a_warning(name):
    """Over 400 steps in single precision the errors fall below the smallest number."""
    rng = np.random.default_rng(0)
    layer = LONG[name]()
    layer.params.flat = 0.3 * rng.normal(size=layer.params.flat.size)
    dE = np.zeros((400, 2, layer.d_out))
    dE[-1] = 1
    with np.errstate(all="raise"):
        trace = layer.forward(rng.normal(size=(400, 2, 2)))
        grads = layer.backward(trace, dE)
        for symbols in (trace, grads):
            for symbol in symbols.names:
                getattr(symbols, symbol)


READ_OUT = {
    "VanillaLSTM": lambda: VanillaLSTM(2, 2),
    "AugmentedLSTM": lambda: AugmentedLSTM(2, 2),
    "LSTM1997": lambda: LSTM1997(2, 2, peepholes=True),
}


@pytest.mark.parametrize("name", READ_OUT)
def test_a_read_out_that_leaves_the_range_is_named(name):
    """Infinity from the input minus infinity from the peephole of the last read-out gate.

    The two are separate products: inside one, a processor that fuses its multiplications and
    additions may never see the second infinity.
    """
    layer = READ_OUT[name]()
    layer.params["W_xcr"][...] = 1e308
    layer.params["W_scr"][...] = -1e308
    with pytest.raises(OverflowError, match="v: expected numbers within the range of float64"):
        layer.forward(np.full((1, 1, 2), 10.0), s0=np.full((1, 2), 100.0))
