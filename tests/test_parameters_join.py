"""Several sets of parameters in one vector, and copies of them."""

import copy
import pickle

import numpy as np
import pytest

from lstm_lib.parameters import Parameters


def made(**values):
    params = Parameters({name: np.shape(value) for name, value in values.items()})
    for name, value in values.items():
        params[name] = value
    return params


def test_the_parts_live_in_the_common_vector():
    a, b = made(w=[1.0, 2.0]), made(w=[[3.0]], c=[4.0])
    whole = Parameters.join({"a": a, "b": b})
    assert list(whole) == ["a.w", "b.w", "b.c"]
    assert whole.flat.tolist() == [1, 2, 3, 4]
    a["w"][0] = 10
    b.flat += 1
    assert whole.flat.tolist() == [10, 2, 4, 5]
    whole["b.c"] = [0]
    assert b["c"].tolist() == [0]
    outer = Parameters.join({"x": whole, "y": made(z=[7.0])})
    a["w"][1] = -1
    assert outer.flat.tolist() == [10, -1, 4, 0, 7]
    assert outer["x.a.w"].tolist() == [10, -1]


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, copy.copy, lambda p: pickle.loads(pickle.dumps(p))]
)
def test_a_copy_has_its_own_vector_and_its_own_parts(copied):
    part = made(w=[1.0, 2.0])
    whole = Parameters.join({"a": part, "b": made(w=[3.0])})
    twin = copied(whole)
    twin.flat += 1
    assert whole.flat.tolist() == [1, 2, 3]
    assert twin["a.w"].tolist() == [2, 3]
    assert np.shares_memory(part["w"], whole.flat)
    assert np.shares_memory(twin._parts[0]["w"], twin.flat)


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, copy.copy, lambda p: pickle.loads(pickle.dumps(p))]
)
def test_the_copy_of_a_part_belongs_to_nothing_and_that_of_a_whole_keeps_its_parts(copied):
    part = made(w=[1.0, 2.0])
    inner = Parameters.join({"a": part})
    outer = Parameters.join({"x": inner, "y": made(w=[3.0])})
    again = Parameters.join({"p": copied(part), "q": copied(inner)})
    again.flat[:] = 0
    assert outer.flat.tolist() == [1, 2, 3]
    twin = copied(outer)
    assert not twin._joined
    assert [own._joined for own in (*twin._parts, twin._parts[0]._parts[0])] == [True] * 3
    with pytest.raises(ValueError, match=r"got one used twice; give copy.deepcopy\(layer\)"):
        Parameters.join({"a": twin._parts[0]._parts[0]})


def test_what_cannot_be_joined_is_named():
    a, b = made(w=[1.0]), Parameters({"w": (1,)}, np.float32)
    with pytest.raises(
        TypeError, match=r"layers: expected one dtype, got \['float32', 'float64'\]"
    ):
        Parameters.join({"a": a, "b": b})
    with pytest.raises(ValueError, match="layers: expected layers that belong to nothing else"):
        Parameters.join({"a": a, "b": a})
    Parameters.join({"a": a})
    with pytest.raises(ValueError, match="layers: expected layers that belong to nothing else"):
        Parameters.join({"a": a})


def test_zeros_are_room_of_the_same_shape():
    a = made(w=[1.0, 2.0], c=[[3.0]])
    assert a.zeros().shapes == a.shapes
    assert not a.zeros().flat.any()
