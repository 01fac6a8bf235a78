"""Results do not depend on how many threads the linear algebra uses, beyond rounding."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import lstm_lib
from tests.problems import SIMPLE

# Large enough for OpenBLAS to share a product among threads.
SCRIPT = """
import sys
import numpy as np
import lstm_lib

rng = np.random.default_rng(0)
layer = eval(f"lstm_lib.{sys.argv[1]}")
x = rng.normal(size=(12, 64, 96))
trace = layer.forward(x)
grads = layer.backward(trace, rng.normal(size=getattr(trace, layer.output).shape))
np.save(sys.argv[2], np.concatenate([grads.params.flat, grads.x.ravel()]))
"""


LAYERS = [f"{name}(96, 128, rng=1)" for name in SIMPLE if name in lstm_lib.__all__]
LAYERS.append("AugmentedLSTM(96, 128, 64, {'du': range(-1, 2)}, rng=1)")


@pytest.mark.parametrize("layer", LAYERS)
def test_one_and_two_threads_agree(layer, tmp_path):
    results = []
    for threads in ("1", "2"):
        environment = os.environ | {
            f"{name}_NUM_THREADS": threads for name in ("OMP", "OPENBLAS", "MKL")
        }
        target = tmp_path / f"{threads}.npy"
        command = [sys.executable, "-c", SCRIPT, layer, str(target)]
        subprocess.run(command, env=environment, check=True)
        results.append(np.load(target))
    scale = np.abs(results[0]).max()
    assert np.abs(results[0] - results[1]).max() <= 1e-12 * scale
