"""Links that read well everywhere, made into true references of the book.

``[(3.4)](03_training.ipynb#eq-name)`` leads to the equation, and the build fails if the equation
has another number. ``[Elman (1990)](references.md#elman1990)`` leads to the entry of the
references, and the build fails if there is none, or if it has other authors or another year.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from pybtex.database import Entry
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
REFERENCES = "references"  # the page that lists them


class RecogniseLinks(SphinxTransform):
    """Mark the links that lead to equations and to references, before MyST looks for targets."""

    default_priority = 405

    def apply(self, **kwargs: Any) -> None:
        for link in list(self.document.findall(nodes.reference)):
            if link.get("id_link") and link["refuri"].startswith("#eq-"):
                self.mark(link, "equation-link", link["refuri"][1:])
        for link in list(self.document.findall(addnodes.pending_xref)):
            anchor = link.get("reftargetid") or ""
            if anchor.startswith("eq-"):
                self.mark(link, "equation-link", anchor)
            elif anchor and link["reftarget"].rpartition("/")[2] == REFERENCES:
                self.mark(link, "citation-link", anchor)

    def mark(self, link: nodes.Element, kind: str, target: str) -> None:
        marked = addnodes.pending_xref(
            "",
            nodes.inline("", "", *link.children),
            refdoc=self.env.docname,
            refdomain="",
            reftype=kind,
            reftarget=target,
        )
        marked.source, marked.line = link.source, link.line
        link.replace_self(marked)


def heading_anchor(title: str) -> str:
    """The anchor of a heading, as JupyterLab and nbconvert make it."""
    return title.strip().replace(" ", "-")


def equation_number(env: Any, label: str) -> str | None:
    """The number that the page prints beside an equation, such as ``(3.4)``."""
    equations = env.get_domain("math").equations
    if label not in equations:
        return None
    page = env.toc_fignumbers.get(equations[label][0], {}).get("displaymath", {})
    number = page.get(nodes.make_id(f"equation-{label}"))
    return None if number is None else f"({'.'.join(map(str, number))})"


def names(entry: Entry) -> str:
    """The authors as text: one, two joined by 'and', or the first 'et al.'"""
    last = [
        " ".join(str(part) for part in (*person.rich_prelast_names, *person.rich_last_names))
        for person in entry.persons["author"]
    ]
    if len(last) > 2 or "others" in last:
        return f"{last[0]} et al."
    return " and ".join(last)


def citation_texts(entry: Entry) -> tuple[str, str]:
    """How an entry is cited: in a sentence, and in brackets."""
    year = entry.fields["year"]
    return f"{names(entry)} ({year})", f"{names(entry)} {year}"


def resolve(app: Sphinx, env: Any, node: Any, inner: nodes.Element) -> nodes.Element | None:
    """The reference for a marked link, with a warning where its text is not the book's."""
    target, text = node["reftarget"], inner.astext()
    if node["reftype"] == "equation-link":
        number = equation_number(env, target)
        if number is None:
            LOGGER.warning(f"no equation has the label {target}", location=node)
            return inner
        if text != number:
            LOGGER.warning(
                f"{text} is {number} on the page: {target}; run tools/links.py", location=node
            )
        page, anchor = env.get_domain("math").equations[target][0], f"equation-{target}"
        return _reference(app, node, page, nodes.make_id(anchor), number)
    if node["reftype"] == "citation-link":
        found = [c for c in env.get_domain("cite").citations if c.key == target]
        if not found:
            LOGGER.warning(f"no reference has the key {target}", location=node)
            return inner
        expected = citation_texts(found[0].entry)
        if text not in expected:
            LOGGER.warning(f"{text!r} cites {target}: write {expected}", location=node)
        page = found[0].bibliography_key.docname
        return _reference(app, node, page, found[0].citation_id, text)
    return None


def _reference(app: Sphinx, node: Any, page: str, anchor: str, text: str) -> nodes.reference:
    here = node["refdoc"]
    address = "" if page == here else app.builder.get_relative_uri(here, page)
    return nodes.reference("", text, internal=True, refuri=f"{address}#{anchor}")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_transform(RecogniseLinks)
    app.connect("missing-reference", resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
