"""Checks of arguments, with one voice.

Each function returns the checked value, or raises ``TypeError``/``ValueError`` with a message
of one form: *argument: expected ..., got ...*. They run before anything is computed or changed.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "array",
    "flag",
    "float_dtype",
    "generator",
    "in_range",
    "ndim",
    "number",
    "one_of",
    "quiet",
    "size",
    "told",
]

Dimension = int | str


def array(
    name: str,
    value: Any,
    shape: tuple[Dimension, ...],
    dtype: np.dtype[Any] | type = np.float64,
    *,
    copy: bool = False,
) -> NDArray[np.floating]:
    """A finite real array of the given shape.

    ``shape`` holds fixed sizes (``int``) and free ones (``str``, the letter to print, at least 1).
    Masked arrays (``numpy.ma``) are refused, alone or in a list.
    """
    want = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
    raw = _as_array(name, value, want)
    if raw.dtype.kind not in "biuf":
        raise TypeError(f"{name}: expected real numbers, got dtype {raw.dtype}")
    fits = raw.ndim == len(shape) and all(
        have >= 1 if isinstance(size, str) else have == size
        for have, size in zip(raw.shape, shape, strict=True)
    )
    if not fits:
        if raw.ndim == len(shape):
            empty = [k for k, have in zip(shape, raw.shape, strict=True) if have == 0]
            want += "".join(f", {k} >= 1" for k in empty if isinstance(k, str))
        raise ValueError(f"{name}: expected shape {want}, got {raw.shape}")
    if not np.isfinite(raw).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(raw))[0])
        raise ValueError(f"{name}: expected finite numbers, got {raw[where]} at index {where}")
    with quiet():
        out = raw.astype(dtype, copy=copy)
    if out is not raw and not np.isfinite(out).all():
        raise ValueError(f"{name}: expected numbers within the range of {out.dtype}, got larger")
    return out


def quiet() -> np.errstate:
    """NumPy without its warnings, for a computation whose result :func:`in_range` looks at."""
    return np.errstate(over="ignore", invalid="ignore", under="ignore")


def in_range(name: str, *results: Any) -> None:
    """``OverflowError`` if finite arguments have led beyond the range of their dtype."""
    for result in results:
        if not np.isfinite(result).all():
            dtype = np.asarray(result).dtype
            raise OverflowError(f"{name}: expected numbers within the range of {dtype}, got larger")


def ndim(name: str, value: Any) -> int:
    """The number of axes, for arguments that may come with more than one."""
    return _as_array(name, value).ndim


def _as_array(name: str, value: Any, want: str = "") -> NDArray[Any]:
    if _masked(value):  # NumPy would drop the mask without a word
        raise TypeError(
            f"{name}: expected an array without a mask, got a masked array; fill it, and give the "
            "mask to the loss"
        )
    try:
        return np.asarray(value)
    except ValueError as error:  # ragged nested lists
        of_shape = f" of shape {want}" if want else ""
        raise ValueError(
            f"{name}: expected an array{of_shape}, got rows of unequal length"
        ) from error


def _masked(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_masked, value))
    return isinstance(value, np.ma.MaskedArray)


def number(
    name: str,
    value: Any,
    *,
    above: float = -math.inf,
    at_least: float = -math.inf,
    below: float = math.inf,
) -> float:
    """A finite real number, optionally above, at least or below a bound."""
    bounds = [f"> {above:g}"] if above > -math.inf else []
    bounds += [f">= {at_least:g}"] if at_least > -math.inf else []
    bounds += [f"< {below:g}"] if below < math.inf else []
    want = " ".join(["a finite number", " and ".join(bounds)]).strip()
    if isinstance(value, (bool, np.bool_)) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise TypeError(f"{name}: expected {want}, got {value!r}")
    try:
        out = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        out = math.inf
    if not (math.isfinite(out) and above < out < below and out >= at_least):
        raise ValueError(f"{name}: expected {want}, got {value!r}")
    return out


def size(name: str, value: Any, *, at_least: int = 1) -> int:
    """A whole number, at least ``at_least``."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: expected a whole number >= {at_least}, got {value!r}")
    if value < at_least:
        raise ValueError(f"{name}: expected a whole number >= {at_least}, got {value!r}")
    return int(value)


def told(value: Any) -> str:
    """What came, for a message: of an array the type and shape, also in a tuple or list."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, (tuple, list)) and len(value) <= 3:
        return f"{type(value).__name__} of " + (", ".join(map(told, value)) or "nothing")
    if isinstance(value, (tuple, list)):
        return f"{type(value).__name__} of {len(value)}"
    shape = getattr(value, "shape", ())
    return f"{type(value).__name__} of shape {tuple(shape)}" if shape else repr(value)


def flag(name: str, value: Any) -> bool:
    """``True`` or ``False`` and nothing that merely looks like it."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def one_of(name: str, value: Any, allowed: Iterable[str]) -> str:
    """One of a fixed set of names."""
    choices = list(allowed)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, choices))}, got {value!r}")
    return value


def float_dtype(name: str, value: Any) -> np.dtype[Any]:
    """float32 or float64."""
    try:
        dtype = np.dtype(value)
    except TypeError as error:
        raise TypeError(f"{name}: expected float64 or float32, got {value!r}") from error
    if dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(f"{name}: expected float64 or float32, got {dtype}")
    return dtype


def generator(name: str, value: Any) -> np.random.Generator:
    """A NumPy random generator, from a seed or as given; ``None`` is refused, runs must repeat."""
    if isinstance(value, np.random.Generator):
        return value
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(
            f"{name}: expected a seed (int >= 0) or numpy.random.Generator, got {value!r}"
        )
    if value < 0:
        raise ValueError(f"{name}: expected a seed >= 0, got {value!r}")
    return np.random.default_rng(int(value))


def package(name: str, extra: str) -> Any:
    """An optional package, or one sentence that says how to get it."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ModuleNotFoundError(
            f"{name}: expected this package to be installed, got none: "
            f"pip install 'lstm_lib[{extra}]'",
            name=name,
        ) from None
