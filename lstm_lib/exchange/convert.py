r"""Weights to and from the layouts of PyTorch and Keras, as plain arrays.

Neither framework is needed. Both give an LSTM's gates in the order input, forget, candidate,
output, the page's cu, cs, du, cr; PyTorch's GRU has reset, update, candidate (cr, cs, du), Keras'
update, reset, candidate (cs, cr, du). PyTorch keeps two bias vectors that add up to the page's
one: on the way there the second is 0. Keras' matrices are transposed.

====================  =================================================================
layer                 framework
====================  =================================================================
``VanillaLSTM``       LSTM, without peepholes (frameworks have none)
``AugmentedLSTM``     PyTorch LSTM with ``proj_size = d_v``; windows of lag 0 only, no
                      external gate, no peepholes
``GRU``               form ``"framework"``: PyTorch GRU, Keras GRU ``reset_after=True``;
                      form ``"published"``: Keras GRU ``reset_after=False``
====================  =================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.augmented import AugmentedLSTM
from lstm_lib.gru import GRU
from lstm_lib.layer import Layer
from lstm_lib.lstm import VanillaLSTM

__all__ = ["from_keras", "from_torch", "to_keras", "to_torch"]

Array = NDArray[np.floating]

LSTM_ORDER = ("cu", "cs", "du", "cr")
TORCH_GRU_ORDER = ("cr", "cs", "du")
KERAS_GRU_ORDER = ("cs", "cr", "du")


def to_torch(layer: Layer) -> dict[str, Array]:
    """A one-layer ``state_dict``: ``weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0``.

    With a projection also ``weight_hr_l0``.
    """
    order = _order(layer, TORCH_GRU_ORDER)
    p = layer.params
    out = {
        "weight_ih_l0": np.concatenate([_input_weights(p, row) for row in order]),
        "weight_hh_l0": np.concatenate([p[f"W_v{row}"] for row in order]),
        "bias_ih_l0": np.concatenate([p[f"b_{row}"] for row in order]),
    }
    out["bias_hh_l0"] = np.zeros_like(out["bias_ih_l0"])
    if isinstance(layer, GRU):
        if layer.form != "framework":
            raise ValueError(f"layer: expected a GRU of form 'framework', got {layer!r}")
        out["bias_hh_l0"][2 * layer.d_s :] = p["b_vdu"]
    if "W_qdr" in p:
        out["weight_hr_l0"] = p["W_qdr"].copy()
    return out


def from_torch(layer: Layer, arrays: Mapping[str, Any]) -> None:
    """Copy a one-layer ``state_dict`` (as arrays) into a layer of the same sizes."""
    want = to_torch(layer)
    given = _checked(arrays, want, layer)
    order = _order(layer, TORCH_GRU_ORDER)
    W_x, W_v = given["weight_ih_l0"], given["weight_hh_l0"]
    b, second = given["bias_ih_l0"].copy(), given["bias_hh_l0"]
    d = 2 * layer.d_s if isinstance(layer, GRU) else len(b)  # what is added up
    b[:d] = _sum(b[:d], second[:d])
    if isinstance(layer, GRU):
        layer.params["b_vdu"] = second[d:]
    _fill(layer, order, W_x, W_v, b)
    if "W_qdr" in layer.params:
        layer.params["W_qdr"] = given["weight_hr_l0"]


def to_keras(layer: Layer) -> list[Array]:
    """``[kernel, recurrent_kernel, bias]``, as ``set_weights`` of a Keras layer takes them."""
    order = _order(layer, KERAS_GRU_ORDER)
    p = layer.params
    if "W_qdr" in p:
        raise ValueError(f"layer: expected one without projection, got {layer!r}")
    kernel = np.concatenate([_input_weights(p, row) for row in order]).T.copy()
    recurrent = np.concatenate([p[f"W_v{row}"] for row in order]).T.copy()
    bias = np.concatenate([p[f"b_{row}"] for row in order])
    if isinstance(layer, GRU) and layer.form == "framework":
        second = np.zeros_like(bias)
        second[2 * layer.d_s :] = p["b_vdu"]
        bias = np.stack([bias, second])
    return [kernel, recurrent, bias]


def from_keras(layer: Layer, arrays: Sequence[Any]) -> None:
    """Copy ``[kernel, recurrent_kernel, bias]`` into a layer of the same sizes."""
    want = to_keras(layer)
    if not isinstance(arrays, Sequence):
        raise TypeError(
            f"arrays: expected kernel, recurrent_kernel, bias, got {type(arrays).__name__}"
        )
    if len(arrays) != len(want):
        raise ValueError(f"arrays: expected kernel, recurrent_kernel, bias, got {len(arrays)}")
    names = ("kernel", "recurrent_kernel", "bias")
    given = _checked(
        dict(zip(names, arrays, strict=True)), dict(zip(names, want, strict=True)), layer
    )
    b = given["bias"]
    if b.ndim == 2:
        d = 2 * layer.params["b_vdu"].size
        second = b[1, d:]
        b = np.concatenate([_sum(b[0, :d], b[1, :d]), b[0, d:]])
        layer.params["b_vdu"] = second
    order = _order(layer, KERAS_GRU_ORDER)
    _fill(layer, order, given["kernel"].T, given["recurrent_kernel"].T, b)


def _order(layer: Any, gru: tuple[str, ...]) -> tuple[str, ...]:
    """The framework's order of rows, if it has this layer at all."""
    if isinstance(layer, GRU):
        return gru
    if not isinstance(layer, (VanillaLSTM, AugmentedLSTM)):
        raise TypeError(f"layer: expected a VanillaLSTM, AugmentedLSTM or GRU, got {layer!r}")
    if layer.peepholes is not None:
        raise ValueError(f"layer: expected one without peepholes, got {layer!r}")
    if isinstance(layer, AugmentedLSTM) and (
        layer.external_gate or any(lag != range(1) for lag in layer.lags.values())
    ):
        raise ValueError(f"layer: expected windows of lag 0 and no external gate, got {layer!r}")
    return LSTM_ORDER


def _input_weights(p: Mapping[str, Array], row: str) -> Array:
    """``(d_s, d_x)``, whether or not there is a tap axis."""
    W = p[f"W_x{row}"]
    return W.reshape(W.shape[-2:])


def _checked(given: Mapping[str, Any], want: Mapping[str, Array], layer: Layer) -> dict[str, Array]:
    if not isinstance(given, Mapping):
        raise TypeError(f"arrays: expected a mapping from names, got {type(given).__name__}")
    if set(given) != set(want):
        raise ValueError(f"arrays: expected {', '.join(want)}, got {', '.join(map(str, given))}")
    return {
        name: checks.array(f"arrays[{name!r}]", given[name], value.shape, layer.dtype)
        for name, value in want.items()
    }


def _sum(first: Array, second: Array) -> Array:
    with checks.quiet():
        total: Array = first + second
    checks.in_range("arrays", total)
    return total


def _fill(layer: Layer, order: tuple[str, ...], W_x: Array, W_v: Array, b: Array) -> None:
    d = len(b) // len(order)
    for k, row in enumerate(order):
        block = slice(k * d, (k + 1) * d)
        layer.params[f"W_x{row}"] = W_x[block].reshape(layer.params[f"W_x{row}"].shape)
        layer.params[f"W_v{row}"] = W_v[block]
        layer.params[f"b_{row}"] = b[block]
