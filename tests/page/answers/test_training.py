"""The exercises of 03_training have the solutions that the chapter prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstm_lib import StandardRNN
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


def test_the_signal_worked_by_hand():
    neuron = StandardRNN(1, 1, "identity")
    neuron.params["W_r"], neuron.params["W_x"] = [[0.5]], [[1.0]]
    trace = neuron.forward([[1.0], [0.0], [0.0]])
    grads = neuron.backward(trace, [[0.0], [0.0], trace.r[-1] - 1])
    assert grads.psi[0, 0] == answers.SOLUTIONS[3] == -3 / 16


def test_the_kept_terms_are_counted(chapter):
    kept = sum(1 for n in range(100) for k in range(n + 1) if n - k < 10)
    assert answers.SOLUTIONS[4] == kept == 955
    assert any("$955$" in text for text in chapter)


def test_the_crossing_is_the_one_in_the_text(chapter):
    assert round(answers.SOLUTIONS[5]) == 10091
    assert any("10\\,091" in text for text in chapter)
