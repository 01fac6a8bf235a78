"""Measure the built book in a real browser and print what it finds.

Usage: ``python benchmarks/book.py`` after ``make book``; ``--build`` also times a clean
``make site``, ``--test`` also times ``make test``. Nothing here is a test: numbers depend on the
machine, so read them together with the first line.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tools import chromium, serve  # noqa: E402

LIMITS = {
    "navigation to first drawn figure": (1000, "ms"),
    "input event to changed chart, 95th percentile": (16, "ms"),
    "own weight per figure": (100, "kB"),
    "clean build": (180, "s"),
    "make test": (900, "s"),
}

PAGES = ("index.html", "01_roots.html", "04_vanishing.html", "05_rnn_to_lstm.html")

INPUT_TIMES = """async () => {
  const times = [];
  for (const input of document.querySelectorAll(".lf input[type=range]")) {
    const { min, max, step } = input;
    for (let k = 0; k <= 40; k++) {
      input.value = Number(min) + Math.round(k / 40 * (max - min) / step) * step;
      const start = performance.now();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await null;                                    // the figure draws in a microtask
      input.closest(".lf").getBoundingClientRect();  // and the browser lays the change out
      times.push(performance.now() - start);
      await new Promise((done) => setTimeout(done));
    }
  }
  return times;
}"""


def row(name: str, value: float, note: str = "") -> None:
    limit, unit = LIMITS[name]
    verdict = "ok" if value <= limit else "ABOVE THE AIM"
    print(f"{name:48} {value:8.1f} {unit:3} aim <= {limit} {unit}  {verdict}  {note}")


def first_figure(browser: Browser, address: str, runs: int = 7) -> list[float]:
    """Time from the start of navigation to the first drawn figure, with an empty cache."""
    times = []
    for _ in range(runs):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(".lf[data-ready]")
        times.append(
            page.evaluate("performance.getEntriesByName('live-figure-drawn')[0].startTime")
        )
        context.close()
    return times


def own_weight(page: Page, address: str) -> tuple[float, int]:
    """Bytes of the page without MathJax and the theme, and the number of figures on it."""
    ours = {}
    mine = ("live-figures.js", "figure-", "figures.css", "page.js", "page.css", "logo.svg", ".html")

    def note(response) -> None:
        if any(name in response.url for name in mine):
            ours[response.url] = len(response.body())

    page.on("response", note)
    page.goto(address)
    page.wait_for_selector(".lf[data-ready]")
    return sum(ours.values()), page.locator(".lf").count()


def timed(*command: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--build", action="store_true")
    options.add_argument("--test", action="store_true")
    chosen = options.parse_args()
    if chosen.build:
        row("clean build", timed("make", "clean", "site"))
    server = serve.server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}/book/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        print(
            f"{platform.machine()}, {os.cpu_count()} cores, Chromium {browser.version}, "
            f"Python {platform.python_version()}"
        )
        for name in PAGES:
            times = first_figure(browser, site + name)
            spread = f"{name}, median of {len(times)}, worst {max(times):.0f}"
            row("navigation to first drawn figure", statistics.median(times), spread)
        for name in PAGES:
            page = browser.new_page()
            size, count = own_weight(page, site + name)
            row(
                "own weight per figure",
                size / count / 1000,
                f"{name}, {count} figure(s), uncompressed",
            )
            times = page.evaluate(INPUT_TIMES)
            value = statistics.quantiles(times, n=20)[-1]
            note = f"{name}, {len(times)} events, median {statistics.median(times):.2f}"
            row("input event to changed chart, 95th percentile", value, note)
            page.close()
        browser.close()
    server.shutdown()
    if chosen.test:
        row("make test", timed("make", "test"))


if __name__ == "__main__":
    main()
