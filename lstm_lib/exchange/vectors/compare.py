"""An implementer's numbers beside the test vectors, step by step: the first that differs.

    python -m lstm_lib.exchange.vectors check my_output.json

The file has the form of the test vectors, JSON or ``.npz``: a ``name``, and of ``forward``,
``errors`` and ``gradients`` whatever was computed. What is left out is not compared.
The order is that of computing, so all before the first difference is right.
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
from lstm_lib.exchange.vectors.cases import CASES
from lstm_lib.exchange.vectors.make import problem, write_problem

__all__ = ["Comparison", "compare", "main", "read"]

Array = NDArray[np.floating]
PARTS = ("forward", "errors", "gradients")
SMALL = 1e-6  # a difference below it is rounding in single precision rather than a wrong equation
NAMED = 3  # of what was left out; of more than these, only their number is told


@dataclass(frozen=True)
class Comparison:
    """What a comparison found: ``first`` is ``None`` if all numbers agree."""

    compared: int  # numbers
    first: str | None
    theirs: float | None
    expected: float | None
    missing: tuple[str, ...]  # quantities that were left out
    equation: str | None = None  # of the first

    def __str__(self) -> str:
        lines = [f"All {self.compared} numbers agree."]
        if self.first is not None:
            lines = [
                f"The first that differs is {self.first}: "
                f"expected {self.expected:.17g}, got {self.theirs:.17g}.",
                f"{self.compared} numbers before it agree.",
            ]
            off = abs((self.theirs or 0.0) - (self.expected or 0.0))
            if off < SMALL:
                lines.append(
                    "So small a difference is usually single precision on the way; "
                    "if that is meant, add --tolerance 1e-5."
                )
        if self.equation:
            lines.append(f"Look at {self.equation}")
        if self.missing:
            several = len(self.missing) > NAMED
            left = f"{len(self.missing)} arrays" if several else ", ".join(self.missing)
            lines.append(f"Not in yours, not compared: {left}.")
        return "\n".join(lines)


def compare(
    theirs: Mapping[str, Any],
    tolerance: float = 1e-12,
    vectors: Mapping[str, Any] | None = None,
) -> Comparison:
    """Compare numbers with the test vectors of the same name, in the order of computing.

    Forward all quantities of step 0, then of step 1, ...; then E; the errors from the last step to
    the first; then the gradients. What runs backward in time begins at the last step.

    Parameters
    ----------
    theirs
        ``name``, and of ``forward``, ``errors`` and ``gradients`` whatever was computed.
    tolerance
        Largest absolute difference that is none: 1e-12, or 1e-5 in single precision.
    vectors
        The test vectors, as a file has them; without them they are computed, which needs SymPy.

    Raises
    ------
    TypeError, ValueError
        For another form, an unknown quantity, a wrong shape, or nothing to compare.
    """
    tolerance = checks.number("tolerance", tolerance, at_least=0)
    if not isinstance(theirs, Mapping):
        raise TypeError(f"theirs: expected a mapping from names, got {type(theirs).__name__}")
    if vectors is None:
        vectors = problem(checks.one_of("name", theirs.get("name"), list(CASES)))
    case = _whole(vectors)
    checks.one_of("name", theirs.get("name"), [case["name"]])
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
            equation = case["equations"].get(name)
            return Comparison(
                compared, symbol + where, float(mine[at]), float(want[at]), missing, equation
            )
        compared += want.size
    return Comparison(compared, None, None, None, missing)


def _whole(vectors: Any) -> dict[str, Any]:
    """Test vectors with all that a comparison needs, as arrays."""
    needed = ("name", *PARTS, "order", "equations")
    if not isinstance(vectors, Mapping) or (lack := [k for k in needed if k not in vectors]):
        got = f"no {', '.join(lack)}" if isinstance(vectors, Mapping) else checks.told(vectors)
        raise ValueError(f"vectors: expected a whole file of test vectors, got {got}")
    arrays = {part: {k: np.asarray(z) for k, z in vectors[part].items()} for part in PARTS}
    return {**vectors, **arrays}


def _order(case: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Part, name and step of everything, in the order of computing."""
    for sweep in case["order"]:
        part, direction, names = sweep["part"], sweep["steps"], sweep["names"]
        if not direction:
            yield from ((part, name, ()) for name in names)
            continue
        steps = range(len(case[part][names[0]]))[::direction] if names else ()
        yield from ((part, name, (n,)) for n in steps for name in names)


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
    """The command: 0 if all agrees, 1 if something differs, 2 if nothing could be done."""
    parser = argparse.ArgumentParser(
        prog="python -m lstm_lib.exchange.vectors", description=(__doc__ or "").split("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say which number of a file differs first")
    check.add_argument("file", type=Path)
    check.add_argument("--tolerance", type=float, default=1e-12, help="1e-5 in single precision")
    check.add_argument("--against", type=Path, help="the file of test vectors; needs no SymPy")
    make = commands.add_parser("make", help="write the test vectors of a layer")
    make.add_argument("layer", help="one that `list` names")
    make.add_argument("file", type=Path, help="ends in .json, .npz, or .py for the program")
    commands.add_parser("list", help="name the layers that have test vectors")
    options = parser.parse_args(arguments)
    try:
        if options.command == "list":
            print("\n".join(f"{name:26} {case.layer()!r}" for name, case in CASES.items()))
            return 0
        if options.command == "make":
            print(write_problem(options.layer, options.file))
            return 0
        known = None if options.against is None else read(options.against)
        found = compare(read(options.file), options.tolerance, known)
    except (OSError, TypeError, ValueError, ImportError, ArithmeticError) as error:
        message = str(error)
        if message.startswith("theirs:"):  # the argument's name says nothing here, the file's does
            message = f"{options.file}{message.removeprefix('theirs')}"
        print(message)
        return 2
    print(found)
    return 0 if found.first is None else 1
