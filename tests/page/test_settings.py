"""Settings as text: what Python checks at build time and what the page reads are the same."""

from __future__ import annotations

import json

import pytest

from lstm_lib.page.figure import figures_script, setting
from lstm_lib.page.figures import LiveFigure, PoleFigure, VanishingFigure
from tests.page.figures import javascript

GOOD = [
    "vanishing?radius=1.1&nonnormal=1.5",
    "vanishing?activation=relu",
    "poles?re=-1.5&im=0",
    "truncated_gradient?turn=30&task=echo",
    "reset?N=400",
]
BAD = [
    ("vanish?radius=1", "figure: expected one of"),
    ("vanishing?alpha=1", "control of vanishing: expected one of"),
    ("vanishing?radius=9", "radius=9: .*from 0.1 to 5"),
    ("vanishing?radius=1.12", "radius=1.12: expected a step of 0.05"),
    ("vanishing?radius=big", "radius=big: "),
    ("vanishing?radius=nan", "radius=nan: "),
    ("vanishing?radius=", "radius=: "),
    ("vanishing?radius", "expected name=value"),
    ("vanishing?radius=1&radius=2", "expected name=value once"),
    ("vanishing?activation=sine", "activation: expected one of"),
    ("vanishing?", "control of vanishing: expected one of"),
]


def in_the_page(text: str) -> list:
    """What the page's script makes of a text: figure, values, and what it refuses."""
    controls = {name: cls().spec["controls"] for name, cls in LiveFigure.registry.items()}
    return javascript.run(
        figures_script("poles")
        + f"const controls = {json.dumps(controls)};\n"
        + f"FigureSettings.parse({json.dumps('#' + text)}).map(({{ figure, given }}) =>"
        " [figure, FigureSettings.sort(controls[figure] || [], given)])"
    )


@pytest.mark.parametrize("text", GOOD)
def test_a_setting_is_read_alike_in_python_and_in_the_page(text):
    figure, values = setting(text)
    assert values
    assert figure(**values).values().items() >= values.items()
    assert in_the_page(text) == [[figure.figure, {"values": values, "refused": []}]]


@pytest.mark.parametrize(("text", "reason"), BAD)
def test_a_setting_that_cannot_be_shown_is_refused_with_the_reason(text, reason):
    with pytest.raises(ValueError, match=reason):
        setting(text)
    for _, read in in_the_page(text):
        # of a name given twice the page takes the last; the build does not let it come so far
        assert read["refused"] or text.count("radius") == 2 or text.endswith("?")
        assert read["values"] == {} or text.count("radius") == 2


def test_an_ordinary_anchor_is_no_setting():
    for text in ("Check-it-against-the-test-vectors", "eq-name", "Does-it-forget?", "", "4.1?x=1"):
        assert in_the_page(text) == []


def test_several_figures_share_an_address():
    text = "vanishing?radius=2;poles?re=-2&im=1"
    assert in_the_page(text) == [
        ["vanishing", {"values": {"radius": 2}, "refused": []}],
        ["poles", {"values": {"re": -2, "im": 1}, "refused": []}],
    ]


@pytest.mark.parametrize(("name", "cls"), sorted(LiveFigure.registry.items()))
def test_every_choice_and_every_end_of_a_slider_can_be_written_and_read(name, cls):
    states = [
        {control.name: value}
        for control in cls.controls
        for value in (
            [key for key, _ in control.options]
            if control.kind == "choice"
            else [control.min, control.value, control.max]
        )
    ]
    texts = javascript.run(
        figures_script("poles")
        + f"{json.dumps(states)}.map((state) => FigureSettings.write({json.dumps(name)}, state))"
    )
    assert [setting(text) for text in texts] == [(cls, state) for state in states]


def test_a_figure_resets_to_the_parameters_it_was_given():
    spec = VanishingFigure(radius=2.0, activation="relu").spec
    starts = {control["name"]: control["value"] for control in spec["controls"]}
    assert starts["radius"] == 2.0
    assert starts["activation"] == "relu"
    assert starts["bias"] == 4.0
    assert {c["name"]: c["value"] for c in PoleFigure().spec["controls"]} == PoleFigure().values()
