"""What every live figure must do, at every position of its controls."""

from __future__ import annotations

import json

import pytest

import lstm_lib.page.figures  # noqa: F401  registers the figures
from lstm_lib.page.figure import LiveFigure, figures_script

from .javascript import corners, run, states

# Curves that fly off, where that is what the figure shows: figure -> styles.
MAY_LEAVE = {
    "poles": ["orange", "muted"],
    "sampling": ["blue", "orange"],
}  # muted: the axes through zero


# What a picture of numbers holds nowhere, whichever way JavaScript writes it.
WRONG = ("NaN", "undefined", "Infinity", "null", "not a number")

SCRIPT = """
const left = [], wrong = [], Chart = LiveFigures.Chart;
let values;
for (const method of ["path", "dots"]) {
  const draw = Chart.prototype[method];
  Chart.prototype[method] = function (points, style, ...rest) {
    const { top, bottom } = this.box, may = ALLOWED.some((word) => style.split(" ").includes(word));
    for (const [x, y] of may ? [] : points) {
      const py = this.py(y);
      if (Number.isFinite(y) && (py < top - 1 || py > bottom + 1)) left.push([style, y, values]);
    }
    return draw.call(this, points, style, ...rest);
  };
}
const figure = LiveFigures.figures.NAME;
for (values of STATES) {
  const data = figure.compute(values);
  const shown = figure.panels.map((panel, i) => {
    const size = { id: "p" + i, width: 320, height: 250 };
    const chart = new Chart({ ...size, ...panel.axes(data, values) });
    panel.draw(chart, data, values);
    return chart.svg();
  });
  const text = shown.join("") + figure.describe(data, values);
  for (const word of WRONG) if (text.includes(word)) wrong.push([word, values]);
}
({ wrong: wrong.slice(0, 5), left: left.slice(0, 5) })
"""


@pytest.mark.parametrize("name", sorted(LiveFigure.registry))
def test_every_position_of_the_sliders_draws_numbers_inside_the_charts(name):
    """At every corner and at random positions."""
    script = SCRIPT
    for word, value in [
        ("NAME", name),
        ("STATES", json.dumps(corners(name) + states(name, 60))),
        ("ALLOWED", json.dumps(MAY_LEAVE.get(name, []))),
        ("of WRONG", f"of {json.dumps(WRONG)}"),
    ]:
        script = script.replace(word, value)
    assert run(figures_script(name) + script) == {"wrong": [], "left": []}


def test_a_figure_that_draws_no_number_or_outside_is_noticed():
    script = SCRIPT.replace("NAME", "impulse").replace("ALLOWED", "[]")
    script = script.replace("of WRONG", f"of {json.dumps(WRONG)}")
    script = script.replace("STATES", json.dumps(states("impulse", 2)))
    spoilt = "LiveFigures.figures.impulse.panels[0].axes = () => ({ x: [0, 30], y: [0, 1e-9] });\n"
    source = figures_script("impulse") + spoilt
    found = run(source + script.replace("figure.describe(data, values)", "String(0 / 0)"))
    assert found["wrong"][0][0] == "NaN"
    assert found["left"]


def test_the_last_tick_ends_at_the_edge_of_the_drawing():
    """A wide number at the border would be cut if it stood in the middle of its tick."""
    chart = '{ id: "a", width: 300, height: 200, x: [0, 100], y: [0, 1], xLabel: "", yLabel: "" }'
    drawn = run(figures_script("poles") + f"new LiveFigures.Chart({chart}).svg()")
    assert '<text class="lf-tick" x="300" y="176" text-anchor="end">100</text>' in drawn
    assert 'text-anchor="middle">50</text>' in drawn
