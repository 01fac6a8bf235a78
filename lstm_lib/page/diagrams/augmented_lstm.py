"""Signal-flow diagram of the Augmented LSTM."""

from __future__ import annotations

from lstm_lib.page.surface import Diagram

__all__ = ["augmented_lstm"]

NEW = "orange"  # what the Vanilla LSTM does not have


def augmented_lstm() -> Diagram:
    r"""The whole cell; what the Vanilla LSTM lacks is orange. $z^{-1}$ keeps a value for one step.

    The box $\Lambda_*$ is the window $\xi_*[n]=\sum_l W_{x*}[l]x[n-l]$.
    """
    d = Diagram(20.2, 12.4, scale=0.46)
    line = 5.0  # the height of the data's path
    x_cx, x_du, x_cu, x_s, x_cr = 4.6, 6.6, 10.1, 11.9, 15.1  # product, sum, product, sum, product

    # the data's path
    d.wire([(0.9, line), (1.65, line)])
    d.box((2.4, line), r"$\Lambda_{du}$", width=1.5, colour=NEW)
    d.wire([(3.15, line), (x_cx - 0.32, line)])
    d.node((x_cx, line), r"$\odot$", colour=NEW)
    d.wire([(x_cx + 0.32, line), (x_du - 0.32, line)])
    d.node((x_du, line))
    d.wire([(x_du, 3.65), (x_du, line - 0.32)])
    d.wire([(x_du + 0.32, line), (7.85, line)])
    d.box((8.5, line), "$G_d$")
    d.wire([(9.15, line), (x_cu - 0.32, line)])
    d.node((x_cu, line), r"$\odot$")
    d.wire([(x_cu + 0.32, line), (x_s - 0.32, line)])
    d.node((x_s, line))
    d.wire([(x_s + 0.32, line), (13.05, line)])
    d.box((13.7, line), "$G_d$")
    d.wire([(14.35, line), (x_cr - 0.32, line)])
    d.node((x_cr, line), r"$\odot$")
    d.wire([(x_cr + 0.32, line), (16.15, line)])
    d.box((17.0, line), r"$W_{qdr}$", width=1.7, colour=NEW)
    d.wire([(17.85, line), (19.4, line)])
    # the state's own loop, with its gate below
    d.dot((12.6, line))
    d.wire([(12.6, line), (12.6, 3.3), (13.05, 3.3)])
    d.box((13.7, 3.3), "$z^{-1}$")
    d.wire([(14.35, 3.3), (14.8, 3.3), (14.8, 2.1), (x_s + 0.32, 2.1)])
    d.node((x_s, 2.1), r"$\odot$")
    d.wire([(x_s, 2.42), (x_s, line - 0.32)])
    # the value's way back
    d.dot((18.6, line))
    d.wire([(18.6, line), (18.6, 3.75)])
    d.box((18.6, 3.3), "$z^{-1}$")
    d.wire([(18.6, 2.85), (18.6, 2.2)])

    def gate(name: str, at: float, seen: str, colour: str) -> None:
        """A gate above the path: window, sum, warping."""
        d.wire([(at, 11.75), (at, 11.0)])
        d.box((at, 10.55), rf"$\Lambda_{{{name}}}$", width=1.5, colour=NEW)
        d.wire([(at, 10.1), (at, 8.87)])
        d.node((at, 8.55), colour=NEW if colour == NEW else "ink")
        d.wire([(at - 1.75, 8.55), (at - 0.32, 8.55)])
        d.wire([(at + 1.75, 8.55), (at + 0.32, 8.55)])
        d.wire([(at, 8.23), (at, 7.3)])
        d.box((at, 6.85), "$G_c$", colour=colour)
        d.wire([(at, 6.4), (at, line + 0.32)])
        for place, label in [
            ((at, 12.05), "$x$"),
            ((at + 0.72, 9.45), rf"$\xi_{{{name}}}$"),
            ((at - 1.2, 9.0), rf"$W_{{s{name}}}{seen}$"),
            ((at + 1.25, 8.1), rf"$W_{{v{name}}}v[n{{-}}1]$"),
            ((at + 0.78, 5.95), rf"$g_{{{name}}}$"),
        ]:
            d.signal(place, label)

    gate("cx", x_cx, "s[n{-}1]", NEW)
    gate("cu", x_cu, "s[n{-}1]", "blue")
    gate("cr", x_cr, "s[n]", "blue")
    # the state's gate lies beside its loop
    low = 2.1
    d.wire([(0.9, low), (1.65, low)])
    d.box((2.4, low), r"$\Lambda_{cs}$", width=1.5, colour=NEW)
    d.wire([(3.15, low), (5.48, low)])
    d.node((5.8, low))
    d.wire([(5.8, 1.0), (5.8, low - 0.32)])
    d.wire([(6.12, low), (8.25, low)])
    d.box((8.9, low), "$G_c$")
    d.wire([(9.55, low), (x_s - 0.32, low)])
    for place, label in [
        ((0.5, line), "$x$"),
        ((0.5, low), "$x$"),
        ((3.7, line - 0.45), r"$\xi_{du}$"),
        ((4.3, low + 0.45), r"$\xi_{cs}$"),
        ((7.2, low + 0.45), "$a_{cs}$"),
        ((10.7, low + 0.45), "$g_{cs}$"),
        ((5.8, 0.6), r"$W_{scs}s[n{-}1]+W_{vcs}v[n{-}1]$"),
        ((x_du, 3.25), r"$W_{vdu}v[n{-}1]$"),
        ((7.35, line + 0.45), "$a_{du}$"),
        ((9.45, line - 0.5), "$u$"),
        ((12.6, line + 0.5), "$s[n]$"),
        ((14.55, line - 0.5), "$r$"),
        ((15.75, line - 0.5), "$q$"),
        ((19.75, line), "$v[n]$"),
        ((18.6, 1.75), "$v[n{-}1]$"),
        ((15.75, 2.75), "$s[n{-}1]$"),
    ]:
        d.signal(place, label)
    return d
