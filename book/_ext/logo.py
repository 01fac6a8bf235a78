"""The logo, drawn by code: the unit circle and the powers of a pole inside it, spiralling in."""

from __future__ import annotations

import cmath
import math

from lstm_lib.page.style import COLOURS

POLE = 0.86 * cmath.exp(1j * math.pi / 5)


def svg(size: int = 96, *, theme: int = 0) -> str:
    """The mark as SVG; theme 0 is light, 1 is dark."""
    colour = {name: pair[theme] for name, pair in COLOURS.items()}
    points = [POLE**n for n in range(13)]
    spiral = [POLE ** (k / 12) for k in range(12 * 12 + 1)]
    path = "M" + "L".join(f"{z.real:.3f} {-z.imag:.3f}" for z in spiral)
    dots = "".join(
        f'<circle cx="{z.real:.3f}" cy="{-z.imag:.3f}" r="{0.035 + 0.105 * abs(z):.3f}"/>'
        for z in points
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        'viewBox="-1.2 -1.2 2.4 2.4" role="img" aria-label="A spiral of dots inside a circle">'
        f'<circle r="1" fill="none" stroke="{colour["blue"]}" stroke-width="0.09"/>'
        f'<path d="{path}" fill="none" stroke="{colour["orange"]}" stroke-width="0.05"/>'
        f'<g fill="{colour["orange"]}">{dots}</g></svg>\n'
    )
