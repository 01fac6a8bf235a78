"""The file that keeps each finished trial of a run at once, so that a killed run goes on.

One line of JSON a trial, written and synced before the next is looked at. A line that a kill has
torn is dropped; it was not finished. Only one run may hold the file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from lstm_lib.page.measure.result import whole

__all__ = ["Busy", "WorkFile"]


class Busy(RuntimeError):
    """Another run holds the file."""


class WorkFile:
    """``with WorkFile(path, inputs) as work``: ``work.kept`` and ``work.keep(setting, seed, ...)``.

    ``inputs`` is the hash of what the trials depend on; trials of other inputs are thrown away.
    """

    def __init__(self, path: Path, inputs: str) -> None:
        self.path = path
        self.inputs = inputs
        self.kept: dict[tuple[int, int], dict[str, Any]] = {}

    def __enter__(self) -> WorkFile:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.path.with_suffix(".lock"), "w")
        try:
            _hold(self._lock)
            self._open()
        except BaseException:
            self._lock.close()
            raise
        return self

    def _open(self) -> None:
        whole = self._read()
        mode = "a" if whole else "w"
        if whole:
            os.truncate(self.path, whole)  # or the next line would be glued to the torn one
        self._file = open(self.path, mode, encoding="utf-8")  # noqa: SIM115
        if not whole:
            self._write({"inputs": self.inputs})

    def _read(self) -> int:
        """Take up the finished trials; how many bytes of the file are whole lines (0: begin)."""
        content = self.path.read_bytes() if self.path.exists() else b""
        head, *lines = content.split(b"\n")[:-1] or [b""]
        if head != json.dumps({"inputs": self.inputs}).encode():
            return 0
        for line in lines:
            text, remedy = line.decode(errors="replace"), "delete it; its trials are run again"
            key, trial = whole(self.path, lambda t: ((t["setting"], t["seed"]), t), text, remedy)
            self.kept[key] = trial
        return content.rfind(b"\n") + 1

    def keep(self, setting: int, seed: int, values: dict[str, Any], seconds: float) -> None:
        """Write a finished trial down; it is on the disk when this returns."""
        trial = {"setting": setting, "seed": seed, "values": values, "seconds": seconds}
        self._write(trial)
        self.kept[setting, seed] = trial

    def _write(self, record: dict[str, Any]) -> None:
        self._file.write(json.dumps(record) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def remove(self) -> None:
        """The result is written: nothing has to be taken up any more."""
        self.path.unlink()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._lock.close()  # the lock ends with it, as it does when the process is killed


def _hold(file: TextIO) -> None:
    import fcntl  # where there is no fcntl, pages can still be read

    try:  # a record lock: a worker that is forked does not hold it and cannot outlive it
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        name = Path(file.name).stem
        raise Busy(f"{name}: another make results is running it; wait for it or end it") from error
