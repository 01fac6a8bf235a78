"""The signal-flow diagram of an unrolled network."""

from __future__ import annotations

from lstm_lib import checks
from lstm_lib.page.surface import Diagram

__all__ = ["unrolled_rnn"]


def unrolled_rnn(steps: int = 3) -> Diagram:
    r"""The canonical RNN unrolled: a copy of the cell for each step, the same weights in each."""
    steps = checks.size("steps", steps)
    pitch, first = 3.9, 3.3
    state, before, after, loss = 2.6, 4.1, 5.4, 6.5  # heights of the signal paths
    d = Diagram(first + pitch * (steps - 1) + 2.3, 7.0)
    for n in range(steps):
        at = first + pitch * n
        d.signal((at, 0.3), f"$x[{n}]$")
        d.wire([(at, 0.6), (at, 0.95)])
        d.box((at, 1.4), "$W_x$", width=1.2, colour="green")
        d.wire([(at, 1.85), (at, state - 0.32)])
        d.node((at, state))
        # what arrives from the step before
        d.box((at - 1.4, state), "$W_s$", width=1.2)
        d.wire([(at - 0.8, state), (at - 0.32, state)])
        d.box((at - 1.4, before), "$W_r$", width=1.2, colour="orange")
        d.wire([(at - 0.8, before), (at - 0.62, before), (at - 0.23, state + 0.23)])
        # state, read-out, loss
        d.wire([(at, state + 0.32), (at, 3.85)])
        d.box((at, 4.3), "$G$", width=1.0, colour="purple")
        d.wire([(at, 4.75), (at, loss - 0.42)])
        d.dot((at, after))
        d.box((at, loss), "loss", width=1.2, colour="ink")
        # what goes on to the next step
        if n < steps - 1:
            d.wire([(at + 0.32, state), (at + pitch - 2.0, state)])
            d.wire(
                [(at, after), (at + 1.35, after), (at + 1.35, before), (at + pitch - 2.0, before)]
            )
        else:
            d.wire([(at + 0.32, state), (at + 1.35, state)])
            d.wire([(at, after), (at + 1.35, after)])
        d.signal((at + 0.95, state + 0.32), f"$s[{n}]$")
        d.signal((at + 1.15, 1.55), r"$\theta_s$")
        d.wire([(at + 0.9, 1.75), (at + 0.23, state - 0.23)])
        d.signal((at + 0.7, after + 0.33), f"$r[{n}]$")
    for height, label in [(state, "$s[-1]$"), (before, "$r[-1]$")]:
        d.signal((0.5, height), label)
        d.wire([(0.95, height), (first - 2.0, height)])
    return d
