"""Every control of every live figure, by mouse and by keyboard, and the mathematics behind it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

import lstm_lib
from lstm_lib.continuous.sampling import DelayWarning
from tests.browser.conftest import MODES, SETTLED, Watched, pages
from tools import serve

WITH_FIGURES = (
    [
        path
        for path in pages()
        if "data-live-figure" in (serve.SITE / path).read_text(encoding="utf-8")
    ]
    if (serve.SITE / "book").exists()
    else []
)


# A chapter is a hundred screens high, and every click lays it out again: keep the figures only.
ALONE = """
article :is(p, pre, ul, ol, table, details, .math, .admonition, .rnd-figure):not(.lf *, :has(.lf)) {
    display: none !important;
}"""


def figures(page) -> list:
    page.add_style_tag(content=ALONE)
    found = page.locator(".lf[data-ready]").all()
    assert found, "the page should have a live figure"
    return found


def picture(figure) -> str:
    return figure.locator(".lf-panels").inner_html()


def controls(figure) -> list:
    figure.evaluate(
        "(n) => n.querySelectorAll('.lf-fine').forEach((fold) => { fold.open = true; })"
    )
    return figure.locator("[data-control]").all()


def rouse(figure, control) -> None:
    """Choose what a control needs to have anything to set."""
    for select in figure.locator("select").all():
        for option in select.locator("option").all():
            select.select_option(option.get_attribute("value"))
            if control.is_enabled():
                return
    raise AssertionError(f"{control.get_attribute('data-control')} is never enabled")


def test_the_landing_page_has_a_live_figure_and_every_chapter_two():
    count = {
        path: (serve.SITE / path).read_text(encoding="utf-8").count("data-live-figure")
        for path in pages()
    }
    assert count["book/index.html"] == 1
    assert {path: n for path, n in count.items() if re.match(r"book/\d", path) and n < 2} == {}


@pytest.fixture(scope="module", params=WITH_FIGURES)
def figured(request, browser, site) -> Iterator[Watched]:
    """A page with figures; loaded once for the checks below, each of which presses Reset."""
    context = browser.new_context(**MODES["light"])
    watched = Watched(context, site)
    watched.open(request.param, unfold=True)
    yield watched
    context.close()


def test_every_control_answers_to_the_mouse(figured):
    move_every_control(figured)


@pytest.mark.parametrize("path", WITH_FIGURES)
def test_every_control_answers_on_a_phone(browser, site, path):
    """Where the controls stand otherwise; dark differs from light in colours only."""
    context = browser.new_context(**MODES["phone"])
    watched = Watched(context, site)
    watched.open(path, unfold=True)
    move_every_control(watched)
    context.close()


def move_every_control(watched: Watched) -> None:
    """Each from the figure's first state: one control may leave nothing for another to change."""
    page = watched.page
    for figure in figures(page):
        told = set()
        for control in controls(figure):
            name = control.get_attribute("data-control")
            figure.locator(".lf-reset").click()
            if not control.is_enabled():
                rouse(figure, control)
            before, text = picture(figure), figure.locator(".lf-readout").inner_text()
            control.scroll_into_view_if_needed()
            if control.get_attribute("type") == "range":
                drag(page, control)
                shown = figure.locator(f"output[for='{control.get_attribute('id')}']").inner_text()
                assert shown.replace("−", "-").split()[0] == format_like(control)
            else:
                control.select_option(index=1 if control.input_value() == first(control) else 0)
            assert picture(figure) != before, name
            if figure.locator(".lf-readout").inner_text() != text:
                told.add(name)
        silent = {c.get_attribute("data-control") for c in controls(figure)} - told
        assert len(silent) <= 1, f"the words say nothing of {silent}"
    assert watched.errors == []


def drag(page, control) -> None:
    """Grip the middle of a slider and pull to whichever end is farther from where it stands."""
    box = control.bounding_box()
    middle = box["y"] + box["height"] / 2
    low, high = (float(control.get_attribute(k)) for k in ("min", "max"))
    value = float(control.input_value())
    end = 0.15 if value > (low + high) / 2 else 0.85
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, middle, steps=4)
    page.mouse.up()


def first(control) -> str:
    return control.locator("option").first.get_attribute("value")


def format_like(control) -> str:
    value, step = float(control.input_value()), control.get_attribute("step")
    return f"{value:.{len(step.partition('.')[2])}f}"


def test_every_control_answers_to_the_keyboard(figured):
    page = figured.page
    for figure in figures(page):
        for control in controls(figure):
            name = control.get_attribute("data-control")
            figure.locator(".lf-reset").press("Enter")
            if not control.is_enabled():
                rouse(figure, control)
            control.focus()
            outline = control.evaluate("(n) => getComputedStyle(n).outlineStyle")
            assert outline != "none", f"{name} should show that it has the focus"
            seen = [picture(figure)]
            for key in ("ArrowUp", "ArrowDown", "ArrowDown", "End", "Home"):
                page.keyboard.press(key)
                seen.append(picture(figure))
            most = control.locator("option").count() or 3
            assert len(set(seen)) >= min(most, 3), name
        reset = figure.locator(".lf-reset")
        reset.focus()
        page.keyboard.press("Enter")


def test_reset_brings_the_first_state_back(figured):
    page = figured.page
    for figure in figures(page):
        figure.locator(".lf-reset").click()
        first = picture(figure)
        for control in controls(figure):
            if not control.is_enabled():
                continue
            control.focus()
            page.keyboard.press("PageUp" if control.get_attribute("type") == "range" else "End")
        assert picture(figure) != first
        figure.locator(".lf-reset").click()
        assert picture(figure) == first


def test_the_tab_key_walks_through_the_controls_in_order(figured):
    page = figured.page
    for figure in figures(page):
        names = [c.get_attribute("data-control") for c in controls(figure) if c.is_enabled()]
        controls(figure)[0].focus()
        walked = []
        while not {*names, "Reset"} <= set(walked):
            assert len(walked) < len(names) + 5  # folded controls follow some buttons
            node = "document.activeElement"
            walked.append(page.evaluate(f"{node}.dataset.control || {node}.textContent"))
            page.keyboard.press("Tab")
        assert [name for name in walked if name in names] == names


def test_screen_readers_hear_names_values_and_results(figured):
    page = figured.page
    for figure in figures(page):
        assert figure.get_attribute("aria-labelledby")
        for control in controls(figure):
            label = page.locator(f"label[for='{control.get_attribute('id')}']").inner_text()
            assert label
            if control.get_attribute("type") == "range":
                assert control.get_attribute("aria-valuetext")
        controls(figure)[0].focus()
        for key in ("ArrowUp", "ArrowDown"):  # one of them changes a control that stands at its end
            page.keyboard.press(key)
        heard = figure.locator("[aria-live=polite]")
        expect(heard).to_have_text(figure.locator(".lf-readout").text_content())
    assert figured.errors == []


def test_a_figure_fills_a_wall_and_goes_back(browser, site):
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = Watched(context, site).open("book/01_roots.html")
    figure = figures(page)[0]
    before = picture(figure)
    letters = "(n) => n.querySelector('.lf-tick').getBoundingClientRect().height"
    small = figure.evaluate(letters)
    figure.locator(".lf-enlarge").click()
    page.wait_for_function("document.fullscreenElement !== null")
    page.evaluate(SETTLED)
    assert figure.evaluate(letters) > 1.5 * small
    figure.locator("[data-control]").first.focus()
    page.keyboard.press("ArrowUp")
    figure.locator(".lf-reset").click()
    figure.locator(".lf-enlarge").click()
    page.wait_for_function("document.fullscreenElement === null")
    page.evaluate(SETTLED)
    assert picture(figure) == before
    context.close()


def check_delay_figure(page, figure) -> None:
    """What the figure says and draws against the NumPy library, at the figure's own state."""
    state = {c.get_attribute("data-control"): c.input_value() for c in controls(figure)}
    b, tau, dt = (float(state[k]) for k in ("b", "tau", "delta_t"))
    model = lstm_lib.AdditiveModel([[-1.0]], [[b]], tau_r=tau)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DelayWarning)
        rnn = lstm_lib.backward_euler(model, t_end=60, delta_t=dt, history=[1.0])
    fine = model.solve(t_end=60, step=0.02, history=[1.0])
    said = re.findall(r"height (\d+\.\d+)", figure.locator(".lf-readout").inner_text())
    for height, run in zip(said, (fine.s, rnn.s), strict=True):
        late = run[3 * len(run) // 4 :]
        assert float(height) == pytest.approx((late.max() - late.min()) / 2, abs=6e-3)
    assert f"{rnn.delay_steps[0]} step" in figure.locator(".lf-readout").inner_text()
    # the drawn dots, translated back from pixels through the frame of the chart
    most = max(abs(fine.s).max(), abs(rnn.s).max())
    reach = 1.04 * next(y for y in (1.3, 2.4, 4.8) if most <= y)  # the axis goes from -reach to it
    frame = figure.locator(".lf-frame").first
    left, top, width, height = (
        float(frame.get_attribute(k)) for k in ("x", "y", "width", "height")
    )
    dots = figure.locator(".lf-panel circle.lf-dot.blue")
    drawn = dots.evaluate_all(
        "(all) => all.map((n) => [n.getAttribute('cx'), n.getAttribute('cy')])"
    )
    shown = rnn.t <= 20 + 1e-9
    assert len(drawn) == shown.sum()
    for (px, py), t, s in zip(drawn, rnn.t[shown], rnn.s[shown, 0], strict=True):
        assert (float(px) - left) / width * 20 == pytest.approx(t, abs=0.01)
        assert reach * (1 - 2 * (float(py) - top) / height) == pytest.approx(s, abs=0.01)


def move_delay_figure(page, figure) -> None:
    for name, key, times in [
        ("delta_t", "ArrowLeft", 2),
        ("tau", "ArrowLeft", 1),  # not a multiple of the step: it is rounded up
        ("b", "ArrowLeft", 4),
    ]:
        figure.locator(f"[data-control={name}]").focus()
        for _ in range(times):
            page.keyboard.press(key)


def test_the_delay_figure_shows_what_the_library_computes(watched):
    page = watched.open("book/01_roots.html", unfold=True)
    figure = page.locator(".lf[data-figure=delay]")
    check_delay_figure(page, figure)
    move_delay_figure(page, figure)
    check_delay_figure(page, figure)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Math.tanh", "Math.atan"),
        ("a*delta_t - 1", "a*delta_t - 1.02"),
        ("tau / delta_t + 0.5", "tau / delta_t"),
    ],
)
def test_a_broken_computation_in_the_page_is_noticed(watched, right, wrong):
    """A fault planted in the served script makes the check above fail."""
    script = (serve.SITE / "_static" / "figure-delay.js").read_text(encoding="utf-8")
    assert right in script
    watched.page.route(
        "**/figure-delay.js*",
        lambda route: route.fulfill(
            body=script.replace(right, wrong), content_type="text/javascript"
        ),
    )
    page = watched.open("book/01_roots.html", unfold=True)
    figure = page.locator(".lf[data-figure=delay]")
    move_delay_figure(page, figure)
    with pytest.raises(AssertionError):
        check_delay_figure(page, figure)


def test_the_pole_figure_says_what_the_library_computes(watched):
    page = watched.open("book/01_roots.html", unfold=True)
    figure = page.locator(".lf[data-figure=poles]")
    slider = figure.locator("[data-control=delta_t]")
    for _ in range(3):
        text = figure.locator(".lf-readout").inner_text().replace("−", "-")
        for rule, name in [
            ("exact", "Exact pole"),
            ("backward", "backward Euler"),
            ("forward", "forward Euler"),
        ]:
            (pole,) = lstm_lib.poles(-1 + 2j, delta_t=float(slider.input_value()), rule=rule)
            found = re.search(rf"{name} (\S+) ([+-]) ([\d.]+)i, (\w+ ?\w*)", text)
            assert float(found[1]) == pytest.approx(pole.real, abs=6e-3)
            assert float(found[2] + found[3]) == pytest.approx(pole.imag, abs=6e-3)
            if abs(abs(pole) - 1) > 1e-6:
                assert found[4] == ("settles" if abs(pole) < 1 else "runs away")
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("path", WITH_FIGURES)
def test_a_page_works_from_a_file(watched, path):
    page = watched.open((serve.SITE / path).as_uri(), unfold=True)
    for figure in figures(page):
        before = picture(figure)
        controls(figure)[0].focus()
        seen = set()
        for key in ("ArrowUp", "ArrowDown", "ArrowDown"):  # it may stand at an end
            page.keyboard.press(key)
            seen.add(picture(figure))
        assert seen - {before}
    assert page.locator("mjx-merror").count() == 0
    assert watched.outside == []


def test_a_surface_is_turned_and_its_start_is_dragged(watched):
    """By mouse on the picture; by key with the sliders, like everything."""
    page = watched.open("book/04_vanishing.html")
    figure = page.locator(".lf[data-figure=wall]")

    def value(name):
        return float(figure.locator(f"[data-control={name}]").input_value())

    svg = figure.locator("svg.lf-panel").first
    svg.evaluate("(n) => n.scrollIntoView({ block: 'center' })")
    turn, tilt, w = value("turn"), value("tilt"), value("w")
    box = svg.bounding_box()

    def pull(x, y, dx, dy):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx, y + dy, steps=4)
        page.mouse.up()

    pull(box["x"] + 30, box["y"] + 60, -60, 30)
    assert value("turn") == pytest.approx(turn - 30, abs=2.5)
    assert value("tilt") == pytest.approx(tilt + 10, abs=2.5)
    assert value("w") == w
    turn = value("turn")
    dot = svg.locator(".lf-handle").bounding_box()
    pull(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2, 30, 0)
    moved = svg.locator(".lf-handle").bounding_box()
    assert moved["x"] - dot["x"] == pytest.approx(30, abs=6)
    assert value("turn") == turn
    assert value("w") != w
    assert watched.errors == []
