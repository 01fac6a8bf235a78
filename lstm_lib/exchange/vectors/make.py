r"""Test vectors: one small, complete problem, with every number that two passes compute.

For those who write the cell in a language of their own. What is *given* (parameters, inputs, start
values, the loss) are multiples of 1/64, so every language reads them exactly, in single precision
too. The rest was computed in float64.

>>> vectors = augmented_lstm_vectors()
>>> list(vectors)
['name', 'about', 'sizes', 'lags', 'parameters', 'inputs', 'loss', 'forward', 'errors', 'gradients']
>>> vectors["gradients"]["W_xcu"].shape  # (lags, d_s, d_x)
(3, 3, 2)
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib.exchange.vectors.program import short_program
from lstm_lib.layers.base import Layer
from lstm_lib.layers.lstm import AugmentedLSTM, VanillaLSTM

__all__ = ["augmented_lstm_vectors", "to_json", "vanilla_lstm_vectors", "write_vectors"]

Array = NDArray[np.floating]

SIZES = {"d_x": 2, "d_s": 3, "d_v": 2, "N": 5}
#: The lags of the Augmented LSTM's windows.
LAGS = {
    "cx": range(1),
    "cu": range(-1, 2),
    "cs": range(-2, 0),
    "du": range(-1, 3),
    "cr": range(2),
}
GRID = 64
# All in the order of the page's equations. Within a step it is the order of computing: compared
# step by step, the first number that is off says where a mistake is.
PARAMETERS = (
    *(f"{kind}{path}" for kind in ("W_x", "W_s", "W_v", "b_") for path in LAGS), "W_qdr",
)  # fmt: skip
FORWARD = (
    "xi_cx", "xi_cu", "xi_cs", "xi_du", "xi_cr", "a_cx", "g_cx", "a_cu", "g_cu", "a_cs", "g_cs",
    "a_du", "u", "s", "r", "a_cr", "g_cr", "q", "v",
)  # fmt: skip
ERRORS = (
    "chi", "dE_dq", "alpha_cr", "rho", "psi", "alpha_du", "alpha_cs", "alpha_cu", "alpha_cx",
    "epsilon_du",
)  # fmt: skip
ABOUT = (
    "Sequences are [step][component], weights [row][column]{windows}. s0 and v0 are the values "
    "before the first step. E = sum_n <C[n], v[n]> + <C_v, v[N-1]> + <C_s, s[N-1]>. 'parameters', "
    "'inputs' and 'loss' are given, multiples of 1/64; 'forward', 'errors' (derivatives of E by "
    "the sequences) and 'gradients' follow, in float64. Compare to 1e-12, step by step: forward "
    "all quantities of step 0, then of step 1, ...; backward from the last step."
)
WINDOWS = ", the W_x of windows [lag][row][column] with the lags in the order of 'lags'"
NO_WINDOWS = (
    ", the W_x too: no windows, no external gate, no projection, so there are no lags, xi_*, *_cx, "
    "epsilon_du, q, dE_dq"
)


def augmented_lstm_vectors() -> dict[str, Any]:
    r"""The Augmented LSTM with everything switched on, and windows that all differ.

    The loss is linear, with a weight for every value and one for the final state:
    $E=\sum_n\langle C[n],v[n]\rangle+\langle C_v,v[N-1]\rangle+\langle C_s,s[N-1]\rangle$.

    Returns
    -------
    dict
        ``about`` says how to read the rest: ``sizes`` and ``lags``; ``parameters``, ``inputs``
        (``x, s0, v0``) and ``loss`` (``C, C_v, C_s``), which are given; ``forward`` (with ``E``),
        ``errors`` and ``gradients``, which follow. All arrays belong to a single sequence: ``x``
        is ``(N, d_x)``, no batch axis.
    """
    layer = AugmentedLSTM(SIZES["d_x"], SIZES["d_s"], SIZES["d_v"], LAGS)
    return _vectors("augmented_lstm", layer, SIZES, LAGS, WINDOWS)


def vanilla_lstm_vectors() -> dict[str, Any]:
    r"""The Vanilla LSTM with full peepholes, in the same form; its $W_{x*}$ have no axis of lags.

    Nor are there $\xi_*$, $q$, their errors, and anything of the gate $cx$; ``lags`` is empty.
    """
    sizes = SIZES | {"d_v": SIZES["d_s"]}
    return _vectors("vanilla_lstm", VanillaLSTM(sizes["d_x"], sizes["d_s"]), sizes, {}, NO_WINDOWS)


def _vectors(
    name: str, layer: Layer, sizes: Mapping[str, int], lags: Mapping[str, range], about: str
) -> dict[str, Any]:
    random = np.random.default_rng(len(name))

    def draw(*shape: int) -> Array:
        """Multiples of 1/64 between -1 and 1, none of them 0."""
        whole = random.integers(1, GRID + 1, shape) * random.choice([-1, 1], shape)
        return np.asarray(whole / GRID)

    N, d_x, d_s, d_v = (sizes[k] for k in ("N", "d_x", "d_s", "d_v"))
    for value in layer.params.values():
        value[...] = draw(*value.shape)
    inputs = {"x": draw(N, d_x), "s0": draw(d_s), "v0": draw(d_v)}
    loss = {"C": draw(N, d_v), "C_v": draw(d_v), "C_s": draw(d_s)}
    trace = layer.forward(**inputs)
    E = (loss["C"] * trace.v).sum() + loss["C_v"] @ trace.v[-1] + loss["C_s"] @ trace.s[-1]
    grads = layer.backward(trace, loss["C"], dE_dv_last=loss["C_v"], dE_ds_last=loss["C_s"])
    errors = {k: np.array(getattr(grads, k)) for k in grads.names}
    if "W_qdr" in layer.params:
        errors["dE_dq"] = errors["chi"] @ layer.params["W_qdr"]
    names = [name for name in PARAMETERS if name in layer.params]
    return {
        "name": name,
        "about": ABOUT.format(windows=about),
        "sizes": dict(sizes),
        "lags": {path: list(window) for path, window in lags.items()},
        "parameters": {k: np.array(layer.params[k]) for k in names},
        "inputs": inputs,
        "loss": loss,
        "forward": {k: np.array(getattr(trace, k)) for k in FORWARD if k in trace.names}
        | {"E": np.array(E)},
        "errors": {k: errors[k] for k in ERRORS if k in errors},
        "gradients": {k: np.array(grads.params[k]) for k in names}
        | {k: np.array(getattr(grads, k)) for k in inputs},
    }


def to_json(vectors: Mapping[str, Any]) -> str:
    """The vectors as JSON, numbers with 17 significant digits: float64 to the last bit."""
    return _written(vectors, "") + "\n"


def write_vectors(folder: str | os.PathLike[str]) -> list[Path]:
    """Write ``augmented_lstm`` and ``vanilla_lstm``, each as ``.json``, ``.npz`` and ``.py``.

    The ``.npz`` has one array per leaf, ``"parameters.W_xcu"``, ``"errors.psi"``, ...; the ``.py``
    is a program that computes all of it (:mod:`~lstm_lib.exchange.vectors.program`). The folder is
    made if there is none. Returns the paths. Needs SymPy.
    """
    from lstm_lib import derive

    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for vectors in (augmented_lstm_vectors(), vanilla_lstm_vectors()):
        stem = target / vectors["name"]
        text, arrays = stem.with_suffix(".json"), stem.with_suffix(".npz")
        text.write_text(to_json(vectors), encoding="utf-8")
        np.savez(arrays, **_leaves(vectors))
        code = stem.with_suffix(".py")
        system = getattr(derive, vectors["name"])
        program = short_program(system.change("", outputs="v s"), stem.name, system.name)
        code.write_text(str(program), encoding="utf-8")
        paths += [text, arrays, code]
    return paths


def _leaves(tree: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """All arrays and numbers under names joined by dots."""
    out: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            out |= _leaves(value, f"{before}{key}.")
        else:
            out[before + key] = np.asarray(value)
    return out


def _written(value: Any, indent: str) -> str:
    """JSON text; innermost rows stay on a line."""
    if isinstance(value, Mapping):
        inner = indent + "  "
        lines = [f"{inner}{json.dumps(k)}: {_written(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, np.ndarray):
        return _written(value.tolist(), indent)
    if isinstance(value, list):
        inner = indent + "  "
        if any(isinstance(item, list) for item in value):
            rows = ",\n".join(inner + _written(item, inner) for item in value)
            return f"[\n{rows}\n{indent}]"
        return "[" + ", ".join(_written(item, inner) for item in value) + "]"
    return f"{value:.17g}" if isinstance(value, float) else json.dumps(value)
