"""The live figures on vanishing and exploding gradients against the NumPy library."""

from __future__ import annotations

import itertools
import json

import mpmath
import numpy as np
import pytest

from lstm_lib import StandardRNN, VanillaLSTM
from lstm_lib.page.figure import figures_script
from lstm_lib.page.figures.vanishing import VanishingFigure, WallFigure, models, network
from lstm_lib.study.diagnostics import error_norms

from .javascript import TOLERANCE, close, compute, corners, run, states

FIXED = network.fixed()
TEASER = {"nonnormal": 1.5, "activation": "tanh", "input": 0.3, "start": 1.0}


def rnn(state):
    layer = StandardRNN(1, 8, state["activation"])
    layer.params["W_r"] = network.recurrent(state["radius"], state["nonnormal"])
    layer.params["W_x"] = FIXED["W_x"]
    return layer


def lstm(state):
    layer = VanillaLSTM(1, 8, None)
    for name in layer.params:
        layer.params[name] = FIXED.get(name, np.zeros(layer.params[name].shape))
    layer.params["W_xdu"], layer.params["W_vdu"] = FIXED["W_x"], rnn(state).params["W_r"]
    layer.params["b_cs"] = np.full(8, state["bias"])
    return layer


def x(state):
    return state["input"] * FIXED["signal"][: state["steps"], None]


def loss(steps):
    out = np.zeros((steps, 8))
    out[-1] = FIXED["error"]
    return out


def relative(norms):
    return norms / norms[-1] if norms[-1] > 0 else norms


@pytest.fixture(scope="module")
def runs():
    where = [s | {"steps": int(s["steps"])} for s in states("vanishing", 60)]
    where += corners("vanishing")[::7]
    return list(zip(where, compute("vanishing", where), strict=True))


@pytest.fixture(scope="module")
def teasers():
    where = [s | TEASER for s in states("vanishing_teaser", 20) + corners("vanishing_teaser")]
    return list(zip(where, compute("vanishing_teaser", where), strict=True))


def test_the_matrix_has_the_radius_and_the_normality_that_it_says(runs):
    for state, data in runs:
        W_r = np.array(data["W_r"], float)
        close(W_r, network.recurrent(state["radius"], state["nonnormal"]))
        close(data["norm"], np.linalg.norm(W_r, 2))
        np.testing.assert_allclose(np.abs(np.linalg.eigvals(W_r)).max(), state["radius"], rtol=1e-6)
        ours = [complex(*pair) for pair in data["eigenvalues"]]
        close(np.poly(ours).real, np.poly(W_r))
        commutator = np.abs(W_r @ W_r.T - W_r.T @ W_r).max()
        assert (commutator < 1e-12) == (state["nonnormal"] == 0)


def test_each_step_of_the_rnn_is_the_librarys(runs, teasers):
    """Chaos amplifies rounding errors, so every step is compared on its own."""
    for state, data in runs + teasers:
        layer, s = rnn(state), np.array(data["s"], float)
        r0 = layer.G(state["start"] * FIXED["start"])
        r = np.vstack([r0, layer.G(s)[:-1]])
        steps = layer.forward(x(state)[None], r0=r).s[0]
        scale = np.maximum(1, np.abs(steps).max(axis=1))
        assert (np.abs(s - steps).max(axis=1) <= TOLERANCE * scale).all()
        np.testing.assert_allclose(data["slopes"], layer.G.d(s), rtol=0, atol=TOLERANCE)


def test_the_rnns_errors_are_products_of_the_librarys_jacobians(runs, teasers):
    for state, data in runs + teasers:
        layer, s = rnn(state), np.array(data["s"], float)
        slopes = np.array(data["slopes"], float)
        np.testing.assert_allclose(
            layer.jacobian(s), layer.params["W_r"] * slopes[:, None], rtol=1e-11, atol=TOLERANCE
        )
        psi = [FIXED["error"] * slopes[-1]]
        for slope in slopes[-2::-1]:
            psi.append(slope * (layer.params["W_r"].T @ psi[-1]))
        norms = relative(np.array([np.linalg.norm(p) for p in psi[::-1]]))
        close(data["psi"], norms)
        seen = norms > 1e-120  # where units are saturated, 1 - tanh² has few exact digits
        np.testing.assert_allclose(np.array(data["psi"], float)[seen], norms[seen], rtol=1e-5)


def test_where_nothing_amplifies_rounding_the_whole_run_is_the_librarys(runs, teasers):
    compared = 0
    for state, data in runs + teasers:
        layer = rnn(state)
        if np.linalg.norm(layer.params["W_r"], 2) * layer.G.max_slope > 1:
            continue
        trace = layer.forward(x(state), r0=layer.G(state["start"] * FIXED["start"]))
        close(data["s"], trace.s)
        norms = error_norms(layer.backward(trace, loss(state["steps"])))
        close(data["psi"], relative(norms))
        compared += 1
    assert compared > 5


def test_the_lstm_is_the_librarys(runs, teasers):
    compared = 0
    for state, data in runs + teasers:
        layer = lstm(state)
        start = {"s0": state["start"] * FIXED["start"], "v0": np.zeros(8)}
        trace = layer.forward(x(state), **start)
        # every step on its own, then the errors on the whole trace where it is stable
        s, v = np.array(data["state"], float), np.array(data["v"])
        before = {
            "s0": np.vstack([start["s0"], s[:-1]]),
            "v0": np.vstack([start["v0"], v[:-1]]),
        }
        one = layer.forward(x(state)[None], **before)
        close(s, one.s[0])
        close(v, one.v[0])
        if np.abs(s - trace.s).max() < 1e-13:
            close(data["psi_lstm"], relative(error_norms(layer.backward(trace, loss(len(s))))))
            compared += 1
    assert compared > 20


def test_singular_values_are_numpys_down_to_rounding_and_exact_below(runs):
    exact = 0
    for k, (state, data) in enumerate(runs):
        W, slopes = np.array(data["W_r"], float), np.array(data["slopes"])
        ours = np.array(data["singular"], float)
        product = np.eye(8)
        for n in range(len(slopes) - 2, -1, -1):
            product = slopes[n][:, None] * (W.T @ product)
            values = np.linalg.svd(product, compute_uv=False)
            if values[0] > 1e-120:  # a plain product loses digits where errors grow and then fade
                assert np.abs(ours[n] - values).max() <= 1e-9 * values[0]
        if k % 12 == 0:  # in 200 digits
            with mpmath.workdps(200):
                P = mpmath.eye(8)
                for n in range(len(slopes) - 2, -1, -1):
                    P = mpmath.diag(slopes[n].tolist()) * (mpmath.matrix(W.T.tolist()) * P)
                values = [float(v) for v in mpmath.svd_r(P, compute_uv=False)]
            for mine, true in zip(ours[0], sorted(values, reverse=True), strict=True):
                if true > 1e-120:
                    assert abs(mine - true) <= 1e-9 * true, (state, mine, true)
                    exact += 1
    assert exact > 15


def test_the_typical_slope_is_the_root_of_the_mean_square(runs):
    for _, data in runs:
        close(data["slope"], np.sqrt(np.mean(np.square(data["slopes"]))))


def test_what_the_words_rest_on():
    shapes = {
        "decay": [0.5**k for k in range(20, -1, -1)],
        "growth": [2.0**k for k in range(20, -1, -1)],
        "lost": [0, 0, 0.5, 1],
        "none": [0, 0, 0],
        "bump": [1e-3, 0.5, 40, 2, 1],
    }
    script = figures_script("vanishing_teaser").replace(
        "const FLOORS", "globalThis.tools = { fate, words };\nconst FLOORS"
    )
    told = run(script + f"{json.dumps(list(shapes.values()))}.map(tools.words)")
    told = dict(zip(shapes, told, strict=True))
    assert "vanishes, ×0.50 per step" in told["decay"]
    assert "1 % is left after 7 steps" in told["decay"]
    assert "explodes, ×2.00 per step" in told["growth"]
    assert "exactly zero from 2 steps back" in told["lost"]
    assert "no gradient at all" in told["none"]
    assert "grows ×40 within 2 steps" in told["bump"]


def test_latch_figure_has_the_librarys_neuron():
    where = states("latch", 60) + corners("latch")
    for state, data in zip(where, compute("latch", where), strict=True):
        layer = StandardRNN(1, 1)
        layer.params["W_r"], layer.params["theta_s"] = [[state["w"]]], [state["theta"]]
        s = np.array(data["s"], float)[:, None]
        steps = layer.forward(np.zeros((1, 40, 1)), r0=np.tanh(s[:-1])).s[0]
        close(s[1:], steps)
        slopes = layer.jacobian(s[:-1])[:, 0, 0]
        close(data["product"], np.concatenate([[1], np.cumprod(slopes)]))
        for rest in data["rest"]:
            again = layer.forward([[0.0]], r0=[np.tanh(rest["s"])]).s[0, 0]
            assert abs(again - rest["s"]) < 1e-9
            close(rest["slope"], layer.jacobian([rest["s"]])[0, 0])


def test_two_stable_rest_states_have_slopes_below_one():
    """A neuron that holds a bit: the slope at each stable state is below 1 (Bengio et al.)."""
    where = [{"w": w / 20, "theta": 0.1, "start": 1.0} for w in range(20, 81)]
    held = 0
    for data in compute("latch", where):
        slopes = sorted(rest["slope"] for rest in data["rest"])
        if len(slopes) == 3:
            assert slopes[1] < 1 < slopes[2]
            held += 1
    assert held > 40


def test_the_programs_are_those_of_the_derivation():
    for name in models.WARPING:
        system = models.rnn_with(name)
        assert system.forward["s"] == models.standard_rnn.forward["s"]
        assert system.warping == {"G": name}


DEFAULT = {c.name: c.value for c in VanishingFigure.controls}


def horizon(psi):
    """Steps back until one percent is left, or none."""
    small = [k for k, size in enumerate(reversed(psi)) if size < 0.01]
    return small[0] if small else None


@pytest.mark.parametrize(
    ("setting", "low", "high"),
    [  # what is left at the first step, as the chapter says
        ({}, 0, 1e-6),
        ({"input": 0, "start": 0}, 1e-3, 1e-2),
        ({"activation": "identity"}, 1e-3, 1e-2),
        ({"activation": "logistic", "radius": 3}, 0, 1e-15),
        ({"activation": "logistic", "radius": 5}, 0, 1e-6),
        ({"radius": 2, "nonnormal": 1.5}, 1e4, 1e9),
        ({"radius": 3, "nonnormal": 1.5}, 0, 1e-4),
        ({"activation": "relu", "radius": 0.5, "nonnormal": 1.5}, 1e3, 1e9),
        ({"activation": "identity", "radius": 1.05, "steps": 150}, 1e2, 1e4),
        ({"radius": 1, "input": 0, "start": 0}, 0.3, 1),
        ({"radius": 2, "input": 3}, 0, 1e-4),
        ({"radius": 1.1, "input": 0, "start": 0}, 1e3, 1e5),
        ({"radius": 1.1, "input": 0, "start": 1}, 0.1, 10),
        ({"activation": "relu", "radius": 0.9, "nonnormal": 1.5}, 1e10, 1e15),
    ],
)
def test_the_rnn_does_what_the_chapter_says(setting, low, high):
    (data,) = compute("vanishing", [DEFAULT | setting])
    assert low <= data["psi"][0] <= high


def test_horizons_and_humps_are_as_the_chapter_says():
    settings = [
        {},
        {"input": 1.0},
        {"activation": "logistic", "radius": 1},
        {"activation": "identity", "radius": 0.85, "nonnormal": 1.5},
        {"activation": "identity", "radius": 0.1, "nonnormal": 3},
    ]
    runs = [d["psi"] for d in compute("vanishing", [DEFAULT | s for s in settings])]
    checklist = {"radius": 0.9, "input": 1}, {"radius": 0.8, "input": 2, "bias": 2}
    rnn_run, lstm_run = compute("vanishing", [DEFAULT | s for s in checklist])
    assert horizon(rnn_run["psi"]) == 11
    assert horizon(lstm_run["psi_lstm"]) == 42
    assert 18 <= horizon(runs[0]) <= 21
    assert 10 <= horizon(runs[1]) <= 13
    assert horizon(runs[2]) == 4
    assert max(runs[3]) > 5
    assert max(runs[4]) > 10
    assert np.argmax(runs[4][::-1]) <= 4


def test_the_lstm_does_what_the_chapter_says():
    calm = [s | {"bias": 4, "steps": 100} for s in states("vanishing", 150)]
    inside = [
        all(1e-3 < size < 1e3 for size in data["psi_lstm"]) for data in compute("vanishing", calm)
    ]
    assert np.mean(inside) > 0.97
    shut, half, loud = compute(
        "vanishing",
        [
            DEFAULT | {"bias": -2},
            DEFAULT | {"bias": 0},
            DEFAULT | {"radius": 2, "input": 0, "start": 0},
        ],
    )
    assert horizon(shut["psi_lstm"]) <= 4
    assert 7 <= horizon(half["psi_lstm"]) <= 9
    assert 1.05**99 < loud["psi_lstm"][0] < 1.15**99


def test_a_wrong_program_is_noticed():
    """The comparison has teeth: with a wrong transpose it fails."""
    state = DEFAULT | {"nonnormal": 1.0}
    (right,) = compute("vanishing", [state])
    broken = figures_script("vanishing").replace("dotT(W_r, psi[n+1])", "dot(W_r, psi[n+1])")
    (wrong,) = run(broken + f"{json.dumps([state])}.map(LiveFigures.figures.vanishing.compute)")
    with pytest.raises(AssertionError):
        close(wrong["psi"], right["psi"])


@pytest.mark.parametrize(("radius", "nonnormal"), [(-1, 0), (1, -1), (float("nan"), 0)])
def test_a_matrix_that_cannot_be_is_refused(radius, nonnormal):
    with pytest.raises(ValueError, match=r"^(radius|nonnormal): expected"):
        network.recurrent(radius, nonnormal)


def neuron(w, theta):
    layer = StandardRNN(1, 1)
    layer.params["W_r"], layer.params["theta_s"] = [[w]], [theta]
    return layer


def descent(w, theta, N):
    """The error of the last read-out against one half, and its gradient, by the library."""
    layer = neuron(w, theta)
    trace = layer.forward(np.zeros((N, 1)))
    error = np.zeros((N, 1))
    error[-1] = trace.r[-1] - 0.5
    grads = layer.backward(trace, error)
    return error[-1, 0] ** 2 / 2, grads.params["W_r"][0, 0], grads.params["theta_s"][0]


def test_the_surface_is_the_librarys_error():
    script = f"{figures_script('wall')}".replace(
        "LiveFigures.define", "globalThis.net = [AT_W, AT_THETA];\nLiveFigures.define"
    )
    for N in (2, 10, 30):
        state = {c.name: c.value for c in WallFigure.controls} | {"N": N}
        shown = run(script + f"[net, LiveFigures.figures.wall.compute({json.dumps(state)}).E]")
        (ws, thetas), E = shown
        for i, j in itertools.product(range(0, len(ws), 5), range(0, len(thetas), 4)):
            assert abs(E[i][j] - descent(ws[i], thetas[j], N)[0]) < 1e-9


def test_both_walkers_follow_the_librarys_gradient():
    """Step by step: at the wall a rounding error is soon a large one."""
    clipped = 0
    for state in [s | {"threshold": 0.1} for s in states("wall", 12)]:
        (data,) = compute("wall", [state])
        for name, limit in (("free", np.inf), ("clipped", state["threshold"])):
            path = data[name]
            assert (path[0]["w"], path[0]["theta"]) == (state["w"], state["theta"])
            for here, there in itertools.pairwise(path):
                E, *g = descent(here["w"], here["theta"], int(state["N"]))
                size = np.hypot(*g)
                if size > limit:
                    g = np.array(g) * limit / size
                    clipped += 1
                # tanh of two libraries differs in its last digit; the wall makes more of it
                np.testing.assert_allclose([here["E"], here["norm"]], [E, size], 1e-6, 1e-9)
                to = np.array([here["w"], here["theta"]]) - state["rate"] * np.array(g)
                np.testing.assert_allclose([there["w"], there["theta"]], to, 1e-6, 1e-6)
    assert clipped > 10


WALL = {c.name: c.value for c in WallFigure.controls}


@pytest.mark.parametrize("nudge", [0, 1e-9])
def test_the_wall_throws_the_plain_walker_and_not_the_clipped(nudge):
    """As the chapter says of the figure as it opens."""
    (data,) = compute("wall", [WALL | {"w": WALL["w"] + nudge}])
    assert 27 < max(p["norm"] for p in data["free"]) < 30
    assert 10 < data["free"][-1]["theta"] < 13
    assert 0.1 < data["free"][-1]["E"] < 0.15
    assert data["clipped"][-1]["E"] < 0.01


def test_the_ellipse_is_the_product_of_the_librarys_jacobians():
    for state, data in zip(
        where := states("ellipse", 30) + corners("ellipse"), compute("ellipse", where), strict=True
    ):
        layer = StandardRNN(1, 2)
        layer.params["W_r"] = W = np.array(data["W_r"], float)
        radius = np.abs(np.linalg.eigvals(W)).max()
        np.testing.assert_allclose(radius, state["radius"], rtol=1e-6)
        close(data["norm"], np.linalg.norm(W, 2))
        start = state["start"] * np.array([1, -0.6])
        s = layer.forward(np.zeros((41, 1)), r0=np.tanh(start)).s
        close(data["s"], s)
        product = np.eye(2)
        for k, (mine, axis) in enumerate(zip(data["products"], data["axes"], strict=True)):
            scale = np.abs(product).max()
            np.testing.assert_allclose(mine, product, rtol=0, atol=1e-8 * scale)
            U, sizes, _ = np.linalg.svd(np.array(mine, float))
            np.testing.assert_allclose(axis["sizes"][0], sizes[0], rtol=1e-9)
            assert abs(axis["sizes"][1] - sizes[1]) <= 1e-9 * sizes[0]
            if sizes[0] > 1.01 * sizes[1]:
                long = np.array([np.cos(axis["angle"]), np.sin(axis["angle"])])
                assert abs(abs(long @ U[:, 0]) - 1) < 1e-9
            if k < 40:
                product = layer.jacobian(s[39 - k]).T @ product
