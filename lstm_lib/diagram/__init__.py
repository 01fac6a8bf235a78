"""Signal-flow diagrams of cells, drawn by code, with the page's symbols as labels."""

from lstm_lib.diagram.lstm import towards_lstm
from lstm_lib.diagram.rnn import canonical_rnn
from lstm_lib.diagram.surface import Diagram

__all__ = ["Diagram", "canonical_rnn", "towards_lstm"]
