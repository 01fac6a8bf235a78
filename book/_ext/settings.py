"""Links that set a live figure: ``[radius 1.1 with α 1.5](#vanishing?radius=1.1&nonnormal=1.5)``.

On the page such a link is a button. The build fails if the page has no such figure, the figure no
such control, or if the control cannot show the value.
"""

from __future__ import annotations

import html
import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from book_pages import FIGURE
from lstm_lib.page.figure import setting

LOGGER = logging.getLogger(__name__)
SETTING = re.compile(r"\w+\?.*=")
BUTTON = re.compile(r'<a [^>]*class="lf-set" href="#(\w+)\?')


class setting_link(nodes.inline):
    """A link that sets a figure."""


class RecogniseSettings(SphinxTransform):
    """Turn the links into buttons, before MyST looks for targets."""

    default_priority = 404

    def apply(self, **kwargs: Any) -> None:
        for link in list(self.document.findall(nodes.reference)):
            text = link.get("refuri", "")[1:]
            if not link.get("id_link") or not SETTING.match(text):
                continue
            try:
                setting(text)
            except ValueError as error:
                LOGGER.warning(f"a link sets a figure: {error}", location=link)
            words = [piece for child in link.children for piece in spoken(child)]
            link.replace_self(setting_link("", "", *words, refuri=link["refuri"]))
        for link in self.document.findall(addnodes.pending_xref):
            if SETTING.match(link.get("reftargetid") or ""):
                LOGGER.warning("a link sets a figure of another page", location=link)


def spoken(child: nodes.Node) -> list[nodes.Node]:
    """A part of a button's words; a screen reader would pass over a formula, so it hears text."""
    if not isinstance(child, nodes.math):
        return [child]
    words = html.escape(re.sub(r"\\operatorname|[\\{}]", "", child.astext()).strip())
    before = f'<span class="visually-hidden">{words}</span><span inert aria-hidden="true">'
    return [nodes.raw("", before, format="html"), child, nodes.raw("", "</span>", format="html")]


def open_button(self: Any, node: nodes.Element) -> None:
    tag = self.starttag(node, "a", "", CLASS="lf-set", href=node["refuri"], role="button")
    self.body.append(tag)


def close_button(self: Any, node: nodes.Element) -> None:
    self.body.append("</a>")


def check_page(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Every button finds its figure on the page."""
    body = context.get("body") or ""
    shown = set(FIGURE.findall(html.unescape(body)))
    for name in sorted(set(BUTTON.findall(body)) - shown):
        LOGGER.warning(
            f"a link sets the figure {name}; the page shows {sorted(shown)}", location=page
        )


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(setting_link, html=(open_button, close_button))
    app.add_transform(RecogniseSettings)
    app.connect("html-page-context", check_page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
