"""How long the derivation engine takes; run from the repository: python benchmarks/derive_speed.py

Prints the best of several runs of each task beside the time that it may take. One thread is used,
unless the environment gives NumPy's linear algebra more.
"""

# ruff: noqa: E402
import json
import os
import platform
import shutil
import subprocess
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
import sympy

import lstm_lib.derive
from lstm_lib.derive.system import System

TIMER = """
var best = Infinity;
for (var k = 0; k < 30; k++) {
  var start = performance.now();
  var trace = cell.forward(params, x);
  cell.backward(params, trace, dL);
  best = Math.min(best, performance.now() - start);
}
console.log(best / 1000);
"""


def best(task, repeat):
    """The shortest time of some runs, in seconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def fresh(system):
    """The same declaration again, with nothing derived yet and SymPy's cache empty."""
    sympy.core.cache.clear_cache()
    return System(system.name, warping=system.warping, source=system.source, **system.text)


def sequence(system, d=16, N=50):
    """Parameters, an input of one sequence and the gradient of a loss."""
    draw = np.random.default_rng(0)
    params = {name: draw.normal(size=(d,) * len(s)) / d for name, s in system.parameters.items()}
    return params, draw.normal(size=(N, 1, d)), draw.normal(size=(N, 1, d))


def numpy_time(system):
    names = {}
    exec(system.numpy_source(), names)
    params, x, dL = sequence(system)
    return best(lambda: names["backward"](params, names["forward"](params, x), dL), 30)


def node_time(system):
    params, x, dL = sequence(system)
    given = {"params": {k: v.tolist() for k, v in params.items()}, "x": x.tolist()}
    script = system.javascript_source("cell") + "".join(
        f"var {name} = {json.dumps(value)};" for name, value in {**given, "dL": dL.tolist()}.items()
    )
    done = subprocess.run(
        ["node", "-"], input=script + TIMER, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def derive_and_print(system):
    system = fresh(system)
    start = time.perf_counter()
    system.latex()
    return time.perf_counter() - start


def main():
    vanilla, augmented = lstm_lib.derive.vanilla_lstm, lstm_lib.derive.augmented_lstm
    print(f"Python {platform.python_version()}, SymPy {sympy.__version__}, NumPy {np.__version__}")
    print(f"{os.cpu_count()} cores, {os.environ['OMP_NUM_THREADS']} thread for linear algebra")
    rows = [
        (
            "derive and print the Augmented LSTM",
            min(derive_and_print(augmented) for _ in range(5)),
            0.050,
        ),
        ("prove the Vanilla LSTM, d = 2, N = 3", best(lambda: fresh(vanilla).prove(), 3), 2.0),
        ("prove the Augmented LSTM, d = 2, N = 3", best(lambda: fresh(augmented).prove(), 3), 5.0),
        ("NumPy forward + backward, d = 16, N = 50", numpy_time(vanilla), 0.015),
    ]
    if shutil.which("node"):
        rows.append(("JavaScript forward + backward, the same", node_time(vanilla), 0.015))
    else:
        print("JavaScript is not timed: there is no program node on the PATH")
    for task, seconds, limit in rows:
        verdict = "ok" if seconds <= limit else "TOO SLOW"
        print(f"{task:42} {1e3 * seconds:9.1f} ms   at most {1e3 * limit:6.0f} ms   {verdict}")


if __name__ == "__main__":
    main()
