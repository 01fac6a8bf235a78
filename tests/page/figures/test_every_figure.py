"""What every live figure must do, at every position of its controls."""

from __future__ import annotations

import json

import pytest

import lstm_lib.page.figures  # noqa: F401  registers the figures
from lstm_lib.page.figure import LiveFigure, figures_script

from .javascript import corners, run, states

# Curves that fly off, where that is what the figure shows: figure -> styles.
MAY_LEAVE = {"poles": ["orange", "muted"]}  # muted: the axes through zero


@pytest.mark.parametrize("name", sorted(LiveFigure.registry))
def test_no_position_of_the_sliders_breaks_a_figure(name):
    """At every corner and at random positions the picture and its text hold numbers only."""
    where = json.dumps(corners(name) + states(name, 30))
    script = f"""
const figure = LiveFigures.figures.{name};
const shown = {where}.map((values) => {{
  const data = figure.compute(values);
  const charts = figure.panels.map((panel, i) => {{
    const size = {{ id: "p" + i, width: 320, height: 250 }};
    const chart = new LiveFigures.Chart({{ ...size, ...panel.axes(data, values) }});
    panel.draw(chart, data, values);
    return chart.svg();
  }});
  return charts.join("") + figure.describe(data, values);
}});
shown
"""
    for text in run(figures_script(name) + script):
        for wrong in ("NaN", "undefined", "Infinity", "null", "not a number"):
            assert wrong not in text


@pytest.mark.parametrize("name", sorted(LiveFigure.registry))
def test_no_curve_leaves_its_chart(name):
    script = """
const left = [], Chart = LiveFigures.Chart;
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
for (values of STATES) {
  const figure = LiveFigures.figures.NAME, data = figure.compute(values);
  figure.panels.forEach((panel, i) => {
    const size = { id: "p" + i, width: 320, height: 250 };
    panel.draw(new Chart({ ...size, ...panel.axes(data, values) }), data, values);
  });
}
left.slice(0, 5)
"""
    where = corners(name) + states(name, 60)
    for word, value in [
        ("NAME", name),
        ("STATES", json.dumps(where)),
        ("ALLOWED", json.dumps(MAY_LEAVE.get(name, []))),
    ]:
        script = script.replace(word, value)
    assert run(figures_script(name) + script) == []
