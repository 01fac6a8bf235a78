"""Where each part of the cell stands: one place, in two arrangements of the same order.

A place is a pair: along the data's path, and across it. The wide arrangement draws the path from
left to right with the gates above it; the tall one, for phones, from top to bottom with the gates
at its left. So the tall one is the wide one with its axes exchanged, and a table says where each
step of either axis lies, in pixels.
"""

from __future__ import annotations

__all__: list[str] = []

Pair = tuple[float, float]  # pixels in the wide and in the tall arrangement
Place = tuple[Pair, Pair]  # along, across
Point = tuple[float, float]  # x to the right, y downwards

ALONG: dict[str, Pair] = {
    "in": (14, 10),  # the input's name
    "x": (38, 28),  # where the input branches to the gates
    "window": (74, 54),
    "cx": (122, 92),  # product with the external input gate
    "net": (178, 134),  # the sum that is the net input of the data
    "warp": (240, 176),
    "cu": (298, 218),  # product with the input gate
    "sum": (446, 318),  # the sum that is the state
    "state": (518, 370),  # where the state branches, and its delay
    "old": (533, 379),  # the way of the old state to the peepholes
    "new": (546, 391),  # the way of the new state to its peephole
    "read": (571, 411),
    "cr": (628, 458),  # product with the output gate
    "project": (690, 506),
    "late": (704, 516),  # where the late value branches to the gates
    "value": (732, 546),  # where the value branches, and its delay
    "round": (768, 564),
    "out": (784, 578),
}
ACROSS: dict[str, Pair] = {
    "bus_x": (12, 9),
    "bus_v": (26, 21),
    "bus_s": (40, 33),
    "weights": (70, 66),
    "join": (95, 94),
    "gate_sum": (118, 115),
    "gate": (162, 166),
    "peep": (188, 198),
    "loop": (214, 227),
    "path": (264, 280),
    "back": (314, 331),
    "around": (338, 356),
}
PITCH = (48, 30)  # between the three weights of a gate
SOURCES = {"x": -1, "s": 0, "v": 1}  # their order
GATES = ("cx", "cu", "cs", "cr")


def along(step: str, pitches: float = 0, by: float = 0) -> Pair:
    """A step along the path, so many pitches and pixels beyond it."""
    wide, tall = ALONG[step]
    return wide + pitches * PITCH[0] + by, tall + pitches * PITCH[1] + by


def across(step: str, by: float = 0) -> Pair:
    """A step across the path, so many pixels beyond it."""
    wide, tall = ACROSS[step]
    return wide + by, tall + by


def middle(a: Place, b: Place) -> Place:
    """Halfway between two places."""
    (p, q), (r, s) = a, b
    return ((p[0] + r[0]) / 2, (p[1] + r[1]) / 2), ((q[0] + s[0]) / 2, (q[1] + s[1]) / 2)


def point(place: Place, tall: bool) -> Point:
    """Where a place is drawn."""
    (p, q), k = place, int(tall)
    return (q[k], p[k]) if tall else (p[k], q[k])


# The operators.
PLACES: dict[str, Place] = {
    "W_xdu": (along("window"), across("path")),
    "×cx": (along("cx"), across("path")),
    "Σ_du": (along("net"), across("path")),
    "G_du": (along("warp"), across("path")),
    "×cu": (along("cu"), across("path")),
    "Σ_s": (along("sum"), across("path")),
    "×cs": (along("sum"), across("loop")),
    "z_s": (along("state"), across("loop")),
    "G_r": (along("read"), across("path")),
    "×cr": (along("cr"), across("path")),
    "W_qdr": (along("project"), across("path")),
    "z_v": (along("value"), across("back")),
    "W_vdu": (along("net"), across("back")),
}
# What stands, before the gates, where a gate will act.
PLACES |= {"W_s": PLACES["×cs"], "κ": PLACES["×cs"], "1−κ": PLACES["×cu"]}
for _gate in GATES:
    _step = "sum" if _gate == "cs" else _gate
    for _source, _at in SOURCES.items():
        PLACES[f"W_{_source}{_gate}"] = (along(_step, _at), across("weights"))
    PLACES[f"Σ_{_gate}"] = (along(_step), across("gate_sum"))
    PLACES[f"G_{_gate}"] = (along(_step), across("gate"))

# Where a signal branches, its error is a sum; where it is warped, a product with the slope.
PLACES |= {
    "Σ_s′": (along("state"), across("path")),
    "Σ_r′": (along("value"), across("path")),
    "×G′": PLACES["G_r"],
}

# Three copies of the canonical RNN, one for each step in time, from left to right, in the tall
# arrangement only; what comes from the step before enters at the left.
COPIES = (0, 1, 2)


def copy(n: int, x: float, y: float) -> Place:
    """A place of a copy, ``x`` pixels beside its path and ``y`` down."""
    return (y, y), (102 + 106 * n + x, 102 + 106 * n + x)


for _n in COPIES:
    PLACES |= {
        f"w_x{_n}": copy(_n, 0, 50), f"Σ_du{_n}": copy(_n, 0, 104), f"Σ_s{_n}": copy(_n, 0, 160),
        f"w_r{_n}": copy(_n, -44, 104), f"w_s{_n}": copy(_n, -44, 160), f"g{_n}": copy(_n, 0, 232),
    }  # fmt: skip
