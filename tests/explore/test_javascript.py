"""The JavaScript that the figures run, executed by Node.js and compared with the NumPy library."""

from __future__ import annotations

import itertools
import json
import subprocess
import warnings

import numpy as np
import pytest

import lstm_lib
from lstm_lib.explore.figure import Choice, LiveFigure, figures_script
from lstm_lib.ode import StabilityWarning
from lstm_lib.sampling import DelayWarning
from tools.node import executable

TOLERANCE = 1e-12


def run(script: str) -> object:
    """What the script's last line, an expression, is worth in Node.js."""
    *body, last = script.rstrip().split("\n")
    source = "\n".join([*body, f"process.stdout.write(JSON.stringify({last}))"])
    done = subprocess.run(
        [executable("node"), "-"], input=source, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def compute(figure: str, states: list[dict]) -> list[dict]:
    """The figure's data for each state, as the page computes them."""
    return run(figures_script() + f"{json.dumps(states)}.map(LiveFigures.figures.{figure}.compute)")


def states(figure: str, count: int) -> list[dict]:
    """Random positions of all controls, each on a step that the reader can set."""
    rng = np.random.default_rng(len(figure))

    def draw(control):
        if isinstance(control, Choice):
            return str(rng.choice([key for key, _ in control.options]))
        steps = round((control.max - control.min) / control.step)
        return round(control.min + control.step * int(rng.integers(steps + 1)), 10)

    controls = LiveFigure.registry[figure].controls
    return [{c.name: draw(c) for c in controls} for _ in range(count)]


def corners(figure: str) -> list[dict]:
    """Every combination of the controls' ends."""
    controls = LiveFigure.registry[figure].controls
    ends = [
        [key for key, _ in c.options] if isinstance(c, Choice) else [c.min, c.max] for c in controls
    ]
    return [
        dict(zip([c.name for c in controls], values, strict=True))
        for values in itertools.product(*ends)
    ]


def close(page, library) -> None:
    """Equal to 1e-12, relative to the largest value of the sequence."""
    page, library = np.asarray(page, float), np.asarray(library, float)
    assert page.shape == library.shape
    assert np.abs(page - library).max() <= TOLERANCE * max(1.0, np.abs(library).max())


@pytest.fixture(autouse=True)
def quiet():
    """Some states are unstable or unaligned; the warnings have tests of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StabilityWarning)
        warnings.simplefilter("ignore", DelayWarning)
        yield


@pytest.fixture(scope="module")
def pole_runs():
    where = states("poles", 60) + corners("poles")
    return list(zip(where, compute("poles", where), strict=True))


@pytest.mark.parametrize("rule", ["backward", "forward", "exact"])
def test_pole_figure_has_the_librarys_poles(pole_runs, rule):
    for state, data in pole_runs:
        (expected,) = lstm_lib.poles(
            complex(state["re"], state["im"]), delta_t=state["delta_t"], rule=rule
        )
        close(
            [data["poles"][rule]["re"], data["poles"][rule]["im"]], [expected.real, expected.imag]
        )


@pytest.mark.parametrize("rule", ["backward", "forward"])
def test_pole_figure_has_the_librarys_step_response(pole_runs, rule):
    sampler = {"backward": lstm_lib.backward_euler, "forward": lstm_lib.forward_euler}[rule]
    for state, data in pole_runs:
        A = np.array([[state["re"], -state["im"]], [state["im"], state["re"]]])
        model = lstm_lib.AdditiveModel(A, phi=-A @ [1.0, 0.0])
        expected = sampler(model, t_end=10, delta_t=state["delta_t"])
        rows = data["responses"][rule]
        close([p["t"] for p in rows], expected.t)
        close([[p["re"], p["im"]] for p in rows], expected.s)


def test_pole_figure_has_the_exact_response(pole_runs):
    for state, data in pole_runs:
        rows = data["responses"]["exact"]
        s = 1 - np.exp(complex(state["re"], state["im"]) * np.array([p["t"] for p in rows]))
        close([p["re"] for p in rows], s.real)
        close([p["im"] for p in rows], s.imag)


INPUTS = {
    "step": lambda t: float(t >= 1),
    "pulse": lambda t: float(1 <= t < 3),
    "sine": lambda t: np.sin(2 * np.pi * t / 5),
    "none": lambda t: 0.0,
}


def test_delay_figure_has_the_librarys_solution_and_samples():
    where = states("delay", 12) + corners("delay")[::9]
    for state, data in zip(where, compute("delay", where), strict=True):
        model = lstm_lib.AdditiveModel([[state["a"]]], [[state["b"]]], [[1.0]], tau_r=state["tau"])
        start = [1.0 if state["shape"] == "none" else 0.0]
        x = INPUTS[state["shape"]]
        fine = model.solve(x, t_end=20, step=0.02, history=start)
        close(data["fine"]["s"], fine.s[:, 0])
        rnn = lstm_lib.backward_euler(model, x, t_end=20, delta_t=state["delta_t"], history=start)
        close(data["rnn"]["s"], rnn.s[:, 0])
        assert data["rnn"]["lag"] == rnn.delay_steps[0]
        close(data["distance"], np.abs(rnn.s - fine(np.minimum(rnn.t, fine.t[-1]))).mean())


def test_impulse_figure_has_the_librarys_responses():
    where = states("impulse", 40) + corners("impulse")
    impulse = np.zeros((31, 1))
    impulse[0] = 1
    for state, data in zip(where, compute("impulse", where), strict=True):
        weights = lstm_lib.canonical_weights(
            [[state["a"]]], [[state["b"]]], [[1.0]], delta_t=state["delta_t"]
        )
        for name in ("W_s", "W_r", "W_x"):
            close(data["weights"][name], getattr(weights, name)[0, 0])
        for key, layer in [
            ("canonical", lstm_lib.CanonicalRNN(1, 1)),
            ("standard", lstm_lib.StandardRNN(1, 1)),
        ]:
            if key == "canonical":
                layer.params["W_s"] = weights.W_s
            layer.params["W_r"] = weights.W_r
            layer.params["W_x"] = [[1.0]]
            close(data[key], layer.forward(impulse).s[:, 0])


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
    for text in run(figures_script() + script):
        for wrong in ("NaN", "undefined", "Infinity", "null", "not a number"):
            assert wrong not in text


def test_no_curve_leaves_its_chart():
    """Forward Euler excepted: that it flies off is what its figure shows."""
    script = """
const left = [];
for (const [name, states] of Object.entries(STATES)) {
  const figure = LiveFigures.figures[name], panel = figure.panels[figure.panels.length - 1];
  for (const values of states) {
    const data = figure.compute(values), [low, high] = panel.axes(data, values).y;
    const curves = {
      poles: () => data.responses.exact.concat(data.responses.backward).map((p) => p.re),
      delay: () => data.fine.s.concat(data.rnn.s),
      impulse: () => data.canonical.concat(data.standard),
    }[name]();
    if (curves.some((y) => y < low || y > high)) left.push([name, values]);
  }
}
left
"""
    where = {name: corners(name) + states(name, 60) for name in ("poles", "delay", "impulse")}
    assert run(figures_script() + script.replace("STATES", json.dumps(where))) == []


def test_a_wrong_model_is_noticed():
    """The comparison has teeth: with a wrong warping function it fails."""
    where = states("delay", 3)
    broken = figures_script().replace("Math.tanh", "Math.atan")
    data = run(broken + f"{json.dumps(where)}.map(LiveFigures.figures.delay.compute)")
    for state, wrong in zip(where, data, strict=True):
        (right,) = compute("delay", [state])
        with pytest.raises(AssertionError):
            close(wrong["rnn"]["s"], right["rnn"]["s"])
