"""The Python side of the live figures."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET

import pytest

from lstm_lib.page.figure import STATIC_PAGE, figures_script
from lstm_lib.page.figures import LiveFigure, PoleFigure, SamplingFigure, page_scripts, page_style
from lstm_lib.page.style import COLOURS
from tests.page.figures import javascript

FIGURES = sorted(LiveFigure.registry.items())


@pytest.mark.parametrize(("name", "cls"), FIGURES)
def test_a_figure_starts_at_its_controls_values(name, cls):
    assert cls().values() == {c.name: c.value for c in cls.controls}


@pytest.mark.parametrize(("name", "cls"), FIGURES)
def test_every_start_value_lies_on_a_step_of_its_slider(name, cls):
    for c in cls.controls:
        if c.kind == "range":
            steps = (c.value - c.min) / c.step
            assert steps == pytest.approx(round(steps), abs=1e-9), c.name


def test_python_sets_and_reads_the_parameters():
    figure = PoleFigure(re=-2)
    figure.delta_t = 0.5
    assert figure.values() == {"re": -2.0, "im": 2.0, "delta_t": 0.5}


def test_a_change_in_the_page_reaches_python():
    figure, seen = PoleFigure(), []
    figure.observe(lambda change: seen.append(change["new"]), "delta_t")
    figure.set_state({"delta_t": 0.75})  # what the front end sends
    assert figure.delta_t == 0.75
    assert seen == [0.75]


@pytest.mark.parametrize(
    ("value", "error"),
    [(0, ValueError), (-1.0, ValueError), (float("nan"), ValueError), ("x", TypeError)],
)
def test_a_value_that_the_slider_cannot_show_is_refused(value, error):
    figure = PoleFigure()
    with pytest.raises(error, match="delta_t: expected"):
        figure.delta_t = value
    assert figure.delta_t == 0.3
    with pytest.raises(error, match="delta_t: expected"):
        PoleFigure(delta_t=value)


def test_an_unknown_choice_or_parameter_is_refused():
    with pytest.raises(ValueError, match=r"rule: expected one of 'forward'.*'heun'"):
        SamplingFigure(rule="heun")
    with pytest.raises(ValueError, match="parameter: expected one of 're', 'im', 'delta_t'"):
        PoleFigure(dt=1)


def test_with_a_kernel_a_figure_is_a_widget():
    data, _ = PoleFigure()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data


def test_in_the_static_page_a_figure_is_html_and_opens_no_connection(monkeypatch):
    monkeypatch.setenv(STATIC_PAGE, "1")
    figure = PoleFigure(delta_t=0.5)
    assert figure.comm is None
    text = figure._repr_mimebundle_()["text/html"]
    state = json.loads(html.unescape(re.search(r'data-live-figure="([^"]*)"', text)[1]))
    assert state["delta_t"] == 0.5
    assert state["spec"]["figure"] == "poles"
    assert "widget" not in text


def test_the_pages_scripts_make_no_request_and_need_no_module():
    script = "\n".join(page_scripts().values())
    for word in (
        "http:",
        "https:",
        "fetch(",
        "import(",
        "XMLHttpRequest",
        "\nexport ",
        "\nimport ",
    ):
        assert word not in script.replace('"http://www.w3.org/2000/svg"', "")


def test_both_themes_have_every_colour():
    style = page_style()
    for name, (light, dark) in COLOURS.items():
        assert style.count(f"--rnd-{name}:{light}") == 1
        assert style.count(f"--rnd-{name}:{dark}") == 1


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as the web's accessibility guidelines define it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("background", ["paper", "shade", "warm"])
def test_lines_and_text_stand_out_in_both_themes(theme, background):
    """3:1 for the series (graphics), 4.5:1 for text, against every background they meet."""
    paper = COLOURS[background][theme]
    for name, least in [("blue", 3), ("orange", 3), ("green", 3), ("purple", 3), ("ink", 4.5)]:
        assert contrast(COLOURS[name][theme], paper) >= least, name
    assert contrast(COLOURS["muted"][theme], COLOURS["paper"][theme]) >= 4.5


@pytest.mark.parametrize(("name", "cls"), FIGURES)
def test_a_still_picture_shows_the_title_the_values_and_the_result(name, cls):
    figure = cls()
    text = figure.still()
    assert len(text.encode()) < 50_000  # it is stored in the notebook
    drawn = ET.fromstring(text)
    words = " ".join(node.text or "" for node in drawn.iter("{http://www.w3.org/2000/svg}text"))
    assert figure.title in words
    for control in cls.controls:
        assert f"{control.label}: " in words
    said = javascript.run(
        figures_script(name)
        + f"((f, v) => f.describe(f.compute(v), v))(LiveFigures.figures.{name},"
        f" {json.dumps(figure.values())})"
    )
    assert said in words
    assert "NaN" not in text
    assert "var(" not in text, "a host's style sheet has not our colours"


def test_a_still_picture_shows_the_parameters_as_they_stand():
    assert PoleFigure().still() == PoleFigure().still()
    figure = PoleFigure(delta_t=0.5)
    assert "step ΔT: 0.50" in figure.still()
    figure.delta_t = 0.25
    assert "step ΔT: 0.25" in figure.still()


def test_a_notebook_gets_the_still_picture_beside_the_widget():
    data, _ = PoleFigure(delta_t=0.5)._repr_mimebundle_()
    assert data["image/svg+xml"] == PoleFigure(delta_t=0.5).still()
    assert "application/vnd.jupyter.widget-view+json" in data


def test_without_node_the_widget_is_shown_all_the_same(monkeypatch):
    monkeypatch.setattr("lstm_lib.page.figure.node", lambda: None)
    data, _ = PoleFigure()._repr_mimebundle_()
    assert "image/svg+xml" not in data
    assert "application/vnd.jupyter.widget-view+json" in data
    with pytest.raises(RuntimeError, match="expected `node`"):
        PoleFigure().still()
