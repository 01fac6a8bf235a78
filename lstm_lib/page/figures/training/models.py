r"""The equations behind the figures on gradients, each written once.

The backward pass is the engine's. The sensitivities that RTRL carries forward are the forward
equations of one neuron, differentiated by SymPy; the costs are counted from the equations.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from lstm_lib.derive import kept_per_step, standard_rnn, training_multiplications
from lstm_lib.derive.cost import multiplications
from lstm_lib.page.javascript import javascript_constant, javascript_function

__all__ = ["error_back", "three_steps", "training_cost", "triangle", "truncated_gradient"]


@cache
def triangle() -> str:
    """The standard RNN, and one neuron's read-out with its sensitivity to the weight."""
    w, x, r, p, eps = sp.symbols("w x r_prev p_prev epsilon", real=True)
    # Nudge the weight: the old read-out moves by p times the nudge, the new one by its derivative.
    s = (w + eps) * (r + eps * p) + x
    new = sp.tanh(s)
    step = {"r": new.subs(eps, 0), "p": new.diff(eps).subs(eps, 0)}
    carried = javascript_function("sensitivity_step", [w, x, r, p], step)
    return "\n".join(
        [standard_rnn.javascript_source(), carried, javascript_constant("CODE", sweeps())]
    )


class _Slope(sp.Function):
    """G', the slope of the warping."""


class _Warping(sp.Function):
    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return _Slope(self.args[0])


def sweeps() -> dict[str, list[str]]:
    """What each algorithm does at step n, for one neuron, as lines for the eye."""
    backward = standard_rnn.backward
    term = standard_rnn.gradients["W_r"].rhs.args[0]
    bptt = [str(backward["chi"]), str(backward["psi"]), f"sum += {term}"]
    W, eps, r, P, s, S, e = sp.symbols("W_r epsilon r[n-1] P[n-1] s[n] S[n] dL_dr[n]")
    state = ((W + eps) * (r + eps * P)).diff(eps).subs(eps, 0)
    read = _Warping(s + eps * S).diff(eps).subs(eps, 0)
    loss = (e * (r + eps * sp.Symbol("P[n]"))).diff(eps)
    rtrl = [f"S[n] = {state}", f"P[n] = {read}", f"sum += {loss}"]
    return {"bptt": [spelled(line) for line in bptt], "rtrl": [spelled(line) for line in rtrl]}


def spelled(equation: object) -> str:
    """An equation of the engine for one neuron in plain letters: no transposes, no brackets."""
    text = str(equation)
    for old, new in {
        ".T": "",
        "_Slope": "G′",
        "dG(": "G′(",
        "⊙": "·",
        " @ ": " ",
        " * ": " ",
        "*": " ",
        "dL_dr": "∇ℒ",
        "chi": "χ",
        "psi": "ψ",
        "W_r": "Wᵣ",
        "-": "−",
    }.items():
        text = text.replace(old, new)
    return text


@cache
def truncated_gradient() -> str:
    """The standard RNN, and the task's input and error."""
    gain, turn = sp.symbols("gain turn", real=True)
    angle = turn * sp.pi / 180
    rotation = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
    entries = {f"w{i}{j}": gain * rotation[i, j] for i in range(2) for j in range(2)}
    r, t = sp.symbols("r t", real=True)
    loss = (r - t) ** 2 / 2
    return "\n".join(
        [
            standard_rnn.javascript_source(),
            javascript_function("recurrent_weights", [gain, turn], entries),
            javascript_function("loss", [r, t], {"E": loss, "dE_dr": loss.diff(r)}),
        ]
    )


@cache
def three_steps() -> str:
    """One neuron for three steps: its read-outs, then every signal, term and sensitivity.

    ``read_outs(w, r_prev, x0, x1, x2)`` gives ``r0, r1, r2``. From these and the losses' own
    gradients ``e0, e1, e2``, ``signals`` gives ``chi0 .. psi2``, the sensitivities
    ``P0, P1, P2`` and the terms ``Cnk``. The network is written down once and differentiated as
    it stands; a read-out that is known by its value stands for its tanh.
    """
    w, r_prev = sp.symbols("w r_prev", real=True)
    x, e, known = (sp.symbols(f"{name}:3", real=True) for name in "xer")
    nudge = sp.symbols("nudge:3", real=True)  # of a state, or of what is read from it
    states, read, r = [], [], r_prev
    for n in range(3):
        states.append(w * r + x[n])
        r = sp.tanh(states[n] + nudge[n])
        read.append(r)
    still = dict.fromkeys(nudge, 0)

    def at_known(z: sp.Expr) -> sp.Expr:
        z = z.subs(still)
        for n in reversed(range(3)):
            z = z.subs(read[n].subs(still), known[n])
        return sp.simplify(z)

    of_state = {(n, k): at_known(read[n].diff(nudge[k])) for n in range(3) for k in range(n + 1)}
    before = [r_prev, *known]
    out: dict[str, sp.Expr] = {}
    for k in range(3):
        out[f"psi{k}"] = sum(e[n] * of_state[n, k] for n in range(k, 3))
        later = sum(e[n] * of_state[n, k + 1] * w for n in range(k + 1, 3))
        out[f"chi{k}"] = e[k] + later
        out[f"P{k}"] = at_known(read[k].diff(w))
    for (n, k), slope in of_state.items():
        out[f"C{n}{k}"] = e[n] * slope * before[k]
    forward = {f"r{n}": read[n].subs(still) for n in range(3)}
    return "\n".join(
        [
            javascript_function("read_outs", [w, r_prev, *x], forward),
            javascript_function("signals", [w, r_prev, *known, *e], out),
        ]
    )


#: The worked example of the chapter: one neuron, three steps, numbers to check by hand. The inputs
#: are those that bring these read-outs about; the losses' own gradients are 0.1, 0.5 and -0.5.
WEIGHT, START = sp.Rational(1, 2), sp.Rational(1, 2)  # W_r and r[-1]
READ = [sp.Rational(8, 10), sp.Rational(6, 10), sp.Rational(5, 10)]
TARGET = [sp.Rational(7, 10), sp.Rational(1, 10), sp.Rational(1)]


def worked_example() -> dict[str, list[float]]:
    """Inputs ``x`` and targets ``t`` of the worked example."""
    before = [START, *READ]
    x = [sp.atanh(READ[n]) - WEIGHT * before[n] for n in range(3)]
    return {"x": [float(value) for value in x], "t": [float(value) for value in TARGET]}


@cache
def error_back() -> str:
    """Three steps of one neuron, and the worked example."""
    return "\n".join(
        [
            three_steps(),
            javascript_constant("EXAMPLE", worked_example()),
            javascript_constant("START", float(START)),
        ]
    )


@cache
def training_cost() -> str:
    """Counts for the standard RNN with as many inputs as neurons."""
    d_s, d_x = standard_rnn.parameters["W_x"]
    N = sp.Symbol("N")
    weights = [sp.Mul(*shape) for shape in standard_rnn.parameters.values()]
    p = sum(weights)
    # What RTRL carries, d_s rows of p columns: W_r P, G'(s) times it, and the error times it.
    W_r, P = sp.MatrixSymbol("W_r", d_s, d_s), sp.MatrixSymbol("P", d_s, p)
    slope, error = sp.MatrixSymbol("D", d_s, p), sp.MatrixSymbol("e", 1, d_s)
    carried = [
        sp.MatMul(W_r, P),
        sp.HadamardProduct(slope, P),
        sp.MatMul(error, P),
    ]
    counts = {
        "bptt_kept": N * sum(kept_per_step(standard_rnn).values()),
        "bptt_work": training_multiplications(standard_rnn),
        "rtrl_kept": d_s * p,
        "rtrl_work": multiplications(standard_rnn.forward) + multiplications(carried),
    }
    size = sp.Symbol("d")
    counts = {
        key: sp.expand(sp.sympify(z).subs({d_s: size, d_x: size})) for key, z in counts.items()
    }
    return javascript_function("costs", [size, N], counts)
