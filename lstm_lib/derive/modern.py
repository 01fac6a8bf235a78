"""Cells that need more than matrices and gates: a mean, a root, a window over their own past."""

from __future__ import annotations

from .system import System

declared = System.from_equations

GATES = ("cu", "cs", "du", "cr")
PARTS = {"x": "", "v": "-1"}  # where net inputs come from, and from how many steps away


def highway() -> System:
    """A recurrent highway network, two layers deep in each step.

    Each layer is a highway layer: a gate g decides how much of the update u is taken, and the rest
    of what came in is carried on. Only the first layer reads the input.
    """

    return declared(
        """
        a_g1[n] = W_xg @ x[n] + W_vg @ v[n-1] + b_g1
        g_1[n] = G_c(a_g1[n])
        a_u1[n] = W_xu @ x[n] + W_vu @ v[n-1] + b_u1
        u_1[n] = G_d(a_u1[n])
        s[n] = g_1[n] * u_1[n] + (1 - g_1[n]) * v[n-1]
        a_g2[n] = W_sg @ s[n] + b_g2
        g_2[n] = G_c(a_g2[n])
        a_u2[n] = W_su @ s[n] + b_u2
        u_2[n] = G_d(a_u2[n])
        v[n] = g_2[n] * u_2[n] + (1 - g_2[n]) * s[n]
        """,
        name="Recurrent highway network",
        source="R. Srivastava, K. Greff, J. Schmidhuber (2015); J. Zilly et al., ICML 2017",
    )


def layer_norm_lstm() -> System:
    """The LSTM with layer normalisation, without peepholes.

    The net inputs of all gates that come from x are normalised together, those that come from v
    together, and the state before the read-out: c is what is left without the mean m, q its mean
    square (plus 1e-5), and y is 1 over the root of q. A gain gamma follows. The paper's shifts of
    x and v would only be added to the bias, which stands for them.
    """

    def norm(part: str, names: list[str]) -> list[str]:
        share = "" if len(names) == 1 else f"{1 / len(names)} * "
        centred = [name.replace("a_", "c_") if "_" in name else f"c_{name}" for name in names]
        return [
            f"m_{part}[n] = {share}mean({' + '.join(f'{z}[n]' for z in names)})",
            *(f"{c}[n] = {z}[n] - m_{part}[n]" for c, z in zip(centred, names, strict=True)),
            f"q_{part}[n] = {share}mean({' + '.join(f'square({c}[n])' for c in centred)}) + 1e-5",
            f"y_{part}[n] = rsqrt(q_{part}[n])",
        ]

    lines = [f"a_{p}{g}[n] = W_{p}{g} @ {p}[n{step}]" for p, step in PARTS.items() for g in GATES]
    for p in PARTS:
        lines += norm(p, [f"a_{p}{g}" for g in GATES])
    for g in GATES:
        both = " + ".join(f"gamma_{p}{g} * c_{p}{g}[n] * y_{p}[n]" for p in PARTS)
        out = f"u[n] = G_d(a_{g}[n])" if g == "du" else f"g_{g}[n] = G_c(a_{g}[n])"
        lines += [f"a_{g}[n] = {both} + b_{g}", out]
    lines += ["s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]", *norm("s", ["s"])]
    lines += ["r[n] = G_d(gamma_s * c_s[n] * y_s[n] + b_s)", "v[n] = g_cr[n] * r[n]"]

    def each(*stems: str) -> str:
        return " ".join(f"{stem}{g}" for stem in stems for g in GATES)

    states = [line.split("[")[0] for line in lines]
    greek = {"v": "chi", "r": "rho", "s": "psi"}
    greek |= {z: z.replace("a_", "alpha_") for z in states if z.startswith("a_")}
    return System(
        "Layer-norm LSTM",
        "\n".join(lines),
        inputs="x: d_x",
        sequences=f"{' '.join(states)}: d_s",
        parameters=f"{each('W_x')}: d_s, d_x; {each('W_v')}: d_s, d_s; "
        f"{each('gamma_x', 'gamma_v', 'b_')} gamma_s b_s: d_s",
        outputs="v",
        adjoints=", ".join(
            f"{z}: {greek.get(z, f'dE_d{z}')}" for z in states if z in greek or z[0] in "mcqy"
        ),
        warping={"G_c": "logistic", "G_d": "tanh"},
        source="J. Ba, J. Kiros, G. Hinton, arXiv:1607.06450 (2016)",
    )


def attention() -> System:
    """An RNN whose read-out is softmax attention over a window of its own states.

    At lag l the score is the mean of w * tanh(k[n-l] + q[n]), with a key k of the old state and a
    query q of the new one. The weight of a state is the exponential of its score, divided by the
    sum z of all in the window. With lag 0 in the window that is never zero. Before the first step
    there is nothing to attend to: one[n] is 1 at every step and 0 outside the sequence.
    """
    weight = "one[n-l] * exp(mean(w * tanh(k[n-l] + q[n])))"
    return declared(
        f"""
        one[n] = 1
        a[n] = W_x @ x[n] + W_v @ v[n-1] + b
        s[n] = tanh(a[n])
        k[n] = W_k @ s[n]
        q[n] = W_q @ s[n] + b_q
        z[n] = sum({weight} for l in L)
        c[n] = sum({weight} * s[n-l] for l in L)
        v[n] = c[n] * reciprocal(z[n])
        """,
        name="RNN with softmax attention",
        adjoints="k: dE_dk, q: dE_dq, z: dE_dz, c: dE_dc",
        source="D. Bahdanau, K. Cho, Y. Bengio, ICLR 2015; J. Cheng et al., EMNLP 2016",
    )
