"""The live figures of the Vanilla LSTM against the NumPy library."""

from __future__ import annotations

import json

import numpy as np
import pytest

import lstm_lib
from lstm_lib.derive import vanilla_lstm as lstm
from lstm_lib.page.figure import figures_script
from lstm_lib.page.figures.vanilla_lstm import models
from lstm_lib.study.diagnostics import carousel_errors

from .javascript import close, compute, corners, run, states

SIGNALS = ("g_cu", "g_cs", "g_cr", "u", "s", "v")
ERRORS = ("chi", "psi", "alpha_cu", "alpha_cs", "alpha_cr", "alpha_du")


def layer_with(params) -> lstm_lib.VanillaLSTM:
    d_s, d_x = np.shape(params["W_xcu"])
    layer = lstm_lib.VanillaLSTM(d_x, d_s)
    for name, value in params.items():
        layer.params[name] = value
    return layer


def test_the_systems_of_the_figures_are_proven():
    systems = (
        models.held_lstm(),
        models.paths_lstm(),
        models.carousel_lstm(),
        models.unheard_lstm(),
        models.detour_lstm(),
    )
    for system in systems:
        assert system.prove(d=2, N=3).identities > 100


def test_the_cut_systems_lack_the_terms_that_they_say():
    """The rest of the backward pass is that of the whole cell."""
    terms = {e.name: set(str(e).split(" = ")[1].split(" + ")) for e in lstm.backward}
    round_ = {"psi": {"psi[n+1] * g_cs[n+1]"}}
    late = {name: {t for t in found if "[n+1]" in t} for name, found in terms.items()}
    for system, cut in (
        (models.carousel_lstm(), {k: v - round_.get(k, set()) for k, v in late.items()}),
        (models.unheard_lstm(), {"chi": late["chi"]}),
        (models.detour_lstm(), round_),
    ):
        for equation in system.backward:
            left = set(str(equation).split(" = ")[1].replace("seen[n]", "s[n-1]").split(" + "))
            assert left == terms[equation.name] - cut.get(equation.name, set())


def test_free_cell_is_the_librarys_layer():
    numbers = models.cell_numbers()
    where = [{**state, "gate": "free"} for state in states("vanilla_cell", 3)]
    for data in compute("vanilla_cell", where):
        layer = layer_with(numbers["params"])
        trace = layer.forward(np.array(numbers["x"]))
        dE_dv = np.zeros_like(trace.v)
        dE_dv[-1] = 1
        grads = layer.backward(trace, dE_dv)
        for name in SIGNALS:
            close(data[name], getattr(trace, name)[:, 0])
        for name in ERRORS:
            close(data[name], getattr(grads, name)[:, 0])


def test_held_cell_is_the_layer_with_another_bias_for_those_steps():
    """A held gate is a gate with weights of zero and the bias that gives its value."""
    numbers = models.cell_numbers()
    where = states("vanilla_cell", 25) + corners("vanilla_cell")[::37]
    where = [{**s, "held": min(max(s["held"], 0.05), 0.95)} for s in where]
    for state, data in zip(where, compute("vanilla_cell", where), strict=True):
        free = layer_with(numbers["params"])
        held = layer_with(numbers["params"])
        gate, begin = state["gate"], int(state["begin"])
        end = min(begin + int(state["hold"]), 30)
        if gate == "free":
            begin = end = 0
        else:
            held.params[f"W_x{gate}"] = [[0, 0]]
            held.params[f"b_{gate}"] = [np.log(state["held"] / (1 - state["held"]))]
        x = np.array(numbers["x"])
        parts = [(free, x[:begin]), (held, x[begin:end]), (free, x[end:])]
        start, traces = {}, []
        for layer, part in parts:
            if len(part):
                trace = layer.forward(part, **start)
                start = layer.final(trace)
                traces.append((layer, trace))
        for name in SIGNALS:
            close(data[name], np.concatenate([getattr(t, name)[:, 0] for _, t in traces]))
        last, psi = {}, []
        dE_dv = np.zeros((30, 1))
        dE_dv[-1] = 1
        for layer, trace in reversed(traces):
            steps, dE_dv = dE_dv[-len(trace.v) :], dE_dv[: -len(trace.v)]
            grads = layer.backward(trace, steps, **last)
            last = {"dE_ds_last": grads.s0, "dE_dv_last": grads.v0}
            psi.append(grads.psi[:, 0])
        # W_v of the held gate is 0 as that of the free one is; only its own error is cut.
        close(data["psi"], np.concatenate(psi[::-1]))


def without_the_carousel(layer, trace, dE_dv):
    """psi if no error goes round the loop: step by step, each step's old state another array."""
    v_error, s_error, psi = np.zeros(layer.d_s), np.zeros(layer.d_s), []
    for n in reversed(range(len(trace.x))):
        old = {"s0": trace.s[n - 1] if n else trace.s0, "v0": trace.v[n - 1] if n else trace.v0}
        step = layer.forward(trace.x[n : n + 1], **old)
        grads = layer.backward(step, dE_dv[n : n + 1] + v_error, dE_ds_last=s_error)
        psi.append(grads.psi[0])
        v_error, s_error = grads.v0, grads.s0 - trace.g_cs[n] * grads.psi[0]
    return np.array(psi[::-1])


def without_the_value(layer, trace, dE_dv):
    """psi if no error goes back through the value: step by step, each step's old value another."""
    s_error, psi = np.zeros(layer.d_s), []
    for n in reversed(range(len(trace.x))):
        old = {"s0": trace.s[n - 1] if n else trace.s0, "v0": trace.v[n - 1] if n else trace.v0}
        step = layer.forward(trace.x[n : n + 1], **old)
        grads = layer.backward(step, dE_dv[n : n + 1], dE_ds_last=s_error)
        psi.append(grads.psi[0])
        s_error = grads.s0
    return np.array(psi[::-1])


def small_network(b_cs, b_cr, peep, recurrent, steps):
    """The layer of both figures on ways, its trace, the error at the end and its gradients."""
    numbers = models.paths_numbers()
    params = {name: np.array(value) for name, value in numbers["params"].items()}
    for name in params:
        params[name] = params[name] * {"W_s": peep, "W_v": recurrent}.get(name[:3], 1)
    params["b_cs"] += b_cs
    params["b_cr"] += b_cr
    layer = layer_with(params)
    trace = layer.forward(np.array(numbers["x"])[:steps])
    dE_dv = np.zeros_like(trace.v)
    dE_dv[-1] = 1
    return layer, trace, dE_dv, layer.backward(trace, dE_dv)


def hop_terms(layer, trace, grads):
    later = lambda z: np.concatenate([z[1:], np.zeros_like(z[:1])])  # noqa: E731
    return {
        "s": later(grads.psi * trace.g_cs),
        "r": grads.rho * (1 - trace.r**2),
        "cr": grads.alpha_cr @ layer.params["W_scr"],
        "cu": later(grads.alpha_cu) @ layer.params["W_scu"],
        "cs": later(grads.alpha_cs) @ layer.params["W_scs"],
    }


def shares(parts):
    sizes = {name: np.linalg.norm(z, axis=1) for name, z in parts.items()}
    return {name: z / sum(sizes.values()) for name, z in sizes.items()}


def three_parts(layer, trace, dE_dv, grads):
    alone, unheard = carousel_errors(trace, grads), without_the_value(layer, trace, dE_dv)
    return {"alone": alone, "peepholes": unheard - alone, "value": grads.psi - unheard}


def test_the_paths_figure_has_the_librarys_terms_and_parts():
    where = states("vanilla_paths", 20) + corners("vanilla_paths")
    for state, data in zip(where, compute("vanilla_paths", where), strict=True):
        layer, trace, dE_dv, grads = small_network(**state, steps=models.FAR)
        terms = hop_terms(layer, trace, grads)
        close(data["psi"], np.linalg.norm(grads.psi, axis=1))
        for name, term in terms.items():
            close(data["terms"][name], np.linalg.norm(term, axis=1))
            close(data["hop"][name], shares(terms)[name])
        close(data["alone"], np.linalg.norm(carousel_errors(trace, grads), axis=1))
        close(data["never"], np.linalg.norm(without_the_carousel(layer, trace, dE_dv), axis=1))
        parts = three_parts(layer, trace, dE_dv, grads)
        for name, share in shares(parts).items():
            np.testing.assert_allclose(data["part"][name], share, rtol=0, atol=1e-9)
        close(np.sum([data["part"][name] for name in parts], axis=0), np.ones(len(trace.v)))


def test_the_hops_figure_has_the_librarys_shares():
    where = states("vanilla_hops", 15) + corners("vanilla_hops")
    for state, data in zip(where, compute("vanilla_hops", where), strict=True):
        others, steps = state["others"], int(state["steps"])
        net = small_network(state["b_cs"], 0, others, others, steps)
        layer, trace, _, grads = net
        close(data["psi"], np.linalg.norm(grads.psi, axis=1))
        close(data["hop"], shares(hop_terms(layer, trace, grads))["s"][:-1])
        stayed = shares(three_parts(*net))["alone"]
        np.testing.assert_allclose(data["stayed"], stayed, rtol=0, atol=1e-9)


def test_a_wrong_model_is_noticed():
    """The comparison has teeth: with a wrong derivative of tanh it fails."""
    where = states("vanilla_paths", 3)
    broken = figures_script().replace("return 1 - Math.pow(", "return 1 + Math.pow(")
    data = run(broken + f"{json.dumps(where)}.map(LiveFigures.figures.vanilla_paths.compute)")
    for state, wrong in zip(where, data, strict=True):
        (right,) = compute("vanilla_paths", [state])
        with pytest.raises(AssertionError):
            close(wrong["psi"], right["psi"])
