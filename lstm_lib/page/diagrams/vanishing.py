"""Signal-flow diagrams of errors on their way back in time."""

from __future__ import annotations

from lstm_lib.page.surface import Diagram

__all__ = ["two_paths"]


def two_paths() -> Diagram:
    r"""An error going back through two steps of the standard RNN, and of the LSTM.

    In the RNN every step multiplies with $W_r^\top$ and with $G'(s[n])$. In the LSTM the direct
    path multiplies with the gate $g_{cs}$ alone; the other paths, through the gates and the
    candidate, are drawn as one box.
    """
    d = Diagram(14.2, 6.3)
    first, step, rnn, lstm = 13.4, 5.0, 4.5, 2.05
    d.signal((0.1, rnn + 1.3), "RNN", "left")
    d.signal((0.1, lstm + 1.3), "LSTM", "left")
    for k, (psi, slope, gate) in enumerate(
        [
            (r"$\psi[n]$", "$G$′$(s[n-1])$", "$g_{cs}[n]$"),
            (r"$\psi[n-1]$", "$G$′$(s[n-2])$", "$g_{cs}[n-1]$"),
        ]
    ):
        x = first - k * step
        d.signal((x, rnn), psi)
        d.wire([(x - 0.85, rnn), (x - 1.25, rnn)])
        d.box((x - 1.85, rnn), r"$W_r^{\top}$", width=1.2, colour="orange")
        d.wire([(x - 2.45, rnn), (x - 2.93, rnn)])
        d.node((x - 3.25, rnn), r"$\odot$")
        d.signal((x - 3.25, rnn + 1.05), slope)
        d.wire([(x - 3.25, rnn + 0.75), (x - 3.25, rnn + 0.32)])
        d.wire([(x - 3.57, rnn), (x - 4.1, rnn)])

        d.signal((x, lstm), psi)
        d.wire([(x - 0.85, lstm), (x - 1.83, lstm)])
        d.dot((x - 1.15, lstm))
        d.node((x - 2.15, lstm), r"$\odot$")
        d.signal((x - 2.15, lstm + 1.05), gate)
        d.wire([(x - 2.15, lstm + 0.75), (x - 2.15, lstm + 0.32)])
        d.wire([(x - 2.47, lstm), (x - 3.08, lstm)])
        d.node((x - 3.4, lstm))
        d.wire([(x - 3.72, lstm), (x - 4.1, lstm)])
        d.wire([(x - 1.15, lstm), (x - 1.15, lstm - 1.0)])
        d.box((x - 2.28, lstm - 1.4), "other paths", width=2.7, colour="orange")
        d.wire([(x - 3.4, lstm - 1.0), (x - 3.4, lstm - 0.32)])
    x = first - 2 * step
    for height in (rnn, lstm):
        d.signal((x, height), r"$\psi[n-2]$")
        d.wire([(x - 0.85, height), (x - 1.7, height)])
        d.signal((x - 2.1, height), r"$\cdots$")
    return d
