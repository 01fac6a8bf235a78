"""Counts of multiplications and of what is kept, against counts by hand and real arrays."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import HadamardProduct, MatMul, MatrixSymbol, symbols

import lstm_lib
from lstm_lib import derive
from lstm_lib.derive import (
    canonical_rnn,
    kept_per_step,
    multiplications,
    standard_rnn,
    training_multiplications,
    vanilla_lstm,
)

a, b, c = symbols("a b c", integer=True, positive=True)


def test_products_are_counted_by_their_shapes():
    V, W = MatrixSymbol("V", a, b), MatrixSymbol("W", b, c)
    assert multiplications(MatMul(V, W)) == a * b * c
    z = MatrixSymbol("z", c, 1)
    assert multiplications(MatMul(V, W, z)) == a * b + b * c
    assert multiplications(HadamardProduct(V, V, V)) == 2 * a * b
    assert multiplications(3 * V) == 0
    assert multiplications([MatMul(V, W), MatMul(W, z)]) == a * b * c + b * c


def test_the_standard_rnn_counted_by_hand():
    d_s, d_x = standard_rnn.parameters["W_x"]
    # forward W_r r, W_x x; backward W_r^T psi, chi * slope; gradients psi r^T, psi x^T
    by_hand = (d_s**2 + d_s * d_x) + (d_s**2 + d_s) + (d_s**2 + d_s * d_x)
    assert training_multiplications(standard_rnn) == by_hand.expand()


@pytest.mark.parametrize(
    ("system", "layer"),
    [("standard_rnn", "StandardRNN"), ("canonical_rnn", "CanonicalRNN")],
)
def test_what_is_kept_is_what_the_trace_of_the_layer_holds(system, layer):
    N, d_x, d_s = 7, 3, 5
    trace = getattr(lstm_lib, layer)(d_x, d_s).forward(np.zeros((N, d_x)))
    for name, size in kept_per_step(getattr(derive, system)).items():
        want = {"d_x": d_x, "d_s": d_s}[str(size)]
        assert getattr(trace, name).shape == (N, want)


SLOPES = {  # each as a function of the value v = G(z)
    "tanh": lambda v: 1 - v**2,
    "logistic": lambda v: v * (1 - v),
    "logistic2": lambda v: (1 - v**2) / 2,
    "logistic4": lambda v: 1 - v**2 / 4,
    "identity": np.ones_like,
    "relu": lambda v: (v > 0) * 1.0,
    "exp": lambda v: v,
    "rsqrt": lambda v: -(v**3) / 2,
}


@pytest.mark.parametrize("name", SLOPES)
def test_the_value_tells_the_slope_so_the_state_is_not_kept(name):
    system = standard_rnn.change("", warping={"G": name})
    exec(system.numpy_source(), program := {})
    z = np.linspace(0.05 if name == "rsqrt" else -4, 4, 81)
    assert np.allclose(program["dG"](z), SLOPES[name](program["G"](z)), rtol=0, atol=1e-14)
    d_s, d_x = system.parameters["W_x"]
    assert kept_per_step(system) == {"x": d_x, "r": d_s}


def test_a_state_is_kept_that_the_gradients_read():
    d_s, d_x = canonical_rnn.parameters["W_x"]
    assert kept_per_step(canonical_rnn) == {"x": d_x, "s": d_s, "r": d_s}


def test_a_state_is_kept_whose_value_does_not_tell_its_slope():
    d_s, d_x = standard_rnn.parameters["W_x"]
    other = standard_rnn.change("", warping={"G": "sin"})
    assert kept_per_step(other) == {"x": d_x, "s": d_s, "r": d_s}


def test_forward_and_backward_pass_of_the_lstm():
    d_s, d_x = vanilla_lstm.parameters["W_xcu"]
    assert multiplications(vanilla_lstm.forward) == 7 * d_s**2 + 4 * d_s * d_x + 3 * d_s
    assert {"s", "u", "g_cu", "g_cs", "g_cr", "v", "x"} <= set(kept_per_step(vanilla_lstm))


def test_rtrl_carries_a_row_of_all_parameters_for_every_state():
    rnn = lstm_lib.StandardRNN(3, 5)
    now = lstm_lib.RTRL(rnn).begin()
    d_s, d_x = standard_rnn.parameters["W_x"]
    p = sum(rows * (columns[0] if columns else 1) for rows, *columns in
            standard_rnn.parameters.values())  # fmt: skip
    assert now.dr_dw.size == (d_s * p).subs({d_s: 5, d_x: 3})
