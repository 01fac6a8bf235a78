"""Recurrent networks from differential equations to the augmented LSTM.

The layers need NumPy only. ``lstm_lib.derive`` and ``lstm_lib.page.figures`` also need SymPy; they
are imported by name.
"""

from lstm_lib.continuous.ode import AdditiveModel, StabilityWarning, circulant
from lstm_lib.continuous.sampling import (
    DelayWarning,
    backward_euler,
    canonical_weights,
    forward_euler,
    poles,
    to_rnn,
)
from lstm_lib.layers.augmented import AugmentedLSTM
from lstm_lib.layers.compose import Bidirectional, Stacked
from lstm_lib.layers.grid import GridLSTM
from lstm_lib.layers.gru import GRU
from lstm_lib.layers.lstm import VanillaLSTM
from lstm_lib.layers.lstm1997 import LSTM1997
from lstm_lib.layers.rnn import CanonicalRNN, StandardRNN
from lstm_lib.online.rtrl import RTRL
from lstm_lib.online.truncated import TruncatedGradient

__version__ = "0.1.0"

__all__ = [
    "GRU",
    "LSTM1997",
    "RTRL",
    "AdditiveModel",
    "AugmentedLSTM",
    "Bidirectional",
    "CanonicalRNN",
    "DelayWarning",
    "GridLSTM",
    "StabilityWarning",
    "Stacked",
    "StandardRNN",
    "TruncatedGradient",
    "VanillaLSTM",
    "__version__",
    "backward_euler",
    "canonical_weights",
    "circulant",
    "forward_euler",
    "poles",
    "to_rnn",
]
