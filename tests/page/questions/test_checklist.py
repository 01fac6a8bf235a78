"""The trainer of chapter 4: the figure's programs, and a checklist as right as the chapter says."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from lstm_lib.page.questions.checklist import numbers
from lstm_lib.page.selfcheck import script
from tests.page.figures.javascript import compute, run

BOOK = Path(__file__).parents[3] / "book"
TOOLS = "globalThis.tools = { deal, checklist, told, outcome, FATES };\nSelfChecks.define"


def opened() -> str:
    return script("checklist").replace('SelfChecks.define("checklist"', f'{TOOLS}("checklist"')


@cache
def dealt(count: int) -> list[dict]:
    """Settings dealt from seeds, what became of the error, and what the checklist says."""
    return run(
        opened()
        + f"""
Array.from({{ length: {count} }}, (_, seed) => {{
  const found = tools.deal(SelfChecks.generator(seed + 1)), said = tools.checklist(found.setting);
  return {{ ...found, said, told: tools.told(said.factor) }};
}})""".replace("\n", " ").replace(" Array", "\nArray", 1)
    )


def test_the_checklist_predicts_what_the_trainer_deals():
    """The chapter says: the fate of more than 95 in 100, the pace as well of more than 90."""
    every = dealt(300)
    fate = sum(one["told"]["name"] == one["name"] for one in every)
    pace = sum(one["told"]["text"] == one["text"] for one in every)
    assert fate > 0.95 * len(every)
    assert pace > 0.90 * len(every)
    steps = {one["said"]["step"] for one in every}
    assert steps == {1, 2, 3, 4}
    assert len({one["text"] for one in every}) == 6


def test_what_is_dealt_is_what_the_figure_shows_and_clear_of_every_edge():
    every = dealt(60)
    settings = [
        {k: v for k, v in one["setting"].items() if k != "network"} | {"steps": 100}
        for one in every
    ]
    for one, data in zip(every, compute("vanishing", settings), strict=True):
        psi = data["psi_lstm"] if one["setting"]["network"] == "LSTM" else data["psi"]
        back = psi[::-1]
        assert one["end"] == pytest.approx(back[99], rel=1e-9)
        if one["name"] == "holds":
            assert 0.05 < back[99] < 20
        else:
            after = next(k for k, v in enumerate(back) if (v < 0.01 if back[99] < 1 else v > 100))
            low, high = one["within"]
            assert low <= after <= high
            assert back[99] < 1e-3 or back[99] > 1e3


def test_a_prediction_falls_into_one_kind():
    said = run(opened() + "[0.01, 0.5, 0.7, 0.9, 1, 1.1, 1.5].map((f) => tools.told(f).text)")
    order = run(opened() + "tools.FATES.map(({ text }) => text)")
    assert said == [order[0], order[0], order[1], order[2], order[3], order[4], order[5]]


def test_an_error_near_an_edge_is_not_dealt():
    paths = {f: [f**k for k in range(99, -1, -1)] for f in (0.55, 0.954, 0.956, 1.046, 1.06)}
    fates = run(opened() + f"{json.dumps(list(paths.values()))}.map(tools.outcome)")
    told = dict(zip(paths, fates, strict=True))
    assert told[0.954] is None
    assert told[0.956] is None
    assert told[1.046] is None
    assert told[0.55] is None  # after 8 steps, between two paces
    assert told[1.06] is None  # after 80 steps


def test_the_chapters_table_is_the_trainers():
    text = "".join(
        "".join(cell["source"])
        for cell in json.loads((BOOK / "04_vanishing.ipynb").read_text("utf-8"))["cells"]
    )
    row = lambda name: [  # noqa: E731
        float(v) for v in re.search(rf"\| {name}[^|]*\|([^\n]*)\|", text)[1].split("|")
    ]
    spreads, table = row("spread"), numbers()
    at = [table["spreads"].index(value) for value in spreads]
    names = {"tanh": r"\$\\tanh\$", "logistic": "logistic"}
    for key, name in names.items():
        assert row(name) == [table["slopes"][key][i] for i in at]
    assert f"1 for the identity, {table['slopes']['relu'][0]} for ReLU" in text
