"""The signal-flow diagram of the Vanilla LSTM, and the errors at its wires."""

from __future__ import annotations

from lstm_lib.page.surface import Diagram

__all__ = ["vanilla_lstm"]

# The four columns, from left to right, and the heights of the rows from the bottom up.
CS, CU, DU, CR = 2.7, 6.45, 9.4, 13.3
X_BUS, V_BUS, WEIGHTS, SUM, WARP = 0.4, 1.15, 2.35, 3.95, 5.4
PEEP, MEET, STATE, LOOP = 6.4, 7.4, 8.9, 10.1
BRANCH, R_OUT, V_OUT = 10.75, 11.9, 15.2


def vanilla_lstm(errors: bool = False) -> Diagram:
    r"""The Vanilla LSTM with full peepholes; $z^{-1}$ keeps a value for one step.

    Parameters
    ----------
    errors
        Write the error of each named signal beside its wire, and mark the five ways that lead on
        from the state.
    """
    d = Diagram(16.6, 10.6, scale=0.45)
    for at, name, warp, colour in [
        (CS, "cs", "G_c", "orange"), (CU, "cu", "G_c", "orange"),
        (DU, "du", "G_d", "blue"), (CR, "cr", "G_c", "orange"),
    ]:  # fmt: skip
        _net(d, at, name, warp, colour)
    _state(d)
    _peepholes(d)
    _buses(d)
    if errors:
        _errors(d)
    return d


def _net(d: Diagram, at: float, name: str, warp: str, colour: str) -> None:
    """One net input: what it reads, the sum, and its warping."""
    for source, side, bus in (("x", -0.7, X_BUS), ("v", 0.7, V_BUS)):
        d.dot((at + side, bus))
        d.wire([(at + side, bus), (at + side, WEIGHTS - 0.45)])
        d.box((at + side, WEIGHTS), f"$W_{{{source}{name}}}$", colour="muted")
        d.wire(
            [(at + side, WEIGHTS + 0.45), (at + side, SUM - 0.75), (at + side * 0.32, SUM - 0.23)]
        )
    d.signal((at + 1.0, SUM), f"$b_{{{name}}}$", "left")
    d.wire([(at + 0.95, SUM), (at + 0.32, SUM)])
    d.node((at, SUM))
    d.wire([(at, SUM + 0.32), (at, WARP - 0.45)])
    d.signal((at + 0.15, (SUM + WARP) / 2 - 0.05), f"$a_{{{name}}}$", "left")
    d.box((at, WARP), f"${warp}$", colour=colour)


def _state(d: Diagram) -> None:
    """The carousel on top, the update below it, and the read-out at its right."""
    d.wire([(0.5, STATE), (CS - 0.32, STATE)])
    d.node((CS, STATE), r"$\odot$")
    d.wire([(CS + 0.32, STATE), (DU - 0.32, STATE)])
    d.node((DU, STATE))
    d.wire([(DU + 0.32, STATE), (R_OUT - 0.65, STATE)])
    d.wire([(CS, WARP + 0.45), (CS, STATE - 0.32)])
    d.wire([(CU, WARP + 0.45), (CU, MEET), (DU - 0.32, MEET)])
    d.node((DU, MEET), r"$\odot$")
    d.wire([(DU, WARP + 0.45), (DU, MEET - 0.32)])
    d.wire([(DU, MEET + 0.32), (DU, STATE - 0.32)])
    d.box((R_OUT, STATE), "$G_d$")
    d.wire([(R_OUT + 0.65, STATE), (CR + 0.6 - 0.32, STATE)])
    d.node((CR + 0.6, STATE), r"$\odot$")
    d.wire([(CR, WARP + 0.45), (CR, MEET), (CR + 0.6, MEET), (CR + 0.6, STATE - 0.32)])
    d.wire([(CR + 0.6 + 0.32, STATE), (15.8, STATE)])
    d.dot((BRANCH, STATE))
    d.wire([(BRANCH, STATE), (BRANCH, LOOP), (6.65, LOOP)])
    d.box((6.0, LOOP), "$z^{-1}$", colour="green")
    d.wire([(5.35, LOOP), (0.5, LOOP), (0.5, STATE)], arrow=False)
    for at, label in [
        ((1.6, STATE + 0.38), "$s[n-1]$"), ((10.2, STATE - 0.4), "$s[n]$"),
        ((13.05, STATE + 0.38), "$r[n]$"), ((16.2, STATE), "$v[n]$"),
        ((CS - 0.42, MEET - 0.1), "$g_{cs}$"), ((CU + 0.9, MEET + 0.3), "$g_{cu}$"),
        ((DU + 0.28, 6.4), "$u$"), ((CR + 0.15, MEET + 0.3), "$g_{cr}$"),
    ]:  # fmt: skip
        d.signal(at, label)


def _peepholes(d: Diagram) -> None:
    d.dot((1.25, STATE))
    d.dot((1.25, PEEP))
    d.wire([(1.25, STATE), (1.25, SUM + 0.45)])
    d.wire([(1.25, PEEP), (4.95, PEEP), (4.95, SUM + 0.45)])
    for at, name, to in [(1.25, "cs", CS), (4.95, "cu", CU), (11.8, "cr", CR)]:
        d.box((at, SUM), f"$W_{{s{name}}}$", colour="muted")
        d.wire([(at + 0.65, SUM), (to - 0.32, SUM)])
    d.wire([(BRANCH, STATE), (BRANCH, SUM + 0.95), (11.8, SUM + 0.95), (11.8, SUM + 0.45)])


def _buses(d: Diagram) -> None:
    """The input from the left, the value from the right, one step late."""
    d.wire([(0.75, X_BUS), (CR - 0.7, X_BUS)], arrow=False)
    d.signal((0.4, X_BUS), "$x[n]$")
    d.dot((V_OUT, STATE))
    d.wire([(V_OUT, STATE), (V_OUT, 5.1)])
    d.box((V_OUT, 4.65), "$z^{-1}$", colour="green")
    d.wire([(V_OUT, 4.2), (V_OUT, V_BUS), (CS + 0.7, V_BUS)], arrow=False)
    d.signal((V_OUT + 0.12, 1.6), "$v[n-1]$", "left")


def _errors(d: Diagram) -> None:
    ways = [
        ("1", "orange", (11.05, STATE - 0.45), [
            [(BRANCH, STATE), (R_OUT - 0.65, STATE)], [(R_OUT + 0.65, STATE), (CR + 0.28, STATE)],
        ]),
        ("2", "green", (BRANCH + 0.3, MEET), [
            [(BRANCH, STATE), (BRANCH, SUM + 0.95), (11.8, SUM + 0.95), (11.8, SUM + 0.45)],
            [(12.45, SUM), (CR - 0.32, SUM)],
        ]),
        ("3", "blue", (8.6, LOOP - 0.35), [
            [(BRANCH, STATE), (BRANCH, LOOP), (6.65, LOOP)],
            [(5.35, LOOP), (0.5, LOOP), (0.5, STATE), (CS - 0.32, STATE)],
            [(CS + 0.32, STATE), (DU - 0.32, STATE)],
        ]),
        ("4", "purple", (4.0, PEEP + 0.35), [
            [(1.33, STATE), (1.33, PEEP), (4.95, PEEP), (4.95, SUM + 0.45)],
            [(5.6, SUM), (CU - 0.32, SUM)],
        ]),
        ("5", "muted", (0.75, WARP + 0.2), [
            [(1.17, STATE), (1.17, SUM + 0.45)], [(1.9, SUM), (CS - 0.32, SUM)],
        ]),
    ]  # fmt: skip
    for number, colour, at, parts in ways:
        for part in parts:
            d.wire(part, arrow=False, colour=colour, width=5.5)
        d.signal(at, number, colour=colour)
    for at, label in [
        ((16.2, STATE - 0.55), r"$\chi[n]$"), ((13.05, STATE - 0.42), r"$\rho[n]$"),
        ((10.2, STATE + 0.42), r"$\psi[n]$"),
        *(((at - 0.5, (SUM + WARP) / 2 + 0.02), rf"$\alpha_{{{name}}}$")
          for at, name in ((CS, "cs"), (CU, "cu"), (DU, "du"), (CR, "cr"))),
    ]:  # fmt: skip
        d.signal(at, label, colour="orange")
