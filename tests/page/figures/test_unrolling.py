"""The figures on unrolling against the library."""

from __future__ import annotations

import numpy as np
import pytest

import lstm_lib
import lstm_lib.page.figures  # registers them
from lstm_lib.page.figure import LiveFigure
from lstm_lib.study import contraction, segments

from .javascript import close, compute, corners, states


def neuron(state):
    rnn = lstm_lib.CanonicalRNN(1, 1)
    for name, value in (("W_s", state["W_s"]), ("W_r", state["W_r"]), ("W_x", 1.0)):
        rnn.params[name] = [[value]]
    return rnn


def wave(steps, scale):
    n = np.arange(steps)[:, None]
    return scale * (np.sin(n / 2) + np.sin(np.sqrt(5) * n + 1)) / 2


def test_forgetting_figure_has_the_librarys_runs_and_rates():
    where = states("forgetting", 30) + corners("forgetting")
    starts = np.linspace(-2, 2, 9)[:, None]
    for state, data in zip(where, compute("forgetting", where), strict=True):
        rnn, x = neuron(state), wave(40, state["scale"])
        together = np.repeat(x[:, None], 9, axis=1)
        r = rnn.forward(together, s0=starts, r0=np.tanh(starts)).r[..., 0]
        r = np.vstack([np.tanh(starts).T, r])
        close(np.transpose(data["runs"]), r)
        close(data["spread"], np.ptp(r, axis=1))
        for name, rate in (("bound", contraction.rate), ("tight", contraction.tight_rate)):
            assert data["rates"][name] == pytest.approx(rate(rnn), abs=1e-12)
            close(data["bounds"][name], 4 * rate(rnn) ** np.arange(41))
        # The claim of the figure: the difference stays below both bounds.
        assert (np.array(data["spread"]) <= np.array(data["bounds"]["tight"]) + 1e-15).all()
        assert data["rates"]["tight"] <= data["rates"]["bound"]


def gradient_error(rnn, x, K, h, start):
    """Of the gradient by W_r of the squared error to a leaky average, relative."""
    leaky = lstm_lib.CanonicalRNN(1, 1)
    for name, value in (("W_s", 0.8), ("W_r", 0.0), ("W_x", 0.2)):
        leaky.params[name] = [[value]]
    t = leaky.forward(x).s
    whole = rnn.forward(x)
    full = rnn.backward(whole, whole.r - t).params["W_r"]
    if start == "zero":
        parts, counts = segments.split(x, K, warm_up=h)
        targets, _ = segments.split(t, K, warm_up=h)
        trace = rnn.forward(parts)
        errors = (trace.r - targets) * counts[..., None]
        total = rnn.backward(trace, errors).params["W_r"]
    else:
        total, last = 0, {}
        for n in range(0, len(x), K):
            trace = rnn.forward(x[n : n + K], **last)
            total = total + rnn.backward(trace, trace.r - t[n : n + K]).params["W_r"]
            last = rnn.final(trace)
    return float(np.abs(total - full)[0, 0] / np.abs(full)[0, 0])


def test_segment_figure_has_the_librarys_read_outs_errors_and_bounds():
    where = states("segments", 30) + corners("segments")
    x = wave(120, 1.2)
    for state, data in zip(where, compute("segments", where), strict=True):
        rnn, K, h = neuron(state), int(state["length"]), int(state["warm_up"])
        whole = rnn.forward(x)
        close(data["whole"], whole.r[:, 0])
        offs = [gradient_error(rnn, x, length, h, state["start"]) for length in data["lengths"]]
        close(data["offs"], offs)
        if state["start"] == "carried":
            close(data["r"], whole.r[:, 0])
            assert np.max(data["error"]) == 0.0
            assert np.max(data["means"]) == 0.0
            continue

        def read(length, rnn=rnn, h=h):
            parts, counts = segments.split(x, length, warm_up=h)
            return segments.join(rnn.forward(parts).r, counts)[:, 0]

        close(data["r"], read(K))
        close(data["error"], np.abs(read(K) - whole.r[:, 0]))
        means = [np.abs(read(length) - whole.r[:, 0]).mean() for length in data["lengths"]]
        close(data["means"], means)
        rate, largest = contraction.tight_rate(rnn), np.abs(whole.s).max()
        error = [contraction.segment_error(rate, length, h) for length in data["lengths"]]
        close(data["bounds"], np.minimum(2, largest * np.array(error)))
        # The claims of the figure.
        assert (np.array(data["error"]) <= np.array(data["bound"]) + 1e-15).all()
        assert (np.array(means) <= np.array(data["bounds"]) + 1e-15).all()


def reset(figure, **position):
    """The figure as it opens, with some controls moved."""
    return {c.name: c.value for c in LiveFigure.registry[figure].controls} | position


def test_what_the_chapter_says_about_the_forgetting_figure():
    rest, remember, merge, alternate = compute(
        "forgetting",
        [
            reset("forgetting", W_r=0.4, scale=0),
            reset("forgetting", W_r=1, scale=0),
            reset("forgetting", W_r=1, scale=2),
            reset("forgetting", W_r=-1.5, scale=0),
        ],
    )
    late = np.array(rest["spread"])[20:]
    ratios = late[1:] / late[:-1]
    assert np.abs(ratios - 0.8).max() < 0.01, ratios  # in parallel with the bound
    signs = np.sign(np.array(remember["runs"]))
    assert (signs == signs[:, :1]).all()
    assert merge["spread"][-1] < 1e-5
    tail = np.array(alternate["runs"])[[0, -1], -10:]  # both sides of zero
    assert (tail[:, 1:] * tail[:, :-1] < 0).all()
    assert (tail[0] * tail[1] < 0).all()


def test_what_the_chapter_says_about_the_segment_figure():
    positions = [
        {},
        {"length": 40},
        {"warm_up": 10},
        {"start": "carried"},
        {"warm_up": 20},
        {"W_s": 0.9},
        {"W_s": 0.9, "length": 60},
        {"length": 30},
        {"length": 60},
    ]
    data = compute("segments", [reset("segments", **p) for p in positions])
    zero, double, warm, carried, long_warm, bistable, longer, few, one_cut = data
    close(np.array(double["error"])[40:60], np.array(zero["error"])[40:60])
    assert 0.4 < double["now"]["mean"] / zero["now"]["mean"] < 0.6
    # From 30 to 60 steps a single cut is left, and it comes at a quiet moment.
    assert 0.04 < one_cut["now"]["mean"] / few["now"]["mean"] < 0.08
    lost = [few["error"][n] for n in (30, 60, 90)]
    assert min(lost) == lost[1]
    assert warm["now"]["mean"] < 0.1 * zero["now"]["mean"]
    percent = [round(100 * d["now"]["off"]) for d in (zero, carried)]
    assert percent == [73, 51]
    assert long_warm["now"]["off"] < 1e-2
    assert bistable["now"]["bound"] == 2
    assert longer["now"]["mean"] > 0.9 * bistable["now"]["mean"]
