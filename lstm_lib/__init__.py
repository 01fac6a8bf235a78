"""Recurrent networks from differential equations to the augmented LSTM.

The layers need NumPy only. ``lstm_lib.derive`` and ``lstm_lib.explore`` also need SymPy; they
are imported by name.
"""

from lstm_lib.ode import AdditiveModel, StabilityWarning, circulant
from lstm_lib.rnn import CanonicalRNN, StandardRNN
from lstm_lib.sampling import (
    DelayWarning,
    backward_euler,
    canonical_weights,
    forward_euler,
    poles,
    to_rnn,
)

__version__ = "0.1.0"

__all__ = [
    "AdditiveModel",
    "CanonicalRNN",
    "DelayWarning",
    "StabilityWarning",
    "StandardRNN",
    "__version__",
    "backward_euler",
    "canonical_weights",
    "circulant",
    "forward_euler",
    "poles",
    "to_rnn",
]
