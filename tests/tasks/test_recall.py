"""The task of delayed recall."""

import numpy as np
import pytest

from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import StandardRNN
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import Adam
from lstm_lib.learning.training import Training
from lstm_lib.tasks.recall import Recall


def test_only_the_first_input_matters_and_only_the_last_step_counts():
    task = Recall(N=7, batch=400, noise=0.5)
    x, target, mask = task(np.random.default_rng(3))
    assert x.shape == target.shape == (7, 400, 1)
    assert set(x[0].ravel()) == {-1.0, 1.0}
    assert abs(x[0].mean()) < 0.2
    assert abs(x[1:].std() - 0.5) < 0.05
    np.testing.assert_array_equal(target[-1], x[0])
    assert mask.sum() == 400
    assert mask[-1].all()
    assert not target[:-1].any()


def test_a_batch_follows_from_the_seed():
    task = Recall()
    once, again = (task(np.random.default_rng(1)) for _ in range(2))
    for left, right in zip(once, again, strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize(
    ("wrong", "names"), [({"N": 1}, "N"), ({"batch": 0}, "batch"), ({"noise": -1}, "noise")]
)
def test_bad_arguments_are_named(wrong, names):
    with pytest.raises(ValueError, match=f"^{names}: expected"):
        Recall(**wrong)


def test_a_network_learns_a_short_delay_and_accuracy_says_so():
    task = Recall(N=3, batch=50, noise=0.1)
    network = Network(StandardRNN(1, 4, rng=0), Dense(4, 1, rng=1))
    before = task.accuracy(network, 5)
    Training(network, Adam(0.02), squared_error, task, rng=0).run(150)
    assert task.accuracy(network, 5) == 1.0 >= before
