"""What the pages need beyond Jupyter Book: live figures, no outside hosts."""

from __future__ import annotations

import html
import json
import os
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

import logo
from lstm_lib.exchange.vectors import write_vectors
from lstm_lib.page.figure import STATIC_PAGE
from lstm_lib.page.figures import page_scripts, page_style
from lstm_lib.page.selfcheck import check_scripts, check_style

HERE = Path(__file__).parent
WRITTEN = ("page.js", "page.css", "landing.css", "print.css", "slides.js", "slides.css")
FIGURE = re.compile(r'data-live-figure="\{"spec": \{"figure": "(\w+)"')
CHECK = re.compile(r'data-self-check="(\w+)"')


def generate_static(app: Sphinx, config: Any) -> None:
    """Write the scripts, styles and pictures that code makes, and let the kernels know."""
    os.environ[STATIC_PAGE] = "1"  # inherited by the kernels that run the notebooks
    target = Path(app.confdir) / "_build" / "generated"
    target.mkdir(parents=True, exist_ok=True)
    files = {
        **page_scripts(),
        **check_scripts(),
        "figures.css": page_style(),
        "self-checks.css": check_style(),
        **{name: (HERE / name).read_text(encoding="utf-8") for name in WRITTEN},
        "logo.svg": logo.svg(),
        "logo-dark.svg": logo.svg(theme=1),
    }
    for path in sorted(HERE.parent.rglob("*.ipynb")):  # to be saved from a page opened as a file
        given = ", ".join(map(json.dumps, (path.name, path.read_text(encoding="utf-8"))))
        name = path.relative_to(HERE.parent).as_posix()
        files[f"notebooks/{name}.js"] = f"saveNotebook({given});\n"
    # In place of the theme's 1.6 MB: the icons are in the style sheet's font, too.
    files["scripts/fontawesome.js"] = "// The icons come from a font.\n"
    for name, text in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")
    write_vectors(target / "test_vectors")  # served as _static/test_vectors/
    # The vendor folder is appended here, not called _static: every script below a _static folder
    # would be put into every page.
    config.html_static_path += [
        str(target),
        str(Path(app.confdir) / "book" / "vendor"),
    ]
    config.html_favicon = str((target / "logo.svg").relative_to(app.confdir))
    config.html_theme_options["logo"] = {
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo-dark.svg",
        "alt_text": "",
        "text": config.html_title or config.project,
    }
    ignored = config.nitpick_ignore_regex
    config.nitpick_ignore_regex = [tuple(pair) for pair in ignored] + [
        ("py:.*", r"(?!lstm_lib).*")  # other projects' names are not documented here
    ]


def finish_page(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Load the figures' script where a page has figures, and drop what would call another host."""
    app.add_css_file("figures.css")
    app.add_css_file("page.css")
    app.add_css_file("print.css", media="print")
    if page == app.config.root_doc:
        app.add_css_file("landing.css")
    app.add_js_file("page.js", priority=450, loading_method="defer")
    names = dict.fromkeys(FIGURE.findall(html.unescape(context.get("body") or "")))
    for script in ["live-figures.js", *(f"figure-{name}.js" for name in names)]:
        if names:  # the host first
            app.add_js_file(script, priority=400, loading_method="defer")
    checks = sorted(set(CHECK.findall(context.get("body") or "")))
    for script in ["self-checks.js", *(f"questions-{name}.js" for name in checks)]:
        if checks:
            app.add_css_file("self-checks.css")
            app.add_js_file(script, priority=401, loading_method="defer")


def drop_thebe(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """The book has no remote kernels; thebe's configuration is emitted twice and throws."""

    def wanted(script: Any) -> bool:
        body = (getattr(script, "attributes", None) or {}).get("body") or ""
        return "THEBE_JS_URL" not in body and "sphinx-thebe" not in str(script.filename or "")

    context["script_files"] = [s for s in context.get("script_files", []) if wanted(s)]


def dollars(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Docstrings write formulas as ``$...$``; Sphinx wants the math role."""
    text = "\n".join(lines)
    lines[:] = re.sub(r"\$([^$]+)\$", lambda m: f":math:`{m[1]}`", text).split("\n")


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("config-inited", generate_static, priority=100)
    app.connect("html-page-context", finish_page, priority=400)
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("autodoc-process-docstring", dollars)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
