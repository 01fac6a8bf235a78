"""Checkpoints: named arrays and plain values in one file that is either whole or not there.

The file is an uncompressed ``.npz`` without pickled objects. It is written beside its place under
the name ``<file>.part``, forced to the disk and then renamed, which replaces the old file in one
step: whoever reads finds the old checkpoint or the new one, never half of one. One run at a
time may write to a path.
"""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read", "write"]

_VALUES = "values.json"


def write(
    path: str | os.PathLike[str],
    arrays: Mapping[str, NDArray[Any]],
    values: Mapping[str, Any] | None = None,
) -> None:
    """Write arrays, and values that JSON can hold, to ``path``, replacing what was there."""
    path = Path(path)
    if _VALUES in arrays:
        raise ValueError(f"arrays: expected names other than {_VALUES!r}")
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise TypeError(f"arrays[{name!r}]: expected numbers or text, got objects")
    try:
        text = json.dumps(dict(values or {}), allow_nan=True)
    except TypeError as error:
        raise TypeError(f"values: expected what JSON can hold, got {values!r}") from error
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in {_VALUES: np.array(text), **arrays}.items():
                with archive.open(name + ".npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
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
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"path: expected a checkpoint, got nothing at {path}")
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        values = json.loads(str(arrays.pop(_VALUES)))
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise ValueError(f"path: expected a checkpoint, got something else at {path}") from error
    return arrays, values
