"""The stages from the canonical RNN to the LSTM."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib import VanillaLSTM
from lstm_lib.derive import canonical_rnn, vanilla_lstm_no_peepholes
from lstm_lib.derive.prove import Proof, ProofError
from lstm_lib.page.rnn_to_lstm import STAGES, towards_lstm

from ..derive.mutations import mutants
from ..derive.programs import both, point, run


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_hand(p, x, s, out):
    """Every stage after the canonical RNN, told by which parameters there are."""
    outs = []
    read = "v" if "b_cr" in p else "r"
    for xn in x:

        def net(g, xn=xn, out=out):
            back = out @ p[f"W_{read}{g}"].T if f"W_{read}{g}" in p else 0.0
            return xn @ p[f"W_x{g}"].T + back + p[f"b_{g}"]

        u = np.tanh(net("du")) if p["bounded"] else net("du")
        keep, write = (sigmoid(net(g)) if f"b_{g}" in p else 1.0 for g in ("cs", "cu"))
        s = keep * s + write * u
        show = sigmoid(net("cr")) if "b_cr" in p else 1.0
        out = show * np.tanh(s)
        outs.append(out)
    return np.array(outs)


@pytest.mark.parametrize("stage", STAGES[1:])
def test_forward_pass_is_the_one_written_by_hand(stage):
    cell = towards_lstm(stage)
    at = point(cell)
    trace = run(cell.numpy_source()).forward(at.params, at.inputs["x"], **at.initial)
    output = cell.outputs[0]
    params = at.params | {"bounded": stage in ("bounded", "readout")}
    start = at.initial.get(f"{output}0")
    expected = by_hand(params, at.inputs["x"], at.initial["s0"], start)
    np.testing.assert_allclose(trace[output], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_is_proven(stage):
    cell = towards_lstm(stage)
    assert cell.prove().identities > 20
    cell.check(N=4)


@pytest.mark.parametrize("stage", STAGES[1:-1])  # the first and the last are of the catalogue
def test_proof_rejects_every_mutant(stage):
    cell = towards_lstm(stage)
    proof = Proof(cell)
    for equation in (*cell.backward, *cell.gradients):
        for _, mutant in mutants(cell, equation):
            with pytest.raises(ProofError):
                proof.verify(mutant)


@pytest.mark.parametrize("stage", STAGES)
def test_both_programs_agree(stage):
    cell = towards_lstm(stage)
    trace, grads, js_trace, js_grads = both(cell, point(cell))
    for ours, theirs in ((trace, js_trace), (grads, js_grads)):
        for name, value in ours.items():
            np.testing.assert_allclose(theirs[name], value, rtol=1e-12, atol=1e-12, err_msg=name)


def test_the_first_stage_is_the_canonical_rnn():
    assert str(towards_lstm("canonical").forward) == str(canonical_rnn.forward)


def test_the_last_stage_is_the_vanilla_lstm_without_peepholes():
    stage, lstm = towards_lstm("readout"), vanilla_lstm_no_peepholes
    for part in ("forward", "backward", "gradients"):
        assert list(map(str, getattr(stage, part))) == list(map(str, getattr(lstm, part)))


def test_the_last_stage_computes_what_the_layer_computes():
    layer = VanillaLSTM(3, 4, peepholes=None, rng=0)
    random = np.random.default_rng(0)
    x, dE_dv = random.normal(size=(9, 2, 3)), random.normal(size=(9, 2, 4))
    program = run(towards_lstm("readout").numpy_source())
    trace, derived = layer.forward(x), program.forward(layer.params, x)
    grads = layer.backward(trace, dE_dv)
    signals = program.backward(layer.params, derived, dE_dv)
    for name in ("s", "v", "g_cu", "g_cs", "g_cr", "u", "r"):
        np.testing.assert_allclose(derived[name], getattr(trace, name), rtol=0, atol=1e-13)
    for name in ("chi", "rho", "psi", "alpha_cu", "alpha_cs", "alpha_cr", "alpha_du"):
        np.testing.assert_allclose(signals[name], getattr(grads, name), rtol=0, atol=1e-13)
    for name in layer.params:
        np.testing.assert_allclose(signals[name], grads.params[name], rtol=0, atol=1e-12)


def last_only(cell, trace):
    loss = np.zeros_like(trace[cell.outputs[0]])
    loss[-1] = 1.0
    return loss


def test_the_carousels_error_is_constant():
    cell = towards_lstm("carousel")
    at = point(cell, N=40)
    at.params["b_du"] *= 0
    program = run(cell.numpy_source())
    trace = program.forward(at.params, 0.1 * at.inputs["x"], **at.initial)
    psi = program.backward(at.params, trace, last_only(cell, trace))["psi"]
    assert (psi == psi[-1]).all()
    assert np.abs(psi).min() > 0


@pytest.mark.parametrize("bias", [-1.0, 0.0, 2.0, 5.0])
def test_a_bias_sets_the_time_constant(bias):
    """1/(1-g) = 1 + exp(bias), and the error of a kept state shrinks by g a step."""
    cell = towards_lstm("update")
    params = {name: np.zeros([2, 2][: len(shape)]) for name, shape in cell.parameters.items()}
    params["b_cs"] = np.full(2, bias)
    program = run(cell.numpy_source())
    trace = program.forward(params, np.zeros((30, 1, 2)))
    g = trace["g_cs"][0, 0, 0]
    assert 1 / (1 - g) == pytest.approx(1 + np.exp(bias), rel=1e-12)
    psi = program.backward(params, trace, last_only(cell, trace))["psi"][:, 0, 0]
    np.testing.assert_allclose(psi[:-1], g * psi[1:], rtol=1e-13)


def test_a_bounded_update_bounds_the_state():
    cell = towards_lstm("bounded")
    forward = run(cell.numpy_source()).forward
    for seed in range(5):
        at = point(cell, N=50, seed=seed)
        params = {name: 4 * z for name, z in at.params.items()}
        trace = forward(params, at.inputs["x"], **at.initial)
        n = np.arange(1, 51)[:, None, None]
        s, s0, g_bar = np.abs(trace["s"]), np.abs(at.initial["s0"]), trace["g_cs"].max()
        assert (s <= s0 + n).all()
        assert (s <= g_bar**n * s0 + 1 / (1 - g_bar)).all()
    free = towards_lstm("update")
    assert np.abs(run(free.numpy_source()).forward(params, 100 * at.inputs["x"])["s"]).max() > 100


def test_another_stage_is_refused():
    with pytest.raises(ValueError, match=r"stage: expected one of 'canonical', 'identity'.*'lstm'"):
        towards_lstm("lstm")
