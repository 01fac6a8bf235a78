"""A notebook alone, outside the project, has all it needs: the wheel and one extra."""

from __future__ import annotations

import ast
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import nbformat
import pytest

from tools import outside

NOTEBOOKS = sorted(outside.ROOT.joinpath("book").rglob("*.ipynb"))
ids = [path.stem for path in NOTEBOOKS]


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """The wheel, unpacked where nothing of the project is, with a guard against the project."""
    folder = tmp_path_factory.mktemp("outside")
    built = outside.wheel(folder, isolated=False)
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "packages")
    outside.guard(folder / "packages", Path(sys.prefix), outside.ROOT / ".venv")
    return folder / "packages"


def code(path: Path) -> list[ast.Module]:
    """The code cells, parsed; lines of IPython's own are left out."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    lines = (
        [line for line in cell.source.split("\n") if not line.startswith(("%", "!"))]
        for cell in cells
    )
    return [ast.parse("\n".join(kept)) for kept in lines]


def imported(tree: ast.Module) -> set[str]:
    """The names of the modules that a cell imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or ".")
    return names


def promised(extra: str) -> set[str]:
    """The distributions of an extra, with those of the extras that it names."""
    project = tomllib.loads((outside.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    found = {"numpy"}
    for requirement in extras[extra]:
        name = requirement.partition("[")[0].partition(">")[0].partition("=")[0].strip()
        if name == "lstm_lib":
            for other in requirement.partition("[")[2].partition("]")[0].split(","):
                found |= promised(other)
        else:
            found.add(name)
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_a_notebook_imports_what_the_wheel_and_its_extra_have(path, packages):
    owners = metadata.packages_distributions()
    given = promised(outside.EXTRA) | {"ipython"}  # ipykernel brings it
    for name in set().union(*map(imported, code(path))):
        top = name.partition(".")[0]
        if top == "lstm_lib":
            place = packages.joinpath(*name.split("."))
            assert place.with_suffix(".py").exists() or (place / "__init__.py").exists(), name
        elif top not in sys.stdlib_module_names:
            assert {owner.lower() for owner in owners[top]} & given, name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_a_notebook_names_no_file_of_the_project(path):
    for tree in code(path):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
                if text and len(text) < 200 and "\n" not in text and "\0" not in text:
                    assert not ("/" in text and (path.parent / text).exists()), text
                    assert not (path.parent / text).is_file(), text


def test_a_chapter_runs_outside_with_the_wheel_alone(packages):
    said = outside.run_alone(outside.ROOT / "book" / "01_roots.ipynb", sys.executable, packages)
    assert said[-1] == "Exercise 3: no answer yet.\n"  # the last cell: it ran to its end


def test_a_notebook_that_needs_the_project_does_not_run_outside(packages, tmp_path):
    """The guard and the missing path are real: each of three ways to the project is closed."""
    ways = {
        f"open({str(outside.ROOT / 'pyproject.toml')!r})": "PermissionError",
        "import tools": "ModuleNotFoundError",
        "import lstm_lib\nassert 'packages' not in lstm_lib.__file__": "AssertionError",
    }
    source = (
        f"said = []\nfor way in {list(ways)!r}:\n    try:\n        exec(way)\n"
        "    except Exception as error:\n        said.append(type(error).__name__)\n"
        "raise RuntimeError(' '.join(said))"
    )
    cell = nbformat.v4.new_code_cell(source)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "needs.ipynb")
    with pytest.raises(RuntimeError, match=r"needs\.ipynb does not run outside") as error:
        outside.run_alone(tmp_path / "needs.ipynb", sys.executable, packages)
    assert " ".join(ways.values()) in str(error.value)
