"""Run the unit tests and the notebooks as other processors would: ``make portable``.

A row of the table is a kernel of OpenBLAS, its number of threads, and the instructions that NumPy
may use; a column is the unit tests or a notebook. ``make portable CORES="Nehalem SkylakeX"`` takes
some rows, ``ONLY="unit 05_rnn_to_lstm"`` some columns, ``JOBS=2`` runs as many columns at once.
What has passed is not run again until a file that it reads has changed. What fails leaves its
output in ``artefacts/portable/``. Exit code 1 if anything differs.

The rows are not all combinations: each kernel is met with one thread and with two, each set of
instructions with an old kernel and a new one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "artefacts" / "portable"
NEEDS = {"Nehalem": "SSE42", "Haswell": "FMA3", "Zen": "FMA3", "SkylakeX": "AVX512_SKX"}
SSE, AVX2, ALL = "SSE", "AVX2", "all"
PROBE = """
import json, numpy
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
from threadpoolctl import threadpool_info
pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
blas = pools[0] if pools else {"architecture": "none", "num_threads": 0}
has = [name for name, found in __cpu_features__.items() if found]
print(json.dumps([blas["architecture"], blas["num_threads"], has, __cpu_dispatch__]))
"""


@dataclass(frozen=True)
class Row:
    """A machine to be like."""

    kernel: str
    threads: int
    instructions: str  # the newest that NumPy may use

    def __str__(self) -> str:
        return f"{self.kernel} x{self.threads}, NumPy {self.instructions}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process such a machine."""
        _, _, has, dispatched = probe({})
        old = {SSE: (), AVX2: ("X86_V3", "AVX2", "FMA3"), ALL: dispatched}[self.instructions]
        return {
            "OPENBLAS_CORETYPE": self.kernel,
            "OPENBLAS_NUM_THREADS": str(self.threads),
            "NPY_DISABLE_CPU_FEATURES": " ".join(
                name for name in dispatched if name in has and name not in old
            ),
        }

    def refused(self) -> str:
        """Why this machine cannot be that one; empty if it is."""
        _, _, has, _ = probe({})
        if NEEDS[self.kernel] not in has:
            return f"this processor has no {NEEDS[self.kernel]}"
        environment = self.environment
        kernel, threads, left, _ = probe(environment)
        if kernel != self.kernel:
            return f"this OpenBLAS answers it with the kernel {kernel}, which has rows of its own"
        if threads != self.threads:
            return f"OpenBLAS runs {threads} threads here"
        kept = set(environment["NPY_DISABLE_CPU_FEATURES"].split()) & set(left)
        return f"NumPy does not give up {', '.join(sorted(kept))}" if kept else ""


ROWS = [
    Row("Nehalem", 1, SSE),
    Row("Nehalem", 2, ALL),
    Row("Haswell", 1, AVX2),
    Row("Haswell", 2, ALL),
    Row("Zen", 1, AVX2),
    Row("SkylakeX", 1, ALL),
    Row("SkylakeX", 2, SSE),
]


def probe(environment: dict[str, str]) -> tuple[str, int, list[str], list[str]]:
    """Kernel, threads, NumPy's instructions in use and in store, in such an environment."""
    return _probe(tuple(sorted(environment.items())))


@cache
def _probe(environment: tuple[tuple[str, str], ...]) -> tuple[str, int, list[str], list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env=os.environ | dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(done.stdout))


def columns() -> dict[str, list[str]]:
    """Name of a column → arguments of pytest."""
    nbval = ["--nbval", "-p", "tests.nbval_pictures", "-p", "no:cacheprovider"]
    out = {"unit": ["tests", "--ignore=tests/browser", "-p", "no:cacheprovider"]}
    for path in [*sorted(ROOT.glob("book/*.ipynb")), ROOT / "book" / "how_to"]:
        out[path.stem] = [*nbval, str(path.relative_to(ROOT))]
    return out  # the how-to pages share a column


@cache
def read_by(column: str) -> str:
    """A hash of the files that a column reads."""
    digest = hashlib.sha256()
    book = "book" if column == "unit" else f"book/{column}"
    own = ("tests", "tools") if column == "unit" else ("tests/nbval_pictures.py", f"{book}.ipynb")
    for folder in ("lstm_lib", "results", book, *own):
        path = ROOT / folder
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix in (
                ".py",
                ".js",
                ".json",
                ".ipynb",
                ".cfg",
                ".md",
                ".toml",
            ):
                digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()


def run(row: Row, column: str, arguments: list[str]) -> str:
    """``ok``, or how many tests differ; the output of a failure is kept."""
    target = KEPT / str(row).replace(", ", "-").replace(" ", "-") / f"{column}.txt"
    target.parent.mkdir(parents=True, exist_ok=True)
    passed = target.with_suffix(".passed")
    if passed.exists() and passed.read_text() == read_by(column):
        return "ok"
    for old in (target, passed):
        old.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        env=os.environ | row.environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode == 0:
        passed.write_text(read_by(column))
        return "ok"
    target.write_text(done.stdout)
    differ = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    print("\n".join(f"  {row}: {line}" for line in differ) or done.stdout, flush=True)
    return f"{len(differ)} differ" if differ else f"exit {done.returncode}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make portable", description=__doc__)
    parser.add_argument("--cores", nargs="*", default=[], help=f"of {', '.join(NEEDS)}")
    parser.add_argument("--only", nargs="*", default=[], help="columns: unit, or a notebook's name")
    parser.add_argument("--jobs", type=int, default=1, help="columns at once")
    given = parser.parse_args(arguments)
    every = columns()
    for what, asked, known in (("cores", given.cores, NEEDS), ("only", given.only, every)):
        if unknown := set(asked) - set(known):
            parser.error(f"{what}: expected some of {', '.join(known)}; got {sorted(unknown)}")
    chosen = {name: every[name] for name in given.only or every}
    table = []
    for row in ROWS:
        if given.cores and row.kernel not in given.cores:
            continue
        if why := row.refused():
            print(f"{row}: skipped, {why}", flush=True)
            continue
        with ThreadPoolExecutor(given.jobs) as pool:
            ends = list(pool.map(lambda one, row=row: run(row, *one), chosen.items()))
        print(f"{row}: {', '.join(f'{c} {e}' for c, e in zip(chosen, ends, strict=True))}")
        table.append([str(row), *ends])
    if not table:
        print("portable: no kernel of these can run here")
        return 1
    print(drawn([["", *chosen], *table]))
    return int(any(end != "ok" for line in table for end in line[1:]))


def drawn(lines: list[list[str]]) -> str:
    """Columns below one another."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())
