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
from lstm_lib.layers import *  # noqa: F403
from lstm_lib.layers import __all__ as _layers
from lstm_lib.online.rtrl import RTRL
from lstm_lib.online.truncated import TruncatedGradient

__version__ = "0.1.0"

__all__ = [
    *_layers,
    "RTRL", "AdditiveModel", "DelayWarning", "StabilityWarning", "TruncatedGradient",
    "__version__", "backward_euler", "canonical_weights", "circulant", "forward_euler", "poles",
    "to_rnn",
]  # fmt: skip
