"""Pages on paper: the rules hold, and the printed pages have what the screen has."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from tests.browser.conftest import MODES, SETTLED, Watched
from tests.browser.test_pages import chapters
from tools import pdf

PAPER = 680  # CSS pixels between the margins of A4


@pytest.fixture(scope="module", params=chapters())
def printed(request, browser, site):
    """A chapter as the printer sees it: laid out for paper, told that printing begins."""
    context = browser.new_context(**MODES["dark"])
    page = Watched(context, site).open(request.param)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 960})
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.evaluate(SETTLED)
    yield page
    context.close()


CUT = """() => [...document.querySelectorAll("article *")]
    .filter((n) => n.checkVisibility())
    .filter((n) => !n.closest("svg, mjx-container, .lf-spoken, .visually-hidden"))
    .filter((n) => n.getBoundingClientRect().right > innerWidth + 1
        || (getComputedStyle(n).overflowX !== "visible" && n.scrollWidth > n.clientWidth + 1))
    .map((n) => n.outerHTML.slice(0, 120))"""


def test_nothing_is_clipped_and_nothing_scrolls(printed):
    assert printed.evaluate(CUT) == []


BREAKS = """([selector, property, wanted]) => [...document.querySelectorAll(selector)]
    .filter((n) => n.checkVisibility() && !wanted.includes(getComputedStyle(n)[property]))
    .map((n) => n.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    ("selector", "rule"),
    [
        ("article :is(h1, h2, h3)", "breakInside"),
        ("article :is(h1, h2, h3, figcaption, .admonition-title)", "breakAfter"),
        ("article :is(figure, .lf, div.math, div.cell_input)", "breakInside"),
    ],
)
def test_headings_and_pictures_are_not_torn(printed, selector, rule):
    assert printed.locator(selector).count() > 0
    assert printed.evaluate(BREAKS, [selector, rule, ["avoid", "avoid-page"]]) == []


def test_the_sliders_values_stand_beside_their_names(printed):
    assert printed.locator(".lf").count() > 0
    assert printed.locator(".lf input:visible, .lf button:visible").count() == 0
    for control in printed.locator(".lf-control").element_handles():
        value = control.query_selector("output, select")
        assert value.is_visible()
        assert value.evaluate("n => n.textContent || n.selectedOptions[0].text").strip()


def test_solutions_are_open_and_no_box_is_empty(printed):
    folded = printed.locator("article details:not([class])")
    assert folded.count() >= 3
    assert printed.locator("article details:not([class]):not([open])").count() == 0
    empty = printed.evaluate(
        """() => [...document.querySelectorAll("article :is(.cell_input, .cell_output, pre)")]
            .filter((n) => n.checkVisibility() && n.getBoundingClientRect().height > 0)
            .filter((n) => !n.innerText.trim() && !n.querySelector("svg, img, mjx-container"))
            .map((n) => n.outerHTML.slice(0, 120))"""
    )
    assert empty == []


def test_paper_is_white_and_the_screen_comes_back(printed):
    theme = "document.documentElement.dataset.theme"
    assert printed.evaluate(theme) == "light"
    printed.evaluate("dispatchEvent(new Event('afterprint'))")
    assert printed.evaluate(theme) == "dark"
    assert printed.locator("article details:not([class])[open]").count() == 0


def test_two_pages_become_one_document_with_outline_and_links(browser, site):
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    paths = ["book/how_to_read.html", "book/equation_index.html"]
    sheets = {path: pdf.print_page(context.new_page(), site + path) for path in paths}
    context.close()
    first = len(PdfReader(io.BytesIO(sheets[paths[0]])).pages)
    out = io.BytesIO()
    pdf.merge(sheets, site).write(out)
    book = PdfReader(out)
    titles = [
        re.sub(r"\W+$", "", item.title) for item in book.outline if not isinstance(item, list)
    ]
    assert titles == ["How to read this book", "Index of equations"]
    assert "Index of equations" in book.pages[first].extract_text()
    notes = [note for page in book.pages[:first] for note in page.get("/Annots", [])]
    actions = [note.get_object().get("/A", {}) for note in notes]
    targets = [
        action["/D"][0] for action in actions if action.get("/S") == "/GoTo" and "/D" in action
    ]
    assert any(t == book.pages[first].indirect_reference for t in targets)
