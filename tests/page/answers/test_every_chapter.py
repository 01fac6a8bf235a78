"""The exercises of every chapter: the answer that the page prints passes the chapter's own check.

The answer is read from the text of the solution, given to the cell that checks the reader's, and
has to be called right. So the text, the solutions module and the check must agree; where one of
them is changed alone, the test fails.
"""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

from lstm_lib.page import answers

BOOK = Path(__file__).parents[3] / "book"
NUMBER = r"(-?(?:\d|\\,|\{,\}|\.(?=\d))+(?:\\cdot10\^\{-?\d+\})?|-?\\tfrac\d\{?\d+\}?)"

# Where the text of a solution gives the answer. Each group is one number of it, or a formula.
READ = {
    "01_roots": {
        1: r"the pole is \$(.+?)\$",
        2: rf"={NUMBER}\$\. At",
        3: rf"a=.*?\\approx{NUMBER}\$",
    },
    "02_unrolling": {
        1: rf"x=.*\\approx{NUMBER}\$",
        2: rf"is 1 at \$c={NUMBER}\$",
    },
    "03_training": {
        2: rf"at about \${NUMBER}\$ steps",
    },
    "04_vanishing": {
        1: rf"b=.*?\\approx{NUMBER}\$",
        2: rf"ten steps leave .*?\\approx{NUMBER}\$",
    },
    "05_rnn_to_lstm": {
        1: rf"b_\{{cu\}}\\le.*?\\approx{NUMBER}\$.*w=.*?\\approx{NUMBER}\$",
        2: rf"\\approx{NUMBER}\$",
    },
    "06_vanilla_lstm": {
        1: rf"So {NUMBER}, {NUMBER}, {NUMBER}\.",
        4: rf"The factor is {NUMBER}, and .* first at \$k={NUMBER}\$",
        5: rf"(?=.*so \$w\\approx{NUMBER}\$)\$b=.*?\\approx{NUMBER}\$",
    },
    "07_augmented_lstm": {
        2: rf"Together \${NUMBER}\$",
        3: rf"are {NUMBER} inputs",
        4: rf"so \$a={NUMBER}\$, \$b={NUMBER}\$",
    },
}
VARIABLES = (r"\zeta", r"\hat a", r"\bar J")


def number(text):
    r"""A number as it is printed: ``10\,091``, ``1{,}751``, ``-\tfrac12``, ``5\cdot10^{-6}``."""
    text = text.replace("\\,", "").replace("{,}", "")
    if fraction := re.fullmatch(r"(-?)\\tfrac(\d)\{?(\d+)\}?", text):
        sign, above, below = fraction.groups()
        return (-1 if sign else 1) * int(above) / int(below)
    return float(re.sub(r"\\cdot10\^\{(-?\d+)\}", r"e\1", text))


def formula(text):
    """A function of one number, as the page prints it."""
    for variable in VARIABLES:
        text = text.replace(variable, "z")
    return eval(f"lambda z: {text.replace('^', '**')}")


def read(text, where):
    """The answer that the text of a solution gives at a place."""
    (found,) = re.finditer(where, text, re.DOTALL)
    given = found.groups()
    if any(variable in given[0] for variable in VARIABLES):
        return formula(given[0])
    numbers = [number(value) for value in given]
    return numbers if len(numbers) > 1 else numbers[0]


def calls(source, *names):
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in names
        and node.args
        and str(getattr(node.args[0], "value", "")).startswith("Exercise")
    ]


def assigned(tree):
    """The plain names that a cell gives a value."""
    nodes = (node for node in tree.body if isinstance(node, ast.Assign))
    return {t.id for node in nodes for t in node.targets if isinstance(t, ast.Name)}


class Chapter:
    """What a notebook has of exercises."""

    def __init__(self, path):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
        self.name = path.stem
        self.cells = [source for kind, source in sources if kind == "code"]
        self.text = "\n".join(source for kind, source in sources if kind == "markdown")
        self.calls, self.at = {}, {}
        for place, source in enumerate(self.cells):
            for call in calls(source, "check", "prove"):
                k = int(call.args[0].value.removeprefix("Exercise "))
                assert k not in self.calls, f"two checks of exercise {k}"
                self.calls[k], self.at[k] = call, place
        self.checked = {k for k, call in self.calls.items() if call.func.id == "check"}
        self.proven = set(self.calls) - self.checked

    def imported(self):
        """The names that its cells import, without a picture or a display."""
        nodes = [
            node
            for source in self.cells
            for node in ast.parse(source).body
            if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        namespace = {}
        exec(compile(ast.Module(nodes, []), self.name, "exec"), namespace)
        return namespace | {"show": lambda *shown: None}

    def solution(self, k):
        (found,) = re.findall(
            rf"<summary>Solution {k}</summary>(.*?)</details>", self.text, re.DOTALL
        )
        return found

    def variable(self, k):
        """The name in which the reader's answer is looked for."""
        call = self.calls[k]
        return call.args[1 if k in self.checked else 2].id

    def prepare(self, k):
        """A namespace with all that the check needs, and the printed answer in its place."""
        namespace, text = self.imported(), self.solution(k)
        if k in self.checked:
            namespace[self.variable(k)] = read(text, READ[self.name][k])
            return namespace
        for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
            exec(block, namespace)
        system = self.calls[k].args[1].id
        here = self.cells[self.at[k]]
        if system not in namespace and system not in assigned(ast.parse(here)):
            homes = [c for c in self.cells[: self.at[k]] if system in assigned(ast.parse(c))]
            exec(homes[-1], namespace)
        left = ast.literal_eval(self.calls[k].keywords[0].value)
        claims = re.findall(rf'"({re.escape(left)} = [^"]+)"', text)
        (namespace[self.variable(k)],) = set(claims)
        return namespace


FOUND = [Chapter(path) for path in sorted(BOOK.glob("*.ipynb"))]
CHAPTERS = {chapter.name: chapter for chapter in FOUND if chapter.calls}
EXERCISES = [(name, k) for name, chapter in CHAPTERS.items() for k in sorted(chapter.calls)]


def verdict(chapter, k, namespace, capsys):
    capsys.readouterr()
    exec(chapter.cells[chapter.at[k]], namespace)
    return capsys.readouterr().out.strip()


def module(chapter):
    return importlib.import_module(f"lstm_lib.page.answers.{chapter.name.partition('_')[2]}")


def test_every_module_of_solutions_has_its_chapter():
    modules = {info.name for info in pkgutil.iter_modules(answers.__path__)}
    assert modules == {name.partition("_")[2] for name in READ}
    assert set(READ) <= set(CHAPTERS)


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_exercise_has_a_solution_and_every_solution_a_use(name):
    chapter = CHAPTERS[name]
    exercises = list(range(1, len(chapter.calls) + 1))
    assert sorted(chapter.calls) == exercises
    assert re.findall(r"^\*\*(\d+)\. ", chapter.text, re.MULTILINE) == [*map(str, exercises)]
    titles = re.findall(r"<summary>Solution (\d+)</summary>", chapter.text)
    assert titles == [*map(str, exercises)]
    for k in chapter.checked:
        assert ast.unparse(chapter.calls[k].args[2]) == f"SOLUTIONS[{k}]"
    for k in chapter.proven:
        assert [keyword.arg for keyword in chapter.calls[k].keywords] == ["left"]
    assert set(READ.get(name, {})) == chapter.checked
    assert chapter.checked == (set(module(chapter).SOLUTIONS) if name in READ else set())


@pytest.mark.parametrize(("name", "k"), EXERCISES)
def test_the_printed_answer_is_right(name, k, capsys):
    chapter = CHAPTERS[name]
    namespace = chapter.prepare(k)
    says = "correct." if k in chapter.checked else r"proven, \d+ identities."
    assert re.fullmatch(f"Exercise {k}: {says}", verdict(chapter, k, namespace, capsys))


def wrong(solution):
    """Something else of the same kind."""
    if callable(solution):
        return lambda z: solution(z) + 1
    spoilt = np.array(solution, dtype=float)
    spoilt.flat[-1] = spoilt.flat[-1] * 1.1 + 1e-9
    return spoilt


@pytest.mark.parametrize(("name", "k"), EXERCISES)
def test_a_wrong_solution_is_noticed(name, k, capsys):
    """Planted in the module if the solution is a value, in the claim if it is an equation."""
    chapter = CHAPTERS[name]
    namespace = chapter.prepare(k)
    if k in chapter.checked:
        namespace["SOLUTIONS"] = namespace["SOLUTIONS"] | {k: wrong(namespace["SOLUTIONS"][k])}
    else:
        left, right = namespace[chapter.variable(k)].split(" = ", 1)
        namespace[chapter.variable(k)] = f"{left} = {right} + {right}"
    said = verdict(chapter, k, namespace, capsys)
    assert said.startswith(f"Exercise {k}: not yet: ")
    assert "ProofError" in said or "is not the right value" in said


def test_a_wrong_number_in_the_text_is_noticed(capsys):
    chapter = Chapter(BOOK / "04_vanishing.ipynb")
    chapter.text = chapter.text.replace(r"\approx4.97$", r"\approx4.79$")
    assert "not yet" in verdict(chapter, 1, chapter.prepare(1), capsys)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.24", 0.24),
        ("-7.60", -7.6),
        (r"10\,091", 10091),
        ("1{,}751{,}552", 1751552),
        (r"-\tfrac3{16}", -3 / 16),
        (r"\tfrac12", 0.5),
        (r"5.8\cdot10^{-6}", 5.8e-6),
    ],
)
def test_a_printed_number_is_read(text, value):
    assert re.fullmatch(NUMBER, text)
    assert number(text) == pytest.approx(value, rel=1e-15)
