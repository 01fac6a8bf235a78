"""From matplotlib's SVG to the SVG of a page: small, in the theme's colours, with its own ids."""

from __future__ import annotations

import html
import re
import textwrap
import xml.etree.ElementTree as ET

from lstm_lib.page.style import COLOURS

__all__ = ["light_colours", "page_svg", "titled"]

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
REFERENCE = re.compile(r"(?:^|url\()#([^)]+)")
SCALE = 1.6  # largest size on the page, in pixels for each of matplotlib's points


def page_svg(source: str, *, prefix: str, alt: str) -> str:
    """The drawing for a page.

    Colours become the CSS variables of :mod:`lstm_lib.page.style`; ids that nothing refers to go,
    the others get the prefix, so that two drawings on a page do not share them; each style is
    written once, as a class; coordinates keep two decimals; metadata and empty or bare groups go.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(source)
    attributes = [value for node in root.iter() for value in node.attrib.values()]
    used = {name for value in attributes for name in REFERENCE.findall(value)}
    _clean(root)
    for node in root.iter():
        if node.attrib.get("id") not in used:
            node.attrib.pop("id", None)
        for key, value in node.attrib.items():
            if key == "d":
                value = re.sub(r"-?\d+\.\d+", lambda m: f"{float(m[0]):.2f}", value)
                value = " ".join(value.split())
            elif key == "id":
                value = prefix + value
            node.set(key, REFERENCE.sub(lambda m: m[0].replace("#", "#" + prefix), value))
        node.text, node.tail = (
            text if (text or "").strip() else None for text in (node.text, node.tail)
        )
    styles: dict[str, str] = {}
    for node in root.iter():
        if style := node.attrib.pop("style", None):
            node.set("class", styles.setdefault(style, f"{prefix}{len(styles)}"))
    rules = ET.Element(f"{{{SVG}}}style")
    rules.text = "".join(f".{name}{{{style}}}" for style, name in styles.items())
    root.insert(0, rules)
    width = float(root.attrib.pop("width").removesuffix("pt"))
    root.attrib.pop("height")
    root.set("role", "img")
    root.set("aria-label", alt)
    root.set("stroke-linejoin", "round")
    root.set("style", f"width:100%;max-width:{width * SCALE:.0f}px;height:auto")
    text = ET.tostring(root, encoding="unicode")
    for name, (light, _) in COLOURS.items():
        text = re.sub(re.escape(light), f"var(--rnd-{name},{light})", text, flags=re.I)
    return text


def light_colours(text: str) -> str:
    """A text with the colours of the light theme in place of the variables."""
    light = {name: pair[0] for name, pair in COLOURS.items()}
    return re.sub(r"var\(--rnd-(\w+)(?:,[^)]*)?\)", lambda m: light[m[1]], text)


def titled(drawing: str, title: str, size: float = 11, scale: float = SCALE) -> str:
    """A drawing that stands alone: on white, with its title above it in letters of a size."""
    width, height = map(float, ET.fromstring(drawing).attrib["viewBox"].split()[2:])
    lines = textwrap.wrap(title, int(width / (0.56 * size)))
    top = 1.5 * size * len(lines) + 4
    text = "".join(
        f'<text x="4" y="{1.3 * size + 1.5 * size * i:g}">{html.escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    paper, ink = COLOURS["paper"][0], COLOURS["ink"][0]
    inner = drawing.replace("<svg ", f'<svg y="{top:g}" width="{width:g}" height="{height:g}" ', 1)
    inner = re.sub(r' style="[^"]*max-width[^"]*"', "", inner, count=1)
    return (
        f'<svg xmlns="{SVG}" viewBox="0 0 {width:g} {height + top:g}" width="{width * scale:.0f}">'
        f'<rect width="100%" height="100%" fill="{paper}"/>'
        f'<g font-family="sans-serif" font-size="{size:g}" font-weight="600" fill="{ink}">{text}'
        f"</g>{light_colours(inner)}</svg>"
    )


def _clean(node: ET.Element) -> None:
    """Drop what is not drawn, and groups that group nothing or say nothing."""
    for child in list(node):
        _clean(child)
        tag = child.tag.removeprefix(f"{{{SVG}}}")
        if "metadata" in child.tag or tag == "style" or (tag in ("g", "defs") and not len(child)):
            node.remove(child)
        elif tag == "g" and not set(child.attrib) - {"id"}:
            place = list(node).index(child)
            node.remove(child)
            for offset, inner in enumerate(child):
                node.insert(place + offset, inner)
