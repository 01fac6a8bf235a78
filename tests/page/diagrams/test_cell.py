"""The one diagram that grows: places, names, what is new, and what stands on what."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import pytest

import notation
from lstm_lib import derive
from lstm_lib.page.diagrams import cell
from lstm_lib.page.diagrams.cell.parts import BEFORE, DRAWN, STAGES, before, new, parts
from lstm_lib.page.diagrams.cell.shapes import SMALL, Badge, Box, Circle, Stack, Text, pieces
from lstm_lib.page.rnn_to_lstm import STAGES as STEPS
from lstm_lib.page.rnn_to_lstm import towards_lstm

PHONE = 358  # pixels that a figure has where the window has 390
GREEK = {
    **{"α": "alpha", "ε": "epsilon", "θ": "theta", "κ": "kappa", "ξ": "xi"},
    **{"ρ": "rho", "χ": "chi", "ψ": "psi", "Λ": "Lambda"},
}
SYSTEMS = {
    "rnn": derive.standard_rnn,
    "leaky": derive.leaky_rnn,
    **{stage: towards_lstm(stage) for stage in STEPS},
    "vanilla": derive.vanilla_lstm,
    "augmented": derive.augmented_lstm,
    "unrolled": derive.canonical_rnn,
    "backward": derive.canonical_rnn,
}
arrangements = pytest.mark.parametrize("tall", [False, True], ids=["wide", "tall"])


def drawings():
    """Stage, whether with errors, and whether tall, of every drawing."""
    for stage, errors, tall in itertools.product(DRAWN, (False, True), (False, True)):
        if stage != "unrolled" or tall:
            yield stage, errors, tall


def latex(symbol: str) -> str:
    base, _, below = symbol.partition("_")
    base = "".join(f"\\{GREEK[c]} " if c in GREEK else c for c in base).replace("−", "-").strip()
    return f"{base}_{{{below}}}" if below else base


@arrangements
def test_a_part_keeps_its_place_in_every_stage(tall):
    seen = {}
    for stage in STAGES:
        for part in parts(stage, errors=True):
            for i, shape in enumerate(s for s in part.shapes if isinstance(s, Box | Circle | Text)):
                box = shape.extent(tall)[0]
                middle = (box[1] + box[3]) / 2, (box[0] + box[2]) / 2
                if isinstance(shape, Text) and shape.side:  # its letters begin or end at a place
                    middle = shape._anchor(tall)[0]
                label = shape.label if getattr(shape, "kind", "") == "error" else ""
                key = part.key, type(shape), i, label
                assert seen.setdefault(key, middle) == pytest.approx(middle), (stage, key)


@pytest.mark.parametrize("stage", DRAWN)
def test_every_symbol_of_a_stage_stands_in_the_books_notation(stage):
    for part in parts(stage, errors=True):
        for name in part.symbols:
            formula = latex(name.partition("[")[0])
            (symbol,) = notation.symbols(formula)
            page = "05_rnn_to_lstm" if "W_r" in name else "06_vanilla_lstm"
            assert notation.source().entry(symbol, page), (stage, name)


@pytest.mark.parametrize("stage", DRAWN)
def test_a_stage_shows_every_symbol_of_its_equations(stage):
    system = SYSTEMS[stage]
    shown = {latex(name.partition("[")[0]) for part in parts(stage, True) for name in part.symbols}
    shown = {name.replace("{", "").replace("}", "").replace("\\", "") for name in shown}
    errors = {*system.adjoints.values()} - {"dE_dq", "epsilon_du"}
    if stage == "backward":
        assert errors | {*system.parameters, *system.warping, "x", "r"} <= shown
        return
    wanted = {*system.sequences, *system.parameters, *system.warping, "x"}
    if stage in ("canonical", "identity", "carousel", "update", "unrolled"):
        wanted -= {"a_du"}
    assert wanted <= shown
    if stage != "unrolled":
        assert errors <= shown


def test_each_stage_adds_to_the_one_before():
    """Nothing goes but the matrices that the gates replace, and names that the way out takes."""
    replaced = {"identity": {"W_s"}, "carousel": {"back", "z_v", "v[n−1]", "W_vdu"}}
    for stage in STAGES[1:]:
        earlier = {part.key for part in parts(before(stage))}
        now = {part.key for part in parts(stage)}
        assert earlier - now == replaced.get(stage, set()), stage
        assert new(stage) == now - earlier
        if stage not in ("identity", "readout"):
            assert new(stage), stage


def test_what_is_new_in_the_last_stages():
    assert new("vanilla") == {"W_scu", "W_scs", "W_scr", "bus_s", "bus_s_new"}
    assert new("bounded") == {"a_du", "G_du"}
    assert new("carousel") == {"cut"}
    marked = new("augmented")
    assert {"W_qdr", "q", "×cx", "g_cx"} <= marked
    assert {key for key in marked if key[0] == "ξ"} == {
        f"ξ_{g}" for g in ("cu", "cs", "cr", "cx", "du")
    }


@pytest.mark.parametrize("stage", STAGES)
def test_what_is_new_is_marked_by_class_and_by_word(stage):
    root = ET.fromstring(cell(stage).svg())
    marked = {g.attrib["data-key"] for g in root if " new" in g.attrib["class"]}
    assert marked == new(stage)
    assert marked == {g.attrib["data-key"] for g in root if g.attrib["aria-label"].endswith("new")}
    plain = ET.fromstring(cell(stage, new=False).svg())
    assert not [g for g in plain if " new" in g.attrib["class"]]


@pytest.mark.parametrize(("stage", "errors", "tall"), list(drawings()))
def test_no_name_stands_on_another_part(stage, errors, tall):
    solid = [
        (part.key, type(shape).__name__, box)
        for part in parts(stage, errors)
        for shape in part.shapes
        if isinstance(shape, Box | Circle | Text | Badge | Stack)
        for box in shape.extent(tall)
    ]
    for (key, kind, a), (other, its, b) in itertools.combinations(solid, 2):
        if "Text" not in (kind, its) or {kind, its} & {"Stack"}:
            continue
        # letters without a tail or a rise leave some of their line free
        x = min(a[2], b[2]) - max(a[0], b[0])
        y = min(a[3], b[3]) - max(a[1], b[1])
        assert x <= 1 or y <= 5, (key, other, round(x, 1), round(y, 1))


@pytest.mark.parametrize("stage", DRAWN)
def test_on_a_phone_the_smallest_letter_has_eleven_pixels(stage):
    for errors in (False, True):
        left, _, right, _ = cell(stage, errors).frame(tall=True)
        assert SMALL * min(1, PHONE / (right - left)) >= 11


@pytest.mark.parametrize("stage", DRAWN)
def test_every_part_has_a_name_of_its_own(stage):
    keys = [part.key for part in parts(stage, errors=True)]
    assert len(set(keys)) == len(keys)
    for part in parts(stage, errors=True):
        assert len(part.words.split()) > 1


def test_the_picture_of_a_notebook_stands_alone(monkeypatch):
    monkeypatch.delenv("LSTM_LIB_STATIC_PAGE", raising=False)
    shown = cell("vanilla", title="A <finding>")._repr_mimebundle_()
    drawn = ET.fromstring(shown["image/svg+xml"])
    assert drawn[1][0].text == "A <finding>"
    assert "var(" not in shown["image/svg+xml"]
    monkeypatch.setenv("LSTM_LIB_STATIC_PAGE", "1")
    assert (
        "<figcaption>A &lt;finding&gt;</figcaption>"
        in cell("vanilla", title="A <finding>")._repr_mimebundle_()["text/html"]
    )


def test_other_stages_are_refused():
    with pytest.raises(ValueError, match="stage: expected"):
        cell("gru")


@pytest.mark.parametrize("name", ["", "_x", "s["])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="label: expected"):
        pieces(name)


def test_a_stage_is_compared_with_one_that_came_before():
    for stage, earlier in BEFORE.items():
        assert STAGES.index(earlier) < STAGES.index(stage)


@arrangements
def test_the_way_back_has_its_boxes_where_the_way_forth_has_them(tall):
    def boxes(stage):
        return {
            part.key: shape.extent(tall)
            for part in parts(stage)
            for shape in part.shapes
            if isinstance(shape, Box)
        }

    forth, back = boxes("canonical"), boxes("backward")
    assert {*forth} - {*back} == {"G_r"}  # its slope is a product
    assert all(forth[key] == place for key, place in back.items())
