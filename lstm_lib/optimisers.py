r"""Optimisers over one flat parameter vector, and clipping of the gradient by its norm.

An optimiser's ``step`` writes into ``params.flat`` in place. What it remembers between steps is
in ``state``, a mapping from names to arrays that can be saved and given back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.parameters import Parameters

__all__ = ["SGD", "Adam", "Momentum", "Optimiser", "RMSProp", "clip_by_norm"]

Array = NDArray[np.floating]


def clip_by_norm(grads: Parameters, max_norm: float) -> float:
    r"""Scale a gradient in place so that $\lVert\nabla E\rVert$ is at most ``max_norm``.

    The direction stays (Pascanu et al. 2013). Returns the norm *before* clipping.
    """
    _parameters("grads", grads)
    max_norm = checks.number("max_norm", max_norm, above=0)
    grads.check()
    largest = float(np.abs(grads.flat).max(initial=0))
    if largest == 0:
        return 0.0
    scaled = (grads.flat / grads.flat.dtype.type(largest)).astype(np.float64)
    norm = largest * float(np.linalg.norm(scaled))  # the squares of large numbers may overflow
    if norm > max_norm:
        grads.flat[:] = scaled * (max_norm / (norm / largest))
    return norm


class Optimiser:
    """What all optimisers share: the check of arguments and the state."""

    def __init__(self, learning_rate: float, **constants: float) -> None:
        self.learning_rate = checks.number("learning_rate", learning_rate, above=0)
        for name, value in constants.items():
            if name == "epsilon":
                checks.number(name, value, above=0)
            else:
                checks.number(name, value, at_least=0, below=1)
        self.constants = constants
        self.state: dict[str, Array] = {}

    def step(self, params: Parameters, grads: Parameters) -> None:
        """Move ``params`` one step down the gradient."""
        _parameters("params", params)
        _parameters("grads", grads)
        if grads.shapes != params.shapes:
            raise ValueError("grads: expected the names and shapes of params, got others")
        grads.check()
        before = dict(self.state)
        for name, value in self._start(params.flat).items():
            held = self.state.setdefault(name, value)
            if held.shape != value.shape:
                raise ValueError(
                    f"params: expected {held.size} numbers as before, got {value.size}"
                )
        with np.errstate(over="ignore", invalid="ignore"):
            moved = params.flat + self._change(grads.flat)
        if not all(np.isfinite(value).all() for value in (moved, *self.state.values())):
            self.state = before
            raise OverflowError("grads: expected a step that stays in range; nothing has moved")
        params.flat[:] = moved

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved ``state``."""
        self.state = {name: np.array(value) for name, value in state.items()}

    def _start(self, flat: Array) -> dict[str, Array]:
        """What is remembered, before the first step."""
        return {}

    def _change(self, g: Array) -> Array:
        """What is added to the parameters; updates ``state``."""
        raise NotImplementedError

    def __repr__(self) -> str:
        constants = "".join(f", {name}={value:g}" for name, value in self.constants.items())
        return f"{type(self).__name__}(learning_rate={self.learning_rate:g}{constants})"


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
