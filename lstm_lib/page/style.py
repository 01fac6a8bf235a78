"""One look for every figure: colours for both themes, and the matplotlib settings.

Live figures and matplotlib figures use the same named colours. In a page they are CSS variables,
so a figure follows the reader's light or dark theme. The series colours keep 3:1 contrast
with the page. Figures also tell series apart by dash or marker, never by colour alone.
"""

from __future__ import annotations

from typing import Any

__all__ = ["COLOURS", "css_variables", "matplotlib_style"]

#: Colours of the light and the dark theme, by name.
#: The series come from the Okabe-Ito set, darkened or lightened.
COLOURS: dict[str, tuple[str, str]] = {
    "blue": ("#0067a5", "#62b5ee"),
    "orange": ("#c04f00", "#f29d4b"),
    "green": ("#00785a", "#3ecb9f"),
    "purple": ("#9a4580", "#e59cc8"),
    "ink": ("#1f2328", "#e2e4e8"),
    "muted": ("#5b636d", "#a5adb8"),
    "grid": ("#d9dde2", "#3b424c"),
    "shade": ("#e8f0f7", "#1e3142"),
    "warm": ("#fbeadc", "#40291a"),
    "paper": ("#ffffff", "#14181e"),
}
SERIES = ("blue", "orange", "green", "purple")


def css_variables() -> str:
    """The colours as CSS variables ``--rnd-<name>``, for the light and the dark theme."""

    def block(selector: str, theme: int) -> str:
        rows = "".join(f"--rnd-{name}:{pair[theme]};" for name, pair in COLOURS.items())
        return f"{selector}{{{rows}}}\n"

    dark = 'html[data-theme="dark"],body[data-jp-theme-light="false"],.theme-dark'
    return block(":root", 0) + block(dark, 1)


def matplotlib_style() -> dict[str, Any]:
    """The ``rcParams`` of the book's figures; pass them to ``matplotlib.rc_context``.

    The light colours are used as they are; :func:`lstm_lib.page.display.figure` swaps them for the
    CSS variables when it writes the SVG.
    """
    from cycler import cycler

    light = {name: pair[0] for name, pair in COLOURS.items()}
    return {
        "axes.prop_cycle": cycler(
            color=[light[name] for name in SERIES], linestyle=["-", "--", "-.", ":"]
        ),
        "axes.edgecolor": light["muted"],
        "axes.labelcolor": light["ink"],
        "axes.titlecolor": light["ink"],
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
        "axes.labelsize": 10.5,
        "figure.facecolor": "none",
        "figure.figsize": (5.8, 3.1),
        "figure.constrained_layout.use": True,
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 10.5,
        "grid.color": light["grid"],
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "legend.labelcolor": light["ink"],
        "lines.linewidth": 2.0,
        "lines.markersize": 4.5,
        "svg.fonttype": "none",
        "svg.hashsalt": "recurrent-networks-derived",
        "text.color": light["ink"],
        "xtick.color": light["muted"],
        "ytick.color": light["muted"],
        "xtick.labelcolor": light["ink"],
        "ytick.labelcolor": light["ink"],
    }
