"""The programs behind the questions on 03_training against the library."""

from __future__ import annotations

import json
import re

import numpy as np

from lstm_lib import RTRL, StandardRNN
from lstm_lib.page.figures.training import models
from tests.page.figures.javascript import close, run
from tests.page.questions.test_every_question import drawings


def one_neuron(w):
    rnn = StandardRNN(1, 1)
    rnn.params["W_r"], rnn.params["W_x"], rnn.params["theta_s"] = [[w]], [[1.0]], [0.0]
    return rnn


def test_three_steps_of_one_neuron_are_the_librarys():
    rng = np.random.default_rng(0)
    cases = rng.uniform(-1, 1, size=(30, 8))  # w, r[-1], x, e
    page = run(
        models.three_steps()
        + f"""
{json.dumps(cases.tolist())}.map(([w, before, a, b, c, ...e]) => {{
  const {{ r0, r1, r2 }} = read_outs(w, before, a, b, c);
  return {{ r: [r0, r1, r2], ...signals(w, before, r0, r1, r2, ...e) }};
}})""".replace("\n", " ")
        .replace("  ", " ")
        .join(["\n", ""])
    )
    for (w, before, *rest), found in zip(cases, page, strict=True):
        rnn, x, e = one_neuron(w), np.array(rest[:3])[:, None], np.array(rest[3:])[:, None]
        trace = rnn.forward(x, r0=[before])
        close(found["r"], trace.r[:, 0])
        grads = rnn.backward(trace, e)
        close([found[f"chi{k}"] for k in range(3)], grads.chi[:, 0])
        close([found[f"psi{k}"] for k in range(3)], grads.psi[:, 0])
        read = np.array([before, *trace.r[:2, 0]])
        for n in range(3):
            only = np.zeros((3, 1))
            only[n] = e[n]
            terms = rnn.backward(trace, only).psi[:, 0] * read
            close([found[f"C{n}{k}"] for k in range(n + 1)], terms[: n + 1])
        learner = RTRL(rnn)
        now = learner.begin(r0=[before])
        for n in range(3):
            now = learner.step(now, x[n])
            close(found[f"P{n}"], learner.gradient(now, np.ones(1))["W_r"][0, 0])


def test_the_number_of_kept_terms_is_that_of_the_horizon():
    for q in drawings("training")["count"]:
        N, h = (int(word) for word in re.findall(r"(?<=has )\d+|(?<=BPTT\()\d+", q["text"]))
        n, k = np.indices((N, N))
        assert q["answer"] == ((k <= n) & (n - k < h)).sum()
