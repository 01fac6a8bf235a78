"""Warping functions: values, slopes and quiet behaviour over all finite floats."""

import math
import re

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstm_lib.layers.activations import ACTIVATIONS, Activation, activation, logistic, relu, tanh

every = pytest.mark.parametrize("G", ACTIVATIONS.values(), ids=ACTIVATIONS.keys())
smooth = pytest.mark.parametrize("name", ["tanh", "logistic", "identity"])
moderate = st.floats(-30, 30)
ROUNDING = 2.0**-52  # one unit of rounding at 1

BOUNDS = {
    "tanh": (-1, 1),
    "logistic": (0, 1),
    "relu": (0, math.inf),
    "identity": (-math.inf, math.inf),
}


@given(st.floats(-700, 700))
@example(-40.0)
def test_logistic_is_the_quotient_of_exponentials(z):
    want = 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))
    assert abs(logistic(np.float64(z)) - want) <= ROUNDING


@given(st.floats(-300, 300))
def test_tanh_is_the_quotient_of_exponentials(z):
    assert tanh(np.float64(z)) == pytest.approx(
        math.expm1(2 * z) / (math.expm1(2 * z) + 2), rel=4 * ROUNDING, abs=0
    )


@given(moderate)
def test_tanh_is_the_logistic_stretched_to_both_signs(z):
    assert tanh(np.float64(z)) == pytest.approx(2 * logistic(np.float64(2 * z)) - 1, abs=4e-16)


@given(st.floats(allow_nan=False))
def test_relu_and_identity_return_the_argument_or_nothing(z):
    z = np.float64(z)
    assert relu(z) == (z if z > 0 else 0)
    assert ACTIVATIONS["identity"](z) == z


@smooth
@given(z=moderate)
def test_derivative_is_the_complex_step(name, z):
    G = ACTIVATIONS[name]
    by_complex_step = G(np.complex128(complex(z, 1e-200))).imag / 1e-200
    assert G.d(np.float64(z)) == pytest.approx(by_complex_step, abs=2 * ROUNDING)


@every
@given(z=moderate)
def test_derivative_is_the_slope_of_a_short_chord(G, z):
    assume(abs(z) > 1e-4)  # a kink may stand at 0
    chord = (G(np.float64(z + 1e-5)) - G(np.float64(z - 1e-5))) / 2e-5
    assert G.d(np.float64(z)) == pytest.approx(chord, abs=1e-8)


@given(moderate)
def test_logistic_derivative_is_sigma_times_one_minus_sigma(z):
    z = np.float64(z)
    assert ACTIVATIONS["logistic"].d(z) == pytest.approx(logistic(z) * logistic(-z), abs=ROUNDING)


@pytest.mark.parametrize(("z", "slope"), [(-1e308, 0), (-5e-324, 0), (0, 0), (5e-324, 1), (2, 1)])
def test_relu_derivative_jumps_just_right_of_zero(z, slope):
    assert ACTIVATIONS["relu"].d(np.array([z], float))[0] == slope


@every
@pytest.mark.parametrize("width", [16, 32, 64])
@given(data=st.data())
def test_every_finite_float_gives_a_value_and_a_slope_in_range_without_a_sound(G, width, data):
    dtype = np.dtype(f"f{width // 8}")
    top = np.finfo(dtype).max
    finite = st.floats(width=width, allow_nan=False, allow_infinity=False)
    drawn = data.draw(hnp.arrays(dtype, hnp.array_shapes(max_side=3), elements=finite))
    edges = np.array([0, -0.0, top, -top, np.finfo(dtype).smallest_subnormal], dtype)
    low, high = BOUNDS[G.name]
    for z in (drawn, edges, drawn[:0]):
        with np.errstate(all="raise", under="ignore"):
            g, slope = G(z), G.d(z)
        for out in (g, slope):
            assert out.shape == z.shape
            assert out.dtype == dtype
            assert np.isfinite(out).all()
            assert not np.shares_memory(out, z)
        assert ((low <= g) & (g <= high)).all()
        assert ((slope >= 0) & (slope <= G.max_slope)).all()


@every
def test_the_slope_bound_is_reached(G):
    assert G.d(np.array([0.0, 1.0])).max() == G.max_slope


@every
def test_an_activation_is_found_by_name_and_passes_through(G):
    assert activation(G.name) is G
    assert activation(G) is G
    own = Activation("own", G.function, G.derivative, 1.0)
    assert activation(own) is own


@pytest.mark.parametrize("wrong", ["sigmoid", "Tanh", "", None, 3, np.tanh, ["tanh"]])
def test_an_unknown_activation_is_refused_with_the_known_names(wrong):
    known = ", ".join(map(repr, ACTIVATIONS))
    message = f"activation: expected one of {known}, got {wrong!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        activation(wrong)
