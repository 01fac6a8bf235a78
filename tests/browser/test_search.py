"""The search: plain words find the section, whole words are marked, hits open at their place."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tools import serve


def hits(watched, query: str, *, address: str = ""):
    page = watched.open(f"{address}search.html?q={quote(query)}")
    page.wait_for_function(
        "document.querySelector('#search-results li') || "
        "/Nothing|Only/.test(document.querySelector('#search-said').textContent)"
    )
    return page.locator("#search-results li")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("how do I use peepholes", "Use peepholes"),
        ("peepholes", "Use peepholes"),
        ("gradient per step", "Get the gradient at every step"),
        ("what does dE_dv mean", "Know what dE_dv is"),
        ("load PyTorch weights", "Load PyTorch weights"),
        ("VanillaLSTM", "VanillaLSTM"),
        ("χ", "chi"),
        ("perceptrn", "lstm_lib.layers.perceptron"),
    ],
)
def test_plain_words_find_the_place_first(watched, query, title):
    assert hits(watched, query).first.locator("a").inner_text().startswith(title)
    assert watched.errors == []
    assert watched.outside == []


def test_only_whole_words_are_marked(watched):
    first = hits(watched, "how do I use peepholes").first
    marked = {text.lower() for text in first.locator("mark").all_inner_texts()}
    assert marked
    assert marked <= {"peephole", "peepholes"}
    found = hits(watched, "peepholes").locator("a").all_inner_texts()
    assert not any("no_peepholes" in title for title in found[:10])


def test_every_hit_opens_at_a_place_that_exists(watched):
    links = hits(watched, "error signal gate").locator("a")
    addresses = [links.nth(i).get_attribute("href") for i in range(links.count())]
    assert len(addresses) >= 10
    assert sum("#" in address for address in addresses) >= 8
    for address in addresses:
        page, _, anchor = address.partition("#")
        text = (serve.SITE / page).read_text(encoding="utf-8")
        assert not anchor or f'id="{anchor}"' in text, address


def test_nothing_found_is_said(watched):
    assert hits(watched, "zzqqxx").count() == 0
    assert "Nothing found" in watched.page.locator("#search-said").inner_text()
    hits(watched, "what is the")
    assert "Only words" in watched.page.locator("#search-said").inner_text()


def test_the_search_works_from_a_file_on_disk(watched):
    found = hits(watched, "peepholes", address=f"file://{serve.SITE}/")
    assert found.first.locator("a").inner_text() == "Use peepholes"


def test_a_page_hands_its_words_to_the_search(watched):
    page = watched.open("book/notation.html")
    page.keyboard.press("Control+k")
    field = page.locator("#pst-search-dialog input[type=search]")
    icon = page.locator("#pst-search-dialog form i").bounding_box()
    box = field.bounding_box()
    indent = float(field.evaluate("n => parseFloat(getComputedStyle(n).paddingLeft)"))
    assert icon["x"] + icon["width"] <= box["x"] + indent, "the icon covers the first letter"
    field.fill("carousel")
    field.press("Enter")
    page.wait_for_selector("#search-results li")
    assert re.search(r"search\.html\?q=carousel", page.url)


def test_other_pages_do_not_load_the_index(watched):
    html = (serve.SITE / "book" / "01_roots.html").read_text(encoding="utf-8")
    assert "searchindex" not in html
    assert "search-sections" not in html
