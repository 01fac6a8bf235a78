"""Signal-flow diagrams of training: where errors flow, and two classic networks."""

from __future__ import annotations

from lstm_lib.page.surface import Diagram

__all__ = ["elman", "error_flow", "jordan"]


def error_flow() -> Diagram:
    r"""The canonical RNN with every arrow turned round; $z$ fetches a value from one step later.

    Sums have become branch points and branch points sums, every matrix is transposed, the warping
    is replaced by its slope.
    """
    d = Diagram(12.4, 4.9)
    line = 1.6  # the height of the signal path
    d.wire([(11.2, line), (10.52, line)])
    d.node((10.2, line))
    d.wire([(9.88, line), (9.05, line)])
    d.box((8.4, line), "$\\odot\\,G$′$(s[n])$", width=2.0, colour="orange")
    d.wire([(7.4, line), (6.97, line)])
    d.node((6.65, line))
    d.wire([(6.33, line), (3.25, line)])
    d.box((2.6, line), r"$W_x^\top$", colour="orange")
    d.wire([(1.95, line), (1.35, line)])
    d.dot((4.9, line))
    d.wire([(4.9, line), (4.9, 0.72)])
    # the state's own loop
    d.wire([(4.9, line), (4.9, 2.55)])
    d.box((4.9, 3.0), r"$W_s^\top$", colour="orange")
    d.wire([(5.55, 3.0), (5.75, 3.0)])
    d.box((6.4, 3.0), "$z$", colour="orange")
    d.wire([(7.05, 3.0), (7.3, 3.0), (7.3, 2.45), (6.65, 2.45), (6.65, 1.92)])
    # the feedback of the read-out
    d.dot((4.2, line))
    d.wire([(4.2, line), (3.1, 2.45), (3.1, 4.3), (3.45, 4.3)])
    d.box((4.1, 4.3), r"$W_r^\top$", colour="orange")
    d.wire([(4.75, 4.3), (7.55, 4.3)])
    d.box((8.2, 4.3), "$z$", colour="orange")
    d.wire([(8.85, 4.3), (10.2, 4.3), (10.2, 1.92)])
    for at, label in [
        ((11.85, line), "$\\nabla_{r[n]}$ℒ"),
        ((9.65, 0.9), r"$\chi[n]$"),
        ((5.6, 1.25), r"$\psi[n]$"),
        ((1.05, line - 0.75), r"to $\partial E/\partial x[n]$"),
        ((4.9, 0.42), r"to $\partial E/\partial\theta_s$"),
        ((11.35, 3.1), r"$W_r^\top\psi[n+1]$"),
    ]:
        d.signal(at, label)
    return d


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
