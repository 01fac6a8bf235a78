"""The solutions of the exercises of 03_training, for the checks in the chapter. Spoilers below."""

import numpy as np

from lstm_lib.derive import kept_per_step, standard_rnn


def _crossing(d_s: int, d_x: int) -> float:
    """Above how many steps RTRL keeps fewer numbers than BPTT."""
    sizes = dict(zip(standard_rnn.parameters["W_x"], (d_s, d_x), strict=True))
    p = sum(int(np.prod([sizes[z] for z in shape])) for shape in standard_rnn.parameters.values())
    kept = sum(sizes[z] for z in kept_per_step(standard_rnn).values())
    return d_s * p / kept


SOLUTIONS = {2: _crossing(100, 10)}
