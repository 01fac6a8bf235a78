"""The diagram of the unrolled network."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from lstm_lib.page.diagrams import unrolled_rnn


@pytest.mark.parametrize("steps", [1, 3, 4])
def test_every_copy_has_every_symbol_of_its_equation(steps):
    drawing = unrolled_rnn(steps).drawing
    labels = [text.get_text().strip("$") for text in drawing.axes[0].texts]
    plt.close(drawing)
    for shared in ("W_s", "W_r", "W_x", r"\theta_s", "G", "loss"):
        assert labels.count(shared) == steps
    for n in range(steps):
        for own in (f"x[{n}]", f"s[{n}]", f"r[{n}]"):
            assert labels.count(own) == 1
    assert {"s[-1]", "r[-1]"} <= set(labels)


def test_no_steps_are_refused():
    with pytest.raises(ValueError, match="steps: expected"):
        unrolled_rnn(0)
