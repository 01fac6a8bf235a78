"""Break the backward passes in small ways and count how many breaks the tests notice.

    python mutation/run.py [modules ...] [--sample 40] [--seed 0]

Uses cosmic-ray on a copy of the repository, never on the files themselves. Only the functions
that compute gradients are mutated; annotations, docstrings and messages are not. ``--sample``
draws that many mutants per module, 0 takes all of them. Prints the score and every survivor.
"""

from __future__ import annotations

import argparse
import ast
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkResult

ROOT = Path(__file__).resolve().parent.parent

# module: (functions that compute gradients, tests that should notice)
TARGETS = {
    "rnn": ("backward _truncated", "test_layers.py test_rnn.py -k RNN"),
    "lstm": ("backward _factors", "test_layers.py test_lstm.py -k 'LSTM and not 1997'"),
    "augmented": ("backward _factors", "test_layers.py test_augmented.py -k 'Aug or aug'"),
    "stacking": (
        "halved unstack peep_back peep_gradient",
        "test_layers.py test_augmented.py -k 'Aug or aug'",
    ),
    "windows": ("scatter narrow _own _overlap", "test_layers.py test_augmented.py -k 'Aug or aug'"),
    "layer": (
        "columns times shifted chunks final",
        "test_layers.py test_lstm.py -k 'Vanilla or GRU or RNN or stretches'",
    ),
    "gru": ("backward", "test_layers.py -k GRU"),
    "grid": ("backward _predecessors", "test_layers.py test_grid.py -k 'Grid or grid'"),
    "lstm1997": ("backward _unstack _from_gate", "test_layers.py -k LSTM1997"),
    "truncated": ("step gradient", "test_lstm1997.py"),
    "rtrl": ("step gradient", "test_rtrl.py"),
    "compose": ("backward _flip _reversed _last", "test_layers.py -k 'Stacked or Bidirectional'"),
    "feedforward": ("backward", "test_feedforward.py"),
    "losses": ("squared_error softmax_cross_entropy _log_softmax", "test_losses.py"),
    "readout": ("backward", "test_training.py -k 'derivative or one_step'"),
}

CONFIG = """
[cosmic-ray]
module-path = "lstm_lib/{module}.py"
timeout = 120.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider --hypothesis-profile=mutation {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def interesting_lines(path, functions):
    """The lines of code in the named functions: no docstrings, no annotations, no ``raise``."""
    wanted = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            for statement in node.body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    continue
                wanted.update(range(statement.lineno, statement.end_lineno + 1))
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Raise, ast.AnnAssign)):
                    wanted.difference_update(range(inner.lineno, inner.end_lineno + 1))
    return wanted


def run(module, options, folder):
    functions, tests = TARGETS[module]
    files, _, selection = tests.partition(" -k ")
    tests = " ".join(f"tests/{name}" for name in files.split())
    tests += f" -k {selection}" if selection else ""
    config, session = folder / f"{module}.toml", folder / f"{module}.sqlite"
    config.write_text(CONFIG.format(module=module, python=sys.executable, tests=tests))

    def cosmic_ray(*arguments):
        subprocess.run(
            [sys.executable, "-m", "cosmic_ray.cli", *map(str, arguments)], cwd=folder, check=True
        )

    cosmic_ray("baseline", config)
    cosmic_ray("init", config, session)
    lines = interesting_lines(folder / "lstm_lib" / f"{module}.py", functions.split())
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", choices=[*TARGETS, []], default=[])
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
        counts = [run(module, options, folder) for module in options.modules or TARGETS]
    killed, total = (sum(count[k] for count in counts) for k in (0, 1))
    print(f"score: {killed}/{total} = {killed / total:.1%}")


if __name__ == "__main__":
    main()
