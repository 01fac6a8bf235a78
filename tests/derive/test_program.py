"""The lowering: which passes a system has, whatever the language that prints them."""

from __future__ import annotations

import pytest

from lstm_lib.derive import augmented_lstm, bidirectional_lstm, feedforward, vanilla_lstm
from lstm_lib.derive.program import lowered
from lstm_lib.derive.words import Equation

from .programs import SYSTEMS, system


@pytest.mark.parametrize("name", SYSTEMS)
def test_all_that_is_derived_is_computed_once_and_comes_back(name):
    cell = system(name)
    this = lowered(cell).backward
    computed = [e for loop in this.loops for e in (*loop.equations, *loop.sums)] + [*this.once]
    assert sorted(map(str, computed)) == sorted(map(str, (*cell.backward, *cell.gradients)))
    errors = [e.name for e in cell.backward]
    assert {back.key for back in this.returned} == {*cell.gradients.names(), *errors}
    assert len(this.returned) == len(computed)


def test_errors_run_against_the_sweep_of_their_sequences_last_sweep_first():
    program = lowered(bidirectional_lstm)
    assert [loop.direction for loop in program.forward.loops] == [1, -1]
    assert [loop.direction for loop in program.backward.loops] == [1, -1, 1]
    late, early, last = ({e.name for e in loop.equations} for loop in program.backward.loops)
    assert "psi_bw" in late
    assert "psi_fw" in early
    assert last == {"dE_dx"}


def test_initial_values_stand_before_the_first_step_of_their_sweep():
    assert lowered(vanilla_lstm).starts == (("s", "-1", "s0"), ("v", "-1", "v0"))
    assert ("s_bw", "N", "s_bw_0") in lowered(bidirectional_lstm).starts
    assert lowered(feedforward).starts == ()


def test_windows_and_taps_name_their_axes():
    program = lowered(augmented_lstm)
    assert program.shapes["PARAMS"]["W_xcu"] == ("L_cu", "d_s", "d_x")
    assert program.taps["W_xcu"] == "L_cu"
    assert program.taps["b_cu"] == ""
    assert program.vector("b_cu")
    assert not program.vector("W_xcu")
    assert program.reach == (1, 1, 1)  # s[n-1], psi[n+1], x[n-l]


def test_other_equations_take_the_place_of_the_derived_ones():
    derived = [*vanilla_lstm.backward, *vanilla_lstm.gradients]
    chi = derived[0]
    derived[0] = Equation(chi.lhs, chi.rhs.args[0])
    first, *_ = lowered(vanilla_lstm, derived).backward.loops[0].equations
    assert str(first) == "chi[n] = dL_dv[n]"
