"""Create .venv with the pinned requirements; any Python can run this, to refuse an old one."""

import os
import subprocess
import sys

OLDEST = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")


def stop(sentence):
    sys.stderr.write("\n" + sentence + "\n")
    sys.exit(1)


def main():
    if sys.version_info[:2] < OLDEST:
        stop(
            "Python {}.{} or newer is needed, this is {}.{}: install one and run "
            "'make PYTHON=/path/to/python3'.".format(*(OLDEST + tuple(sys.version_info[:2])))
        )
    python = os.path.join(VENV, "bin", "python")
    if not os.path.exists(python):
        print("Creating .venv ...")
        if subprocess.call([sys.executable, "-m", "venv", VENV]):
            stop("Could not create .venv: install the venv module (on Debian: python3-venv).")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--no-deps"]  # every requirement is in the pinned list
    print("Installing the pinned requirements (about a minute the first time) ...")
    sys.stdout.flush()
    requirements = os.path.join(ROOT, "requirements.txt")
    if subprocess.call(pip + ["-r", requirements]):
        stop("Could not install requirements.txt: check the network and run the command again.")
    if subprocess.call(pip + ["--editable", ROOT]):
        stop("Could not install lstm_lib: see the message above, then run the command again.")
    with open(os.path.join(VENV, ".ready"), "w") as stamp:
        stamp.write(sys.version + "\n")


main()
