"""An implementer's numbers beside the test vectors, step by step: the first that differs.

    python -m lstm_lib.exchange.vectors check my_output.json

The file has the form of the test vectors, JSON or ``.npz``: a ``name``, and of ``forward``,
``errors`` and ``gradients`` whatever was computed. What is left out is not compared, and is named.
Within a step the order is that of computing, so all before the first difference is right.
"""

from __future__ import annotations

import argparse
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.exchange.vectors.make import augmented_lstm_vectors, vanilla_lstm_vectors

__all__ = ["Comparison", "compare", "main", "read"]

Array = NDArray[np.floating]
VECTORS = {"augmented_lstm": augmented_lstm_vectors, "vanilla_lstm": vanilla_lstm_vectors}
PARTS = ("forward", "errors", "gradients")


@dataclass(frozen=True)
class Comparison:
    """What a comparison found: ``first`` is ``None`` if all numbers agree."""

    compared: int  # numbers
    first: str | None
    theirs: float | None
    expected: float | None
    missing: tuple[str, ...]  # quantities that were left out

    def __str__(self) -> str:
        left = f" Not in the file: {', '.join(self.missing)}." if self.missing else ""
        if self.first is None:
            return f"All {self.compared} numbers agree.{left}"
        return (
            f"The first that differs is {self.first}: expected {self.expected:.17g}, "
            f"got {self.theirs:.17g}. {self.compared} numbers before it agree.{left}"
        )


def compare(theirs: Mapping[str, Any], tolerance: float = 1e-12) -> Comparison:
    """Compare numbers with the test vectors of the same name, in the order of computing.

    Forward all quantities of step 0, then of step 1, ...; then E; the errors from the last step to
    the first; then the gradients.

    Parameters
    ----------
    theirs
        ``name``, and of ``forward``, ``errors`` and ``gradients`` whatever was computed.
    tolerance
        Largest absolute difference that is none: 1e-12, or 1e-5 in single precision.

    Raises
    ------
    TypeError, ValueError
        For another form, an unknown quantity, a wrong shape, or nothing to compare.
    """
    tolerance = checks.number("tolerance", tolerance, at_least=0)
    if not isinstance(theirs, Mapping):
        raise TypeError(f"theirs: expected a mapping from names, got {type(theirs).__name__}")
    case = VECTORS[checks.one_of("name", theirs.get("name"), list(VECTORS))]()
    given = {part: theirs.get(part, {}) for part in PARTS}
    for part, arrays in given.items():
        if not isinstance(arrays, Mapping):
            raise TypeError(f"{part}: expected arrays by name, got {checks.told(arrays)}")
        for name in arrays:
            checks.one_of(part, name, list(case[part]))
    got = {
        part: {
            name: checks.array(f"{part}.{name}", value, case[part][name].shape, np.dtype(float))
            for name, value in arrays.items()
        }
        for part, arrays in given.items()
    }
    if not any(got.values()):
        raise ValueError(f"theirs: expected some of {', '.join(PARTS)}, got none of them")
    missing = tuple(f"{part}.{z}" for part in PARTS for z in case[part] if z not in got[part])
    compared = 0
    for part, name, step in _order(case):
        if name not in got[part]:
            continue
        mine, want = (np.asarray(a[part][name][step]) for a in (got, case))
        off = np.argwhere(np.abs(mine - want) > tolerance)
        if len(off):
            at = tuple(off[0])
            where = "".join(f"[{k}]" for k in (*step, *map(int, at)))
            symbol = f"gradient of {name}" if part == "gradients" else name
            first = f"{symbol}{where}"
            return Comparison(compared, first, float(mine[at]), float(want[at]), missing)
        compared += want.size
    return Comparison(compared, None, None, None, missing)


def _order(case: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Part, name and step of everything, in the order of computing."""
    steps = range(case["sizes"]["N"])
    yield from (("forward", z, (n,)) for n in steps for z in case["forward"] if z != "E")
    yield "forward", "E", ()
    yield from (("errors", z, (n,)) for n in reversed(steps) for z in case["errors"])
    yield from (("gradients", z, ()) for z in case["gradients"])


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What a ``.json`` or ``.npz`` file of the form of the test vectors holds."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"file: expected one of the test vectors' form, got none at {file}")
    try:
        if file.suffix != ".npz":
            found = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(found, dict):
                raise ValueError("no object")
            return found
        tree: dict[str, Any] = {}
        with np.load(file, allow_pickle=False) as arrays:
            for key in arrays.files:
                part, dot, name = key.partition(".")
                if dot:
                    tree.setdefault(part, {})[name] = arrays[key]
                else:
                    tree[key] = arrays[key].item() if arrays[key].ndim == 0 else arrays[key]
        return tree
    except (ValueError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise ValueError(f"file: expected JSON or .npz with names, got {file}: {error}") from error


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 if all agrees, 1 if something differs, 2 if nothing could be compared."""
    parser = argparse.ArgumentParser(
        prog="python -m lstm_lib.exchange.vectors", description=(__doc__ or "").split("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say which number of a file differs first")
    check.add_argument("file", type=Path)
    check.add_argument("--tolerance", type=float, default=1e-12, help="1e-5 in single precision")
    options = parser.parse_args(arguments)
    try:
        found = compare(read(options.file), options.tolerance)
    except (OSError, TypeError, ValueError) as error:
        print(error)
        return 2
    print(found)
    return 0 if found.first is None else 1
