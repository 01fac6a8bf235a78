"""Write the whole built book as one PDF, page after page as the browser prints them.

Usage: ``python tools/pdf.py [PATH]`` (default: ``_build/book.pdf``). Every page of the contents is
printed in reading order; its headings become the outline. A link to another page of the book leads
to that page in the PDF.
"""

from __future__ import annotations

import io
import re
import sys
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tools import chromium, links, serve  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu"]


def print_page(page: Page, address: str) -> bytes:
    """One page as PDF, once its equations are typeset and its figures drawn."""
    page.goto(address)
    for host in page.query_selector_all("[data-live-figure]"):
        host.wait_for_selector(".lf[data-ready]")
    page.evaluate("() => window.MathJax && MathJax.startup && MathJax.startup.promise")
    return page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def merge(printed: dict[str, bytes], site: str) -> PdfWriter:
    """One document, with the outline of all; links within the site become links within it."""
    book, first = PdfWriter(), {}
    for path, content in printed.items():
        first[path] = len(book.pages)
        book.append(PdfReader(io.BytesIO(content)), import_outline=True)
    for page in book.pages:
        for note in page.get("/Annots") or []:
            action: Any = note.get_object().get("/A")
            address = str((action or {}).get("/URI", ""))
            path = re.sub(r"[#?].*", "", address.removeprefix(site))
            if address.startswith(site) and path in first:
                target = book.pages[first[path]].indirect_reference
                note.get_object()[NameObject("/A")] = DictionaryObject(
                    {
                        NameObject("/S"): NameObject("/GoTo"),
                        NameObject("/D"): ArrayObject([target, NameObject("/Fit")]),
                    }
                )
    return book


def main(arguments: list[str]) -> int:
    target = Path(arguments[0]) if arguments else ROOT / "_build" / "book.pdf"
    if not (serve.SITE / "book" / "index.html").exists():
        sys.exit("The book is not built yet: run 'make site' first.")
    path = chromium.find() or sys.exit(f"No Chromium: {chromium.HELP}.")
    server = serve.server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}/"
    printed = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        for source, _ in links.pages():
            name = source.relative_to(ROOT).with_suffix(".html").as_posix()
            printed[name] = print_page(page, site + name)
            print(f"{name}: {len(printed[name]) // 1024} kB", flush=True)
        browser.close()
    server.shutdown()
    book = merge(printed, site)
    book.add_metadata({"/Title": "Recurrent Networks, Derived"})
    target.parent.mkdir(parents=True, exist_ok=True)
    book.write(target)
    print(f"{len(book.pages)} pages: {target.resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
