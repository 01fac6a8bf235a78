"""Bad declarations are refused with the equation named; good ones can be changed."""

from __future__ import annotations

import pytest

from lstm_lib.derive import DeclarationError, System, standard_rnn, vanilla_lstm

GOOD = {
    "forward": "s[n] = W @ r[n-1] + V @ x[n] + c\nr[n] = G(s[n])",
    "inputs": "x: d_x",
    "sequences": "s r: d_s",
    "parameters": "W: d_s, d_s; V: d_s, d_x; c: d_s",
    "outputs": "r",
    "adjoints": "s: psi",
    "warping": {"G": "tanh"},
}


def declare(**changed):
    return System("cell", **{**GOOD, **changed})


def test_a_good_declaration_is_accepted():
    assert [str(e) for e in declare().forward] == GOOD["forward"].splitlines()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"forward": "s[n] = W @ r[n-1] + V @ x[n] + c + k\nr[n] = G(s[n])"},
            r"s\[n\] = W @ r\[n-1\] \+ V @ x\[n\] \+ c \+ k .*k is not declared",
        ),
        (
            {"forward": "s[n] = W @ r[n-1] + V @ x[n] + c + y[n]\nr[n] = G(s[n])"},
            r"y\[n\] is not declared",
        ),
        (
            {"forward": "s[n] = W @ r[n+1] + V @ x[n] + c\nr[n] = G(s[n])"},
            r"s\[n\] = W @ r\[n\+1\].*r\[n\+1\] is a use of a future state",
        ),
        (
            {"forward": "s[n] = W @ r[n] + V @ x[n] + c\nr[n] = G(s[n])"},
            r"s\[n\] = W @ r\[n\].*a cycle within one step: s -> r -> s",
        ),
        (
            {"forward": "s[n] = W @ s[n] + V @ x[n] + c\nr[n] = G(s[n])"},
            r"s\[n\] = W @ s\[n\].*a cycle within one step: s -> s",
        ),
        (
            {
                "forward": "s[n] = W @ q[n] + V @ x[n] + c\nq[n] = G(r[n])\nr[n] = G(s[n])",
                "sequences": "s q r: d_s",
            },
            r"s\[n\] = W @ q\[n\].*a cycle within one step: s -> q -> r -> s",
        ),
        (
            {"forward": "r[n] = G(s[n])\ns[n] = W @ r[n-1] + V @ x[n] + c"},
            r"r\[n\] = G\(s\[n\]\).*computed only later",
        ),
        (
            {"forward": "s[n] = V @ r[n-1] + V @ x[n] + W @ c\nr[n] = G(s[n])"},
            r"s\[n\] = V @ r\[n-1\].*V has shape \(d_s, d_x\), it cannot multiply r",
        ),
        (
            {"forward": "s[n] = W @ r[n-1] + V @ x[n] + c * x[n]\nr[n] = G(s[n])"},
            r"s\[n\] = .*c has shape \(d_s\), but x\[n\] has shape \(d_x\) around '\*'",
        ),
        (
            {"forward": "s[n] = W @ r[n-1] + x[n] + V @ x[n] + c\nr[n] = G(s[n])"},
            r"s\[n\] = .*around '\+'",
        ),
        ({"sequences": "s: d_s; r: d_x"}, r"s\[n\] = W @ r\[n-1\]"),
        ({"forward": GOOD["forward"] + "\ns[n] = c"}, r"s\[n\] = c .*s has an equation already"),
        ({"forward": GOOD["forward"] + "\nx[n] = V @ c"}, r"x\[n\] = V @ c"),
        ({"parameters": GOOD["parameters"] + "; W: d_s"}, "parameter W is declared twice"),
        ({"parameters": GOOD["parameters"] + "; s: d_s"}, "the name s is declared twice"),
        ({"adjoints": "s: x"}, "the name x is declared twice"),
        ({"adjoints": "s: d_s"}, "the name d_s is declared twice"),
        ({"adjoints": "s: r0"}, "the name r0 is declared twice"),
        ({"adjoints": "s: psi, q: rho"}, "q has a role but no equation"),
        (
            {"forward": "s[n] = W @ r[n-1] / 2 + V @ x[n] + c\nr[n] = G(s[n])"},
            r": W @ r\[n-1\] / 2: write a factor, 0.5 \* z for z / 2",
        ),
        (
            {"forward": "s[n] = W @ r[n-1] + (V @ x[n]) ** 2 + c\nr[n] = G(s[n])"},
            r"\*\* 2: write a product, z \* z for z \*\* 2",
        ),
        ({"forward": "s[n] = W @ q[n-1] + V @ x[n]"}, r": q\[n-1\] is not declared"),
        ({"forward": "s[n] = W @ r[3-n] + V @ x[n]"}, r": r\[-n\+3\]: expected an index like n, n"),
        ({"adjoints": "s psi"}, "adjoint 's psi': expected one 'sequence: error'"),
        ({"adjoints": "s: psi, s: chi"}, "adjoint 's: chi': expected one 'sequence: error'"),
        ({"adjoints": "s: psi, r: psi"}, "the name psi is declared twice"),
        ({"adjoints": "s: dG"}, "the name dG is declared twice"),
        ({"parameters": GOOD["parameters"] + "; dG: d_s"}, "the name dG is declared twice"),
        ({"warping": {"G": "tanh", "dG": "tanh"}}, "the name dG is declared twice"),
        ({"warping": {"G": "tanh", "params": "tanh"}}, "warping 'params': not a name"),
        ({"warping": {"G": "tanh", "cut": "tanh"}}, "warping 'cut': not a name"),
        ({"outputs": "r r"}, "outputs 'r r': one is named twice"),
        ({"inputs": ""}, "no inputs"),
        ({"sequences": "s r: 3"}, "the size of s r, '3': not a name that an equation can use"),
        ({"inputs": "x: N"}, "the size of x, 'N': not a name"),
        (
            {"forward": GOOD["forward"].replace("V @ x[n]", "sum(V[l] @ x[n-l] for l in np)")},
            "the set of lags 'np': not a name",
        ),
        ({"outputs": "y"}, "y has a role but no equation"),
        ({"outputs": ""}, "no outputs"),
        (
            {"parameters": GOOD["parameters"] + "; U: d_s, d_s"},
            r"U, one of the parameters, is never used in\n  s\[n\] = W @ r\[n-1\]",
        ),
        ({"inputs": "x y: d_x"}, "y, one of the inputs, is never used"),
        (
            {
                "forward": "s[n] = W @ r[n-1] + c + sum(sum(V[l] @ x[n-l] for l in L) for l in L)"
                "\nr[n] = G(s[n])"
            },
            "no other window inside",
        ),
        ({"sequences": "s r q: d_s"}, "the sequence q is declared but has no equation"),
        (
            {"forward": GOOD["forward"] + "\nq[n] = 2 * s[n]", "sequences": "s r q: d_s"},
            r"q\[n\] = 2 \* s\[n\] .*q is never used",
        ),
        ({"warping": {}}, r"r\[n\] = G\(s\[n\]\).*G is not a declared warping function"),
        ({"parameters": "W V c"}, "expected 'names: rows' or 'names: rows, columns'"),
        ({"parameters": GOOD["parameters"] + "; n: d_s"}, "not a name that an equation can use"),
        ({"sequences": "s r: d_s, d_s"}, "sequence s: a sequence of vectors has one size"),
        ({"forward": "s[n] = W @ r[n-1] + V @ x[n] +\nr[n] = G(s[n])"}, "not an equation"),
        ({"forward": "s[n-1] = c\nr[n] = G(s[n])"}, "the left side must be a sequence at step n"),
        ({"forward": "s[n] = W @ r + c\nr[n] = G(s[n])"}, r"r is a sequence: write r\[n\]"),
        ({"forward": "s[n] = W @ W\nr[n] = G(s[n])"}, r"s\[n\] = W @ W .*expected a vector"),
        ({"forward": "s[n] = r[n-1] @ c\nr[n] = G(s[n])"}, "must be a matrix"),
        ({"forward": "s[n] = W @ r[2*n]\nr[n] = G(s[n])"}, "cannot read the index"),
        ({"forward": "s[n] = __import__('os')\nr[n] = G(s[n])"}, "cannot read|not a declared"),
        (
            {"forward": "s[n] = sum(W[l] @ r[n+l] for l in L) + V @ x[n] + c\nr[n] = G(s[n])"},
            r"r\[n\+l\] is a use of a future state",
        ),
        (
            {"forward": "s[n] = sum(V[l] @ x[n-l] for l in L) + V @ x[n] + c\nr[n] = G(s[n])"},
            "V must be used with the taps of one window, or with none",
        ),
    ],
)
def test_a_bad_declaration_names_the_equation(changed, message):
    with pytest.raises(DeclarationError, match=f"(?s){message}"):
        declare(**changed)


# What would be mistaken for a gradient, for a word of a program, or is no word at all.
BAD_NAMES = [
    *("dL_dr", "dE_dU", "dE_dr", "np", "l1", "len", "fitted", "1_a", "1 a", "a-b", "é"),
    *("eval", "static", "public", "enum", "typeof", "lambda", "__proto__", "__init__"),
]


@pytest.mark.parametrize("bad", BAD_NAMES)
def test_names_that_equations_and_programs_cannot_use(bad):
    with pytest.raises(DeclarationError, match=f"adjoint '{bad}': not a name"):
        declare(adjoints=f"s: {bad}")
    last = bad.split()[0]  # names are separated by spaces
    for group, what in (("parameters", "parameter"), ("sequences", "sequence")):
        with pytest.raises(DeclarationError, match=f"{what} '{last}': not a name"):
            declare(**{group: f"{GOOD[group]}; {bad}: d_s"})


def test_an_error_may_be_called_after_its_own_sequence_only():
    cell = declare(adjoints="s: dE_ds")
    assert [e.name for e in cell.backward] == ["error_r", "dE_ds"]
    assert cell.backward.names() == ["r", "s"]
    with pytest.raises(DeclarationError, match="adjoint 'dE_dr': not a name"):
        declare(adjoints="s: dE_dr")


def test_a_sweep_may_read_what_an_earlier_sweep_computed():
    forward = """
    h[n] = G(x[n] + A @ h[n-1])
    for n descending:
    k[n] = G(h[n] + B @ k[n+1])
    for n ascending:
    y[n] = h[n+1] + k[n-1]
    """
    common = {"inputs": "x: d", "sequences": "h k y: d", "parameters": "A B: d, d"}
    cell = System("sweeps", forward, outputs="y", warping={"G": "tanh"}, **common)
    assert cell.gradients.names() == ["A", "B", "x", "h0", "k0"]
    cell.prove(N=3)
    cell.check()
    with pytest.raises(DeclarationError, match="future state"):
        System(
            "no sweep",
            forward.replace("for n descending:", ""),
            outputs="y",
            warping={"G": "tanh"},
            **common,
        )


def test_change_adds_a_term_and_the_backward_equations_grow():
    grown = vanilla_lstm.change(
        "s[n] = g_cs[n] * s[n-1] + g_cu[n] * u[n] + W_ss @ s[n-2]", parameters="W_ss: d_s, d_s"
    )
    assert str(grown.backward["psi"]).endswith("+ W_ss.T @ psi[n+2]")
    assert "W_ss" in grown.gradients.names()
    assert "W_ss" not in vanilla_lstm.gradients.names()
    grown.prove(N=4)


def test_change_lets_the_loss_read_the_state_too():
    cell = vanilla_lstm.change("", outputs="v s")
    assert str(cell.backward["psi"].rhs).startswith("dL_ds[n] + rho[n]")
    cell.prove()


def test_change_inserts_new_equations_and_drops_what_is_no_longer_used():
    cell = standard_rnn.change(
        "h[n] = G(W_h @ x[n])\ns[n] = W_r @ r[n-1] + h[n] + theta_s",
        parameters="W_h: d_s, d_x",
        sequences="h: d_s",
    )
    assert [e.name for e in cell.forward] == ["h", "s", "r"]
    assert list(cell.parameters) == ["W_r", "theta_s", "W_h"]
    cell.prove()


def test_change_looks_for_whole_names_and_keeps_the_source():
    cell = declare(
        forward="bs[n] = G(c + x[n])\nr[n] = W @ r[n-1] + bs[n] + V @ x[n]",
        sequences="bs r: d_s",
        inputs="x: d_s",
        parameters="W V: d_s, d_s; c: d_s",
        adjoints="r: chi",
        source="here",
    )
    changed = cell.change(
        "s[n] = V @ x[n] + c\nr[n] = W @ r[n-1] + bs[n] + s[n]", sequences="s: d_s"
    )
    assert [e.name for e in changed.forward] == ["bs", "s", "r"]
    assert changed.source == "here"
    changed.prove()


def test_a_matrix_may_have_a_sign_or_a_number():
    cell = declare(forward="s[n] = -W @ r[n-1] + 2 * V @ x[n] + c\nr[n] = G(s[n])")
    assert str(cell.forward["s"]) == "s[n] = -W @ r[n-1] + 2 * (V @ x[n]) + c"
    assert str(cell.backward["r"].rhs) == "dL_dr[n] - W.T @ psi[n+1]"
    cell.prove()
    assert cell.verify(str(cell.backward["r"])) == 6


def test_equations_behave_as_a_sequence_of_named_sympy_equations():
    import sympy

    forward = vanilla_lstm.forward
    assert len(forward) == 11
    assert isinstance(forward[0], sympy.Eq)
    assert forward["s"] is forward[6]
    assert forward[-1].lhs.name == "v"
    assert [e.name for e in forward[:2]] == ["a_cu", "g_cu"]
    assert vanilla_lstm.gradients["W_xcu"] is vanilla_lstm.gradients["dE_dW_xcu"]
    with pytest.raises(KeyError, match="no equation for 'omega'"):
        forward["omega"]


def test_change_takes_new_inputs_and_names_further_errors():
    """Each reader of a state gets a copy of its own: the error's terms have names, their sum is
    the error."""
    held = vanilla_lstm.change(
        "g_cs[n] = (1 - m[n]) * G_c(a_cs[n]) + m[n] * h[n]", inputs="m h: d_s"
    )
    assert list(held.inputs) == ["x", "m", "h"]
    split = vanilla_lstm.change(
        "s_r[n] = s[n]\nr[n] = G_d(s_r[n])", sequences="s_r: d_s", adjoints="s_r: psi_r"
    )
    assert str(split.backward["psi_r"]) == "psi_r[n] = rho[n] * dG_d(s_r[n])"
    assert "psi_r[n]" in str(split.backward["psi"])
    for system in (held, split):
        assert system.prove().identities > 100
