"""The mutation sample finds what to break, and the tests that should notice, by itself."""

import ast
import re

import pytest

from tools import mutation

TARGETS = mutation.targets()


def test_every_backward_pass_is_a_target():
    found = {
        path.relative_to(mutation.LIBRARY).with_suffix("").as_posix()
        for room in mutation.ROOMS
        for path in (mutation.LIBRARY / room).glob("*.py")
        if re.search(r"^ +def (backward|gradient)\(", path.read_text(), re.MULTILINE)
    }
    assert found <= set(TARGETS)
    assert "peep_back" in TARGETS["layers/packing"]  # has no backward pass of its own


@pytest.mark.parametrize("module", TARGETS)
def test_there_are_lines_to_break_and_tests_that_should_notice(module):
    lines = mutation.interesting_lines(module, TARGETS[module])
    assert lines
    tree = mutation.parsed(module)
    messages = {n.lineno for n in ast.walk(tree) if isinstance(n, ast.Raise)}
    assert not lines & messages
    *files, _, selection = mutation.tests(module)
    assert all((mutation.ROOT / file).exists() for file in files)
    assert selection
