"""Test vectors for another implementation, and the comparison with what it computes."""

from lstm_lib.exchange.vectors.cases import CASES, LAGS
from lstm_lib.exchange.vectors.compare import Comparison, compare
from lstm_lib.exchange.vectors.make import problem, program, to_json, write_problem, write_vectors

__all__ = [
    "CASES",
    "LAGS",
    "Comparison",
    "compare",
    "problem",
    "program",
    "to_json",
    "write_problem",
    "write_vectors",
]
