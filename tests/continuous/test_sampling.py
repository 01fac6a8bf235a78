"""The two Euler rules: weights, samples, order, stability, delays on the grid, refusals."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lstm_lib import (
    backward_euler,
    canonical_weights,
    forward_euler,
    poles,
    to_rnn,
)
from lstm_lib.continuous.ode import AdditiveModel, StabilityWarning
from lstm_lib.continuous.sampling import DelayWarning

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=50)
rules = pytest.mark.parametrize("rule", [backward_euler, forward_euler])
names = st.sampled_from(["tanh", "logistic", "relu", "identity"])
I2 = np.eye(2)


def stable(random, d):
    """A random matrix moved so that all its eigenvalues have real part at most -0.5."""
    A = random.normal(size=(d, d))
    return A - (np.linalg.eigvals(A).real.max() + 0.5) * np.eye(d)


def wave(t):
    return [math.sin(3 * t), math.cos(t)]


# --- the map to the weights ---------------------------------------------------------------------


def test_one_neuron_worked_by_hand():
    weights = canonical_weights([[-2]], [[3]], [[4]], [5], delta_t=0.5)
    # W_s = 1/(1 + 0.5*2) = 1/2, the others 0.5 * 1/2 * (3, 4, 5)
    assert [w.item() for w in weights] == [0.5, 0.75, 1, 1.25]


quarters = st.integers(-12, 12).map(lambda n: Fraction(n, 4))


@given(st.lists(quarters, min_size=12, max_size=12), st.integers(1, 8))
def test_two_neurons_are_the_exact_fractions(drawn, eighths):
    """(I - dt A)^-1 by the adjugate, in rational numbers."""
    A, B, C = np.array(drawn, object).reshape(3, 2, 2)
    dt = Fraction(eighths, 8)
    A = A - 7 * np.eye(2, dtype=int)  # stable: -7 + 3 + 3 < 0 (Gershgorin)
    (a, b), (c, d) = np.eye(2, dtype=int) - dt * A
    W_s = np.array([[d, -b], [-c, a]]) / (a * d - b * c)
    exact = (W_s, dt * W_s @ B, dt * W_s @ C, dt * W_s @ C[:, 0])
    got = canonical_weights(*(m.astype(float) for m in (A, B, C, C[:, 0])), delta_t=float(dt))
    for got_w, exact_w in zip(got, exact, strict=True):
        np.testing.assert_allclose(got_w, exact_w.astype(float), rtol=1e-13, atol=1e-13)


@given(st.integers(1, 5), st.integers(1, 3), st.floats(1e-3, 1e3), seeds)
def test_the_weights_solve_the_backward_euler_equation(d, d_x, delta_t, seed):
    """(s - s_old)/dt = A s + B r + C x + phi, whatever s_old, r and x are."""
    random = np.random.default_rng(seed)
    A, B, C, phi = stable(random, d), *(random.normal(size=n) for n in [(d, d), (d, d_x), d])
    W_s, W_r, W_x, theta_s = canonical_weights(A, B, C, phi, delta_t=delta_t)
    s_old, r, x = random.normal(size=d), random.normal(size=d), random.normal(size=d_x)
    s = W_s @ s_old + W_r @ r + W_x @ x + theta_s
    residual = s - s_old - delta_t * (A @ s + B @ r + C @ x + phi)
    np.testing.assert_allclose(residual, 0, atol=1e-12 * (1 + delta_t) * (1 + np.abs(s).max()))


def test_without_phi_theta_is_zero():
    assert canonical_weights(-I2, I2, I2, delta_t=1).theta_s.tolist() == [0, 0]


def test_a_fast_decay_forgets_its_state():
    W_s = canonical_weights(np.diag([-1e3, -1e6]), I2, I2, delta_t=1).W_s
    np.testing.assert_allclose(W_s, np.diag([1 / 1001, 1 / 1000001]), rtol=1e-12)


@pytest.mark.parametrize("ratio", [1e8, 1e16, 1e30])
def test_a_stiff_A_is_not_mistaken_for_a_singular_one(ratio):
    W_s = canonical_weights(np.diag([-1, -ratio]), I2, I2, delta_t=1).W_s
    np.testing.assert_allclose(np.diag(W_s), [0.5, 1 / (1 + ratio)], rtol=1e-12)


@pytest.mark.parametrize("A", [[[2]], [[2, 0], [0, -1]], [[1, 1], [1, 1]]])
def test_a_step_of_one_over_an_eigenvalue_is_refused(A):
    d = len(A)
    message = "delta_t: expected I - delta_t A invertible, got delta_t = 0.5"
    with pytest.raises(ValueError, match=message), pytest.warns(StabilityWarning):
        canonical_weights(A, np.eye(d), np.eye(d), delta_t=0.5)
    with pytest.raises(ValueError, match=message):
        poles(np.diag([2.0, -1]), delta_t=0.5)


def test_an_unstable_A_is_named_at_the_callers_line():
    with pytest.warns(StabilityWarning, match=r"A: the eigenvalue 0\.5 ") as seen:
        canonical_weights([[0.5]], [[1]], [[1]], delta_t=0.1)
    assert seen[0].filename == __file__


# --- the samples --------------------------------------------------------------------------------


@rules
@few
@given(st.integers(1, 3), names, st.lists(st.integers(0, 3), min_size=6, max_size=6), seeds)
def test_the_samples_satisfy_the_rules_difference_equation(rule, d, name, lags, seed):
    """Two terms of each kind, delays in steps, checked at every sample."""
    random = np.random.default_rng(seed)
    dt = 0.125
    A, B, C = (random.normal(size=(2, *n)) for n in [(d, d), (d, d), (d, 2)])
    A -= 6 * np.eye(d)
    lag_s, lag_r, lag_x = lags[:2], [1 + n for n in lags[2:4]], lags[4:]
    taus = {
        "tau_s": dt * np.array(lag_s),
        "tau_r": dt * np.array(lag_r),
        "tau_x": dt * np.array(lag_x),
    }
    phi, slope = random.normal(size=d), random.normal(size=d)
    model = AdditiveModel(A, B, C, phi, activation=name, **taus)
    samples = rule(model, wave, t_end=1, delta_t=dt, history=lambda t: 1 + slope * t)
    assert samples.delay_steps == tuple(lag_r)

    def s(n):
        return samples.s[n] if n >= 0 else 1 + slope * n * dt

    for n in range(1, 9):
        m = n if rule is backward_euler else n - 1
        rate = phi + sum(
            A[k] @ s(m - lag_s[k])
            + B[k] @ model.G(s(m - lag_r[k]))
            + C[k] @ wave((m - lag_x[k]) * dt)
            for k in (0, 1)
        )
        np.testing.assert_allclose(
            (s(n) - s(n - 1)) / dt, rate, atol=1e-9 * np.abs(samples.s).max()
        )
    assert np.array_equal(samples.r, model.G(samples.s))
    assert np.array_equal(samples.s[0], np.ones(d))


@given(st.integers(1, 4), names, st.floats(1e-3, 10), seeds)
def test_backward_euler_is_the_canonical_rnn(d, name, delta_t, seed):
    random = np.random.default_rng(seed)
    A, B, C = stable(random, d), *(random.normal(size=n) for n in [(d, d), (d, 2)])
    model = AdditiveModel(A, B, C, random.normal(size=d), tau_r=delta_t, activation=name)
    s0 = random.normal(size=d)
    samples = backward_euler(model, wave, t_end=8 * delta_t, delta_t=delta_t, history=s0)
    x = np.array([wave(t) for t in samples.t[1:]])
    trace = to_rnn(model, delta_t).forward(x, s0=s0, r0=model.G(s0))
    scale = 1 + np.abs(samples.s).max()
    np.testing.assert_allclose(trace.s, samples.s[1:], atol=1e-12 * scale)
    np.testing.assert_allclose(trace.r, samples.r[1:], atol=1e-12 * scale)


def test_to_rnn_carries_the_weights_of_the_map():
    model = AdditiveModel([[-2]], [[3]], [[4]], [5], tau_r=0.5, activation="logistic")
    rnn = to_rnn(model, 0.5)
    weights = {"W_s": 0.5, "W_r": 0.75, "W_x": 1, "theta_s": 1.25}
    assert {name: value.item() for name, value in rnn.params.items()} == weights
    assert (rnn.d_x, rnn.d_s, rnn.G.name) == (1, 1, "logistic")


def test_forward_euler_of_one_neuron_worked_by_hand():
    model = AdditiveModel([[-1]], [[2]], [[3]], tau_r=0.5, activation="identity")
    s = forward_euler(model, lambda t: t, t_end=1, delta_t=0.5, history=[4]).s[:, 0]
    # s[1] = 4 + 0.5(-4 + 2*4 + 3*0) = 6; s[2] = 6 + 0.5(-6 + 2*4 + 3*0.5) = 7.75
    assert s.tolist() == [4, 6, 7.75]


@rules
@given(st.floats(0.01, 1), st.floats(1, 5))
def test_the_samples_lie_on_the_multiples_of_the_step_up_to_the_end(rule, delta_t, t_end):
    samples = rule(AdditiveModel([[-1]]), t_end=t_end, delta_t=delta_t)
    np.testing.assert_allclose(samples.t, [n * delta_t for n in range(len(samples.t))])
    assert samples.t[-1] <= t_end * (1 + 1e-9) < samples.t[-1] + delta_t * (1 + 1e-6)
    assert samples.s.shape == samples.r.shape == (len(samples.t), 1)
    assert samples.delta_t == delta_t


@rules
def test_an_end_that_is_a_multiple_but_for_rounding_is_reached(rule):
    for n in range(1, 200):
        assert len(rule(AdditiveModel([[-1]]), t_end=n * 0.1, delta_t=0.1).t) == n + 1
    assert len(rule(AdditiveModel([[-1]]), t_end=1 - 1e-9, delta_t=0.1).t) == 10


# --- order and stability ------------------------------------------------------------------------


@rules
@pytest.mark.parametrize("jump", [False, True])
def test_the_error_falls_with_the_first_power_of_the_step(rule, jump):
    model = AdditiveModel(
        [[-1, 2], [-2, -1]], [[1, -2], [2, 0.5]], I2, [0.1, 0], tau_r=0.5, tau_x=0.25
    )

    def x(t):
        return [float(t >= 0.5), 0] if jump else wave(t)

    runs = {"x": x, "t_end": 2, "history": [0.5, -0.3]}
    exact = model.solve(step=0.005, **runs)

    def error(delta_t):
        samples = rule(model, delta_t=delta_t, **runs)
        return np.abs(samples.s - exact(samples.t)).max()

    errors = [error(0.25 / 2**n) for n in (3, 4, 5)]
    measured = np.log2([errors[0] / errors[1], errors[1] / errors[2]])
    assert ((measured > 0.85) & (measured < 1.15)).all(), measured


def test_without_delay_the_canonical_rnn_is_of_first_order_too():
    """The leak at the new time, the read-out at the old one: the same weights."""
    terms = [[-1, 0], [0, -2]], [[0, -4], [3, 0]], [[1], [0]]
    exact = AdditiveModel(*terms).solve(lambda t: [math.sin(2 * t)], t_end=10, step=1 / 128)

    def error(delta_t):
        rnn = to_rnn(AdditiveModel(*terms, tau_r=delta_t), delta_t)
        t = delta_t * np.arange(1, round(10 / delta_t) + 1)
        return np.abs(rnn.forward(np.sin(2 * t)[:, None]).s - exact(t)).max()

    errors = [error(1 / 2**n) for n in (4, 5, 6)]
    measured = np.log2([errors[0] / errors[1], errors[1] / errors[2]])
    assert ((measured > 0.85) & (measured < 1.15)).all(), measured


def test_a_stiff_model_explodes_by_forward_and_not_by_backward_euler():
    model = AdditiveModel(np.diag([-1, -500]), I2, tau_r=0.1)
    runs = {"t_end": 3, "delta_t": 0.1, "history": [1, 1]}
    assert np.abs(backward_euler(model, **runs).s).max() <= 1
    assert np.abs(forward_euler(model, **runs).s[-1, 1]) > 1e40


@pytest.mark.parametrize("name", ["tanh", "logistic", "relu", "identity"])
def test_an_exploding_rule_runs_off_the_floats_without_a_warning(name):
    model = AdditiveModel([[-1e3, 1], [-1, -1e3]], I2, tau_r=1, activation=name)
    s = forward_euler(model, t_end=200, delta_t=1, history=[1, 1]).s
    assert not np.isfinite(s[-1]).any()
    assert len(s) == 201


left = st.builds(complex, st.floats(-1e6, -1e-6), st.floats(-1e3, 1e3))
steps = st.floats(1e-3, 1e6)


@given(left, steps)
def test_backward_euler_maps_the_left_half_plane_into_the_unit_circle(eigenvalue, delta_t):
    (pole,) = poles(eigenvalue, delta_t=delta_t)
    assert pole == pytest.approx(1 / (1 - eigenvalue * delta_t), rel=1e-12)
    assert abs(pole) < 1


@given(st.builds(complex, st.floats(-4, 1), st.floats(-3, 3)), st.floats(0.1, 3))
def test_forward_euler_is_stable_exactly_in_the_circle_around_minus_one(eigenvalue, delta_t):
    a, b = eigenvalue.real, eigenvalue.imag
    margin = 2 * a + delta_t * (a * a + b * b)  # (|1 + lambda dt|^2 - 1) / dt
    assume(abs(margin) > 1e-9)
    (pole,) = poles(eigenvalue, delta_t=delta_t, rule="forward")
    assert (abs(pole) > 1) == (margin > 0)


@given(st.builds(complex, st.floats(-5, 1), st.floats(-3, 3)), st.floats(0.1, 3))
def test_the_exact_pole_is_the_exponential_and_what_both_rules_tend_to(eigenvalue, delta_t):
    (exact,) = poles(eigenvalue, delta_t=delta_t, rule="exact")
    z = eigenvalue * delta_t
    size = math.exp(z.real)
    assert exact == pytest.approx(
        complex(size * math.cos(z.imag), size * math.sin(z.imag)), rel=1e-12
    )
    for rule in ("backward", "forward"):
        (pole,) = poles(eigenvalue, delta_t=delta_t * 1e-6, rule=rule)
        assert pole**10**6 == pytest.approx(exact, rel=1e-3)


@few
@given(st.integers(1, 5), st.floats(0.01, 3), seeds)
def test_the_poles_are_the_eigenvalues_of_the_sampled_linear_part(d, delta_t, seed):
    A = stable(np.random.default_rng(seed), d)
    W_s = canonical_weights(A, A, A, delta_t=delta_t).W_s
    sampled = {"backward": W_s, "forward": np.eye(d) + delta_t * A}
    for rule, matrix in sampled.items():
        got = poles(A, delta_t=delta_t, rule=rule)
        assert got.dtype == np.complex128
        # equal spectra have equal characteristic polynomials, in whatever order they come
        np.testing.assert_allclose(np.poly(got), np.poly(matrix), atol=1e-9 * (1 + delta_t) ** d)


@few
@given(st.floats(-3, -0.1), st.floats(-3, 3), st.floats(0.05, 2))
def test_each_rule_multiplies_a_mode_by_its_pole(a, b, delta_t):
    """The plane rotates and shrinks like one complex number."""
    model = AdditiveModel([[a, -b], [b, a]])
    runs = {"t_end": delta_t, "history": [1, 0]}
    got = {
        "backward": backward_euler(model, delta_t=delta_t, **runs).s[-1],
        "forward": forward_euler(model, delta_t=delta_t, **runs).s[-1],
        "exact": model.solve(step=0.01, **runs).s[-1],
    }
    for rule, s in got.items():
        (pole,) = poles(complex(a, b), delta_t=delta_t, rule=rule)
        assert complex(*s) == pytest.approx(pole, abs=1e-7)


@pytest.mark.parametrize("rule", ["backward", "forward", "exact"])
def test_a_pole_comes_for_every_kind_of_eigenvalue(rule):
    want = poles(np.array([[-2.0]]), delta_t=0.1, rule=rule)
    for same in (-2, -2.0, -2 + 0j, np.float32(-2), np.complex128(-2), [[-2]]):
        assert np.array_equal(poles(same, delta_t=0.1, rule=rule), want)
    pair = poles([[-1, 2], [-2, -1]], delta_t=0.1, rule=rule)
    assert pair[0] == np.conj(pair[1])
    assert pair[0].imag != 0


# --- delays on the grid -------------------------------------------------------------------------


@rules
@given(st.floats(1e-15, 1e15), st.integers(1, 1000))
def test_a_multiple_of_the_step_is_taken_as_it_is_in_any_unit_of_time(rule, delta_t, k):
    model = AdditiveModel([[-1 / delta_t]], [[1]], tau_r=k * delta_t, tau_s=(k - 1) * delta_t)
    assert rule(model, t_end=delta_t, delta_t=delta_t).delay_steps == (k,)


@rules
@given(st.floats(1e-15, 1e15), st.floats(0, 20))
def test_another_delay_is_rounded_and_said_so_in_any_unit_of_time(rule, delta_t, ratio):
    assume(abs(ratio - round(ratio)) > 1e-6 or ratio < 1e-6)
    assume(abs(ratio % 1 - 0.5) > 1e-6)
    model = AdditiveModel([[-1 / delta_t]], [[1]], tau_r=ratio * delta_t)
    with pytest.warns(DelayWarning, match=r"^tau_r: ") as seen:
        samples = rule(model, t_end=delta_t, delta_t=delta_t)
    steps = max(round(ratio), 1)
    assert samples.delay_steps == (steps,)
    assert f"; used {steps} step" in str(seen[0].message)
    assert seen[0].filename == __file__


@rules
@pytest.mark.parametrize(
    ("name", "delay", "used"),
    [
        ("tau_r", "0.25", "3 steps = 0.3"),
        ("tau_r", "0", "1 step = 0.1"),
        ("tau_s", "0.04", "0 steps = 0"),
        ("tau_x", "0.3000001", "3 steps = 0.3"),
    ],
)
def test_the_delay_warning_says_what_was_used_and_it_was(rule, name, delay, used):
    on_grid = {"tau_s": 0, "tau_r": 0.1, "tau_x": 0}
    given, instead = float(delay), float(used.split()[-1])
    runs = {"x": math.cos, "t_end": 1, "delta_t": 0.1, "history": math.sin}
    model, meant = (
        AdditiveModel([[-1]], [[1]], [[1]], **(on_grid | {name: tau})) for tau in (given, instead)
    )
    with pytest.warns(DelayWarning) as seen:
        moved = rule(model, **runs)
    why = " (feedback needs at least one)" if name == "tau_r" else ""
    assert [str(warning.message) for warning in seen] == [
        f"{name}: {delay} is not a whole number of steps of delta_t = 0.1{why}; used {used}"
    ]
    np.testing.assert_allclose(moved.s, rule(meant, **runs).s, rtol=1e-13)


@pytest.mark.parametrize("tau_r", [0.3, 0, 0.500001, 1.0])
def test_to_rnn_moves_the_feedback_to_one_step_and_says_so(tau_r):
    model = AdditiveModel([[-1]], [[1]], [[1]], tau_r=tau_r)
    text = f"tau_r: {tau_r:.10g} is not one step of delta_t = 0.5, .*; used 1 step = 0.5$"
    with pytest.warns(DelayWarning, match=text) as seen:
        rnn = to_rnn(model, 0.5)
    assert seen[0].filename == __file__
    assert rnn.params["W_r"] == pytest.approx(0.5 / 1.5)


# --- refusals -----------------------------------------------------------------------------------

BAD_STEPS = [
    (0, ValueError, "delta_t: expected a finite number > 0, got 0"),
    (-0.1, ValueError, "delta_t: expected a finite number > 0, got -0.1"),
    (math.nan, ValueError, "delta_t: expected a finite number > 0, got nan"),
    (math.inf, ValueError, "delta_t: expected a finite number > 0, got inf"),
    ("0.1", TypeError, "delta_t: expected a finite number > 0, got '0.1'"),
    (None, TypeError, "delta_t: expected a finite number > 0, got None"),
    (True, TypeError, "delta_t: expected a finite number > 0, got True"),
    (1j, TypeError, "delta_t: expected a finite number > 0, got 1j"),
]


@pytest.mark.parametrize(("delta_t", "error", "message"), BAD_STEPS)
def test_every_function_refuses_a_wrong_step(delta_t, error, message):
    model = AdditiveModel([[-1]], [[1]], [[1]], tau_r=0.1)
    for call in (
        lambda: canonical_weights([[-1]], [[1]], [[1]], delta_t=delta_t),
        lambda: backward_euler(model, math.sin, t_end=1, delta_t=delta_t),
        lambda: forward_euler(model, math.sin, t_end=1, delta_t=delta_t),
        lambda: to_rnn(model, delta_t),
        lambda: poles(-1, delta_t=delta_t),
    ):
        with pytest.raises(error, match="^" + re.escape(message) + "$"):
            call()


REFUSED_WEIGHTS = [
    ({"A": np.ones((2, 3))}, ValueError, "A: expected a square matrix, got shape (2, 3)"),
    ({"A": np.ones((1, 2, 2))}, ValueError, "A: expected shape (d_s, d_s), got (1, 2, 2)"),
    ({"A": [[1, 2], [3]]}, ValueError, "A: expected an array of shape (d_s, d_s), got rows of"),
    ({"A": [[math.nan, 0], [0, 0]]}, ValueError, "A: expected finite numbers, got nan at index"),
    ({"B": np.eye(3)}, ValueError, "B: expected shape (2, 2), got (3, 3)"),
    ({"C": np.ones((3, 2))}, ValueError, "C: expected shape (2, d_x), got (3, 2)"),
    ({"phi": [1]}, ValueError, "phi: expected shape (2,), got (1,)"),
    ({"phi": [1j, 0]}, TypeError, "phi: expected real numbers, got dtype complex128"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), REFUSED_WEIGHTS)
def test_mismatched_matrices_make_no_weights(wrong, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        canonical_weights(**({"A": -I2, "B": I2, "C": I2, "delta_t": 0.1} | wrong))


REFUSED_RUNS = [
    ({"t_end": 0}, ValueError, "t_end: expected a finite number > 0, got 0"),
    ({"t_end": 0.05}, ValueError, "delta_t: expected at most t_end = 0.05, got 0.1"),
    ({"x": None}, ValueError, "x: expected a function of time, the model has C, got None"),
    ({"x": [0, 1]}, TypeError, "x: expected a function of time, got list"),
    ({"x": lambda t: [1, 2, 3]}, ValueError, "expected shape (2,), got (3,)"),
    ({"x": lambda t: [1, math.nan]}, ValueError, "expected finite numbers, got nan at index (1,)"),
    ({"history": [1, 2, 3]}, ValueError, "history: expected shape (2,), got (3,)"),
    ({"history": lambda t: [1]}, ValueError, "history(0): expected shape (2,), got (1,)"),
    ({"history": [math.inf, 0]}, ValueError, "history: expected finite numbers, got inf at"),
]


@rules
@pytest.mark.parametrize(("wrong", "error", "message"), REFUSED_RUNS)
def test_a_wrong_argument_samples_nothing(rule, wrong, error, message):
    model = AdditiveModel(-I2, C=I2)
    with pytest.raises(error, match=re.escape(message)) as raised:
        rule(model, **({"x": wave, "t_end": 1, "delta_t": 0.1} | wrong))
    if callable(wrong.get("x")):
        assert str(raised.value).startswith("x(0.1):" if rule is backward_euler else "x(0):")


def test_an_input_that_turns_non_finite_is_named_with_its_time():
    with pytest.raises(ValueError, match=r"^x\(0\.3\): expected finite numbers, got inf"):
        backward_euler(
            AdditiveModel([[-1]], C=[[1]]),
            lambda t: math.inf if t > 0.25 else 0,
            t_end=1,
            delta_t=0.1,
        )


@pytest.mark.parametrize(
    ("arguments", "got"),
    [
        ({"B": None}, "(1, 0, 1) terms, tau_s = [0.0], tau_x = [0.0]"),
        ({"C": None}, "(1, 1, 0) terms, tau_s = [0.0], tau_x = []"),
        ({"A": [[[-1]], [[-1]]]}, "(2, 1, 1) terms, tau_s = [0.0, 0.0], tau_x = [0.0]"),
        ({"tau_s": 0.1}, "(1, 1, 1) terms, tau_s = [0.1], tau_x = [0.0]"),
        ({"tau_x": 0.2}, "(1, 1, 1) terms, tau_s = [0.0], tau_x = [0.2]"),
    ],
)
def test_to_rnn_refuses_a_model_that_is_no_canonical_rnn(arguments, got):
    model = AdditiveModel(**({"A": [[-1]], "B": [[1]], "C": [[1]]} | arguments))
    message = f"model: expected one term each in A, B, C with tau_s = tau_x = 0, got {got}"
    with pytest.raises(ValueError, match=re.escape(message)):
        to_rnn(model, 0.1)


@pytest.mark.parametrize(
    ("A", "rule", "error", "message"),
    [
        (
            -1,
            "trapezoid",
            ValueError,
            "rule: expected one of 'backward', 'forward', 'exact', got 't",
        ),
        (-1, None, ValueError, "rule: expected one of 'backward', 'forward', 'exact', got None"),
        (np.ones((2, 3)), "exact", ValueError, "A: expected a square matrix, got shape"),
        ([1, 2], "exact", ValueError, "A: expected shape (d_s, d_s), got (2,)"),
        (math.nan, "exact", ValueError, "A: expected a finite number, got nan"),
        (complex(1, math.inf), "exact", ValueError, "A: expected a finite number, got inf"),
        ("-1", "exact", TypeError, "A: expected a finite number, got '-1'"),
        ([[1j]], "exact", TypeError, "A: expected real numbers, got dtype complex128"),
    ],
)
def test_poles_refuses_what_has_no_eigenvalue_or_rule(A, rule, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        poles(A, delta_t=0.1, rule=rule)
