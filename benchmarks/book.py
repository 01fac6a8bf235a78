"""Measure the built book in a real browser and print what it finds.

Usage: ``python benchmarks/book.py [PAGE.html ...]`` after ``make book``; ``--build`` also times a
clean ``make site``, ``--test`` also times ``make test``. Nothing here is a test: numbers depend on
the machine, so read them together with the first line. A phone is this machine with a slower
network and a fourth of the processor.
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
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tools import chromium, serve  # noqa: E402

FIRST, SLIDER, WEIGHT = "first figure drawn", "slider to changed chart, p95", "weight, compressed"
LIMITS = {
    (FIRST, "desktop"): (700, "ms"),
    (FIRST, "phone"): (3000, "ms"),
    (SLIDER, "desktop"): (8, "ms"),
    (SLIDER, "phone"): (16, "ms"),
    (WEIGHT, "without fonts of mathematics"): (300, "kB"),
    ("clean build", ""): (180, "s"),
    ("make test", ""): (900, "s"),
}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
CONTEXTS = {"desktop": {"viewport": {"width": 1440, "height": 900}}, "phone": PHONE}
NETWORK = {  # a phone's: 1.6 Mbit/s, answers after 150 ms
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 0.75e6 / 8,
}
SLOWER = 4  # a phone's processor against this one

# Each slider from end to end, in each figure; times by figure.
INPUT_TIMES = """async () => {
  document.querySelectorAll("article details").forEach((fold) => { fold.open = true; });
  await new Promise((done) => setTimeout(done, 500));
  const times = {};
  for (const input of document.querySelectorAll(".lf input[type=range]")) {
    const { min, max, step } = input, figure = input.closest(".lf");
    const mine = (times[figure.dataset.figure] = times[figure.dataset.figure] || []);
    for (let k = 0; k <= 40; k++) {
      input.value = Number(min) + Math.round(k / 40 * (max - min) / step) * step;
      const start = performance.now();
      input.dispatchEvent(new Event("input", { bubbles: true }));
      await null;                      // the figure draws in a microtask
      figure.getBoundingClientRect();  // and the browser lays the change out
      mine.push(performance.now() - start);
      await new Promise((done) => setTimeout(done));
    }
  }
  return times;
}"""


def with_figures() -> list[str]:
    """The built pages that have live figures: the landing page, the chapters and others."""
    found = sorted((serve.SITE / "book").glob("*.html"))
    return [path.name for path in found if "data-live-figure" in path.read_text(encoding="utf-8")]


def row(name: str, of: str, value: float, note: str = "") -> None:
    limit, unit = LIMITS[name, of]
    verdict = "ok" if value <= limit else "ABOVE THE AIM"
    what = f"{name}, {of}" if of else name
    print(f"{what:48} {value:8.1f} {unit:3} aim <= {limit} {unit}  {verdict}  {note}", flush=True)


def reader(browser: Browser, kind: str) -> Page:
    """A page of a reader who comes for the first time, on a desktop or on a phone."""
    page = browser.new_context(**CONTEXTS[kind]).new_page()
    if kind == "phone":
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", NETWORK)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def first_figure(browser: Browser, address: str, kind: str, runs: int) -> list[float]:
    """Time from the start of navigation to the first drawn figure, with an empty cache."""
    times = []
    for _ in range(runs):
        page = reader(browser, kind)
        page.goto(address, wait_until="commit")
        page.wait_for_selector(".lf[data-ready]", timeout=60_000)
        drawn = "performance.getEntriesByName('live-figure-drawn')[0].startTime"
        times.append(page.evaluate(drawn))
        page.context.close()
    return times


def slider_times(browser: Browser, address: str, kind: str) -> dict[str, list[float]]:
    """Times from input to changed chart, by figure."""
    page = browser.new_context(**CONTEXTS[kind]).new_page()
    page.goto(address, wait_until="networkidle")
    if kind == "phone":
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    times = page.evaluate(INPUT_TIMES)
    page.context.close()
    return times


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def weight(browser: Browser, address: str) -> dict[str, float]:
    """Bytes that a first visit transfers, by kind; the fonts of mathematics stand apart."""
    page = browser.new_context(**CONTEXTS["desktop"]).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    names: dict[str, str] = {}
    sizes: dict[str, float] = {}

    def asked(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["request"]["url"].partition("?")[0]

    def finished(event: dict[str, Any]) -> None:
        name = names[event["requestId"]]
        kind = "MathJax" if name.endswith("equations.js") else name.rpartition(".")[2]
        kind = "fonts of mathematics" if "MathJax_" in name else kind
        sizes[kind] = sizes.get(kind, 0) + event["encodedDataLength"]

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", finished)
    page.goto(address, wait_until="load")
    page.evaluate("() => window.MathJax?.startup?.promise")
    page.wait_for_load_state("networkidle")
    page.context.close()
    return sizes


def timed(*command: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("pages", nargs="*", help="built pages, such as 01_roots.html")
    options.add_argument("--build", action="store_true")
    options.add_argument("--test", action="store_true")
    chosen = options.parse_args()
    if chosen.build:
        row("clean build", "", timed("make", "clean", "site"))
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
        for name in chosen.pages or with_figures():
            print(f"\n{name}")
            address = site + name
            for kind, runs in (("desktop", 5), ("phone", 3)):
                times = first_figure(browser, address, kind, runs)
                note = f"median of {runs}, worst {max(times):.0f}"
                row(FIRST, kind, statistics.median(times), note)
            for kind in CONTEXTS:
                by_figure = slider_times(browser, address, kind)
                every = [time for times in by_figure.values() for time in times]
                slowest = max(by_figure, key=lambda figure: p95(by_figure[figure]))
                note = f"{len(every)} events, median {statistics.median(every):.2f}, "
                row(SLIDER, kind, p95(every), f"{note}{slowest} {p95(by_figure[slowest]):.1f}")
            sizes = weight(browser, address)
            fonts = sizes.pop("fonts of mathematics", 0)
            parts = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in sorted(sizes.items()))
            note = f"{parts}; fonts {fonts / 1000:.0f}"
            row(WEIGHT, "without fonts of mathematics", sum(sizes.values()) / 1000, note)
        browser.close()
    server.shutdown()
    if chosen.test:
        row("make test", "", timed("make", "test"))


if __name__ == "__main__":
    main()
