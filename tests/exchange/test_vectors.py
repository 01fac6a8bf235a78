"""The published test vectors, against two accounts that share no code with their maker."""

from __future__ import annotations

import json
import re
from functools import cache, partial

import numpy as np
import pytest

from lstm_lib import AugmentedLSTM
from lstm_lib.derive import augmented_lstm, vanilla_lstm
from lstm_lib.exchange import vectors
from lstm_lib.exchange.vectors import make
from lstm_lib.exchange.vectors.cases import CASES as LAYERS
from tests import equations

TOLERANCE = 1e-12
STEP = 1e-30
CASES = {
    "augmented_lstm": (
        partial(vectors.problem, "augmented_lstm"),
        partial(equations.augmented_lstm, lags=vectors.LAGS),
        augmented_lstm,
    ),
    "vanilla_lstm": (
        partial(vectors.problem, "vanilla_lstm"),
        equations.vanilla_lstm,
        vanilla_lstm,
    ),
}
ERRORS = {"chi": "v", "psi": "s", "rho": "r", "dE_dq": "q", "epsilon_du": "xi_du"}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    make, plain, system = CASES[request.param]
    return make(), plain, system


def error(case, plain, p, inputs, nudge=equations.no_nudge):
    """E, from a plain forward pass that also runs in complex numbers."""
    start = {"s0": inputs["s0"], "v0": inputs["v0"]}
    symbols = plain(p, inputs["x"], start, nudge)
    C = case["loss"]
    ends = (C["C_v"] * symbols["v"][-1]).sum() + (C["C_s"] * symbols["s"][-1]).sum()
    return (C["C"] * symbols["v"]).sum() + ends


def each_entry(array):
    """A tiny imaginary step in every entry, one after the other."""
    for at in np.ndindex(array.shape):
        step = np.zeros(array.shape, complex)
        step[at] = 1j * STEP
        yield at, step


def test_a_plain_forward_pass_reproduces_every_quantity(case):
    case, plain, _ = case
    start = {"s0": case["inputs"]["s0"], "v0": case["inputs"]["v0"]}
    symbols = plain(case["parameters"], case["inputs"]["x"], start)
    E = error(case, plain, case["parameters"], case["inputs"])
    assert set(case["forward"]) == {*symbols, "E"}
    for name, value in case["forward"].items():
        want = E if name == "E" else symbols[name]
        np.testing.assert_allclose(value, want, rtol=0, atol=TOLERANCE, err_msg=name)


def test_complex_steps_reproduce_every_gradient(case):
    case, plain, _ = case
    p, inputs = case["parameters"], case["inputs"]
    assert set(case["gradients"]) == {*p, *inputs}
    for name, got in case["gradients"].items():
        source = p if name in p else inputs
        assert got.shape == source[name].shape
        for at, step in each_entry(got):
            changed = {**source, name: source[name] + step}
            E = error(case, plain, *((changed, inputs) if source is p else (p, changed)))
            assert abs(E.imag / STEP - got[at]) <= TOLERANCE, (name, at)


def test_complex_steps_reproduce_every_error_signal(case):
    case, plain, _ = case
    for name, got in case["errors"].items():
        symbol = ERRORS.get(name) or name.replace("alpha", "a")
        for at, step in each_entry(got):

            def nudge(where, n, step=step, symbol=symbol):
                return step[n] if where == symbol else 0

            E = error(case, plain, case["parameters"], case["inputs"], nudge)
            assert abs(E.imag / STEP - got[at]) <= TOLERANCE, (name, at)


def test_the_program_has_every_number(case):
    case, _, system = case
    program: dict = {}
    exec(system.change("", outputs="v s").numpy_source(), program)
    inputs, loss = case["inputs"], case["loss"]
    lags = {"lags": {f"L_{path}": lags for path, lags in case["lags"].items()}}
    trace = program["forward"](
        case["parameters"], inputs["x"][:, None], inputs["s0"][None], inputs["v0"][None],
        **(lags if case["lags"] else {}),
    )  # fmt: skip
    dL_dv, dL_ds = loss["C"].copy(), np.zeros_like(case["forward"]["s"])
    dL_dv[-1] += loss["C_v"]
    dL_ds[-1] = loss["C_s"]
    grads = program["backward"](case["parameters"], trace, dL_dv[:, None], dL_ds[:, None])
    computed = {"forward": trace, "errors": grads, "gradients": grads}
    for part, derived in computed.items():
        for name, value in case[part].items():
            if name == "E":
                continue
            want = derived[name]
            if part != "gradients" or name == "x":
                want = want[:, 0]  # one sequence
            elif name in inputs:
                want = want[0]
            np.testing.assert_allclose(value, want, rtol=0, atol=TOLERANCE, err_msg=name)


def test_single_precision_agrees_to_five_digits():
    case = vectors.problem("augmented_lstm")
    layer = AugmentedLSTM(2, 3, 2, vectors.LAGS, dtype=np.float32)
    for name, value in case["parameters"].items():
        layer.params[name] = value
    loss = case["loss"]
    trace = layer.forward(**case["inputs"])
    grads = layer.backward(trace, loss["C"], dE_dv_last=loss["C_v"], dE_ds_last=loss["C_s"])
    np.testing.assert_allclose(trace.v, case["forward"]["v"], rtol=0, atol=1e-5)
    for name, value in grads.params.items():
        np.testing.assert_allclose(value, case["gradients"][name], rtol=0, atol=1e-5)


def test_what_is_given_is_exact_in_single_precision_and_nowhere_zero(case):
    case, _, _ = case
    for part in ("parameters", "inputs", "loss"):
        for name, value in case[part].items():
            assert np.array_equal(np.float32(value), value), name
            assert np.array_equal(np.round(value * 64), value * 64), name
            assert np.abs(value).min() > 0, name


def test_the_windows_differ_and_reach_into_past_and_future():
    windows = [tuple(w) for w in vectors.LAGS.values()]
    assert len(set(windows)) == len(windows)
    assert min(map(min, windows)) < 0 < max(map(max, windows))
    assert (0,) in windows


def test_quantities_stand_in_the_order_in_which_they_are_computed(case):
    case, _, system = case
    order = [e.name for e in system.forward]
    assert list(case["forward"]) == [*order, "E"] or system is vanilla_lstm
    errors = [e.name for e in system.backward]
    assert list(case["errors"]) == errors or system is vanilla_lstm
    assert set(case["errors"]) == set(errors)


def test_parameters_and_gradients_stand_in_the_order_of_the_equations(case):
    case, _, system = case
    order = [e.name.removeprefix("dE_d") for e in system.gradients]
    order = [name for name in order if name not in ("x", "s", "v")]
    assert list(case["parameters"]) == order
    assert list(case["gradients"]) == [*order, "x", "s0", "v0"]
    paths = [e.name.removeprefix("a_") for e in system.forward if e.name.startswith("a_")]
    assert list(case["lags"]) == (paths if case["lags"] else [])


def test_each_file_says_what_it_holds():
    augmented, vanilla = (make() for make, _, _ in CASES.values())
    assert "[lag][row][column]" in augmented["about"]
    assert "[lag]" not in vanilla["about"]
    assert vanilla["lags"] == {}
    assert all(vanilla["parameters"][f"W_x{path}"].ndim == 2 for path in ("cu", "cs", "cr", "du"))
    names = {k for part in ("parameters", "forward", "errors") for k in vanilla[part]}
    gone = {"q", "dE_dq", "epsilon_du", "W_qdr"}
    assert not [k for k in names if k in gone or k.startswith("xi_") or k.endswith("cx")]


def test_the_numbers_are_the_same_at_every_call(case):
    case, _, _ = case
    again = CASES[case["name"]][0]()
    assert vectors.to_json(again) == vectors.to_json(case)


def test_text_and_arrays_hold_the_same_bits(tmp_path):
    paths = vectors.write_vectors(tmp_path / "made")
    assert [p.name for p in paths] == [
        f"{name}.{kind}" for name in LAYERS for kind in ("json", "npz", "py")
    ]
    for name in LAYERS:
        text = json.loads((tmp_path / "made" / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(tmp_path / "made" / f"{name}.npz") as arrays:
            assert len(arrays.files) >= 18
            for key in arrays.files:
                value = text
                for part in key.split("."):
                    value = value[part]
                assert np.array_equal(np.asarray(value), arrays[key]), key
        want = vectors.problem(name)
        for part in ("parameters", "inputs", "loss", "forward", "errors", "gradients"):
            assert set(text[part]) == set(want[part])
            for key, value in want[part].items():
                assert np.array_equal(np.asarray(text[part][key], float), value), key


def test_numbers_have_seventeen_digits():
    text = vectors.to_json({"a": np.array([0.1, 1 / 3]), "b": {"c": [[1, 2], [3, 4]]}})
    assert "0.10000000000000001, 0.33333333333333331" in text
    assert json.loads(text) == {"a": [0.1, 1 / 3], "b": {"c": [[1, 2], [3, 4]]}}


# Every layer --------------------------------------------------------------------------------------


@cache
def source(name):
    return make.declared(name).numpy_source()


def computed(name, text):
    """What a program computes of a layer's test vectors, complex numbers too."""
    case, names = vectors.problem(name), {}
    exec(text, names)
    params = case["parameters"] | case.get("constants", {})
    lags = {f"L_{path}": window for path, window in case["lags"].items()}
    extra = {"lags": lags} if lags else {}
    trace = names["forward"](params, **case["inputs"], **extra)
    losses = make._losses(make.declared(name), case, trace)
    grads = names["backward"](params, trace, *losses)
    outputs = make.declared(name).outputs
    E = sum((w * trace[z]).sum() for z, w in zip(outputs, losses, strict=True))
    parts = {"forward": trace | {"E": E}, "errors": grads, "gradients": grads}
    return {"name": name} | {k: {z: given[z] for z in case[k]} for k, given in parts.items()}


@pytest.mark.parametrize("name", LAYERS)
def test_the_layer_shows_enough_to_confirm_the_program(name):
    """Every parameter's gradient, every start value's, the input's, and the value come from it."""
    case, system = LAYERS[name], make.declared(name)
    by_layer = make._layer(case, make._given(name, case, system))
    have = by_layer["gradients"].keys()
    assert have == vectors.problem(name)["gradients"].keys() - set(case.zeros)
    assert set(case.outputs) <= by_layer["forward"].keys()


@pytest.mark.parametrize("name", LAYERS)
def test_complex_steps_through_the_forward_program_reproduce_every_gradient(name):
    case, names = vectors.problem(name), {}
    exec(source(name), names)
    system = make.declared(name)
    lags = {f"L_{path}": window for path, window in case["lags"].items()}
    extra = {"lags": lags} if lags else {}
    given = case["parameters"] | case["inputs"]
    for key, want in case["gradients"].items():
        for at, step in each_entry(given[key]):
            moved = given | {key: given[key] + step}
            params = {k: moved[k] for k in case["parameters"]} | case.get("constants", {})
            trace = names["forward"](params, **{k: moved[k] for k in case["inputs"]}, **extra)
            losses = make._losses(system, case, {z: trace[z].real for z in system.outputs})
            E = sum((w * trace[z]).sum() for z, w in zip(system.outputs, losses, strict=True))
            assert abs(E.imag / STEP - want[at]) <= TOLERANCE, (key, at)


@pytest.mark.parametrize("name", LAYERS)
def test_a_mistake_in_any_equation_is_found_there(name):
    """One line of the program is off by a little; all lines, one after the other."""
    case = vectors.problem(name)
    assert vectors.compare(computed(name, source(name))).first is None
    for part in ("forward", "errors", "gradients"):
        for key in case[part]:
            if key == "E":
                continue
            left = f"dE_d{key}" if part == "gradients" else f"{key}[n]"
            wrong = spoiled(source(name), left, part)
            found = vectors.compare(computed(name, wrong))
            shown = f"gradient of {key}" if part == "gradients" else key
            assert re.fullmatch(re.escape(shown) + r"(\[\d+\])*", found.first), (key, found.first)
            assert case["equations"][key] in str(found)


def spoiled(text, left, part):
    """The program with a little more on the right-hand side of one statement."""
    lines = text.split("\n")
    start = "def backward" if part != "forward" else "def forward"
    begin = next(i for i, line in enumerate(lines) if line.startswith(start))
    signs = rf"{re.escape(left)}(\[n\]|\[l\])? \+?= "
    places = [i for i in range(begin, len(lines)) if re.match(rf"\s+{signs}", lines[i])]
    (at,) = [i for i in places if "np.zeros" not in lines[i]]
    head, sign, rest = re.fullmatch(r"(.*? )(\+?=)(.*)", lines[at]).groups()
    last = at
    if rest.strip() == "(":
        last = next(i for i in range(at, len(lines)) if lines[i].strip() == ")")
        lines[last] += ""
    lines[at] = f"{head}{sign} 1e-3 + ({rest.strip()}"
    lines[last] += ")"
    return "\n".join(lines)


@pytest.mark.parametrize("name", LAYERS)
def test_every_name_has_its_place_and_its_equation(name):
    case = vectors.problem(name)
    for part in ("forward", "errors", "gradients"):
        placed = [z for sweep in case["order"] if sweep["part"] == part for z in sweep["names"]]
        assert sorted(placed) == sorted(case[part])
        for key in case[part]:
            left = case["equations"][key].split(" = ")[0].split("[")[0]
            assert left == (f"dE_d{key}" if part == "gradients" else key)
    assert case["about"].startswith("Sequences are [step][component]")
    text = " ".join(case["equations"].values())
    for used in set(re.findall(r"\bdL_d\w+\[n\]|\bd?G\w*\(", text)):
        assert used.replace("(", "(z) = ") in case["about"], used
    for key in case["inputs"]:
        assert key == "x" or key in case["about"] or case["inputs"][key].ndim == 2


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_given_to_a_layer_is_exact_in_single_precision(name):
    case = vectors.problem(name)
    for part in ("parameters", "inputs", "loss"):
        for key, value in case[part].items():
            assert np.array_equal(np.float32(value), value), key
            assert np.array_equal(np.round(value * 64), value * 64), key
            assert key in LAYERS[name].zeros or np.abs(value).min() > 0, key


def test_two_accounts_that_differ_make_no_file(tmp_path, monkeypatch):
    right = make._layer

    def wrong(case, given):
        found = right(case, given)
        found["gradients"]["b_cs"] = found["gradients"]["b_cs"] + 1e-9
        return found

    monkeypatch.setattr(make, "_layer", wrong)
    make._problem.cache_clear()
    try:
        with pytest.raises(ArithmeticError, match=r"gru: .* differ by 1.0e-09 in gradients.b_cs"):
            vectors.write_problem("gru", tmp_path / "gru.json")
    finally:
        make._problem.cache_clear()
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_layer_or_ending_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"layer: expected one of 'standard_rnn', .* got 'grru'"):
        vectors.problem("grru")
    with pytest.raises(ValueError, match=r"ending: expected one of '.json', '.npz', '.py'"):
        vectors.write_problem("gru", tmp_path / "gru.txt")
