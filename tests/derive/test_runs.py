"""Claims that hold on a run: slopes by values, layer normalisation and softmax in short form."""

from __future__ import annotations

import pytest

from lstm_lib.derive import ProofError, System, attention, highway, vanilla_lstm

NORM = System(
    "layer normalisation",
    """
    a[n] = W @ x[n]
    c[n] = a[n] - mean(a[n])
    q[n] = mean(c[n] * c[n]) + 1e-5
    y[n] = rsqrt(q[n])
    z[n] = c[n] * y[n]  # mean 0, mean square nearly 1
    v[n] = gamma * z[n] + b
    """,
    inputs="x: d_x",
    sequences="a c q y z v: d",
    parameters="W: d, d_x; gamma b: d",
    outputs="v",
    adjoints="a: alpha, z: beta, v: chi",
)
SOFTMAX = System(
    "softmax",
    """
    e[n] = W @ x[n]
    p[n] = exp(e[n])
    a[n] = p[n] * reciprocal(total(p[n]))
    """,
    inputs="x: d_x",
    sequences="e p a: d",
    parameters="W: d, d_x",
    outputs="a",
    adjoints="a: alpha, e: epsilon",
)


@pytest.mark.parametrize("d", [2, 3])
def test_layer_normalisation_has_its_short_backward_form(d):
    claim = "alpha[n] = y[n] * (beta[n] - mean(beta[n]) - z[n] * mean(beta[n] * z[n]))"
    assert NORM.verify(claim, d=d, N=2) == 2 * d
    for wrong in (
        claim.replace(" - mean(beta[n])", ""),
        claim.replace("mean(beta[n] * z[n])", "total(beta[n] * z[n])"),
        claim.replace("z[n] * mean(beta[n] * z[n])", "mean(beta[n] * z[n])"),
    ):
        with pytest.raises(ProofError, match=r"alpha\[n\]"):
            NORM.verify(wrong, d=d, N=2)


@pytest.mark.parametrize("d", [2, 3])
def test_softmax_has_its_short_backward_form(d):
    claim = "epsilon[n] = a[n] * (alpha[n] - total(a[n] * alpha[n]))"
    assert SOFTMAX.verify(claim, d=d, N=2) == 2 * d
    for wrong in (claim.replace("total", "mean"), claim.replace(" - total", " + total")):
        with pytest.raises(ProofError, match=r"epsilon\[n\]"):
            SOFTMAX.verify(wrong, d=d, N=2)


def test_a_slope_may_be_written_by_the_value():
    for right in (
        "alpha_du[n] = psi[n] * g_cu[n] * (1 - u[n] * u[n])",
        "alpha_cr[n] = chi[n] * r[n] * g_cr[n] * (1 - g_cr[n])",
        "alpha_cs[n] = psi[n] * s[n-1] * (g_cs[n] - g_cs[n] * g_cs[n])",
    ):
        assert vanilla_lstm.verify(right) == 6
        wrong = right.replace("1 -", "1 +").replace("g_cs[n] - g", "g_cs[n] + g")
        with pytest.raises(ProofError):
            vanilla_lstm.verify(wrong)
    held = "alpha_g1[n] = (psi[n] * u_1[n] - psi[n] * v[n-1]) * g_1[n] * (1 - g_1[n])"
    assert highway.verify(held) == 6


def test_a_slope_without_a_polynomial_stays_opaque():
    cell = SOFTMAX.change("p[n] = G(e[n])", warping={"G": "softplus"})
    with pytest.raises(ProofError):
        cell.verify("epsilon[n] = a[n] * (alpha[n] - total(a[n] * alpha[n]))", N=2)


def test_the_sum_of_attention_on_a_run():
    assert attention.verify("dE_dz[n] = -chi[n] * v[n] * reciprocal(z[n])", N=2) == 4
    with pytest.raises(ProofError):
        attention.verify("dE_dz[n] = chi[n] * v[n] * reciprocal(z[n])", N=2)
