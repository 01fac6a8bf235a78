"""Emitted programs made runnable, and random values of the right shapes for any system."""

from __future__ import annotations

import json
import shutil
import subprocess
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import lstm_lib.derive
from lstm_lib.derive.declare import starts
from lstm_lib.derive.frame import size_names

WINDOWS = ((-1, 0, 1), (0, 1, 2), (-2, -1))
SYSTEMS = lstm_lib.derive.SYSTEMS


def system(name: str) -> Any:
    """A system of the catalogue by name."""
    return getattr(lstm_lib.derive, name)


def run(source: str, **replaced: Any) -> SimpleNamespace:
    """An emitted Python program as a namespace, with some of its functions replaced."""
    names: dict[str, Any] = {}
    exec(compile(source, "<emitted>", "exec"), names)
    names.update(replaced)
    return SimpleNamespace(**names)


def point(cell: Any, N: int = 5, B: int = 3, seed: int = 0, size: int | None = None) -> Any:
    """Random params, inputs, initial values and loss gradients, and the lags as keywords."""
    draw = np.random.default_rng(seed)
    sizes = {name: size or k for k, name in enumerate(size_names(cell), start=2)}
    lags = {
        name: (first, first + 2, first + 1) if (first := cell.least.get(name)) is not None else lags
        for name, lags in zip(cell.lag_sets, WINDOWS * 9, strict=False)
    }

    def shape(symbols: Any) -> tuple[int, ...]:
        return tuple(sizes[str(symbol)] for symbol in symbols)

    params = {}
    for name, symbols in {**cell.parameters, **cell.constants}.items():
        taps = (len(lags[cell.taps[name]]),) if name in cell.taps else ()
        params[name] = draw.normal(scale=0.7, size=taps + shape(symbols))
    inputs = {x: draw.normal(size=(N, B, *shape(s))) for x, s in cell.inputs.items()}
    initial = {key: draw.normal(size=(B, *shape(cell.sequences[z]))) for z, _, key in starts(cell)}
    losses = {f"dL_d{z}": draw.normal(size=(N, B, *shape(cell.sequences[z]))) for z in cell.outputs}
    keywords = {"lags": lags} if lags else {}
    return SimpleNamespace(
        params=params, inputs=inputs, initial=initial, losses=losses, keywords=keywords
    )


def blocks(cell: Any, at: Any) -> Any:
    """Every group of the point with the names in it that have a gradient."""
    for group in ("params", "inputs", "initial"):
        yield from ((group, key) for key in getattr(at, group) if key not in cell.constants)


def along(at: Any, group: str, key: str, step: Any) -> Any:
    """The point moved by a step in one of its blocks."""
    moved = {name: dict(getattr(at, name)) for name in ("params", "inputs", "initial")}
    moved[group][key] = moved[group][key] + step
    return SimpleNamespace(**moved)


def loss(program: Any, cell: Any, at: Any, moved: Any) -> Any:
    """E, linear in the outputs, so that its own gradient is at.losses everywhere."""
    trace = program.forward(moved.params, *moved.inputs.values(), **moved.initial, **at.keywords)
    return sum((trace[z] * at.losses[f"dL_d{z}"]).sum() for z in cell.outputs)


def differentiated(cell: Any, at: Any, rel: float = 1e-11, seed: int = 1) -> Any:
    """Trace and gradients of the NumPy program, found to be its own by complex steps."""
    # A cut passes the value and not the error: here, the real and not the imaginary part.
    program = run(cell.numpy_source(), cut=lambda z: z.real.astype(z.dtype))
    trace = program.forward(at.params, *at.inputs.values(), **at.initial, **at.keywords)
    grads = program.backward(at.params, trace, *at.losses.values())
    draw = np.random.default_rng(seed)
    for group, key in blocks(cell, at):
        value = getattr(at, group)[key]
        assert grads[key].shape == value.shape
        for _ in range(2):
            way = draw.normal(size=value.shape)
            slope = loss(program, cell, at, along(at, group, key, 1e-30j * way)).imag / 1e-30
            assert (grads[key] * way).sum() == pytest.approx(slope, rel=rel, abs=rel), key
    return trace, grads


def node(script: str) -> str:
    """What a script prints in Node."""
    program = shutil.which("node")
    assert program, "the tests of the emitted JavaScript need the program node on the PATH"
    done = subprocess.run(
        [program, "-"], input=script, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def plain(z: Any) -> Any:
    """Arrays as lists, for JSON."""
    return {key: plain(value) for key, value in z.items()} if isinstance(z, dict) else z.tolist()


def both(cell: Any, at: Any, b: int | None = None) -> Any:
    """Trace and gradients of the NumPy and of the JavaScript program."""
    pick = (lambda z: z) if b is None else (lambda z: z[:, b] if z.ndim == 3 else z[b])
    program = run(cell.numpy_source())
    trace = program.forward(at.params, *at.inputs.values(), **at.initial, **at.keywords)
    grads = program.backward(at.params, trace, *at.losses.values())
    given = [pick(z).tolist() for z in (*at.inputs.values(), *at.initial.values())]
    lags = [{k: list(v) for k, v in at.keywords["lags"].items()}] if at.keywords else []
    losses = [pick(z).tolist() for z in at.losses.values()]
    printed = node(
        f"{cell.javascript_source('cell')}"
        f"var given = {json.dumps([plain(at.params), *given, *lags])};"
        f"var losses = {json.dumps(losses)};"
        "var trace = cell.forward.apply(null, given);"
        "var grads = cell.backward.apply(null, [given[0], trace].concat(losses));"
        "console.log(JSON.stringify([trace, grads]));"
    )
    return trace, grads, *json.loads(printed)
