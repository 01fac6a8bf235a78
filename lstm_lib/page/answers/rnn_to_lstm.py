"""The solutions of the exercises of 05_rnn_to_lstm, for its checks. Spoilers below."""

import numpy as np

SOLUTIONS = {
    1: [-np.log(1999), np.log(19) + np.log(1999)],
    2: 0.9**30 * 0.99**20,
    3: "alpha_cs[n] = psi[n] * (s[n-1] - u[n]) * dG_c(a_cs[n])",
    4: "alpha_cu[n] = psi[n] * g_cs[n] * u[n] * dG_c(a_cu[n])",
}
