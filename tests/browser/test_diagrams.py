"""Diagrams of the cell on the built pages: letters, light both ways, keys, values."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import AXE, ROOT, Watched

SHOWN = ".rnd-cell svg.cell:visible"


def chapters() -> list[str]:
    """The pages that show a diagram of the cell."""
    out = []
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        if any(re.search(r'(?<![\w"])cell\(\s*"', text) for text in code):
            out.append(f"book/{path.stem}.html")
    return out


@pytest.fixture(params=chapters())
def opened(request, browser, site) -> Iterator[Watched]:
    size = {"width": 1440, "height": 900}
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    watched = Watched(context, site)
    watched.open(request.param)
    # A diagram may stand in what is folded.
    watched.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    yield watched
    assert watched.errors == []
    context.close()


def letters(element) -> str:
    """What MathJax has set, by the classes of its letters."""
    codes = element.evaluate("(e) => [...e.querySelectorAll('mjx-c')].map((c) => c.className)")
    text = "".join(chr(int(re.search("mjx-c([0-9A-F]+)", code)[1], 16)) for code in codes)
    return unicodedata.normalize("NFKD", text)


def leave(page) -> None:
    """Point at nothing."""
    page.mouse.move(0, 0)
    page.locator("h1").first.dispatch_event("pointerover")


def told(page) -> list:
    """Visible parts, each for a symbol with an index, that equations of the page have."""
    parts = page.locator(f"{SHOWN} .part[data-symbols*='_']").all()
    out = []
    for part in parts:
        part.dispatch_event("pointerover")
        if page.locator("mjx-container .lit").count():
            out.append(part)
        if len(out) == 3:
            break
    leave(page)
    return out


def test_every_chapter_of_a_cell_shows_its_diagram():
    stems = {path.rpartition("/")[2][:2] for path in chapters()}
    assert {"01", "02", "05", "06", "07"} <= stems


def test_a_part_lights_its_symbols_in_the_equations(opened):
    page = opened.page
    parts = told(page)
    assert parts
    for part in parts:
        names = part.locator(".hit, .paper")  # its name, unless that stands in a box
        box = (names if names.count() else part.locator(".box, .ring")).first
        box.scroll_into_view_if_needed()
        box.hover(force=True)  # a sign may stand on it
        expect(part).to_have_class(re.compile(r"\blit\b"))
        names = part.get_attribute("data-symbols").split()
        lit = page.locator("mjx-container .lit").all()
        assert lit
        for symbol in lit[:5]:
            # a prime or a mark for transposing may stand between the letter and its index
            text = re.sub("['′⊤]", "", letters(symbol))
            assert any(text == name.replace("_", "").partition("[")[0] for name in names)
    leave(page)
    expect(page.locator(".lit")).to_have_count(0)


def test_a_symbol_in_an_equation_lights_its_part(opened):
    page = opened.page
    part = told(page)[0]
    part.dispatch_event("pointerover")
    symbol = page.locator("mjx-container .lit:visible").first.element_handle()
    key = part.get_attribute("data-key")
    leave(page)
    expect(page.locator(".lit")).to_have_count(0)
    symbol.scroll_into_view_if_needed()
    symbol.hover()
    expect(page.locator(f"{SHOWN} .part.lit[data-key='{key}']").first).to_be_visible()


def test_keys_go_through_the_parts_by_name(opened):
    page = opened.page
    drawing = page.locator(SHOWN).first
    expect(drawing.locator(".part[tabindex='0']")).to_have_count(1)
    parts = drawing.locator(".part")
    names = parts.evaluate_all("(all) => all.map((p) => p.getAttribute('aria-label'))")
    assert all(len(name.split()) > 1 for name in names)
    parts.first.focus()
    for number in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        expect(parts.nth(number)).to_be_focused()
        expect(parts.nth(number)).to_have_attribute("aria-selected", "true")
        expect(parts.nth(number)).to_have_class(re.compile(r"\blit\b"))
    page.keyboard.press("End")
    expect(parts.last).to_be_focused()
    page.keyboard.press("Home")
    expect(parts.first).to_be_focused()
    page.keyboard.press("Enter")
    parts.first.blur()
    expect(parts.first).to_have_class(re.compile(r"\blit\b"))  # it stays
    page.keyboard.press("Escape")
    expect(page.locator(".lit")).to_have_count(0)


def test_an_equation_in_focus_lights_its_parts(opened):
    page = opened.page
    equations = page.locator("[id^=equation-] mjx-container[tabindex='0']:visible")
    assert equations.count(), "some numbered equation has a symbol of the diagram"
    equation = equations.first
    assert re.match(r"Equation \(\d+\.\d+\)", equation.get_attribute("aria-label"))
    equation.focus()
    assert page.locator(f"{SHOWN} .part.lit").count()
    assert page.locator("mjx-container .lit").count()
    page.keyboard.press("ArrowRight")
    expect(equation.locator(".lit").first).to_be_visible()
    names = {letters(symbol) for symbol in equation.locator(".lit").all()}
    assert len(names) == 1, "arrows go through the symbols one by one"
    equation.blur()
    expect(page.locator(".lit")).to_have_count(0)


def test_a_lit_diagram_has_no_serious_accessibility_violation(opened):
    page = opened.page
    told(page)[0].dispatch_event("pointerover")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run('.rnd-cell')).violations")
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []


def test_some_figure_gives_the_values_of_its_cell(browser, site):
    """Of each page whose figure has values: the lit part shows one, and follows the sliders."""
    seen = 0
    for path in chapters():
        watched = Watched(browser.new_context(reduced_motion="reduce"), site)
        page = watched.open(path)
        given = page.evaluate("[...document.querySelectorAll('.lf')].map((f) => f.values || null)")
        values = next(filter(None, given), None)
        if values:
            seen += 1
            parts = page.locator(f"{SHOWN} .part").all()
            names = [part.get_attribute("data-symbols") for part in parts]
            part = next(p for p, name in zip(parts, names, strict=True) if name in values)
            name = part.get_attribute("data-symbols")
            part.dispatch_event("pointerover")
            tag = page.locator(f"{SHOWN} text.value").first
            assert abs(read(tag.text_content()) - values[name]) <= 0.006 * abs(values[name])
            figure = page.locator(f".lf >> nth={given.index(values)}")
            figure.evaluate(
                """(f, name) => { f.values = { ...f.values, [name]: 0.125 };
                f.dispatchEvent(new CustomEvent("figure-values", { bubbles: true })); }""",
                name,
            )
            assert read(tag.text_content()) == 0.125
            assert "0.125" in part.get_attribute("aria-label")
        watched.page.context.close()
    assert seen


def read(text: str) -> float:
    return float(text.replace("−", "-"))


@pytest.mark.parametrize("path", chapters())
def test_on_a_phone_a_diagram_is_whole_and_its_letters_are_legible(browser, site, path):
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True)
    page = Watched(context, site).open(path)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    drawings = page.locator(SHOWN).all()
    assert drawings
    for drawing in drawings:
        box = drawing.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        smallest = drawing.evaluate(
            """(svg) => Math.min(...[...svg.querySelectorAll(".part tspan:not(.u)")].map((letter) =>
            parseFloat(getComputedStyle(letter).fontSize) * svg.getScreenCTM().a))"""
        )
        assert smallest >= 11
    context.close()
