"""Run the notebooks as their readers do: outside the project, after one ``pip install``.

Usage: ``python tools/outside.py [PATH ...]`` builds the wheel, installs it with the extra
``notebooks`` into a new environment in a temporary folder, and runs each notebook (default: all in
``book/``) alone in an empty folder. It says which of them fail, and exits with 1 if one does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRA = "notebooks"
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600).execute()
nbformat.write(notebook, sys.argv[1])
"""
# Loaded by every Python below: no path leads to a project, and none of its files may be opened.
GUARD = """
import os, sys
sys.path[:] = [path for path in sys.path if not os.path.exists(path + "/pyproject.toml")]
ROOT, ALLOWED = {root!r}, {allowed!r}
def refuse(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(ROOT):
        if not arguments[0].startswith(ALLOWED):
            raise PermissionError("a file of the project is opened: " + arguments[0])
sys.addaudithook(refuse)
"""


def wheel(folder: Path, *, isolated: bool = True) -> Path:
    """The library's wheel, built into a folder."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder)]
    command += [] if isolated else ["--no-build-isolation"]
    subprocess.run([*command, str(ROOT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


def guard(folder: Path, *allowed: Path) -> None:
    """Let no Python that has the folder on its path open a file of the project."""
    text = GUARD.format(root=f"{ROOT}{os.sep}", allowed=tuple(f"{a}{os.sep}" for a in allowed))
    (folder / "sitecustomize.py").write_text(text, encoding="utf-8")


def run_alone(notebook: Path, python: str, packages: Path) -> list[str]:
    """Run a copy in an empty folder; returns what it prints, cell by cell."""
    with tempfile.TemporaryDirectory() as empty:
        copy = Path(shutil.copy(notebook, empty))
        environment = os.environ | {"PYTHONPATH": str(packages), "IPYTHONDIR": f"{empty}/.ipython"}
        command = [python, "-c", RUN, str(copy)]
        done = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{notebook.name} does not run outside: {done.stderr[-1500:]}")
        cells = json.loads(copy.read_text(encoding="utf-8"))["cells"]
    return ["".join(o.get("text", "")) for cell in cells for o in cell.get("outputs", [])]


def main(arguments: list[str]) -> int:
    paths = [Path(a).resolve() for a in arguments] or sorted(ROOT.joinpath("book").rglob("*.ipynb"))
    failed = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        built = wheel(folder)
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        python = str(folder / "venv" / "bin" / "python")
        install = [python, "-m", "pip", "install", "--quiet", f"{built}[{EXTRA}]"]
        print(f"pip install '{built.name}[{EXTRA}]'", flush=True)
        subprocess.run(install, check=True)
        (folder / "guard").mkdir()
        guard(folder / "guard")
        for path in paths:
            try:
                run_alone(path, python, folder / "guard")
                print(f"{path.name}: runs", flush=True)
            except RuntimeError as error:
                failed.append(path.name)
                print(error, flush=True)
    print(f"{len(paths) - len(failed)} of {len(paths)} run outside the project")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
