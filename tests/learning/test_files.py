"""What is saved comes back: readers' own layers too, and nothing that a file cannot hold."""

import copy

import numpy as np
import pytest
import sympy

from lstm_lib import GRU, AugmentedLSTM, Bidirectional, Dense, Stacked, StandardRNN, VanillaLSTM
from lstm_lib.derive import System
from lstm_lib.derive.warping import z
from lstm_lib.derived import DerivedLayer
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
    kept = Part.kinds[__name__, "Own"]
    another = type("Own", (StandardRNN,), {"__module__": __name__})
    assert Part.kinds[__name__, "Own"] is another
    with pytest.raises(TypeError, match="layer: expected a class with a name of its own, got an"):
        files.save(tmp_path / "a", first)
    Part.kinds[__name__, "Own"] = kept
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"class": "None"}, "class 'None' of lstm_lib.layers.lstm, which is none of Augmented"),
        ({"class": "Part"}, "which is none of"),
        ({"class": []}, ""),
        ({"module": "lstm_lib.layers.base", "class": "Layer", "options": {}}, ""),
        ({"module": "lstm_lib.layers.base", "class": "Part", "options": {}}, ""),
        ({"module": "lstm_lib.derivedx"}, "which is none of nothing, for no class of that module"),
        ({"module": "os", "class": "system"}, "which is none of nothing"),
        ({"module": 3}, "module 3, which is no name"),
        ({"options": {"d_x": 1, "d_s": 10**15}}, ""),
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


@pytest.mark.parametrize("module", ["__main__", "lstm_lib.layers.gru", "lstm_lib.derivedx"])
def test_a_readers_class_never_stands_for_one_of_the_library(module, tmp_path):
    theirs = type("GRU", (StandardRNN,), {"__module__": module})
    try:
        files.save(tmp_path / "gru.npz", GRU(2, 3, rng=1))
        same(files.load(tmp_path / "gru.npz"), GRU(2, 3, rng=1))
        assert type(files.load(tmp_path / "gru.npz")) is GRU
        if module == "lstm_lib.layers.gru":
            with pytest.raises(TypeError, match="expected a class with a name of its own"):
                files.save(tmp_path / "own.npz", theirs(2, 3))
        else:
            files.save(tmp_path / "own.npz", theirs(2, 3))
            assert type(files.load(tmp_path / "own.npz")) is theirs
    finally:
        Part.kinds.pop((module, "GRU"))
        if module == "lstm_lib.layers.gru":
            Part.kinds[module, "GRU"] = GRU


# ---- a stranger's file ------------------------------------------------------------------------

CELL = System.from_equations(
    "v[n] = G(W @ x[n] + U @ v[n-1] + b) + kappa * H(W_h @ x[n])",
    warping={
        "G": lambda z: z / (1 + abs(z)) + sympy.tanh(z),
        "H": sympy.Piecewise((sympy.exp(z) - 1.5, z < 0), (sympy.pi * z, True)),
    },
)


def places(tree, at=()):
    """Every place in nested lists and mappings."""
    yield at
    if isinstance(tree, (dict, list)):
        for key, own in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from places(own, (*at, key))


def planted(tree, at, value):
    """The tree with another value at a place."""
    if not at:
        return value
    twin = copy.copy(tree)
    twin[at[0]] = planted(tree[at[0]], at[1:], value)
    return twin


def spoiled(layer, harm, tmp_path):
    """For every place of a saved layer's description: the place, and a file with harm there."""
    path = tmp_path / "layer.npz"
    files.save(path, layer)
    arrays, values = files.read(path)
    for at in places(values["layer"]):
        files.write(path, arrays, {"layer": planted(values["layer"], at, harm)})
        yield at, path


def harms(marker):
    run = f"__import__('pathlib').Path({str(marker)!r}).touch()"
    lines = f'"""\n{run}\n"""'
    return [run, lines, f"x: {run}", [run], {"x": run}, {"array": [run], "dtype": "O"}, None]


@pytest.mark.parametrize("k", range(7))
def test_nothing_planted_in_a_file_runs(k, tmp_path):
    """Wherever it stands: either a clear error comes, or a layer that computes as text says."""
    marker = tmp_path / "ran"
    layers = [DerivedLayer(CELL, d_s=2, d_x=2), AugmentedLSTM(2, 3, lags={"du": 2})]
    layers += [Network(Stacked(GRU(2, 3), StandardRNN(3, 2)), Dense(2, 1))]
    harm, tried, refused, kept = harms(marker)[k], 0, 0, 0
    for layer in layers:
        for at, path in spoiled(layer, harm, tmp_path):
            tried += 1
            try:
                loaded = files.load(path)
            except ValueError as error:
                refused += str(error).startswith(
                    "path: expected a saved layer of this version, got"
                )
            else:  # a name, a source, an option that may be left out
                x = np.ones((3, 2))
                trace = loaded.forward(x)
                loaded.backward(trace, trace.y if isinstance(loaded, Network) else trace.v)
                kept += 1
                assert at[-1] in ("name", "source", "lags", "dtype", "d_v"), at
            assert not marker.exists(), at
    assert refused + kept == tried
    assert refused > 90


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_function_of_a_file_is_made_of_numbers_and_known_functions(depth, tmp_path):
    """The text that SymPy would evaluate, below functions that evaluate their arguments."""
    marker = tmp_path / "ran"
    path = tmp_path / "layer.npz"
    files.save(path, DerivedLayer(CELL, d_s=2, d_x=2))
    arrays, values = files.read(path)
    for harm in [*harms(marker), "z", "1", float("nan"), {"range": [1, 3, 1]}, {"dtype": "f8"}]:
        tree = harm
        for name in ("tanh", "exp", "sin")[:depth]:
            tree = [name, tree]
        at = ("options", "system", "warping", "G")
        files.write(path, arrays, {"layer": planted(values["layer"], at, tree)})
        with pytest.raises(ValueError, match="got warping: expected the parts of an expression"):
            files.load(path)
        assert not marker.exists()


@pytest.mark.parametrize(
    "text", ["v[n] = " + 3000 * "-" + "x[n]", "v[n] = " + 3000 * "(" + "x[n]" + 3000 * ")"]
)
def test_a_text_nested_too_deeply_is_refused(text, tmp_path):
    path = tmp_path / "layer.npz"
    files.save(path, DerivedLayer("v[n] = cos(x[n])", d_x=2))
    arrays, values = files.read(path)
    at = ("options", "system", "forward")
    files.write(path, arrays, {"layer": planted(values["layer"], at, text)})
    with pytest.raises(ValueError, match="path: expected a saved layer of this version, got"):
        files.load(path)
    deep = ["tanh", 0.5]
    for _ in range(400):
        deep = ["tanh", deep]
    files.write(
        path, arrays, {"layer": planted(values["layer"], (*at[:2], "warping"), {"G": deep})}
    )
    with pytest.raises(ValueError, match="path: expected a"):
        files.load(path)
