"""The solutions of the exercises of 06_vanilla_lstm, for the checks in the chapter. Spoilers."""

import numpy as np

from lstm_lib import VanillaLSTM

LATE = "a_cr[n] = W_xcr @ x[n] + W_scr @ s[n-1] + W_vcr @ v[n-1] + b_cr"

_keep = 2 ** (-1 / 100)
_logit = np.log(0.99 / 0.01)

SOLUTIONS = {
    1: [VanillaLSTM(10, 20, kind).params.flat.size for kind in ("full", "diagonal", None)],
    4: np.log(_keep / (1 - _keep)),
    5: [-2 * _logit, _logit],
}
