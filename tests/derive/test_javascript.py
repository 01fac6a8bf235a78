"""The emitted JavaScript programs agree with the NumPy ones, in Node and in a page."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lstm_lib.derive import augmented_lstm, vanilla_lstm

from .programs import SYSTEMS, both, node, plain, point, run, system


@pytest.mark.parametrize("name", SYSTEMS)
def test_javascript_agrees_with_numpy(name):
    cell = system(name)
    trace, grads, trace_js, grads_js = both(cell, point(cell))
    for ours, theirs in ((trace, trace_js), (grads, grads_js)):
        assert ours.keys() == theirs.keys()
        for key in ours.keys() - {"lags"}:
            assert np.shape(theirs[key]) == ours[key].shape
            np.testing.assert_allclose(theirs[key], ours[key], rtol=1e-12, atol=1e-12)


def test_a_single_sequence_comes_back_as_one():
    at = point(vanilla_lstm, B=1)
    trace, grads, trace_js, grads_js = both(vanilla_lstm, at, b=0)
    np.testing.assert_allclose(trace_js["v"], trace["v"][:, 0], rtol=1e-12)
    np.testing.assert_allclose(grads_js["x"], grads["x"][:, 0], rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(grads_js["s0"], grads["s0"][0], rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(grads_js["W_scr"], grads["W_scr"], rtol=1e-11, atol=1e-14)


def test_initial_states_and_lags_may_be_left_out():
    at = point(augmented_lstm, B=2)
    program = run(augmented_lstm.numpy_source())
    v = program.forward(at.params, at.inputs["x"])["v"]
    given = f"{json.dumps(plain(at.params))}, {json.dumps(at.inputs['x'].tolist())}"
    source = augmented_lstm.javascript_source()
    printed = node(f"{source}console.log(JSON.stringify(augmented_lstm.forward({given}).v));")
    np.testing.assert_allclose(json.loads(printed), v, rtol=1e-12)


def test_a_classic_script_defines_one_global_and_node_gets_the_export():
    source = vanilla_lstm.javascript_source("cell")
    printed = node(
        "var vm = require('vm');"
        f"var source = {json.dumps(source)};"
        "var page = {}; vm.runInNewContext(source, page);"
        "var file = { module: { exports: {} } }; vm.runInNewContext(source, file);"
        "console.log(Object.keys(page).join(), Object.keys(file.module.exports).join());"
    )
    assert printed.split() == ["cell", "forward,backward"]


def test_every_line_carries_its_equation():
    source = vanilla_lstm.javascript_source()
    assert "// s[n] = g_cs[n] ⊙ s[n-1] + g_cu[n] ⊙ u[n]\n" in source
    assert "s[n] = add(mul(g_cs[n], s[n-1]), mul(g_cu[n], u[n]));" in source
    assert "import " not in source
    assert "require" not in source
    assert "</" not in source  # may stand inside a page


def test_the_name_is_an_identifier():
    with pytest.raises(ValueError, match=r"name: expected an identifier .*, got 'my cell'"):
        vanilla_lstm.javascript_source("my cell")


def test_large_values_saturate():
    source = vanilla_lstm.javascript_source("cell")
    params = {k: 1e300 * np.ones_like(v) for k, v in point(vanilla_lstm).params.items()}
    x = np.ones((3, 2))
    program = run(vanilla_lstm.numpy_source())
    v = program.forward(params, x[:, None])["v"][:, 0]
    given = f"{json.dumps(plain(params))}, {json.dumps(x.tolist())}"
    printed = json.loads(node(f"{source}console.log(JSON.stringify(cell.forward({given}).v));"))
    assert np.isfinite(v).all()
    np.testing.assert_allclose(printed, v)
