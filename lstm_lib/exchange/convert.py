r"""Weights to and from the layouts of PyTorch and Keras, as plain arrays.

Neither framework is needed, only :func:`torch_module` makes a module of PyTorch. Both give an
LSTM's gates in the order input, forget, candidate, output, the page's cu, cs, du, cr; PyTorch's
GRU has reset, update, candidate (cr, cs, du), Keras' update, reset, candidate (cs, cr, du).
PyTorch keeps two bias vectors that add up to the page's one: on the way there the second is 0.
Keras' matrices are transposed.

====================  ===============================  ======================================
layer                 PyTorch                          Keras
====================  ===============================  ======================================
``StandardRNN``       ``RNN``, tanh or relu            ``SimpleRNN``
``VanillaLSTM``       ``LSTM``, no peepholes           ``LSTM``, no peepholes
``AugmentedLSTM``     ``LSTM``, ``proj_size = d_v``;   ``LSTM``; the same without projection
                      no windows, external gate,
                      peepholes
``GRU``               ``GRU``, form ``"framework"``    ``GRU``, ``reset_after`` is True for
                                                       form ``"framework"``
``Bidirectional``     ``bidirectional=True``           ``Bidirectional``
``Stacked``           ``num_layers``, layers of one    one layer after the other
                      kind and size
``Dense``             ``Linear``                       ``Dense``
``FeedForward``       ``Sequential``                   one ``Dense`` after the other
``Network``           ``layer`` and ``readout``        the layer, then ``Dense``
====================  ===============================  ======================================

``layer.exportable`` says before training whether a layer is among them. Frameworks return the
state as (h, c), here $(v, s)$; their sequences are time-major too unless ``batch_first`` is set.

Source: the documentation of ``torch.nn`` and of ``keras.layers``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.exchange.targets import Model, require
from lstm_lib.layers.compose import Bidirectional, Stacked
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.gru import GRU
from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import StandardRNN
from lstm_lib.learning.network import Network
from lstm_lib.parameters import Parameters

__all__ = ["from_keras", "from_torch", "to_keras", "to_torch", "torch_module"]

Array = NDArray[np.floating]
Values = dict[str, Array]  # new values of a layer's parameters, by name

LSTM_ORDER = ("cu", "cs", "du", "cr")
TORCH_GRU_ORDER = ("cr", "cs", "du")
KERAS_GRU_ORDER = ("cs", "cr", "du")


# ---- PyTorch -------------------------------------------------------------------------------


def to_torch(layer: Model) -> dict[str, Array]:
    """The ``state_dict`` of the PyTorch module for a layer or network, as arrays.

    Names are ``weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0``, with a projection
    ``weight_hr_l0``; ``_l1`` for the next of a stack, ``_l0_reverse`` for the other direction;
    ``layer.`` and ``readout.`` in front for a network. The arrays are copies.

    Raises
    ------
    TypeError, ValueError
        If PyTorch has no such module; the message says what it lacks, as ``layer.exportable``.
    """
    require(layer, "torch")
    return {
        before + name + after: value
        for before, after, leaf in _torch_leaves(layer)
        for name, value in _to_torch(leaf).items()
    }


def from_torch(layer: Model, arrays: Mapping[str, Any]) -> None:
    """Copy a ``state_dict`` (as arrays) into a layer or network of the same sizes.

    Nothing is changed unless all of it fits. The reverse of :func:`to_torch`, whose errors it has.
    """
    want = to_torch(layer)
    given = _checked(arrays, want, layer.params.flat.dtype)
    new = [
        (leaf.params, _from_torch(leaf, {n: given[before + n + after] for n in _to_torch(leaf)}))
        for before, after, leaf in _torch_leaves(layer)
    ]
    _write(new)


def torch_module(layer: Model) -> Any:
    """The PyTorch module that computes what the layer or network computes, with its weights.

    It is time-major, its dtype is the layer's, and the state that it takes and returns is
    ``(v, s)`` with a first axis of levels and directions. The module of a network returns
    ``y`` and the final state; its parts are ``layer`` and ``readout``.

    Raises
    ------
    ModuleNotFoundError
        If there is no PyTorch.
    TypeError, ValueError
        If PyTorch has no such module, as in :func:`to_torch`.
    """
    arrays = to_torch(layer)
    torch = checks.package("torch", "frameworks")
    module = _module(torch, layer).to(getattr(torch, layer.params.flat.dtype.name))
    module.load_state_dict({name: torch.from_numpy(value) for name, value in arrays.items()})
    return module


def _torch_leaves(layer: Any) -> Iterator[tuple[str, str, Any]]:
    """The parts without parts, with what stands before and after the names of their weights."""
    if isinstance(layer, Network):
        yield from (("layer." + b, a, leaf) for b, a, leaf in _torch_leaves(layer.layer))
        yield "readout.", "", layer.readout
    elif isinstance(layer, (Dense, FeedForward)):
        yield "", "", layer
    else:
        for k, level in enumerate(_levels(layer)):
            yield from (
                ("", f"_l{k}{s}", leaf) for s, leaf in zip(("", "_reverse"), level, strict=False)
            )


def _levels(layer: Any) -> list[list[Any]]:
    return layer.levels() if isinstance(layer, (Stacked, Bidirectional)) else [[layer]]


def _to_torch(leaf: Any) -> Values:
    p = leaf.params
    if isinstance(leaf, Dense):
        return {"weight": p["W_vy"].copy()} | ({"bias": p["b_y"].copy()} if leaf.bias else {})
    if isinstance(leaf, FeedForward):  # Sequential counts the warpings, too
        return {
            f"{2 * k}.{kind}": p[f"{symbol}_{k + 1}"].copy()
            for k in range(len(leaf.f))
            for kind, symbol in (("weight", "W"), ("bias", "b"))
        }
    W_x, W_v, b = _stacked(leaf, TORCH_GRU_ORDER)
    second = np.zeros_like(b)
    if isinstance(leaf, GRU):
        second[2 * leaf.d_s :] = p["b_vdu"]
    out = {"weight_ih": W_x, "weight_hh": W_v, "bias_ih": b, "bias_hh": second}
    return out | ({"weight_hr": p["W_qdr"].copy()} if "W_qdr" in p else {})


def _from_torch(leaf: Any, given: Values) -> Values:
    if isinstance(leaf, Dense):
        return {name: given[k] for name, k in zip(leaf.params, ("weight", "bias"), strict=False)}
    if isinstance(leaf, FeedForward):
        return dict(zip(leaf.params, given.values(), strict=True))
    b, second = given["bias_ih"].copy(), given["bias_hh"]
    d = 2 * leaf.d_s if isinstance(leaf, GRU) else len(b)  # what is added up
    b[:d] = _sum(b[:d], second[:d])
    out = _unstacked(leaf, TORCH_GRU_ORDER, given["weight_ih"], given["weight_hh"], b)
    if isinstance(leaf, GRU):
        out["b_vdu"] = second[d:]
    return out | ({"W_qdr": given["weight_hr"]} if "weight_hr" in given else {})


def _module(torch: Any, layer: Any) -> Any:
    nn = torch.nn
    if isinstance(layer, Dense):
        return nn.Linear(layer.d_v, layer.d_y, layer.bias)
    if isinstance(layer, FeedForward):
        warpings = {"tanh": nn.Tanh, "logistic": nn.Sigmoid, "relu": nn.ReLU}
        pairs = itertools.pairwise(layer.sizes)
        return nn.Sequential(*(
            part
            for f, sizes in zip(layer.f, pairs, strict=True)
            for part in (nn.Linear(*sizes), warpings.get(f.name, nn.Identity)())
        ))  # fmt: skip
    if isinstance(layer, Network):

        class Module(nn.Module):  # type: ignore[name-defined]
            def __init__(self) -> None:
                super().__init__()
                self.layer = _module(torch, layer.layer)
                self.readout = _module(torch, layer.readout)

            def forward(self, x: Any, state: Any = None) -> tuple[Any, Any]:
                v, last = self.layer(x, state)
                return self.readout(v), last

        return Module()
    levels = _levels(layer)
    leaf = levels[0][0]
    sizes = {"num_layers": len(levels), "bidirectional": len(levels[0]) == 2}
    if isinstance(leaf, StandardRNN):
        return nn.RNN(layer.d_x, leaf.d_s, nonlinearity=leaf.G.name, **sizes)
    if isinstance(leaf, GRU):
        return nn.GRU(layer.d_x, leaf.d_s, **sizes)
    projection = leaf.d_out if "W_qdr" in leaf.params else 0
    return nn.LSTM(layer.d_x, leaf.d_s, proj_size=projection, **sizes)


# ---- Keras ---------------------------------------------------------------------------------


def to_keras(layer: Model) -> list[Array]:
    """``[kernel, recurrent_kernel, bias]``, as ``set_weights`` of a Keras layer takes them.

    For a stack, both directions or a network these follow one another, as in the weights of a
    Keras model of such layers. The arrays are copies.

    Raises
    ------
    TypeError, ValueError
        If Keras has no such layer; the message says what it lacks, as ``layer.exportable``.
    """
    require(layer, "keras")
    return [value for leaf in _keras_leaves(layer) for value in _to_keras(leaf).values()]


def from_keras(layer: Model, arrays: Sequence[Any]) -> None:
    """Copy ``get_weights()`` of a Keras layer or model into a layer of the same sizes.

    Nothing is changed unless all of it fits. The reverse of :func:`to_keras`, whose errors it has.
    """
    require(layer, "keras")
    leaves = list(_keras_leaves(layer))
    want = [(name, value) for leaf in leaves for name, value in _to_keras(leaf).items()]
    names = ", ".join(name for name, _ in want)
    if not isinstance(arrays, Sequence):
        raise TypeError(f"arrays: expected {names}, got {type(arrays).__name__}")
    if len(arrays) != len(want):
        raise ValueError(f"arrays: expected {names}, got {len(arrays)}")
    dtype = layer.params.flat.dtype
    given = iter([
        checks.array(f"arrays[{k}] ({name})", array, value.shape, dtype)
        for k, ((name, value), array) in enumerate(zip(want, arrays, strict=True))
    ])  # fmt: skip
    _write([
        (leaf.params, _from_keras(leaf, {name: next(given) for name in _to_keras(leaf)}))
        for leaf in leaves
    ])  # fmt: skip


def _keras_leaves(layer: Any) -> Iterator[Any]:
    if isinstance(layer, Network):
        yield from _keras_leaves(layer.layer)
        yield layer.readout
    elif isinstance(layer, (Stacked, Bidirectional)):
        for part in layer.parts.values():
            yield from _keras_leaves(part)
    else:
        yield layer


def _to_keras(leaf: Any) -> Values:
    p = leaf.params
    if isinstance(leaf, (Dense, FeedForward)):
        return {f"{('bias', 'kernel')[w.ndim - 1]} {name}": w.T.copy() for name, w in p.items()}
    W_x, W_v, b = _stacked(leaf, KERAS_GRU_ORDER)
    if isinstance(leaf, GRU) and leaf.form == "framework":
        second = np.zeros_like(b)
        second[2 * leaf.d_s :] = p["b_vdu"]
        b = np.stack([b, second])
    return {"kernel": W_x.T.copy(), "recurrent_kernel": W_v.T.copy(), "bias": b}


def _from_keras(leaf: Any, given: Values) -> Values:
    if isinstance(leaf, (Dense, FeedForward)):
        return {name: w.T for name, w in zip(leaf.params, given.values(), strict=True)}
    b, second = given["bias"], {}
    if b.ndim == 2:
        d = 2 * leaf.d_s
        second = {"b_vdu": b[1, d:]}
        b = np.concatenate([_sum(b[0, :d], b[1, :d]), b[0, d:]])
    W_x, W_v = given["kernel"].T, given["recurrent_kernel"].T
    return _unstacked(leaf, KERAS_GRU_ORDER, W_x, W_v, b) | second


# ---- both ----------------------------------------------------------------------------------


def _names(leaf: Any, gru: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """The page's names of a recurrent layer's weights, in the framework's order of rows."""
    if isinstance(leaf, StandardRNN):
        return [("W_x", "W_r", "theta_s")]
    order = gru if isinstance(leaf, GRU) else LSTM_ORDER
    return [(f"W_x{row}", f"W_v{row}", f"b_{row}") for row in order]


def _stacked(leaf: Any, gru: tuple[str, ...]) -> tuple[Array, Array, Array]:
    """The input weights, recurrent weights and biases, each one below the other."""
    W_x, W_v, b = zip(*_names(leaf, gru), strict=True)
    p = leaf.params
    return (
        np.concatenate([p[name].reshape(leaf.d_s, leaf.d_x) for name in W_x]),  # without taps
        np.concatenate([p[name] for name in W_v]),
        np.concatenate([p[name] for name in b]),
    )


def _unstacked(leaf: Any, gru: tuple[str, ...], *stacked: Array) -> Values:
    """The reverse of :func:`_stacked`."""
    names, d = _names(leaf, gru), leaf.d_s
    return {
        name: value[k * d : (k + 1) * d].reshape(leaf.params[name].shape)
        for k, own in enumerate(names)
        for name, value in zip(own, stacked, strict=True)
    }


def _checked(given: Mapping[str, Any], want: Mapping[str, Array], dtype: Any) -> Values:
    if not isinstance(given, Mapping):
        raise TypeError(f"arrays: expected a mapping from names, got {type(given).__name__}")
    if set(given) != set(want):
        raise ValueError(f"arrays: expected {', '.join(want)}, got {', '.join(map(str, given))}")
    return {
        name: checks.array(f"arrays[{name!r}]", given[name], value.shape, dtype)
        for name, value in want.items()
    }


def _sum(first: Array, second: Array) -> Array:
    with checks.quiet():
        total: Array = first + second
    checks.in_range("arrays", total)
    return total


def _write(new: list[tuple[Parameters, Values]]) -> None:
    """All at once, after everything has been checked."""
    for params, values in new:
        for name, value in values.items():
            params[name] = value
