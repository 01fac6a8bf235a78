"""Elman's and Jordan's network, as chapters declare them."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib import StandardRNN
from lstm_lib.derive import System
from lstm_lib.layers.readout import Dense
from lstm_lib.learning.network import Network

SHARED = {
    "inputs": "x: d_x",
    "sequences": "s r: d_s; y: d_y",
    "outputs": "y",
    "adjoints": "y: epsilon, r: chi, s: psi",
    "warping": {"G": "tanh"},
}


def declared(feedback, shape):
    weight = feedback.split()[0]
    return System(
        "classic",
        f"s[n] = {feedback} + W_x @ x[n] + theta_s\nr[n] = G(s[n])\ny[n] = W_ry @ r[n] + b_y",
        parameters=f"{weight}: {shape}; W_x: d_s, d_x; theta_s: d_s; W_ry: d_y, d_s; b_y: d_y",
        **SHARED,
    )


@pytest.mark.parametrize(
    ("feedback", "shape", "lines"),
    [
        (
            "W_r @ r[n-1]",
            "d_s, d_s",
            [
                "epsilon[n] = dL_dy[n]",
                "chi[n] = W_ry.T @ epsilon[n] + W_r.T @ psi[n+1]",
                "psi[n] = chi[n] * dG(s[n])",
            ],
        ),
        (
            "W_ys @ y[n-1]",
            "d_s, d_y",
            [
                "epsilon[n] = dL_dy[n] + W_ys.T @ psi[n+1]",
                "chi[n] = W_ry.T @ epsilon[n]",
                "psi[n] = chi[n] * dG(s[n])",
            ],
        ),
    ],
)
def test_elman_and_jordan(feedback, shape, lines):
    system = declared(feedback, shape)
    assert system.prove().identities > 0
    for line in lines:
        assert system.verify(line) > 0


def test_elmans_network_is_the_standard_rnn_with_a_dense_read_out():
    program = {}
    exec(declared("W_r @ r[n-1]", "d_s, d_s").numpy_source(), program)
    rng = np.random.default_rng(0)
    network = Network(StandardRNN(2, 4, rng=1), Dense(4, 3, rng=2))
    network.params.flat = rng.normal(size=network.params.flat.size)
    params = {
        name.partition(".")[2].replace("W_vy", "W_ry"): value
        for name, value in network.params.items()
    }
    x, error = rng.normal(size=(6, 2, 2)), rng.normal(size=(6, 2, 3))
    trace = network.forward(x)
    run = program["forward"](params, x)
    np.testing.assert_allclose(run["y"], trace.y, rtol=1e-12, atol=1e-12)
    grads = program["backward"](params, run, error)
    for name, value in network.backward(trace, error).items():
        key = name.partition(".")[2].replace("W_vy", "W_ry")
        np.testing.assert_allclose(grads[key], value, rtol=1e-11, atol=1e-11)
