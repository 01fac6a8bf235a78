"""The arrows between the rooms (``tool.importlinter`` in pyproject.toml) hold; a break is seen."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINTER = Path(sys.executable).with_name("lint-imports")


def broken(folder: Path) -> tuple[list[str], str]:
    """The contracts that a tree of files breaks, and all that the linter says."""
    run = subprocess.run([LINTER, "--no-cache"], cwd=folder, capture_output=True, text=True)
    found = re.findall(r"^(.*) BROKEN\b", run.stdout, re.MULTILINE)
    assert run.returncode == bool(found), run.stdout + run.stderr
    return found, run.stdout


def test_the_arrows_hold():
    assert broken(ROOT)[0] == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "lstm_lib", tmp_path / "lstm_lib", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("layers/rnn", "import lstm_lib.derive.words", "No layer imports derive"),
        ("derive/words", "from lstm_lib import checks", "Arrows go down"),
        ("checks", "from lstm_lib import parameters", "Arrows go down"),
        ("layers/base", "from lstm_lib.learning import network", "Arrows go down"),
        ("study/segments", "from lstm_lib.page import style", "Arrows go down"),
        ("layers/base", "from lstm_lib.layers import rnn", "No circles"),
        ("derive/words", "def late():\n    import lstm_lib.derive.system", "No circles"),
        ("layers/grid", "from lstm_lib import VanillaLSTM", "Front doors are for guests"),
    ],
)
def test_a_wrong_import_is_noticed(copy, module, line, contract):
    with (copy / "lstm_lib" / f"{module}.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    found, said = broken(copy)
    assert any(name.startswith(contract) for name in found), said
    assert f".{Path(module).name}" in said.partition("Broken contracts")[2]


def test_a_new_room_has_to_say_where_it_stands(copy):
    (copy / "lstm_lib" / "attic.py").touch()
    found, said = broken(copy)
    assert found == ["Arrows go down"]
    assert "attic" in said


def test_the_tests_mirror_the_rooms():
    """A room's tests are in the folder of its name; beside them are those of the book and tools."""
    beside = {"book", "browser", "tools", "frameworks", "golden"}
    for path in (ROOT / "tests").rglob("test_*.py"):
        room = path.parent.relative_to(ROOT / "tests")
        assert set(room.parts) & beside or (ROOT / "lstm_lib" / room).is_dir(), path
