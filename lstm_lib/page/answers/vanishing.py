"""The solutions of the exercises of 04_vanishing, for the checks in the chapter. Spoilers below."""

import numpy as np

_open = 0.5 ** (1 / 100)

SOLUTIONS = {1: np.log(_open / (1 - _open)), 2: (3 / np.sinh(3)) ** 10}
