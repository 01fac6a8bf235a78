"""Wrong arguments of every layer: the message names the argument, and nothing changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_lib import VanillaLSTM
from tests.problems import PROBLEMS, SIMPLE

every_layer = pytest.mark.parametrize("make", PROBLEMS.values(), ids=PROBLEMS.keys())
seeds = st.integers(0, 2**32 - 1)
some = settings(max_examples=40)


def spoiled(array, draw, rng):
    """The array made wrong in one drawn way, with the error that it deserves."""
    way = draw(
        st.sampled_from(
            ["nan", "inf", "-inf", "complex", "text", "object", "wider", "flat", "deeper", "empty",
             "ragged", "dates", "masked"]
        ),
        label="way",
    )  # fmt: skip
    bad = np.array(array)
    if way in ("nan", "inf", "-inf"):
        bad.flat[rng.integers(bad.size)] = float(way)
        return bad, ValueError
    if way == "ragged":
        return [[1.0], [1.0, 2.0]], ValueError
    if way == "masked":
        return np.ma.array(bad, mask=draw(st.booleans(), label="mask")), TypeError
    if way == "dates":
        return bad.astype("datetime64[s]"), TypeError
    if way in ("complex", "text", "object"):
        return bad.astype({"complex": complex, "text": "U9", "object": object}[way]), TypeError
    if way == "wider":
        return np.concatenate([bad, bad], axis=-1), ValueError
    if way == "flat":
        return bad.sum(), ValueError
    if way == "deeper":
        return bad[None, None, None], ValueError
    return bad[:0], ValueError


def refuses(call, error, name, layer):
    """The call raises, names the argument in the house's form, and leaves the layer alone."""
    weights = layer.params.flat.copy()
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(f"{name}: expected "), str(caught.value)
    assert "got " in str(caught.value)
    assert np.array_equal(layer.params.flat, weights)


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_forward_refuses(make, data, seed):
    rng = np.random.default_rng(seed)
    problem = make(data.draw, rng)
    layer = problem.layer
    bad, error = spoiled(problem.x, data.draw, rng)
    refuses(lambda: layer.forward(bad, **problem.start), error, "x", layer)
    start = problem.start_or_zero()
    for name in layer.states:
        bad, error = spoiled(start[name], data.draw, rng)
        wrong = problem.start | {name: bad}
        refuses(lambda wrong=wrong: layer.forward(problem.x, **wrong), error, name, layer)


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_backward_refuses_and_the_trace_stays_good(make, data, seed):
    rng = np.random.default_rng(seed)
    problem = make(data.draw, rng)
    layer, trace = problem.layer, problem.forward()
    want = problem.backward(trace).params.flat
    bad, error = spoiled(problem.dE_dout, data.draw, rng)
    name = f"dE_d{layer.output}"
    refuses(lambda: layer.backward(trace, bad, **problem.last), error, name, layer)
    for name, value in problem.last.items():
        bad, error = spoiled(value, data.draw, rng)
        wrong = problem.last | {name: bad}
        refuses(
            lambda wrong=wrong: layer.backward(trace, problem.dE_dout, **wrong), error, name, layer
        )
    refuses(lambda: layer.backward(None, problem.dE_dout), TypeError, "trace", layer)
    other = VanillaLSTM(1, 1)
    refuses(
        lambda: layer.backward(other.forward([[1.0]]), problem.dE_dout), ValueError, "trace", layer
    )
    assert np.array_equal(problem.backward(trace).params.flat, want)


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_parameters_refuse_wrong_names_shapes_and_numbers(make, data, seed):
    rng = np.random.default_rng(seed)
    layer = make(data.draw, rng).layer
    params = layer.params
    name = data.draw(st.sampled_from(sorted(params)))
    bad, error = spoiled(params[name], data.draw, rng)
    refuses(lambda: params.__setitem__(name, bad), error, f"params[{name!r}]", layer)
    refuses(lambda: params.__setitem__("W_", params[name]), ValueError, "params", layer)
    refuses(lambda: setattr(params, "flat", params.flat[:-1]), ValueError, "flat", layer)
    with pytest.raises(KeyError, match="params: expected one of"):
        params["W_"]


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_what_is_assigned_to_a_layer_or_a_trace(make, data, seed):
    problem = make(data.draw, np.random.default_rng(seed))
    layer, trace = problem.layer, problem.forward()
    params, v = layer.params, getattr(trace, layer.output).copy()
    for bad in ({}, dict(params) | {"W_": 1.0}, {name: params[name] for name in [*params][1:]}):
        refuses(lambda bad=bad: setattr(layer, "params", bad), ValueError, "params", layer)
    for bad in (None, 3, params.flat):
        refuses(lambda bad=bad: setattr(layer, "params", bad), TypeError, "params", layer)
    name = [*params][-1]
    bad, error = spoiled(params[name], data.draw, np.random.default_rng(seed))
    given = {k: w + 1 for k, w in params.items()} | {name: bad}
    refuses(lambda: setattr(layer, "params", given), error, f"params[{name!r}]", layer)
    for symbol in (layer.output, "params", "V"):
        with pytest.raises(AttributeError, match=f"^{symbol}: expected nothing to be assigned"):
            setattr(trace, symbol, 3)
    assert np.array_equal(getattr(trace, layer.output), v)
    kept = params.flat.copy()
    layer.params = {k: w + 1 for k, w in params.items()}
    assert layer.params is params
    assert np.array_equal(params.flat, kept + 1)
    problem.forward()


@every_layer
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@some
@given(data=st.data(), seed=seeds)
def test_a_parameter_written_in_place_that_is_not_finite_is_named(make, value, data, seed):
    problem = make(data.draw, np.random.default_rng(seed))
    params = problem.layer.params
    name = data.draw(st.sampled_from(sorted(params)))
    params[name].flat[-1] = value
    with pytest.raises(ValueError, match="expected finite numbers") as caught:
        problem.forward()
    assert name.rpartition(".")[2] in str(caught.value)


@pytest.mark.parametrize("name", SIMPLE)
@given(data=st.data())
def test_zero_sizes_and_empty_batches_are_named(name, data):
    layer = SIMPLE[name](data.draw)[0]
    d_x = layer.d_x
    for shape in ((0, d_x), (0, 2, d_x), (3, 0, d_x), (3, 2, 0), (3, 0)):
        with pytest.raises(ValueError, match=r"x: expected shape \(N, (B, )?\d+\)"):
            layer.forward(np.ones(shape))


@every_layer
@some
@given(data=st.data(), seed=seeds)
def test_unknown_symbols_are_named(make, data, seed):
    trace = make(data.draw, np.random.default_rng(seed)).forward()
    with pytest.raises(AttributeError, match=r"expected one of .*, got 'no_such_symbol'"):
        trace.no_such_symbol  # noqa: B018
    assert set(trace.names) <= set(dir(trace))
    assert "x" in repr(trace)


def test_numbers_beyond_float32_are_named():
    layer = VanillaLSTM(1, 1, dtype=np.float32)
    with pytest.raises(ValueError, match="x: expected numbers within the range of float32"):
        layer.forward([[1e39]])
