"""Forward passes written by hand, against which a misread forward equation shows."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import lstm_lib.derive as derive
from lstm_lib.derive import augmented_lstm_variant, lstm1997_variant, vanilla_lstm_variant

from .programs import SYSTEMS, point, run, system


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def rnn(p, x, r0, s0=None):
    s, rs = s0, []
    for xn in x:
        new = r0 @ p["W_r"].T + xn @ p["W_x"].T + p["theta_s"]
        if "W_s" in p:
            new = new + s @ p["W_s"].T
        if "kappa" in p:
            new = p["kappa"] * s + (1 - p["kappa"]) * new
        s, r0 = new, np.tanh(new)
        rs.append(r0)
    return np.array(rs)


def gru(p, x, v0):
    v, vs = v0, []
    for xn in x:
        z = sigmoid(xn @ p["W_xcs"].T + v @ p["W_vcs"].T + p["b_cs"])
        r = sigmoid(xn @ p["W_xcr"].T + v @ p["W_vcr"].T + p["b_cr"])
        if "b_vdu" in p:
            u = np.tanh(xn @ p["W_xdu"].T + p["b_du"] + r * (v @ p["W_vdu"].T + p["b_vdu"]))
        else:
            u = np.tanh(xn @ p["W_xdu"].T + (r * v) @ p["W_vdu"].T + p["b_du"])
        v = z * v + (1 - z) * u
        vs.append(v)
    return np.array(vs)


def lstm(p, x, s0, v0, lags=None):
    """The Augmented LSTM and all that it contains, told by which parameters there are."""
    s, v, vs = s0, v0, []
    N = len(x)

    def xi(g, n):
        if not lags:
            return x[n] @ p[f"W_x{g}"].T
        taps = zip(lags[f"L_{g}"], p[f"W_x{g}"], strict=True)
        return sum(x[n - l] @ W.T for l, W in taps if 0 <= n - l < N) + np.zeros_like(s)

    def look(g, state):
        if f"W_s{g}" in p:
            return state @ p[f"W_s{g}"].T
        return p[f"w_s{g}"] * state if f"w_s{g}" in p else 0.0

    for n in range(N):
        gate = {
            g: sigmoid(xi(g, n) + look(g, s) + v @ p[f"W_v{g}"].T + p[f"b_{g}"])
            for g in ("cu", "cs", "cx")
            if f"b_{g}" in p
        }
        u = np.tanh(gate.get("cx", 1.0) * xi("du", n) + v @ p["W_vdu"].T + p["b_du"])
        s = gate["cs"] * s + gate["cu"] * u
        out = sigmoid(xi("cr", n) + look("cr", s) + v @ p["W_vcr"].T + p["b_cr"]) * np.tanh(s)
        v = out @ p["W_qdr"].T if "W_qdr" in p else out
        vs.append(v)
    return np.array(vs)


def lstm1997(p, x, s_c_0, y_c_0):
    s, y, ys = s_c_0, y_c_0, []
    for xn in x:
        net = {
            z: xn @ p[f"W_x{z}"].T + y @ p[f"W_y{z}"].T + p[f"b_{z}"]
            for z in ("in", "phi", "out", "c")
            if f"b_{z}" in p
        }
        keep = sigmoid(net["phi"]) @ p["P"].T if "phi" in net else 1.0
        g = 4 * sigmoid(net["c"]) - 2
        s = keep * s + (sigmoid(net["in"]) @ p["P"].T) * g
        y = (sigmoid(net["out"]) @ p["P"].T) * (2 * sigmoid(s) - 1)
        ys.append(y)
    return np.array(ys)


def part(p, end):
    return {k.removesuffix(end): z for k, z in p.items() if k.endswith(end)}


def stack(p, x, s_1_0, v_1_0, s_2_0, v_2_0):
    return lstm(part(p, "_2"), lstm(part(p, "_1"), x, s_1_0, v_1_0), s_2_0, v_2_0)


def both_ways(p, x, s_fw_0, v_fw_0, s_bw_0, v_bw_0):
    back = lstm(part(p, "_bw"), x[::-1], s_bw_0, v_bw_0)[::-1]
    return np.concatenate([lstm(part(p, "_fw"), x, s_fw_0, v_fw_0), back], -1)


def grid(p, m, h, s_1_0, v_1_0):
    s1, v1, out = s_1_0, v_1_0, []
    for below, hn in zip(m, h, strict=True):
        shared = np.concatenate([v1, hn], -1)

        def transform(k, state, shared=shared):
            def net(g):
                W = np.concatenate([p[f"W_v{g}_{k}"], p[f"W_h{g}_{k}"]], 1)
                return shared @ W.T + p[f"b_{g}_{k}"]

            new = sigmoid(net("cs")) * state + sigmoid(net("cu")) * np.tanh(net("du"))
            return new, sigmoid(net("cr")) * np.tanh(new)

        (s1, v1), (s2, v2) = transform(1, s1), transform(2, below)
        out.append(np.concatenate([v1, s2, v2], -1))
    return np.array(out)


def two_layers(p, x):
    hidden = sigmoid(x @ p["W_xh"].T + p["b_h"])
    return sigmoid(hidden @ p["W_hy"].T + p["b_y"])


def highway(p, x, v0):
    v, vs = v0, []
    for xn in x:
        for k, came in ((1, v), (2, None)):
            reads = "v" if k == 1 else "s"
            came = v

            def net(g, k=k, came=came, reads=reads, xn=xn):
                own = xn @ p[f"W_x{g}"].T if k == 1 else 0.0
                return own + came @ p[f"W_{reads}{g}"].T + p[f"b_{g}{k}"]

            gate = sigmoid(net("g"))
            v = gate * np.tanh(net("u")) + (1 - gate) * came
        vs.append(v)
    return np.array(vs)


def layer_norm(p, x, s0, v0):
    """The gates side by side in one vector, as in the paper."""
    gates = ("cu", "cs", "du", "cr")
    wide = {z: np.concatenate([p[f"{z}{g}"] for g in gates]) for z in ("W_x", "W_v", "b_")}
    wide |= {z: np.concatenate([p[f"gamma_{z}{g}"] for g in gates]) for z in "xv"}

    def normal(z):
        return (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + 1e-5)

    s, v, vs = s0, v0, []
    for xn in x:
        net = wide["x"] * normal(xn @ wide["W_x"].T) + wide["v"] * normal(v @ wide["W_v"].T)
        cu, cs, du, cr = np.split(net + wide["b_"], 4, axis=-1)
        s = sigmoid(cs) * s + sigmoid(cu) * np.tanh(du)
        v = sigmoid(cr) * np.tanh(p["gamma_s"] * normal(s) + p["b_s"])
        vs.append(v)
    return np.array(vs)


def attends(p, x, v0, lags):
    """The weights of each sequence and step as a vector that sums to one."""
    out = []
    for b in range(x.shape[1]):
        v, states, vs = v0[b], [], []
        for n, xn in enumerate(x[:, b]):
            states.append(np.tanh(p["W_x"] @ xn + p["W_v"] @ v + p["b"]))
            query = p["W_q"] @ states[n] + p["b_q"]
            there = np.array([states[n - l] for l in lags["L"] if n - l >= 0])
            score = np.array([(p["w"] * np.tanh(p["W_k"] @ h + query)).mean() for h in there])
            weights = np.exp(score - score.max())
            v = weights / weights.sum() @ there
            vs.append(v)
        out.append(vs)
    return np.swapaxes(out, 0, 1)


BY_HAND = {
    "standard_rnn": rnn,
    "canonical_rnn": rnn,
    "leaky_rnn": rnn,
    "gru": gru,
    "gru_framework": gru,
    "lstm1997": lstm1997,
    "lstm1997_forget": lstm1997,
    "lstm1997_truncated": lstm1997,
    "lstm1997_forget_truncated": lstm1997,
    "vanilla_lstm": lstm,
    "vanilla_lstm_diagonal": lstm,
    "vanilla_lstm_no_peepholes": lstm,
    "augmented_lstm": lstm,
    "stacked_lstm": stack,
    "bidirectional_lstm": both_ways,
    "grid_lstm": grid,
    "feedforward": two_layers,
    "highway": highway,
    "layer_norm_lstm": layer_norm,
    "attention": attends,
}


def compare(cell, by_hand):
    at = point(cell)
    trace = run(cell.numpy_source()).forward(
        at.params, *at.inputs.values(), **at.initial, **at.keywords
    )
    ours = np.concatenate([trace[z] for z in cell.outputs], -1)
    theirs = by_hand(at.params, *at.inputs.values(), **at.initial, **at.keywords)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", SYSTEMS)
def test_forward_pass_is_the_one_written_by_hand(name):
    compare(system(name), BY_HAND[name])


EXTENSIONS = [(w, e, p) for w in (0, 1) for e in (0, 1) for p in (0, 1)]


@pytest.mark.parametrize(("window", "external_gate", "projection"), EXTENSIONS)
@pytest.mark.parametrize("peepholes", ["full", "diagonal", None])
def test_every_extension_goes_on_and_off(window, external_gate, projection, peepholes):
    cell = augmented_lstm_variant(bool(window), bool(external_gate), bool(projection), peepholes)
    compare(cell, lstm)
    cell.check(N=2)
    assert bool(cell.lag_sets) == bool(window)
    assert ("W_qdr" in cell.parameters) == bool(projection)
    assert ("b_cx" in cell.parameters) == bool(external_gate)


@pytest.mark.parametrize("forget_gate", [False, True])
def test_truncated_gradient_is_that_of_the_partials_carried_forward(forget_gate):
    """The algorithm of 1997: partial derivatives of the state go forward in time with it."""
    cell = lstm1997_variant(forget_gate=forget_gate, truncated=True)
    at = point(cell, B=1)
    p = at.params
    program = run(cell.numpy_source())
    trace = program.forward(p, *at.inputs.values(), **at.initial)
    grads = program.backward(p, trace, *at.losses.values())
    names = [k for k in ("c", "in", "phi", "out") if f"b_{k}" in p]
    s, y = at.initial["s_c_0"][0], at.initial["y_c_0"][0]
    ds, total = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
    for x, dL in zip(at.inputs["x"][:, 0], at.losses["dL_dy_c"][:, 0], strict=True):
        z = np.concatenate([x, y, [1.0]])
        net = {k: np.c_[p[f"W_x{k}"], p[f"W_y{k}"], p[f"b_{k}"]] @ z for k in names}
        gate = {k: p["P"] @ sigmoid(net[k]) for k in names if k != "c"}
        # Row i: how gate k of cell i depends on the weights of each block's net.
        slope = {k: p["P"] * (sigmoid(net[k]) * sigmoid(-net[k])) for k in gate}
        g, dg = 4 * sigmoid(net["c"]) - 2, 4 * sigmoid(net["c"]) * sigmoid(-net["c"])
        new = {"c": np.diag(gate["in"] * dg), "in": g[:, None] * slope["in"]}
        if forget_gate:
            new["phi"] = s[:, None] * slope["phi"]
        keep = gate.get("phi", np.ones_like(s))
        for k, rows in new.items():
            ds[k] = keep[:, None, None] * ds[k] + rows[:, :, None] * z
        s = keep * s + gate["in"] * g
        h, dh = 2 * sigmoid(s) - 1, 2 * sigmoid(s) * sigmoid(-s)
        for k in new:
            total[k] = total[k] + np.einsum("i,ibz->bz", dL * gate["out"] * dh, ds[k])
        total["out"] = total["out"] + np.outer((dL * h) @ slope["out"], z)
        y = gate["out"] * h
    for k in names:
        whole = np.c_[grads[f"W_x{k}"], grads[f"W_y{k}"], grads[f"b_{k}"]]
        np.testing.assert_allclose(whole, total[k], rtol=1e-11, atol=1e-13)


def test_truncated_and_full_gradient_differ_only_through_the_past_output():
    full, cut = lstm1997_variant(), lstm1997_variant(truncated=True)
    assert [str(e).replace("cut(y_c[n-1])", "y_c[n-1]") for e in cut.forward] == list(
        map(str, full.forward)
    )
    assert full.backward["psi"] == cut.backward["psi"]
    assert full.backward["chi"] != cut.backward["chi"]


def test_peepholes_are_named():
    with pytest.raises(ValueError, match="peepholes: expected 'full', 'diagonal' or None"):
        vanilla_lstm_variant("some")
    with pytest.raises(ValueError, match="peepholes: expected 'full', 'diagonal' or None"):
        vanilla_lstm_variant(True)
    assert vanilla_lstm_variant(False).forward == vanilla_lstm_variant(None).forward


def test_composition_wants_one_input_and_one_output():
    with pytest.raises(ValueError, match=r"layer 2, Grid LSTM.*one input and one output"):
        derive.stacked(system("vanilla_lstm"), system("grid_lstm"))


def test_different_layers_can_be_put_together():
    cell = derive.bidirectional(derive.stacked(system("gru"), system("standard_rnn")))
    cell.prove(N=2)
    cell.check(N=3)
    assert cell.outputs == ("r_2_fw", "r_2_bw")


def test_a_layer_of_two_sweeps_is_mirrored_whole():
    layer = derive.System(
        "two sweeps",
        """h[n] = A @ x[n] + h[n-1]
        for n descending:
        v[n] = h[n] * v[n+1] + h[n-1]""",
        inputs="x: d",
        sequences="h v: d",
        parameters="A: d, d",
        outputs="v",
    )
    cell = derive.bidirectional(layer)
    assert str(cell.forward["v_bw"].rhs) == "h_bw[n] * v_bw[n-1] + h_bw[n+1]"
    assert [sweep.direction for sweep in cell.sweeps] == [1, -1, -1, 1]
    cell.prove()


def test_a_reversed_window_is_mirrored():
    cell = derive.bidirectional(system("augmented_lstm"))
    assert "x[n+l]" in str(cell.forward["xi_cu_bw"])
    cell.check(N=3)


def test_importing_is_quick_and_loads_sympy_only_when_asked():
    script = (
        "import sys, lstm_lib.derive as d; assert 'sympy' not in sys.modules;"
        "d.standard_rnn; assert 'sympy' in sys.modules; assert 'vanilla_lstm' in dir(d)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'transformer'"):
        _ = derive.transformer


def test_without_sympy_the_engine_says_what_to_install():
    script = (
        "import sys; sys.modules['sympy'] = None\n"
        "try:\n    from lstm_lib.derive import vanilla_lstm\n"
        "except ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip().startswith(
        "lstm_lib.derive needs SymPy: pip install 'lstm_lib[derive]', or 'lstm_lib[notebooks]'"
    )


def test_the_lstm_of_1997_with_everything_is_proven():
    cell = lstm1997_variant(True, gate_recurrence=True, peepholes=True)
    assert "proven" in str(cell.prove(d=2, N=2))
    assert "W_in_phi" in cell.parameters
    assert "w_s_out" in cell.parameters
