# mypy: allow-untyped-defs
"""What every NumPy program begins with: its arguments checked, sequences as columns and back."""

from numbers import Number

import numpy as np

from .groups import present


def array(z, name, finite=True):
    """The value as an array of numbers, finite ones if that is asked for."""
    if np.ma.isMaskedArray(z):
        raise TypeError(f"{name}: expected an array without a mask, got a masked one")
    try:
        z = np.asarray(z)
    except ValueError:
        raise ValueError(f"{name}: expected an array, got rows of different lengths") from None
    if z.dtype.kind not in "biufcO" or not all(isinstance(e, Number) for e in z.flat[:1]):
        got = repr(z.flat[0]) if z.size else z.dtype
        raise TypeError(f"{name}: expected numbers, got {got}")
    if finite and z.dtype.kind != "O" and not np.isfinite(z).all():
        at = np.argwhere(~np.isfinite(z))[0].tolist()
        raise ValueError(f"{name}: expected finite numbers, got {z[tuple(at)]} at {at}")
    return z


def fitted(z, name, sizes, shape, single=False):
    """The array, if it has the shape; a size that is met for the first time may be anything.

    A single sequence has no axis B and gets one.
    """
    axes = [size for size in shape if not (single and size == "B")]
    found = dict(sizes)
    pairs = zip(axes, z.shape, strict=False)
    if z.ndim != len(axes) or any(found.setdefault(size, k) != k for size, k in pairs):
        wanted = ", ".join(str(sizes.get(size, size)) for size in axes)
        raise ValueError(f"{name}: expected an array of shape ({wanted}), got {z.shape}")
    sizes.update(found)
    return z if len(axes) == len(shape) else np.expand_dims(z, shape.index("B"))


def matched(group, name, shapes, sizes):
    """The members of a group that have a shape, as arrays of these shapes."""
    found = {key: array(z, f"{name}[{key!r}]") for key, z in present(group, name, shapes)}
    return {key: fitted(z, f"{name}[{key!r}]", sizes, shapes[key]) for key, z in found.items()}


def entered(group, name, shapes, sizes, finite=True):
    """Sequences and initial values with an axis for the batch, and whether they had none.

    The first member is an input. An initial value that is None is left out.
    """
    label = f"{name}[{{!r}}]" if name else "{}"
    given = {
        key: array(z, label.format(key), finite)
        for key, z in present(group, name, shapes)
        if z is not None or shapes[key][0] == "N"
    }
    single = next(iter(given.values())).ndim == 2
    if single:
        sizes["B"] = 1
    for key, z in given.items():
        given[key] = fitted(z, label.format(key), sizes, shapes[key], single)
    return given, single


def columns(z, pad):
    """(N, B, d) as N + pad matrices (d, B), the last of them zero."""
    padded = np.zeros((len(z) + pad, z.shape[2], z.shape[1]), z.dtype)
    padded[: len(z)] = z.transpose(0, 2, 1)
    return padded


def rows(z, N, single):
    """Back to (N, B, d), or (N, d)."""
    return z[:N, :, 0] if single else z[:N].transpose(0, 2, 1)


def row(z, single):
    """A step (d, B) as (B, d), or (d,)."""
    return z[:, 0] if single else z.T
