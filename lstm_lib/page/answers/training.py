"""The solutions of the exercises of 03_training, for the checks in the chapter. Spoilers below."""

import numpy as np
import sympy as sp

from lstm_lib.derive import kept_per_step, standard_rnn


def _kept_terms(h: int) -> int:
    """Terms (n, k) of 100 steps with an age n - k below h."""
    return 100 * h - h * (h - 1) // 2


def _crossing(d_s: int, d_x: int) -> float:
    """Above how many steps RTRL keeps fewer numbers than BPTT."""
    sizes = dict(zip(standard_rnn.parameters["W_x"], (d_s, d_x), strict=True))
    p = sum(int(np.prod([sizes[z] for z in shape])) for shape in standard_rnn.parameters.values())
    kept = sum(sizes[z] for z in kept_per_step(standard_rnn).values())
    return d_s * p / kept


def _late_error() -> float:
    """psi[0] of one linear neuron: W_r = 1/2, W_x = 1, x = (1, 0, 0), loss (r[2] - 1)^2 / 2."""
    w = sp.Rational(1, 2)
    r2 = w**2
    return float(w**2 * (r2 - 1))


SOLUTIONS = {3: _late_error(), 4: _kept_terms(10), 5: _crossing(100, 10)}
