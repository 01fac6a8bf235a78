"""The host of the self-checks: what it reads, how it judges, and its hosts."""

from __future__ import annotations

import json
import math

import pytest

from lstm_lib.page.figure import STATIC_PAGE
from lstm_lib.page.questions import SelfCheck
from lstm_lib.page.selfcheck import check_scripts, names, script
from tests.page.figures.javascript import run

READ = {
    "0.25": 0.25,
    "0,25": 0.25,
    ".5": 0.5,
    "−3": -3,
    "–3": -3,
    "+2": 2,
    "1/4": 0.25,
    "-1 / 4": -0.25,
    "1e-3": 1e-3,
    "2.5E2": 250,
    "3·10^-4": 3e-4,
    "3*10^−4": 3e-4,
    "2^10": 1024,
    "2**-1": 0.5,
    "-2^2": -4,
    "12 %": 0.12,
    "12%": 0.12,
    "0.5·(1−0.6^2)": 0.32,
    "(0,5-0,75)*2": -0.5,
    "1,234.5": None,  # which of the two is the point?
    "1,000,000": 1e6,
    "955": 955,
    "0,125": 0.125,
    "12,5": 12.5,
    "1 000": 1000,
}
RUBBISH = ["abc", "1..2", "1/0", "0/0", "2 (", "()", "1e999", "--", "1,2,3", "NaN", "0.5 steps"]


def read(texts: list[str], unit: str = "") -> list:
    """Each number, or what the reader is told."""
    return run(
        script("training")
        + "const tried = (text, unit) => { try { return SelfChecks.read(text, unit); } "
        + "catch (error) { return error.message; } };\n"
        + f"{json.dumps(texts)}.map((text) => tried(text, {json.dumps(unit)}))"
    )


def test_numbers_are_read_as_readers_write_them():
    for (text, wanted), found in zip(READ.items(), read(list(READ)), strict=True):
        if wanted is None:
            assert "cannot read" in found, text
        else:
            assert math.isclose(found, wanted, rel_tol=1e-12), (text, found)


def test_what_is_no_number_gets_a_clear_word():
    for text, found in zip(RUBBISH, read(RUBBISH), strict=True):
        assert f"I cannot read “{text}” as a number" in str(found), (text, found)
    assert read(["", "  "]) == ["Write a number first."] * 2


def test_a_comma_that_may_mean_thousands_is_asked_for():
    assert read(["1,125"]) == ["1,125 can be read in two ways: write 1.125 or 1125."]


def test_the_unit_of_the_answer_may_stand_behind_it():
    assert read(["12 steps", "12"], "steps") == [12, 12]
    assert read(["12 %", "12"], "%") == [12, 12]


def judged(question: dict, answer: float) -> dict:
    return run(
        script("training") + f"SelfChecks.judge({json.dumps(question)}, {json.dumps(answer)})"
    )


def test_an_answer_is_right_within_its_tolerance_and_wrong_with_a_reason():
    q = {"kind": "number", "answer": 10, "near": [{"value": 12, "reason": "twelve"}]}
    assert judged(q, 10.2)["right"]
    assert judged(q, 9.8)["right"]
    assert judged(q, 10.3) == {"right": False, "reason": ""}
    assert judged(q, 12.1) == {"right": False, "reason": "twelve"}
    assert judged(q, -10) == {"right": False, "reason": "The size is right, the sign is not."}
    assert not judged(q | {"tolerance": 0}, 10.1)["right"]
    assert judged(q | {"tolerance": 0}, 10)["right"]


def test_the_same_seed_draws_the_same_in_every_browser():
    drawn = "SelfChecks.drawn('training', SelfChecks.checks.training[0].id, 7)"
    assert run(script("training") + drawn) == run(script("training") + drawn)


def test_marks_in_a_text_become_html_and_nothing_else_does():
    text = "a < W_{r}^{2} *very* [words](#eq-a) [set](#triangle?done=3)\nend"
    assert run(script("training") + f"SelfChecks.marked({json.dumps(text)})") == (
        "a &lt; W<sub>r</sub><sup>2</sup> <em>very</em> "
        '<a data-equation="eq-a" href="#eq-a">words</a> '
        '<a class="lf-set" role="button" href="#triangle?done=3">set</a><br>end'
    )


def test_an_unknown_check_is_refused():
    with pytest.raises(ValueError, match=r"name: expected one of .*'training'"):
        SelfCheck("knitting")


def test_in_the_static_page_a_check_is_html_and_opens_no_connection(monkeypatch):
    monkeypatch.setenv(STATIC_PAGE, "1")
    check = SelfCheck("training")
    assert check.comm is None
    text = check._repr_mimebundle_()["text/html"]
    assert 'data-self-check="training"' in text
    assert "widget" not in text


@pytest.mark.parametrize("name", names())
def test_in_a_notebook_a_check_is_a_widget_and_on_paper_a_list(name):
    data, _ = SelfCheck(name)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    questions, answers = data["text/html"].split("<details>")
    assert "<li>" in questions
    assert "<summary>Answers</summary>" in answers
    assert data["text/html"].count("<a ") == 0


def test_a_page_loads_the_host_and_its_own_questions_from_itself():
    scripts = check_scripts()
    assert list(scripts) == ["self-checks.js", *(f"questions-{name}.js" for name in names())]
    for name, text in scripts.items():
        assert "http" not in text.replace("http://www.w3.org/", ""), name
        assert "SelfChecks" in text
