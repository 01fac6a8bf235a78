"""The programs behind the questions on 06_vanilla_lstm against the library."""

from __future__ import annotations

import json

import numpy as np

from lstm_lib import VanillaLSTM
from lstm_lib.page.questions import vanilla_lstm
from tests.page.figures.javascript import close, run
from tests.page.questions.test_every_question import drawings


def test_the_unit_has_the_librarys_errors():
    rng = np.random.default_rng(0)
    layer = VanillaLSTM(2, 1, None, rng=3)
    x, dE_dv = rng.normal(size=(12, 2)), rng.normal(size=(12, 1))
    trace = layer.forward(x)
    grads = layer.backward(trace, dE_dv)
    z = {name: getattr(trace, name)[:, 0] for name in ("g_cr", "g_cs", "r", "s")}
    z |= {name: getattr(grads, name)[:, 0] for name in ("chi", "psi", "alpha_cs")}
    cases = [
        [z["chi"][n], z["g_cr"][n], z["r"][n], z["psi"][n + 1], z["g_cs"][n + 1],
         z["psi"][n], z["s"][n - 1], z["g_cs"][n]]
        for n in range(1, 11)
    ]  # fmt: skip
    page = run(vanilla_lstm.model() + f"\n{json.dumps(cases)}.map((at) => unit(...at))")
    close([one["psi"] for one in page], z["psi"][1:11])
    close([one["alpha_cs"] for one in page], z["alpha_cs"][1:11])


def test_the_clock_halves_what_the_gate_keeps():
    bias = [0.0, 1.0, 3.0, 5.0]
    page = run(vanilla_lstm.model() + f"\n{json.dumps(bias)}.map((b) => clock(b).half)")
    close((1 / (1 + np.exp(-np.array(bias)))) ** np.array(page), np.full(4, 0.5))


def test_the_cells_have_four_lines():
    lines = {q["text"]: next(o["text"] for o in q["options"] if o["right"])
             for q in drawings("vanilla_lstm")["uses"]}  # fmt: skip
    assert len(lines) == len(set(lines.values())) == 4
    late = next(line for text, line in lines.items() if "s[n−1] in place" in text)
    assert "α_{cr}[n+1]" in late
