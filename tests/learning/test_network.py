"""A network's gradient, whole, truncated, and carried forward in time."""

import copy
import itertools

import numpy as np
import pytest

from lstm_lib import (
    GRU,
    LSTM1997,
    RTRL,
    AugmentedLSTM,
    Bidirectional,
    CanonicalRNN,
    Dense,
    GridLSTM,
    Stacked,
    StandardRNN,
    VanillaLSTM,
)
from lstm_lib.learning import files
from lstm_lib.learning.losses import squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import SGD, Adam
from lstm_lib.learning.training import Training
from tests.oracle import close

N = 7
KINDS = {
    "StandardRNN": lambda: StandardRNN(2, 3, rng=1),
    "CanonicalRNN": lambda: CanonicalRNN(2, 3, "logistic", rng=1),
    "VanillaLSTM": lambda: VanillaLSTM(2, 3, rng=1),
    "AugmentedLSTM": lambda: AugmentedLSTM(2, 3, 2, rng=1),
    "GRU": lambda: GRU(2, 3, rng=1),
    "LSTM1997": lambda: LSTM1997(2, 3, rng=1),
    "GridLSTM": lambda: GridLSTM(2, 3, rng=1),
    "Stacked": lambda: Stacked(CanonicalRNN(2, 3, rng=1), GRU(3, 2, rng=2)),
}
RNNS = ("StandardRNN", "CanonicalRNN")
every_kind = pytest.mark.parametrize("kind", KINDS)
every_rnn = pytest.mark.parametrize("kind", RNNS)
every_batch = pytest.mark.parametrize("batch", [(), (1,), (3,)])


def problem(kind, batch=(3,), steps=N):
    layer, rng = KINDS[kind](), np.random.default_rng(0)
    network = Network(layer, Dense(layer.d_out, 2, rng=3))
    return (
        network,
        rng.normal(size=(steps, *batch, 2)),
        rng.normal(size=(steps, *batch, 2)),
        rng.integers(0, 2, (steps, *batch)).astype(bool),
    )


def stretches(*ends):
    return [slice(*pair) for pair in itertools.pairwise((0, *ends))]


def summed(network, x, target, parts, **how):
    """The gradients of stretches that go on from one another, added up."""
    total, end = network.params.zeros(), None
    for part in parts:
        step = network.gradient(x[part], target[part], squared_error, start=end, **how)
        total.flat[:] += step.grads.flat
        end = step.end
    return total.flat


@every_kind
@every_batch
def test_a_gradient_is_forward_loss_and_backward(kind, batch):
    network, x, target, mask = problem(kind, batch)
    step = network.gradient(x, target, squared_error, mask)
    trace = network.forward(x)
    E, dE_dy = squared_error(trace.y, target, mask)
    assert step.E == E
    assert np.array_equal(step.y, trace.y)
    assert np.array_equal(step.grads.flat, network.backward(trace, dE_dy).flat)
    for name, value in network.layer.final(trace.layer).items():
        assert np.array_equal(step.end[name], value)


@every_kind
@pytest.mark.parametrize(("horizon", "every"), [(N, 1), (N, 3), (N + 4, N), (50, 2), (N, N)])
def test_a_horizon_beyond_the_sequence_is_the_whole_gradient(kind, horizon, every):
    network, x, target, mask = problem(kind)
    whole = network.gradient(x, target, squared_error, mask)
    far = network.gradient(x, target, squared_error, mask, horizon=horizon, every=every)
    close("gradient", far.grads.flat, whole.grads.flat, 1e-12)
    assert far.E == whole.E


@every_rnn
@pytest.mark.parametrize("horizon", range(1, N + 1))
def test_the_truncation_of_any_layer_is_that_of_the_rnn(kind, horizon):
    """A stack of one RNN has no way of its own: each group of losses is run for itself."""
    layer, other = KINDS[kind](), Stacked(KINDS[kind]())
    x, target = problem(kind)[1:3]
    readouts = Dense(3, 2, rng=3), Dense(3, 2, rng=3)
    own, general = (
        Network(part, readout).gradient(x, target, squared_error, horizon=horizon).grads.flat
        for part, readout in zip((layer, other), readouts, strict=True)
    )
    close("gradient", general, own, 1e-12)


@every_kind
@pytest.mark.parametrize("K", [1, 2, 3])
def test_losses_that_go_back_as_far_as_their_group_are_segments(kind, K):
    network, x, target, _ = problem(kind, steps=6)
    parts = stretches(*range(K, 7, K))
    got = network.gradient(x, target, squared_error, horizon=K, every=K).grads.flat
    close("gradient", got, summed(network, x, target, parts), 1e-12)


@pytest.mark.parametrize("kind", ["VanillaLSTM", "StandardRNN"])
def test_a_truncated_gradient_belongs_to_the_weights_of_the_trace(kind):
    network, x, target, _ = problem(kind)
    trace = network.forward(x)
    dE_dy = trace.y - target
    want = network.backward(trace, dE_dy, horizon=3, every=2).flat
    network.params.flat += 1
    close("gradient", network.backward(trace, dE_dy, horizon=3, every=2).flat, want, 0)


@every_rnn
@every_batch
def test_rtrl_is_bptt_however_the_sequence_is_cut(kind, batch):
    network, x, target, mask = problem(kind, batch)
    whole = network.gradient(x, target, squared_error, mask)
    carried = network.gradient(x, target, squared_error, mask, by="rtrl")
    assert carried.E == whole.E
    close("gradient", carried.grads.flat, whole.grads.flat, 1e-12)
    want = network.gradient(x, target, squared_error).grads.flat
    for ends in ((N,), range(1, N + 1), (2, 5, N)):
        got = summed(network, x, target, stretches(*ends), by="rtrl")
        close("gradient", got, want, 1e-12)
    cut = summed(network, x, target, stretches(2, 5, N))  # no gradient over the cuts
    assert np.abs(cut - want).max() > 1e-3


@every_rnn
def test_a_stream_goes_on_from_where_it_was_left(kind):
    """Learning at every step, in one go, and from a copy taken after some steps."""
    network, x, target, _ = problem(kind, (), 30)

    def follow(network, steps, now=None):
        optimiser, losses = SGD(0.05), []
        for n in steps:
            here = slice(n, n + 1)
            step = network.gradient(x[here], target[here], squared_error, start=now, by="rtrl")
            optimiser.step(network.params, step.grads)
            losses.append(step.E)
            now = step.end
        return losses, now

    other = copy.deepcopy(network)
    whole, _ = follow(network, range(30))
    first, now = follow(other, range(11))
    later = copy.deepcopy(other)
    second, _ = follow(later, range(11, 30), now)
    assert first + second == whole
    assert np.array_equal(later.params.flat, network.params.flat)
    again, _ = follow(other, range(11, 30), now)  # what is carried has not been changed
    assert again == second


@every_rnn
def test_rtrl_gives_what_its_steps_give(kind):
    """The network's stream against the learner's own steps, learning in between."""
    network, x, target, _ = problem(kind, (), 12)
    twin = copy.deepcopy(network)
    learner, now, end = RTRL(twin.layer), None, None
    before = learner.begin()
    for n in range(12):
        now = learner.step(before, x[n])
        out = twin.readout.forward(now.r)
        top = twin.readout.backward(out, out.y - target[n])
        below = learner.gradient(now, top.v)
        step = network.gradient(
            x[n : n + 1], target[n : n + 1], squared_error, start=end, by="rtrl"
        )
        want = np.concatenate([below.flat, top.params.flat])
        close("gradient", step.grads.flat, want, 1e-12)
        for net in (network, twin):
            net.params.flat -= 0.1 * want
        before, end = now, step.end


def batches(random):
    x = random.normal(size=(N, 2, 2))
    return x, x.cumsum(axis=0)


def run(**how):
    network = Network(StandardRNN(2, 3, rng=1), Dense(3, 2, rng=2))
    return Training(network, Adam(0.01), squared_error, batches, rng=4, **how)


@pytest.mark.parametrize(
    "how",
    [
        {"by": "rtrl", "segment": 1, "stateful": True},
        {"by": "rtrl", "segment": 3, "stateful": True},
        {"by": "rtrl"},
        {"horizon": 2},
        {"horizon": 3, "every": 2},
        {"horizon": 2, "segment": 5, "stateful": True},
    ],
)
def test_a_run_learns_by_every_method_and_goes_on_after_a_stop(how, tmp_path):
    by_hand, random, optimiser = run().network, np.random.default_rng(4), Adam(0.01)
    options = {k: v for k, v in how.items() if k in ("by", "horizon", "every")}
    for _ in range(6):
        x, target = batches(random)
        end, K = None, how.get("segment", N)
        for part in stretches(*range(K, N, K), N):
            step = by_hand.gradient(x[part], target[part], squared_error, start=end, **options)
            optimiser.step(by_hand.params, step.grads)
            end = step.end if how.get("stateful") else None
    whole = run(**how)
    whole.run(6)
    assert np.array_equal(whole.network.params.flat, by_hand.params.flat)
    assert whole.history.loss[-1] != run().run(6).loss[-1]

    path = tmp_path / "run.npz"
    run(**how).run(2, checkpoint=path)
    resumed = run(**how)
    resumed.run(6, checkpoint=path)
    assert np.array_equal(resumed.network.params.flat, whole.network.params.flat)
    assert resumed.history == whole.history
    with pytest.raises(ValueError, match="checkpoint: expected one of a run with"):
        run(horizon=6).run(7, checkpoint=path)


V, T = ValueError, TypeError
RNN, LSTM = problem("StandardRNN")[0], problem("VanillaLSTM")[0]
X = np.ones((4, 3, 2))
WINDOWED = Network(AugmentedLSTM(2, 3, lags={"du": 2}), Dense(3, 2))
BOTH = Network(Bidirectional(GRU(2, 3), GRU(2, 3)), Dense(6, 2))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: RNN.gradient(X, X, squared_error, by="rnn"), V, "by: expected one of 'bptt', 'rt"),
        (lambda: LSTM.gradient(X, X, squared_error, by="rtrl"), T, "rnn: expected a StandardRNN"),
        (lambda: RNN.gradient(X, X, squared_error, horizon=0), V, "horizon: expected a whole"),
        (lambda: LSTM.gradient(X, X, squared_error, horizon=2, every=3), V, "horizon: expected at"),
        (lambda: RNN.gradient(X, X, squared_error, horizon=2, every=0), V, "every: expected a who"),
        (lambda: RNN.gradient(X, X, squared_error, by="rtrl", horizon=2), V, "horizon: expected n"),
        (lambda: RNN.gradient(X, X, squared_error, start=3), T, "start: expected the end of a str"),
        (lambda: RNN.gradient(X, X, squared_error, start=3, by="rtrl"), T, "start: expected the e"),
        (lambda: RNN.gradient(X, X, squared_error, start=(), by="rtrl"), V, "start: expected one"),
        (
            lambda: RNN.gradient(X, X, squared_error, start=(1, 2, 3), by="rtrl"),
            T,
            r"start\[0\]: expected an Influence, got int",
        ),
        (
            lambda: RNN.gradient(
                X, X, squared_error, by="rtrl", start=[RTRL(CanonicalRNN(2, 2)).begin()] * 3
            ),
            T,
            "start: expected the end of a stretch, got list",
        ),
        (
            lambda: RNN.gradient(
                X, X, squared_error, by="rtrl", start=(RTRL(CanonicalRNN(2, 2)).begin(),) * 3
            ),
            V,
            r"start\[0\]: expected an Influence of shape",
        ),
        (lambda: RNN.gradient(X[0, 0], X, squared_error, by="rtrl"), V, "x: expected shape"),
        (lambda: WINDOWED.gradient(X, X, squared_error, horizon=2), V, "layer: expected one that"),
        (lambda: BOTH.gradient(X, X, squared_error, horizon=2), V, "layer: expected one that goes"),
        (lambda: run(by="bp"), V, "by: expected one of 'bptt', 'rtrl', got 'bp'"),
        (lambda: run(by="rtrl", horizon=3), V, "horizon: expected none with by='rtrl', got 3"),
        (lambda: run(horizon=0), V, "horizon: expected a whole number >= 1, got 0"),
        (lambda: run(horizon=2, every=3), V, "horizon: expected at least every = 3, got 2"),
        (
            lambda: Training(LSTM, Adam(0.1), squared_error, batches, by="rtrl"),
            T,
            "rnn: expected a StandardRNN or CanonicalRNN",
        ),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    weights = [net.params.flat.copy() for net in (RNN, LSTM)]
    with pytest.raises(error, match=message):
        call()
    for net, kept in zip((RNN, LSTM), weights, strict=True):
        assert np.array_equal(net.params.flat, kept)


def test_without_a_readout_the_value_is_the_output(tmp_path):
    """The gradient is the layer's own, the network learns, comes back from a file, and has no
    peer in a framework."""
    rng = np.random.default_rng(0)
    network, layer = Network(VanillaLSTM(2, 3, rng=1)), VanillaLSTM(2, 3, rng=1)
    x, target = rng.normal(size=(5, 4, 2)), rng.uniform(-0.5, 0.5, size=(5, 4, 3))
    trace = network.forward(x)
    assert np.array_equal(trace.y, layer.forward(x).v)
    E, dE_dy = squared_error(trace.y, target)
    want = layer.backward(layer.forward(x), dE_dy).params.flat
    assert np.array_equal(network.backward(trace, dE_dy).flat, want)
    assert set(network.params) == {f"layer.{name}" for name in layer.params}
    with pytest.raises(ValueError, match="read-only"):
        trace.y[...] = 0
    with pytest.raises(ValueError, match=r"dE_dy: expected shape \(5, 4, 3\)"):
        network.backward(trace, dE_dy[:1])
    assert network.exportable.lacking["onnx"] == "there is no read-out; give the layer alone"
    training = Training(network, Adam(0.02), squared_error, lambda _: (x, target), rng=0)
    assert training.run(150).loss[-1] < 0.5 * E
    files.save(tmp_path / "network.npz", network)
    twin = files.load(tmp_path / "network.npz")
    assert np.array_equal(twin.forward(x).y, network.forward(x).y)
