"""Signal-flow diagrams of cells, drawn by code, with the page's symbols as labels."""

from lstm_lib.page.diagrams.augmented_lstm import augmented_lstm
from lstm_lib.page.diagrams.rnn_to_lstm import towards_lstm
from lstm_lib.page.diagrams.roots import canonical_rnn
from lstm_lib.page.diagrams.training import elman, error_flow, jordan
from lstm_lib.page.diagrams.unrolling import unrolled_rnn
from lstm_lib.page.diagrams.vanilla_lstm import vanilla_lstm
from lstm_lib.page.diagrams.vanishing import two_paths
from lstm_lib.page.surface import Diagram

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
