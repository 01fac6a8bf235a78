"""An implementer's file beside the test vectors: the first number that differs is named."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from lstm_lib.exchange.vectors import to_json, write_vectors
from lstm_lib.exchange.vectors.compare import VECTORS, compare, main, read


@pytest.fixture(params=VECTORS)
def case(request):
    return VECTORS[request.param]()


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
    assert "Not in the file: forward." in str(found)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"name": "gru"}, ValueError, "name: expected one of"),
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


def test_files_of_both_kinds_are_read(tmp_path, capsys):
    for path in (path for path in write_vectors(tmp_path) if path.suffix != ".py"):
        assert compare(read(path)).first is None
        assert main(["check", str(path)]) == 0
        assert capsys.readouterr().out.startswith("All ")


def test_the_command_says_what_it_found(tmp_path, case, capsys):
    file = tmp_path / "mine.json"
    file.write_text(to_json(spoiled(case, "errors", "psi", (4, 0))), encoding="utf-8")
    assert main(["check", str(file)]) == 1
    assert "The first that differs is psi[4][0]: expected " in capsys.readouterr().out
    for text in ("{", "[1]", json.dumps({"name": "x"})):
        file.write_text(text, encoding="utf-8")
        assert main(["check", str(file)]) == 2
    assert main(["check", str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().out


def test_it_runs_as_a_module(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(to_json(VECTORS["vanilla_lstm"]()), encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "lstm_lib.exchange.vectors", "check", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("All ")


@pytest.mark.parametrize("name", VECTORS)
def test_the_short_program_computes_all_with_numpy_alone(tmp_path, name):
    paths = {path.name: path for path in write_vectors(tmp_path)}
    command = [sys.executable, "-W", "error::DeprecationWarning", paths[f"{name}.py"].name]
    subprocess.run(command, cwd=tmp_path, check=True)
    found = compare(read(tmp_path / "my_output.json"))
    assert (found.first, found.missing) == (None, ())
    imported = re.findall(r"^(?:import|from) (\w+)", paths[f"{name}.py"].read_text(), re.M)
    assert imported == ["json", "collections", "numpy"]
