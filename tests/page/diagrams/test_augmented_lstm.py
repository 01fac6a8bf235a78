"""The signal-flow diagram of the Augmented LSTM."""

import re

import matplotlib.pyplot as plt
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch

from lstm_lib.derive import augmented_lstm
from lstm_lib.page.diagrams import augmented_lstm as draw
from lstm_lib.page.style import COLOURS


def words(text):
    """The names in LaTeX: $W_{scx}s[n{-}1]$ -> {W_scx, s, n}."""
    stems = re.findall(r"([A-Za-z]+)(?:_\{([a-z]+)\}|_([a-z]))?", text)
    return {"_".join(filter(None, stem)) for stem in stems}


def test_the_diagram_has_every_symbol_of_the_equations_but_net_inputs_taps_and_biases():
    drawing = draw().drawing
    labels = [text.get_text() for axes in drawing.axes for text in axes.texts]
    plt.close(drawing)
    shown = set().union(*map(words, labels))
    needed = {*augmented_lstm.sequences, *augmented_lstm.parameters, "x"}
    left_out = {name for name in needed if name.startswith(("W_x", "b_"))}
    left_out |= {"a_cx", "a_cu", "a_cr"}  # the wire between a sum and its warping
    assert needed - left_out <= shown
    windows = {f"Lambda_{path}" for path in ("cx", "cu", "cs", "cr", "du")}
    assert shown - needed == {"G_c", "G_d", "z", "n", "odot", *windows}


def test_what_the_vanilla_lstm_lacks_is_orange():
    drawing = draw().drawing
    (axes,) = drawing.axes
    boxes = {
        tuple(round(c, 1) for c in box.get_window_extent().get_points().mean(axis=0))
        for box in axes.patches
        if isinstance(box, FancyBboxPatch) and to_hex(box.get_edgecolor()) == COLOURS["orange"][0]
    }
    plt.close(drawing)
    assert len(boxes) == 5 + 1 + 1  # windows, the gate's warping, the projection
