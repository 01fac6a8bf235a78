"""Stacks and both directions: layers that do not fit, and continuing a stream."""

import copy

import numpy as np
import pytest

from lstm_lib import GRU, Bidirectional, CanonicalRNN, Dense, Stacked, VanillaLSTM
from lstm_lib.learning.network import Network

V, T = ValueError, TypeError


def test_names_and_one_vector():
    stack = Stacked(Bidirectional(GRU(2, 3), VanillaLSTM(2, 4)), CanonicalRNN(7, 5))
    assert (stack.d_x, stack.d_out) == (2, 5)
    names = list(stack.params)
    assert names[0] == "0.forward.W_xcs"
    assert "0.backward.W_xcu" in names
    assert names[-1] == "1.theta_s"
    stack.params["1.theta_s"][:] = 3
    assert (stack.params.flat[-5:] == 3).all()
    assert (stack.parts["1"].params["theta_s"] == 3).all()
    assert set(stack.states) == {
        "0.forward.v0", "0.backward.s0", "0.backward.v0", "1.s0", "1.r0"
    }  # fmt: skip


def test_a_list_of_layers_is_layers():
    a, b = (Stacked(*form) for form in ((VanillaLSTM(1, 2), GRU(2, 2)),
                                        ([VanillaLSTM(1, 2), GRU(2, 2)],)))  # fmt: skip
    assert repr(a) == repr(b)


def test_the_backward_layer_reads_the_end_first():
    one = Bidirectional(VanillaLSTM(1, 2), VanillaLSTM(1, 2))
    x = np.arange(4.0)[:, None]
    trace = one.forward(x)
    alone = one.parts["backward"].forward(x[::-1])
    assert np.array_equal(trace.v[:, 2:], alone.v[::-1])
    assert np.array_equal(getattr(trace, "backward.s"), alone.s[::-1])
    assert list(one.final(trace)) == ["forward.s0", "forward.v0"]


shared = VanillaLSTM(2, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (Stacked, V, "layers: expected at least one, got none"),
        (lambda: Stacked(GRU(1, 2), GRU(3, 2)), V, "layer 1: expected d_x = 2, got 3"),
        (lambda: Stacked(GRU(1, 2), 5), T, "layer 1: expected a recurrent layer, got 5"),
        (lambda: Stacked(shared, shared), V, "layers: expected layers that belong to nothing else"),
        (lambda: Stacked(GRU(1, 1), GRU(1, 1, dtype=np.float32)), T, "layers: expected one dtype"),
        (lambda: Bidirectional(GRU(1, 2), GRU(2, 2)), V, "backward: expected d_x = 1, got 2"),
        (lambda: Bidirectional(GRU(1, 2), None), T, "layer backward: expected a recurrent layer"),
    ],
)
def test_layers_that_do_not_fit_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_copy_of_a_layer_can_be_stacked_anew():
    lstm = VanillaLSTM(1, 2)
    net = Network(Stacked(lstm, GRU(2, 2)), Dense(2, 1))
    kept = net.params.flat.copy()
    stack = Stacked(copy.deepcopy(net.layer), copy.deepcopy(net.layer.parts["1"]))
    both = Bidirectional(copy.deepcopy(lstm), copy.deepcopy(lstm))
    assert np.array_equal(stack.params["0.0.W_xcu"], lstm.params["W_xcu"])
    x = np.ones((3, 1))
    assert np.array_equal(stack.parts["0"].forward(x).v, net.layer.forward(x).v)
    for whole in (stack, both):
        whole.params.flat[:] = 0
        assert not whole.forward(x).v.any()
    assert np.array_equal(net.params.flat, kept)
    twin = copy.deepcopy(net)
    twin.params.flat[:] = 0
    assert not twin.layer.parts["1"].params.flat.any()
    with pytest.raises(ValueError, match="layers: expected layers that belong to nothing else"):
        Stacked(twin.layer.parts["0"])


def test_a_layer_belongs_to_one_stack_only():
    lstm = VanillaLSTM(1, 1)
    Stacked(lstm)
    with pytest.raises(ValueError, match="layers: expected layers that belong to nothing else"):
        Stacked(lstm)


def test_unknown_start_values_and_final_errors_are_named():
    stack = Stacked(GRU(1, 2))
    with pytest.raises(ValueError, match=r"start value: expected one of '0.v0', got 'v0'"):
        stack.forward([[1.0]], v0=[0, 0])
    trace = stack.forward([[1.0]])
    with pytest.raises(ValueError, match=r"final error: expected one of '0.dE_dv_last', got"):
        stack.backward(trace, [[1.0, 1.0]], dE_dv_last=[0, 0])
