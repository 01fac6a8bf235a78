"""What emitted programs accept, and what they refuse: every language, every argument."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest

from lstm_lib.derive import augmented_lstm, standard_rnn, vanilla_lstm

from .programs import node, plain, point, run

AT = point(vanilla_lstm)
PROGRAM = run(vanilla_lstm.numpy_source())


def test_a_single_sequence_comes_back_as_one():
    for cell in (vanilla_lstm, augmented_lstm):
        at = point(cell, B=1)
        program = run(cell.numpy_source())
        many = program.forward(at.params, at.inputs["x"], **at.initial, **at.keywords)
        starts = {key: z[0] for key, z in at.initial.items()}
        one = program.forward(at.params, at.inputs["x"][:, 0], **starts, **at.keywords)
        assert one["v"].shape == many["v"][:, 0].shape
        all_grads = program.backward(at.params, many, at.losses["dL_dv"])
        grads = program.backward(at.params, one, at.losses["dL_dv"][:, 0])
        for key, value in grads.items():
            wide = all_grads[key]
            if key in at.initial:
                wide = wide[0]
            elif key not in at.params:
                wide = wide[:, 0]
            np.testing.assert_array_equal(value, wide)


def test_lists_are_arrays():
    lists = {key: z.tolist() for key, z in AT.params.items()}
    trace = PROGRAM.forward(lists, AT.inputs["x"].tolist(), s0=AT.initial["s0"].tolist())
    expected = PROGRAM.forward(AT.params, AT.inputs["x"], s0=AT.initial["s0"])
    np.testing.assert_array_equal(trace["v"], expected["v"])
    grads = PROGRAM.backward(lists, trace, AT.losses["dL_dv"].tolist())
    np.testing.assert_array_equal(
        grads["x"], PROGRAM.backward(AT.params, expected, AT.losses["dL_dv"])["x"]
    )


def hurt(z, value=np.nan):
    z = np.array(z)
    z.flat[1] = value
    return z


@pytest.mark.parametrize(
    ("params", "x", "message"),
    [
        ({"W_scr": None}, None, r"params\['W_scr'\]: expected numbers, got None"),
        ({"W_scr": ...}, None, "params: W_scr is missing, there is W_xcu"),
        ({"b_cu": np.ones(4)}, None, r"params\['b_cu'\]: expected an array of shape \(3\)"),
        ({"W_scr": np.ones((3, 4))}, None, r"params\['W_scr'\].*\(3, 3\), got \(3, 4\)"),
        (
            {"W_scr": hurt(np.ones((3, 3)))},
            None,
            r"\['W_scr'\]: expected finite numbers, got nan at",
        ),
        ({"b_cu": [[1.0], [1.0, 2.0]]}, None, "rows of different lengths"),
        ({}, hurt(AT.inputs["x"], np.inf), r"x: expected finite numbers, got inf at \[0, 0, 1\]"),
        ({}, np.ones((2, 3, 4, 5)), r"x: expected an array of shape \(N, B, 2\)"),
        ({}, "text", "x: expected numbers, got"),
        ({}, [["a", "b"]], "x: expected numbers, got"),
        ({}, np.ma.masked_array(AT.inputs["x"], AT.inputs["x"] > 0), "x: .*without a mask"),
    ],
)
def test_numpy_refuses(params, x, message):
    given = {key: z for key, z in (AT.params | params).items() if z is not ...}
    with pytest.raises((ValueError, TypeError), match=message):
        PROGRAM.forward(given, AT.inputs["x"] if x is None else x)


def test_numpy_refuses_no_group_and_a_trace_of_something_else():
    with pytest.raises(TypeError, match="params: expected values by name, got list"):
        PROGRAM.forward([1.0], AT.inputs["x"])
    with pytest.raises(TypeError, match="x: expected numbers, got None"):
        PROGRAM.forward(AT.params, None)
    trace = PROGRAM.forward(AT.params, AT.inputs["x"])
    with pytest.raises(ValueError, match="trace: g_cr is missing"):
        PROGRAM.backward(
            AT.params, {k: z for k, z in trace.items() if k != "g_cr"}, AT.losses["dL_dv"]
        )
    with pytest.raises(ValueError, match=r"trace\['r'\]: expected an array of shape \(5, 3, 3\)"):
        PROGRAM.backward(AT.params, trace | {"r": trace["r"][1:]}, AT.losses["dL_dv"])
    with pytest.raises(ValueError, match="dL_dv: expected finite numbers"):
        PROGRAM.backward(AT.params, trace, hurt(AT.losses["dL_dv"]))


NEURON = run(standard_rnn.scalar_source())
WEIGHTS = {"W_r": 0.5, "W_x": 1.0, "theta_s": 0.0}


@pytest.mark.parametrize(
    ("params", "x", "r0", "message"),
    [
        ({"W_r": 0.5}, [1.0], None, "params: W_x is missing, there is W_r"),
        (WEIGHTS | {"W_x": [1.0]}, [1.0], None, r"params\['W_x'\]: expected a number, got \[1.0\]"),
        (WEIGHTS | {"W_x": float("nan")}, [1.0], None, "expected a finite number, got nan"),
        (WEIGHTS, 1.0, None, "x: expected a list of numbers, got 1.0"),
        (WEIGHTS, [1.0, None], None, r"x\[1\]: expected a number, got None"),
        (WEIGHTS, [1.0], float("inf"), "r0: expected a finite number, got inf"),
    ],
)
def test_one_neuron_refuses(params, x, r0, message):
    with pytest.raises((ValueError, TypeError), match=message):
        NEURON.forward(params, x, r0)


def test_one_neuron_takes_any_list_and_checks_its_errors():
    trace = NEURON.forward(WEIGHTS, np.array([1.0, 2.0]))
    assert trace["r"] == NEURON.forward(WEIGHTS, (1.0, 2.0))["r"]
    with pytest.raises(ValueError, match="dL_dr: expected 2 numbers, got 3"):
        NEURON.backward(WEIGHTS, trace, [1.0, 0.0, 0.0])


SCRIPT = vanilla_lstm.javascript_source("cell")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("delete params.W_scr;", "params: W_scr is missing"),
        ("params.W_scr = null;", "params.W_scr: expected an array, got null"),
        ("params.W_scr[1] = [1];", "params.W_scr[1]: expected 3 entries, got 1"),
        ("params.b_cu[2] = NaN;", "params.b_cu[2]: expected a finite number, got NaN"),
        ("x[1][0] = [1];", "x[1][0]: expected 2 entries, got 1"),
        ("x[1][0][1] = '3';", "x[1][0][1]: expected a number, got 3"),
        ("x = undefined;", "x: expected an array, got undefined"),
        ("s0 = [[1]];", "s0: expected 3 entries, got 1"),
        ("loss.pop();", "dL_dv: expected 5 entries, got 4"),
        ("delete bare.g_cr;", "trace: g_cr is missing"),
        ("params = null;", "params: expected arrays by name, got null"),
    ],
)
def test_javascript_refuses(change, message):
    at = AT
    text = (
        f"{SCRIPT} var params = {json.dumps(plain(at.params))}, s0;"
        f"var x = {json.dumps(at.inputs['x'].tolist())};"
        f"var loss = {json.dumps(at.losses['dL_dv'].tolist())};"
        "var bare = cell.forward(params, x);"
        f"{change} try {{ cell.forward(params, x, s0); cell.backward(params, bare, loss);"
        " console.log('accepted'); } catch (error) { console.log(error.message); }"
    )
    assert node(text).strip() == message


def test_a_system_whose_name_begins_with_a_number_has_a_script():
    from lstm_lib.derive import stacked_lstm

    assert "var system_2_stacked_layers_of_vanilla_lstm = (" in stacked_lstm.javascript_source()


def test_programs_need_nothing_of_this_package():
    import sys

    text = vanilla_lstm.numpy_source() + "import sys; assert 'lstm_lib' not in sys.modules"
    subprocess.run([sys.executable, "-c", text], check=True)
