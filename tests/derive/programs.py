"""Emitted programs made runnable, and random values of the right shapes for any system."""

from __future__ import annotations

import json
import shutil
import subprocess
from types import SimpleNamespace
from typing import Any

import numpy as np

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
