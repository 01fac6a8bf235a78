r"""Optimisers over one flat parameter vector, and clipping of the gradient by its norm.

An optimiser's ``step`` writes into ``params.flat`` in place. What it remembers between steps is
in ``state``, a mapping from names to arrays that can be saved and given back.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.parameters import Parameters

__all__ = ["SGD", "Adam", "Momentum", "Optimiser", "RMSProp", "clip_by_norm", "gradient_norm"]

Array = NDArray[np.floating]


def clip_by_norm(grads: Parameters, max_norm: float) -> float:
    r"""Scale a gradient in place so that $\lVert\nabla E\rVert$ is at most ``max_norm``.

    The direction stays (Pascanu et al. 2013). Returns the norm *before* clipping.
    """
    _parameters("grads", grads)
    max_norm = checks.number("max_norm", max_norm, above=0)
    grads.check()
    largest, scaled, size = _scaled(grads.flat)
    norm = min(largest * size, sys.float_info.max)
    if norm > max_norm:
        with checks.quiet():
            grads.flat[:] = scaled * (max_norm / size)
    return norm


def gradient_norm(grads: Parameters) -> float:
    r"""$\lVert\nabla E\rVert$, at most the largest number."""
    _parameters("grads", grads)
    grads.check()
    largest, _, size = _scaled(grads.flat)
    return min(largest * size, sys.float_info.max)


def _scaled(g: Array) -> tuple[float, Array, float]:
    """The largest entry, the gradient divided by it, and the norm of that.

    The squares of large and of tiny numbers leave the range of numbers.
    """
    largest = float(np.abs(g).max(initial=0))
    with checks.quiet():
        scaled = g.astype(np.float64) / (largest or 1.0)
        return largest, scaled, float(np.linalg.norm(scaled))


class Optimiser:
    """What all optimisers share: the check of arguments and the state.

    ``learning_rate`` may be changed between steps and is part of ``state``. ``made`` says how the
    optimiser was made, with the learning rate it began with.
    """

    def __init__(self, learning_rate: float, **constants: float) -> None:
        self.state: dict[str, Array] = {}
        self.learning_rate = learning_rate
        self.constants = {
            name: checks.number(name, value, above=0)
            if name == "epsilon"
            else checks.number(name, value, at_least=0, below=1)
            for name, value in constants.items()
        }
        self.made = repr(self)

    @property
    def learning_rate(self) -> float:
        r"""$\eta$ of the next step."""
        return float(self.state["learning_rate"][0])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self.state["learning_rate"] = np.array([checks.number("learning_rate", value, above=0)])

    def step(self, params: Parameters, grads: Parameters) -> None:
        """Move ``params`` one step down the gradient."""
        _parameters("params", params)
        _parameters("grads", grads)
        if grads.shapes != params.shapes:
            raise ValueError("grads: expected the names and shapes of params, got others")
        if grads.flat.dtype != params.flat.dtype:
            raise TypeError(
                f"grads: expected {params.flat.dtype} as in params, got {grads.flat.dtype}"
            )
        grads.check()
        before = dict(self.state)
        for name, value in self._start(params.flat).items():
            held = self.state.setdefault(name, value)
            if held.shape != value.shape:
                self.state = before
                raise ValueError(
                    f"params: expected {held.size} numbers as before, got {value.size}"
                )
        with checks.quiet():
            moved = params.flat + self._change(grads.flat)
        if not all(np.isfinite(value).all() for value in (moved, *self.state.values())):
            self.state = before
            raise OverflowError("grads: expected a step that stays in range; nothing has moved")
        params.flat[:] = moved

    def load(
        self, state: Mapping[str, Any], params: Parameters | None = None, *, begun: bool = False
    ) -> None:
        """Go on from a saved ``state``, one that fits ``params`` if they are given.

        A state in which no step has been made yet holds the learning rate alone; it is refused if
        the run has ``begun``.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"state: expected a mapping from names, got {type(state).__name__}")
        if params is not None:
            _parameters("params", params)
        start = self._start(np.zeros(1) if params is None else params.flat)
        whole = {"learning_rate", *start}
        if set(state) != whole and (begun or set(state) != {"learning_rate"}):
            want = ", ".join(["learning_rate", *start])
            raise ValueError(f"state: expected {want}, got {', '.join(map(str, state))}")
        fresh, sizes = {}, set()
        for name, value in state.items():
            single = name in ("learning_rate", "k")
            dtype = np.float32 if getattr(value, "dtype", None) == np.float32 else np.float64
            if params is not None and name in start:
                dtype = start[name].dtype.type
            length: int | str = 1 if single else "P" if params is None else params.flat.size
            array = checks.array(f"state[{name!r}]", value, (length,), dtype, copy=True)
            if name in ("k", "square") and array.min() < 0:
                raise ValueError(f"state[{name!r}]: expected numbers >= 0, got {array.min()}")
            fresh[name] = array
            sizes |= set() if single else {array.size}
        if len(sizes) > 1:
            raise ValueError(f"state: expected arrays of one size, got {sorted(sizes)}")
        checks.number("state['learning_rate']", float(fresh["learning_rate"][0]), above=0)
        self.state = fresh

    def _start(self, flat: Array) -> dict[str, Array]:
        """What is remembered, before the first step."""
        return {}

    def _change(self, g: Array) -> Array:
        """What is added to the parameters; updates ``state``."""
        raise NotImplementedError

    def __repr__(self) -> str:
        constants = "".join(f", {name}={value!r}" for name, value in self.constants.items())
        return f"{type(self).__name__}(learning_rate={self.learning_rate!r}{constants})"


class SGD(Optimiser):
    r"""Gradient descent: $w \leftarrow w-\eta\,\nabla E$."""

    def __init__(self, learning_rate: float) -> None:
        super().__init__(learning_rate)

    def _change(self, g: Array) -> Array:
        return -self.learning_rate * g


class Momentum(Optimiser):
    r"""Gradient descent with momentum.

    .. math:: \Delta w \leftarrow \mu\,\Delta w-\eta\,\nabla E, \qquad w \leftarrow w+\Delta w
    """

    def __init__(self, learning_rate: float, momentum: float = 0.9) -> None:
        super().__init__(learning_rate, momentum=momentum)

    def _start(self, flat: Array) -> dict[str, Array]:
        return {"change": np.zeros_like(flat)}

    def _change(self, g: Array) -> Array:
        self.state["change"] = (
            self.constants["momentum"] * self.state["change"] - self.learning_rate * g
        )
        return self.state["change"]


class RMSProp(Optimiser):
    r"""RMSProp (Tieleman and Hinton 2012).

    .. math::

        m \leftarrow \rho\,m+(1-\rho)(\nabla E)^2, \qquad
        w \leftarrow w-\eta\,\nabla E\,/\,(\sqrt m+\epsilon)
    """

    def __init__(self, learning_rate: float, decay: float = 0.9, epsilon: float = 1e-8) -> None:
        super().__init__(learning_rate, decay=decay, epsilon=epsilon)

    def _start(self, flat: Array) -> dict[str, Array]:
        return {"square": np.zeros_like(flat)}

    def _change(self, g: Array) -> Array:
        rho = self.constants["decay"]
        self.state["square"] = rho * self.state["square"] + (1 - rho) * g * g
        return -self.learning_rate * g / (np.sqrt(self.state["square"]) + self.constants["epsilon"])


class Adam(Optimiser):
    r"""Adam (Kingma and Ba 2015), at its k-th step.

    .. math::

        m \leftarrow \beta_1m+(1-\beta_1)\nabla E,\qquad
        m_2 \leftarrow \beta_2m_2+(1-\beta_2)(\nabla E)^2,\qquad
        w \leftarrow w-\eta\,\frac{m/(1-\beta_1^k)}{\sqrt{m_2/(1-\beta_2^k)}+\epsilon}
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)

    def _start(self, flat: Array) -> dict[str, Array]:
        return {"mean": np.zeros_like(flat), "square": np.zeros_like(flat), "k": np.zeros(1)}

    def _change(self, g: Array) -> Array:
        s, c = self.state, self.constants
        s["k"] = s["k"] + 1
        s["mean"] = c["beta_1"] * s["mean"] + (1 - c["beta_1"]) * g
        s["square"] = c["beta_2"] * s["square"] + (1 - c["beta_2"]) * g * g
        k = float(s["k"][0])
        mean = s["mean"] / (1 - c["beta_1"] ** k)
        square = s["square"] / (1 - c["beta_2"] ** k)
        return -self.learning_rate * mean / (np.sqrt(square) + c["epsilon"])


def _parameters(name: str, value: Any) -> None:
    if not isinstance(value, Parameters):
        raise TypeError(f"{name}: expected Parameters, got {type(value).__name__}")
