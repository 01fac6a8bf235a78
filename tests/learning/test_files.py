"""What is saved comes back: readers' own layers too, and nothing that a file cannot hold."""

import numpy as np
import pytest

from lstm_lib import Bidirectional, Dense, StandardRNN, VanillaLSTM
from lstm_lib.layers.base import Part
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.learning import files
from lstm_lib.learning.network import Network


class Own(StandardRNN):
    """A layer of a reader's, with options of every kind that a file holds."""

    def __init__(self, d_x, d_s, scale=2.0, taps=range(3), table=(), *, rng=0, dtype=float):
        super().__init__(d_x, d_s, rng=rng, dtype=dtype)
        self.scale, self.taps, self.table = scale, taps, table
        self.params["W_r"] *= scale


def same(one, other):
    assert repr(one) == repr(other)
    assert np.array_equal(one.params.flat, other.params.flat)
    assert one.params.flat.dtype == other.params.flat.dtype


def test_a_readers_own_layer_is_saved_like_any_other(tmp_path):
    table = {"a": [1, None, "b"], "c": range(-2, 1)}
    layer = Own(2, 3, 0.5, range(1, 4), table, rng=4, dtype=np.dtype(np.float32))
    network = Network(
        Bidirectional(layer, VanillaLSTM(2, 4, None, dtype=np.float32)),
        Dense(7, 1, False, dtype=np.float32),
    )
    files.save(tmp_path / "net.npz", network)
    twin = files.load(tmp_path / "net.npz")
    same(twin, network)
    assert twin.layer.parts["forward"].options == layer.options
    assert twin.layer.parts["forward"].taps == range(1, 4)


@pytest.mark.parametrize("sizes", [(2, 3), (2, 4, 4, 1)])
def test_a_feed_forward_network_comes_back(sizes, tmp_path):
    layer = FeedForward(sizes, ["tanh", "relu", "identity"][: len(sizes) - 1], rng=3)
    files.save(tmp_path / "net.npz", layer)
    same(files.load(tmp_path / "net.npz"), layer)


def test_what_a_file_cannot_hold_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"layer: expected what a file can hold, .*got <object"):
        files.save(tmp_path / "a", Own(1, 1, table=object()))
    first = Own(1, 1)
    kept = Part.kinds["Own"]
    another = type("Own", (StandardRNN,), {})
    assert Part.kinds["Own"] is another
    with pytest.raises(TypeError, match="layer: expected a class with a name of its own, got an"):
        files.save(tmp_path / "a", first)
    Part.kinds["Own"] = kept
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"class": "None"}, "class 'None', which is none of "),
        ({"class": "Part"}, "which is none of"),
        ({"class": "Layer"}, ""),
        ({"module": "lstm_lib.layers.lost"}, "No module named"),
        ({"options": {"d_x": 2}}, "missing"),
        ({"options": None}, ""),
        ({"parts": 3}, ""),
        ({"kind": 3}, "one that is described in another way"),
    ],
)
def test_what_is_no_saved_layer_of_this_version_is_refused(change, says, tmp_path):
    path = tmp_path / "layer.npz"
    files.save(path, VanillaLSTM(1, 2))
    arrays, values = files.read(path)
    files.write(path, arrays, {"layer": values["layer"] | change})
    with pytest.raises(ValueError, match=rf"path: expected a saved layer of this ver.*{says}"):
        files.load(path)
    files.write(path, arrays, {"layer": {"class": "VanillaLSTM", "options": {"d_x": 1}}})
    with pytest.raises(ValueError, match="got one that is described in another way in"):
        files.load(path)
