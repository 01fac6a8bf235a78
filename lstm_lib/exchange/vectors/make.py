r"""Test vectors: one small, complete problem, with every number that two passes compute.

For those who write a layer in a language of their own. What is *given* (parameters, inputs, start
values, the loss) are multiples of 1/64, so every language reads them exactly, in single precision
too. The rest was computed in float64, twice: by the program that the engine prints from the
declared equations, and by the layer that was written by hand. Needs SymPy.

>>> vectors = problem("augmented_lstm")
>>> list(vectors)[3:11]
['lags', 'parameters', 'inputs', 'loss', 'forward', 'errors', 'gradients', 'order']
>>> vectors["gradients"]["W_xcu"].shape  # (lags, d_s, d_x)
(3, 3, 2)
>>> vectors["equations"]["s"]
's[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]'
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.exchange.vectors.cases import CASES, Case
from lstm_lib.exchange.vectors.program import Short, short_program
from lstm_lib.layers.base import last_error, of_start
from lstm_lib.parameters import Parameters

__all__ = ["declared", "problem", "program", "to_json", "write_problem", "write_vectors"]

Array = NDArray[np.floating]
Named = dict[str, Array]

STEPS = 5
GRID = 64
TOLERANCE = 1e-12
ABOUT = (
    "Sequences are [step][component], weights [row][column]{windows}. {starts}E = {loss}. "
    "{losses}{functions}{given} and 'loss' are given, multiples of 1/64; 'forward', 'errors' "
    "(derivatives of E by the sequences) and 'gradients' (each under the name of what it belongs "
    "to) follow, in float64. Compare to 1e-12 as 'order' says: all that one entry names, step by "
    "step, the steps upwards (1) or downwards (-1). 'equations' has what computes each name."
)


@cache
def declared(name: str) -> Any:
    """The system of a layer, with a loss that also reads every state that is handed on."""
    case = CASES[checks.one_of("layer", name, list(CASES))]
    outputs = dict.fromkeys([*case.outputs, *_states(case)])
    try:
        system = case.system()
    except ModuleNotFoundError as error:
        if error.name != "sympy":
            raise
        raise ImportError(
            "the test vectors are derived, which needs SymPy: pip install 'lstm_lib[derive]', "
            "or compare with a file that you have, --against FILE"
        ) from error
    return system.change("", outputs=" ".join(outputs))


def problem(name: str) -> dict[str, Any]:
    r"""The test vectors of a layer, one of :data:`~lstm_lib.exchange.vectors.cases.CASES`.

    The loss is linear, with a weight for every value and one for every state at the last step. For
    an LSTM it is $E=\sum_n\langle C[n],v[n]\rangle+\langle C_v,v[N-1]\rangle+\langle
    C_s,s[N-1]\rangle$.

    Returns
    -------
    dict
        ``about`` says how to read the rest: ``sizes``, ``lags``; ``parameters`` (and
        ``constants``), ``inputs`` (with the start values) and ``loss``, which are given;
        ``forward`` (with ``E``), ``errors`` and ``gradients``, which follow; the ``order`` in
        which to compare, and the ``equations`` by name. Arrays belong to a single sequence.

    Raises
    ------
    ArithmeticError
        If the two accounts do not agree to 1e-12; no file is written then.
    """
    return copy.deepcopy(_problem(checks.one_of("layer", name, list(CASES))))


@cache
def _problem(name: str) -> dict[str, Any]:
    system, case = declared(name), CASES[name]
    given = _given(name, case, system)
    by_program, by_layer = _program(case, system, given), _layer(case, given)
    for part, arrays in by_layer.items():
        for key, value in arrays.items():
            if key in by_program[part]:
                off = np.abs(np.asarray(value) - by_program[part][key]).max()
                if not off <= TOLERANCE:
                    raise ArithmeticError(
                        f"{name}: the layer and the program of its equations differ by {off:.1e} "
                        f"in {part}.{key}"
                    )
    shown = {k: given[k] for k in ("parameters", "constants", "inputs", "loss") if given[k]}
    return {
        "name": name,
        "about": _about(case, system, given),
        "sizes": given["sizes"],
        "lags": {path: list(window) for path, window in case.lags.items()},
        **shown,
        **by_program,
        "order": _order(system),
        "equations": _equations(system, f"E = {_loss(case, given['loss'])}"),
    }


# What is given ------------------------------------------------------------------------------------


def _states(case: Case) -> list[str]:
    """The sequences that are handed on from one segment to the next."""
    states = getattr(case.layer(), "states", {})
    return [
        z for start, d in states.items() for z in case.spread(of_start(start), np.zeros((1, d)))
    ]


def _given(name: str, case: Case, system: Any) -> dict[str, Any]:
    random = np.random.default_rng(len(name))

    def draw(*shape: int) -> Array:
        """Multiples of 1/64 between -1 and 1, none of them 0."""
        whole = random.integers(1, GRID + 1, shape) * random.choice([-1, 1], shape)
        return np.asarray(whole / GRID)

    layer: Any = case.layer()
    for value in layer.params.values():
        value[...] = draw(*value.shape)
    weights = _spread(case, layer.params.items())
    sizes = _sizes(system, weights | dict(case.constants))
    x, *_ = (z for z in system.inputs if z not in case.zeros)
    states = getattr(layer, "states", {})
    own = {"x": draw(STEPS, sizes[str(system.inputs[x][0])])}
    starts = {start: draw(size) for start, size in states.items()}
    own["C"] = draw(STEPS, sum(sizes[str(system.sequences[z][0])] for z in case.outputs))
    one = len(case.outputs) == 1
    split = dict(zip(case.outputs, np.split(own["C"], len(case.outputs), axis=1), strict=True))
    loss = {"C" if one else f"C_{z}": C for z, C in split.items()}
    last = {}
    # The value's comes before the other states'; a value that is one of several has its C_z.
    for start in sorted(states, key=lambda start: of_start(start) not in case.outputs):
        drawn = draw(states[start])
        named = case.spread(of_start(start), drawn)
        if one or not set(named) & set(case.outputs):
            last[start] = drawn
            loss |= {f"C_{z}": value for z, value in named.items()}
    inputs = {x: own["x"]} | _starts(case, starts)
    inputs |= {z: np.zeros((STEPS, sizes[str(system.inputs[z][0])])) for z in case.zeros}
    names = _gradient_names(system)
    return {
        "sizes": sizes | {"N": STEPS},
        "parameters": {name: weights[name] for name in names if name in weights},
        "constants": {name: case.constants[name] for name in system.constants},
        "inputs": inputs,
        "loss": loss,
        "own": {"layer": layer, "starts": starts, "last": last, **own},
    }


def _sizes(system: Any, matrices: Mapping[str, Array]) -> dict[str, int]:
    """The numbers behind the names of sizes, from matrices whose first axis may be of lags."""
    from lstm_lib.derive.frame import size_names

    found: dict[str, int] = {}
    for symbol, shape in (system.parameters | system.constants).items():
        axes = np.shape(matrices[symbol])[-len(shape) :]
        found |= {str(size): int(d) for size, d in zip(shape, axes, strict=True)}
    return {size: found[size] for size in size_names(system)}


def _starts(case: Case, values: Mapping[str, Array]) -> Named:
    """Start values of the layer, or their gradients, under the system's names: s0, y_c_0."""
    from lstm_lib.derive.words import initial_name

    return {
        str(initial_name(z)): part
        for start, value in values.items()
        for z, part in case.spread(of_start(start), value).items()
    }


def _spread(case: Case, items: Iterable[tuple[str, Array]]) -> Named:
    """Arrays of the layer under the system's names."""
    return {k: np.array(z) for name, value in items for k, z in case.spread(name, value).items()}


# Two accounts -------------------------------------------------------------------------------------


def _losses(system: Any, given: Mapping[str, Any], forward: Mapping[str, Array]) -> list[Array]:
    """The loss's gradient by each output, at every step."""
    loss, found = given["loss"], []
    for z in system.outputs:
        each = loss.get("C") if z == system.outputs[0] else None
        weights, end = np.zeros_like(forward[z]), loss.get(f"C_{z}", np.zeros(1))
        if each is not None:
            weights += each
        weights[... if end.ndim == 2 else _last(system, z)] += end
        found.append(weights)
    return found


def _last(system: Any, sequence: str) -> int:
    """The step at which a sequence ends: where its sweep does."""
    sweep = next(s for s in system.sweeps if sequence in [e.name for e in s.equations])
    return -1 if sweep.direction > 0 else 0


def _program(case: Case, system: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the printed program computes."""
    names: dict[str, Any] = {}
    exec(compile(system.numpy_source(), "<program>", "exec"), names)
    params = given["parameters"] | given["constants"]
    lags = {"lags": {f"L_{path}": list(w) for path, w in case.lags.items()}} if case.lags else {}
    trace = names["forward"](params, **given["inputs"], **lags)
    losses = _losses(system, given, trace)
    grads = names["backward"](params, trace, *losses)
    E = sum((w * trace[z]).sum() for z, w in zip(system.outputs, losses, strict=True))
    return {
        "forward": {e.name: trace[e.name] for e in system.forward} | {"E": np.array(E)},
        "errors": {e.name: grads[e.name] for e in system.backward},
        "gradients": {name: grads[name] for name in _gradient_names(system)},
    }


def _layer(case: Case, given: Mapping[str, Any]) -> dict[str, Named]:
    """What the layer computes, as far as it shows it."""
    own = given["own"]
    trace = own["layer"].forward(own["x"], **own["starts"])
    last = {last_error(start): value for start, value in own["last"].items()}
    grads = own["layer"].backward(trace, own["C"], **last)
    starts = {start: np.array(getattr(grads, start)) for start in own["starts"]}
    inputs = {"x": grads.x} if hasattr(grads, "x") else {"v": grads.v}
    return {
        "forward": _spread(case, _shown(trace)),
        "errors": _spread(case, _shown(grads)),
        "gradients": _spread(case, grads.params.items()) | inputs | _starts(case, starts),
    }


def _shown(record: Any) -> Iterable[tuple[str, Array]]:
    """Everything that a trace or gradients show; of a tuple its members, ``y_0``, ``y_1``."""
    for name in getattr(record, "names", ()) or getattr(record, "__dataclass_fields__", ()):
        value = getattr(record, name)
        if isinstance(value, tuple):
            yield from ((f"{name}_{k}", part) for k, part in enumerate(value))
        elif not isinstance(value, Parameters):
            yield name, value


# How to read it -----------------------------------------------------------------------------------


def _gradient_names(system: Any) -> list[str]:
    """Parameters, inputs, start values: what the program returns a gradient of."""
    from lstm_lib.derive.words import key_of

    return [str(key_of(e)) for e in system.gradients]


def _order(system: Any) -> list[dict[str, Any]]:
    """The sweeps of both passes, each with its direction of time."""
    from lstm_lib.derive.program import lowered

    def entries(part: str, loops: Iterable[Any]) -> list[dict[str, Any]]:
        return [
            {"part": part, "steps": loop.direction, "names": [e.name for e in loop.equations]}
            for loop in loops
        ]

    program = lowered(system)
    return [
        *entries("forward", program.forward.loops),
        {"part": "forward", "steps": 0, "names": ["E"]},
        *entries("errors", program.backward.loops[:-1]),
        {"part": "gradients", "steps": 0, "names": _gradient_names(system)},
    ]


def _equations(system: Any, loss: str) -> dict[str, str]:
    """The equation of everything that is computed, in the engine's language."""
    found = {e.name: str(e) for e in system.forward} | {"E": loss}
    found |= {e.name: str(e) for e in system.backward}
    for key, e in zip(_gradient_names(system), system.gradients, strict=True):
        left, _, right = str(e).partition(" = ")
        # A start value's stands at a step of its own; its name is that of the programs.
        found[key] = f"{left if key in left else f'dE_d{key}'} = {right}"
    return {key: text + _edges(text) for key, text in found.items()}


def _edges(equation: str) -> str:
    """What a window reads beyond the ends of the sequence."""
    if "x[n-l]" in equation:
        return ", x[m] = 0 outside of the sequence"
    return ", errors are 0 outside of the sequence" if "[n+l]" in equation else ""


def _loss(case: Case, loss: Mapping[str, Array]) -> str:
    """E, in terms of what the file holds."""
    outputs = case.outputs
    terms = (
        [f"<C[n], {outputs[0]}[n]>"] if "C" in loss else [f"<C_{z}[n], {z}[n]>" for z in outputs]
    )
    states = [k.removeprefix("C_") for k, w in loss.items() if w.ndim == 1]
    ends = "".join(f" + <C_{z}, {z} at its last step>" for z in states)
    return f"sum_n {' + '.join(terms)}{ends}"


def _about(case: Case, system: Any, given: Mapping[str, Any]) -> str:
    from lstm_lib.derive.program import lowered
    from lstm_lib.derive.spell import NUMPY

    loss, program = given["loss"], lowered(system)
    losses = ""
    for name, z in program.losses.items():
        each = "C" if z == case.outputs[0] and "C" in loss else f"C_{z}"
        start = f"{each}[n]" if np.ndim(loss.get(each, 0.0)) == 2 else "0"
        end = f", plus C_{z} at its last step" if np.ndim(loss.get(f"C_{z}", 0.0)) == 1 else ""
        losses += f"{name}[n], what the loss itself says of {z}[n], is {start}{end}. "
    formulas = program.formulas(NUMPY).items()
    functions = "".join(f"{f}(z) = {body.replace('np.', '')}. " for f, body in formulas)
    starts = [k for k in given["inputs"] if given["inputs"][k].ndim == 1]
    before = f"{', '.join(starts)} are the values before the first step. " if starts else ""
    zero = "".join(f"{z} is zero. " for z in case.zeros)
    windows = ", the W_x of windows [lag][row][column] with the lags in the order of 'lags'"
    shown = ", ".join(f"'{k}'" for k in ("parameters", "constants", "inputs") if given[k])
    return ABOUT.format(
        windows=windows if case.lags else "",
        starts=before + zero,
        loss=_loss(case, loss),
        losses=losses,
        functions=functions,
        given=shown,
    )


# Files --------------------------------------------------------------------------------------------


def to_json(vectors: Mapping[str, Any]) -> str:
    """The vectors as JSON, numbers with 17 significant digits: float64 to the last bit."""
    return _written(vectors, "") + "\n"


def write_problem(name: str, path: str | os.PathLike[str]) -> Path:
    """Write the test vectors of a layer, as the path ends: ``.json``, ``.npz`` or ``.py``.

    The ``.npz`` has one array per leaf, ``"parameters.W_xcu"``, ``"errors.psi"``, ...; the ``.py``
    is a program (:mod:`~lstm_lib.exchange.vectors.program`) that reads the ``.json`` beside it.
    """
    file = Path(path)
    kind = checks.one_of("ending", file.suffix, [".json", ".npz", ".py"])
    vectors = problem(name)
    if kind == ".py":
        file.write_text(str(program(name)), encoding="utf-8")
    elif kind == ".npz":
        np.savez(file, **_leaves({k: v for k, v in vectors.items() if k != "order"}))
    else:
        file.write_text(to_json(vectors), encoding="utf-8")
    return file


def program(name: str) -> Short:
    """The short program of a layer, in NumPy alone, that computes its test vectors."""
    system = declared(name)
    weights = {key: np.shape(value) for key, value in problem(name)["loss"].items()}
    return short_program(system, name, weights, CASES[name].system().name)


def write_vectors(folder: str | os.PathLike[str]) -> list[Path]:
    """Write every layer's test vectors, each as ``.json``, ``.npz`` and ``.py``: the paths.

    The folder is made if there is none.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    kinds = ("json", "npz", "py")
    return [write_problem(name, target / f"{name}.{kind}") for name in CASES for kind in kinds]


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
        if any(isinstance(item, (list, dict)) for item in value):
            rows = ",\n".join(inner + _written(item, inner) for item in value)
            return f"[\n{rows}\n{indent}]"
        return "[" + ", ".join(_written(item, inner) for item in value) + "]"
    return f"{value:.17g}" if isinstance(value, float) else json.dumps(value)
