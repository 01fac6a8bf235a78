"""Serve the built book on this machine and print its address."""

from __future__ import annotations

import functools
import http.server
import sys
from pathlib import Path

SITE = Path(__file__).resolve().parent.parent / "_build" / "html"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Static files; quiet, and never from a stale cache."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *args: object) -> None:
        pass


def server(port: int = 0) -> http.server.ThreadingHTTPServer:
    """A server of the built site on 127.0.0.1; port 0 takes a free one."""
    return http.server.ThreadingHTTPServer(
        ("127.0.0.1", port), functools.partial(Handler, directory=str(SITE))
    )


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    try:
        running = server(wanted)
    except OSError:
        running = server()
    print(f"The book is at http://127.0.0.1:{running.server_port}/  (stop with Ctrl-C)", flush=True)
    try:
        running.serve_forever()
    except KeyboardInterrupt:
        print()
