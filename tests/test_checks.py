"""Argument checks: what passes, and what the message says when something does not."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstm_lib import checks

F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


@given(shapes, shapes, st.lists(st.booleans(), min_size=3, max_size=3))
def test_array_passes_exactly_the_shapes_asked_for(have, fixed, free):
    want = tuple("NBd"[i] if free[i] else n for i, n in enumerate(fixed))
    fits = len(have) == len(fixed)
    for i in range(len(fixed)):
        fits = fits and (have[i] > 0 if free[i] else have[i] == fixed[i])
    if fits:
        assert checks.array("x", np.ones(have), want).shape == have
    else:
        got = re.escape(str(have))
        with pytest.raises(ValueError, match=rf"^x: expected shape \(.*\).*, got {got}$"):
            checks.array("x", np.ones(have), want)


@given(hnp.arrays(F64, (3, 2), elements=st.floats(-1e30, 1e30)), st.booleans())
def test_array_keeps_the_numbers_and_copies_when_asked(value, copy):
    same = checks.array("x", value, (3, "d"), copy=copy)
    assert np.array_equal(same, value)
    assert np.shares_memory(same, value) is not copy
    assert np.shares_memory(checks.array("x", value, (3, "d")), value)
    assert checks.array("x", value, (3, "d"), F32, copy=copy).dtype == F32
    assert np.array_equal(checks.array("x", value.tolist(), (3, "d")), value)


@given(
    hnp.arrays(F64, (2, 3, 2), elements=st.floats(-1, 1)),
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 1)),
    st.sampled_from([math.nan, math.inf, -math.inf]),
)
def test_array_says_where_the_first_non_finite_number_is(value, index, bad):
    value[index] = bad
    message = f"x: expected finite numbers, got {bad} at index {index}"
    with pytest.raises(ValueError, match=re.escape(message)):
        checks.array("x", value, ("N", "B", "d"))


REFUSED_ARRAYS = [
    ([1j, 2], ("d",), TypeError, "real numbers, got dtype complex128"),
    (["1", "2"], ("d",), TypeError, "real numbers, got dtype <U1"),
    ([None, 1], ("d",), TypeError, "real numbers, got dtype object"),
    ([10**400], ("d",), TypeError, "real numbers, got dtype object"),
    (np.zeros(1, "M8[Y]"), ("d",), TypeError, "real numbers, got dtype datetime64[Y]"),
    ([[1, 2], [3]], (2, "d"), ValueError, "an array of shape (2, d), got rows of unequal length"),
    (3.0, (2,), ValueError, "shape (2,), got ()"),
    ([], ("d",), ValueError, "shape (d,), d >= 1, got (0,)"),
    (np.ones((4, 0, 3)), ("N", "B", 3), ValueError, "shape (N, B, 3), B >= 1, got (4, 0, 3)"),
]


@pytest.mark.parametrize(("value", "shape", "error", "message"), REFUSED_ARRAYS)
def test_array_names_what_it_refuses(value, shape, error, message):
    with pytest.raises(error, match="^x: expected " + re.escape(message) + "$"):
        checks.array("x", value, shape)


def test_array_refuses_numbers_beyond_the_dtype():
    with pytest.raises(ValueError, match="x: expected numbers within the range of float32, got la"):
        checks.array("x", [0, -1e39], ("d",), F32)
    assert checks.array("x", [1e-60], ("d",), F32) == 0


def test_ndim_counts_axes_and_refuses_ragged_rows():
    assert [checks.ndim("x", v) for v in (1, [1], [[1]], np.ones((1, 1, 1)))] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="x: expected an array, got rows of unequal length"):
        checks.ndim("x", [[1, 2], [3]])


@given(st.floats() | st.integers(-5, 5), st.integers(-3, 3), st.integers(-3, 3))
def test_number_passes_exactly_the_finite_numbers_within_the_bounds(value, low, high):
    fits = {
        "above": low < value < math.inf,
        "at_least": low <= value < math.inf,
        "below": -math.inf < value < high,
    }
    for kind, ok in fits.items():
        bound = high if kind == "below" else low
        if ok:
            out = checks.number("t", value, **{kind: bound})
            assert type(out) is float
            assert out == value
        else:
            sign = {"above": ">", "at_least": ">=", "below": "<"}[kind]
            message = f"t: expected a finite number {sign} {bound}, got {value!r}"
            with pytest.raises(ValueError, match=re.escape(message)):
                checks.number("t", value, **{kind: bound})


def test_number_takes_numpy_scalars_and_states_two_bounds():
    assert checks.number("t", np.float32(0.5)) == 0.5
    assert checks.number("t", np.int8(3)) == 3
    with pytest.raises(ValueError, match=r"t: expected a finite number > 0 and < 1, got 2"):
        checks.number("t", 2, above=0, below=1)
    with pytest.raises(ValueError, match=r"t: expected a finite number, got 1000"):
        checks.number("t", 10**400)


@pytest.mark.parametrize("wrong", [True, np.True_, "1", None, [1.0], 1j, np.ones(1)])
def test_number_refuses_what_only_looks_like_one(wrong):
    message = f"t: expected a finite number > 0, got {wrong!r}"
    with pytest.raises(TypeError, match=re.escape(message)):
        checks.number("t", wrong, above=0)


@given(st.integers(-3, 3), st.integers(-2, 2))
def test_size_passes_exactly_the_whole_numbers_from_the_least(value, least):
    if value >= least:
        out = checks.size("d_s", np.int32(value), at_least=least)
        assert type(out) is int
        assert out == value
    else:
        message = f"d_s: expected a whole number >= {least}, got {value}"
        with pytest.raises(ValueError, match=re.escape(message)):
            checks.size("d_s", value, at_least=least)


@pytest.mark.parametrize("wrong", [True, 2.0, np.float64(2), "2", None, [2], math.nan])
def test_size_refuses_other_types(wrong):
    message = f"d_s: expected a whole number >= 1, got {wrong!r}"
    with pytest.raises(TypeError, match=re.escape(message)):
        checks.size("d_s", wrong)


def test_flag_is_a_truth_value_and_nothing_else():
    assert checks.flag("on", True) is True
    assert checks.flag("on", np.False_) is False
    for wrong in (0, 1, "True", None, []):
        message = f"on: expected True or False, got {wrong!r}"
        with pytest.raises(TypeError, match=re.escape(message)):
            checks.flag("on", wrong)


def test_one_of_lists_the_choices():
    assert checks.one_of("rule", "b", ("a", "b")) == "b"
    for wrong in ("c", "", None, ["a"], 1):
        message = f"rule: expected one of 'a', 'b', got {wrong!r}"
        with pytest.raises(ValueError, match=re.escape(message)):
            checks.one_of("rule", wrong, iter(("a", "b")))


@pytest.mark.parametrize("right", [np.float32, "float32", F32, np.float64, float, "f8"])
def test_float_dtype_is_single_or_double(right):
    assert checks.float_dtype("dtype", right) in (F32, F64)


@pytest.mark.parametrize(
    ("wrong", "got"),
    [
        (np.int64, "int64"),
        (np.float16, "float16"),
        (complex, "complex128"),
        (object, "object"),
        (str, "<U0"),
        (bool, "bool"),
        ("single precision", "'single precision'"),
        (3, "3"),
    ],
)
def test_float_dtype_refuses_others(wrong, got):
    message = f"dtype: expected float64 or float32, got {got}"
    with pytest.raises(TypeError, match=re.escape(message)):
        checks.float_dtype("dtype", wrong)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (3, "3"),
        (None, "None"),
        (np.ones((100, 2)), "ndarray of shape (100, 2)"),
        ((np.ones((4, 1)), [1, 2]), "tuple of ndarray of shape (4, 1), list of 1, 2"),
        (list(range(1000)), "list of 1000"),
        ((), "tuple of nothing"),
        (int, "the class int"),
        (F32, "dtype('float32')"),
    ],
)
def test_told_prints_no_whole_arrays(value, says):
    assert checks.told(value) == says


@given(st.integers(0, 2**70))
def test_generator_repeats_a_seed(seed):
    first, second = (checks.generator("rng", seed).random(3) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(first, np.random.default_rng(seed).random(3))


def test_generator_passes_one_through_and_refuses_what_would_not_repeat():
    own = np.random.default_rng(1)
    assert checks.generator("rng", own) is own
    with pytest.raises(ValueError, match="rng: expected a seed >= 0, got -1"):
        checks.generator("rng", -1)
    for wrong in (None, True, 1.0, "1", np.random.RandomState(1)):
        message = f"rng: expected a seed (int >= 0) or numpy.random.Generator, got {wrong!r}"
        with pytest.raises(TypeError, match=re.escape(message)):
            checks.generator("rng", wrong)
