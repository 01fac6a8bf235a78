"""The surface on which signal-flow diagrams are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lstm_lib.page.style import COLOURS, matplotlib_style

__all__ = ["Diagram"]

Point = tuple[float, float]


class Diagram:
    """A drawing surface in units of one box height; x grows to the right, y upwards.

    ``box`` is a matrix or a function, ``node`` a sum or a product, ``wire`` a signal through
    corner points with an arrow head at its end, ``signal`` the name of a signal beside a wire.
    ``drawing`` is the matplotlib figure.
    """

    def __init__(self, width: float, height: float, scale: float = 0.5) -> None:
        import matplotlib.pyplot as plt

        self._colour = {name: pair[0] for name, pair in COLOURS.items()}
        with plt.rc_context(matplotlib_style()):
            self.drawing, self._axes = plt.subplots(figsize=(width * scale, height * scale))
        self._axes.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        self._axes.axis("off")

    def box(self, at: Point, label: str, *, width: float = 1.3, colour: str = "blue") -> None:
        """A box centred at ``at``."""
        from matplotlib.patches import FancyBboxPatch

        patch = FancyBboxPatch(
            (at[0] - width / 2 + 0.1, at[1] - 0.35),
            width - 0.2,
            0.7,
            boxstyle="round,pad=0.1",
            facecolor=self._colour["shade"],
            edgecolor=self._colour[colour],
            linewidth=1.6,
            zorder=3,
        )
        self._axes.add_patch(patch)
        self._text(at, label)

    def node(self, at: Point, label: str = "$+$", *, colour: str = "ink") -> None:
        """A circle with a sign: a sum, or an element-wise product."""
        from matplotlib.patches import Circle

        style = {"facecolor": self._colour["paper"], "edgecolor": self._colour[colour]}
        self._axes.add_patch(Circle(at, 0.32, linewidth=1.6, zorder=3, **style))
        self._text(at, label)

    def wire(
        self,
        points: Sequence[Point],
        *,
        arrow: bool = True,
        colour: str = "ink",
        width: float = 1.4,
        linestyle: str = "-",
    ) -> None:
        """A line through the points; a wide one marks a way, behind the wires that it follows."""
        zorder = 1 if width < 3 else 0.5
        ink = self._colour[colour]
        xs, ys = zip(*points, strict=True)
        self._axes.plot(xs, ys, color=ink, linewidth=width, linestyle=linestyle, zorder=zorder)
        if arrow:
            style: dict[str, Any] = {"arrowstyle": "-|>", "color": ink, "linewidth": 1.4}
            style |= {"shrinkA": 0, "shrinkB": 0, "mutation_scale": 12}
            self._axes.annotate("", points[-1], points[-2], arrowprops=style, zorder=2)

    def dot(self, at: Point) -> None:
        """A branch point: the signal goes both ways."""
        self._axes.plot(*at, marker="o", color=self._colour["ink"], markersize=5, zorder=2)

    def signal(self, at: Point, label: str, align: str = "center", *, colour: str = "ink") -> None:
        """The name of a signal."""
        self._text(at, label, align, colour)

    def _text(self, at: Point, label: str, align: str = "center", colour: str = "ink") -> None:
        style: dict[str, Any] = {"ha": align, "va": "center", "fontsize": 11, "zorder": 4}
        self._axes.text(*at, label, color=self._colour[colour], **style)
