r"""From the canonical RNN to the LSTM, one change at a time: the list of stages.

Each stage is a system of its own, declared by its forward equations in the names of the Vanilla
LSTM: $u$ the update of the state, $g_{cu}$, $g_{cs}$, $g_{cr}$ the gates. The last one has the
equations of the Vanilla LSTM without peepholes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lstm_lib import checks, derive

if TYPE_CHECKING:
    from lstm_lib.derive.system import System

__all__ = ["STAGES", "towards_lstm"]


class Stage(NamedTuple):
    """What the stage is called where one is chosen, what its system is, and its equations."""

    choice: str
    name: str
    forward: str


_GATES = """\
a_cu[n] = W_xcu @ x[n] + W_rcu @ r[n-1] + b_cu
g_cu[n] = G_c(a_cu[n])
a_cs[n] = W_xcs @ x[n] + W_rcs @ r[n-1] + b_cs
g_cs[n] = G_c(a_cs[n])
"""
_CANONICAL = """\
s[n] = W_s @ s[n-1] + W_r @ r[n-1] + W_x @ x[n] + theta_s
r[n] = G(s[n])
"""
_IDENTITY = """\
u[n] = W_xdu @ x[n] + W_rdu @ r[n-1] + b_du
s[n] = s[n-1] + u[n]
r[n] = G_d(s[n])
"""
_CAROUSEL = """\
u[n] = W_xdu @ x[n] + b_du
s[n] = s[n-1] + u[n]
r[n] = G_d(s[n])
"""
_UPDATE = f"""\
{_GATES}\
u[n] = W_xdu @ x[n] + W_rdu @ r[n-1] + b_du
s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]
r[n] = G_d(s[n])
"""
_BOUNDED = f"""\
{_GATES}\
a_du[n] = W_xdu @ x[n] + W_rdu @ r[n-1] + b_du
u[n] = G_d(a_du[n])
s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]
r[n] = G_d(s[n])
"""
_READOUT = """\
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
"""

DECLARED = {
    "canonical": Stage("0 RNN", "Canonical RNN", _CANONICAL),
    "identity": Stage("1 state kept", "RNN that keeps its state", _IDENTITY),
    "carousel": Stage("2 carousel", "Constant error carousel", _CAROUSEL),
    "update": Stage("3 two gates", "Gated update", _UPDATE),
    "bounded": Stage("4 bounded update", "Gated and bounded update", _BOUNDED),
    "readout": Stage("5 LSTM", "Gated read-out", _READOUT),
}

STAGES = tuple(DECLARED)
"""The names of the stages, in the order in which each mends what the one before lacks."""


@lru_cache(None)
def towards_lstm(stage: str) -> System:
    r"""One stage on the way from the canonical RNN to the LSTM.

    Parameters
    ----------
    stage
        One of ``STAGES``:

        - ``"canonical"``: the canonical RNN;
        - ``"identity"``: $W_s=I$, the rest is the update $u[n]$;
        - ``"carousel"``: no feedback into the update;
        - ``"update"``: gates $g_{cs}[n]$ on the old state and $g_{cu}[n]$ on the update;
        - ``"bounded"``: $u[n]=G_d(a_{du}[n])$;
        - ``"readout"``: the value $v[n]=g_{cr}[n]\odot r[n]$ is fed back in place of $r[n]$.

    Raises
    ------
    ValueError
        For any other stage.
    """
    declared = DECLARED[checks.one_of("stage", stage, STAGES)]
    return derive.System.from_equations(
        declared.forward, name=declared.name, source=derive.canonical_rnn.source
    )
