"""Windows over sequences: causal, with initial values, in both directions of time."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib.derive import DeclarationError, System, bidirectional
from lstm_lib.derive.prove import Proof, ProofError

from .mutations import mutants
from .programs import both, differentiated, point, run

COMMON = {"inputs": "x: d", "parameters": "A W: d, d; w: d", "outputs": "v"}
PAST = System(
    "its own past",
    """
    p[n] = tanh(A @ x[n] + 0.2 * v[n-1])
    v[n] = (p[n] + sum(W[l] @ v[n-l] for l in L)  # from lag 1
            + sum(w[l] * p[n-l] * p[n] for l in M))  # from lag 0
    """,
    sequences="p v: d",
    **COMMON,
)
SECOND = System(
    "an earlier sweep",
    """
    p[n] = tanh(A @ x[n] + p[n-1])
    for n descending:
    v[n] = sum(W[l] @ p[n-l] for l in L) + sum(w[l] * v[n+l] for l in M)
    """,
    sequences="p v: d",
    **COMMON,
)


def test_least_lags():
    assert PAST.least == {"L": 1, "M": 0}
    assert SECOND.least == {"M": 1}
    assert bidirectional(PAST).least == {"L_fw": 1, "M_fw": 0, "L_bw": 1, "M_bw": 0}


@pytest.mark.parametrize("cell", [PAST, SECOND], ids=lambda c: c.name)
def test_derived_proven_checked_and_run(cell):
    cell.prove()
    cell.check(directions=2)
    at = point(cell, N=6)
    trace, grads = differentiated(cell, at, rel=1e-10)
    _, _, trace_js, grads_js = both(cell, at)
    np.testing.assert_allclose(trace_js["v"], trace["v"], rtol=1e-11, atol=1e-12)
    for key in grads:
        np.testing.assert_allclose(grads_js[key], grads[key], rtol=1e-9, atol=1e-11)


def test_every_mutant_is_rejected():
    proof, killed = Proof(PAST, N=6), 0
    for equation in (*PAST.backward, *PAST.gradients):
        for _mistake, mutant in mutants(PAST, equation):
            with pytest.raises(ProofError):
                proof.verify(mutant)
            killed += 1
    assert killed > 60


def test_without_lags_the_window_begins_where_it_may():
    at = point(PAST)
    forward = run(PAST.numpy_source()).forward
    free = forward(at.params, at.inputs["x"])
    np.testing.assert_array_equal(
        free["v"], forward(at.params, at.inputs["x"], lags={"L": (1, 2, 3), "M": (0, 1, 2)})["v"]
    )


@pytest.mark.parametrize(
    ("lags", "message"),
    [
        ({"L": (0, 1, 2)}, r"lags\['L'\]: expected lags of at least 1"),
        ({"M": (-1, 0, 1)}, r"lags\['M'\]: expected lags of at least 0"),
        ({"L": (1, 1, 2)}, "expected different whole numbers"),
        ({"L": (1, 2.5, 3)}, "expected different whole numbers"),
        ({"L": ()}, "expected different whole numbers"),
        ({"K": (1, 2, 3)}, "no window 'K', expected L, M"),
        ({"L": (1, 2)}, r"params\['W'\]: expected an array of shape \(2, "),
        (3, "lags: expected lists of lags by name, got int"),
    ],
)
def test_wrong_lags_are_named(lags, message):
    at = point(PAST)
    with pytest.raises((ValueError, TypeError), match=message):
        run(PAST.numpy_source()).forward(at.params, at.inputs["x"], lags=lags)


def test_an_empty_window_is_refused():
    at = point(PAST)
    params = at.params | {"W": at.params["W"][:0]}
    with pytest.raises(ValueError, match="lags: L is empty"):
        run(PAST.numpy_source()).forward(params, at.inputs["x"])
    with pytest.raises(ValueError, match="lags: the set L is empty"):
        PAST.prove(lags={"L": ()})
    with pytest.raises(ValueError, match=r"the set L reads what is computed already.* at least 1"):
        PAST.prove(lags={"L": (0, 1)})


def test_a_window_into_the_future_is_refused():
    for window in ("W[l] @ v[n+l]", "W[l] @ v[n+l-9]"):
        with pytest.raises(DeclarationError, match="is a use of a future state"):
            System(
                "future",
                f"v[n] = x[n] + sum({window} for l in L)",
                inputs="x: d",
                sequences="v: d",
                parameters="W: d, d",
                outputs="v",
            )


def test_a_sequence_made_of_nothing_gets_no_error():
    cell = PAST.change("p[n] = one[n-1] * tanh(A @ x[n])\none[n] = 1", sequences="one: d")
    assert "dE_done" not in str(cell.backward)
    cell.prove()
