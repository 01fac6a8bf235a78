"""Layers put together: on top of each other, and in both directions of time."""

from __future__ import annotations

import re

from .system import System
from .warping import Given

__all__ = ["bidirectional", "stacked"]

KEPT = {"n", "l", "N", "sum", "mean", "total", "cut", "for", "in", "ascending", "descending"}


def stacked(*layers: System) -> System:
    """Layers on top of each other: the input of each is the output of the one below.

    Names get the number of their layer: s of layer 2 is s_2. Each layer has one input and one
    output. Raises ValueError if one has not.
    """
    parts: list[dict[str, str]] = []
    below, size = "", ""
    for k, layer in enumerate(layers, start=1):
        if len(layer.inputs) != 1 or len(layer.outputs) != 1:
            raise ValueError(f"layer {k}, {layer.name}: expected one input and one output")
        (x, (d_x,)), (v,) = next(iter(layer.inputs.items())), layer.outputs
        names = {name: f"{name}_{k}" for name in _names(layer) if name not in (x, str(d_x))}
        if k > 1:
            names |= {x: below, str(d_x): size}
        parts.append(_renamed(layer.text, names))
        below = names[v]
        size = names[str(layer.sequences[v][0])]
    parts[0] |= {"outputs": below}
    return _together(f"{len(layers)} stacked layers of {layers[0].name}", parts, layers)


def bidirectional(layer: System) -> System:
    """A layer and its copy that runs from the last step to the first, on the same inputs.

    The output is the two read-outs side by side, so the loss reads both; names end in _fw, _bw.
    """
    texts = []
    for way in ("fw", "bw"):
        kept = {*layer.inputs, *(str(size) for (size,) in layer.inputs.values())}
        names = {name: f"{name}_{way}" for name in _names(layer) if name not in kept}
        texts.append(_renamed(layer.text, names))
    for text in texts:
        text["forward"] = f"for n ascending:\n{text['forward']}"
    texts[1]["forward"] = _mirrored(texts[1]["forward"])
    texts[0]["outputs"] += " " + texts[1]["outputs"]
    return _together(f"Bidirectional {layer.name}", texts, (layer, layer))


def _mirrored(forward: str) -> str:
    """The same equations with time running the other way."""
    other = {"+": "-", "-": "+", "ascending": "descending", "descending": "ascending"}
    return re.sub(r"(?<=\[n)[+-]|ascending|descending", lambda m: other[m[0]], forward)


def _names(layer: System) -> set[str]:
    words = set(re.findall(r"[A-Za-z]\w*", " ".join(layer.text.values())))
    return words - set(layer.warping) - KEPT


def _renamed(text: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    def new(word: re.Match[str]) -> str:
        return names.get(word[0], word[0])

    return {key: re.sub(r"[A-Za-z]\w*", new, value) for key, value in text.items()}


def _together(name: str, parts: list[dict[str, str]], layers: tuple[System, ...]) -> System:
    def joined(key: str, sign: str) -> str:
        return sign.join(part[key] for part in parts)

    warping: dict[str, Given] = {}
    for layer in layers:
        for g, f in layer.warping.items():
            if warping.setdefault(g, f) != f:
                raise ValueError(f"layers: {g} is {warping[g]} in one of them and {f} in another")
    return System(
        name,
        joined("forward", "\n"),
        inputs=parts[0]["inputs"],
        outputs=parts[0]["outputs"],
        adjoints=joined("adjoints", ", "),
        warping=warping,
        source=layers[0].source,
        **{k: joined(k, "; ") for k in ("sequences", "parameters", "constants")},
    )
