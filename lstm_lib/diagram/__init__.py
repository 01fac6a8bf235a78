"""Signal-flow diagrams of cells, drawn by code, with the page's symbols as labels."""

from lstm_lib.diagram.rnn import canonical_rnn
from lstm_lib.diagram.surface import Diagram
from lstm_lib.diagram.unrolled import unrolled_rnn
from lstm_lib.diagram.vanishing import two_paths

__all__ = [
    "Diagram",
    "canonical_rnn",
    "two_paths",
    "unrolled_rnn",
]
