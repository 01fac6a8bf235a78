"""The live figure on mistakes: the page's programs go wrong where those in NumPy do."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib.exchange.vectors import compare, problem
from lstm_lib.page.figures.implement.mistakes import MISTAKES, Mistake, computed, symptom

from .javascript import compute

CASE = problem("augmented_lstm")


def by_array(theirs):
    """The first that differs, one whole sequence after the other."""
    for part in ("forward", "errors", "gradients"):
        for name, want in CASE[part].items():
            off = np.abs(np.asarray(theirs[part][name]) - want) > 1e-12
            if off.any():
                if part == "gradients" or name == "E":
                    return f"gradient of {name}" if part == "gradients" else name
                steps = np.flatnonzero(off.any(axis=1))
                return f"{name}[{steps[-1 if part == 'errors' else 0]}]"
    return None


SHOWN = [mistake for mistake in MISTAKES if mistake.script]


@pytest.fixture(scope="module")
def page():
    states = [{"mistake": m.name, "order": o} for m in SHOWN for o in ("steps", "arrays")]
    found = compute("plant", states)
    return {tuple(state.values()): data for state, data in zip(states, found, strict=True)}


@pytest.mark.parametrize("mistake", SHOWN, ids=lambda mistake: mistake.name)
def test_the_page_goes_wrong_first_where_numpy_does(page, mistake):
    theirs = computed(mistake)
    for order, want in (("steps", compare(theirs).first), ("arrays", by_array(theirs))):
        data = page[mistake.name, order]
        first = data["rows"][data["first"]]
        at = ""
        if order == "steps":
            value = np.asarray(CASE[first["part"]][first["name"]])
            shape = value.shape if first["n"] is None else value.shape[1:]
            at = "".join(f"[{k}]" for k in np.unravel_index(first["which"], shape))
        assert want == first["label"] + at, order
    assert page[mistake.name, "steps"]["before"] <= compare(theirs).compared
    data = page[mistake.name, "steps"]
    assert symptom(mistake) == data["rows"][data["first"]]["label"]


def test_without_a_mistake_all_agrees():
    for order in ("steps", "arrays"):
        (data,) = compute("plant", [{"mistake": "none", "order": order}])
        assert data["first"] == -1
        assert data["before"] == compare(CASE).compared
        assert max(row["off"] for row in data["rows"]) < 1e-14


def test_every_mistake_has_its_own_name_and_place():
    assert len({m.name for m in MISTAKES}) == len({m.words for m in MISTAKES}) == len(MISTAKES)
    assert compare(computed()).first is None
    with pytest.raises(ValueError, match="typo: expected the program to have a place"):
        Mistake("typo", "nowhere", ("W_nothing", "")).in_numpy("")
    with pytest.raises(ValueError, match="typo: expected a pattern for JavaScript"):
        Mistake("typo", "nowhere", ("psi", "chi")).in_script("")


def test_where_shapes_do_not_fit_the_line_is_named():
    (mistake,) = (m for m in MISTAKES if not m.script)
    assert symptom(mistake) == "dE_dq, its length"
