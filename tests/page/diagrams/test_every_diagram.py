"""The signal-flow diagrams carry the symbols of the equations that they show."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import pytest

from lstm_lib.derive import vanilla_lstm
from lstm_lib.page import diagrams
from lstm_lib.page.display import figure


def labels(drawn: diagrams.Diagram) -> set[str]:
    """The texts of a drawing, in the engine's spelling: W_xcu, alpha_cu, s."""
    texts = {text.get_text() for text in drawn.drawing.axes[0].texts}
    plt.close(drawn.drawing)
    return {re.sub(r"\[n(-1)?\]|[${}\\]", "", text) for text in texts}


@pytest.mark.parametrize("errors", [False, True])
def test_vanilla_lstm_shows_every_symbol_of_its_equations(errors):
    seen = labels(diagrams.vanilla_lstm(errors))
    wanted = {"x", *vanilla_lstm.sequences, *vanilla_lstm.parameters, *vanilla_lstm.warping}
    assert wanted <= seen
    assert (set(vanilla_lstm.adjoints.values()) <= seen) == errors


def test_a_wide_drawing_scrolls_on_a_narrow_page():
    shown = figure(diagrams.vanilla_lstm().drawing, title="t", alt="a", min_width=640)
    assert 'tabindex="0"' in shown._repr_html_()
    assert "min-width:640px" in shown._repr_html_()
