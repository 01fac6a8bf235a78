"""Serve the built book on this machine and print its address."""

from __future__ import annotations

import functools
import gzip
import http.server
import io
import sys
from pathlib import Path
from typing import Any

SITE = Path(__file__).resolve().parent.parent / "_build" / "html"
TEXT = {".html", ".css", ".js", ".json", ".svg", ".txt", ".ipynb"}


@functools.cache
def compressed(path: Path, changed: int) -> bytes:
    """A file as it is sent; ``changed`` is when it was written."""
    return gzip.compress(path.read_bytes(), 6)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Static files; quiet, compressed as a host of static pages does, never from a stale cache."""

    def send_head(self) -> Any:
        path = Path(self.translate_path(self.path))
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (packed and path.suffix in TEXT and path.is_file()):
            return super().send_head()
        data = compressed(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        return io.BytesIO(data)

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
