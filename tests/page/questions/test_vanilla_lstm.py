"""The programs behind the questions on 06_vanilla_lstm against the library."""

from __future__ import annotations

import json

import numpy as np

from lstm_lib import VanillaLSTM
from lstm_lib.page.questions import vanilla_lstm
from tests.page.figures.javascript import close, run
from tests.page.questions.test_every_question import drawings


def test_the_gate_has_the_librarys_error():
    rng = np.random.default_rng(0)
    layer = VanillaLSTM(2, 1, None, rng=3)
    x, dE_dv = rng.normal(size=(12, 2)), rng.normal(size=(12, 1))
    trace = layer.forward(x)
    grads = layer.backward(trace, dE_dv)
    psi, s, g_cs = grads.psi[:, 0], trace.s[:, 0], trace.g_cs[:, 0]
    cases = [[psi[n], s[n - 1], g_cs[n]] for n in range(1, 12)]
    page = run(vanilla_lstm.model() + f"\n{json.dumps(cases)}.map((at) => gate(...at).alpha_cs)")
    close(page, grads.alpha_cs[1:, 0])


def test_the_cells_have_four_lines():
    lines = {q["text"]: next(o["text"] for o in q["options"] if o["right"])
             for q in drawings("vanilla_lstm")["uses"]}  # fmt: skip
    assert len(lines) == len(set(lines.values())) == 4
    late = next(line for text, line in lines.items() if "s[n−1] in place" in text)
    assert "α_{cr}[n+1]" in late
