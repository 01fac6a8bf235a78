"""Test vectors for another implementation, and the comparison with what it computes."""

from lstm_lib.exchange.vectors.compare import Comparison, compare
from lstm_lib.exchange.vectors.make import (
    LAGS,
    augmented_lstm_vectors,
    to_json,
    vanilla_lstm_vectors,
    write_vectors,
)

__all__ = [
    "LAGS",
    "Comparison",
    "augmented_lstm_vectors",
    "compare",
    "to_json",
    "vanilla_lstm_vectors",
    "write_vectors",
]
