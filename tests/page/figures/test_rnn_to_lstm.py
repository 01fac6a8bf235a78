"""The live figures on the way to the LSTM against the engine's NumPy programs and the layer."""

from __future__ import annotations

import json
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from lstm_lib import StandardRNN, VanillaLSTM
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


def inputs(first, size, N):
    n = np.arange(N, dtype=float)
    x = np.zeros((N, 1, 3))
    x[:, 0, 0] = size * noise(n)
    x[0, 0] = first, 1, 0
    x[-1, 0, 2] = 1
    return x


def one_unit(stage, values):
    """The parameters of the figure's unit."""
    number, zero = [[1.0, 0, 0]], [[0.0, 0, 0]]
    given = {
        "W_s": [[0.5]], "W_r": [[values["feedback"]]], "W_x": number, "theta_s": [0.0],
        "W_xdu": number, "W_rdu": [[values["feedback"]]], "W_vdu": [[values["feedback"]]],
        "b_du": [0.0], "W_xcs": zero, "W_xcu": [[0, 10.0, 0]], "W_xcr": [[0, 0, 10.0]],
    }  # fmt: skip
    given |= {f"W_{z}{gate}": [[0.0]] for gate in ("cs", "cu", "cr") for z in "rv"}
    given |= {f"b_{gate}": [values[f"b_{gate}"]] for gate in ("cs", "cu", "cr")}
    return {name: np.array(given[name]) for name in towards_lstm(stage).parameters}


def expected(stage, values):
    params = one_unit(stage, values)
    x = inputs(values["first"], values["noise"], int(values["N"]))
    trace = program(stage).forward(params, x)
    out = trace[towards_lstm(stage).outputs[0]]
    loss = np.zeros_like(out)
    loss[-1] = 1
    psi = program(stage).backward(params, trace, loss)["psi"]
    return {"s": trace["s"].ravel(), "out": out.ravel(), "psi": psi.ravel()}


def test_stages_figure_computes_what_the_engines_programs_compute():
    where = states("stages", 60) + corners("stages")[::7]
    for state, data in zip(where, compute("stages", where), strict=True):
        k = STAGES.index(state["stage"])
        pairs = [("now", STAGES[k])] + ([("before", STAGES[k - 1])] if k else [])
        assert (data["before"] is None) == (k == 0)
        for key, stage in pairs:
            for name, value in expected(stage, state).items():
                close(data[key][name], value)


def test_the_last_stage_of_the_figure_is_the_layer():
    where = [s | {"stage": "readout"} for s in states("stages", 10)]
    layer = VanillaLSTM(3, 1, peepholes=None)
    for state, data in zip(where, compute("stages", where), strict=True):
        for name, value in one_unit("readout", state).items():
            layer.params[name] = value
        trace = layer.forward(inputs(state["first"], state["noise"], int(state["N"])))
        loss = np.zeros_like(trace.v)
        loss[-1] = 1
        close(data["now"]["out"], trace.v.ravel())
        close(data["now"]["psi"], layer.backward(trace, loss).psi.ravel())


def cell(values):
    params = {"W_xdu": [[1, 0]], "b_du": [0], "W_xcu": [[0, 10]], "W_xcs": [[0, 0]]}
    params |= {name: [[0]] for name in ("W_rdu", "W_rcu", "W_rcs")}
    params |= {"b_cu": [values["b_cu"]], "b_cs": [values["b_cs"]]}
    return {name: np.array(value, float) for name, value in params.items()}


def test_protect_figure_computes_what_the_engines_programs_compute():
    where = states("protect", 60) + corners("protect")
    for state, data in zip(where, compute("protect", where), strict=True):
        N, params, stage = int(state["N"]), cell(state), program(state["update"])
        x = inputs(0.8, state["noise"], N)[..., :2]
        x[N // 2, 0, 0] += state["outlier"]
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


def test_a_wrong_model_is_noticed():
    """The comparison has teeth: with a wrong warping function it fails."""
    where = [s | {"stage": "bounded"} for s in states("stages", 3)]
    broken = figures_script("stages").replace("return Math.tanh(z)", "return Math.atan(z)")
    data = run(broken + f"{json.dumps(where)}.map(LiveFigures.figures.stages.compute)")
    page = np.concatenate([got["now"]["s"] for got in data])
    library = np.concatenate([expected("bounded", state)["s"] for state in where])
    with pytest.raises(AssertionError):
        close(page, library)


def test_the_first_stage_without_its_state_is_the_standard_rnn():
    rnn = StandardRNN(3, 1)
    state = states("stages", 1)[0]
    params = one_unit("canonical", state)
    for name in rnn.params:
        rnn.params[name] = params[name]
    x = inputs(state["first"], state["noise"], int(state["N"]))
    params["W_s"] = np.zeros((1, 1))
    close(program("canonical").forward(params, x)["s"], rnn.forward(x).s)
