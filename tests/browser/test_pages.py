"""Every page, in light, dark and on a phone: quiet, self-contained, accessible, not overflowing."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import ARTEFACTS, AXE, MODES, Watched, pages
from tools import serve


def looks() -> list[tuple[str, str]]:
    """Every page in every mode; how-tos and the library's pages, which are alike, on a phone."""
    chosen = [(mode, path) for mode in MODES for path in pages()]
    return [(mode, path) for mode, path in chosen if mode == "phone" or path.count("/") == 1]


@pytest.fixture(scope="module", params=looks(), ids="-".join)
def opened(request, browser, site) -> Iterator[tuple[Watched, str, str]]:
    """A page in one mode; loaded once for all the checks below."""
    mode, path = request.param
    context = browser.new_context(**MODES[mode])
    watched = Watched(context, site)
    watched.open(path)
    yield watched, mode, path
    context.close()


def test_a_page_is_quiet_and_asks_no_other_host(opened):
    watched, mode, _ = opened
    assert watched.errors == []
    assert watched.outside == []
    if os.environ.get("CI"):  # kept for those who look at the run
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        name = watched.page.url.rpartition("/")[2].removesuffix(".html")
        watched.page.screenshot(path=ARTEFACTS / f"{name}-{mode}.png", full_page=True)


HANGS_OUT = """() => {
    const boxed = (node) => {
        for (let n = node.parentElement; n; n = n.parentElement) {
            if (["auto", "scroll", "hidden"].includes(getComputedStyle(n).overflowX)) return true;
        }
        return false;
    };
    const limit = document.documentElement.clientWidth + 1;
    return [...document.querySelectorAll("article *")]
        .filter((n) => n.getBoundingClientRect().right > limit && !boxed(n))
        .map((n) => n.outerHTML.slice(0, 120));
}"""


def test_a_page_does_not_scroll_sideways(opened):
    page = opened[0].page
    width = page.evaluate("document.documentElement.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(HANGS_OUT) == [], "these need a scroll box of their own"


def test_every_equation_is_typeset(opened):
    page = opened[0].page
    raw = page.locator("div.math, span.math").count()
    assert page.locator("mjx-container").count() >= raw
    assert page.locator("mjx-merror").count() == 0


def chapters() -> list[str]:
    return [path for path in pages() if re.match(r"book/\d\d_", path)]


@cache
def printed_numbers(path: str) -> dict[str, str]:
    """The number beside each equation of a built page, by the equation's anchor."""
    page = (serve.SITE / path).read_text(encoding="utf-8")
    found = re.findall(r'id="(equation-[\w-]+)">\s*<span class="eqno">(\([\d.]+\))', page)
    assert len(found) == page.count('class="eqno"'), path
    return dict(found)


def test_a_link_to_an_equation_shows_the_number_beside_it(opened):
    watched, _, path = opened
    links = watched.page.locator('article a[href*="#equation-"]:not(.headerlink)')
    shown = links.evaluate_all("all => all.map(n => [n.getAttribute('href'), n.textContent])")
    for address, text in shown:  # those in a folded box, too
        other, _, anchor = address.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
        assert text == printed_numbers(target if other else path)[anchor], anchor
    assert len(shown) >= (5 if path in chapters() else 0)


# What is drawn inside an equation or a picture has no words: the box outside has the label. Without
# these, two thirds of the elements, the check takes a third of the time.
EMPTY_PICTURES = """() => {
    for (const n of document.querySelectorAll("article :is(mjx-container, svg)"))
        if (!n.querySelector("a, [role], [tabindex]"))
            n.replaceChildren(...[...n.children].filter((inner) => inner.matches("title, desc")));
}"""
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


def rules(mode: str, path: str) -> dict[str, Any]:
    """All rules in light; in dark those on colours, on a phone the others, if light has had all."""
    if ("light", path) not in looks() or mode == "light":
        return {}
    if mode == "dark":
        return {"runOnly": COLOURS}
    return {"rules": {"color-contrast": {"enabled": False}}}


def test_a_page_has_no_serious_accessibility_violation(opened):
    watched, mode, path = opened
    page = watched.page
    page.evaluate(EMPTY_PICTURES)
    page.add_script_tag(path=AXE)
    options = {"resultTypes": ["violations"], **rules(mode, path)}
    result = page.evaluate("options => axe.run({ include: ['article'] }, options)", options)
    assert len(result["passes"]) > 0, "some rule has found what it is about"
    bad = [
        (v["id"], v["impact"], [n["html"][:160] for n in v["nodes"][:3]])
        for v in result["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert bad == [], json.dumps(bad, indent=1)


@pytest.mark.parametrize("path", chapters())
def test_the_equations_of_a_chapter_are_numbered_in_order(path):
    numbers = list(printed_numbers(path).values())
    assert numbers == [f"({int(path[5:7])}.{i + 1})" for i in range(len(numbers))]
    assert len(numbers) >= 5


def test_the_index_of_equations_has_them_all_and_shows_each(watched):
    numbers = [number for path in pages() for number in printed_numbers(path).values()]
    page = watched.open("book/equation_index.html")
    entries = page.locator("dl.equation-index dt")
    assert sorted(entries.locator("a").all_inner_texts()) == sorted(numbers)
    shown = page.locator("dl.equation-index dd > div.math mjx-container")
    assert shown.count() == len(numbers)
    assert page.locator("dl.equation-index .eqno").count() == 0, "numbers belong to the chapters"


def test_code_can_be_copied_and_the_notebook_downloaded(watched):
    page = watched.open("book/01_roots.html")
    assert page.locator("button.copybtn").count() > 10
    assert saved_notebook(page)["nbformat"] == 4


def saved_notebook(page) -> dict:
    """What the page's download button saves."""
    button = page.locator('a[href*="_sources/"][href$="01_roots.ipynb"]').first
    with page.expect_download() as download:
        button.evaluate("link => link.click()")
    assert download.value.suggested_filename == "01_roots.ipynb"
    return json.loads(Path(download.value.path()).read_text(encoding="utf-8"))


def test_the_notebook_is_saved_also_from_a_page_opened_as_a_file(browser):
    context = browser.new_context(**MODES["light"])
    page = context.new_page()
    page.goto((serve.SITE / "book" / "01_roots.html").as_uri())
    source = serve.SITE / "_sources" / "book" / "01_roots.ipynb"
    assert saved_notebook(page) == json.loads(source.read_text(encoding="utf-8"))
    assert len(context.pages) == 1, "no tab with raw JSON"
    context.close()


def test_a_wide_equation_scrolls_in_its_box_and_is_reachable_by_key(browser, site):
    context = browser.new_context(**MODES["phone"])
    page = Watched(context, site).open("book/01_roots.html")
    wide = page.evaluate(
        """() => [...document.querySelectorAll('div.math')]
            .filter((n) => n.scrollWidth > n.clientWidth + 1)
            .map((n) => [getComputedStyle(n).overflowX, n.tabIndex])"""
    )
    context.close()
    assert wide, "the chapter should have an equation wider than a phone"
    assert all(overflow == "auto" and tab == 0 for overflow, tab in wide)
