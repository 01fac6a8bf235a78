"""Recurrent networks from differential equations to the augmented LSTM.

The layers need NumPy only. ``lstm_lib.derive`` and ``lstm_lib.explore`` also need SymPy; they
are imported by name.
"""

from lstm_lib.augmented import AugmentedLSTM
from lstm_lib.compose import Bidirectional, Stacked
from lstm_lib.gru import GRU
from lstm_lib.lstm import VanillaLSTM
from lstm_lib.rnn import CanonicalRNN, StandardRNN

__version__ = "0.1.0"

__all__ = [
    "GRU",
    "AugmentedLSTM",
    "Bidirectional",
    "CanonicalRNN",
    "Stacked",
    "StandardRNN",
    "VanillaLSTM",
    "__version__",
]
