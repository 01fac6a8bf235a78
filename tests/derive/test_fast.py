"""The fast program against the plain one, which stands line by line on the page."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib.derive import System
from lstm_lib.derive.fast import fast_source
from lstm_lib.derive.program import lowered
from lstm_lib.derive.python import numpy_source
from tests.oracle import close

from .programs import SYSTEMS, point, run, system
from .test_random_cells import MADE, cell_of


def same(cell, source=fast_source, N=5, B=3, dtype=np.float64, tolerance=1e-11):
    """Both programs, on random numbers; B = 0 is a single sequence."""
    at, plain, fast = point(cell, N, B or 1), run(numpy_source(cell)), run(source(cell))
    for group in (at.params, at.inputs, at.initial, at.losses):
        for name, z in group.items():
            batch = (
                None if B or group is at.params else 0 if group is at.initial else (slice(None), 0)
            )
            group[name] = (z if batch is None else z[batch]).astype(dtype)
    want = plain.forward(at.params, *at.inputs.values(), **at.initial, **at.keywords)
    got = fast.forward(at.params, *at.inputs.values(), **at.initial, **at.keywords)
    assert list(got) == list(want)
    for name in want.keys() - {"lags"}:
        assert got[name].dtype == want[name].dtype == dtype
        close(name, got[name], want[name], tolerance / 10)
    grads = plain.backward(at.params, want, *at.losses.values())
    found = fast.backward(at.params, got, *at.losses.values())
    assert list(found) == list(grads)
    for name, value in grads.items():
        assert found[name].dtype == value.dtype == dtype
        close(name, found[name], value, tolerance)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize(("N", "B"), [(5, 3), (1, 1), (2, 0)])
def test_every_system_of_the_book(name, N, B):
    same(system(name), N=N, B=B)


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_in_single_precision(name):
    same(system(name), dtype=np.float32, tolerance=2e-4)


def test_the_systems_have_all_that_a_program_can_have():
    cells = [system(name) for name in SYSTEMS]
    assert any(cell.lag_sets for cell in cells)
    assert any(-1 in cell.direction.values() for cell in cells)
    assert any(cell.constants for cell in cells)
    assert {"cut", "mean"} == {h for cell in cells for h in lowered(cell).helpers}


@pytest.mark.parametrize(("make", "seed"), [*MADE, (cell_of, 153)])  # taps in a loop
def test_any_cell(make, seed):
    same(make(seed))


ODD = {
    "a slope that is a number": "v[n] = identity(W @ x[n] + U @ v[n-1])",
    "nothing recurs": "a[n] = W @ x[n]\nv[n] = relu(a[n]) * relu(a[n])",
    "a sequence of ones": "one[n] = 1\nv[n] = W @ (one[n] * x[n]) + b * one[n-1]",
    "a parameter without effect": "v[n] = cut(W @ x[n]) + b * v[n-1]",
    "a vector times a matrix of no step": "v[n] = W @ b + U @ v[n-1] + x[n]",
    "softplus has no slope by its value": "a[n] = U @ v[n-1] + x[n]\nv[n] = softplus(a[n])",
}


@pytest.mark.parametrize("what", ODD)
def test_odd_cells(what):
    same(System.from_equations(ODD[what]))


def test_a_wrong_pass_is_noticed():
    """The comparison has teeth: a product of the wrong step, and it fails."""
    cell = system("vanilla_lstm")
    source = fast_source(cell)
    assert source.count("__shift(v, -1, N)") == 1
    wrong = source.replace("__shift(v, -1, N)", "v[:N]")
    with pytest.raises(AssertionError, match=r"W_vc.: off by"):
        same(cell, lambda _: wrong)


def test_what_need_not_wait_is_out_of_the_loop():
    """No product with an input, no sum of gradients and no slope is left in a loop."""
    source = fast_source(system("vanilla_lstm"))
    loops = [part.split("\n    dE")[0] for part in source.split("    for n in ")[1:]]
    inside = "\n".join(line for part in loops for line in part.split("\n") if "[n" in line)
    assert len(loops) == 2
    for absent in ("W_x", "b_c", "+=", "dG_", "_by_value"):
        assert absent not in inside, absent
    assert inside.count(" @ v[n-1]") == 1
