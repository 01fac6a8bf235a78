"""What every question of every self-check must be, whichever way it is drawn."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

import lstm_lib.page.figures  # noqa: F401  registers the figures
from lstm_lib.page.figure import setting
from lstm_lib.page.selfcheck import names, script
from tests.page.figures.javascript import run

BOOK = Path(__file__).parents[3] / "book"
SEEDS = 200
TRAINERS = {"checklist": "vanishing"}  # one question without end -> its chapter
WRONG = ("NaN", "undefined", "Infinity", "∞", "null", "[object", "function")
LINK = re.compile(r"\[[^\]]+\]\(#([^)]+)\)")


@cache
def drawings(name: str) -> dict[str, list[dict]]:
    """Every question of a check by its id, drawn from 200 seeds, with the host's judgements."""
    return run(
        script(name)
        + f"""
const seeds = Array.from({{ length: {SEEDS} }}, (_, i) => i + 1);
const all = SelfChecks.checks.{name}.map(({{ id }}) => [id, seeds.map((seed) => {{
  const q = SelfChecks.drawn("{name}", id, seed), judge = (at) => SelfChecks.judge(q, at);
  return {{
    ...q, finite: Number.isFinite(q.answer), within: SelfChecks.tolerance(q),
    own: judge(q.kind === "number" ? q.answer : q.options.findIndex(({{ right }}) => right)),
    others: (q.near || []).map(({{ value }}) => judge(value)),
  }};
}})]);
Object.fromEntries(all)"""
    )


@pytest.mark.parametrize("name", names())
def test_a_check_has_three_to_six_questions_of_its_own_names(name):
    ids = run(script(name) + f"SelfChecks.checks.{name}.map(({{ id }}) => id)")
    assert 3 <= len(ids) <= 6 or (name in TRAINERS and len(ids) == 1)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", names())
def test_every_drawing_has_one_right_answer_and_a_reason_for_each_wrong_one(name):
    for key, drawn in drawings(name).items():
        for q in drawn:
            assert q["own"] == {"right": True, "reason": ""}, (key, q)
            assert q["because"], key
            if q["kind"] == "choice":
                texts = [option["text"] for option in q["options"]]
                assert len(set(texts)) == len(texts) >= 2, (key, texts)
                assert [option["right"] for option in q["options"]].count(True) == 1, (key, q)
                wrong = [o for o in q["options"] if not o["right"]]
                assert all(option["reason"] for option in wrong), (key, q)
            else:
                assert q["kind"] == "number", key
                assert q["finite"], (key, q)
                assert q["within"] >= 0
                assert q["within"] <= 0.1 * abs(q["answer"]), (key, q)


@pytest.mark.parametrize("name", names())
def test_a_typical_mistake_is_not_right_and_hears_its_own_reason(name):
    for key, drawn in drawings(name).items():
        for q in drawn:
            if q["kind"] == "number":
                assert len(q.get("near", [])) >= 1, (key, q)
                for near, told in zip(q["near"], q["others"], strict=True):
                    assert told == {"right": False, "reason": near["reason"]}, (key, q, near)


@pytest.mark.parametrize("name", names())
def test_a_new_drawing_asks_something_else(name):
    for key, drawn in drawings(name).items():
        assert len({q["text"] for q in drawn}) >= 3, key
        answers = {
            str(q["answer"])
            if q["kind"] == "number"
            else next(option["text"] for option in q["options"] if option["right"])
            for q in drawn
        }
        assert len(answers) >= 2, f"{key}: the answer is always the same"
        if drawn[0]["kind"] == "choice":  # nor may its place tell it
            places = [[o["right"] for o in q["options"]].index(True) for q in drawn]
            assert len(set(places)) == len(drawn[0]["options"]), key


@pytest.mark.parametrize("name", names())
def test_texts_are_words_and_numbers_and_links_that_lead_somewhere(name):
    (page,) = (
        p for p in BOOK.glob("*.ipynb") if p.stem.lstrip("0123456789_") == TRAINERS.get(name, name)
    )
    text = page.read_text(encoding="utf-8")
    register = BOOK / "equations" / f"{page.stem}.toml"
    known = tomllib.loads(register.read_text(encoding="utf-8"))
    for key, drawn in drawings(name).items():
        for q in drawn:
            parts = [q["text"], q["because"], q.get("unit", "")]
            for one in [*q.get("options", []), *q.get("near", [])]:
                parts += [one.get("text", ""), one.get("reason", "")]
            said = " ".join(parts)
            assert not [word for word in WRONG if word in said], (key, said)
            assert "-" not in re.sub(r"\(#[^)]*\)|(?<=[A-Za-z])-(?=[A-Za-z])", "", said), (
                f"{key}: a minus sign is −: {said}"
            )
            for to in LINK.findall(said):
                if "?" in to:
                    figure, _ = setting(to)
                    assert f"{figure.__name__}(" in text, f"{key}: {figure.__name__} is elsewhere"
                else:
                    assert to in known, f"{key}: {to} is no equation of {page.name}"


@pytest.mark.parametrize("name", names())
def test_its_chapter_asks_the_questions(name):
    (page,) = (
        p for p in BOOK.glob("*.ipynb") if p.stem.lstrip("0123456789_") == TRAINERS.get(name, name)
    )
    cells = json.loads(page.read_text(encoding="utf-8"))["cells"]
    assert any(f'SelfCheck("{name}")' in "".join(cell["source"]) for cell in cells)
