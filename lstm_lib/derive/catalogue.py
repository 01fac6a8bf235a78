"""The systems of the book, each declared by its forward equations and nothing else.

The functions without arguments are the systems of ``lstm_lib.derive``, which keeps what they make.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial

from .combine import bidirectional, stacked
from .system import System

__all__ = ["augmented_lstm_variant", "lstm1997_variant", "vanilla_lstm_variant"]

PAPER = "A. Sherstinsky, Physica D 404 (2020) 132306"
declared = System.from_equations

VANILLA = """\
a_cu[n] = W_xcu @ x[n] + W_scu @ s[n-1] + W_vcu @ v[n-1] + b_cu
g_cu[n] = G_c(a_cu[n])
a_cs[n] = W_xcs @ x[n] + W_scs @ s[n-1] + W_vcs @ v[n-1] + b_cs
g_cs[n] = G_c(a_cs[n])
a_du[n] = W_xdu @ x[n] + W_vdu @ v[n-1] + b_du
u[n] = G_d(a_du[n])
s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]
r[n] = G_d(s[n])
a_cr[n] = W_xcr @ x[n] + W_scr @ s[n] + W_vcr @ v[n-1] + b_cr
g_cr[n] = G_c(a_cr[n])
v[n] = g_cr[n] * r[n]
"""

AUGMENTED = """\
xi_cx[n] = sum(W_xcx[l] @ x[n-l] for l in L_cx)
xi_cu[n] = sum(W_xcu[l] @ x[n-l] for l in L_cu)
xi_cs[n] = sum(W_xcs[l] @ x[n-l] for l in L_cs)
xi_du[n] = sum(W_xdu[l] @ x[n-l] for l in L_du)
xi_cr[n] = sum(W_xcr[l] @ x[n-l] for l in L_cr)
a_cx[n] = xi_cx[n] + W_scx @ s[n-1] + W_vcx @ v[n-1] + b_cx
g_cx[n] = G_c(a_cx[n])
a_cu[n] = xi_cu[n] + W_scu @ s[n-1] + W_vcu @ v[n-1] + b_cu
g_cu[n] = G_c(a_cu[n])
a_cs[n] = xi_cs[n] + W_scs @ s[n-1] + W_vcs @ v[n-1] + b_cs
g_cs[n] = G_c(a_cs[n])
a_du[n] = g_cx[n] * xi_du[n] + W_vdu @ v[n-1] + b_du
u[n] = G_d(a_du[n])
s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]
r[n] = G_d(s[n])
a_cr[n] = xi_cr[n] + W_scr @ s[n] + W_vcr @ v[n-1] + b_cr
g_cr[n] = G_c(a_cr[n])
q[n] = g_cr[n] * r[n]
v[n] = W_qdr @ q[n]
"""


@lru_cache(None)
def vanilla_lstm_variant(peepholes: str | bool | None = "full") -> System:
    """The Vanilla LSTM with "full", "diagonal" or no (None, False) peepholes."""
    return _lstm("Vanilla LSTM", VANILLA, peepholes)


@lru_cache(None)
def augmented_lstm_variant(
    window: bool = True,
    external_gate: bool = True,
    projection: bool = True,
    peepholes: str | bool | None = "full",
) -> System:
    """The Augmented LSTM with each extension on or off; all off is the Vanilla LSTM."""
    text, name = AUGMENTED, "Augmented LSTM"
    if not external_gate:
        text = re.sub(r".*_cx\[n\] = .*\n", "", text).replace("g_cx[n] * ", "")
    if not window:
        text = re.sub(r"sum\((\w+)\[l\] @ x\[n-l\] for l in \w+\)", r"\1 @ x[n]", text)
        for xi, read in re.findall(r"(xi_\w+\[n\]) = (.*)\n", text):
            if f"* {xi}" not in text:
                text = text.replace(f"{xi} = {read}\n", "").replace(xi, read)
    if not projection:
        text = text.replace("v[n] = W_qdr @ q[n]\n", "").replace("q[n] =", "v[n] =")
    if not (window or external_gate or projection):
        name = "Vanilla LSTM"
    return _lstm(name, text, peepholes)


def _lstm(name: str, text: str, peepholes: str | bool | None) -> System:
    if peepholes == "diagonal":
        text, name = re.sub(r"W_(s\w+) @ s", r"w_\1 * s", text), f"{name} with diagonal peepholes"
    elif peepholes is None or peepholes is False:
        text, name = re.sub(r"W_s\w+ @ \S+ \+ ", "", text), f"{name} without peepholes"
    elif peepholes != "full":
        raise ValueError(f"peepholes: expected 'full', 'diagonal' or None, got {peepholes!r}")
    # without an external gate the error at xi_du is that at a_du
    errors = {"q": "dE_dq"} | ({"xi_du": "epsilon_du"} if "g_cx" in text else {})
    return declared(
        text,
        name=name,
        sizes="v: d_v" if "W_qdr" in text else "",
        adjoints=", ".join(f"{z}: {error}" for z, error in errors.items() if f"{z}[n] =" in text),
        source=PAPER,
    )


def standard_rnn() -> System:
    """The standard RNN: the state is a sum of read-out, input and bias."""
    return declared(
        """
        s[n] = W_r @ r[n-1] + W_x @ x[n] + theta_s
        r[n] = G(s[n])
        """,
        name="Standard RNN",
        source=PAPER,
    )


def canonical_rnn() -> System:
    """The canonical RNN: the sampled additive model, with the decay of the state kept."""
    return declared(
        """
        s[n] = W_s @ s[n-1] + W_r @ r[n-1] + W_x @ x[n] + theta_s
        r[n] = G(s[n])
        """,
        name="Canonical RNN",
        source=PAPER,
    )


def leaky_rnn() -> System:
    """The leaky RNN: each unit keeps a share kappa of its state."""
    return declared(
        """
        s[n] = kappa * s[n-1] + (1 - kappa) * (W_r @ r[n-1] + W_x @ x[n] + theta_s)
        r[n] = G(s[n])
        """,
        name="Leaky RNN",
        source=PAPER,
    )


def _gru(name: str, candidate: str) -> System:
    return declared(
        f"""
        a_cs[n] = W_xcs @ x[n] + W_vcs @ v[n-1] + b_cs
        g_cs[n] = G_c(a_cs[n])
        a_cr[n] = W_xcr @ x[n] + W_vcr @ v[n-1] + b_cr
        g_cr[n] = G_c(a_cr[n])
        a_du[n] = {candidate}
        u[n] = G_d(a_du[n])
        v[n] = g_cs[n] * v[n-1] + (1 - g_cs[n]) * u[n]
        """,
        name=name,
        sizes="v: d_v",
        source="K. Cho et al., EMNLP 2014",
    )


def gru() -> System:
    """The GRU as published: the reset gate acts before the recurrent product."""
    return _gru("GRU", "W_xdu @ x[n] + W_vdu @ (g_cr[n] * v[n-1]) + b_du")


def gru_framework() -> System:
    """The GRU of the frameworks: the reset gate acts after the recurrent product and its bias."""
    reset = "W_xdu @ x[n] + b_du + g_cr[n] * (W_vdu @ v[n-1] + b_vdu)"
    return _gru("GRU, framework form", reset)


def _each(stem: str, names: list[str]) -> str:
    return " ".join(stem + name for name in names)


@lru_cache(None)
def lstm1997_variant(
    forget_gate: bool = False,
    truncated: bool = False,
    gate_recurrence: bool = False,
    peepholes: bool = False,
) -> System:
    """The memory block of 1997: full or truncated gradient, with or without what it may have.

    The constant P (d_s, d_b) repeats the gates of each block for its cells. Truncated: no error
    flows back from a net into what it reads; inside the cell it flows unchanged. With gate
    recurrence each net reads the gates' outputs at n-1, too; with peepholes (of 2002) each gate
    sees the states of its block, which the constant Q (d_b, d_s) adds up.
    """
    gates = ["in", *(["phi"] if forget_gate else []), "out"]
    keep = "(P @ y_phi[n]) * s_c[n-1]" if forget_gate else "s_c[n-1]"

    def past(z: str, lag: str = "-1") -> str:
        return f"cut({z}[n{lag}])" if truncated else f"{z}[n{lag}]"

    def net(z: str) -> str:
        reads = [f"W_x{z} @ x[n]", f"W_y{z} @ {past('y_c')}"]
        if gate_recurrence:
            reads += [f"W_{k}_{z} @ {past(f'y_{k}')}" for k in gates]
        if peepholes and z != "c":
            reads.append(f"Q @ (w_s_{z} * {past('s_c', '' if z == 'out' else '-1')})")
        return f"net_{z}[n] = {' + '.join(reads)} + b_{z}"

    lines = [line for z in gates for line in (net(z), f"y_{z}[n] = G_c(net_{z}[n])")]
    cell = [net("c"), f"s_c[n] = {keep} + (P @ y_in[n]) * G_u(net_c[n])"]
    lines[-2 if peepholes else len(lines) :] = [*cell, *(lines[-2:] if peepholes else [])]
    lines.append("y_c[n] = (P @ y_out[n]) * G_r(s_c[n])")
    name = "LSTM of 1997" + (" with forget gate" if forget_gate else "")
    parameters = (
        f"{_each('W_x', gates)}: d_b, d_x; W_xc: d_s, d_x; "
        f"{_each('W_y', gates)}: d_b, d_s; W_yc: d_s, d_s; {_each('b_', gates)}: d_b; b_c: d_s"
    )
    if gate_recurrence:
        name += ", gate recurrence"
        between = [f"{k}_{z}" for z in gates for k in gates]
        parameters += f"; {_each('W_', between)}: d_b, d_b; "
        parameters += f"{' '.join(f'W_{k}_c' for k in gates)}: d_s, d_b"
    if peepholes:
        name += ", peepholes"
        parameters += f"; {_each('w_s_', gates)}: d_s"
    return System(
        name + (", truncated gradient" if truncated else ""),
        "\n".join(lines),
        inputs="x: d_x",
        sequences=f"{_each('net_', gates)} {_each('y_', gates)}: d_b; net_c s_c y_c: d_s",
        parameters=parameters,
        constants="P: d_s, d_b; Q: d_b, d_s" if peepholes else "P: d_s, d_b",
        outputs="y_c",
        adjoints=", ".join(
            ["y_c: chi", "s_c: psi", "net_c: alpha_c", *(f"net_{g}: alpha_{g}" for g in gates)]
        ),
        warping={"G_c": "logistic", "G_u": "logistic4", "G_r": "logistic2"},
        source="S. Hochreiter, J. Schmidhuber, Neural Computation 9 (1997); F. Gers et al. (2000)",
    )


def feedforward() -> System:
    """A network with one hidden layer; n counts patterns, nothing is recurrent."""
    return System(
        "Feed-forward network",
        """
        a_h[n] = W_xh @ x[n] + b_h
        h[n] = G(a_h[n])
        a_y[n] = W_hy @ h[n] + b_y
        y[n] = G(a_y[n])
        """,
        inputs="x: d_x",
        sequences="a_h h: d_h; a_y y: d_y",
        parameters="W_xh: d_h, d_x; b_h: d_h; W_hy: d_y, d_h; b_y: d_y",
        outputs="y",
        adjoints="a_h: delta_h, a_y: delta_y",
        warping={"G": "logistic"},
    )


def grid_lstm() -> System:
    """One cell of a two-dimensional Grid LSTM.

    Along time (1) its own past arrives, along depth (2) the cell below: m[n] and h[n]. Both
    transforms read both hidden vectors, each has its own state. The read-out is that of the
    Vanilla LSTM, g_cr * G_d(s); the paper writes G_d(g_cr * s).
    """
    text = "".join(
        f"""
        a_cu_{k}[n] = W_vcu_{k} @ v_1[n-1] + W_hcu_{k} @ h[n] + b_cu_{k}
        g_cu_{k}[n] = G_c(a_cu_{k}[n])
        a_cs_{k}[n] = W_vcs_{k} @ v_1[n-1] + W_hcs_{k} @ h[n] + b_cs_{k}
        g_cs_{k}[n] = G_c(a_cs_{k}[n])
        a_du_{k}[n] = W_vdu_{k} @ v_1[n-1] + W_hdu_{k} @ h[n] + b_du_{k}
        u_{k}[n] = G_d(a_du_{k}[n])
        a_cr_{k}[n] = W_vcr_{k} @ v_1[n-1] + W_hcr_{k} @ h[n] + b_cr_{k}
        g_cr_{k}[n] = G_c(a_cr_{k}[n])
        s_{k}[n] = g_cs_{k}[n] * {old} + g_cu_{k}[n] * u_{k}[n]
        r_{k}[n] = G_d(s_{k}[n])
        v_{k}[n] = g_cr_{k}[n] * r_{k}[n]
        """
        for k, old in ((1, "s_1[n-1]"), (2, "m[n]"))
    )
    states = re.findall(r"(\w+)\[n\] =", text)
    weights = [z.removeprefix("a_") for z in states if z.startswith("a_")]
    return System(
        "Grid LSTM, two dimensions",
        text,
        inputs="m h: d_s",
        sequences=f"{' '.join(sorted(states, key=lambda z: 'srv'.find(z[0])))}: d_s",
        parameters=f"{_each('W_v', weights)} {_each('W_h', weights)}: d_s, d_s; "
        f"{_each('b_', weights)}: d_s",
        outputs="v_1 s_2 v_2",
        adjoints="v_1: chi_1, s_1: psi_1, v_2: chi_2, s_2: psi_2, "
        + ", ".join(f"a_{z}: alpha_{z}" for z in weights),
        warping={"G_c": "logistic", "G_d": "tanh"},
        source="N. Kalchbrenner, I. Danihelka, A. Graves, ICLR 2016",
    )


vanilla_lstm = vanilla_lstm_variant
vanilla_lstm_diagonal = partial(vanilla_lstm_variant, "diagonal")
vanilla_lstm_no_peepholes = partial(vanilla_lstm_variant, None)
augmented_lstm = augmented_lstm_variant
lstm1997 = lstm1997_variant
lstm1997_forget = partial(lstm1997_variant, forget_gate=True)
lstm1997_truncated = partial(lstm1997_variant, truncated=True)
lstm1997_forget_truncated = partial(lstm1997_variant, forget_gate=True, truncated=True)


def stacked_lstm() -> System:
    """Two layers of the Vanilla LSTM, one on top of the other."""
    return stacked(vanilla_lstm(), vanilla_lstm())


def bidirectional_lstm() -> System:
    """The Vanilla LSTM in both directions of time."""
    return bidirectional(vanilla_lstm())
