"""The solutions of the exercises of 02_unrolling, for the checks in the chapter. Spoilers below."""

import math

SOLUTIONS = {
    1: math.ceil(math.log(0.001 / 2) / math.log(0.8)),
    2: lambda J: sum(J**k for k in (4, 5, 6, 7)) / 4,
    3: math.sqrt(1 / 2) - math.atanh(math.sqrt(1 / 2)) / 2,
    4: 5 / (1 - 0.5),
}
