"""The program behind the live figure on mistakes: printed once, with a switch where each lies."""

from __future__ import annotations

from functools import cache

from lstm_lib.exchange.vectors import problem, to_json
from lstm_lib.exchange.vectors.make import declared
from lstm_lib.page.figures.implement.mistakes import MISTAKES

__all__ = ["plant"]


@cache
def plant() -> str:
    """The test vectors, and the Augmented LSTM with one mistake at a time.

    The JavaScript variable ``planted`` names the mistake, or none.
    """
    vectors = problem("augmented_lstm")
    shown = {k: z for k, z in vectors.items() if k not in ("about", "equations", "order")}
    printed = declared("augmented_lstm").javascript_source("cell")
    right = [line for line in printed.split("\n") if not line.lstrip().startswith("//")]
    source = "\n".join(right)
    lines = list(right)
    for mistake in MISTAKES:
        if mistake.script is None:
            continue
        wrong = mistake.in_script(source).split("\n")
        for at, (a, b) in enumerate(zip(right, wrong, strict=True)):
            if a != b:
                lines[at] = _either(mistake.name, b, lines[at])
    return "\n".join(
        [
            f"const FILE = {to_json(shown)};",
            "const C_v = FILE.loss.C_v;",
            'let planted = "";',
            *lines,
        ]
    )


def _either(name: str, wrong: str, line: str) -> str:
    """The wrong line if the mistake is planted, else the line as it stands."""
    left, equals, value = wrong.strip().partition(" = ")
    if left.startswith("var "):  # a declaration has to be outside of the braces
        now = line.strip().partition(" = ")[2].rstrip(";")
        return f'    {left}{equals}planted === "{name}" ? {value.rstrip(";")} : {now};'
    return f'    if (planted === "{name}") {{ {wrong.strip()} }} else {{ {line.strip()} }}'
