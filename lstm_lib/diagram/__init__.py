"""Signal-flow diagrams of cells, drawn by code, with the page's symbols as labels."""

from lstm_lib.diagram.rnn import canonical_rnn
from lstm_lib.diagram.surface import Diagram
from lstm_lib.diagram.vanilla_lstm import vanilla_lstm

__all__ = ["Diagram", "canonical_rnn", "vanilla_lstm"]
