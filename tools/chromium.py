"""Find a Chromium for the browser tests; install Debian's package when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HELP = "install Chromium, or give the path of one: CHROME=/path/to/chromium make test"


def find() -> str | None:
    """The path in ``CHROME``, else the first Chromium on the path."""
    if chosen := os.environ.get("CHROME"):
        return shutil.which(chosen) or sys.exit(f"CHROME={chosen} is not an executable; {HELP}.")
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's package, as root or through sudo."""
    apt = shutil.which("apt-get")
    root = [] if os.geteuid() == 0 else [shutil.which("sudo") or ""]
    if not apt or root == [""]:
        sys.exit(f"No Chromium on this machine, and no way to install it from here; {HELP}.")
    print("Installing Debian's chromium for the browser tests ...", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
        if subprocess.run(
            [*root, apt, *arguments], env=environment, stdout=subprocess.DEVNULL
        ).returncode:
            sys.exit(f"'apt-get {arguments[0]}' failed; {HELP}.")


if __name__ == "__main__":
    if not find():
        install()
    print(find() or sys.exit(f"Still no Chromium; {HELP}."))
