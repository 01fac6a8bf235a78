r"""Warping functions and their derivatives.

The book writes $G_c$ for the *control* warping (the logistic function, range 0 to 1) and
$G_d$ for the *data* warping (tanh, range −1 to 1). Every function here takes arrays of any
shape and any floating dtype, returns the same shape and dtype, and neither overflows nor
warns for any finite input.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_lib.checks import one_of

__all__ = ["ACTIVATIONS", "Activation", "activation", "logistic", "relu", "tanh"]

Array = NDArray[np.floating]


def tanh(z: Array) -> Array:
    r"""The data warping $G_d(z) = \tanh z$, range −1 to 1."""
    return np.tanh(z)


def logistic(z: Array) -> Array:
    r"""The control warping $G_c(z) = \sigma(z) = 1/(1+e^{-z})$, range 0 to 1.

    Computed as $\tfrac12\tanh(\tfrac12 z)+\tfrac12$, which is the same function and cannot
    overflow. The error is at most one unit of rounding *at 1*: far in the left tail, where
    $\sigma(z)<10^{-16}$, the result is zero.
    """
    return 0.5 * np.tanh(0.5 * z) + 0.5


def relu(z: Array) -> Array:
    r"""The rectifier $\max(z, 0)$."""
    return np.maximum(z, 0)


def _identity(z: Array) -> Array:
    return np.array(z)


def _d_tanh(z: Array) -> Array:
    g = np.tanh(z)
    return 1 - g * g


def _d_logistic(z: Array) -> Array:
    g = np.tanh(0.5 * z)
    return 0.25 * (1 - g * g)


def _d_relu(z: Array) -> Array:
    return (z > 0).astype(z.dtype)


@dataclass(frozen=True)
class Activation:
    r"""A warping function $G$ with its derivative $G'$ and the bound $\max|G'|$.

    ``G(z)`` evaluates the function, ``G.d(z)`` the derivative *at the argument* $z$ (not at
    the value $G(z)$). At the kink of the rectifier, $z = 0$, the derivative is taken as 0.
    """

    name: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    max_slope: float

    def __call__(self, z: Array) -> Array:
        return self.function(z)

    def d(self, z: Array) -> Array:
        """The derivative at ``z``, element by element."""
        return self.derivative(z)

    @property
    def known(self) -> bool:
        """Whether it is one of ``ACTIVATIONS``, which others know by its name."""
        return ACTIVATIONS.get(self.name) == self

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"


#: The warping functions by name.
ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation("tanh", tanh, _d_tanh, 1.0),
    "logistic": Activation("logistic", logistic, _d_logistic, 0.25),
    "relu": Activation("relu", relu, _d_relu, 1.0),
    "identity": Activation("identity", _identity, np.ones_like, 1.0),
}


def activation(name: str | Activation) -> Activation:
    """Look an activation up by name; an :class:`Activation` passes through.

    Raises ``ValueError`` for a name that is not in ``ACTIVATIONS``.
    """
    if isinstance(name, Activation):
        return name
    return ACTIVATIONS[one_of("activation", name, ACTIVATIONS)]
