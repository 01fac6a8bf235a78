"""Named parameters as views into one contiguous vector."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["Parameters"]


class Parameters(Mapping[str, NDArray[np.floating]]):
    """A mapping from the page's symbols to arrays that all live in one vector ``flat``.

    ``params["W_r"][0, 1] = 3`` and ``params.flat -= step`` write the same memory.
    ``params["W_r"] = value`` copies ``value`` in; a wrong name, shape or a non-finite
    number raises and leaves everything as it was. The set of names is fixed.

    Parameters
    ----------
    shapes
        Shape of every parameter, in the order in which they lie in ``flat``.
    dtype
        float64 or float32.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: Any = np.float64) -> None:
        self._shapes = dict(shapes)
        self._parts: list[Parameters] = []
        self._joined = False
        count = sum(math.prod(shape) for shape in self._shapes.values())
        self._bind(np.zeros(count, checks.float_dtype("dtype", dtype)))

    @classmethod
    def join(cls, parts: Mapping[str, Parameters]) -> Parameters:
        """Move several sets of parameters into one vector; names get their set's prefix.

        ``join({"0": a, "1": b})`` has the names ``"0.W_r"``, ``"1.W_r"``, ... The parts
        stay usable and now live in the common vector; arrays taken from them *before* do
        not. A part belongs to one whole only.
        """
        dtypes = {part.flat.dtype for part in parts.values()}
        if len(dtypes) != 1:
            raise TypeError(f"layers: expected one dtype, got {sorted(map(str, dtypes))}")
        if any(part._joined for part in parts.values()) or len(set(map(id, parts.values()))) < len(
            parts
        ):
            raise ValueError(
                "layers: expected layers that belong to nothing else, got one used twice; "
                "give copy.deepcopy(layer)"
            )
        shapes = {f"{key}.{name}": part[name].shape for key, part in parts.items() for name in part}
        values = np.concatenate([part.flat for part in parts.values()])
        whole = cls(shapes, dtypes.pop())
        whole._parts = list(parts.values())
        for part in whole._parts:
            part._joined = True
        whole._bind(values)
        return whole

    def _bind(self, flat: NDArray[np.floating]) -> None:
        """Make ``flat`` the memory of these parameters and of the parts that they consist of."""
        self._flat = flat
        sizes = [math.prod(shape) for shape in self._shapes.values()]
        ends = itertools.accumulate(sizes)
        self._views = {
            name: flat[end - count : end].reshape(shape)
            for (name, shape), count, end in zip(self._shapes.items(), sizes, ends, strict=True)
        }
        begin = 0
        for part in self._parts:
            end = begin + part._flat.size
            part._bind(flat[begin:end])
            begin = end

    def __getstate__(self) -> dict[str, Any]:  # a copy's views must see the copy's vector
        return {k: v for k, v in self.__dict__.items() if k != "_views"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._joined = False  # a copy belongs to nothing, unless the whole was copied with it
        for part in self._parts:
            part._joined = True
        self._bind(self._flat)

    def __copy__(self) -> Parameters:  # a shallow copy would share the vector, or steal the parts
        return copy.deepcopy(self)

    @property
    def flat(self) -> NDArray[np.floating]:
        """All parameters as one vector; writing to it writes the named views."""
        return self._flat

    @flat.setter
    def flat(self, value: Any) -> None:
        if value is not self._flat:  # `params.flat -= g` has already written in place
            self._flat[:] = checks.array("flat", value, self._flat.shape, self._flat.dtype)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every parameter, in the order of ``flat``."""
        return dict(self._shapes)

    def take(self, values: Mapping[str, Any]) -> None:
        """Copy in a value for every name.

        Raises:
            TypeError, ValueError: for a wrong name, shape or number; nothing has changed then.
        """
        if not isinstance(values, Mapping):
            raise TypeError(f"params: expected a mapping from names, got {type(values).__name__}")
        if set(values) != set(self):
            want, got = (", ".join(map(repr, names)) for names in (self, values))
            raise ValueError(f"params: expected {want}, got {got or 'nothing'}")
        checked = {
            name: checks.array(f"params[{name!r}]", values[name], view.shape, view.dtype, copy=True)
            for name, view in self._views.items()
        }
        for name, value in checked.items():
            self._views[name][...] = value

    def copy(self) -> Parameters:
        """The same numbers under the same names, in memory of their own."""
        out = self.zeros()
        out._flat[:] = self._flat
        return out

    def freeze(self) -> Parameters:
        """Make every array read-only from now on; returns itself."""
        self._flat.flags.writeable = False
        self._bind(self._flat)
        return self

    def filled(self, parts: Iterable[Parameters]) -> Parameters:
        """The numbers of parts under the names of the whole, in memory of their own."""
        out = self.zeros()
        np.concatenate([part.flat for part in parts], out=out.flat)
        return out

    def zeros(self) -> Parameters:
        """Zeros under the same names and of the same shapes: room for a gradient."""
        return Parameters(self._shapes, self._flat.dtype)

    def check(self) -> None:
        """Raise ``ValueError`` naming the first parameter that is not finite."""
        if not np.isfinite(self._flat).all():
            for name, view in self._views.items():
                checks.array(f"params[{name!r}]", view, view.shape, view.dtype)

    def __getitem__(self, name: str) -> NDArray[np.floating]:
        try:
            return self._views[name]
        except KeyError:
            raise KeyError(self._unknown(name)) from None

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self._views:
            raise ValueError(self._unknown(name))
        view = self._views[name]
        view[...] = checks.array(f"params[{name!r}]", value, view.shape, view.dtype)

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def _unknown(self, name: object) -> str:
        return f"params: expected one of {', '.join(map(repr, self._views))}, got {name!r}"

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {shape}" for name, shape in self._shapes.items())
        return f"Parameters({self._flat.size} numbers: {rows})"
