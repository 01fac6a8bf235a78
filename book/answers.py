"""The solutions of the exercises, for the checks in the chapters. Spoilers below."""

import numpy as np

from lstm_lib.derive import System

_A = np.linalg.eigvals(np.array([[-3.0, 4.0], [-4.0, -3.0]]))

ROOTS = {
    1: lambda zeta: (1 + zeta / 2) / (1 - zeta / 2),
    2: (-2 * _A.real / np.abs(_A) ** 2).min(),
    3: (1 - 2 ** (1 / 50)) / 0.1,
    4: lambda a_hat: 1 / (1 - a_hat),
}

_TWO_STEPS_BACK = System(
    "Two steps back",
    "s[n] = W @ r[n-2] + U @ x[n]\nr[n] = G(s[n])",
    inputs="x: d_x",
    sequences="s r: d_s",
    parameters="W: d_s, d_s; U: d_s, d_x",
    outputs="r",
    adjoints="r: chi, s: psi",
    warping={"G": "tanh"},
)

ENGINE = {
    1: "psi[n] = chi[n] * dG_d(s[n]) + g[n+1] * psi[n+1]",
    2: "alpha[n] = psi[n] * (s[n-1] - G_d(d[n])) * dG_c(a[n])",
    3: _TWO_STEPS_BACK.prove(d=2, N=3).identities,
}
