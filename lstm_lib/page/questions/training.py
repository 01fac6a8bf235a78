"""The programs behind the questions of 03_training: three steps of one neuron, lines, and costs."""

from __future__ import annotations

from functools import cache

from lstm_lib.derive import standard_rnn
from lstm_lib.page.figures.training import models
from lstm_lib.page.javascript import javascript_constant

__all__ = ["model"]

NETWORKS = {
    "the standard RNN": standard_rnn,
    "one whose read-out adds up": standard_rnn.change("r[n] = r[n-1] + G(s[n])"),
    "one that looks two steps back": standard_rnn.change(
        "s[n] = W_r @ r[n-2] + W_x @ x[n] + theta_s"
    ),
    "one that looks one and two steps back": standard_rnn.change(
        "s[n] = W_r @ r[n-1] + W_q @ r[n-2] + W_x @ x[n] + theta_s", parameters="W_q: d_s, d_s"
    ),
}
SIGNS = {
    ".T @ ": "^{⊤} ",
    " @ ": " ",
    " * ": " ⊙ ",
    "-": "−",
    "dL_dr[n]": "∇ℒ[n]",
    "theta": "θ",
    "chi": "χ",
    "psi": "ψ",
}


def line(equation: object) -> str:
    """An equation of the engine in plain letters."""
    text = str(equation)
    for old, new in SIGNS.items():
        text = text.replace(old, new)
    for name in ("W_r", "W_q", "W_x", "θ_s"):
        text = text.replace(name, f"{name[0]}_{{{name[2]}}}")
    return text


@cache
def model() -> str:
    """``read_outs``, ``signals``, ``costs``, and the networks with their line for χ."""
    rows = [
        {
            "name": name,
            "s": line(system.forward["s"]),
            "r": line(system.forward["r"]),
            "chi": line(system.backward["chi"]),
        }
        for name, system in NETWORKS.items()
    ]
    return "\n".join(
        [models.three_steps(), models.training_cost(), javascript_constant("NETWORKS", rows)]
    )
