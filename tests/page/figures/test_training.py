"""The live figures on gradients against the NumPy library."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lstm_lib import RTRL, StandardRNN
from lstm_lib.page.figure import figures_script
from lstm_lib.page.figures.training import models

from .javascript import close, compute, corners, run, states

TARGET = np.array([0.2, 0.5, -0.3, 0.8, 0.1, -0.6, 0.4, 0.7, -0.5, 0.3])  # of the triangle


def rnn_of(params):
    W_x = np.array(params["W_x"], float)
    rnn = StandardRNN(W_x.shape[1], W_x.shape[0])
    for name, value in params.items():
        rnn.params[name] = value
    return rnn


@pytest.fixture(scope="module")
def triangles():
    where = states("triangle", 25) + corners("triangle")
    return list(zip(where, compute("triangle", where), strict=True))


def test_triangle_figure_has_the_librarys_terms_and_gradient(triangles):
    for state, data in triangles:
        rnn = rnn_of({"W_r": [[state["weight"]]], "W_x": [[1.0]], "theta_s": [0.0]})
        x = np.array(data["x"])
        trace = rnn.forward(x, r0=[0.6])
        close(data["r"], trace.r)
        errors = trace.r[:, 0] - TARGET
        close(data["errors"], errors)
        before = np.concatenate([trace.r0, trace.r[:-1, 0]])
        for n, row in enumerate(data["terms"]):
            only = np.zeros((10, 1))
            only[n] = errors[n]
            psi = rnn.backward(trace, only).psi[:, 0]
            close(row, (psi * before)[: n + 1])
        full = rnn.backward(trace, errors[:, None]).params["W_r"][0, 0]
        close(data["total"], full)
        close([data["bptt"][-1], data["rtrl"][-1]], [full, full])


def test_triangle_figure_has_the_librarys_rtrl(triangles):
    for state, data in triangles:
        rnn = rnn_of({"W_r": [[state["weight"]]], "W_x": [[1.0]], "theta_s": [0.0]})
        learner, total = RTRL(rnn), [0.0]
        now = learner.begin(r0=[0.6])
        for n in range(10):
            now = learner.step(now, data["x"][n])
            total.append(total[-1] + learner.gradient(now, now.r - TARGET[n])["W_r"][0, 0])
        close(data["rtrl"], total)


def test_every_total_is_the_sum_of_its_terms(triangles):
    for _, data in triangles:
        terms = np.zeros((10, 10))  # n, k
        for n, row in enumerate(data["terms"]):
            terms[n, : n + 1] = row
        close(data["rtrl"][1:], terms.sum(1).cumsum())
        close(data["bptt"][1:], terms.sum(0)[::-1].cumsum())


@pytest.mark.parametrize("order", ["bptt", "rtrl"])
def test_triangle_figure_says_how_many_terms_are_summed(order):
    where = [{"order": order, "done": done, "weight": 0.9} for done in range(11)]
    figure = "LiveFigures.figures.triangle"
    said = run(
        figures_script("triangle")
        + f"{json.dumps(where)}.map((at) => {figure}.describe({figure}.compute(at), at))"
    )
    for done, text in enumerate(said):
        # BPTT: uses k of the last steps; RTRL: losses n of the first.
        pairs = {(n, k) for n in range(10) for k in range(n + 1)}
        late = {(n, k) for n, k in pairs if k >= 10 - done}
        early = {(n, k) for n, k in pairs if n < done}
        ours = late if order == "bptt" else early
        assert f"summed {len(ours)} of 55 terms, {len(late & early)} of them also" in text


def test_truncated_gradient_figure_has_the_librarys_gradients():
    where = states("truncated_gradient", 40) + corners("truncated_gradient")
    for state, data in zip(where, compute("truncated_gradient", where), strict=True):
        rnn = rnn_of(data["params"])
        angle = np.deg2rad(state["turn"])
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        close(rnn.params["W_r"], state["gain"] * turn)
        trace = rnn.forward(np.array(data["x"]))
        close(data["r"], trace.r)
        errors = np.stack([data["errors"], np.zeros(state["steps"])], axis=1)
        full = rnn.backward(trace, errors).params["W_r"].ravel()
        close(data["full"], full)
        for h, ours in enumerate(data["truncated"], start=1):
            part = rnn.backward(trace, errors, horizon=h).params["W_r"].ravel()
            close(ours, part)
        norm = np.linalg.norm(full)
        if norm > 1e-6:
            parts = np.array(data["truncated"])
            length = np.linalg.norm(parts, axis=1)
            assert np.allclose(data["lengths"], length / norm, rtol=1e-9)
            seen = length > 1e-9
            cosine = (parts @ full)[seen] / length[seen] / norm
            assert np.allclose(np.array(data["cosines"])[seen], cosine, atol=1e-9)
            assert np.isclose(sum(data["shares"]), 1, atol=1e-8)


def test_the_counts_of_both_algorithms_are_those_of_what_they_keep():
    """``costs``, which the self-check of the chapter asks for."""
    for d, N in [(1, 1), (2, 64), (4, 16), (16, 1024)]:
        now = run(models.training_cost() + f"\ncosts({d}, {N})")
        rnn = StandardRNN(d, d)
        trace = rnn.forward(np.zeros((N, d)))
        assert now["bptt_kept"] == trace.x.size + trace.r.size  # no s: tanh' = 1 - r^2
        assert now["rtrl_kept"] == RTRL(rnn).begin().dr_dw.size
        p = 2 * d * d + d
        assert now["bptt_work"] == 5 * d * d + d
        assert now["rtrl_work"] == 2 * d * d + d * d * p + 2 * d * p


def test_error_back_figure_has_the_librarys_signals():
    where = states("error_back", 30) + corners("error_back")
    example = models.worked_example()
    for state, data in zip(where, compute("error_back", where), strict=True):
        rnn = rnn_of({"W_r": [[state["weight"]]], "W_x": [[1.0]], "theta_s": [0.0]})
        trace = rnn.forward(np.array(example["x"])[:, None], r0=[0.5])
        close(data["r"], trace.r[:, 0])
        errors = trace.r - np.array(example["t"])[:, None]
        if state["losses"] == "last":
            errors[:2] = 0
        close(data["e"], errors[:, 0])
        grads = rnn.backward(trace, errors)
        close(data["chi"], grads.chi[:, 0])
        close(data["psi"], grads.psi[:, 0])
        close(data["total"], grads.params["W_r"][0, 0])


def test_the_worked_example_has_the_numbers_that_the_chapter_reckons_with():
    (data,) = compute("error_back", [{"moves": 7, "weight": 0.5, "losses": "all"}])
    close(data["r"], [0.8, 0.6, 0.5])
    close(data["e"], [0.1, 0.5, -0.5])
    close(data["chi"], [0.2, 0.3125, -0.5])
    close(data["psi"], [0.072, 0.2, -0.375])
    close(data["shares"], [0.036, 0.16, -0.225])
