"""Settings that can be clicked, undone, shared and shown alone, and controls within reach."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import AXE, Watched
from tools import serve

BUTTON = re.compile(r'<a [^>]*class="lf-set" href="#([^"]+)"')
WIDTHS = {"phone": 390, "laptop": 1440, "wide": 1800, "wall": 2560}


CHAPTER = "book/04_vanishing.html"


class Swift(Watched):
    """A watched page that jumps in place of gliding, and leaves its equations untypeset."""

    def __init__(self, browser, site: str, width: int = 1440, height: int = 900, **more) -> None:
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, reduced_motion="reduce", **more)
        super().__init__(context, site)
        self.page.route(
            "**/mathjax/**", lambda route: route.fulfill(body="", content_type="text/javascript")
        )


@pytest.fixture
def watched(browser, site) -> Iterator[Swift]:
    swift = Swift(browser, site)
    yield swift
    swift.page.context.close()


@pytest.fixture(params=list(WIDTHS))
def sized(request, browser, site) -> Iterator[Swift]:
    """A watched page at each width."""
    width = WIDTHS[request.param]
    touch = {"has_touch": True, "is_mobile": True} if request.param == "phone" else {}
    swift = Swift(browser, site, width, 844 if touch else round(width * 0.6), **touch)
    yield swift
    swift.page.context.close()


def state(figure) -> dict[str, str]:
    return {
        control.get_attribute("data-control"): control.input_value()
        for control in figure.locator("[data-control]").all()
    }


def buttons(page, figure: str) -> list:
    return page.locator(f'a.lf-set[href^="#{figure}?"]').all()


def wanted(button) -> dict[str, str]:
    pairs = button.get_attribute("href").partition("?")[2].split("&")
    return dict(pair.split("=") for pair in pairs)


def shows(figure, values: dict[str, str]) -> bool:
    now = state(figure)

    def same(name: str, value: str) -> bool:
        try:
            return float(now[name]) == float(value)
        except ValueError:
            return now[name] == value

    return all(same(name, value) for name, value in values.items())


IN_VIEW = """(n) => {
    const { top, bottom } = n.querySelector(".lf-panel").getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0) > 100;
}"""


def test_a_button_sets_its_figure_and_shows_it(sized):
    page = sized.open(CHAPTER, unfold=True)
    figure = page.locator(".lf[data-figure=vanishing]")
    before = state(figure)
    for button in buttons(page, "vanishing")[::7]:
        figure.locator(".lf-reset").dispatch_event("click")
        changes = not shows(figure, wanted(button))
        button.scroll_into_view_if_needed()
        button.focus()
        page.keyboard.press("Space")
        assert shows(figure, wanted(button))
        others = {name: value for name, value in before.items() if name not in wanted(button)}
        assert shows(figure, others), "what is not named stays"
        assert figure.evaluate(IN_VIEW)
        assert button.evaluate("n => n === document.activeElement"), "the focus stays in the text"
        assert button.get_attribute("aria-current") == "true"
        said = figure.locator("[aria-live=polite]").text_content()
        assert said.startswith("Set: ") == changes
        assert said.endswith(figure.locator(".lf-readout").text_content())
    assert sized.errors == []


def test_a_button_has_its_text_as_its_name(watched):
    page = watched.open(CHAPTER, unfold=True)
    plain = page.locator("a.lf-set:not(:has(.math))").all_text_contents()
    assert len(plain) >= 5
    typeset = re.compile(r"tanh\s?, radius 2, a strong input")
    for words in [*plain, "alpha=1", typeset]:
        assert page.get_by_role("button", name=words, exact=True).count() >= 1


def test_every_button_of_the_book_sets_its_figure(browser, site):
    pages = sorted((serve.SITE / "book").glob("*.html"))
    found = {p: BUTTON.findall(p.read_text(encoding="utf-8")) for p in pages}
    assert sum(map(len, found.values())) >= 2
    for path, texts in found.items():
        if not texts:
            continue
        context = browser.new_context()
        watched = Watched(context, site)
        page = watched.open(path.relative_to(serve.SITE).as_posix(), unfold=True)
        for button in page.locator("a.lf-set").all():
            name = button.get_attribute("href")[1:].partition("?")[0]
            figure = page.locator(f".lf[data-figure={name}]")
            figure.locator(".lf-reset").dispatch_event("click")
            button.dispatch_event("click")
            assert shows(figure, wanted(button)), button.get_attribute("href")
            assert figure.locator(".lf-note").is_hidden()
        assert watched.errors == []
        context.close()


def test_undo_goes_back_step_by_step(watched):
    page = watched.open(CHAPTER, unfold=True)
    figure = page.locator(".lf[data-figure=vanishing]")
    undo = figure.locator(".lf-undo")
    states = [state(figure)]
    assert undo.get_attribute("aria-disabled") == "true"
    buttons(page, "vanishing")[0].click()
    states.append(state(figure))
    figure.locator("[data-control=bias]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")  # without a pause: one step back for both
    states.append(state(figure))
    figure.locator(".lf-reset").click()
    assert state(figure) == states[0]
    undo.click()
    assert state(figure) == states[2]
    figure.locator("[data-control=bias]").focus()
    page.keyboard.press("Control+z")
    assert state(figure) == states[1]
    page.keyboard.press("Meta+z")
    assert state(figure) == states[0]
    assert undo.get_attribute("aria-disabled") == "true"
    page.keyboard.press("Control+z")
    assert state(figure) == states[0]
    assert figure.locator("[aria-live=polite]").text_content().startswith("Undone")


@pytest.mark.parametrize(("width", "aside"), [(1440, False), (1800, True)])
def test_beside_the_text_where_there_is_room_and_back_to_it(browser, site, width, aside):
    page = Swift(browser, site, width).open(CHAPTER, unfold=True)
    figure = page.locator(".lf[data-figure=vanishing]")
    button = buttons(page, "vanishing")[-1]
    button.evaluate("n => n.scrollIntoView({ block: 'end' })")
    button.click()
    assert ("lf-aside" in figure.get_attribute("class")) == aside
    box, text = figure.bounding_box(), page.locator("article").bounding_box()
    assert box["x"] + box["width"] <= width
    assert not aside or box["x"] >= text["x"] + text["width"], "it must not cover the text"
    figure.locator(".lf-leave").click()
    assert button.evaluate("n => n === document.activeElement")
    assert 0 < button.bounding_box()["y"] < 900
    assert "lf-aside" not in figure.get_attribute("class")
    page.context.close()


def test_it_goes_back_to_its_place_when_the_reader_comes_there(browser, site):
    page = Swift(browser, site, 1800).open(CHAPTER, unfold=True)
    figure = page.locator(".lf[data-figure=vanishing]")
    button = buttons(page, "vanishing")[-1]
    button.evaluate("n => n.scrollIntoView({ block: 'end' })")
    height = page.evaluate("document.documentElement.scrollHeight")
    button.click()
    now = page.evaluate("document.documentElement.scrollHeight")
    assert now == pytest.approx(height, abs=3), "the text stays put"
    page.locator(".lf-host", has=figure).evaluate("n => n.scrollIntoView()")
    page.locator(".lf[data-figure=vanishing]:not(.lf-aside)").wait_for()
    page.context.close()


def test_the_address_holds_what_was_changed_and_brings_it_back(watched):
    page = watched.open(CHAPTER, unfold=True)
    bare, entries = page.url, page.evaluate("history.length")
    one = page.locator(".lf[data-figure=vanishing]")
    two = page.locator(".lf[data-figure=ellipse]")
    for figure, name in ((one, "radius"), (one, "steps"), (two, "k")):
        figure.locator(f"[data-control={name}]").focus()
        page.keyboard.press("ArrowRight")
    page.wait_for_url("**/*#ellipse?k=*;vanishing?*")
    assert page.evaluate("history.length") == entries, "no entry for a change"
    kept, states = page.url, [state(one), state(two)]
    assert "bias" not in kept, "what is not changed is not in the address"
    page.goto("about:blank")
    page = watched.open(kept)
    assert [state(one), state(two)] == states
    two.locator(".lf-undo").click()
    one.locator(".lf-reset").click()
    page.wait_for_url(bare)


def test_an_ordinary_anchor_stays_one(watched):
    page = watched.open(CHAPTER, unfold=True)
    link = page.locator(".bd-sidebar-secondary a[href^='#']").nth(2)
    anchor = link.get_attribute("href")
    page.goto(page.url + anchor)
    heading = page.evaluate("a => document.getElementById(decodeURI(a.slice(1))) !== null", anchor)
    assert heading
    figure = page.locator(".lf[data-figure=ellipse]")
    figure.locator("[data-control=k]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/*#ellipse?k=*")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**/*{anchor}")
    assert watched.errors == []


@pytest.mark.parametrize(
    "asked", ["radius=9", "radius=1.12", "radius=", "speed=1", "bias=%E0%A4%A"]
)
def test_what_a_figure_cannot_show_is_said(watched, asked):
    page = watched.open(f"{CHAPTER}#vanishing?nonnormal=1.5&{asked}")
    figure = page.locator(".lf[data-figure=vanishing]")
    assert "cannot show" in figure.locator(".lf-note").inner_text()
    assert shows(figure, {"radius": "0.95", "nonnormal": "1.5", "bias": "4"})
    assert watched.errors == []


def test_the_link_to_a_figure_is_copied(browser, site):
    page = Swift(browser, site, permissions=["clipboard-read", "clipboard-write"]).open(
        CHAPTER, unfold=True
    )
    figure = page.locator(".lf[data-figure=vanishing]")
    figure.locator("[data-control=radius]").focus()
    page.keyboard.press("ArrowRight")
    share = figure.locator(".lf-share")
    share.click()
    expect(share).to_have_text("Link copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site}{CHAPTER}#vanishing?radius=1"
    page.context.close()


def test_without_a_clipboard_the_address_bar_has_the_link(watched):
    watched.page.add_init_script("delete Navigator.prototype.clipboard")
    page = watched.open(CHAPTER, unfold=True)
    share = page.locator(".lf[data-figure=vanishing] .lf-share")
    share.click()
    expect(share).to_have_text("Copy it from the address bar")
    assert page.url.endswith("#vanishing?")


SEEN = "() => [...document.body.children].filter((n) => n.checkVisibility()).map((n) => n.tagName)"


@pytest.mark.parametrize("where", ["served", "file"])
@pytest.mark.parametrize("width", [390, 1440, 2560])
def test_a_figure_opens_alone_as_large_as_the_window(browser, site, where, width):
    watched = Swift(browser, site, width, 844 if width == 390 else width * 9 // 16)
    page = watched.open(CHAPTER if where == "served" else (serve.SITE / CHAPTER).as_uri())
    figure = page.locator(".lf[data-figure=vanishing]")
    letters = "n => n.querySelector('.lf-tick').getBoundingClientRect().height"
    small = figure.evaluate(letters)
    page.locator('a.lf-set[href^="#vanishing?"]').first.click()
    before = state(figure)
    page.goto(figure.locator(".lf-open").get_attribute("href"))
    figure = page.locator(".lf[data-ready]")
    figure.wait_for()
    assert figure.count() == 1
    assert state(figure) == before
    assert page.evaluate(SEEN) == ["MAIN"], "no navigation"
    if width >= 1440:
        high, window, wide = page.evaluate(
            "[document.documentElement.scrollHeight, innerHeight, innerWidth]"
        )
        assert high <= window
        assert figure.bounding_box()["width"] == wide
        assert figure.evaluate("n => n.scrollHeight - n.clientHeight") == 0, "nothing to scroll"
        assert figure.evaluate(letters) > 1.3 * small
        assert figure.locator(".lf-panel").first.bounding_box()["height"] > 0.2 * window
    page.keyboard.press("ArrowRight")  # the first control has the focus
    assert state(figure) != before
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run({ include: ['main'] }, { preload: false })")["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    figure.locator(".lf-open").click()
    page.locator("article .lf[data-figure=vanishing][data-ready]").wait_for()
    assert page.evaluate("location.search") == ""
    assert watched.errors == []
    assert where == "file" or watched.outside == []
    page.context.close()


def test_a_figure_that_is_not_on_the_page_opens_the_page(watched):
    page = watched.open("book/01_roots.html?figure=vanishing")
    assert page.locator("article h1").is_visible()


SHORT = """() => [...document.querySelectorAll(".lf input[type=range]")]
    .filter((n) => n.getBoundingClientRect().width < 120)
    .map((n) => n.dataset.control)"""


def test_every_slider_is_long_enough_at_any_width(watched):
    for path in sorted(p.name for p in (serve.SITE / "book").glob("*.html")):
        if "data-live-figure" not in (serve.SITE / "book" / path).read_text(encoding="utf-8"):
            continue
        page = watched.open(f"book/{path}", unfold=True)
        for width in (390, 480, 700, 1000, 1200, 1440, 1800, 2560):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(SHORT) == [], f"{path} at {width}"


def test_controls_and_result_stay_while_the_chart_is_in_view(sized):
    page = sized.open(CHAPTER, unfold=True)
    figure = page.locator(".lf[data-figure=vanishing]")
    chart = figure.locator(".lf-panel").first
    chart.evaluate("n => scrollBy(0, n.getBoundingClientRect().top - 80)")
    chart_box, height = chart.bounding_box(), page.evaluate("innerHeight")
    for selector in (".lf-readout", "[data-control]", ".lf-reset", ".lf-undo"):
        for part in figure.locator(selector).all():
            box = part.bounding_box()
            assert 0 <= box["y"] <= height + 1 - box["height"], selector
    deck = figure.locator(".lf-deck").bounding_box()
    assert deck["y"] - chart_box["y"] > 0.8 * chart_box["height"], "the chart is not covered"


def test_panels_that_wait_are_drawn_when_they_are_asked_for(watched):
    page = watched.open(CHAPTER, unfold=True)
    figure = page.locator(".lf[data-figure=vanishing]")
    waiting = figure.locator(".lf-more .lf-panel")
    assert waiting.count() == 2
    assert not waiting.first.is_visible()
    figure.locator(".lf-more > summary").press("Enter")
    waiting.first.locator(".lf-frame").wait_for()
    box = waiting.first.bounding_box()
    assert min(box["width"], box["height"]) > 200
    drawn = waiting.first.inner_html()
    figure.locator("[data-control=radius]").press("ArrowRight")
    assert waiting.first.inner_html() != drawn
