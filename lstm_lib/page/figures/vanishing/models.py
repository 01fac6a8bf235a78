r"""The programs and equations behind the live figures on vanishing and exploding gradients.

Forward and backward passes are written by the derivation engine; slopes are differentiated by
SymPy. The drawing scripts add the numerical routines (QR, singular values) and the picture.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sympy as sp

from lstm_lib.derive import System, standard_rnn, vanilla_lstm_no_peepholes
from lstm_lib.layers.activations import ACTIVATIONS
from lstm_lib.page.figures.vanishing import network
from lstm_lib.page.javascript import javascript_constant, javascript_function

__all__ = ["ellipse", "latch", "vanishing", "vanishing_teaser", "wall"]

z = sp.Symbol("z", real=True)
WARPING = {
    "tanh": sp.tanh(z),
    "logistic": (sp.tanh(z / 2) + 1) / 2,  # the logistic function, as the library computes it
    "relu": sp.Piecewise((z, z > 0), (0, True)),
    "identity": z,
}


def rnn_with(activation: str) -> System:
    """The standard RNN with another warping function."""
    return standard_rnn.change("r[n] = G(s[n])", warping={"G": activation})


@cache
def _passes(*activations: str) -> str:
    """``rnn`` (an object of programs), ``lstm``, ``warping`` and what no slider changes."""
    programs = [rnn_with(name).javascript_source(f"rnn_{name}") for name in activations]
    programs.append(vanilla_lstm_no_peepholes.javascript_source("lstm"))
    for name in activations:
        slope = sp.simplify(sp.diff(WARPING[name], z))
        outputs = {"r": WARPING[name], "slope": slope}
        programs.append(javascript_function(f"warp_{name}", [z], outputs))
    both = ", ".join(
        f"{name}: {{program: rnn_{name}, warp: warp_{name}, steepest: "
        f"{ACTIVATIONS[name].max_slope}}}"
        for name in activations
    )
    numbers = {name: part.tolist() for name, part in network.fixed().items()}
    shared = (Path(__file__).parent / "shared.js").read_text(encoding="utf-8")
    constant = javascript_constant("FIXED", numbers)
    return "\n".join([*programs, f"const rnn = {{{both}}};", constant, shared])


def vanishing() -> str:
    """All four warping functions and the LSTM."""
    return _passes(*WARPING)


def vanishing_teaser() -> str:
    """tanh and the LSTM."""
    return _passes("tanh")


@cache
def ellipse() -> str:
    """Two neurons with tanh, and the basis of their matrix."""
    angle = sp.pi / 6
    basis = [[float(sp.cos(angle)), float(sp.sin(angle))]]
    outputs = {"r": WARPING["tanh"], "slope": sp.diff(WARPING["tanh"], z)}
    return "\n".join(
        [
            standard_rnn.javascript_source("pair"),
            javascript_function("warp", [z], outputs),
            javascript_constant("BASIS", basis),
        ]
    )


@cache
def wall() -> str:
    """One neuron: a step of its read-out for the surface, and its program for the walkers."""
    w, theta, r = sp.symbols("w theta r", real=True)
    step = javascript_function("wall_step", [w, theta, r], {"r": sp.tanh(w * r + theta)})
    return "\n".join([step, standard_rnn.javascript_source("neuron")])


@cache
def latch() -> str:
    """One neuron: its map, the map's slope, and its program."""
    w, theta, s = sp.symbols("w theta s", real=True)
    step = w * sp.tanh(s) + theta
    slope = sp.diff(step, s)
    return "\n".join(
        [
            javascript_function("latch_step", [w, theta, s], {"s": step, "slope": slope}),
            standard_rnn.javascript_source("neuron"),
        ]
    )
