"""The examples in the docstrings run and print what they say."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["losses", "network", "training", "vectors"])
def test_examples_run(name):
    failed, attempted = doctest.testmod(importlib.import_module(f"lstm_lib.{name}"))
    assert attempted >= 3
    assert failed == 0
