"""The exercises of 03_training have the solutions that the chapter prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm_lib.derive import System
from lstm_lib.page.answers import training as answers

BOOK = Path(__file__).parents[3] / "book"


@pytest.fixture(scope="module")
def chapter():
    cells = json.loads((BOOK / "03_training.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells]


def declared(chapter, name):
    (source,) = [text for text in chapter if text.startswith(f"{name} = System(")]
    namespace = {"System": System, "show": lambda *equations: None}
    exec(source, namespace)
    return namespace[name]


def test_the_hint_of_each_proof_is_not_the_answer(chapter):
    hints = [text.split('"')[1] for text in chapter if text.startswith("my_") and '"' in text]
    systems = [declared(chapter, name) for name in ("residual", "units")]
    assert len(hints) == 2
    for system, hint in zip(systems, hints, strict=True):
        with pytest.raises(AssertionError):
            system.verify(hint)


def test_the_crossing_is_the_one_in_the_text(chapter):
    assert round(answers.SOLUTIONS[2]) == 10091
    assert any("10\\,091" in text for text in chapter)
