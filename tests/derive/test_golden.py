"""What was derived and emitted stays the same to the letter; ``golden`` says how to renew it."""

from __future__ import annotations

import pytest

from . import golden


@pytest.mark.parametrize("name", golden.SYSTEMS)
def test_what_was_printed_is_printed(name):
    found = golden.sections(golden.SYSTEMS[name]())
    printed = golden.written(found, golden.stored_functions()).splitlines()
    assert printed == golden.path_of(name).read_text(encoding="utf-8").splitlines()


def test_every_file_has_a_system():
    files = {path.stem for path in golden.FOLDER.glob("*.txt")}
    assert files == {*golden.SYSTEMS, "shared"}
