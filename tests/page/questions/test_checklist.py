"""The trainer of chapter 4: the figure's programs, and a checklist as right as the chapter says."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from pathlib import Path

import pytest

from lstm_lib.page.figure import figures_script
from lstm_lib.page.questions.checklist import numbers
from lstm_lib.page.selfcheck import script
from tests.page.figures.javascript import compute, run, states

BOOK = Path(__file__).parents[3] / "book"
TOOLS = "globalThis.tools = { deal, checklist, told, outcome, FATES };\nSelfChecks.define"


def opened() -> str:
    source = script("checklist").replace('SelfChecks.define("checklist"', f'{TOOLS}("checklist"')
    return source.rstrip() + "\n"


@cache
def dealt(count: int) -> list[dict]:
    """Settings dealt from seeds, what became of the error, and what the checklist says."""
    return run(
        opened()
        + f"""Array.from({{ length: {count} }}, (_, i) => {{
  const found = tools.deal(SelfChecks.generator(i + 1), i + 1);
  const said = tools.checklist(found.setting), drawn = SelfChecks.drawn("checklist", "deal", i + 1);
  return {{ ...found, said, told: tools.told(said.factor, said.later), drawn }};
}})""".replace("\n", " ")
    )


@cache
def surveyed(count: int) -> list[dict]:
    """Settings over the figure's whole ranges: the sizes of the error, what the list says."""
    settings = states("vanishing", count)
    said = run(
        opened()
        + f"""{json.dumps(settings)}.map((v) => ["RNN", "LSTM"].map((network) =>
tools.checklist({{ ...v, network }})))""".replace("\n", " ")
    )
    runs = compute("vanishing", settings)
    return [
        {"network": network, "said": one, "sizes": data[key][::-1]}
        for pair, data in zip(said, runs, strict=True)
        for network, key, one in zip(("RNN", "LSTM"), ("psi", "psi_lstm"), pair, strict=True)
        if data[key][-1]  # an error that no unit passes on has no fate
    ]


def fate(sizes: list[float]) -> tuple[str, int | None]:
    """What became of the error, and after how many steps: a hundredth, a hundredfold, neither."""
    if sizes[-1] < 0.01:
        return "vanishes", next(k for k, size in enumerate(sizes) if size < 0.01)
    if sizes[-1] > 100:
        return "explodes", next(k for k, size in enumerate(sizes) if size > 100)
    return "holds", None


def rates(network: str, count: int = 400) -> tuple[float, float, float]:
    """Shares: the list says something; of these the fate is right; of these the pace is as well."""
    every = [one for one in surveyed(count) if one["network"] == network]
    told = [one for one in every if one["said"]]
    fates = paces = 0
    for one in told:
        factor, late = one["said"]["factor"], one["said"].get("later", 0)
        back = len(one["sizes"]) - 1
        end = back * math.log(factor)
        name = "holds" if abs(end) <= math.log(100) else "vanishes" if end < 0 else "explodes"
        found, after = fate(one["sizes"])
        fates += name == found
        if name == found and name != "holds":
            steps = math.log(100) / abs(math.log(factor)) + late * (end < 0)
            paces += steps / 2 <= after <= 2 * steps or abs(after - steps) <= 3
        else:
            paces += name == found
    return len(told) / len(every), fates / len(told), paces / len(told)


def test_the_checklist_is_right_over_the_figures_whole_ranges():
    """The chapter says: it speaks of 7 RNNs in 10 and 3 LSTMs in 4; 95 fates in 100."""
    said, fates, paces = rates("RNN")
    assert said > 0.70
    assert fates > 0.95
    assert paces > 0.90
    said, fates, paces = rates("LSTM")
    assert said > 0.75
    assert fates > 0.95
    assert paces > 0.95


def test_the_checklist_predicts_what_the_trainer_deals():
    """The chapter says: the fate of more than 97 in 100, the pace as well of more than 90."""
    every = dealt(300)
    kind = sum(one["told"]["name"] == one["name"] for one in every)
    pace = sum(one["told"]["text"] == one["text"] for one in every)
    assert kind > 0.97 * len(every)
    assert pace > 0.90 * len(every)
    assert len({one["text"] for one in every}) == 6


def test_six_deals_in_a_row_are_of_six_kinds_and_none_comes_twice():
    every = dealt(300)
    kinds = [
        "LSTM"
        if (v := one["setting"])["network"] == "LSTM"
        else "far from normal"
        if v["nonnormal"]
        else v["activation"]
        for one in every
    ]
    for k in range(0, 300, 6):
        assert len(set(kinds[k : k + 6])) == 6
    assert len({one["drawn"]["text"] for one in every[:120]}) == 120


def test_where_the_list_errs_the_trainer_says_so():
    for one in dealt(300):
        astray = "The list has the fate right" in (why := one["drawn"]["because"])
        assert ("list errs" in why) == (one["told"]["name"] != one["name"])
        assert astray == (one["told"]["name"] == one["name"] and one["told"]["text"] != one["text"])


def test_the_figure_marks_what_the_list_leaves_open():
    settings = states("vanishing", 80)
    words = run(
        figures_script("vanishing")
        + f"{json.dumps(settings)}.map((v) => {{ const f = LiveFigures.figures.vanishing;"
        + " return f.describe(f.compute(v), v); })"
    )
    said = run(
        opened() + f"{json.dumps(settings)}.map((v) => "
        '["RNN", "LSTM"].filter((network) => !tools.checklist({ ...v, network })))'
    )
    for text, names in zip(words, said, strict=True):
        marked = re.search(r"leaves the (.*) open: measure", text)
        assert (marked[1].split(" and the ") if marked else []) == names
    assert {len(names) for names in said} == {0, 1, 2}


def test_what_is_dealt_is_what_the_figure_shows_and_clear_of_every_edge():
    every = dealt(300)[:60]
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
    assert "half of the units are off" in text
    assert table["slopes"]["relu"][0] == 0.5
