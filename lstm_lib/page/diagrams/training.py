"""Signal-flow diagrams of two classic networks."""

from __future__ import annotations

from lstm_lib.page.surface import Diagram

__all__ = ["elman", "jordan"]


def elman() -> Diagram:
    r"""Elman's network: the hidden read-out comes back one step later."""
    return _fed_back(7.9, "$W_r$", "$r[n-1]$")


def jordan() -> Diagram:
    r"""Jordan's network without its state units' own memory: the output comes back."""
    return _fed_back(11.2, "$W_{ys}$", "$y[n-1]$")


def _fed_back(branch: float, weight: str, signal: str) -> Diagram:
    """The way to the output, and a loop that leaves it at ``branch``."""
    d = Diagram(12.6, 3.9)
    line = 1.0
    _forward(d, line)
    d.dot((branch, line))
    d.wire([(branch, line), (branch, 2.9), (7.35, 2.9)])
    d.box((6.7, 2.9), "$z^{-1}$")
    d.wire([(6.05, 2.9), (5.15, 2.9)])
    d.box((4.5, 2.9), weight)
    d.wire([(3.85, 2.9), (3.7, 2.9), (3.7, 1.32)])
    d.signal((5.6, 3.62), signal)
    return d


def _forward(d: Diagram, line: float) -> None:
    """What both have: the input's way to the hidden neurons and on to the output."""
    d.wire([(0.9, line), (1.45, line)])
    d.box((2.1, line), "$W_x$")
    d.wire([(2.75, line), (3.38, line)])
    d.node((3.7, line))
    d.wire([(3.7, 0.25), (3.7, 0.68)])
    d.wire([(4.02, line), (5.75, line)])
    d.box((6.4, line), "$G$")
    d.wire([(7.05, line), (8.75, line)])
    d.box((9.4, line), "$W_{ry}$")
    d.wire([(10.05, line), (11.6, line)])
    for at, label in [
        ((0.45, line), "$x[n]$"),
        ((3.2, 0.3), r"$\theta_s$"),
        ((4.9, line - 0.35), "$s[n]$"),
        ((7.75, line - 0.35), "$r[n]$"),
        ((12.1, line), "$y[n]$"),
    ]:
        d.signal(at, label)
