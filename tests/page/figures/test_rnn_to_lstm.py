"""The live figures on the way to the LSTM against the engine's NumPy programs and the layer."""

from __future__ import annotations

import json
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from lstm_lib import StandardRNN, VanillaLSTM
from lstm_lib.page.experiments.rnn_to_lstm import (
    RESET,
    TRAINED,
    hold,
    reset_error,
    reset_network,
    reset_stream,
)
from lstm_lib.page.figure import figures_script
from lstm_lib.page.figures.rnn_to_lstm import models
from lstm_lib.page.rnn_to_lstm import STAGES, towards_lstm

from .javascript import close, compute, corners, run, states


@cache
def program(stage):
    names: dict = {}
    system = models.updates()[stage] if stage == "positive" else towards_lstm(stage)
    exec(system.numpy_source(), names)
    return SimpleNamespace(**names)


def noise(n):
    return np.fmod(2 * (np.fmod(n * 0.6180339887498949 + 0.35 * np.sin(n * n), 1) + 1), 2) - 1


def inputs(state, run, N=100):
    n = np.arange(N, dtype=float)
    x = np.zeros((N, 1, 3))
    x[:, 0, 0] = state["noise"] * noise(n + 101 * run)
    x[N // 2, 0, 0] += state["outlier"]
    x[0, 0] = 0.8, 1, 0
    x[-1, 0, 2] = 1
    return x


def one_unit(state):
    """The parameters of the figure's unit."""
    number, zero = [[1.0, 0, 0]], [[0.0, 0, 0]]
    given = {
        "W_s": [[0.5]], "W_r": [[state["feedback"]]], "W_x": number, "theta_s": [0.0],
        "W_xdu": number, "W_rdu": [[state["feedback"]]], "W_vdu": [[state["feedback"]]],
        "b_du": [0.0], "W_xcs": zero, "W_xcu": [[0, 10.0, 0]], "W_xcr": [[0, 0, 10.0]],
    }  # fmt: skip
    given |= {f"W_{z}{gate}": [[0.0]] for gate in ("cs", "cu", "cr") for z in "rv"}
    given |= {f"b_{gate}": [state[f"b_{gate}"]] for gate in ("cs", "cu", "cr")}
    return {name: np.array(given[name]) for name in towards_lstm(state["stage"]).parameters}


def carried(state):
    """The states of all draws; output and error signal of the first."""
    params, stage = one_unit(state), state["stage"]
    traces = [program(stage).forward(params, inputs(state, run)) for run in range(6)]
    s = np.array([trace["s"].ravel() for trace in traces])
    out = traces[0][towards_lstm(stage).outputs[0]]
    loss = np.zeros_like(out)
    loss[-1] = 1
    psi = program(stage).backward(params, traces[0], loss)["psi"]
    wrong = np.sqrt(np.mean((s[:, -1] - s[:, 0]) ** 2))
    return {"s": s, "out": out.ravel(), "psi": psi.ravel(), "wrong": wrong}


def test_carry_figure_computes_what_the_engines_programs_compute():
    where = states("carry", 40) + corners("carry")[::13]
    assert {state["stage"] for state in where} == set(STAGES)
    for state, data in zip(where, compute("carry", where), strict=True):
        for name, value in carried(state).items():
            close(data[name], value)


def test_the_last_stage_of_the_figure_is_the_layer():
    where = [s | {"stage": "readout"} for s in states("carry", 10)]
    layer = VanillaLSTM(3, 1, peepholes=None)
    for state, data in zip(where, compute("carry", where), strict=True):
        for name, value in one_unit(state).items():
            layer.params[name] = value
        trace = layer.forward(inputs(state, 0))
        loss = np.zeros_like(trace.v)
        loss[-1] = 1
        close(data["out"], trace.v.ravel())
        close(data["psi"], layer.backward(trace, loss).psi.ravel())


def cell(values):
    params = {"W_xdu": [[1, 0]], "b_du": [0], "W_xcu": [[0, 10]], "W_xcs": [[0, 0]]}
    params |= {name: [[0]] for name in ("W_rdu", "W_rcu", "W_rcs")}
    params |= {"b_cu": [values["b_cu"]], "b_cs": [values["b_cs"]]}
    return {name: np.array(value, float) for name, value in params.items()}


def test_protect_figure_computes_what_the_engines_programs_compute():
    where = states("protect", 60) + corners("protect")
    for state, data in zip(where, compute("protect", where), strict=True):
        N, params, stage = 60, cell(state), program(state["update"])
        x = inputs(state, 0, N)[..., :2]
        trace = stage.forward(params, x)
        close(data["s"], trace["s"].ravel())
        alone = x.copy()
        alone[1:, 0, 0] = 0
        close(data["alone"], stage.forward(params, alone)["s"].ravel())
        # The derivative of the last state by a complex step, all of them side by side in a batch.
        when = np.arange(0, N, 7)
        nudged = np.tile(x.astype(complex), (1, len(when), 1))
        nudged[when, np.arange(len(when)), 0] += 1e-30j
        effect = np.abs(stage.forward(params, nudged)["s"][-1, :, 0].imag) / 1e-30
        # A nearly shut gate and a nearly flat slope are small differences: few digits.
        np.testing.assert_allclose(data["effect"][::7], effect, rtol=1e-10, atol=1e-15)
        close(data["effect"][::7], effect)
        assert data["share"] == pytest.approx(data["effect"][0] / sum(data["effect"]), rel=1e-12)


def trained(gate, seed):
    """The network of stage 3 with the weights of the file, as the figure has them."""
    acts, _, never = RESET.settings
    setting = never if gate == "never" else acts
    model = reset_network(**setting, rng=0)
    flat = RESET.result().values("weights", **setting)[seed]
    free = [W for name, W in model.params.items() if not (setting["held"] and name.endswith("cs"))]
    assert sum(W.size for W in free) == len(flat)
    for W in free:
        W[...] = flat[: W.size].reshape(W.shape)
        flat = flat[W.size :]
    return model


def test_the_weights_of_the_file_have_the_errors_of_the_file():
    result = RESET.result()
    for gate, setting in zip(("acts", "never"), RESET.settings[::2], strict=True):
        for seed in (0, 7):
            model = trained(gate, seed)
            for N in (40, 400):
                stored = result.values(f"after {N}", **setting)[seed]
                assert reset_error(model, N) == pytest.approx(stored, rel=1e-3)


def test_reset_figure_runs_the_trained_networks():
    gates = ("acts", "held", "never")
    where = [{"gate": g, "N": N, "seed": k} for g in gates for N in ("40", "400") for k in (0, 11)]
    for state, data in zip(where, compute("reset", where), strict=True):
        N, n = int(state["N"]), np.arange(int(state["N"]))
        reset = (n == 0) | (noise(3.0 * n + 500) > 0.8)
        x = np.stack([noise(n + 7.0), reset], axis=-1)
        np.testing.assert_allclose(data["x"], x, atol=1e-9)
        assert 0.05 * N < reset.sum() < 0.2 * N
        model = trained(state["gate"], state["seed"])
        if state["gate"] == "held":
            hold(model.layer)
        trace = model.forward(np.array(data["x"], float)[:, None])
        target = [data["x"][0][0]]
        for z, cleared in data["x"][1:]:
            target.append(z + (0 if cleared else target[-1]))
        close(data["target"], target)
        # The page has four digits of each weight.
        apart = np.abs(trace.y[:, 0, 0] - data["y"])
        assert apart.max() < 0.02 * max(1, np.abs(data["y"]).max())
        close_to = pytest.approx(
            np.mean((np.array(data["y"]) - target)[-40:] ** 2) / reset_stream(N)[1][-40:].var()
        )
        assert data["error"] == close_to
        assert np.ptp(data["g_cs"]) == 0 or state["gate"] == "acts"
        setting = RESET.settings[2 if state["gate"] == "never" else 0]
        name = "held" if state["gate"] == "held" else "after"
        column = gates.index(state["gate"]) + (state["gate"] == "never")
        stored = RESET.result().values(f"{name} {N}", **setting)
        np.testing.assert_allclose(data["columns"][column], stored, rtol=1e-3)


def test_a_network_with_its_gate_beats_one_without_on_long_streams_with_every_seed():
    result = RESET.result()
    acts, *without = RESET.settings
    worst = result.values("after 400", **acts).max()
    for setting in without:
        assert worst < 0.8 * result.values("after 400", **setting).min()


def test_seeds_figure_shows_what_was_measured():
    result = TRAINED.result()
    where = [{"task": task, "stage": "readout", "seed": 3} for task in ("quiet", "asked")]
    for state, data in zip(where, compute("seeds", where), strict=True):
        quiet = state["task"] == "quiet"
        held = result.values("error", stage="readout", quiet=quiet, pinned=True)
        rows = [result.values("error", stage=s, quiet=quiet, pinned=False) for s in STAGES]
        np.testing.assert_allclose(data["errors"], [*rows, held], rtol=1e-3)
        curves = result.values("curve", stage="readout", quiet=quiet, pinned=False)
        np.testing.assert_allclose(data["curves"], curves, rtol=1e-3)


def test_a_wrong_model_is_noticed():
    """The comparison has teeth: with a wrong warping function it fails."""
    where = [s | {"stage": "bounded"} for s in states("carry", 3)]
    broken = figures_script("carry").replace("return Math.tanh(z)", "return Math.atan(z)")
    data = run(broken + f"{json.dumps(where)}.map(LiveFigures.figures.carry.compute)")
    page = np.concatenate([got["s"][0] for got in data])
    library = np.concatenate([carried(state)["s"][0] for state in where])
    with pytest.raises(AssertionError):
        close(page, library)


def test_the_first_stage_without_its_state_is_the_standard_rnn():
    rnn = StandardRNN(3, 1)
    state = states("carry", 1)[0] | {"stage": "canonical"}
    params = one_unit(state)
    for name in rnn.params:
        rnn.params[name] = params[name]
    x = inputs(state, 0)
    params["W_s"] = np.zeros((1, 1))
    close(program("canonical").forward(params, x)["s"], rnn.forward(x).s)
