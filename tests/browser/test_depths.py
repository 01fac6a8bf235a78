"""Two depths and slides, in every chapter: folds, their switch, links into them, no scripts."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MODES, ROOT, Watched
from tests.browser.test_pages import chapters

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from depths import LABEL, interesting_line

FOLDS = "article details:is(.deeper, .code)"
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
SIZES = {"desktop": DESKTOP, "phone": MODES["phone"]}


@pytest.fixture(params=chapters())
def chapter(request, browser, site) -> Iterator[Watched]:
    """A chapter on a desktop, as a reader sees it who comes for the first time."""
    context = browser.new_context(**DESKTOP)
    watched = Watched(context, site)
    watched.path = request.param
    watched.open(request.param)
    yield watched
    context.close()


def test_the_switch_opens_all_folds_and_is_remembered(chapter):
    page = chapter.page
    core, everything = (page.get_by_role("button", name=n) for n in ("Core path", "Everything"))
    assert page.locator(FOLDS).count() > page.locator(f"{FOLDS}[open]").count() == 0
    everything.click()
    assert page.locator(f"{FOLDS}:not([open])").count() == 0
    assert everything.get_attribute("aria-pressed") == "true"
    assert core.get_attribute("aria-pressed") == "false"
    page.reload()
    expect(everything).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"{FOLDS}:not([open])")).to_have_count(0)
    core.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{FOLDS}[open]")).to_have_count(0)


def test_what_the_reader_looks_at_stays_when_all_opens(chapter):
    page = chapter.page
    page.evaluate("scrollTo({ top: 0.6 * document.body.scrollHeight, behavior: 'instant' })")
    page.evaluate(
        """() => {
            const box = document.querySelector("article").getBoundingClientRect();
            const seen = document.elementFromPoint(box.left + box.width / 2, innerHeight / 3);
            window.seen = seen.closest("p, h2, h3, li, .cell, details") || seen;
        }"""
    )
    before = page.evaluate("seen.getBoundingClientRect().top")
    box = page.get_by_role("button", name="Everything").bounding_box()
    page.mouse.click(box["x"] + 9, box["y"] + 9)  # Playwright's own click scrolls
    assert page.locator(f"{FOLDS}:not([open])").count() == 0
    page.wait_for_timeout(200)
    assert abs(page.evaluate("seen.getBoundingClientRect().top") - before) < 40


def test_each_cell_of_the_core_shows_its_line(chapter):
    """The lines of the page are those of the notebook, each behind the name Code."""
    notebook = json.loads((ROOT / chapter.path).with_suffix(".ipynb").read_text(encoding="utf-8"))
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    wanted = [interesting_line("".join(c["source"]), c["metadata"].get("shows")) for c in cells]
    summaries = chapter.page.locator("article details.code > summary:has(code)")
    shown = summaries.locator("code").all_inner_texts()
    assert len(shown) >= 3
    rest = iter(wanted)
    assert all(line in rest for line in shown), "in the order of the notebook"
    assert all(
        re.match(r"Code: \S", text)
        for text in summaries.evaluate_all("all => all.map(n => n.textContent)")
    )
    first = chapter.page.locator("article details.code:has(> summary code)").first
    first.locator("summary").focus()
    chapter.page.keyboard.press("Enter")
    expect(first.locator(".cell_input")).to_be_visible()


def test_the_code_of_a_figure_waits_below_it(chapter):
    lead = chapter.page.locator("div.tag_lead")
    figure, code = (lead.locator(s).bounding_box() for s in (".lf", "details.code"))
    assert code["y"] >= figure["y"] + figure["height"] - 1


def test_a_link_into_a_fold_opens_it(chapter):
    page = chapter.page
    anchors = page.locator("article section[id]:has(> details.deeper)").evaluate_all(
        "all => all.map(n => n.id)"
    )
    inner = page.locator("article details.deeper :is(section, div.math)[id]").evaluate_all(
        "all => all.map(n => n.id)"
    )
    assert anchors, "every chapter has something that goes deeper"
    for anchor in [*anchors, *inner[:2]]:
        page.goto("about:blank")
        chapter.open(f"{chapter.path}#{anchor}")
        place = page.locator(f"[id='{anchor}']")
        content = place.locator(".deeper-inside").first if anchor in anchors else place
        expect(content).to_be_visible()
        expect(place).to_be_in_viewport()
    page.goto("about:blank")
    chapter.open(chapter.path)
    link = page.locator(f".bd-sidebar-secondary a[href='#{anchors[0]}']")
    link.evaluate("n => n.click()")
    expect(page.locator(f"[id='{anchors[0]}'] > details")).to_have_attribute("open", "")


def test_the_heading_of_a_fold_says_once_that_it_goes_deeper(chapter):
    headings = chapter.page.locator("article details.deeper > summary :is(h3, h4)")
    assert headings.count() == chapter.page.locator("article details.deeper").count()
    for text in headings.all_inner_texts():
        assert text.count(LABEL.strip()) == 1


@pytest.mark.parametrize("path", chapters())
def test_a_chapter_reads_without_scripts(browser, site, path):
    context = browser.new_context(**DESKTOP, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + path)
    assert not page.locator(".depth-switch").is_visible(), "a switch that does nothing"
    assert not page.locator(".slides-link").is_visible()
    for fold in (page.locator("details.deeper").first, page.locator("details.code").first):
        inside = fold.locator(":scope > :not(summary)").first
        assert not inside.is_visible()
        fold.locator("summary").first.click(position={"x": 5, "y": 8})
        assert inside.is_visible()
    context.close()


def slides(watched: Watched, path: str, number: int | None = None) -> Page:
    watched.page.goto(f"{watched.site}{path}?slides" + (f"#slide={number}" if number else ""))
    watched.page.wait_for_selector("html[data-slides=ready]")
    return watched.page


SHOWN = ".slide:not([hidden])"
OUTSIDE = """() => {
    const limit = document.querySelector(".slides-bar").getBoundingClientRect().top + 1;
    const body = document.querySelector(".slide:not([hidden]) .slide-body");
    const parts = "p, li, h1, h2, h3, mjx-math, .lf-panel, .lf-deck, .rnd-figure";
    const boxed = ".lf-more, details:not([open]), .rnd-scroll, pre, table"; // may scroll by itself
    return [...body.querySelectorAll(parts)]
        .filter((n) => n.checkVisibility() && !n.closest(boxed))
        .map((n) => [n.getBoundingClientRect(), n])
        .filter(([box]) => box.width)
        .filter(([box]) => box.left < -1 || box.right > innerWidth + 1 || box.bottom > limit)
        .map(([, n]) => n.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", chapters())
def test_a_chapter_is_shown_as_slides(browser, site, path, size):
    """Each fits; figures are live; the way there and back by keys."""
    context = browser.new_context(**SIZES[size])
    watched = Watched(context, site)
    page = watched.open(path)
    figures, deeper = page.locator(".lf").count(), page.locator("details.deeper").count()
    inside = page.locator("details.deeper .lf").count()
    page = slides(watched, path)
    count = page.locator(".slide").count()
    assert count >= 8
    assert page.locator(".slide details.deeper").count() == 0
    assert page.locator(".slide .lf").count() == figures - inside
    misfits = {}
    for number in range(1, count + 1):
        assert page.locator(".slides-counter").inner_text() == f"{number} / {count}"
        assert page.locator(SHOWN).count() == 1
        page.wait_for_timeout(60)  # a figure that has come into view draws itself
        if found := page.evaluate(OUTSIDE):
            misfits[number] = found
        page.keyboard.press("PageDown")
    assert misfits == {}
    assert page.url.endswith(f"#slide={count}")
    page.keyboard.press("Home")
    assert page.url.endswith("#slide=1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert page.url.endswith("#slide=2")
    page.keyboard.press("Escape")
    assert page.locator(".slide").count() == 0
    assert page.locator("article .lf").count() == figures
    assert page.locator("details.deeper").count() == deeper
    assert watched.errors == []
    context.close()


def test_a_slider_on_a_slide_keeps_its_keys_and_the_address_both_parts(browser, site):
    context = browser.new_context(**DESKTOP)
    watched = Watched(context, site)
    path = chapters()[0]
    page = slides(watched, path)
    number = 1 + page.locator(".slide").evaluate_all(
        "all => all.findIndex(n => n.querySelector('.lf'))"
    )
    page = slides(watched, path, number)
    slider = page.locator(f"{SHOWN} input[type=range]").first
    before = slider.input_value()
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert slider.input_value() != before
    expect(page).to_have_url(re.compile(rf"#slide={number};\w+\?\w+="))
    assert page.locator(".slides-counter").inner_text().startswith(f"{number} /")
    changed = slider.input_value()
    page.reload()
    page.wait_for_selector("html[data-slides=ready]")
    assert page.locator(f"{SHOWN} input[type=range]").first.input_value() == changed
    page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile(rf"#slide={number + 1};\w+\?\w+="))
    context.close()


def test_a_finger_turns_the_slides(browser, site):
    context = browser.new_context(**MODES["phone"])
    page = slides(Watched(context, site), chapters()[0])
    swipe = """([from, to]) => {
        const on = document.querySelector(".slide:not([hidden]) :is(h1, .slide-again)");
        const at = (x) => new Touch({ identifier: 1, target: on, clientX: x, clientY: 60 });
        const options = (x, touches) => ({ bubbles: true, changedTouches: [at(x)], touches });
        on.dispatchEvent(new TouchEvent("touchstart", options(from, [at(from)])));
        on.dispatchEvent(new TouchEvent("touchend", options(to, [])));
    }"""
    for way, wanted in (([300, 80], "2 /"), ([80, 300], "1 /"), ([100, 110], "1 /")):
        page.evaluate(swipe, way)
        assert page.locator(".slides-counter").inner_text().startswith(wanted)
    context.close()


FIRST = """() => {
    const figure = document.querySelector("article .lf"), box = (n) => n.getBoundingClientRect();
    const [panel, deck] = [".lf-panel", ".lf-deck"].map((part) => box(figure.querySelector(part)));
    const seen = Math.min(panel.bottom, deck.top) - Math.max(panel.top, 0);
    return {
        chart: seen / panel.height, height: panel.height,
        deck: deck.top >= 0 && deck.bottom <= innerHeight + 1, deckHeight: deck.height,
        words: box(document.querySelector("article h1")).top >= 0,
    };
}"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", chapters())
def test_the_first_figure_stands_on_the_first_screen(browser, site, path, size):
    context = browser.new_context(**SIZES[size])
    page = Watched(context, site).open(path)
    page.wait_for_timeout(200)
    first = page.evaluate(FIRST)
    context.close()
    assert first["words"]
    assert first["deck"], first
    assert first["chart"] >= 0.7, first
    assert first["height"] >= 150, first
    assert size == "desktop" or first["deckHeight"] <= 210, first


def test_the_core_of_a_chapter_is_at_most_twelve_screens(chapter):
    page = chapter.page
    screens = page.evaluate("document.querySelector('article').offsetHeight / innerHeight")
    assert screens <= 12
