"""Signal-flow diagrams of the stages between the canonical RNN and the LSTM."""

from __future__ import annotations

from lstm_lib import checks
from lstm_lib.page.rnn_to_lstm import STAGES
from lstm_lib.page.surface import Diagram, Point

__all__ = ["towards_lstm"]


def towards_lstm(stage: str) -> Diagram:
    r"""A stage on the way to the LSTM, with what is new at this stage in orange.

    Parameters
    ----------
    stage
        One of ``lstm_lib.page.rnn_to_lstm.STAGES``.
    """
    k = STAGES.index(checks.one_of("stage", stage, STAGES))
    d = Diagram(15.7, 5.9)
    line = 1.7  # the height of the signal path
    gated, bounded, shown = k >= 3, k >= 4, k >= 5
    names = ("W_x", "W_r", r"\theta_s") if k == 0 else ("W_{xdu}", "W_{rdu}", "b_{du}")

    def new(since: int, old: str = "ink") -> str:
        return "orange" if k == since else old

    def gate(at: Point, name: str, target: Point, colour: str, align: str) -> None:
        d.box(at, f"$g_{{{name}}}[n]$", width=1.6, colour=colour)
        side = 1 if at[1] < target[1] else -1
        wire = "orange" if colour == "orange" else "ink"
        d.wire([(at[0], at[1] + 0.45 * side), (at[0], target[1] - 0.32 * side)], colour=wire)
        read = "v" if shown else "r"
        x = at[0] + (0.9 if align == "left" else -0.9)
        d.signal((x, at[1]), f"$x[n],\\,{read}[n-1]$", align)

    # the update
    d.wire([(0.85, line), (1.5, line)])
    d.box((2.2, line), f"${names[0]}$", width=1.4)
    d.wire([(2.9, line), (3.38, line)])
    d.node((3.7, line))
    d.wire([(3.7, 0.85), (3.7, 1.38)])
    if bounded:
        d.wire([(4.02, line), (4.35, line)], colour=new(4))
        d.box((5.0, line), "$G_d$", colour=new(4, "blue"))
        d.wire([(5.65, line), (6.58, line)], colour=new(4))
    else:
        d.wire([(4.02, line), (6.58 if gated else 7.58, line)])
    if gated:
        d.node((6.9, line), r"$\odot$", colour=new(3))
        d.wire([(7.22, line), (7.58, line)], colour=new(3))
        gate((6.9, 0.5), "cu", (6.9, line), new(3, "blue"), "left")
    # the state and its loop
    d.node((7.9, line))
    d.wire([(8.22, line), (10.75, line)])
    d.dot((10.4, line))
    loop = new(1)
    d.wire([(10.4, line), (10.4, 3.0), (10.05, 3.0)], colour=loop)
    d.box((9.4, 3.0), "$z^{-1}$", colour=new(1, "blue"))
    if k == 0:
        d.wire([(8.75, 3.0), (8.55, 3.0)])
        d.box((7.9, 3.0), "$W_s$")
        d.wire([(7.9, 2.55), (7.9, 2.02)])
    elif gated:
        d.wire([(8.75, 3.0), (8.22, 3.0)], colour=new(3))
        d.node((7.9, 3.0), r"$\odot$", colour=new(3))
        d.wire([(7.9, 2.68), (7.9, 2.02)])
        gate((7.9, 4.1), "cs", (7.9, 3.0), new(3, "blue"), "left")
    else:
        d.wire([(8.75, 3.0), (7.9, 3.0), (7.9, 2.02)], colour=loop)
    # the read-out
    d.box((11.4, line), "$G$" if k == 0 else "$G_d$")
    end = 14.75
    if shown:
        d.wire([(12.05, line), (12.78, line)])
        d.node((13.1, line), r"$\odot$", colour="orange")
        d.wire([(13.42, line), (end, line)], colour="orange")
        gate((13.1, 0.5), "cr", (13.1, line), "orange", "right")
        d.signal((12.42, line + 0.72), "$r[n]$")
    else:
        d.wire([(12.05, line), (end, line)])
    # the feedback
    corner = [(14.1, line), (14.1, 5.2), (12.05, 5.2)]
    if k == 2:
        d.wire([*corner, (3.7, 5.2), (3.7, 2.02)], colour="orange", linestyle=":")
        d.signal((7.9, 4.85), "cut")
    else:
        d.dot((14.1, line))
        d.wire(corner, colour=new(5))
        d.box((11.4, 5.2), "$z^{-1}$", colour=new(5, "blue"))
        d.wire([(10.75, 5.2), (4.4, 5.2)], colour=new(5))
        d.box((3.7, 5.2), "$W_{vdu}$" if shown else f"${names[1]}$", width=1.4)
        d.wire([(3.7, 4.75), (3.7, 2.02)])
        d.signal((9.4, 5.52), "$v[n-1]$" if shown else "$r[n-1]$")
    for at, label in [
        ((0.4, line), "$x[n]$"),
        ((15.2, line), "$v[n]$" if shown else "$r[n]$"),
        ((9.3, line - 0.38), "$s[n]$"),
        ((3.7, 0.55), f"${names[2]}$"),
        ((9.35, 3.62), "$s[n-1]$") if k == 0 or not gated else ((10.0, 3.62), "$s[n-1]$"),
        *([] if k == 0 else [((6.12, line + 0.42), "$u[n]$")]),
    ]:
        d.signal(at, label)
    return d
