"""The LSTM of 1997: published weight counts, and its carousel."""

import numpy as np
import pytest

from lstm_lib import LSTM1997
from lstm_lib.layers.readout import Dense


@pytest.mark.parametrize(
    ("task", "I", "blocks", "size", "O", "biases", "weights"),
    [
        ("embedded Reber", 7, 4, 1, 7, "gb", 264),
        ("embedded Reber", 7, 3, 2, 7, "gb", 276),
        ("two-sequence", 1, 3, 1, 1, "gb cb", 102),
        ("adding", 2, 2, 2, 1, "gb cb ob", 93),
        ("temporal order 6a", 8, 2, 2, 4, "gb cb ob", 156),
        ("temporal order 6b", 8, 3, 2, 8, "gb cb ob", 308),
    ],
)
def test_the_wiring_has_the_published_number_of_weights(task, I, blocks, size, O, biases, weights):
    lstm = LSTM1997(I, blocks, size, gate_bias="gb" in biases, cell_bias="cb" in biases)
    readout = Dense(lstm.d_out, O, bias="ob" in biases)
    assert lstm.params.flat.size + readout.params.flat.size == weights


def test_the_continual_reber_network_of_2000_has_424_weights():
    lstm = LSTM1997(7, 4, 2, forget_gate=True, gate_recurrence=False, cell_bias=False)
    readout = Dense(lstm.d_out + 7, 7)  # its outputs see the inputs too
    assert lstm.params.flat.size + readout.params.flat.size == 424


def test_the_carousel_keeps_the_error_without_a_forget_gate():
    lstm = LSTM1997(1, 2, 2, rng=1)
    lstm.params.flat[:] = 0  # no recurrence: only the carousel is left
    trace = lstm.forward(np.ones((50, 1)))
    e = np.zeros((50, 4))
    e[-1] = 1
    psi = lstm.backward(trace, e).psi
    assert np.array_equal(psi, np.broadcast_to(psi[-1], psi.shape))


def test_a_wrong_option_is_named():
    with pytest.raises(TypeError, match="forget_gate: expected True or False, got 'yes'"):
        LSTM1997(1, 1, forget_gate="yes")
