"""Fetch the browser code that the book hosts itself (MathJax, MiniSearch) and the tests use."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from node import executable

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "book" / "vendor"
WANTED = {  # what the pages load, and its licence
    "mathjax": ("es5/output/chtml/fonts/woff-v2", "LICENSE"),
    "minisearch": ("dist/umd/index.js", "LICENSE.txt"),
}
# What sets the equations, in the order of need, without MathJax's menu: two fifths of the whole,
# which would also make every formula a stop of the Tab key.
EQUATIONS = ("startup", "core", "input/tex", "output/chtml", "output/chtml/fonts/tex")


def main() -> None:
    npm = executable("npm")
    command = [npm, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit("Could not fetch MathJax and the rest with npm: check the network and try again.")
    shutil.rmtree(VENDOR, ignore_errors=True)
    for package, parts in WANTED.items():
        for part in parts:
            source, target = ROOT / "node_modules" / package / part, VENDOR / package / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            else:
                shutil.copy(source, target)
    es5 = ROOT / "node_modules" / "mathjax" / "es5"
    texts = [(es5 / f"{part}.js").read_text(encoding="utf-8") for part in EQUATIONS]
    (VENDOR / "mathjax" / "es5" / "equations.js").write_text(";\n".join(texts), encoding="utf-8")
    (VENDOR / ".ready").write_text((ROOT / "package-lock.json").read_text())


if __name__ == "__main__":
    main()
