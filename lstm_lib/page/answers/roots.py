"""The solutions of the exercises of 01_roots, for the checks in the chapter. Spoilers below."""

import numpy as np

_A = np.linalg.eigvals(np.array([[-3.0, 4.0], [-4.0, -3.0]]))

SOLUTIONS = {
    1: lambda zeta: 1 + zeta + zeta**2 / 2,
    2: (-2 * _A.real / np.abs(_A) ** 2).min(),
    3: (1 - 2 ** (1 / 50)) / 0.1,
}
