"""Signal-flow diagrams of recurrent networks without gates."""

from __future__ import annotations

from lstm_lib.page.surface import Diagram

__all__ = ["canonical_rnn"]


def canonical_rnn() -> Diagram:
    r"""The canonical RNN; $z^{-1}$ keeps a value for one step."""
    d = Diagram(12.4, 4.9)
    line = 1.6  # the height of the signal path
    d.wire([(0.9, line), (1.95, line)])
    d.box((2.6, line), "$W_x$")
    d.wire([(3.25, line), (4.58, line)])
    d.node((4.9, line))
    d.wire([(4.9, 0.6), (4.9, 1.28)])
    d.wire([(5.22, line), (7.55, line)])
    d.box((8.2, line), "$G$")
    d.wire([(8.85, line), (11.2, line)])
    # the state's own loop
    d.dot((7.3, line))
    d.wire([(7.3, line), (7.3, 3.0), (7.05, 3.0)])
    d.box((6.4, 3.0), "$z^{-1}$")
    d.wire([(5.75, 3.0), (5.55, 3.0)])
    d.box((4.9, 3.0), "$W_s$")
    d.wire([(4.9, 2.55), (4.9, 1.92)])
    # the feedback of the read-out
    d.dot((10.2, line))
    d.wire([(10.2, line), (10.2, 4.3), (8.85, 4.3)])
    d.box((8.2, 4.3), "$z^{-1}$")
    d.wire([(7.55, 4.3), (4.75, 4.3)])
    d.box((4.1, 4.3), "$W_r$")
    d.wire([(3.45, 4.3), (3.1, 4.3), (3.1, 2.45), (4.05, 2.45), (4.67, 1.83)])
    for at, label in [
        ((0.45, line), "$x[n]$"),
        ((11.75, line), "$r[n]$"),
        ((6.2, 1.25), "$s[n]$"),
        ((4.9, 0.3), r"$\theta_s$"),
        ((6.15, 4.62), "$r[n-1]$"),
        ((5.65, 3.62), "$s[n-1]$"),
    ]:
        d.signal(at, label)
    return d
