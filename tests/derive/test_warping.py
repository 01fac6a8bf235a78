"""Open warping functions: what is accepted, how it is printed, what is refused at declaration."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest
import sympy as sp

from lstm_lib.derive import DeclarationError, System
from lstm_lib.derive.spell import JAVASCRIPT, NUMPY, PLAIN
from lstm_lib.derive.warping import KNOWN, warping

from .programs import both, node, point, run

a = sp.Symbol("a")
OPEN = {
    "swish": lambda z: z / (1 + sp.exp(-z)),
    "leaky": sp.Max(a, a / 10),
    "clipped": sp.Min(sp.Max(a, -1), 1),
    "elu": sp.Piecewise((a, a > 0), (sp.exp(a) - 1, True)),
    "softsign": a / (1 + sp.Abs(a)),
    "gauss": sp.exp(-(a**2)),
    "power": sp.sqrt(1 + a**2) ** 3 + 2**a - sp.pi * a,
    "arcs": sp.atan(a) + sp.asinh(a),
    "constant_slope": -3 * a,
}
EVERY = {**{name: name for name in KNOWN}, **OPEN}
POINTS = [0.3, 1.7, 2.9]  # inside every domain
NEGATIVE = [-2.3, -0.4]
ROOTS = ("log", "sqrt", "rsqrt")


def made(name):
    return warping(name if name in KNOWN else "V", EVERY[name])


@pytest.mark.parametrize("name", EVERY)
def test_value_and_slope_in_every_language(name):
    w = made(name)
    points = POINTS if name in ROOTS else POINTS + NEGATIVE
    for (key, formula), order in zip(w.formulas.items(), (0, 1), strict=True):
        expected = [float(w.value.diff(sp.Symbol("z", real=True), order).subs(
            sp.Symbol("z", real=True), p).evalf()) for p in points]  # fmt: skip
        arrays = eval(f"lambda z: {w.program(NUMPY)[key]}", {"np": np})(np.array(points))
        plain = eval(f"lambda z: {w.program(PLAIN)[key]}", {"math": math})
        each = f"function (z) {{ return {w.program(JAVASCRIPT)[key]}; }}"
        script = json.loads(node(f"console.log(JSON.stringify({points}.map({each})))"))
        for got in (arrays, [plain(p) for p in points], script):
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-14, err_msg=str(formula))
        assert np.shape(arrays) == (len(points),)


def formula(draw, depth):
    """A random formula: whatever stands in whatever, so that no bracket is missed."""
    z = sp.Symbol("z", real=True)
    if depth == 0:
        return draw.choice([z, z, sp.Rational(draw.randint(-5, 5), draw.randint(1, 4))])
    b, c = formula(draw, depth - 1), formula(draw, depth - 1)
    halves = [sp.Rational(k, 2) for k in (-3, -2, -1, 1, 3)]
    made = [
        b + c, b - c, b * c, b / (1 + c**2), sp.Max(b, c), sp.Min(b, c), sp.exp(-(b**2)),
        sp.tanh(b), sp.Abs(b), sp.sign(b), b ** draw.choice([2, 3]), sp.log(1 + sp.exp(b)),
        (1 + b**2) ** draw.choice(halves), sp.Piecewise((b, z > 0), (c, True)),
    ]  # fmt: skip
    return draw.choice(made)


def test_random_formulas_are_the_same_in_every_language():
    draw, z = random.Random(0), sp.Symbol("z", real=True)
    formulas = [f for f in (formula(draw, 3) for _ in range(150)) if f.has(z)]
    points = POINTS + NEGATIVE
    expected = [[float(f.subs(z, p).evalf()) for p in points] for f in formulas]
    each = [f"function (z) {{ return {JAVASCRIPT.spell(f)}; }}" for f in formulas]
    script = f"[{', '.join(each)}].map(f => {points}.map(f))"
    by_script = json.loads(node(f"console.log(JSON.stringify({script}))"))
    for f, values, got in zip(formulas, expected, by_script, strict=True):
        arrays = eval(f"lambda z: {NUMPY.spell(f)}", {"np": np})(np.array(points))
        plain = eval(f"lambda z: {PLAIN.spell(f)}", {"math": math})
        for found in (arrays, [plain(p) for p in points], got):
            np.testing.assert_allclose(found, values, rtol=1e-9, atol=1e-9, err_msg=str(f))
    assert len(formulas) > 100


@pytest.mark.parametrize("name", ["logistic", "softplus", "swish"])
def test_no_overflow(name):
    program = made(name).program(NUMPY)
    with np.errstate(all="raise", under="ignore"):
        for text in program.values():
            assert np.isfinite(eval(text, {"np": np, "z": np.array([-800.0, 800.0])})).all()


def test_slopes_by_values_are_found_and_confirmed():
    r = sp.Symbol("r", real=True)
    found = {name: made(name).by_value for name in EVERY}
    known = {"tanh": 1 - r**2, "logistic": r - r**2, "exp": r, "reciprocal": -(r**2)}
    known |= {"rsqrt": -(r**3) / 2, "identity": sp.Integer(1)}
    for name, polynomial in known.items():
        assert sp.expand(found[name] - polynomial) == 0
    for name in ("log", "relu", "softplus", "sin", "swish", "leaky", "gauss"):
        assert found[name] is None
    for name, polynomial in found.items():
        if polynomial is not None:
            w = made(name)
            assert sp.simplify(polynomial.subs(r, w.value) - w.slope) == 0


def declared(given, name="V"):
    return System(
        "cell",
        f"s[n] = {name}(W @ x[n] - 0.3 * s[n-1] + b)",
        inputs="x: d_x",
        sequences="s: d_s",
        parameters="W: d_s, d_x; b: d_s",
        outputs="s",
        warping={name: given},
    )


@pytest.mark.parametrize("name", ["exp", "reciprocal", "softplus", "swish", "gauss", "square"])
def test_a_cell_with_an_open_warping_is_proven_checked_and_run(name):
    cell = declared(EVERY[name])
    cell.prove()
    cell.check()
    at = point(cell)
    at.params["b"] = at.params["b"] + 9.0 * (name == "reciprocal")
    trace, grads, trace_js, grads_js = both(cell, at)
    np.testing.assert_allclose(trace_js["s"], trace["s"], rtol=1e-11)
    np.testing.assert_allclose(grads_js["W"], grads["W"], rtol=1e-10, atol=1e-12)
    way, h = np.random.default_rng(0).normal(size=at.params["W"].shape), 1e-6
    ends = []
    for sign in (1, -1):
        moved = at.params | {"W": at.params["W"] + sign * h * way}
        s = run(cell.numpy_source()).forward(moved, at.inputs["x"], **at.initial)["s"]
        ends.append((s * at.losses["dL_ds"]).sum())
    assert (grads["W"] * way).sum() == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("cosine", r"warping V: expected one of logistic.* got 'cosine'"),
        (sp.gamma(a), r"warping V: no program can compute gamma\(z\); what can be printed"),
        (sp.erf(a), r"no program can compute erf"),
        (sp.Function("f")(a), r"no program can compute f\(z\)"),
        (a * sp.Symbol("b"), "one symbol.* with the symbols a, b"),
        (sp.Integer(2), "with the symbols none"),
        (3, "warping V: expected a name, or a SymPy expression.* got 3"),
        (sp.sqrt(-1) * a, "not a real number"),
        (np.tanh, "the function raised TypeError"),
        (lambda z: 1 / 0, "the function raised ZeroDivisionError"),
    ],
)
def test_what_cannot_be_printed_is_refused_at_declaration(given, message):
    with pytest.raises(DeclarationError, match=f"(?s){message}"):
        declared(given)


def test_a_known_name_means_what_it_says():
    cell = System(
        "by name",
        "p[n] = tanh(W @ x[n]) * logistic(x[n])\ns[n] = exp(p[n])",
        inputs="x: d",
        sequences="p s: d",
        parameters="W: d, d",
        outputs="s",
    )
    assert cell.warping == {"tanh": "tanh", "logistic": "logistic", "exp": "exp"}
    at = point(cell)
    x = at.inputs["x"]
    s = run(cell.numpy_source()).forward(at.params, x)["s"]
    expected = np.exp(np.tanh(x @ at.params["W"].T) / (1 + np.exp(-x)))
    np.testing.assert_allclose(s, expected, rtol=1e-13)
    x1, W1 = [0.3, -0.2], 0.7
    plain = run(cell.scalar_source()).forward({"W": W1}, x1)["s"]
    assert plain == pytest.approx([math.exp(math.tanh(W1 * z) / (1 + math.exp(-z))) for z in x1])
    with pytest.raises(DeclarationError, match="exp is a known function and means nothing else"):
        declared("tanh", name="exp")
    with pytest.raises(DeclarationError, match="the name exp is declared twice"):
        cell.change("s[n] = exp(p[n]) + exp", parameters="exp: d")


def test_latex_shows_what_the_functions_are():
    text = declared(OPEN["gauss"]).latex("warping")
    assert r"V(z) &= e^{- z^{2}} \\" in text
    assert r"V'(z) &= - 2 z e^{- z^{2}}" in text


def test_layers_that_mean_different_functions_by_one_name_are_not_put_together():
    from lstm_lib.derive import stacked

    with pytest.raises(ValueError, match="V is exp in one of them and tanh in another"):
        stacked(declared("exp"), declared("tanh"))
