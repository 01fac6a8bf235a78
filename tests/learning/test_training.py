"""The training loop: what it computes, when it stops, and that a killed run loses nothing."""

import copy
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lstm_lib import GRU, AugmentedLSTM, Stacked, StandardRNN, VanillaLSTM
from lstm_lib.derived import DerivedLayer
from lstm_lib.layers.activations import Activation
from lstm_lib.layers.readout import Dense
from lstm_lib.learning import files
from lstm_lib.learning.losses import softmax_cross_entropy, squared_error
from lstm_lib.learning.network import Network
from lstm_lib.learning.optimisers import SGD, Adam, Momentum
from lstm_lib.learning.training import History, Training
from lstm_lib.tasks.recall import Recall


def network(seed=0, dtype=np.float64):
    return Network(VanillaLSTM(2, 4, rng=seed, dtype=dtype), Dense(4, 1, rng=seed, dtype=dtype))


def batches(random):
    """The running mean of the first input where the second is 1."""
    x = random.normal(size=(6, 3, 2))
    return x, np.cumsum(x[:, :, :1], axis=0) / 6


def run(**options):
    return Training(network(), Adam(0.01), squared_error, batches, rng=3, **options)


def test_the_networks_gradient_is_the_derivative():
    net = Network(Stacked(StandardRNN(2, 3), VanillaLSTM(3, 4)), Dense(4, 5))
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(4, 2, 2)), rng.integers(0, 5, (4, 2))
    trace = net.forward(x)
    grads = net.backward(trace, softmax_cross_entropy(trace.y, t)[1])
    direction, h = rng.normal(size=net.params.flat.size), 1e-6
    net.params.flat += h * direction
    up = softmax_cross_entropy(net.forward(x).y, t)[0]
    net.params.flat -= 2 * h * direction
    down = softmax_cross_entropy(net.forward(x).y, t)[0]
    assert grads.flat @ direction == pytest.approx((up - down) / (2 * h), rel=1e-7)
    assert set(grads) == set(net.params)


def test_a_network_learns():
    history = run().run(400)
    assert np.mean(history.loss[-20:]) < 0.05 * np.mean(history.loss[:20])
    assert len(history.gradient_norm) == 400


def test_one_step_is_forward_loss_backward_clip_and_move():
    training, net, optimiser = run(clip=0.1), network(), Adam(0.01)
    training.run(1)
    x, t = batches(np.random.default_rng(3))
    trace = net.forward(x)
    E, error = squared_error(trace.y, t)
    grads = net.backward(trace, error)
    norm = np.linalg.norm(grads.flat)
    assert norm > 0.1
    grads.flat *= 0.1 / norm
    optimiser.step(net.params, grads)
    assert training.history.loss == [E]
    assert training.history.gradient_norm == pytest.approx([norm])
    np.testing.assert_allclose(training.network.params.flat, net.params.flat, rtol=1e-12)


@pytest.mark.parametrize("stateful", [True, False])
def test_segments_update_one_after_the_other_and_carry_the_state_if_asked(stateful):
    training = Training(
        network(), SGD(0.1), squared_error, batches, rng=3, segment=4, stateful=stateful
    )
    training.run(1)
    net, (x, t) = network(), batches(np.random.default_rng(3))
    start, total = {}, 0
    for part in (slice(0, 4), slice(4, 6)):
        trace = net.forward(x[part], **start)
        E, error = squared_error(trace.y, t[part])
        net.params.flat -= 0.1 * net.backward(trace, error).flat
        total += E
        start = {"s0": trace.layer.s[-1], "v0": trace.layer.v[-1]} if stateful else {}
    assert training.history.loss == pytest.approx([total], rel=1e-13)
    np.testing.assert_allclose(training.network.params.flat, net.params.flat, rtol=1e-12)


def test_the_mask_reaches_the_loss():
    def masked(random):
        x, t = batches(random)
        return x, np.full_like(t, 1e6), np.zeros((6, 3))

    training = Training(network(), SGD(0.1), squared_error, masked)
    training.run(1)
    assert training.history.loss == [0]


def test_early_stopping_keeps_the_best():
    values = iter([5.0, 3.0, 4.0, 3.5, 9.0, 1.0])
    seen = []

    def validate(net):
        seen.append(net.params.flat.copy())
        return next(values)

    training = run(validate=validate, patience=2)
    history = training.run(1000, validate_every=10)
    assert history.validation == [5, 3, 4, 3.5]
    assert history.validated_at == [10, 20, 30, 40]
    assert (history.best, history.best_at, history.stopped_early) == (3, 20, True)
    assert training.step == 40
    training.restore_best()
    assert np.array_equal(training.network.params.flat, seen[1])
    assert training.run(1000).validation == [5, 3, 4, 3.5]  # stays stopped


@pytest.mark.parametrize("make", [SGD, Momentum, Adam])
@pytest.mark.parametrize("generator", [np.random.PCG64, np.random.MT19937, np.random.Philox])
def test_a_stopped_run_goes_on_bit_for_bit(make, generator, tmp_path):
    def started():
        looks = {"validate": lambda net: float(np.abs(net.params.flat).sum()), "patience": 100}
        random = np.random.Generator(generator(7))
        return Training(network(), make(0.01), squared_error, batches, rng=random, **looks)

    whole = started()
    whole.run(25, validate_every=4)
    path = tmp_path / "run.npz"
    for steps in (7, 8, 25):
        part = started()
        part.run(steps, validate_every=4, checkpoint=path, checkpoint_every=3)
    assert part.history == whole.history
    assert np.array_equal(part.network.params.flat, whole.network.params.flat)
    assert np.array_equal(part.best, whole.best)
    assert part.random.normal() == whole.random.normal()


SCRIPT = """
import sys, numpy as np
sys.path.insert(0, sys.argv[2])
from test_training import run
training = run(validate=lambda net: float(np.abs(net.params.flat).sum()), patience=10**6)
print("begun", flush=True)
training.run(int(sys.argv[3]), validate_every=5, checkpoint=sys.argv[1], checkpoint_every=1)
print("done", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a POSIX signal")
def test_a_run_killed_at_any_moment_ends_as_if_it_had_not_been(tmp_path):
    steps, path = 400, tmp_path / "run.npz"
    whole = run(validate=lambda net: float(np.abs(net.params.flat).sum()), patience=10**6)
    whole.run(steps, validate_every=5)
    random, kills, seen = np.random.default_rng(), 0, [0]
    command = [sys.executable, "-c", SCRIPT, str(path), str(Path(__file__).parent), str(steps)]
    for _ in range(60):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "begun\n"
        if kills < 8:
            time.sleep(random.uniform(0.005, 0.15))
            process.send_signal(signal.SIGKILL)
        out, _ = process.communicate()
        if path.exists():  # whole, whatever the moment
            _, values = files.read(path)
            seen.append(len(values["history"]["loss"]))
            assert seen[-1] >= seen[-2]
        if process.returncode == 0:
            assert out == "done\n"
            break
        assert process.returncode == -signal.SIGKILL
        kills += 1
    assert kills >= 3, "the process was never killed in time: nothing has been tested"
    assert len(set(seen)) > 2, "no kill fell between two checkpoints"
    end = run(validate=lambda net: float(np.abs(net.params.flat).sum()), patience=10**6)
    end.load(path)
    assert end.history == whole.history
    assert np.array_equal(end.network.params.flat, whole.network.params.flat)
    assert end.random.normal() == whole.random.normal()


def test_a_checkpoint_of_something_else_is_refused_and_changes_nothing(tmp_path):
    path = tmp_path / "run.npz"
    run().run(2, checkpoint=path)
    others = [
        Training(Network(VanillaLSTM(2, 5), Dense(5, 1)), Adam(0.01), squared_error, batches),
        Training(network(), Adam(0.02), squared_error, batches),
        Training(network(dtype=np.float32), Adam(0.01), squared_error, batches),
        Training(network(), Adam(0.01), squared_error, batches,
                 rng=np.random.Generator(np.random.MT19937(0))),
    ]  # fmt: skip
    for other in others:
        kept = other.network.params.flat.copy()
        with pytest.raises(ValueError, match="checkpoint: expected one of"):
            other.run(5, checkpoint=path)
        assert np.array_equal(other.network.params.flat, kept)
        assert other.step == 0


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"rng": 4}, "rng"),
        ({"segment": 3}, "segment"),
        ({"clip": 2.0}, "clip"),
        ({"stateful": True}, "stateful"),
        ({"patience": 9}, "patience"),
        ({"optimiser": Adam(0.010000001)}, "optimiser"),
    ],
)
def test_a_run_made_otherwise_does_not_go_on_from_a_checkpoint(change, what, tmp_path):
    made = {"rng": 3, "segment": 2, "clip": 1.0, "patience": 8, "validate": lambda net: 1.0}
    path = tmp_path / "run.npz"

    def start(optimiser, **options):
        return Training(network(), optimiser, squared_error, batches, **options)

    start(Adam(0.01), **made).run(2, checkpoint=path)
    other = start(**{"optimiser": Adam(0.01)} | made | change)
    with pytest.raises(ValueError, match=f"checkpoint: expected one of a run with {what} = "):
        other.load(path)
    assert other.step == 0


TANH = "v[n] = tanh(W @ x[n] + U @ v[n-1])"


class Scaled(StandardRNN):
    """A layer of a reader's, with an option that no file can hold."""

    def __init__(self, d_x, d_s, own, *, rng=0, dtype=float):
        super().__init__(d_x, d_s, own if isinstance(own, Activation) else "tanh", rng=rng)
        self.own = own


def own(name):
    return Activation(name, np.sin, np.cos, 1.0)


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        (DerivedLayer(TANH, d_x=2, d_s=4),
         DerivedLayer("v[n] = sin(W @ x[n] - U @ v[n-1])", d_x=2, d_s=4),
         r"network.layer.system.forward = 'v\[n\] = sin.*got 'v\[n\] = tanh"),
        (StandardRNN(2, 4), StandardRNN(2, 4, "relu"),
         "network.layer.activation = 'relu', got 'tanh'"),
        (StandardRNN(2, 4, own("sine")), StandardRNN(2, 4, own("cosine")),
         "network.layer.activation = 'Activation cosine', got 'Activation sine'"),
        (Stacked(GRU(2, 4), StandardRNN(4, 4)), Stacked(GRU(2, 4), StandardRNN(4, 4, "relu")),
         "network.layer.1.activation = 'relu', got 'tanh'"),
        (StandardRNN(2, 4), Scaled(2, 4, object()),
         r"network.layer.class = 'tests.learning.test_training.Scaled', got 'lstm_lib"),
        (AugmentedLSTM(2, 4, lags={"du": range(3)}), AugmentedLSTM(2, 4, lags={"du": range(-1, 2)}),
         r"network.layer.lags.du.range = \[-1, 2, 1\], got \[0, 3, 1\]"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_other_equations_is_refused(before, after, differs, tmp_path):
    """The parameters have the same names and shapes; the error says what is different."""
    path = tmp_path / "run.npz"

    def start(layer):
        net = Network(copy.deepcopy(layer), Dense(4, 1))
        return Training(net, Adam(0.01), squared_error, batches)

    start(before).run(2, checkpoint=path)
    other = start(after)
    assert start(before).network.params.shapes == other.network.params.shapes
    kept = other.network.params.flat.copy()
    with pytest.raises(ValueError, match=f"checkpoint: expected one of a run with {differs}"):
        other.load(path)
    assert np.array_equal(other.network.params.flat, kept)
    same = start(before)
    same.run(3, checkpoint=path)
    assert same.step == 3


def test_a_run_of_a_layer_that_no_file_holds_goes_on_from_its_checkpoint(tmp_path):
    path = tmp_path / "run.npz"

    class Bare(StandardRNN):
        def __init__(self, size):  # keeps nothing under this name
            super().__init__(2, size)

    for make in (
        lambda: Scaled(2, 4, object()),
        lambda: Scaled(2, 4, own("sine")),
        lambda: Bare(4),
    ):
        for steps in (2, 3):
            training = Training(Network(make(), Dense(4, 1)), Adam(0.01), squared_error, batches)
            training.run(steps, checkpoint=path)
            assert training.step == steps
        path.unlink()


def test_a_learning_rate_changed_on_the_way_is_resumed(tmp_path):
    def change(training):
        training.run(3)
        training.optimiser.learning_rate = 0.002

    path, whole, part, end = tmp_path / "run.npz", run(), run(), run()
    change(whole)
    whole.run(8)
    change(part)
    part.run(5, checkpoint=path)
    end.run(8, checkpoint=path)
    assert end.optimiser.learning_rate == 0.002
    assert np.array_equal(end.network.params.flat, whole.network.params.flat)


@pytest.mark.parametrize("make", [SGD, Momentum, Adam])
@pytest.mark.parametrize("where", ["loss", "look"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_batch_is_taken_back_whole(make, where, error):
    calls = {"loss": 0, "look": 0}
    at = {"loss": 4, "look": 1}

    def interrupt(what):
        calls[what] += 1
        if what == where and calls[what] == at[what]:
            raise error

    def loss(*arguments):
        interrupt("loss")
        return squared_error(*arguments)

    def validate(net):
        interrupt("look")
        return float(np.abs(net.params.flat).sum())

    def started(loss, validate):
        options = {"segment": 2, "stateful": True, "rng": 3, "validate": validate}
        return Training(network(), make(0.01), loss, batches, **options)

    whole = started(squared_error, lambda net: float(np.abs(net.params.flat).sum()))
    whole.run(6, validate_every=2)
    part = started(loss, validate)
    with pytest.raises(error):
        part.run(6, validate_every=2)
    assert part.step == len(part.history.gradient_norm) == 1
    part.run(6, validate_every=2)
    assert part.history == whole.history
    assert np.array_equal(part.network.params.flat, whole.network.params.flat)
    assert np.array_equal(part.best, whole.best)


def test_a_segment_in_which_nothing_counts_has_no_loss():
    def masked(random):
        x, t = batches(random)
        return x, t, np.repeat([1, 1, 0, 0, 1, 1], 3).reshape(6, 3)

    average = partial(squared_error, average=True)
    training = Training(network(), SGD(0.1), average, masked, rng=3, segment=2)
    training.run(1)
    net, (x, t) = network(), batches(np.random.default_rng(3))
    for part in (slice(0, 2), slice(4, 6)):
        trace = net.forward(x[part])
        net.params.flat -= 0.1 * net.backward(trace, average(trace.y, t[part])[1]).flat
    np.testing.assert_allclose(training.network.params.flat, net.params.flat, rtol=1e-12)
    nothing = Training(
        network(), SGD(0.1), average, lambda random: (*batches(random), np.zeros((6, 3)))
    )
    with pytest.raises(ValueError, match="mask: expected at least one step that counts"):
        nothing.run(1)


X, Y = np.ones((6, 3, 2)), np.ones((6, 3, 1))
LATE = np.where(np.arange(6)[:, None, None] < 4, 1, np.nan)


@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        (None, TypeError, "batches: expected a function that returns"),
        (X, TypeError, "batches: expected a function that returns .* got ndarray"),
        ((X,), ValueError, r"batches: expected \(x, target\) or"),
        ((X, Y, None, None), ValueError, r"batches: expected \(x, target\) or"),
        ((X, 1.0), ValueError, r"batches\(\)\[1\]: expected shape \(6, ...\).* got \(\)"),
        ((X, Y[:5]), ValueError, r"batches\(\)\[1\]: expected shape \(6, ...\).* got \(5"),
        ((X[:0], Y[:0]), ValueError, r"batches\(\)\[0\]: expected shape .*N >= 1"),
        ((X[..., :1], Y), ValueError, r"batches\(\)\[0\]: expected shape \(N, B, 2\)"),
        ((X * LATE, Y), ValueError, r"batches\(\)\[0\]: expected finite"),
        ((X, Y * LATE), ValueError, r"batches\(\)\[1\]: expected finite"),
        ((X, Y, (Y * LATE)[..., 0]), ValueError, r"batches\(\)\[2\]: expected finite"),
        ((X, Y, np.full((6, 3), 0.5)), ValueError, "mask: expected 0 and 1 only"),
        ((X, Y.astype("U3")), TypeError, r"batches\(\)\[1\]: expected real numbers"),
    ],
)
def test_a_wrong_batch_is_named_and_changes_nothing(batch, error, message):
    training = Training(network(), Adam(0.1), squared_error, lambda random: batch, segment=2)
    kept, state = training.network.params.flat.copy(), dict(training.optimiser.state)
    with pytest.raises(error, match=message):
        training.run(1)
    assert np.array_equal(training.network.params.flat, kept)
    assert training.optimiser.state == state
    assert training.step == 0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"loss": lambda y, t, m: None}, TypeError, "loss: expected a function that returns"),
        ({"loss": lambda y, t, m: (np.nan, y)}, ValueError, r"loss\(\)\[0\]: expected finite"),
        ({"loss": lambda y, t, m: (1.0, y[0])}, ValueError, "dE_dy: expected shape"),
        ({"validate": lambda net: np.nan}, ValueError, r"validate\(\): expected finite"),
        ({"validate": lambda net: None}, TypeError, r"validate\(\): expected real numbers"),
    ],
)
def test_a_wrong_answer_is_named_and_changes_nothing(options, error, message):
    made = {"loss": squared_error} | options
    training = Training(network(), Adam(0.1), batches=batches, **made)
    kept = training.network.params.flat.copy()
    with pytest.raises(error, match=message):
        training.run(1, validate_every=1)
    assert np.array_equal(training.network.params.flat, kept)
    assert training.history == History()


def test_a_checkpoint_that_cannot_be_written_is_refused_before_the_first_batch(tmp_path):
    training = run()
    for path in (tmp_path / "none" / "a.npz", tmp_path):
        with pytest.raises(ValueError, match="checkpoint: expected a file in a folder"):
            training.run(1, checkpoint=path)
    with pytest.raises(TypeError, match="checkpoint: expected a path, got 3"):
        training.run(1, checkpoint=3)
    assert training.step == 0


def spoil_history(arrays, values):
    values["history"]["loss"] = values["history"]["loss"][:-1]


def spoil_best(arrays, values):
    arrays["best"] = arrays["best"][:-1]


def spoil_params(arrays, values):
    arrays["params"][0] = np.nan


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_history,
        spoil_best,
        spoil_params,
        lambda arrays, values: arrays.pop("params"),
        lambda arrays, values: arrays.pop("optimiser.mean"),
        lambda arrays, values: [arrays.pop(f"optimiser.{k}") for k in ("mean", "square", "k")],
        lambda arrays, values: arrays.update({"optimiser.mean": np.ones(3)}),
        lambda arrays, values: values.pop("history"),
        lambda arrays, values: values["history"].update(loss=3),
        lambda arrays, values: values["history"].pop("best"),
        lambda arrays, values: values["random"].update(state=3),
        lambda arrays, values: values.pop("made"),
    ],
)
def test_a_checkpoint_with_something_wrong_in_it_changes_nothing(spoil, tmp_path):
    path = tmp_path / "run.npz"
    run().run(3, checkpoint=path)
    arrays, values = files.read(path)
    spoil(arrays, values)
    files.write(path, arrays, values)
    training = run()
    kept, random = training.network.params.flat.copy(), training.random.bit_generator.state
    with pytest.raises(ValueError, match="checkpoint: expected"):
        training.load(path)
    assert np.array_equal(training.network.params.flat, kept)
    assert training.history == History()
    assert training.random.bit_generator.state == random
    assert set(training.optimiser.state) == {"learning_rate"}


def test_every_flipped_bit_of_a_checkpoint_is_seen(tmp_path):
    path = tmp_path / "file.npz"
    files.write(path, {"a": np.arange(3.0)}, {"b": 1})
    whole, random = path.read_bytes(), np.random.default_rng(0)
    for bit in random.choice(8 * len(whole), 1500, replace=False):
        broken = bytearray(whole)
        broken[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(broken)
        with pytest.raises(ValueError, match="path: expected a checkpoint, got something else"):
            files.read(path)
    path.write_bytes(whole)
    with np.load(path) as file:  # still what NumPy can read
        assert file["a"].tolist() == [0, 1, 2]


def test_a_layer_that_has_a_network_says_how_to_go_on():
    lstm = VanillaLSTM(1, 2)
    first = Network(lstm, Dense(2, 1))
    with pytest.raises(ValueError, match=r"layer: expected one that .* copy.deepcopy\(layer\)"):
        Network(lstm, Dense(2, 1))
    with pytest.raises(ValueError, match=r"readout: expected .* copy.deepcopy\(readout\)"):
        Network(VanillaLSTM(1, 2), first.readout)
    second = Network(copy.deepcopy(lstm), copy.deepcopy(first.readout))
    kept = first.params.flat.copy()
    second.params.flat += 1
    assert np.array_equal(second.layer.params.flat, lstm.params.flat + 1)
    assert np.array_equal(first.params.flat, kept)


def test_what_is_not_a_checkpoint_is_named(tmp_path):
    path = tmp_path / "file.npz"
    with pytest.raises(FileNotFoundError, match="path: expected a checkpoint, got nothing at"):
        files.read(path)
    files.write(path, {"file": np.arange(3), "a": np.ones((2, 2))}, {"b": [1, None]})
    arrays, values = files.read(path)
    assert arrays["file"].tolist() == [0, 1, 2]
    assert values == {"b": [1, None]}
    assert [item.name for item in tmp_path.iterdir()] == ["file.npz"]
    whole = path.read_bytes()
    for broken in (b"", b"text", whole[: len(whole) // 2], whole[:-1]):
        path.write_bytes(broken)
        with pytest.raises(ValueError, match="path: expected a checkpoint, got something else"):
            files.read(path)
    np.savez(path, a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="path: expected a checkpoint, got something else"):
        files.read(path)


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path):
    path = tmp_path / "file.npz"
    files.write(path, {"a": np.ones(2)})
    for arrays, values in (({"a": np.array([{}])}, {}), ({"a": np.ones(3)}, {"b": object()})):
        with pytest.raises(TypeError, match="expected"):
            files.write(path, arrays, values)
    assert files.read(path)[0]["a"].tolist() == [1, 1]


def test_progress_without_tqdm_is_refused_before_anything_is_learned(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    training = run()
    with pytest.raises(ModuleNotFoundError, match=r"tqdm: expected .* 'lstm_lib\[progress\]'"):
        training.run(3, progress=True)
    assert training.step == 0


def test_progress_counts_the_steps(monkeypatch, capsys):
    calls = []

    class Bar:
        def __init__(self, total, initial):
            calls.append((total, initial))

        def __enter__(self):
            return self

        def __exit__(self, *error):
            calls.append("closed")

        def set_postfix(self, loss, refresh):
            assert float(loss) > 0

        def update(self):
            calls.append("update")

    fake = type(sys)("tqdm")
    fake.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", fake)
    training = run()
    training.run(1)
    assert not calls
    training.run(3, progress=True)
    assert calls == [(3, 1), "update", "update", "closed"]
    assert capsys.readouterr() == ("", "")


V, T = ValueError, TypeError


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Network(Dense(1, 1), Dense(1, 1)), T, "layer: expected a recurrent layer"),
        (lambda: Network(StandardRNN(1, 2), 3), T, "readout: expected a Dense, got 3"),
        (lambda: Network(StandardRNN(1, 2), Dense(3, 1)), V, "readout: expected d_v = 2, got 3"),
        (lambda: Training(3, SGD(1), squared_error, batches), T, "network: expected a Network"),
        (lambda: Training(network(), 1, squared_error, batches), T, "optimiser: expected an Opt"),
        (lambda: Training(network(), SGD(1), 1, batches), T, "loss: expected a function, got 1"),
        (lambda: Training(network(), SGD(1), squared_error, 1), T, "batches: expected a function"),
        (lambda: Training(network(), SGD(1), squared_error, Recall), T,
         r"^batches: expected a task such as Recall\(N=10\), got the class Recall$"),
        (lambda: Training(network(), SGD(1), squared_error, batches(np.random.default_rng(0))), T,
         r"^batches: expected a function, got tuple of ndarray of shape \(6, 3, 2\), "
         r"ndarray of shape \(6, 3, 1\)$"),
        (lambda: run(validate=1), T, "validate: expected a function, got 1"),
        (lambda: run(patience=3), V, "patience: expected a validate function"),
        (lambda: run(clip=0), V, "clip: expected a finite number > 0"),
        (lambda: run(segment=0), V, "segment: expected a whole number >= 1"),
        (lambda: run(stateful=1), T, "stateful: expected True or False"),
        (lambda: run().run(0), V, "steps: expected a whole number >= 1"),
        (lambda: run().run(1, checkpoint_every=0), V, "checkpoint_every: expected a whole number"),
        (lambda: run().run(1, validate_every=0), V, "validate_every: expected a whole number"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
