"""The live figures on the roots of the RNN against the NumPy library."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

import lstm_lib
import lstm_lib.page.figures  # registers them
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


def test_delay_figure_has_the_librarys_solution_and_samples():
    where = states("delay", 6) + corners("delay")
    for state, data in zip(where, compute("delay", where), strict=True):
        model = lstm_lib.AdditiveModel([[-1.0]], [[state["b"]]], tau_r=state["tau"])
        fine = model.solve(t_end=60, step=0.02, history=[1.0])
        close(data["fine"]["s"], fine.s[:, 0])
        rnn = lstm_lib.backward_euler(model, t_end=60, delta_t=state["delta_t"], history=[1.0])
        close(data["rnn"]["s"], rnn.s[:, 0])
        assert data["rnn"]["lag"] == rnn.delay_steps[0]


def test_delay_figure_measures_period_and_height():
    """Against the borders of theory: a slow Hopf swing, and the flip of a network of one step."""
    where = [{"tau": 3.0, "b": -1.5, "delta_t": 0.05}, {"tau": 0.1, "b": -4.0, "delta_t": 1.0}]
    slow, flip = (data["swings"] for data in compute("delay", where))
    # i omega = -1 + b' exp(-i omega tau), b' the feedback through the warping at this height:
    omega = 2 * np.pi / slow["fine"]["period"]
    assert abs(omega * np.cos(3 * omega) + np.sin(3 * omega)) < 0.01
    assert slow["fine"]["height"] == pytest.approx(slow["fine"]["before"], rel=0.02)
    # s = W_s (-s) + W_r tanh(-s) at every step: the height solves 1.5 s = 2 tanh s
    height = flip["rnn"]["height"]
    assert 1.5 * height == pytest.approx(2 * np.tanh(height), abs=1e-9)
    assert flip["rnn"]["period"] == pytest.approx(2, abs=1e-9)


@pytest.fixture(scope="module")
def sampling_runs():
    where = states("sampling", 60) + corners("sampling")
    return list(zip(where, compute("sampling", where), strict=True))


def sampled(state):
    """A, and W_s, W_r of each rule as matrices of the pair."""
    dt, unit = state["delta_t"], np.eye(2)
    A = np.array([[state["a"], -state["omega"]], [state["omega"], state["a"]]])
    implicit = np.linalg.inv(unit - dt * A)
    values, vectors = np.linalg.eig(A + 0j)
    grown = ((vectors * np.exp(values * dt)) @ np.linalg.inv(vectors)).real
    half = np.linalg.inv(unit - dt / 2 * A)
    return A, {
        "forward": (unit + dt * A, dt * unit),
        "backward": (implicit, dt * implicit),
        "mixed": (implicit, dt * implicit),
        "hold": (grown, np.linalg.solve(A, grown - unit)),
        "bilinear": (half @ (unit + dt / 2 * A), dt * half),
    }


def test_sampling_figure_has_each_rules_weights(sampling_runs):
    for state, data in sampling_runs:
        W_s, W_x = sampled(state)[1][state["rule"]]
        for name, matrix in [("W_s", W_s), ("W_r", state["b"] * W_x), ("W_x", W_x)]:
            close([data["W"][f"{name}_re"], data["W"][f"{name}_im"]], matrix[:, 0])


def test_sampling_figure_has_the_librarys_weights_and_poles():
    where = [state | {"rule": "mixed", "omega": 0.0} for state in states("sampling", 20)]
    for state, data in zip(where, compute("sampling", where), strict=True):
        dt = state["delta_t"]
        weights = lstm_lib.canonical_weights([[state["a"]]], [[state["b"]]], [[1.0]], delta_t=dt)
        for name in ("W_s", "W_r", "W_x"):
            close(data["W"][f"{name}_re"], getattr(weights, name)[0, 0])
        (exact,) = lstm_lib.poles(state["a"], delta_t=dt, rule="exact")
        close(data["best"]["re"], exact.real)


def test_sampling_figure_runs_the_network(sampling_runs):
    for state, data in sampling_runs:
        A, rules = sampled(state)
        W_s, W_x = rules[state["rule"]]
        run = np.array([[p["u"], p["v"]] for p in data["run"]])
        assert len(run) == int(8 / state["delta_t"] * (1 + 1e-12)) + 1
        read_out = run[1:] if state["rule"] == "backward" else run[:-1]
        after = run[:-1] @ W_s.T + state["b"] * np.tanh(read_out) @ W_x.T
        close(run[1:], after)
        if state["rule"] == "backward":  # the rule itself, not its solution
            slope = run[1:] @ A.T + state["b"] * np.tanh(run[1:])
            close(run[1:] - run[:-1], state["delta_t"] * slope)


def test_sampling_figure_has_the_librarys_solution(sampling_runs):
    for state, data in sampling_runs[::5]:
        model = lstm_lib.AdditiveModel(sampled(state)[0], state["b"] * np.eye(2))
        exact = model.solve(t_end=8, step=0.01, history=[1.0, 0.0])
        close([[p["u"], p["v"]] for p in data["exact"]], exact.s)
        run = np.array([[p["u"], p["v"]] for p in data["run"]])
        apart = run - exact(state["delta_t"] * np.arange(len(run)))
        close(data["error"], np.hypot(*apart.T).max())


def test_sampling_figure_says_which_poles_are_stable(sampling_runs):
    """With feedback the pole is the Jacobian at rest; forward Euler's limit is on the circle."""
    for state, data in sampling_runs:
        W_s, W_x = sampled(state)[1][state["rule"]]
        W_r = state["b"] * W_x
        explicit = W_s + W_r
        J = np.linalg.solve(np.eye(2) - W_r, W_s) if state["rule"] == "backward" else explicit
        close([data["pole"]["re"], data["pole"]["im"]], J[:, 0])
        if state["rule"] == "forward":
            close(abs(1 + data["limit"] * complex(state["a"], state["omega"])), 1.0)
        else:
            assert data["limit"] is None
            assert np.abs(np.linalg.eigvals(W_s)).max() < 1


@pytest.mark.parametrize("rule", ["forward", "backward", "mixed", "hold", "bilinear"])
@pytest.mark.parametrize("b", [0.0, -0.5])
def test_sampling_figure_says_each_rules_order(rule, b):
    """Half the step, the error falls by two to the order, without feedback and with it."""
    at = {"rule": rule, "a": -1.0, "b": b, "omega": 1.0}
    steps = [{**at, "delta_t": 0.1}, {**at, "delta_t": 0.05}]
    coarse, fine = compute("sampling", steps)
    order = fine["orders"][0 if b == 0 else 1]
    if order is None:
        assert max(coarse["error"], fine["error"]) < 1e-8
    else:
        assert np.log2(coarse["error"] / fine["error"]) == pytest.approx(order, abs=0.25)


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
