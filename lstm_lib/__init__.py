"""Recurrent networks from differential equations to the augmented LSTM."""

__version__ = "0.1.0"
