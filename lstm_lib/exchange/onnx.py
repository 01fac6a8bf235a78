r"""Layers and networks as ONNX models, for runtimes without Python.

A recurrent layer becomes one operator, ``LSTM``, ``GRU`` or ``RNN``; a stack several, two like
layers that read both directions one with ``direction="bidirectional"``. The operators' symbols
are the page's in another order.

``LSTM``
    the Vanilla LSTM with diagonal or no peepholes. The rows i, o, f, c of W and R are cu, cr, cs,
    du; P is i, o, f, the diagonals of $W_{scu},W_{scr},W_{scs}$, and the output gate reads $s[n]$.
``GRU``
    The rows z, r, h are cs, cr, du, and $z=g_{cs}$ keeps the state; ``linear_before_reset`` is 1
    for the framework form, 0 for the published.
``RNN``
    the standard RNN: one block, $W_x$ and $W_r$; identity is ``Affine`` with slope 1.

The two biases of the operators add up: the second is zero but for the GRU's $b_{vdu}$.

Source: the ONNX operator specification, LSTM-14, GRU-14, RNN-14.
"""

from __future__ import annotations

import os
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lstm_lib import __version__, checks
from lstm_lib.exchange.targets import Model, require
from lstm_lib.layers.base import Layer
from lstm_lib.layers.compose import Bidirectional, Stacked, same_kind
from lstm_lib.layers.feedforward import FeedForward
from lstm_lib.layers.gru import GRU
from lstm_lib.layers.readout import Dense
from lstm_lib.layers.rnn import StandardRNN
from lstm_lib.learning import files
from lstm_lib.learning.network import Network

__all__ = ["to_onnx"]

Array = NDArray[np.floating]

OPSET, IR = 17, 8
LSTM_ORDER, PEEPHOLE_ORDER = ("cu", "cr", "cs", "du"), ("cu", "cr", "cs")
GRU_ORDER = ("cs", "cr", "du")
ACTIVATIONS = {"tanh": "Tanh", "logistic": "Sigmoid", "relu": "Relu", "identity": "Identity"}


def to_onnx(
    layer: Model,
    path: str | os.PathLike[str] | None = None,
    *,
    states: bool = False,
    dtype: Any = np.float32,
) -> Any:
    r"""A layer or network as an ONNX model.

    Parameters
    ----------
    layer
        A layer, a stack, both directions, a network, a ``Dense`` or a ``FeedForward``;
        ``layer.exportable`` says whether ONNX has it.
    path
        Where to write the model; nowhere unless given.
    states
        Whether the start values are inputs of the model, under the names in ``layer.states``,
        ``(B, d)`` each, and the final ones outputs, under these names with ``_last`` for ``0``.
        Without, a sequence starts from zeros. Final values of a layer that reads backwards are
        those where it ends, at step 0.
    dtype
        Of the numbers in the model, float32 or float64. ONNX Runtime has its recurrent operators
        in float32 only; the specification allows both.

    Returns
    -------
    onnx.ModelProto
        One input ``x``, ``(N, B, d_x)``, time-major with any N and B, and one output: ``v``, or
        ``r`` of an RNN, ``(N, B, d)``; ``y`` of a network, ``(N, B, d_y)``. A ``Dense`` has the
        input ``v`` and the output ``y``; a ``FeedForward`` ``x``, ``(D, d_x)``, and ``y``.

    Raises
    ------
    TypeError, ValueError
        If ONNX has no such layer, or an argument is wrong; the message says what is lacking.
    ModuleNotFoundError
        If the package onnx is not there.

    Notes
    -----
    Source: the ONNX operator specification.
    """
    require(layer, "onnx")
    states = checks.flag("states", states)
    dtype = checks.float_dtype("dtype", dtype)
    target = None if path is None else files.place("path", path)
    layer.params.check()
    if states and not isinstance(layer, (Layer, Network)):
        raise ValueError(f"states: expected False, {type(layer).__name__} has none, got True")
    model = _Graph(checks.package("onnx", "onnx"), dtype, states).model(layer)
    if target is not None:
        target.write_bytes(model.SerializeToString())
    return model


class _Graph:
    """Nodes, constants, inputs and outputs of a model, as they are collected."""

    def __init__(self, onnx: Any, dtype: np.dtype[Any], states: bool) -> None:
        self.onnx, self.dtype, self.states = onnx, dtype, states
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def model(self, layer: Any) -> Any:
        """The whole model; the result comes first among the outputs, the input among the inputs."""
        of_v = isinstance(layer, Dense)
        lead = ("D",) if isinstance(layer, FeedForward) else ("N", "B")
        d_in, d_out = _sizes(layer)
        name = "v" if of_v else "x"
        self.inputs.append(self._value(name, (*lead, d_in)))
        recurrent = layer.layer if isinstance(layer, Network) else layer
        out = recurrent.output if recurrent is layer and isinstance(layer, Layer) else "y"
        self.outputs.append(self._value(out, (*lead, d_out)))
        if isinstance(layer, FeedForward):
            result = self.feed_forward(layer, name)
        elif of_v:
            result = self.dense(layer, name)
        else:
            result = self.layer(recurrent, name, "", False)
            if isinstance(layer, Network):
                result = self.dense(cast(Dense, layer.readout), result)
        self.node("Identity", [result], out)
        helper = self.onnx.helper
        graph = helper.make_graph(
            self.nodes, type(layer).__name__, self.inputs, self.outputs, self.constants
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR,
            producer_name="lstm_lib",
            producer_version=__version__,
            doc_string=repr(layer),
        )

    # ---- layers ----------------------------------------------------------------------------

    def layer(self, layer: Any, x: str, prefix: str, backwards: bool) -> str:
        """A layer over ``x``, ``(N, B, d_x)``; the name of its value, ``(N, B, d_out)``."""
        if isinstance(layer, Stacked):
            for name, part in layer.parts.items():
                x = self.layer(part, x, f"{prefix}{name}.", backwards)
            return x
        if not isinstance(layer, Bidirectional):
            return self.operator([(layer, prefix, backwards)], x)
        both = [
            (part, f"{prefix}{name}.", backwards != (name == "backward"))
            for name, part in layer.parts.items()
        ]
        if same_kind(*layer.parts.values()) and not backwards:
            return self.operator(both, x)
        each = [self.layer(part, x, name, reverse) for part, name, reverse in both]
        return self.node("Concat", each, axis=-1)

    def operator(self, parts: list[tuple[Any, str, bool]], x: str) -> str:
        """One recurrent layer, or the two directions of one operator, the forward one first."""
        (layer, prefix, backwards), d = parts[0], parts[0][0].d_s
        peepholes = "W_scr" in layer.params
        kind, kept = "LSTM", ["v0", "s0"]
        options: dict[str, Any] = {"hidden_size": d}
        if isinstance(layer, GRU):
            kind, kept = "GRU", ["v0"]
            options["linear_before_reset"] = int(layer.form == "framework")
        elif isinstance(layer, StandardRNN):
            kind, kept = "RNN", ["r0"]
            affine = layer.G.name == "identity"
            options["activations"] = [
                "Affine" if affine else ACTIVATIONS[layer.G.name] for _ in parts
            ]
            if affine:
                options |= {"activation_alpha": [1.0] * len(parts)}
                options |= {"activation_beta": [0.0] * len(parts)}
        options["direction"] = (
            "bidirectional" if len(parts) == 2 else "reverse" if backwards else "forward"
        )
        weights = zip(*(_weights(part) for part, *_ in parts), strict=True)
        names = [
            self.constant(prefix + n, np.stack(w)) for n, w in zip("WRBP", weights, strict=False)
        ]
        starts = [self.start(parts, state) for state in kept]
        inputs = [x, *names[:3], "", *starts, *names[3:]] if peepholes else [x, *names, "", *starts]
        while not inputs[-1]:
            inputs.pop()
        Y, *last = (f"{prefix}{kind}.{out}" for out in ("Y", "Y_h", "Y_c")[: 1 + len(kept)])
        outputs = [Y, *last] if self.states else [Y]
        self.nodes.append(
            self.onnx.helper.make_node(kind, inputs, outputs, name=prefix + kind, **options)
        )
        for state, values in zip(kept, last, strict=True):
            self.final(parts, state, values)
        # (N, directions, B, d) -> (N, B, directions * d)
        Y = self.node("Transpose", [Y], perm=[0, 2, 1, 3])
        return self.node("Reshape", [Y, self.constant(Y + ".shape", np.array([0, 0, -1]))])

    def dense(self, readout: Dense, v: str) -> str:
        """$y[n]=W_{vy}v[n]+b_y$, without the bias if there is none."""
        y = self.node("MatMul", [v, self.constant("W_vy.T", readout.params["W_vy"].T)])
        if readout.bias:
            y = self.node("Add", [y, self.constant("b_y", readout.params["b_y"])])
        return y

    def feed_forward(self, network: FeedForward, y: str) -> str:
        """$y_k=f(W_ky_{k-1}+b_k)$, layer by layer."""
        for k, f in enumerate(network.f, start=1):
            weights = [self.constant(n, network.params[n]) for n in (f"W_{k}", f"b_{k}")]
            y = self.node(ACTIVATIONS[f.name], [self.node("Gemm", [y, *weights], transB=1)])
        return y

    # ---- start and final values ------------------------------------------------------------

    def start(self, parts: list[tuple[Any, str, bool]], state: str) -> str:
        """The start values of an operator, ``(directions, B, d)``, made of those of its parts."""
        if not self.states:
            return ""
        axis = self.constant(f"{parts[0][1]}{state}.axis", np.array([0]))
        each = []
        for part, prefix, _ in parts:
            self.inputs.append(self._value(prefix + state, ("B", part.states[state])))
            each.append(self.node("Unsqueeze", [prefix + state, axis]))
        return each[0] if len(each) == 1 else self.node("Concat", each, axis=0)

    def final(self, parts: list[tuple[Any, str, bool]], state: str, values: str) -> None:
        """The final values of an operator as outputs, one for each of its parts."""
        if not self.states:
            return
        for k, (part, prefix, _) in enumerate(parts):
            name = f"{prefix}{state[:-1]}_last"
            index = self.constant(name + ".index", np.array(k))
            self.outputs.append(self._value(name, ("B", part.states[state])))
            self.node("Gather", [values, index], name, axis=0)

    # ---- pieces of a model -----------------------------------------------------------------

    def node(self, kind: str, inputs: list[str], name: str = "", **options: Any) -> str:
        """A node with one result; its name."""
        name = name or f"{kind}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, inputs, [name], name=name, **options))
        return name

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """A constant, in the model's dtype unless it is made of whole numbers; its name."""
        if value.dtype.kind == "f":
            value = checks.array(name, value, value.shape, self.dtype)
        tensor = self.onnx.numpy_helper.from_array(np.array(value, order="C"), name)
        self.constants.append(tensor)
        return name

    def _value(self, name: str, shape: tuple[Any, ...]) -> Any:
        kind = self.onnx.helper.np_dtype_to_tensor_dtype(self.dtype)
        return self.onnx.helper.make_tensor_value_info(name, kind, list(shape))


def _sizes(layer: Any) -> tuple[int, int]:
    """Number of components that come in and go out."""
    if isinstance(layer, Dense):
        return layer.d_v, layer.d_y
    if isinstance(layer, FeedForward):
        return layer.sizes[0], layer.sizes[-1]
    if isinstance(layer, Network):
        return layer.layer.d_x, layer.readout.d_y
    return layer.d_x, layer.d_out


def _weights(layer: Any) -> list[Array]:
    """W, R, B and, with peepholes, P of one direction, in the operator's order."""
    p = layer.params
    if isinstance(layer, StandardRNN):
        return [p["W_x"], p["W_r"], np.concatenate([p["theta_s"], np.zeros_like(p["theta_s"])])]
    order = GRU_ORDER if isinstance(layer, GRU) else LSTM_ORDER
    W_x = np.concatenate([p[f"W_x{row}"].reshape(layer.d_s, layer.d_x) for row in order])
    W_v = np.concatenate([p[f"W_v{row}"] for row in order])
    b = np.concatenate([p[f"b_{row}"] for row in order])
    second = np.zeros_like(b)
    if "b_vdu" in p:
        second[2 * layer.d_s :] = p["b_vdu"]
    out = [W_x, W_v, np.concatenate([b, second])]
    if "W_scr" in p:
        out.append(np.concatenate([p[f"W_s{row}"] for row in PEEPHOLE_ORDER]))
    return out
