"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the project.

A block of a recipe belongs to the file that its step names first: a plain block is its content, in
a ``diff`` block the lines without a sign say where the others go. In a notebook a block is a cell,
the words behind its language are the cell's tags.
The ``bash`` blocks are run in the copy.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "CONTRIBUTING.md"
COPIED = (
    *("lstm_lib", "tests", "tools", "book", "results"),
    *("pyproject.toml", "_toc.yml", "_config.yml", "CONTRIBUTING.md"),
)
PART = re.compile(
    r"^\d+\. `(?P<path>[^`]+)`"  # a step that names its file
    r"|^ +```(?P<language>\w+)(?P<tags>[ \w-]*)\n(?P<block>.*?)^ +```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Recipe:
    """What a section of the guide says is to be done."""

    blocks: list[tuple[str, str, str]] = field(default_factory=list)  # path, language tags, text
    commands: list[str] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return list(dict.fromkeys(path for path, *_ in self.blocks))


def recipes() -> dict[str, Recipe]:
    """Those of the guide, by title."""
    guide = GUIDE.read_text(encoding="utf-8")
    text = re.search(r"^## Recipes$(.*?)^## ", guide, re.MULTILINE | re.DOTALL)[1]
    out: dict[str, Recipe] = {}
    for section in re.split(r"^### ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        recipe, path = out.setdefault(title, Recipe()), ""
        for part in PART.finditer(body):
            if part["path"]:
                path = part["path"]
                continue
            block = textwrap.dedent(part["block"])
            if part["language"] == "bash":
                recipe.commands += block.splitlines()
            else:
                recipe.blocks.append((path, part["language"] + part["tags"], block))
    return out


RECIPES = recipes()
BEFORE = {  # a chapter opens with a figure; for the others its notebook has to be there
    "A chapter": ["A live figure"],
    "An exercise": ["A live figure", "A chapter"],
    "A self-check": ["A live figure", "A chapter"],
}


def edited(text: str, diff: str) -> str:
    """A text with the changes of a ``diff`` block, whose parts are divided by ``@@``."""
    for part in re.split(r"^@@\n", diff, flags=re.MULTILINE):
        rows = [(row[:1], row[1:]) for row in part.splitlines()]
        old = "\n".join(row for sign, row in rows if sign != "+")
        new = "\n".join(row for sign, row in rows if sign != "-")
        places = re.findall(rf"(?=\n{re.escape(old)}\n)", f"\n{text}")
        assert len(places) == 1, f"not there, or more than once:\n{old}"
        text = f"\n{text}".replace(f"\n{old}\n", f"\n{new}\n")[1:]
    return text


def follow(recipe: Recipe, copy: Path) -> tuple[list[str], list[str]]:
    """Make what a recipe makes; returns the files that are new and those that it edits."""
    changed = [path for path in recipe.paths if (copy / path).exists()]
    for path, words, text in recipe.blocks:
        language, *tags = words.split()
        file = copy / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".ipynb"):
            note = nbformat.read(file, 4) if file.exists() else nbformat.v4.new_notebook()
            kind = "markdown" if language == "markdown" else "code"
            cell = getattr(nbformat.v4, f"new_{kind}_cell")(text.rstrip("\n"))
            if tags:
                cell.metadata["tags"] = tags
            note.cells.append(cell)
            nbformat.write(note, file)
        elif language == "diff":
            file.write_text(edited(file.read_text(encoding="utf-8"), text), encoding="utf-8")
        else:
            assert not file.exists(), f"{path} is there already"
            file.write_text(text, encoding="utf-8")
    return [path for path in recipe.paths if path not in changed], changed


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project, without what a build makes."""
    ignored = shutil.ignore_patterns("__pycache__", "vendor", ".running", ".ipynb_checkpoints")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(Path(sys.prefix))
    return tmp_path


def run(copy: Path, command: str) -> str:
    """What a command prints; it has to succeed, and to have had something to do."""
    environment = os.environ | {"PYTHONPATH": str(copy), "OPENBLAS_NUM_THREADS": "1"}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]  # a run of pytest in a worker of pytest
    done = subprocess.run(
        shlex.split(command), cwd=copy, env=environment, capture_output=True, text=True
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"{command}\n{said[-3000:]}"
    return said


@pytest.mark.parametrize("title", RECIPES)
def test_who_follows_a_recipe_is_green(title, copy):
    for other in BEFORE.get(title, []):
        follow(RECIPES[other], copy)
    recipe = RECIPES[title]
    assert recipe.blocks
    assert recipe.commands
    follow(recipe, copy)
    for command in recipe.commands:
        run(copy, command)


@pytest.mark.parametrize(
    ("title", "most", "most_edits"),
    [("A layer", 4, 3), ("A chapter", 3, 1), ("A task", 2, 0), ("A live figure", 4, 0)],
)
def test_a_recipe_touches_few_places(title, most, most_edits, copy):
    new, changed = follow(RECIPES[title], copy)
    assert len(new) + len(changed) <= most
    assert len(changed) <= most_edits


def test_all_recipes_together_pass_lint(copy):
    for recipe in RECIPES.values():
        follow(recipe, copy)
    run(copy, ".venv/bin/python tools/links.py")  # the numbers of the new equations
    changed = sorted({path for r in RECIPES.values() for path in r.paths if path.endswith(".py")})
    for command in (
        f".venv/bin/ruff check {shlex.join(changed)}",
        f".venv/bin/ruff format --check {shlex.join(changed)}",
        ".venv/bin/lint-imports --no-cache",
        ".venv/bin/python tools/links.py --check",
        ".venv/bin/mypy",
    ):
        run(copy, command)


def test_the_kinds_that_the_guide_promises_are_there():
    kinds = (
        "layer",
        "task",
        "warping function",
        "chapter",
        "exercise",
        "live figure",
        "self-check",
        "experiment",
    )
    assert {title.partition(" ")[2] for title in RECIPES} == set(kinds)


def test_an_edit_that_has_no_place_is_an_error():
    assert edited("a\nb\n", " a\n+c\n") == "a\nc\nb\n"
    assert edited("a\nb\n", "-a\n+c\n") == "c\nb\n"
    for text in ("b\n", "a\na\n"):
        with pytest.raises(AssertionError, match="not there, or more than once"):
            edited(text, " a\n+c\n")


def test_a_chapter_by_the_recipe_becomes_a_page(copy):
    """Built without a warning, as the book is; the other chapters are stubs with their numbers."""
    before = set((copy / "book").glob("*.ipynb"))
    for title in [*BEFORE["A chapter"], "A chapter"]:
        follow(RECIPES[title], copy)
    (chapter,) = set((copy / "book").glob("*.ipynb")) - before
    run(copy, f".venv/bin/python tools/notebooks.py book/{chapter.name}")
    contents = yaml.safe_load((copy / "_toc.yml").read_text(encoding="utf-8"))
    contents["parts"] = [part for part in contents["parts"] if part.get("numbered")]
    (copy / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    for path in before:
        path.unlink()
        path.with_suffix(".md").write_text(f"# {path.stem}\n", encoding="utf-8")
    for register in (copy / "book" / "equations").glob("*.toml"):
        if register.stem != chapter.stem:
            register.unlink()
    config = yaml.safe_load((copy / "_config.yml").read_text(encoding="utf-8"))
    config["execute"] = {"execute_notebooks": "off"}
    here = ("book_pages", "boxes", "depths", "links", "equation_index")
    config["sphinx"]["local_extensions"] = dict.fromkeys(here, "book/_ext")
    (copy / "book" / "vendor").mkdir()
    (copy / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    run(copy, ".venv/bin/jupyter-book build . -W -n --keep-going --quiet")
    page = (copy / "_build" / "html" / "book" / f"{chapter.stem}.html").read_text(encoding="utf-8")
    number = f"({int(chapter.stem[:2])}.1)"
    assert f'<span class="eqno">{number}' in page
    assert f">{number}</a>" in page
    assert "[1.   0.5  0.25]" in page, "what the notebook printed"
    assert page.index("</h1>") < page.index("tag_lead") < page.index("In this chapter")
    assert page.count('<details class="deeper">') == 1
    assert page.count('<details class="code">') == 1
    assert page.count('<details class="code quiet">') == 1
