"""The additive model: its solver against closed forms, its order, its warnings and refusals."""

import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstm_lib import circulant
from lstm_lib.continuous.ode import AdditiveModel, Solution, StabilityWarning

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=30)


def stable(random, d):
    """A random matrix moved so that all its eigenvalues have real part at most -0.5."""
    A = random.normal(size=(d, d))
    return A - (np.linalg.eigvals(A).real.max() + 0.5) * np.eye(d)


def orders(error, steps):
    """Measured orders of convergence from each step to the next."""
    e = [error(h) for h in steps]
    return [
        math.log(e[i] / e[i + 1]) / math.log(steps[i] / steps[i + 1]) for i in range(len(e) - 1)
    ]


# --- circulant matrices -------------------------------------------------------------------------

kernels = hnp.arrays(float, st.integers(1, 7), elements=st.floats(-10, 10))


@given(kernels, seeds)
def test_a_circulant_matrix_times_a_vector_is_a_circular_convolution(k, seed):
    d = len(k)
    v = np.random.default_rng(seed).normal(size=d)
    by_loops = [sum(k[(i - j) % d] * v[j] for j in range(d)) for i in range(d)]
    by_fft = np.fft.ifft(np.fft.fft(k) * np.fft.fft(v)).real
    np.testing.assert_allclose(circulant(k) @ v, by_loops, atol=1e-12)
    np.testing.assert_allclose(circulant(k) @ v, by_fft, atol=1e-12)


@given(kernels)
def test_each_column_of_a_circulant_matrix_is_the_kernel_rolled_down(k):
    for j, column in enumerate(circulant(k).T):
        assert np.array_equal(column, np.roll(k, j))


def test_circulant_state_dynamics_decay_mode_by_mode():
    k, s0 = np.array([-3, 1, 0, 0.5]), np.array([1.0, -2, 0.5, 3])
    s = AdditiveModel(circulant(k)).solve(t_end=1, history=s0).s[-1]
    modes = np.exp(np.fft.fft(k)) * np.fft.fft(s0)
    np.testing.assert_allclose(np.fft.fft(s), modes, atol=1e-7)


@pytest.mark.parametrize(
    ("kernel", "error", "message"),
    [
        ([], ValueError, "kernel: expected shape (d,), d >= 1, got (0,)"),
        ([[1, 2]], ValueError, "kernel: expected shape (d,), got (1, 2)"),
        ([1, math.nan], ValueError, "kernel: expected finite numbers, got nan at index (1,)"),
        ([1j], TypeError, "kernel: expected real numbers, got dtype complex128"),
    ],
)
def test_circulant_refuses_what_is_no_kernel(kernel, error, message):
    with pytest.raises(error, match=re.escape(message)):
        circulant(kernel)


# --- the solver against closed forms ------------------------------------------------------------


@few
@given(st.integers(1, 4), seeds)
def test_the_linear_model_without_delays_is_the_matrix_exponential(d, seed):
    random = np.random.default_rng(seed)
    A, phi, s0 = stable(random, d), random.normal(size=d), random.normal(size=d)
    solution = AdditiveModel(A, phi=phi).solve(t_end=1, step=0.02, history=s0)
    rest = np.linalg.solve(A, -phi)
    eigenvalues, V = np.linalg.eig(A)
    for t, s in zip(solution.t, solution.s, strict=True):
        want = rest + (V * np.exp(eigenvalues * t)) @ np.linalg.solve(V, s0 - rest)
        np.testing.assert_allclose(s, want.real, atol=2e-6)


def test_a_pure_delay_gives_the_polynomials_of_the_method_of_steps():
    """ds/dt = -s(t-1) from s = 1 for t <= 0: one power more on each unit of time."""
    solution = AdditiveModel([[-1]], tau_s=1).solve(t_end=4, step=0.02, history=[1])
    for t, s in zip(solution.t, solution.s[:, 0], strict=True):
        want = sum((-1) ** k * max(t - (k - 1), 0) ** k / math.factorial(k) for k in range(1, 6))
        assert s == pytest.approx(1 + want, abs=1e-9)


def test_decay_and_delayed_feedback_on_the_first_interval_are_an_exponential():
    c, b = np.array([0.4, -0.8]), np.array([[0.5, -2], [1, 0.25]])
    model = AdditiveModel(-2 * np.eye(2), b, tau_r=0.7)
    solution = model.solve(t_end=0.7, step=0.01, history=c)
    for t, s in zip(solution.t, solution.s, strict=True):
        want = c * math.exp(-2 * t) + b @ np.tanh(c) * (1 - math.exp(-2 * t)) / 2
        np.testing.assert_allclose(s, want, atol=1e-9)


def test_a_sustained_oscillation_of_a_delayed_decay_is_the_cosine():
    model = AdditiveModel([[-math.pi / 2]], tau_s=1)
    solution = model.solve(t_end=8, step=0.02, history=lambda t: math.cos(math.pi / 2 * t))
    np.testing.assert_allclose(solution.s[:, 0], np.cos(math.pi / 2 * solution.t), atol=1e-6)


def test_a_cubic_is_solved_and_interpolated_exactly():
    solution = AdditiveModel([[0]], C=[[1]]).solve(lambda t: 3 * t**2 - 1, t_end=2, step=0.5)
    t = np.linspace(0, 2, 41)
    np.testing.assert_allclose(solution(t)[:, 0], t**3 - t, atol=1e-8)


@few
@given(seeds, st.booleans())
def test_terms_with_the_same_delay_are_their_sum(seed, delayed):
    random = np.random.default_rng(seed)
    A, B, C = random.normal(size=(3, 2, 2, 2))
    A -= 5 * np.eye(2)
    tau = {"tau_s": 0.3, "tau_r": 0.3, "tau_x": 0.1} if delayed else {}
    runs = {"x": lambda t: [math.sin(t), t], "t_end": 1, "step": 0.05, "history": [1, -1]}
    split = AdditiveModel(A, B, C, **{name: [value] * 2 for name, value in tau.items()})
    whole = AdditiveModel(A.sum(0), B.sum(0), C.sum(0), **tau)
    np.testing.assert_allclose(split.solve(**runs).s, whole.solve(**runs).s, atol=1e-12)


def test_a_delayed_input_is_the_input_moved_in_time():
    late = AdditiveModel([[-1]], C=[[2]], tau_x=0.25).solve(math.sin, t_end=2, step=0.1)
    moved = AdditiveModel([[-1]], C=[[2]]).solve(lambda t: math.sin(t - 0.25), t_end=2, step=0.1)
    np.testing.assert_allclose(late.s, moved.s, atol=1e-9)


@pytest.mark.parametrize("name", ["tanh", "logistic", "relu", "identity"])
def test_the_readout_is_the_warped_state(name):
    model = AdditiveModel([[-1, 2], [-2, -1]], [[1, 0], [0, 1]], activation=name)
    solution = model.solve(t_end=1, step=0.1, history=[1, -2])
    assert np.array_equal(solution.r, model.G(solution.s))


def test_no_input_term_needs_no_input_and_zero_is_the_history_by_default():
    solution = AdditiveModel([[-1]]).solve(t_end=1)
    assert not solution.s.any()


# --- order of convergence -----------------------------------------------------------------------


def manufactured(tau_r, tau_s, step):
    """Largest error where sin t is the exact solution, because the input is made for it."""

    def x(t):
        feedback = 1.5 * np.tanh(np.sin(t - np.array(tau_r))).sum()
        return math.cos(t) + math.sin(t) + 2 * math.sin(t - tau_s) - feedback

    model = AdditiveModel(
        [[[-1]], [[-2]]], [[[1.5]]] * len(tau_r), [[1]], tau_s=[0, tau_s], tau_r=tau_r
    )
    solution = model.solve(x, t_end=3, step=step, history=math.sin)
    return np.abs(solution.s[:, 0] - np.sin(solution.t)).max()


@pytest.mark.parametrize(
    ("tau_r", "tau_s"), [([0.5], 1.0), ([0.0, 0.5], 1.5), ([0.57, 0.73], math.sqrt(2))]
)
def test_the_error_falls_with_the_fourth_power_of_the_step(tau_r, tau_s):
    steps = [max(tau_r[0], 0.5) / n for n in (5, 10, 20)]
    measured = orders(lambda h: manufactured(tau_r, tau_s, h), steps)
    assert all(3.7 < order < 4.6 for order in measured), measured


def jump_error(step, tau_x, closed):
    """Error of ds/dt = -s + x(t - tau_x) + r(t - 0.5), r = s, where x jumps from 0 to 1 at 1."""

    def x(t):
        return float(t >= 1 if closed else t > 1)

    def exact(t):  # by the method of steps, from the jump's arrival
        u = t - 1 - tau_x
        if u < 0:
            return 0.0
        first = 1 - math.exp(-u)
        v = u - 0.5
        return first + (1 - math.exp(-v) * (1 + v) if v > 0 else 0)

    model = AdditiveModel([[-1]], [[1]], [[1]], tau_r=0.5, tau_x=tau_x, activation="identity")
    solution = model.solve(x, t_end=1.9 + tau_x, step=step)
    return np.abs(solution.s[:, 0] - [exact(t) for t in solution.t]).max()


@pytest.mark.parametrize("tau_x", [0, 0.5])
@pytest.mark.parametrize("closed", [True, False])
def test_a_jump_on_a_grid_point_keeps_the_fourth_order(tau_x, closed):
    measured = orders(lambda h: jump_error(h, tau_x, closed), [0.1, 0.05, 0.025])
    assert all(3.7 < order < 4.6 for order in measured), measured


def test_a_jump_between_grid_points_costs_the_order():
    """The contrast that gives the test above its meaning."""

    def error(n):
        model = AdditiveModel([[-1]], C=[[1]])
        s = model.solve(lambda t: float(t > 1 / 3), t_end=1, step=1 / n).s[-1, 0]
        return abs(s - (1 - math.exp(-2 / 3)))

    assert error(40) > 100 * jump_error(1 / 40, 0, True)


# --- the grid and the interpolant ---------------------------------------------------------------


@given(st.floats(0.05, 1), st.floats(0.01, 2), st.floats(0.02, 3))
@example(0.050000000001446755, 0.01171875, 0.0200000000022627)  # two steps fall short by 2e-12
def test_the_step_divides_the_smallest_delay_and_the_grid_reaches_the_end(tau, step, t_end):
    model = AdditiveModel([[-1]], [[[1]], [[1]]], tau_r=[tau, 3 * tau])
    t = model.solve(t_end=t_end, step=step).t
    h = t[1] - t[0]
    assert t[0] == 0
    np.testing.assert_allclose(np.diff(t), h, rtol=1e-9)
    assert h <= step * (1 + 1e-9)
    assert tau / h == pytest.approx(round(tau / h), abs=1e-6)
    assert t[-2] < t_end <= t[-1] * (1 + 2e-12)


@given(st.floats(0.001, 2), st.floats(0.02, 3))
def test_without_delays_the_grid_ends_at_the_end(step, t_end):
    t = AdditiveModel([[-1]]).solve(t_end=t_end, step=step).t
    assert t[-1] == pytest.approx(t_end, rel=1e-12)
    assert t[1] <= step * (1 + 1e-9)
    assert len(t) - 2 < t_end / step <= (len(t) - 1) * (1 + 1e-9)


def test_an_end_just_beyond_the_grid_takes_one_more_step():
    model = AdditiveModel([[-1]], tau_s=0.1)
    assert len(model.solve(t_end=1, step=0.1).t) == 11
    assert len(model.solve(t_end=1 + 1e-9, step=0.1).t) == 12
    assert len(model.solve(t_end=1, step=0.1 - 1e-10).t) == 21  # a step may not be exceeded


def test_the_solution_read_at_grid_points_is_the_grid_and_in_between_of_fourth_order():
    def solved(step):
        return AdditiveModel([[0, 1], [-1, 0]]).solve(t_end=2, step=step, history=[0, 1])

    solution = solved(0.1)
    np.testing.assert_allclose(solution(solution.t), solution.s, atol=1e-14)

    def error(step):
        t = np.linspace(0, 2, 333)
        return np.abs(solved(step)(t) - np.stack([np.sin(t), np.cos(t)], 1)).max()

    assert all(3.7 < order < 4.6 for order in orders(error, [0.2, 0.1, 0.05]))


def test_the_solution_keeps_the_shape_of_the_times():
    solution = AdditiveModel(-np.eye(3)).solve(t_end=1, step=0.1, history=[1, 2, 3])
    assert isinstance(solution, Solution)
    assert solution(0.5).shape == (3,)
    assert solution([[0, 0.5], [0.7, 1]]).shape == (2, 2, 3)
    assert np.array_equal(solution(0.5), solution([[0.5]])[0, 0])


@pytest.mark.parametrize(
    ("t", "error", "message"),
    [
        (-0.1, ValueError, "t: expected times in [0, 1], got -0.1..-0.1"),
        ([0, 1.1], ValueError, "t: expected times in [0, 1], got 0.0..1.1"),
        (1 + 1e-9, ValueError, "t: expected times in [0, 1], got 1.000000001..1.000000001"),
        ([0, math.nan], ValueError, "t: expected finite numbers, got nan at index (1,)"),
        ("now", TypeError, "t: expected real numbers, got dtype <U3"),
    ],
)
def test_the_solution_is_not_read_outside_its_times(t, error, message):
    solution = AdditiveModel([[-1]]).solve(t_end=1, step=0.25)
    with pytest.raises(error, match=re.escape(message)):
        solution(t)


# --- the model ----------------------------------------------------------------------------------


def test_the_model_knows_its_sizes():
    model = AdditiveModel(-np.eye(3), np.ones((4, 3, 3)), np.ones((3, 2)), tau_r=[1, 2, 3, 4])
    assert (model.d_s, model.d_x) == (3, 2)
    assert (model.A.shape, model.B.shape, model.C.shape) == ((1, 3, 3), (4, 3, 3), (1, 3, 2))
    alone = AdditiveModel(-np.eye(3))
    assert (alone.d_s, alone.d_x, len(alone.B), len(alone.C)) == (3, 0, 0, 0)


def test_the_model_keeps_its_own_copy_of_the_arguments():
    A, B, C, phi, tau = -np.eye(2), np.eye(2), np.eye(2), np.ones(2), np.array([0.5])
    model = AdditiveModel(A, B, C, phi, tau_r=tau)
    for array in (A, B, C, phi, tau):
        array[...] = 9
    assert np.array_equal(model.A[0], -np.eye(2))
    assert np.array_equal(model.B[0], np.eye(2))
    assert np.array_equal(model.C[0], np.eye(2))
    assert model.phi.tolist() == [1, 1]
    assert model.tau_r.tolist() == [0.5]


@few
@given(st.integers(1, 4), st.floats(0.01, 5), seeds)
def test_an_unstable_A_is_named_by_its_rightmost_eigenvalue(d, real, seed):
    A = stable(np.random.default_rng(seed), d)
    A += (real - np.linalg.eigvals(A).real.max()) * np.eye(d)
    with pytest.warns(StabilityWarning, match="A: the eigenvalue .* has a positive real") as seen:
        AdditiveModel(A)
    named = complex(str(seen[0].message).split()[3])
    assert named.real == pytest.approx(real, rel=1e-3)
    assert np.abs(np.linalg.eigvals(A) - named).min() < 1e-3 * (1 + abs(named))
    assert seen[0].filename == __file__


@pytest.mark.parametrize(
    ("A", "shown"),
    [([[0.25]], "0.25"), ([[1, -2], [2, 1]], "1[+-]2j"), ([[-9, 0], [0, 1e-6]], "1e-06")],
)
def test_the_stability_warning_is_one_sentence(A, shown):
    message = rf"^A: the eigenvalue {shown} has a positive real part, so the linear part grows"
    with pytest.warns(StabilityWarning, match=message):
        AdditiveModel(A)


@given(st.integers(1, 6), st.floats(1e-9, 1e9), seeds)
def test_a_matrix_that_only_rotates_is_not_called_unstable(d, scale, seed):
    K = scale * np.random.default_rng(seed).normal(size=(d, d))
    AdditiveModel(K - K.T)  # eigenvalues on the axis: their real parts are rounding


def test_delayed_terms_are_not_judged_and_undelayed_ones_are_judged_together():
    AdditiveModel([[1]], tau_s=0.5)
    AdditiveModel([[[1]], [[-2]]])
    with pytest.warns(StabilityWarning, match="eigenvalue 1 "):
        AdditiveModel([[[-2]], [[3]], [[-9]]], tau_s=[0, 0, 0.5])


I2 = np.eye(2)
REFUSED_MODELS = [
    ({"A": [[1, 2, 3], [4, 5, 6]]}, ValueError, "A: expected a square matrix, got shape (2, 3)"),
    ({"A": np.ones((2, 2, 3))}, ValueError, "A: expected a square matrix, got shape (2, 2, 3)"),
    ({"A": -1.0}, ValueError, "A: expected shape (d_s, d_s), got ()"),
    ({"A": [-1, -1]}, ValueError, "A: expected shape (d_s, d_s), got (2,)"),
    (
        {"A": np.zeros((0, 2, 2))},
        ValueError,
        "A: expected shape (K, d_s, d_s), K >= 1, got (0, 2, 2)",
    ),
    ({"A": [[1, 2], [3]]}, ValueError, "A: expected an array, got rows of unequal length"),
    ({"A": [[math.nan]]}, ValueError, "A: expected finite numbers, got nan at index (0, 0)"),
    ({"A": [[1j]]}, TypeError, "A: expected real numbers, got dtype complex128"),
    ({"A": None}, TypeError, "A: expected real numbers, got dtype object"),
    ({"A": [["a"]]}, TypeError, "A: expected real numbers, got dtype <U1"),
    ({"B": np.eye(3)}, ValueError, "B: expected shape (2, 2), got (3, 3)"),
    ({"B": np.ones((2, 3))}, ValueError, "B: expected shape (2, 2), got (2, 3)"),
    ({"C": np.ones((3, 1))}, ValueError, "C: expected shape (2, d_x), got (3, 1)"),
    ({"C": [1, 2]}, ValueError, "C: expected shape (2, d_x), got (2,)"),
    ({"C": np.ones((2, 0))}, ValueError, "C: expected shape (2, d_x), d_x >= 1, got (2, 0)"),
    ({"phi": [1, 2, 3]}, ValueError, "phi: expected shape (2,), got (3,)"),
    ({"phi": 1.0}, ValueError, "phi: expected shape (2,), got ()"),
    ({"phi": [0, math.inf]}, ValueError, "phi: expected finite numbers, got inf at index (1,)"),
    ({"tau_s": -0.1}, ValueError, "tau_s: expected delays >= 0, got -0.1"),
    ({"tau_s": [0.1, 0.2]}, ValueError, "tau_s: expected shape (1,), got (2,)"),
    ({"tau_s": [[0.1]]}, ValueError, "tau_s: expected shape (1,), got (1, 1)"),
    ({"tau_s": math.nan}, ValueError, "tau_s: expected finite numbers, got nan"),
    ({"tau_s": "a"}, TypeError, "tau_s: expected real numbers, got dtype <U1"),
    ({"tau_s": [[1, 2], [3]]}, ValueError, "tau_s: expected an array, got rows of unequal length"),
    (
        {"B": [I2, I2], "tau_r": 0.5},
        ValueError,
        "tau_r: expected 2 delays, one for each term, got 0.5",
    ),
    ({"tau_r": 0.5}, ValueError, "tau_r: expected 0 delays, one for each term, got 0.5"),
    ({"tau_x": [0.5]}, ValueError, "tau_x: expected shape (0,), got (1,)"),
    ({"activation": "sigmoid"}, ValueError, "activation: expected one of 'tanh', 'logistic'"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), REFUSED_MODELS)
def test_a_wrong_argument_makes_no_model(wrong, error, message):
    with pytest.raises(error, match="^" + re.escape(message)):
        AdditiveModel(**({"A": -I2} | wrong))


REFUSED_RUNS = [
    ({"t_end": 0}, ValueError, "t_end: expected a finite number > 0, got 0"),
    ({"t_end": -1}, ValueError, "t_end: expected a finite number > 0, got -1"),
    ({"t_end": math.nan}, ValueError, "t_end: expected a finite number > 0, got nan"),
    ({"t_end": "1"}, TypeError, "t_end: expected a finite number > 0, got '1'"),
    ({"step": 0.0}, ValueError, "step: expected a finite number > 0, got 0.0"),
    ({"step": math.inf}, ValueError, "step: expected a finite number > 0, got inf"),
    ({"history": [1]}, ValueError, "history: expected shape (2,), got (1,)"),
    ({"history": [1, math.nan]}, ValueError, "history: expected finite numbers, got nan at index"),
    ({"history": "ab"}, TypeError, "history: expected real numbers, got dtype <U2"),
    ({"history": lambda t: 1.0}, ValueError, "history(0): expected shape (2,), got (1,)"),
    (
        {"history": lambda t: [t, math.nan]},
        ValueError,
        "history(0): expected finite numbers, got na",
    ),
    ({"x": None}, ValueError, "x: expected a function of time, the model has C, got None"),
    ({"x": np.ones((10, 2))}, TypeError, "x: expected a function of time, got ndarray"),
    ({"x": lambda t: 1.0}, ValueError, "x(1e-10): expected shape (2,), got (1,)"),
    (
        {"x": lambda t: [1, math.inf]},
        ValueError,
        "x(1e-10): expected finite numbers, got inf at in",
    ),
    ({"x": lambda t: [1j, 1]}, TypeError, "x(1e-10): expected real numbers, got dtype complex128"),
    (
        {"x": lambda t: [[1, 2], [3]]},
        ValueError,
        "x(1e-10): expected an array, got rows of unequal",
    ),
    ({"x": lambda t: None}, TypeError, "x(1e-10): expected real numbers, got dtype object"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), REFUSED_RUNS)
def test_a_wrong_argument_solves_nothing(wrong, error, message):
    model = AdditiveModel(-I2, C=I2)
    right = {"x": lambda t: [0, t], "t_end": 1, "step": 0.1}
    with pytest.raises(error, match="^" + re.escape(message)):
        model.solve(**(right | wrong))


def test_an_input_that_turns_non_finite_is_named_with_its_time():
    def x(t):
        return 1 / (0.5 - t) if t < 0.45 else math.nan

    message = r"^x\(0\.45\d*\): expected finite numbers, got nan"
    with pytest.raises(ValueError, match=message):
        AdditiveModel([[-1]], C=[[1]]).solve(x, t_end=1, step=0.1)


@few
@given(st.floats(-3, -0.2), st.floats(-4, 4), st.floats(0.1, 3), st.floats(-3, 3))
def test_a_late_neuron_stays_within_its_bound(a, b, tau, start):
    """|s(t)| <= |s(0)| + (|b| + sup|x|) / |a| for a leak a < 0 and the warping tanh."""
    model = AdditiveModel([[a]], [[b]], [[1.0]], tau_r=tau)
    s = model.solve(lambda t: [math.sin(t)], t_end=10, step=0.1, history=[start]).s
    assert np.abs(s).max() <= (abs(start) + (abs(b) + 1) / abs(a)) * (1 + 1e-6)
