"""Fetch the browser code that the book hosts itself (MathJax) and the tests use (axe-core)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from node import executable

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "book" / "vendor"
FONTS = "es5/output/chtml/fonts/woff-v2"


def main() -> None:
    npm = executable("npm")
    command = [npm, "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit("Could not fetch MathJax with npm: check the network and run the command again.")
    source = ROOT / "node_modules" / "mathjax"
    shutil.rmtree(VENDOR, ignore_errors=True)
    target = VENDOR / "mathjax"
    shutil.copytree(source / FONTS, target / FONTS)
    shutil.copy(source / "es5" / "tex-chtml.js", target / "es5")
    shutil.copy(source / "LICENSE", target)
    (VENDOR / ".ready").write_text((ROOT / "package-lock.json").read_text())


if __name__ == "__main__":
    main()
