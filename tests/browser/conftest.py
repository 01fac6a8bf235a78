"""A real browser on the built pages."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from xdist.scheduler import LoadScopeScheduling

from tools import chromium, serve

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ARTEFACTS = ROOT / "artefacts" / "screenshots"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]

MODES = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "light",
        "has_touch": True,
        "is_mobile": True,
    },
}


# Equations are set, fonts have come, and what follows from their sizes has been laid out.
SETTLED = """async () => {
    if (window.MathJax?.startup) await MathJax.startup.promise;
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
# All that a page folds, and a figure's controls; its panels are its own.
UNFOLD = """() => document.querySelectorAll("article details:not(.lf-more)")
    .forEach((fold) => { fold.open = true; })"""


def pages() -> list[str]:
    """The built pages that we write, as paths below the site."""
    sources = (p for p in ROOT.glob("book/**/*") if p.suffix in (".md", ".ipynb"))
    written = [p.relative_to(ROOT).with_suffix(".html").as_posix() for p in sources]
    # Of the library's pages, which the build writes, some of each kind.
    return sorted(
        [*written, *(f"book/api/{name}.html" for name in ("derive", "layers.lstm", "tasks"))]
    )


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the built book, served from this machine."""
    assert (serve.SITE / "book" / "index.html").exists(), "build the book first: make site"
    server = serve.server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    assert path, f"no Chromium: {chromium.HELP}"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


class Watched:
    """A page of a context, with everything on record that a page must not do."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.site, self.errors, self.outside = site, [], []
        self.page: Page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda request: self.errors.append(f"failed: {request.url}"))
        self.page.on("response", self._response)
        self.page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _response(self, response) -> None:
        if response.status >= 400:
            self.errors.append(f"{response.status}: {response.url}")

    def _request(self, request) -> None:
        if not request.url.startswith((self.site, "data:", "file:", "blob:")):
            self.outside.append(request.url)

    def open(self, address: str, unfold: bool = False) -> Page:
        """Load a page and wait for figures, equations and fonts; on wish open what is folded."""
        self.page.goto(address if "://" in address else self.site + address)
        for host in self.page.query_selector_all("[data-live-figure]"):
            host.wait_for_selector(".lf[data-ready]", state="attached")  # it may be folded
        self.page.evaluate(SETTLED)
        if unfold:
            self.page.evaluate(UNFOLD)
            self.page.evaluate(SETTLED)
        return self.page


@pytest.fixture
def watched(browser: Browser, site: str) -> Iterator[Watched]:
    """A watched page in light mode, for one test."""
    context = browser.new_context(**MODES["light"])
    yield Watched(context, site)
    context.close()


class ByPage(LoadScopeScheduling):
    """The tests of one page of one file run in one process: they share the loaded page."""

    def _split_scope(self, nodeid: str) -> str:
        page = re.search(r"\[(?:\w+-)?book/[\w/.]+\.html", nodeid)
        return nodeid.partition("::")[0] + page[0] if page else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPage:
    return ByPage(config, log)
