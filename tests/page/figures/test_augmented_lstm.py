"""The live figures on the Augmented LSTM against the NumPy library."""

from __future__ import annotations

import numpy as np
import pytest

import lstm_lib.page.figures  # noqa: F401  registers the figures
from lstm_lib import AugmentedLSTM
from lstm_lib.layers import packing
from lstm_lib.page.experiments.augmented_lstm import LOOKS
from lstm_lib.tasks.noisy_signal import NoisySignal

from .javascript import close, compute, corners, states


def test_the_look_ahead_figure_has_the_least_errors_of_the_normal_equations():
    where = states("look_ahead", 40) + corners("look_ahead")
    for state, data in zip(where, compute("look_ahead", where), strict=True):
        task = NoisySignal(memory=state["memory"], noise=state["noise"])
        past = 400  # of the precision of both: the last tap of them is next to nothing
        for ahead, least in enumerate(data["least"]):
            assert abs(least - task.best_taps(range(-ahead, past))[1]) < 1e-9
        assert abs(data["all"] - task.best_taps(range(-past, past))[1]) < 1e-9
        assert data["here"] == data["least"][int(state["ahead"])]
        assert -1e-12 <= data["worth"] <= 1 + 1e-12


def test_the_look_ahead_figure_shows_the_networks_where_they_were_trained():
    result = LOOKS.result()
    state = {"ahead": 2, "memory": 0.9, "noise": 1.0}
    shown, other = compute("look_ahead", [state, state | {"noise": 0.9}])
    for setting, group in zip(result.settings, shown["trained"], strict=True):
        assert group["ahead"] == setting["ahead"]
        np.testing.assert_allclose(group["error"], result.values("error", **setting), atol=6e-6)
    assert shown["median"] == pytest.approx(np.median(result.values("error", ahead=2)), abs=6e-6)
    assert shown["both"] == pytest.approx(np.median(result.values("error", ahead=None)), abs=6e-6)
    assert (other["trained"], other["both"]) == ([], None)


def test_the_window_figure_has_the_librarys_windows():
    where = states("window", 40) + corners("window")
    for state, data in zip(where, compute("window", where), strict=True):
        first, count = int(state["first"]), int(state["count"])
        assert data["lags"] == list(range(first, first + count))
        layer = AugmentedLSTM(1, 1, lags={"du": range(first, first + count)})
        layer.params["W_xdu"] = np.reshape(data["taps"], (count, 1, 1))
        close(data["xi"], layer.forward(np.array(data["x"])[:, None]).xi_du[:, 0])


def test_the_window_figure_has_numpys_response():
    where = states("window", 40) + corners("window")
    for state, data in zip(where, compute("window", where), strict=True):
        omega = np.array([z["omega"] for z in data["response"]])
        H = np.exp(-1j * np.outer(omega, data["lags"])) @ data["taps"]
        close([z["re"] for z in data["response"]], H.real)
        close([z["im"] for z in data["response"]], H.imag)
        close([z["size"] for z in data["response"]], np.abs(H))
        close(data["gain"], H[0].real)
        shown = np.array([z["delay"] is not None for z in data["response"]])
        weighted = np.exp(-1j * np.outer(omega, data["lags"])) @ np.multiply(
            data["lags"], data["taps"]
        )
        delay = (weighted[shown] / H[shown]).real  # minus the derivative of the phase
        found = [z["delay"] for z in data["response"] if z["delay"] is not None]
        np.testing.assert_allclose(found, delay, rtol=1e-9, atol=1e-9)
        if abs(data["gain"]) > 0.01 and state["shape"] != "difference":  # delay: minus the slope
            slope = np.angle(np.exp(-1j * 1e-6 * np.array(data["lags"])) @ data["taps"]) / 1e-6
            assert abs(data["delay"] + slope) < 1e-4


def test_the_window_figure_has_the_librarys_best_taps_and_expected_errors():
    where = states("window", 40) + corners("window")
    for state, data in zip(where, compute("window", where), strict=True):
        task = NoisySignal(memory=0.9, noise=state["noise"])
        best, least = task.best_taps(data["lags"])
        h, lags = np.array(data["taps"]), np.array(data["lags"])
        if state["shape"] == "best":
            close(h, best)
            close(data["error"], least)
        elif state["shape"] == "average":
            close(h, np.full(len(h), 1 / len(h)))
        elif state["shape"] == "gaussian":
            bump = np.exp(-((lags - lags.mean()) ** 2) / (2 * (len(h) / 4) ** 2))
            close(h, bump / bump.sum())
        else:
            want = np.zeros(len(h))
            want[0] += 1
            want[-1] -= 1
            close(h, want)
        R = 0.9 ** np.abs(lags[:, None] - lags) + state["noise"] ** 2 * np.eye(len(h))
        close(data["error"], 1 - 2 * h @ 0.9 ** np.abs(lags) + h @ R @ h)
        assert data["error"] >= least - 1e-12


def test_the_distractor_figure_has_the_librarys_cell_and_errors():
    where = states("distractor", 25) + corners("distractor")
    for state, data in zip(where, compute("distractor", where), strict=True):
        x = np.array(data["x"])
        garbage = np.zeros(len(x), bool)
        for a, b in ((6, 11), (17, 24), (30, 38)):
            garbage[a : b + 1] = True
        traces = {}
        for name in ("gated", "plain", "undisturbed"):
            layer = AugmentedLSTM(2, 1, external_gate=name == "gated", peepholes=None)
            layer.params.flat = np.zeros(layer.params.flat.size)
            layer.params["W_xdu"] = [[[1, 0]]]
            layer.params["W_vdu"] = [[state["recurrent"]]]
            for gate, bias in (("cu", 4), ("cs", 2.5), ("cr", 4)):
                layer.params[f"b_{gate}"] = [bias]
            if name == "gated":
                layer.params["W_xcx"] = [[[0, state["weight"]]]]
                layer.params["b_cx"] = [state["bias"]]
            seen = np.where(garbage, 0, x) if name == "undisturbed" else x
            traces[name] = layer, layer.forward(np.stack([seen, 1.0 - garbage], axis=1))
            close(data["s"][name], traces[name][1].s[:, 0])
        target = traces["undisturbed"][1].v
        close(data["g_cx"], traces["gated"][1].g_cx[:, 0])
        for name, key in (("gated", "epsilon"), ("plain", "bare")):
            layer, trace = traces[name]
            grads = layer.backward(trace, trace.v - target)
            close(data[key], grads.epsilon_du[:, 0])
            close(data["E"][name], 0.5 * ((trace.v - target) ** 2).sum())
            close(data["far"][name], np.abs(trace.s - traces["undisturbed"][1].s).max())
            if name == "gated":
                close(data["alpha_cx"], grads.alpha_cx[:, 0])
                close(data["dE_db_cx"], grads.params["b_cx"][0])


def test_the_projection_figure_counts_the_librarys_parameters(monkeypatch):
    monkeypatch.setattr(packing, "draw", lambda params, random: None)  # only sizes are looked at

    def count(state, d_s, d_v):
        kind = None if state["peepholes"] == "none" else state["peepholes"]
        return AugmentedLSTM(int(state["d_x"]), d_s, d_v, peepholes=kind).params.flat.size

    where = states("projection", 8)
    for state, data in zip(where, compute("projection", where), strict=True):
        d_s, d_v = int(state["d_s"]), int(state["d_v"])
        assert data["width"] == min(d_s, d_v)
        assert data["now"] == count(state, d_s, min(d_s, d_v))
        assert data["without"] == count(state, d_s, None)
        for v, number in data["curve"][:: max(1, d_s // 5)]:
            assert number == count(state, d_s, v)
        if data["even"]:
            assert count(state, d_s, data["even"]) < data["without"]
        assert data["even"] == d_s or count(state, d_s, data["even"] + 1) >= data["without"]
        assert count(state, data["twin"] + 1, None) > data["now"]
        assert data["twin"] == 1 or count(state, data["twin"], None) <= data["now"]
