r"""From the canonical RNN to the LSTM, one change at a time.

Each stage is a system of its own, declared by its forward equations in the names of the Vanilla
LSTM: $u$ the update of the state, $g_{cu}$, $g_{cs}$, $g_{cr}$ the gates. The last one has the
equations of the Vanilla LSTM without peepholes.
"""

from __future__ import annotations

from functools import lru_cache

from .catalogue import PAPER, canonical_rnn
from .system import System

__all__ = ["STAGES", "towards_lstm"]

_GATES = """\
a_cu[n] = W_xcu @ x[n] + W_rcu @ r[n-1] + b_cu
g_cu[n] = G_c(a_cu[n])
a_cs[n] = W_xcs @ x[n] + W_rcs @ r[n-1] + b_cs
g_cs[n] = G_c(a_cs[n])
"""

_FORWARD = {
    "identity": """\
u[n] = W_xdu @ x[n] + W_rdu @ r[n-1] + b_du
s[n] = s[n-1] + u[n]
r[n] = G_d(s[n])
""",
    "carousel": """\
u[n] = W_xdu @ x[n] + b_du
s[n] = s[n-1] + u[n]
r[n] = G_d(s[n])
""",
    "update": f"""\
{_GATES}\
u[n] = W_xdu @ x[n] + W_rdu @ r[n-1] + b_du
s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]
r[n] = G_d(s[n])
""",
    "bounded": f"""\
{_GATES}\
a_du[n] = W_xdu @ x[n] + W_rdu @ r[n-1] + b_du
u[n] = G_d(a_du[n])
s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]
r[n] = G_d(s[n])
""",
    "readout": """\
a_cu[n] = W_xcu @ x[n] + W_vcu @ v[n-1] + b_cu
g_cu[n] = G_c(a_cu[n])
a_cs[n] = W_xcs @ x[n] + W_vcs @ v[n-1] + b_cs
g_cs[n] = G_c(a_cs[n])
a_du[n] = W_xdu @ x[n] + W_vdu @ v[n-1] + b_du
u[n] = G_d(a_du[n])
s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]
r[n] = G_d(s[n])
a_cr[n] = W_xcr @ x[n] + W_vcr @ v[n-1] + b_cr
g_cr[n] = G_c(a_cr[n])
v[n] = g_cr[n] * r[n]
""",
}

_NAMES = {
    "identity": "RNN that keeps its state",
    "carousel": "Constant error carousel",
    "update": "Gated update",
    "bounded": "Gated and bounded update",
    "readout": "Gated read-out",
}

STAGES = ("canonical", *_FORWARD)
"""The names of the stages, in the order in which each mends what the one before lacks."""


@lru_cache(None)
def towards_lstm(stage: str) -> System:
    r"""One stage on the way from the canonical RNN to the LSTM.

    Args:
        stage: one of ``STAGES``.

            - ``"canonical"``: the canonical RNN;
            - ``"identity"``: $W_s=I$, the rest is the update $u[n]$;
            - ``"carousel"``: no feedback into the update;
            - ``"update"``: gates $g_{cs}[n]$ on the old state and $g_{cu}[n]$ on the update;
            - ``"bounded"``: $u[n]=G_d(a_{du}[n])$;
            - ``"readout"``: the value $v[n]=g_{cr}[n]\odot r[n]$ is fed back in place of $r[n]$.

    Raises:
        ValueError: for any other stage.
    """
    if stage not in STAGES:
        raise ValueError(f"stage: expected one of {', '.join(map(repr, STAGES))}, got {stage!r}")
    if stage == "canonical":
        return canonical_rnn()
    return System.from_equations(_FORWARD[stage], name=_NAMES[stage], source=PAPER)
