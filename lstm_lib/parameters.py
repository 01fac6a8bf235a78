"""Named parameters as views into one contiguous vector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        sizes = [int(np.prod(shape)) for shape in self._shapes.values()]
        self._flat = np.zeros(sum(sizes), checks.float_dtype("dtype", dtype))
        ends = np.cumsum(sizes)
        self._views = {
            name: self._flat[end - count : end].reshape(shape)
            for (name, shape), count, end in zip(self._shapes.items(), sizes, ends, strict=True)
        }

    @property
    def flat(self) -> NDArray[np.floating]:
        """All parameters as one vector; writing to it writes the named views."""
        return self._flat

    @flat.setter
    def flat(self, value: Any) -> None:
        if value is not self._flat:  # `params.flat -= g` has already written in place
            self._flat[:] = checks.array("flat", value, self._flat.shape, self._flat.dtype)

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

    def __getstate__(self) -> tuple[dict[str, tuple[int, ...]], NDArray[np.floating]]:
        return self._shapes, self._flat

    def __setstate__(self, state: tuple[dict[str, tuple[int, ...]], Any]) -> None:
        # A copy or a pickle would otherwise hold views that no longer look into its `flat`.
        shapes, flat = state
        Parameters.__init__(self, shapes, flat.dtype)
        self._flat[:] = flat

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def _unknown(self, name: object) -> str:
        return f"params: expected one of {', '.join(map(repr, self._views))}, got {name!r}"

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {shape}" for name, shape in self._shapes.items())
        return f"Parameters({self._flat.size} numbers: {rows})"
