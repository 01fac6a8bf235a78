"""The live figures on the roots of the RNN against the NumPy library."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import lstm_lib
from lstm_lib.continuous.ode import StabilityWarning
from lstm_lib.continuous.sampling import DelayWarning
from lstm_lib.page.figure import figures_script

from .javascript import close, compute, corners, run, states


@pytest.fixture(autouse=True)
def quiet():
    """Some states are unstable or unaligned; the warnings have tests of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StabilityWarning)
        warnings.simplefilter("ignore", DelayWarning)
        yield


@pytest.fixture(scope="module")
def pole_runs():
    where = states("poles", 60) + corners("poles")
    return list(zip(where, compute("poles", where), strict=True))


@pytest.mark.parametrize("rule", ["backward", "forward", "exact"])
def test_pole_figure_has_the_librarys_poles(pole_runs, rule):
    for state, data in pole_runs:
        (expected,) = lstm_lib.poles(
            complex(state["re"], state["im"]), delta_t=state["delta_t"], rule=rule
        )
        close(
            [data["poles"][rule]["re"], data["poles"][rule]["im"]], [expected.real, expected.imag]
        )


@pytest.mark.parametrize("rule", ["backward", "forward"])
def test_pole_figure_has_the_librarys_step_response(pole_runs, rule):
    sampler = {"backward": lstm_lib.backward_euler, "forward": lstm_lib.forward_euler}[rule]
    for state, data in pole_runs:
        A = np.array([[state["re"], -state["im"]], [state["im"], state["re"]]])
        model = lstm_lib.AdditiveModel(A, phi=-A @ [1.0, 0.0])
        expected = sampler(model, t_end=10, delta_t=state["delta_t"])
        rows = data["responses"][rule]
        close([p["t"] for p in rows], expected.t)
        close([[p["re"], p["im"]] for p in rows], expected.s)


def test_pole_figure_has_the_exact_response(pole_runs):
    for state, data in pole_runs:
        rows = data["responses"]["exact"]
        s = 1 - np.exp(complex(state["re"], state["im"]) * np.array([p["t"] for p in rows]))
        close([p["re"] for p in rows], s.real)
        close([p["im"] for p in rows], s.imag)


INPUTS = {
    "step": lambda t: float(t >= 1),
    "pulse": lambda t: float(1 <= t < 3),
    "sine": lambda t: np.sin(2 * np.pi * t / 5),
    "none": lambda t: 0.0,
}


def test_delay_figure_has_the_librarys_solution_and_samples():
    where = states("delay", 6) + corners("delay")[::9]
    for state, data in zip(where, compute("delay", where), strict=True):
        model = lstm_lib.AdditiveModel([[state["a"]]], [[state["b"]]], [[1.0]], tau_r=state["tau"])
        start = [1.0 if state["shape"] == "none" else 0.0]
        x = INPUTS[state["shape"]]
        fine = model.solve(x, t_end=20, step=0.02, history=start)
        close(data["fine"]["s"], fine.s[:, 0])
        rnn = lstm_lib.backward_euler(model, x, t_end=20, delta_t=state["delta_t"], history=start)
        close(data["rnn"]["s"], rnn.s[:, 0])
        assert data["rnn"]["lag"] == rnn.delay_steps[0]
        close(data["distance"], np.abs(rnn.s - fine(np.minimum(rnn.t, fine.t[-1]))).mean())


def test_impulse_figure_has_the_librarys_responses():
    where = states("impulse", 40) + corners("impulse")
    impulse = np.zeros((31, 1))
    impulse[0] = 1
    for state, data in zip(where, compute("impulse", where), strict=True):
        weights = lstm_lib.canonical_weights(
            [[state["a"]]], [[state["b"]]], [[1.0]], delta_t=state["delta_t"]
        )
        for name in ("W_s", "W_r", "W_x"):
            close(data["weights"][name], getattr(weights, name)[0, 0])
        for key, layer in [
            ("canonical", lstm_lib.CanonicalRNN(1, 1)),
            ("standard", lstm_lib.StandardRNN(1, 1)),
        ]:
            if key == "canonical":
                layer.params["W_s"] = weights.W_s
            layer.params["W_r"] = weights.W_r
            layer.params["W_x"] = [[1.0]]
            close(data[key], layer.forward(impulse).s[:, 0])


def test_a_wrong_model_is_noticed():
    """The comparison has teeth: with a wrong warping function it fails."""
    where = states("delay", 3)
    broken = figures_script().replace("Math.tanh", "Math.atan")
    data = run(broken + f"{json.dumps(where)}.map(LiveFigures.figures.delay.compute)")
    for state, wrong in zip(where, data, strict=True):
        (right,) = compute("delay", [state])
        with pytest.raises(AssertionError):
            close(wrong["rnn"]["s"], right["rnn"]["s"])
