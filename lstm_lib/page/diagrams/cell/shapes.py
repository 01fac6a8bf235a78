"""What the parts are drawn with, as SVG: boxes, circles, wires, branch points, names.

A shape stands at places of :mod:`.places`; ``draw`` gives its SVG in one of the two arrangements,
``extent`` the rectangles that it covers there.
"""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from html import escape

from .places import PLACES, Place, Point, point

__all__: list[str] = []

SIZE, SMALL = 16, 11.2  # letters, subscripts
RADIUS, HEIGHT = 10, 25
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom

# Widths of letters in thousandths of their size, as the equations' fonts have them.
ITALIC = dict(zip("GWabcdghlnqrsuvxyzθακχρψξε", [
    786, 944, 529, 429, 433, 520, 477, 576, 298, 600, 446, 451, 469, 572, 485, 572, 490, 465,
    469, 640, 576, 626, 517, 651, 438, 466,
], strict=True))  # fmt: skip
UPRIGHT = {"[": 278, "]": 278, "−": 778, "+": 778, " ": 250, "Λ": 694}
NAME = re.compile(r"(?P<base>[^_\[^]+)(_(?P<below>\w+))?(\^(?P<above>\S+))?(?P<step>\[.*\])?")


def pieces(label: str) -> list[tuple[str, str]]:
    """A name such as ``W_xcu`` or ``s[n−1]`` in pieces: the style of each, and its letters."""
    if not (read := NAME.fullmatch(label)):
        raise ValueError(f"label: expected a name such as W_xcu or s[n−1], got {label!r}")
    out = []
    for group, small in (("base", ""), ("below", "b"), ("above", "a"), ("step", "")):
        for letters in re.findall(r"[A-Za-zα-ω]+|[^A-Za-zα-ω]+", read[group] or ""):
            out.append((("i" if letters[0] in ITALIC else "r") + small, letters))
    return out


def width(label: str) -> float:
    """How many pixels a name takes."""
    return sum(
        (ITALIC | UPRIGHT).get(letter, 500) * (SMALL if len(style) > 1 else SIZE) / 1000
        for style, letters in pieces(label)
        for letter in letters
    )


def half_width(place: str) -> float:
    """Half of a box, which is as wide at one place in every stage."""
    return {"W": 21, "w": 15, "g": 15}.get(place[0], 18)


def _tspans(label: str) -> str:
    out, low = [], 0.0
    for style, letters in pieces(label):
        level = {"b": 3.5, "a": -6.0}.get(style[1:], 0.0)
        if style[1:] == "b":
            out.append('<tspan class="u">_</tspan>')  # unseen: the text is the name, W_xcu
        move = f' dy="{level - low:g}"' if level != low else ""
        out.append(f'<tspan class="{style}"{move}>{escape(letters)}</tspan>')
        low = level
    return "".join(out)


@dataclass(frozen=True)
class Box:
    """A matrix or a function."""

    at: str
    label: str

    def extent(self, tall: bool) -> list[Rectangle]:
        x, y = point(PLACES[self.at], tall)
        half = half_width(self.at)
        return [(x - half, y - HEIGHT / 2, x + half, y + HEIGHT / 2)]

    def draw(self, tall: bool) -> str:
        [(left, top, right, bottom)] = self.extent(tall)
        frame = f'width="{right - left:g}" height="{bottom - top:g}" rx="4"'
        return f'<rect class="box" x="{left:g}" y="{top:g}" {frame}/>' + (
            Text.letters(((left + right) / 2, (top + bottom) / 2), self.label, "middle")
        )


@dataclass(frozen=True)
class Stack:
    """What makes weights a window: a matrix for each lag, behind that of lag 0."""

    at: str

    def extent(self, tall: bool) -> list[Rectangle]:
        [(left, top, right, bottom)] = Box(self.at, "").extent(tall)
        return [(left - 6, top - 6, right, bottom)]

    def draw(self, tall: bool) -> str:
        [(left, top, right, bottom)] = Box(self.at, "").extent(tall)
        frame = f'width="{right - left:g}" height="{bottom - top:g}" rx="4"'
        return "".join(
            f'<rect class="box" x="{left - lag:g}" y="{top - lag:g}" {frame}/>' for lag in (6, 3)
        )


@dataclass(frozen=True)
class Circle:
    """A sum ``+``, or a product ``·`` element by element."""

    at: str
    sign: str

    def extent(self, tall: bool) -> list[Rectangle]:
        x, y = point(PLACES[self.at], tall)
        return [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)]

    def draw(self, tall: bool) -> str:
        x, y = point(PLACES[self.at], tall)
        out = f'<circle class="ring" cx="{x:g}" cy="{y:g}" r="{RADIUS}"/>'
        if self.sign == "+":
            return out + f'<path class="sign" d="M{x - 5:g} {y:g}h10M{x:g} {y - 5:g}v10"/>'
        return out + f'<circle class="tip" cx="{x:g}" cy="{y:g}" r="2.6"/>'


@dataclass(frozen=True)
class Dot:
    """A branch point: the signal goes both ways."""

    at: Place

    def extent(self, tall: bool) -> list[Rectangle]:
        return []

    def draw(self, tall: bool) -> str:
        x, y = point(self.at, tall)
        return f'<circle class="tip" cx="{x:g}" cy="{y:g}" r="3"/>'


@dataclass(frozen=True)
class Wire:
    """A line through places; at an operator, named as in ``PLACES``, it ends at its edge."""

    through: tuple[str | Place, ...]
    arrow: bool = True
    kind: str = "wire"  # or "way", wide and behind; "cut", dotted

    def points(self, tall: bool) -> list[Point]:
        """Its corners."""
        ends = [point(PLACES[p] if isinstance(p, str) else p, tall) for p in self.through]
        for end, inner in ((0, 1), (-1, -2)):
            if isinstance(name := self.through[end], str):
                ends[end] = _edge(name, ends[end], ends[inner])
        return ends

    def extent(self, tall: bool) -> list[Rectangle]:
        return [
            (min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1)
            for a, b in itertools.pairwise(self.points(tall))
        ]

    def draw(self, tall: bool) -> str:
        points = self.points(tall)
        (a, b), (x, y) = points[-2], points[-1]
        tip = ""
        if self.arrow:
            far = math.hypot(x - a, y - b)
            u, v = (x - a) / far, (y - b) / far
            back = (x - 7 * u, y - 7 * v)
            left = (back[0] - 3.4 * v, back[1] + 3.4 * u)
            right = (back[0] + 3.4 * v, back[1] - 3.4 * u)
            tip = f'<path class="tip" d="M{_at((x, y))}L{_at(left)}L{_at(right)}Z"/>'
            points[-1] = (x - 4 * u, y - 4 * v)
        line = "M" + "L".join(map(_at, points))
        touch = f'<path class="touch" d="{line}"/>' if self.kind == "wire" else ""
        return f'{touch}<path class="{self.kind}" d="{line}"/>{tip}'


@dataclass(frozen=True)
class Text:
    """A name beside a place: ``side`` is before or after it, on the axis along or across."""

    at: Place
    label: str
    side: str = ""  # "+along", "-along", "+across", "-across", or on the place itself
    by: tuple[Point, Point] = ((0, 0), (0, 0))  # moved by so much in the wide, the tall arrangement
    kind: str = "name"  # or "error"

    def _anchor(self, tall: bool) -> tuple[Point, str]:
        x, y = point(self.at, tall)
        x, y = x + self.by[tall][0], y + self.by[tall][1]
        sign, axis = (1 if self.side[:1] == "+" else -1), self.side[1:]
        if not axis:
            return (x, y), "middle"
        if (axis == "along") == tall:
            return (x, y + 14 * sign), "middle"
        return (x + 6 * sign, y), "start" if sign > 0 else "end"

    def extent(self, tall: bool) -> list[Rectangle]:
        (x, y), anchor = self._anchor(tall)
        wide = width(self.label)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        return [(left, y - 8, left + wide, y + 9)]

    def draw(self, tall: bool) -> str:
        at, anchor = self._anchor(tall)
        # On its wire it stands on paper; beside one it can be pointed at all the same.
        [(left, top, right, bottom)] = self.extent(tall)
        size = f'width="{right - left + 4:.1f}" height="{bottom - top:g}"'
        kind = "hit" if self.side else "paper"
        behind = f'<rect class="{kind}" x="{left - 2:.1f}" y="{top:g}" {size}/>'
        return f"{behind} {self.letters(at, self.label, anchor, self.kind)}"

    @staticmethod
    def letters(at: Point, label: str, anchor: str, kind: str = "name") -> str:
        """A name as SVG."""
        place = f'x="{at[0]:g}" y="{at[1] + 5:g}" text-anchor="{anchor}"'
        return f'<text class="{kind}" aria-hidden="true" {place}>{_tspans(label)}</text>'


@dataclass(frozen=True)
class Badge:
    """A number on a way."""

    at: Place
    number: str

    def extent(self, tall: bool) -> list[Rectangle]:
        x, y = point(self.at, tall)
        return [(x - 8, y - 8, x + 8, y + 8)]

    def draw(self, tall: bool) -> str:
        x, y = point(self.at, tall)
        at = f'x="{x:g}" y="{y + 4:g}" text-anchor="middle"'
        return (
            f'<circle class="count" cx="{x:g}" cy="{y:g}" r="8"/>'
            f'<text class="number" aria-hidden="true" {at}>{self.number}</text>'
        )


Shape = Badge | Box | Stack | Circle | Dot | Wire | Text


def _edge(name: str, at: Point, towards: Point) -> Point:
    """Where a line from an operator towards a point leaves it."""
    (x, y), u, v = at, towards[0] - at[0], towards[1] - at[1]
    if name[0] in "×Σ":
        far = math.hypot(u, v)
        return x + RADIUS * u / far, y + RADIUS * v / far
    half = half_width(name), HEIGHT / 2
    reach = min(side / abs(step) for side, step in zip(half, (u, v), strict=True) if step)
    return x + reach * u, y + reach * v


def _at(p: Point) -> str:
    return f"{round(p[0], 1):g} {round(p[1], 1):g}"
