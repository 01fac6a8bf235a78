"""The JavaScript that the figures run, executed by Node.js, to compare with the NumPy library."""

from __future__ import annotations

import itertools
import json
import subprocess

import numpy as np

from lstm_lib.page.figure import Choice, LiveFigure, figures_script
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
    return run(
        figures_script(figure) + f"{json.dumps(states)}.map(LiveFigures.figures.{figure}.compute)"
    )


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
