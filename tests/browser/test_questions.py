"""The self-checks in the built pages: answered, judged, kept, forgotten."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lstm_lib.page.selfcheck import names
from tests.browser.conftest import AXE, MODES, Watched, pages
from tools import serve

TRAINERS = {"checklist"}  # one question without end

FOUND = {
    path: re.findall(r'data-self-check="(\w+)"', (serve.SITE / path).read_text(encoding="utf-8"))
    for path in pages()
    if (serve.SITE / path).exists()
}
WITH_CHECKS = {path: name for path, here in FOUND.items() for name in here if name not in TRAINERS}


def test_every_check_stands_in_a_page():
    assert sorted(name for here in FOUND.values() for name in here) == names()


@pytest.fixture(params=sorted(WITH_CHECKS))
def asked(request, browser, site):
    """A page with questions, nothing answered."""
    context = browser.new_context(**MODES["light"])
    watched = Watched(context, site)
    watched.open(request.param)
    watched.name = WITH_CHECKS[request.param]
    yield watched
    context.close()


def check(page, name: str):
    """The check of a page; a trainer may stand beside it."""
    return page.locator(f'.sc[data-check="{name}"]')


def right(page, name: str, place: int, seed: int = 1):
    """What answers a question right: a number, or the place of an option."""
    return page.evaluate(
        """([name, place, seed]) => {
            const q = SelfChecks.drawn(name, SelfChecks.checks[name][place].id, seed);
            return q.kind === "number" ? String(q.answer) : q.options.findIndex((o) => o.right);
        }""",
        [name, place, seed],
    )


def tab(check, place: int) -> None:
    """Show a question; one is shown at a time."""
    check.get_by_role("button", name=f"Question {place + 1}").first.click()


def answer(question, what) -> None:
    if isinstance(what, str):
        question.locator("input").fill(what)
        question.locator("input").press("Enter")
    else:
        question.locator("input").nth(what).check()
        question.get_by_role("button", name="Check").click()


def test_answers_are_judged_kept_and_forgotten(asked):
    page, name, box = asked.page, asked.name, check(asked.page, asked.name)
    questions = box.locator(".sc-question")
    count = questions.count()
    assert 3 <= count <= 6
    for i in range(count):  # all but the first are right
        tab(box, i)
        question, wanted = questions.nth(i), right(page, name, i)
        wrong = "1234567" if isinstance(wanted, str) else (wanted + 1) % 2
        answer(question, wanted if i else wrong)
        verdict = question.locator("[aria-live] .sc-verdict")
        expect(verdict).to_contain_text("Right." if i else "Not right.")
        assert len(question.locator(".sc-why").inner_text()) > 20
    tab(box, 0)
    answer(questions.nth(0), right(page, name, 0))  # too late to count
    expect(questions.nth(0).locator(".sc-verdict")).to_contain_text("Only the first answer counts")
    progress = box.locator(".sc-progress")
    expect(progress).to_contain_text(f"{count - 1} of {count} right.")
    page.reload()
    expect(box.locator(".sc-progress")).to_contain_text(f"{count - 1} of {count} right.")
    expect(page.locator(".bd-sidebar-primary .sc-mark")).to_have_text(f"{count - 1}/{count}")
    first = box.locator(".sc-question").first
    before = first.locator("legend").inner_text()
    first.get_by_role("button", name="Another one").click()
    assert first.locator("legend").inner_text() != before
    answer(first, right(page, name, 0, int(first.get_attribute("data-seed"))))
    expect(box.locator(".sc-progress")).to_contain_text(f"{count} of {count} right.")
    box.get_by_role("button", name="Forget my answers").click()
    expect(box.locator(".sc-progress")).to_contain_text(f"{count} questions")
    page.reload()
    expect(box.locator(".sc-progress")).to_contain_text(f"{count} questions")
    expect(page.locator(".sc-mark")).to_have_count(0)
    assert asked.errors == []
    assert asked.outside == []


def test_what_is_no_answer_is_said_and_not_counted(asked):
    box = check(asked.page, asked.name)
    for i, question in enumerate(box.locator(".sc-question").all()):
        tab(box, i)
        said = question.locator(".sc-said")
        question.get_by_role("button", name="Check").click()
        expect(said).to_contain_text(re.compile("Write a number first|Choose an answer first"))
        if question.locator("input[type=text]").count():
            answer(question, "about two")
            expect(said).to_contain_text("I cannot read")
            expect(question.locator("input")).to_be_focused()
    expect(box.locator(".sc-progress")).not_to_contain_text("right.")


def test_reasons_lead_to_equations_and_figures_of_the_page(asked):
    page, name, box = asked.page, asked.name, check(asked.page, asked.name)
    for i, question in enumerate(box.locator(".sc-question").all()):
        tab(box, i)
        answer(question, right(page, name, i))
        for link in question.locator(".sc-why a").all():
            if "lf-set" in (link.get_attribute("class") or ""):
                continue
            target = link.get_attribute("href")
            assert page.locator(f'[id="{target[1:]}"]').count() == 1, target
            assert re.search(r"\(\d+(\.\d+)?\)$", link.inner_text()), "the equation's number"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", sorted(WITH_CHECKS))
def test_a_check_is_accessible_and_fits(browser, site, path, mode):
    context = browser.new_context(**MODES[mode])
    watched = Watched(context, site)
    page, name = watched.open(path), WITH_CHECKS[path]
    box = check(page, name)
    page.add_script_tag(path=AXE)
    for i, question in enumerate(box.locator(".sc-question").all()):
        if i:
            box.get_by_role("button", name="Next question").locator("visible=true").click()
            expect(question.locator("legend")).to_be_focused()
        answer(question, right(page, name, i))
        found = page.evaluate("axe.run('.sc[data-check]', { resultTypes: ['violations'] })")[
            "violations"
        ]
        assert [
            (v["id"], v["nodes"][0]["html"][:200], v["nodes"][0]["failureSummary"]) for v in found
        ] == []
        assert question.evaluate("(q) => q.scrollWidth - q.clientWidth") <= 1
    context.close()


def test_on_paper_every_question_stands(asked):
    asked.page.emulate_media(media="print")
    for question in check(asked.page, asked.name).locator(".sc-question").all():
        expect(question).to_be_visible()
    expect(check(asked.page, asked.name).locator(".sc-tabs")).to_be_hidden()


def test_where_nothing_may_be_stored_the_questions_work(browser, site):
    context = browser.new_context(**MODES["light"])
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', "
        "{ get() { throw new DOMException('not here', 'SecurityError'); } });"
    )
    watched = Watched(context, site)
    path, name = sorted(WITH_CHECKS.items())[0]
    page = watched.open(path)
    box = check(page, name)
    question = box.locator(".sc-question").first
    answer(question, right(page, name, 0))
    expect(question.locator(".sc-verdict")).to_contain_text("Right.")
    expect(box.locator(".sc-progress")).to_contain_text("1 of")
    context.close()


@pytest.mark.parametrize("path", [p for p, here in FOUND.items() if TRAINERS & set(here)])
def test_a_trainer_deals_on_and_counts_the_row(browser, site, path):
    context = browser.new_context(**MODES["light"])
    page = Watched(context, site).open(path)
    (name,) = TRAINERS & set(FOUND[path])
    box = check(page, name)
    for seed in (1, 2, 3):
        answer(box.locator(".sc-question"), right(page, name, 0, seed))
        expect(box.locator(".sc-progress")).to_contain_text(f"{seed} of {seed} right")
        box.get_by_role("button", name="Another one").click()
    expect(box.locator(".sc-tabs")).to_be_hidden()
    context.close()
