"""The solutions of the exercises of 06_vanilla_lstm, for the checks in the chapter. Spoilers."""

import numpy as np

from lstm_lib import VanillaLSTM

LATE = "a_cr[n] = W_xcr @ x[n] + W_scr @ s[n-1] + W_vcr @ v[n-1] + b_cr"

# One unit, constant gates, one peephole: an error of 1 at the new state, and what the old one gets.
_cell = VanillaLSTM(1, 1, "diagonal")
_cell.params.flat[:] = 0
_cell.params["W_scu"] = [2]
_cell.params["b_cs"], _cell.params["b_du"] = [np.log(9)], [np.arctanh(0.8)]
_trace = _cell.forward(np.zeros((1, 1)))
_factor = _cell.backward(_trace, np.zeros((1, 1)), dE_ds_last=[1]).s0.item()

_logit = np.log(0.99 / 0.01)

SOLUTIONS = {
    1: [VanillaLSTM(10, 20, kind).params.flat.size for kind in ("full", "diagonal", None)],
    4: [_factor, np.ceil(np.log(10) / np.log(_factor))],
    5: [-2 * _logit, _logit],
}
