"""Progress of a long run: tqdm's bar if tqdm is installed, otherwise lines of text."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_bar"]

Show = Callable[[int, float], None]


@contextmanager
def progress_bar(total: int, done: int, visible: bool) -> Iterator[Show]:
    """A function ``show(step, loss)`` to call after every step."""
    if not visible:
        yield lambda step, loss: None
        return
    try:
        tqdm = importlib.import_module("tqdm.auto").tqdm
    except ImportError:
        yield _lines(total)
        return
    with tqdm(total=total, initial=done) as bar:  # pragma: no cover - needs tqdm

        def show(step: int, loss: float) -> None:
            bar.set_postfix(loss=f"{loss:.4g}", refresh=False)
            bar.update(step - bar.n)

        yield show


def _lines(total: int) -> Show:
    """A line at the start, at every tenth of the way, and at the end; at most one a second."""
    began = last = time.monotonic()

    def show(step: int, loss: float) -> None:
        nonlocal last
        now = time.monotonic()
        due = step % max(total // 10, 1) == 0 and now - last >= 1
        if due or step == total:
            last = now
            print(f"{step}/{total}  loss {loss:.4g}  {now - began:.1f} s", file=sys.stderr)

    return show
