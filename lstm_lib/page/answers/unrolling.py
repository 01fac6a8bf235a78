"""The solutions of the exercises of 02_unrolling, for the checks in the chapter. Spoilers below."""

import math

SOLUTIONS = {
    1: math.sqrt(1 / 2) - math.atanh(math.sqrt(1 / 2)) / 2,
    2: 5 / (1 - 0.5),
}
