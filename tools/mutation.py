"""Break the backward passes in small ways and count how many breaks the tests notice.

    python tools/mutation.py [layers/rnn online/rtrl ...] [--sample 40] [--seed 0]

Uses cosmic-ray on a copy of the repository, never on the files themselves. Broken is every
function that a backward pass reaches; annotations, docstrings and messages are not. The tests that
should notice are found by the names of the module and of its classes. ``--sample`` draws that many
mutants per module, 0 takes all of them. Prints the score and every survivor.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "lstm_lib"

ROOMS = ("layers", "online", "learning")
ROOTS = {
    "layers": {"backward", "_truncated"},
    "online": {"step", "gradient"},
    "learning": {"backward", "squared_error", "softmax_cross_entropy"},
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(module: str) -> ast.Module:
    return ast.parse((LIBRARY / f"{module}.py").read_text(encoding="utf-8"))


def modules() -> list[str]:
    """The modules of the rooms that compute gradients, as ``layers/rnn``."""
    found = (path for room in ROOMS for path in (LIBRARY / room).rglob("*.py"))
    return sorted(p.relative_to(LIBRARY).with_suffix("").as_posix() for p in found)


def functions(module: str) -> dict[str, list[Function]]:
    """Those of a module and of its classes, by name."""
    out: dict[str, list[Function]] = {}
    for node in ast.walk(parsed(module)):
        if isinstance(node, Function):
            out.setdefault(node.name, []).append(node)
    return out


def imported(module: str) -> dict[str, tuple[str, str]]:
    """Local name -> (module of these rooms, name there; empty for the module itself)."""
    known = set(modules())
    out = {}
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lstm_lib"):
            source = "/".join(node.module.split(".")[1:])
            for alias in node.names:
                if f"{source}/{alias.name}" in known:
                    out[alias.asname or alias.name] = (f"{source}/{alias.name}", "")
                elif source in known:
                    out[alias.asname or alias.name] = (source, alias.name)
    return out


def targets() -> dict[str, set[str]]:
    """The functions that a backward pass reaches, by module; none that only checks arguments."""
    waiting = [
        (module, name)
        for module in modules()
        for name in ROOTS[module.partition("/")[0]]
        if name in functions(module)
    ]
    out: dict[str, set[str]] = {}
    while waiting:
        module, name = waiting.pop()
        if name.startswith("_check") or name in out.setdefault(module, set()):
            continue
        out[module].add(name)
        here, others = functions(module), imported(module)
        for function in here[name]:
            for node in ast.walk(function):
                used = getattr(node, "attr", getattr(node, "id", ""))
                if used in here and used != "forward":
                    waiting.append((module, used))
                elif used in others and others[used][1] in functions(others[used][0]):
                    waiting.append(others[used])
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    source = others.get(node.value.id, ("", ""))
                    if source[0] and not source[1] and used in functions(source[0]):
                        waiting.append((source[0], used))
    return {module: names for module, names in sorted(out.items()) if names}


def classes(module: str) -> set[str]:
    """The layers of a module; where it has none, those of the modules that import it."""
    layers: set[str] = set()
    for node in parsed(module).body:
        if isinstance(node, ast.ClassDef):
            own = {f.name: f for f in node.body if isinstance(f, Function)}
            inherits = any(isinstance(base, ast.Name) and base.id in layers for base in node.bases)
            made = "backward" in own and not isinstance(own["backward"].body[-1], ast.Raise)
            if made or inherits:
                layers.add(node.name)
    if layers:
        return layers
    users = [m for m in modules() if module in {source for source, _ in imported(m).values()}]
    return {name for user in users for name in classes(user)}


def tests(module: str) -> list[str]:
    """The arguments of pytest: the tests named as the module is (else those that name its classes
    or import from it), and the tests of every layer, as far as they are about its classes."""
    room, _, name = module.partition("/")
    own = [ROOT / "tests" / room / f"test_{name}.py"]
    if not own[0].exists():
        public = [rf"\b{n.name}\b" for n in parsed(module).body if isinstance(n, ast.ClassDef)]
        named = re.compile("|".join([f"lstm_lib.{room}.{name} import", *public]))
        files = sorted(f for known in ROOMS for f in (ROOT / "tests" / known).glob("test_*.py"))
        own = [file for file in files if named.search(file.read_text(encoding="utf-8"))]
    every = ROOT / "tests" / "layers" / "test_layers.py"
    words = [path.stem for path in own if path != every] + sorted(classes(module))
    files = [path.relative_to(ROOT).as_posix() for path in dict.fromkeys([*own, every])]
    return [*files, "-k", " or ".join(words)]


CONFIG = """
[cosmic-ray]
module-path = "lstm_lib/{module}.py"
timeout = 120.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider --hypothesis-profile=mutation {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def interesting_lines(module: str, names: set[str]) -> set[int]:
    """The lines of code in the named functions: no docstrings, no annotations, no ``raise``."""
    wanted: set[int] = set()
    for node in (function for name in names for function in functions(module)[name]):
        for statement in node.body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            wanted.update(range(statement.lineno, statement.end_lineno + 1))
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Raise, ast.AnnAssign)):
                wanted.difference_update(range(inner.lineno, inner.end_lineno + 1))
    return wanted


def run(module, functions, options, folder):
    """Mutants killed, and all, of the named functions of a module."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome, WorkResult

    name = module.replace("/", "-")
    config, session = folder / f"{name}.toml", folder / f"{name}.sqlite"
    arguments = shlex.join(tests(module)).replace('"', r"\"")
    config.write_text(CONFIG.format(module=module, python=sys.executable, tests=arguments))

    def cosmic_ray(*arguments):
        subprocess.run(
            [sys.executable, "-m", "cosmic_ray.cli", *map(str, arguments)], cwd=folder, check=True
        )

    cosmic_ray("baseline", config)
    cosmic_ray("init", config, session)
    lines = interesting_lines(module, functions)
    with use_db(str(session), WorkDB.Mode.open) as db:
        items = list(db.pending_work_items)
        inside = [item for item in items if item.mutations[0].start_pos[0] in lines]
        if options.sample and len(inside) > options.sample:
            inside = random.Random(options.seed).sample(inside, options.sample)
        chosen = {item.job_id for item in inside}
        for item in items:
            if item.job_id not in chosen:
                db.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))
    cosmic_ray("exec", config, session)
    killed, survivors = 0, []
    with use_db(str(session), WorkDB.Mode.open) as db:
        for item, result in db.completed_work_items:
            if item.job_id in chosen:
                if result.is_killed:
                    killed += 1
                else:
                    survivors.append((item.mutations[0], result.diff))
    print(f"{module}: {killed} of {len(chosen)} mutants killed", flush=True)
    for mutation, diff in survivors:
        print(f"  survived: line {mutation.start_pos[0]}, {mutation.operator_name}")
        changed = [row for row in (diff or "").splitlines() if row[:1] in "+-" and row[1:2] == " "]
        print("\n".join(f"    {row}" for row in changed), flush=True)
    return killed, len(chosen)


def main() -> None:
    found = targets()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", choices=[*found, []], default=[])
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("lstm_lib", "tests"):
            shutil.copytree(
                ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(ROOT / "pyproject.toml", folder)
        counts = [run(m, found[m], options, folder) for m in options.modules or found]
    killed, total = (sum(count[k] for count in counts) for k in (0, 1))
    print(f"score: {killed}/{total} = {killed / total:.1%}")


if __name__ == "__main__":
    main()
