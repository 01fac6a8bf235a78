"""``make help`` lists every command, in one line each."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_help_lists_every_command_in_one_line_each():
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split()
    made = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = made.stdout.splitlines()
    assert [re.match(r"make (\w+) +\S", line)[1] for line in lines] == phony
    assert max(map(len, lines)) <= 100


def test_every_command_is_phony():
    commands = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert commands == set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
