"""Signal-flow diagrams of cells, drawn by code, with the page's symbols as labels."""

from lstm_lib.diagram.augmented_lstm import augmented_lstm
from lstm_lib.diagram.lstm import towards_lstm
from lstm_lib.diagram.rnn import canonical_rnn
from lstm_lib.diagram.surface import Diagram
from lstm_lib.diagram.training import elman, error_flow, jordan
from lstm_lib.diagram.unrolled import unrolled_rnn
from lstm_lib.diagram.vanilla_lstm import vanilla_lstm
from lstm_lib.diagram.vanishing import two_paths

__all__ = [
    "Diagram",
    "augmented_lstm",
    "canonical_rnn",
    "elman",
    "error_flow",
    "jordan",
    "towards_lstm",
    "two_paths",
    "unrolled_rnn",
    "vanilla_lstm",
]
