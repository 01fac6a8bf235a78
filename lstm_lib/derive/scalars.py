# mypy: allow-untyped-defs
"""What every program of one neuron begins with: its arguments checked, as numbers and lists."""

import math
from numbers import Real

from .groups import present


def fitted(z, name, sizes, shape, finite=True):
    """The number, or the list of as many numbers as it must have."""
    if not shape:
        if not isinstance(z, Real):
            raise TypeError(f"{name}: expected a number, got {z!r}")
        if finite and not math.isfinite(z):
            raise ValueError(f"{name}: expected a finite number, got {z}")
        return z
    if not hasattr(z, "__len__") or isinstance(z, (str, dict)):
        raise TypeError(f"{name}: expected a list of numbers, got {z!r}")
    if sizes.setdefault(shape[0], len(z)) != len(z):
        raise ValueError(f"{name}: expected {sizes[shape[0]]} numbers, got {len(z)}")
    return [fitted(e, f"{name}[{k}]", sizes, (), finite) for k, e in enumerate(z)]


def matched(group, name, shapes, sizes, finite=True, optional=()):
    """The members of a group, as numbers or lists; an initial value that is None is left out."""
    label = f"{name}[{{!r}}]" if name else "{}"
    return {
        key: fitted(z, label.format(key), sizes, shapes[key], finite)
        for key, z in present(group, name, shapes)
        if not (z is None and key in optional)
    }
