"""An implementer's file beside the test vectors: the first number that differs is named."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from lstm_lib.exchange.vectors import CASES, problem, to_json, write_problem
from lstm_lib.exchange.vectors.compare import compare, main, read


@pytest.fixture(params=["augmented_lstm", "vanilla_lstm"])
def case(request):
    return problem(request.param)


def spoiled(case, part, name, at):
    """The vectors, with one number that is off."""
    wrong = np.array(case[part][name])
    wrong[at] += 1e-9
    return case | {part: case[part] | {name: wrong}}


def test_the_vectors_agree_with_themselves(case):
    found = compare(case)
    size = sum(
        np.size(z) for part in ("forward", "errors", "gradients") for z in case[part].values()
    )
    assert (found.first, found.compared, found.missing) == (None, size, ())
    assert str(found) == f"All {size} numbers agree."


def test_the_first_in_the_order_of_computing_is_named(case):
    late = spoiled(case, "forward", "a_cu", (3, 1))  # an earlier array, a later step
    both = spoiled(late, "forward", "v", (2, 0))
    assert compare(late).first == "a_cu[3][1]"
    assert compare(both).first == "v[2][0]"
    backward = spoiled(spoiled(case, "errors", "chi", (1, 0)), "errors", "alpha_du", (2, 2))
    assert compare(backward).first == "alpha_du[2][2]"
    assert compare(spoiled(backward, "forward", "E", ())).first == "E"
    assert compare(spoiled(case, "gradients", "b_cs", 2)).first == "gradient of b_cs[2]"
    assert compare(backward, tolerance=1e-5).first is None
    assert "expected" in str(compare(late))


def test_what_is_left_out_is_named(case):
    part = {"name": case["name"], "forward": {"v": case["forward"]["v"]}}
    found = compare(part)
    assert found.first is None
    assert found.compared == case["forward"]["v"].size
    assert "forward.s" in found.missing
    assert "errors.psi" in found.missing
    assert f"Not in yours, not compared: {len(found.missing)} arrays." in str(found)
    without = {k: v for k, v in case["forward"].items() if k != "E"}
    assert "not compared: forward.E." in str(compare(case | {"forward": without}))


def test_a_wrong_loss_is_led_to_its_equation(case):
    found = compare(case | {"forward": case["forward"] | {"E": case["forward"]["E"] + 0.5}})
    assert found.first == "E"
    assert "Look at E = sum_n <C[n], v[n]> + <C_v, v at its last step> + <C_s, s" in str(found)


def test_a_difference_of_single_precision_is_told_from_a_wrong_equation(case):
    rounded = case | {"forward": {k: np.float32(z) for k, z in case["forward"].items()}}
    assert "add --tolerance 1e-5" in str(compare(rounded))
    assert compare(rounded, tolerance=1e-5).first is None
    wrong = case | {"forward": case["forward"] | {"v": case["forward"]["v"] + 1e-3}}
    assert "--tolerance" not in str(compare(wrong))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"name": "grru"}, ValueError, "name: expected one of"),
        ({"name": "gru"}, ValueError, "forward: expected one of"),
        ({"forward": {"w": [1.0]}}, ValueError, "forward: expected one of"),
        ({"forward": {"v": [1.0]}}, ValueError, "forward.v: expected"),
        ({"forward": [1.0]}, TypeError, "forward: expected arrays by name"),
        ({"forward": {}, "errors": {}, "gradients": {}}, ValueError, "got none of them"),
        ({"forward": {"E": float("nan")}}, ValueError, "forward.E: expected"),
    ],
)
def test_a_wrong_form_is_an_error(case, change, error, message):
    with pytest.raises(error, match=message):
        compare(case | change)


@pytest.mark.parametrize("name", CASES)
def test_files_of_both_kinds_are_read(tmp_path, capsys, name):
    for kind in ("json", "npz"):
        path = tmp_path / f"mine.{kind}"
        assert main(["make", name, str(path)]) == 0
        assert compare(read(path)).first is None
        assert main(["check", str(path)]) == 0
        assert "\nAll " in capsys.readouterr().out


def test_the_command_names_the_layers_and_what_it_does_not_know(tmp_path, capsys):
    assert main(["list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(CASES)
    assert main(["make", "lstm", str(tmp_path / "a.json")]) == 2
    assert "layer: expected one of 'standard_rnn'" in capsys.readouterr().out
    assert main(["make", "gru", str(tmp_path / "none" / "a.json")]) == 2
    assert "none" in capsys.readouterr().out


def test_a_file_can_be_compared_with_the_file_that_was_downloaded(tmp_path, capsys):
    """Then nothing is derived, and NumPy is enough."""
    given, mine = tmp_path / "gru.json", tmp_path / "mine.json"
    write_problem("gru", given)
    mine.write_text(to_json(spoiled(problem("gru"), "errors", "chi", (3, 1))), encoding="utf-8")
    script = (
        "import sys; sys.modules['sympy'] = None\n"
        "from lstm_lib.exchange.vectors.compare import main\n"
        f"raise SystemExit(main(['check', {str(mine)!r}, '--against', {str(given)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "The first that differs is chi[3][1]" in done.stdout
    assert "Look at chi[n] = dL_dv[n] + " in done.stdout
    bare = script.replace(f", '--against', {str(given)!r}", "")
    done = subprocess.run([sys.executable, "-c", bare], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert "needs SymPy" in done.stdout
    assert main(["check", str(mine), "--against", str(mine)]) == 0
    mine.write_text(json.dumps({"name": "gru", "forward": {}}), encoding="utf-8")
    assert main(["check", str(given), "--against", str(mine)]) == 2
    assert "expected a whole file of test vectors, got no errors" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "x.json"), "--against", str(given)]) == 2


def test_what_runs_backward_in_time_begins_at_the_last_step():
    case = problem("bidirectional_lstm")
    late = spoiled(spoiled(case, "forward", "s_bw", (1, 0)), "forward", "r_bw", (3, 0))
    assert compare(late).first == "r_bw[3][0]"
    early = spoiled(spoiled(case, "errors", "psi_bw", (3, 0)), "errors", "psi_bw", (1, 0))
    assert compare(early).first == "psi_bw[1][0]"


def test_the_command_says_what_it_found(tmp_path, case, capsys):
    file = tmp_path / "mine.json"
    file.write_text(to_json(spoiled(case, "errors", "psi", (4, 0))), encoding="utf-8")
    assert main(["check", str(file)]) == 1
    assert "The first that differs is psi[4][0]: expected " in capsys.readouterr().out
    for text in ("{", "[1]", json.dumps({"name": "x"})):
        file.write_text(text, encoding="utf-8")
        assert main(["check", str(file)]) == 2
        assert "theirs" not in capsys.readouterr().out
    file.write_text(json.dumps({"name": case["name"]}), encoding="utf-8")
    assert main(["check", str(file)]) == 2
    assert f"{file}: expected some of forward, errors, gradients" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().out


def test_it_runs_as_a_module(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(to_json(problem("vanilla_lstm")), encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "lstm_lib.exchange.vectors", "check", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("All ")


@pytest.mark.parametrize("name", CASES)
def test_the_short_program_computes_all_with_numpy_alone(tmp_path, name):
    for kind in ("json", "py"):
        write_problem(name, tmp_path / f"{name}.{kind}")
    command = [sys.executable, "-W", "error::DeprecationWarning", f"{name}.py"]
    subprocess.run(command, cwd=tmp_path, check=True)
    found = compare(read(tmp_path / "my_output.json"))
    assert (found.first, found.missing) == (None, ())
    text = (tmp_path / f"{name}.py").read_text(encoding="utf-8")
    imported = re.findall(r"^(?:import|from) (\w+)", text, re.M)
    assert imported == ["json", "collections", "numpy"]
    title = CASES[name].system().name
    assert text.startswith(f'"""{title}, forward and backward, on the test vectors.')
