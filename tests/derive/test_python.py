"""The emitted NumPy programs: their gradients, shapes, numbers and manners."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib.derive import (
    System,
    augmented_lstm,
    gru,
    lstm1997_truncated,
    standard_rnn,
    vanilla_lstm,
)

from .programs import SYSTEMS, along, blocks, both, differentiated, loss, point, run, system


@pytest.mark.parametrize("name", SYSTEMS)
def test_gradients_agree_with_complex_steps(name):
    differentiated(system(name), point(system(name)))


def test_central_differences_where_the_warping_is_not_analytic():
    cell = standard_rnn.change("r[n] = relu(s[n])", warping={"relu": "relu"})
    at = point(cell, seed=4)
    program = run(cell.numpy_source())
    trace = program.forward(at.params, *at.inputs.values(), **at.initial)
    assert abs(trace["s"]).min() > 1e-3  # away from the kink
    grads = program.backward(at.params, trace, *at.losses.values())
    for group, key in blocks(cell, at):
        way = np.random.default_rng(2).normal(size=getattr(at, group)[key].shape)
        up, down = (loss(program, cell, at, along(at, group, key, h * way)) for h in (1e-6, -1e-6))
        assert (grads[key] * way).sum() == pytest.approx((up - down) / 2e-6, rel=1e-7), key


def test_lines_look_like_the_page():
    source = vanilla_lstm.numpy_source()
    for line in (
        "a_cu[n] = W_xcu @ x[n] + W_scu @ s[n-1] + W_vcu @ v[n-1] + b_cu",
        "s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]",
        "alpha_cr[n] = chi[n] * r[n] * dG_c(a_cr[n])",
        "dE_dW_scr += alpha_cr[n] @ s[n].T",
    ):
        assert f"        {line}\n" in source
    window = "xi_cu[n] = sum(W_xcu[l] @ x[n-l] for l in L_cu)"
    assert window in augmented_lstm.numpy_source()
    assert max(map(len, augmented_lstm.numpy_source().splitlines())) <= 100


@pytest.mark.parametrize("big", [0.0, 1.0, -40.0, 710.0, -710.0, 1e8, 1.7e308, -1.7e308])
def test_the_logistic_function_neither_overflows_nor_warns(big):
    program = run(vanilla_lstm.numpy_source())
    with np.errstate(all="raise"):
        value, slope = program.G_c(np.array(big)), program.dG_c(np.array(big))
    expected = 1 / (1 + np.exp(-big)) if abs(big) < 700 else float(big > 0)
    assert value == pytest.approx(expected, abs=1e-15)
    assert slope == pytest.approx(expected * (1 - expected), abs=1e-15)
    with np.errstate(all="raise"):
        assert program.G_c(np.float32(-3e38)) == 0


def test_float32_stays_float32():
    at = point(augmented_lstm)
    program = run(augmented_lstm.numpy_source())
    params = {name: value.astype(np.float32) for name, value in at.params.items()}
    trace = program.forward(params, at.inputs["x"].astype(np.float32), **at.keywords)
    grads = program.backward(params, trace, at.losses["dL_dv"].astype(np.float32))
    arrays = [z for part in (trace, grads) for k, z in part.items() if k != "lags"]
    assert {z.dtype for z in arrays} == {np.dtype(np.float32)}


def test_whole_numbers_are_counted_as_real_ones():
    at = point(vanilla_lstm)
    program = run(vanilla_lstm.numpy_source())
    whole = {name: np.rint(2 * value).astype(int) for name, value in at.params.items()}
    x, dL = (np.rint(3 * z).astype(int) for z in (at.inputs["x"], at.losses["dL_dv"]))
    real = {name: value.astype(float) for name, value in whole.items()}
    trace, expected = program.forward(whole, x), program.forward(real, x.astype(float))
    grads = program.backward(whole, trace, dL)
    for key, value in program.backward(real, expected, dL.astype(float)).items():
        np.testing.assert_array_equal(grads[key], value)
    assert trace["v"].any()
    np.testing.assert_array_equal(trace["v"], expected["v"])


def test_a_complex_trace_has_complex_gradients():
    at = point(vanilla_lstm)
    program = run(vanilla_lstm.numpy_source())
    trace = program.forward(at.params, at.inputs["x"] * (1 + 0.1j))
    grads = program.backward(at.params, trace, at.losses["dL_dv"])
    assert grads["x"].imag.any()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"dL_dv": (4, 3, 3)}, r"dL_dv: expected an array of shape \(5, 3, 3\), got \(4, 3, 3\)"),
        ({"dL_dv": (6, 3, 3)}, r"dL_dv: expected"),
        ({"dL_dv": (5, 1, 3)}, r"dL_dv: expected"),
        ({"x": (5, 3)}, r"x: expected an array of shape \(N, 2\), got \(5, 3\)"),
        ({"x": (5,)}, r"x: expected an array of shape \(N, B, 2\), got \(5,\)"),
        ({"x": (5, 3, 4)}, r"x: expected .* got \(5, 3, 4\)"),
        ({"s0": (3,)}, r"s0: expected an array of shape \(3, 3\), got \(3,\)"),
        ({"v0": (1, 3)}, r"v0: expected"),
    ],
)
def test_arrays_of_a_wrong_shape_are_named(changed, message):
    at = point(vanilla_lstm)
    program = run(vanilla_lstm.numpy_source())
    wrong = {name: np.ones(shape) for name, shape in changed.items()}
    given = at.inputs | at.initial | {k: z for k, z in wrong.items() if k != "dL_dv"}
    with pytest.raises(ValueError, match=message):
        program.backward(
            at.params, program.forward(at.params, **given), wrong.get("dL_dv", at.losses["dL_dv"])
        )


def test_shapes_defaults_and_independence_of_runs():
    at = point(vanilla_lstm, N=4, B=2)
    program = run(vanilla_lstm.numpy_source())
    x = at.inputs["x"]
    trace, again = program.forward(at.params, x), program.forward(at.params, x)
    zero = {key: np.zeros_like(value) for key, value in at.initial.items()}
    given = program.forward(at.params, x, **zero)
    for key, value in trace.items():
        np.testing.assert_array_equal(value, given[key])
        assert not np.shares_memory(value, again[key])
        assert not np.shares_memory(value, x)
    assert trace["s"].shape == (4, 2, 3)
    kept = {key: value.copy() for key, value in trace.items()}
    program.backward(at.params, trace, at.losses["dL_dv"])
    for key, value in trace.items():
        np.testing.assert_array_equal(value, kept[key])


def test_a_batch_is_its_sequences_side_by_side():
    at = point(augmented_lstm, B=3)
    program = run(augmented_lstm.numpy_source())
    whole = program.forward(at.params, at.inputs["x"], **at.initial, **at.keywords)
    grads = program.backward(at.params, whole, at.losses["dL_dv"])
    total = dict.fromkeys(augmented_lstm.parameters, 0.0)
    for b in range(3):
        initial = {key: value[b : b + 1] for key, value in at.initial.items()}
        one = program.forward(at.params, at.inputs["x"][:, b : b + 1], **initial, **at.keywords)
        np.testing.assert_allclose(one["v"][:, 0], whole["v"][:, b], rtol=1e-13)
        part = program.backward(at.params, one, at.losses["dL_dv"][:, b : b + 1])
        np.testing.assert_allclose(part["x"][:, 0], grads["x"][:, b], rtol=1e-11, atol=1e-14)
        total = {name: total[name] + part[name] for name in total}
    for name, value in total.items():
        np.testing.assert_allclose(value, grads[name], rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", ["vanilla_lstm", "augmented_lstm", "gru", "bidirectional_lstm"])
def test_one_step_and_no_step(name):
    cell = system(name)
    program = run(cell.numpy_source())
    for N in (1, 0):
        at = point(cell, N=N, B=2)
        trace = program.forward(at.params, *at.inputs.values(), **at.initial, **at.keywords)
        grads = program.backward(at.params, trace, *at.losses.values())
        assert grads["x"].shape == at.inputs["x"].shape
        if N == 0:
            assert all(not grads[key].any() for key in (*at.params, *at.initial))


@pytest.mark.parametrize("name", SYSTEMS)
def test_one_neuron_in_plain_numbers(name):
    cell = system(name)
    at = point(cell, B=1, size=1)
    batched, scalar = run(cell.numpy_source()), run(cell.scalar_source())
    trace = batched.forward(at.params, *at.inputs.values(), **at.initial, **at.keywords)
    grads = batched.backward(at.params, trace, *at.losses.values())

    def plain(z, taps=False):
        return np.ravel(z).tolist() if taps or z.ndim == 3 else z.item()

    params = {name: plain(z, name in cell.taps) for name, z in at.params.items()}
    inputs = [plain(z) for z in at.inputs.values()]
    initial = {key: z.item() for key, z in at.initial.items()}
    numbers = scalar.forward(params, *inputs, **initial, **at.keywords)
    slopes = scalar.backward(params, numbers, *[plain(z) for z in at.losses.values()])
    assert slopes.keys() == grads.keys()
    for key, value in slopes.items():
        np.testing.assert_allclose(np.ravel(value), np.ravel(grads[key]), rtol=1e-12, atol=1e-14)
    assert "import numpy" not in cell.scalar_source()


def test_a_cut_is_explained_in_the_program():
    assert "no error comes back" in lstm1997_truncated.numpy_source()
    assert "cut" not in gru.numpy_source()


@pytest.mark.parametrize(
    "forward",
    [
        "s[n] = G(A @ x[n-2] + B @ x[n+3] + s[n-1])",
        "s[n] = G(sum(A[l] @ x[n-l-1] for l in L) + B @ x[n] + s[n-2])",
        """p[n] = G(A @ x[n] + p[n-1])
        for n descending:
        q[n] = G(p[n] + B @ q[n+1])
        for n ascending:
        s[n] = p[n+1] * q[n-1] + p[n-1] * q[n+2] + x[n]""",
    ],
)
def test_reads_far_from_the_own_step(forward):
    names = "p q s: d" if "p[n]" in forward else "s: d"
    cell = System(
        "far",
        forward,
        inputs="x: d",
        sequences=names,
        parameters="A B: d, d",
        outputs="s",
        warping={"G": "tanh"},
    )
    cell.prove()
    at = point(cell, N=6)
    trace, grads = differentiated(cell, at)
    _, _, trace_js, grads_js = both(cell, at)
    np.testing.assert_allclose(trace_js["s"], trace["s"], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(grads_js["x"], grads["x"], rtol=1e-12, atol=1e-12)


def test_a_window_of_vectors():
    cell = System(
        "filter",
        "s[n] = sum(w[l] * x[n-l] for l in L) + a * s[n-1]",
        inputs="x: d",
        sequences="s: d",
        parameters="w a: d",
        outputs="s",
    )
    cell.prove()
    differentiated(cell, point(cell))
