"""What holds for every recurrent layer, over random sizes, options, batches and start values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import check_backward, check_forward
from problems import PROBLEMS

every_layer = pytest.mark.parametrize("make", PROBLEMS.values(), ids=PROBLEMS.keys())
seeds = st.integers(0, 2**32 - 1)


@every_layer
@given(data=st.data(), seed=seeds)
def test_forward_is_the_equations(make, data, seed):
    check_forward(make(data.draw, np.random.default_rng(seed)))


@every_layer
@given(data=st.data(), seed=seeds)
def test_backward_is_the_derivative(make, data, seed):
    rng = np.random.default_rng(seed)
    check_backward(make(data.draw, rng), rng)
