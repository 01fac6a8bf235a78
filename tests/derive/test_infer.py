"""Forward equations alone: what is inferred is what the catalogue declares."""

from __future__ import annotations

import pytest

from lstm_lib.derive import (
    SYSTEMS,
    DeclarationError,
    System,
    gru_framework,
    leaky_rnn,
    vanilla_lstm,
)

from .programs import system

GRU = """
    a_cs[n] = W_xcs @ x[n] + W_vcs @ v[n-1] + b_cs
    g_cs[n] = G_c(a_cs[n])
    a_cr[n] = W_xcr @ x[n] + W_vcr @ v[n-1] + b_cr
    g_cr[n] = G_c(a_cr[n])
    a_du[n] = W_xdu @ x[n] + b_du + g_cr[n] * (W_vdu @ v[n-1] + b_vdu)
    u[n] = G_d(a_du[n])
    v[n] = g_cs[n] * v[n-1] + (1 - g_cs[n]) * u[n]
"""
LEAKY = """
    s[n] = kappa * s[n-1] + (1 - kappa) * (W_r @ r[n-1] + W_x @ x[n] + theta_s)
    r[n] = G(s[n])  # the last equation: what the loss reads
"""
LSTM = """
    a_cu[n] = W_xcu @ x[n] + W_scu @ s[n-1] + W_vcu @ v[n-1] + b_cu
    a_cs[n] = W_xcs @ x[n] + W_scs @ s[n-1] + W_vcs @ v[n-1] + b_cs
    a_du[n] = W_xdu @ x[n] + W_vdu @ v[n-1] + b_du
    g_cu[n] = logistic(a_cu[n])
    g_cs[n] = logistic(a_cs[n])
    u[n] = tanh(a_du[n])
    s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n]
    r[n] = tanh(s[n])
    a_cr[n] = W_xcr @ x[n] + W_scr @ s[n] + W_vcr @ v[n-1] + b_cr
    g_cr[n] = logistic(a_cr[n])
    v[n] = g_cr[n] * r[n]
"""


def sized(cell: System, **names: str) -> dict[str, object]:
    """What a system declares, with its sizes called as asked."""

    def shapes(group):
        return {
            name: tuple(names.get(str(z), str(z)) for z in shape) for name, shape in group.items()
        }

    groups = {"inputs": cell.inputs, "sequences": cell.sequences, "parameters": cell.parameters}
    return {key: shapes(group) for key, group in groups.items()} | {
        "outputs": cell.outputs,
        "adjoints": cell.adjoints,
    }


def test_a_gru_in_seven_lines_is_the_one_of_the_catalogue():
    cell = System.from_equations(GRU)
    assert sized(cell) == sized(gru_framework, d_v="d_s")
    for part in ("forward", "backward", "gradients"):
        assert str(getattr(cell, part)) == str(getattr(gru_framework, part))
    assert cell.warping == gru_framework.warping
    named = System.from_equations(GRU, name=gru_framework.name, sizes="v: d_v")
    assert named.numpy_source() == gru_framework.numpy_source()


def test_a_leaky_rnn_in_two_lines_is_the_one_of_the_catalogue():
    cell = System.from_equations(LEAKY, name="Leaky RNN")
    assert sized(cell) == sized(leaky_rnn)
    assert cell.numpy_source() == leaky_rnn.numpy_source()
    assert cell.javascript_source() == leaky_rnn.javascript_source()


def test_an_lstm_in_eleven_lines_is_the_one_of_the_catalogue():
    cell = System.from_equations(LSTM)
    reordered = {name: vanilla_lstm.sequences[name] for name in cell.sequences}
    assert cell.sequences == reordered
    assert cell.parameters == vanilla_lstm.parameters
    assert list(cell.parameters) == list(vanilla_lstm.parameters)
    assert (cell.inputs, cell.outputs) == (vanilla_lstm.inputs, vanilla_lstm.outputs)
    for z, error in vanilla_lstm.adjoints.items():
        assert cell.adjoints[z] == error
        of = str(vanilla_lstm.backward[error].rhs)
        known = of.replace("G_c", "logistic").replace("G_d", "tanh")
        assert str(cell.backward[error].rhs) == known
    assert cell.prove().identities == vanilla_lstm.prove().identities
    cell.check()


@pytest.mark.parametrize("name", [name for name in SYSTEMS if "1997" not in name])
def test_the_sizes_of_all_systems_follow_from_their_equations(name):
    cell = system(name)
    sizes = "; ".join(f"{z}: {size}" for z, (size,) in cell.sequences.items())
    inferred = System.from_equations(
        cell.text["forward"], sizes=sizes, outputs=" ".join(cell.outputs), warping=cell.warping
    )
    assert inferred.parameters == cell.parameters
    assert inferred.inputs == cell.inputs
    assert inferred.sequences == cell.sequences
    assert inferred.forward == cell.forward


def test_the_output_is_v_or_the_last_and_may_be_another():
    text = "v[n] = tanh(W @ x[n] + U @ v[n-1])\ny[n] = R @ v[n]"
    with pytest.raises(DeclarationError, match=r"y\[n\] = R @ v\[n\]  : y is never used"):
        System.from_equations(text)
    cell = System.from_equations(text, outputs="y", sizes="y: d_y")
    assert (cell.outputs, str(cell.parameters["R"])) == (("y",), "(d_y, d_s)")
    assert System.from_equations(text.replace("v", "h")).outputs == ("y",)


def test_what_is_as_long_as_the_input_is_called_so():
    cell = System.from_equations("s[n] = x[n] + A @ s[n-1]\nr[n] = G(B @ s[n])")
    assert {str(z) for shape in cell.sequences.values() for z in shape} == {"d_x", "d_s"}
    assert str(cell.parameters) == "{'A': (d_x, d_x), 'B': (d_s, d_x)}"


def test_windows_make_taps_and_a_window_over_the_past_reads_no_input():
    cell = System.from_equations(
        """
        h[n] = tanh(sum(W[l] @ x[n-l] for l in L) + sum(k[l] * h[n-l] for l in M) + b)
        """
    )
    assert cell.taps == {"W": "L", "k": "M"}
    assert list(cell.inputs) == ["x"]
    assert str(cell.parameters) == "{'W': (d_s, d_x), 'k': (d_s,), 'b': (d_s,)}"
    cell.prove()


def test_x_is_an_input_at_any_step():
    cell = System.from_equations("v[n] = tanh(W @ x[n-1] + U @ v[n-1])")
    assert (list(cell.inputs), list(cell.sequences)) == (["x"], ["v"])
    cell.prove()


def test_signs_and_numbers_stand_before_a_matrix():
    cell = System.from_equations("s[n] = -W @ x[n] - 0.5 * U @ s[n-1] + 1")
    assert str(cell.parameters) == "{'W': (d_s, d_x), 'U': (d_s, d_s)}"
    cell.prove()


def test_names_that_the_equations_use_are_not_given_to_errors():
    cell = System.from_equations(
        "s[n] = W @ x[n] + psi * s[n-1]\nr[n] = G(s[n])\nv[n] = chi * r[n]"
    )
    assert cell.adjoints == {"r": "rho"}
    named = System.from_equations(LEAKY, adjoints="r: rho, s: chi")
    assert named.adjoints == {"r": "rho", "s": "chi"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no equations"),
        ("s[n] = W @ s[n-1]", "no inputs"),
        ("s = W @ x[n]", r"s = W @ x\[n\]  : the left side must be a sequence at step n"),
        ("s[n] = W @ x[n] +", r"s\[n\] = W @ x\[n\] \+  : not an equation"),
        (
            "s[n] = W @ x[n] + W * s[n-1]",
            r"s\[n\] = W @ x\[n\] \+ W \* .*: W is a vector here, and a matrix in  s\[n\] = W @",
        ),
        (
            "a[n] = b + U @ x[n]\ns[n] = b @ a[n]",
            r"s\[n\] = b @ a\[n\]  : b is a matrix here, and a vector in  a\[n\] = b",
        ),
        (
            "a[n] = W @ x[n] + U @ h[n-1]\nv[n] = tanh(a[n])",
            r"a\[n\] = W @ x.*: h has no equation, and an input would be read at n, too: is the "
            "equation of h missing",
        ),
        ("s[n] = W @ x", "no inputs"),
        (
            "s[n] = W @ x + V @ x[n]",
            r"s\[n\] = W @ x \+ .*: x is a sequence here, and a vector in .*: write x\[n\]\?",
        ),
        (
            "s[n] = sigma(W @ x[n])",
            "sigma is not a declared warping function, nor a known one: .*logistic",
        ),
        ("s[n] = W @ x[n] / 2", r"write a factor, 0.5 \* z"),
        ("s[n] = W.T @ x[n]", "cannot read 'W.T'"),
        ("s[n] = W @ x[n] if a else b", "cannot read 'W @ x.n. if a else b'"),
        ("s[n] = tanh(W @ x[n], b)", "cannot read 'tanh.*b.'"),
        ("s[n], r[n] = W @ x[n]", "the left side must be a sequence at step n"),
        ("s[n] = 1e999 * x[n]", "cannot read '1e309'"),
        ("s[n] = 'a' * x[n]", "cannot read \"'a'\""),
        ("s[n] = x[n] + x[0]", r"x is a vector here, and a sequence in .*: write x\[n\]\?"),
        ("s[n] = x[n] @ W", r"s\[n\] = x\[n\] @ W  : the left factor of '@' must be a matrix"),
        ("s[n] = W @ x[n]\ns[n] = V @ x[n]", r"s\[n\] = V @ x\[n\]  : s has an equation already"),
        ("s[n] = W @ x[n] + s[n]", "a cycle within one step: s -> s"),
        ("s[n] = W @ x[n] + (U @ s[n-1]", "a bracket is not closed"),
        ("s[n] = W @ x[n] + d_s", "the name d_s is declared twice"),
    ],
)
def test_bad_text_says_which_equation_and_why(text, message):
    with pytest.raises(DeclarationError, match=message):
        System.from_equations(text)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ("q: d_q", "sizes: q is no name of the equations"),
        ("s: d_s, d_s", "sizes: s is no name of the equations, or has one size"),
        ("s: d_s; r: d_r", "sizes: r is d_r and s is d_s, but the equations make them equal"),
        ("s", "expected 'names: rows'"),
    ],
)
def test_sizes_must_fit_the_equations(sizes, message):
    with pytest.raises(DeclarationError, match=message):
        System.from_equations(LEAKY, sizes=sizes)


@pytest.mark.parametrize("text", [None, 3, ["s[n] = W @ x[n]"]])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(TypeError, match="forward: expected the text of equations, got"):
        System.from_equations(text)


@pytest.mark.parametrize("deep", [1200 * "-", 2500 * "-", 90_000 * "-", 1200 * "x[n] + "])
def test_equations_nested_too_deeply_are_named(deep):
    text = f"v[n] = {deep}x[n]"
    declared = {"inputs": "x: d", "sequences": "v: d", "parameters": "", "outputs": "v"}
    for make in (System.from_equations, lambda text: System("Deep", text, **declared)):
        with pytest.raises(
            DeclarationError, match=r"^in the equation  v\[n\] = .*nested too deeply$"
        ):
            make(text)
