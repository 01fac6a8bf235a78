"""Files: a layer saved and loaded, and checkpoints of named arrays and plain values.

A file is either whole or not there: an uncompressed ``.npz`` without pickled objects. Its last 64
bytes, the comment of the archive, are the SHA-256 of all bytes before them, so that no damage goes
unseen. It is written beside its place under the name ``<file>.part``, forced to the disk and then
renamed, which replaces the old file in one step: whoever reads finds the old one or the new one,
never half of one. One run at a time may write to a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.base import Part

__all__ = ["from_plain", "load", "place", "plain", "read", "save", "write"]

OURS = ("lstm_lib.layers.", "lstm_lib.learning.", "lstm_lib.derived.")  # where parts are defined

_VALUES = "values.json"
_DIGEST = 64  # characters of a SHA-256


# ---- layers --------------------------------------------------------------------------------


def save(path: str | os.PathLike[str], layer: Part) -> None:
    """Write a layer, a read-out or a network to ``path``; the file is replaced in one step."""
    if not isinstance(layer, Part):
        raise TypeError(f"layer: expected a layer, a read-out or a network, got {layer!r}")
    description = describe(layer)
    layer.params.check()
    write(path, {"params": layer.params.flat}, {"layer": description})


def load(path: str | os.PathLike[str]) -> Any:
    """The layer, read-out or network that was saved; nothing in a file is run as a program.

    A class of the library is taken from there. A reader's own must have been imported, or defined
    in the notebook, under the name that it had.
    """
    arrays, values = read(path)
    try:
        layer = _build(values["layer"])
        layer.params.flat = arrays["params"]
    except (
        ArithmeticError, AttributeError, ImportError, LookupError, MemoryError, RecursionError,
        TypeError, ValueError,
    ) as error:  # fmt: skip
        raise ValueError(
            f"path: expected a saved layer of this version, got {error} in {path}"
        ) from error
    return layer


def describe(part: Part) -> dict[str, Any]:
    """A part as JSON can hold it: its class, its parts, its other options."""
    module, name = type(part).__module__, type(part).__name__
    if _kinds(module).get(name) is not type(part):
        raise TypeError(f"layer: expected a class with a name of its own, got another {name}")
    return {
        "class": name,
        "module": module,
        "parts": [describe(own) for own in part.parts.values()],
        "options": plain("layer", part.options),
    }


def _kinds(module: str) -> dict[str, type[Part]]:
    """The kinds of parts that a module defines; one of the library's is asked for its own."""
    if f"{module}.".startswith(OURS):
        defined = vars(importlib.import_module(module))
        return {
            name: kind
            for name, kind in defined.items()
            if isinstance(kind, type) and issubclass(kind, Part) and kind.__module__ == module
        }
    return {name: kind for (home, name), kind in Part.kinds.items() if home == module}


def _build(description: Any) -> Part:
    """The reverse of :func:`describe`."""
    keys = {"class", "module", "parts", "options"}
    if not isinstance(description, dict) or set(description) != keys:
        raise ValueError("one that is described in another way")
    module, name = description["module"], description["class"]
    if not isinstance(module, str):
        raise ValueError(f"module {module!r}, which is no name")
    kinds = _kinds(module)
    if name not in kinds:
        known = ", ".join(sorted(kinds)) or "nothing, for no class of that module is defined"
        raise ValueError(f"class {name!r} of {module}, which is none of {known}")
    return kinds[name](*map(_build, description["parts"]), **from_plain(description["options"]))


# ---- checkpoints ---------------------------------------------------------------------------


def place(name: str, path: Any) -> Path:
    """The path, if a file can be written there; ``name`` is the argument it came as."""
    path = _path(name, path)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise ValueError(f"{name}: expected a file in a folder that can be written, got {path}")
    return path


def write(
    path: str | os.PathLike[str],
    arrays: Mapping[str, NDArray[Any]],
    values: Mapping[str, Any] | None = None,
) -> None:
    """Write arrays, and values that JSON can hold, to ``path``, replacing what was there."""
    path = place("path", path)
    if not isinstance(arrays, Mapping):
        raise TypeError(f"arrays: expected a mapping from names, got {type(arrays).__name__}")
    if not (values is None or isinstance(values, Mapping)):
        raise TypeError(f"values: expected a mapping from names, got {type(values).__name__}")
    for name in arrays:
        if not isinstance(name, str):
            raise TypeError(f"arrays: expected names, got {name!r}")
        if name == _VALUES:
            raise ValueError(f"arrays: expected names other than {_VALUES!r}, got it")
    held = {name: _plain_array(f"arrays[{name!r}]", array) for name, array in arrays.items()}
    try:
        text = json.dumps(dict(values or {}), allow_nan=True)
    except (TypeError, ValueError) as error:
        raise TypeError(f"values: expected what JSON can hold, got {values!r}") from error
    content = _archive({_VALUES: np.array(text), **held})
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    with contextlib.suppress(OSError):  # the new name must reach the disk too, where that exists
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays and values of a checkpoint."""
    path = _path("path", path)
    if not path.exists():
        raise FileNotFoundError(f"path: expected a checkpoint, got nothing at {path}")
    try:
        content = path.read_bytes()
        if _digest(content) != content[-_DIGEST:]:
            raise ValueError("the file is damaged, or none of ours")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        values = json.loads(str(arrays.pop(_VALUES)))
    except (OSError, ValueError, KeyError, RecursionError) as error:
        raise ValueError(f"path: expected a checkpoint, got something else at {path}") from error
    return arrays, values


# ---- values --------------------------------------------------------------------------------


def plain(name: str, value: Any) -> Any:
    """A value as JSON can hold it; arrays, ranges and dtypes are marked as such."""
    if isinstance(value, Mapping):
        return {key: plain(name, own) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(name, own) for own in value]
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": value.dtype.str}
    if isinstance(value, range):
        return {"range": [value.start, value.stop, value.step]}
    if isinstance(value, np.dtype):
        return {"dtype": value.name}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ValueError(f"{name}: expected what a file can hold, numbers and names, got {value!r}")


def from_plain(value: Any) -> Any:
    """The reverse of :func:`plain`; what was a tuple is a list."""
    if isinstance(value, list):
        return [from_plain(own) for own in value]
    if not isinstance(value, dict):
        return value
    marks = set(value)
    if marks == {"array", "dtype"}:
        return np.array(value["array"], value["dtype"])
    if marks == {"range"}:
        return range(*value["range"])
    if marks == {"dtype"}:
        return np.dtype(value["dtype"])
    return {key: from_plain(own) for key, own in value.items()}


# ---- bytes ---------------------------------------------------------------------------------


def _path(name: str, path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{name}: expected a path, got {path!r}")
    return Path(path)


def _plain_array(name: str, value: Any) -> NDArray[Any]:
    checks.ndim(name, value)
    array = np.asarray(value)
    if array.dtype.hasobject:
        raise TypeError(f"{name}: expected numbers or text, got objects")
    return array


def _archive(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of the file, the digest at their end."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = b"0" * _DIGEST
        for name, array in arrays.items():
            with archive.open(name + ".npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    content = buffer.getvalue()
    return content[:-_DIGEST] + _digest(content)


def _digest(content: bytes) -> bytes:
    """SHA-256 of all but the bytes where it is kept."""
    return hashlib.sha256(content[:-_DIGEST]).hexdigest().encode()
