"""Pages that load fast: the figures' scripts first, and nothing that no page uses.

A page asks for its styles and its figures' scripts before all else; the typesetting of equations
comes when the figures have been drawn. When all pages are written, rules of style that can match
nothing are dropped from the theme's style sheets, and its font keeps the icons that are there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

OPTIONAL = {  # what an extension adds to every page, and how a page looks that needs it
    "togglebutton": r'class="[^"]*(?<![\w-])(toggle|dropdown)(?![\w-])',
    "toggle": r'class="[^"]*(?<![\w-])(toggle|dropdown)(?![\w-])',
    "sphinx-design": r'class="[^"]*\bsd-',
    "design-tabs": r'class="[^"]*\bsd-tab',
    "sphinx-thebe": "data-thebe",
    "copybutton": r'class="highlight',
    "clipboard": r'class="highlight',
}
FIRST = re.compile(r"_static/(live-figures|figure-\w+)\.js")
MADE_BY_SCRIPTS = re.compile(r"bs-|show|fade|collaps|modal|tooltip|popover|dropdown|offcanvas")
PRELOAD = re.compile(r'\s*<link rel="preload" as="script"[^>]*>')
FONT = re.compile(r"url\(\"?([^)\"]*fa-solid-900)\.woff2\"?\)")


def order(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """The scripts of a page in the order of need, none of which stops the page from showing."""
    body = context.get("body") or ""

    def needed(file: Any) -> bool:
        name = Path(str(file.filename or "").partition("?")[0]).name
        inline = (getattr(file, "attributes", None) or {}).get("body") or ""
        if inline.startswith("DOCUMENTATION_OPTIONS."):  # for features that this book has not
            return False
        for start, looks in OPTIONAL.items():
            if name.startswith(start) or f"{start}Hint" in inline or f"{start}button" in inline:
                return bool(re.search(looks, body))
        return True

    context["css_files"] = [file for file in context.get("css_files", []) if needed(file)]
    scripts = [file for file in context.get("script_files", []) if needed(file)]
    math = [file for file in scripts if "mathjax/" in str(file.filename or "")]
    for script in scripts:
        if script.filename and "async" not in script.attributes:
            script.attributes["defer"] = "defer"
        if math and str(script.filename or "").endswith("page.js"):
            script.attributes["data-math"] = context["pathto"](str(math[0].filename), True)
    scripts = [file for file in scripts if file not in math]
    context["script_files"] = sorted(scripts, key=lambda s: not FIRST.match(str(s.filename or "")))


def words(site: Path) -> set[str]:
    """Every word of the pages and of the scripts: a class that is none of them is on no page."""
    found: set[str] = set()
    for path in (*site.rglob("*.html"), *site.rglob("*.js")):
        if "mathjax" not in path.parts:
            found |= set(re.findall(r"-?[A-Za-z_][\w-]*", path.read_text(encoding="utf-8")))
    return found


def can_match(selector: str, known: set[str]) -> bool:
    """Whether a selector's classes and names are all known; what stands in brackets is ignored."""
    plain = selector.replace("\\", "")
    while (shorter := re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", plain)) != plain:
        plain = shorter
    return all(
        name in known or MADE_BY_SCRIPTS.match(name)
        for name in re.findall(r"[.#](-?[A-Za-z_][\w-]*)", plain)
    )


def slim_style(text: str, known: set[str]) -> str:
    """A style sheet without the rules that can match nothing."""
    rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return "".join(_slim(rule, known) for rule in rules)


def _slim(rule: Any, known: set[str]) -> str:
    if rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports", "layer"):
        if rule.content is None:
            return rule.serialize()
        inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        kept = "".join(_slim(one, known) for one in inner)
        prelude = tinycss2.serialize(rule.prelude)
        return f"@{rule.at_keyword}{prelude}{{{kept}}}" if kept else ""
    if rule.type != "qualified-rule":
        return rule.serialize()
    prelude = tinycss2.serialize(rule.prelude)
    kept = [one for one in _split(prelude) if can_match(one, known)]
    return f"{','.join(kept)}{{{tinycss2.serialize(rule.content)}}}" if kept else ""


def _split(prelude: str) -> list[str]:
    """The selectors of a list; a comma in brackets divides nothing."""
    parts, depth = [""], 0
    for letter in prelude:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def slim_font(font: Path, style: str) -> None:
    """Write a font beside the full one, with the icons that a style sheet still names."""
    points = [ord(icon) for icon in re.findall("[?\ue000-\uf8ff]", style)]
    points += [int(code, 16) for code in re.findall(r"\\(e\w{3}|f[0-8]\w\w)\b", style)]
    options = subset.Options()
    small = TTFont(font)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(small)
    small.flavor = "woff"
    small.save(font.with_suffix(".woff"))


def slim(app: Sphinx, exception: Exception | None) -> None:
    """Make the written site smaller."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    known = words(site)
    for path in (site / "_static").rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        small = slim_style(text, known)
        if found := FONT.search(text):
            slim_font(path.parent / f"{found[1]}.ttf", small)
            small = FONT.sub(r'url("\1.woff") format("woff"),url("\1.woff2")', small)
        path.write_text(small, encoding="utf-8")
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if (small := PRELOAD.sub("", text)) != text:
            path.write_text(small, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", order, priority=950)
    app.connect("build-finished", slim, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
