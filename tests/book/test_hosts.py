"""The stored notebooks in hosts that know nothing of the book: nbconvert, GitHub."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

from lstm_lib.page.figure import still_style
from lstm_lib.page.figures import LiveFigure
from tests.book.test_outside import NOTEBOOKS, ids

FIGURES = "|".join(cls.__name__ for cls in LiveFigure.registry.values())


def live_figures(path: Path) -> list[dict]:
    """What is stored of each live figure."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return [data for data in outputs if re.match(rf"({FIGURES})\(", data.get("text/plain", ""))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_every_stored_live_figure_has_a_small_still_of_its_state(path):
    for data in live_figures(path):
        still = data["image/svg+xml"]
        assert len(still.encode()) < 50_000
        assert "<script" not in still
        assert f"<style>{still_style()}</style>" in still, "run tools/notebooks.py on it"
        assert "application/vnd.jupyter.widget-view+json" not in data


def test_the_chapters_have_live_figures():
    assert sum(len(live_figures(path)) for path in NOTEBOOKS) >= 17


@pytest.mark.parametrize("path", NOTEBOOKS, ids=ids)
def test_nbconvert_shows_the_stills_and_no_raw_markup(path):
    page, _ = HTMLExporter(embed_images=False).from_filename(str(path))
    body = page[page.index("<body") :]
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", "", body, flags=re.S)
    text = re.sub(r"<[^>]*>", "", text)
    for raw in (":::", "{math}", "{eq}", "{cite", "{doc}"):
        assert raw not in text, raw
    found = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', body)
    shown = {base64.b64decode(picture).decode() for picture in found}
    for data in live_figures(path):
        assert data["image/svg+xml"] in shown
