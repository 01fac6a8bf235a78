"""Parameters: one vector, many names, one memory."""

import copy
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstm_lib.parameters import Parameters

SHAPES = {"W_r": (2, 3), "theta_s": (3,), "W_xcu": (2, 1, 2)}
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@pytest.fixture
def params():
    made = Parameters(SHAPES)
    made.flat = np.arange(13)
    return made


def pieces(params):
    """The vector put together again from the named arrays."""
    return np.concatenate([params[name].ravel() for name in params])


@both_dtypes
@given(shapes=st.lists(hnp.array_shapes(min_dims=0, max_dims=3, max_side=4), max_size=5))
def test_flat_is_the_named_arrays_in_order_in_the_same_memory(dtype, shapes):
    params = Parameters({f"W_{i}": shape for i, shape in enumerate(shapes)}, dtype)
    assert not params.flat.any()
    params.flat = np.arange(params.flat.size)
    start = 0
    for i, shape in enumerate(shapes):
        view = params[f"W_{i}"]
        numbers = np.arange(start, start + math.prod(shape))
        assert view.shape == shape
        assert view.dtype == params.flat.dtype == dtype
        assert np.array_equal(view, numbers.reshape(shape))
        assert np.shares_memory(view, params.flat)
        start += math.prod(shape)
    assert params.flat.size == start


@given(hnp.arrays(float, 13, elements=st.floats(-9, 9)))
def test_a_step_on_flat_is_a_step_on_every_name(step):
    params = Parameters(SHAPES)
    flat, held = params.flat, dict(params)
    params.flat -= step
    assert params.flat is flat
    assert np.array_equal(pieces(params), -step)
    for name, view in held.items():
        assert params[name] is view


def test_writing_a_name_writes_flat(params):
    params["W_r"][1, 2] = 50
    params["theta_s"] += 100
    params["W_xcu"] = [[[1, 2]], [[3, 4]]]
    assert params.flat.tolist() == [0, 1, 2, 3, 4, 50, 106, 107, 108, 1, 2, 3, 4]


def test_assignment_copies(params):
    value, vector = np.ones((2, 3)), np.full(13, 7.0)
    params["W_r"] = value
    value[:] = 9
    assert (params["W_r"] == 1).all()
    params.flat = vector
    vector[:] = 9
    assert (pieces(params) == 7).all()


def test_flat_may_be_assigned_from_itself_in_another_order(params):
    params.flat = params.flat[::-1]
    assert pieces(params).tolist() == list(range(13))[::-1]


REFUSED = [
    ("W_r", np.ones((3, 2)), ValueError, "['W_r']: expected shape (2, 3), got (3, 2)"),
    ("W_r", 1.0, ValueError, "['W_r']: expected shape (2, 3), got ()"),
    ("W_r", [[1, 2, 3], [4]], ValueError, "['W_r']: expected an array of shape (2, 3), got rows"),
    ("theta_s", [1, math.nan, 3], ValueError, "['theta_s']: expected finite numbers, got nan at"),
    ("theta_s", [1j, 0, 0], TypeError, "['theta_s']: expected real numbers, got dtype complex128"),
    ("theta_s", None, TypeError, "['theta_s']: expected real numbers, got dtype object"),
    ("W_s", [1], ValueError, ": expected one of 'W_r', 'theta_s', 'W_xcu', got 'W_s'"),
]


@pytest.mark.parametrize(("name", "value", "error", "message"), REFUSED)
def test_a_wrong_assignment_raises_and_changes_nothing(params, name, value, error, message):
    with pytest.raises(error, match="^params" + re.escape(message)):
        params[name] = value
    assert pieces(params).tolist() == list(range(13))
    assert list(params) == list(SHAPES)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.ones(12), ValueError, "flat: expected shape (13,), got (12,)"),
        (3.0, ValueError, "flat: expected shape (13,), got ()"),
        (np.full(13, np.inf), ValueError, "flat: expected finite numbers, got inf at index (0,)"),
        (["a"] * 13, TypeError, "flat: expected real numbers, got dtype <U1"),
    ],
)
def test_a_wrong_flat_raises_and_changes_nothing(params, value, error, message):
    with pytest.raises(error, match=re.escape(message)):
        params.flat = value
    assert pieces(params).tolist() == list(range(13))


def test_a_step_of_the_wrong_length_changes_nothing(params):
    with pytest.raises(ValueError, match="broadcast"):
        params.flat -= np.ones(12)
    assert pieces(params).tolist() == list(range(13))


def test_single_precision_refuses_numbers_beyond_its_range():
    params = Parameters(SHAPES, np.float32)
    message = "params['theta_s']: expected numbers within the range of float32, got larger"
    with pytest.raises(ValueError, match=re.escape(message)):
        params["theta_s"] = [0, 1e39, 0]
    assert not params.flat.any()


def test_a_whole_mapping_is_copied_in(params):
    values = {name: view + 1 for name, view in [*params.items()][::-1]}
    flat = params.flat
    params.take(values)
    assert params.flat is flat
    assert flat.tolist() == list(range(1, 14))
    values["W_r"][:] = 99
    assert flat.tolist() == list(range(1, 14))
    alike = Parameters({"a": (3,), "b": (3,)})
    alike.flat = np.arange(6)
    alike.take({"a": alike["b"], "b": alike["a"]})
    assert alike.flat.tolist() == [3, 4, 5, 0, 1, 2]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"W_q": 1}, ValueError, "params: expected 'W_r', 'theta_s', 'W_xcu', got 'W_r', .*'W_q'"),
        ({"W_xcu": 1}, ValueError, r"params\['W_xcu'\]: expected shape \(2, 1, 2\), got \(\)"),
        ({"W_xcu": None}, TypeError, r"params\['W_xcu'\]: expected real numbers"),
    ],
)
def test_a_mapping_with_something_wrong_changes_nothing(params, change, error, message):
    values = {name: view + 1 for name, view in params.items()} | change
    with pytest.raises(error, match=message):
        params.take(values)
    for wrong, kind in (({}, ValueError), ([1], TypeError), (None, TypeError)):
        with pytest.raises(kind, match="params: expected"):
            params.take(wrong)
    assert params.flat.tolist() == list(range(13))


def test_the_names_are_a_fixed_mapping(params):
    assert list(params) == list(SHAPES)
    assert len(params) == 3
    assert "W_r" in params
    assert "W_s" not in params
    assert [value.shape for value in params.values()] == list(SHAPES.values())
    with pytest.raises(KeyError, match="expected one of 'W_r', 'theta_s', 'W_xcu', got 'W_s'"):
        params["W_s"]
    with pytest.raises(AttributeError):
        del params["W_r"]
    with pytest.raises(AttributeError):
        del params.flat


@both_dtypes
@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))]
)
def test_a_copy_is_independent_and_still_one_memory(duplicate, dtype):
    params = Parameters(SHAPES, dtype)
    params.flat = np.arange(13)
    twin = duplicate(params)
    assert pieces(twin).tolist() == list(range(13))
    twin.flat += 1
    assert pieces(twin).tolist() == list(range(1, 14))
    assert pieces(params).tolist() == list(range(13))
    assert twin.flat.dtype == dtype


def test_int_weights_are_refused():
    with pytest.raises(TypeError, match="dtype: expected float64 or float32, got int64"):
        Parameters(SHAPES, np.int64)
