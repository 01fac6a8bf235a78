"""The solutions of the exercises of 07_augmented_lstm, for the checks. Spoilers below."""

from lstm_lib import AugmentedLSTM
from lstm_lib.exchange.vectors import LAGS

_layer = AugmentedLSTM(40, 512, 128, {"du": range(-5, 6)})

SOLUTIONS = {
    2: _layer.params.flat.size,
    3: 50 - min(lag for window in LAGS.values() for lag in window) + 1,
    4: (0.5, 0.0),
}
