"""Layers, forward and backward in NumPy: recurrent ones, a feed-forward network, a perceptron."""

from lstm_lib.layers.base import Gradients, Layer, Trace
from lstm_lib.layers.compose import Bidirectional, Stacked
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.grid import GridLSTM
from lstm_lib.layers.gru import GRU
from lstm_lib.layers.lstm import AugmentedLSTM, VanillaLSTM
from lstm_lib.layers.lstm1997 import LSTM1997
from lstm_lib.layers.perceptron import Perceptron
from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import CanonicalRNN, StandardRNN

__all__ = [
    "GRU",
    "LSTM1997",
    "AugmentedLSTM",
    "Bidirectional",
    "CanonicalRNN",
    "Dense",
    "FeedForward",
    "Gradients",
    "GridLSTM",
    "Layer",
    "Perceptron",
    "Stacked",
    "StandardRNN",
    "Trace",
    "VanillaLSTM",
]
