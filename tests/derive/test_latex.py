"""LaTeX as in the paper, without traces of SymPy."""

from __future__ import annotations

import re

import pytest
import sympy

from lstm_lib.derive import augmented_lstm, gru, leaky_rnn, lstm1997_truncated, vanilla_lstm
from lstm_lib.derive.latex import visible
from lstm_lib.derive.words import Act, Seq
from lstm_lib.page.display import show

from .programs import SYSTEMS, system

COMMANDS = set(
    re.findall(
        r"\w+",
        "begin end frac partial sum in top odot left right nabla mathcal mathrm overline quad "
        "operatorname tanh exp gamma alpha chi psi rho xi delta epsilon theta kappa "
        "Lambda phi varphi tfrac",
    )
)


def test_forward_equations_as_in_the_paper():
    assert vanilla_lstm.forward["a_cu"]._repr_latex_() == (
        "$$\n"
        r"a_{cu}[n] = W_{xcu}\,x[n] + W_{scu}\,s[n-1] + W_{vcu}\,v[n-1] + b_{cu}"
        "\n$$"
    )
    assert vanilla_lstm.forward["s"]._repr_latex_() == (
        "$$\n" r"s[n] = g_{cs}[n] \odot s[n-1] + g_{cu}[n] \odot u[n]" "\n$$"
    )


def test_backward_equations_as_in_the_paper():
    assert vanilla_lstm.latex("backward", width=32).splitlines()[1:4] == [
        r"\chi[n] &= \nabla_{\!v[n]}\mathcal{L} + W_{vcu}^{\top}\,\alpha_{cu}[n+1] \\",
        r"&\quad + W_{vcs}^{\top}\,\alpha_{cs}[n+1] + W_{vdu}^{\top}\,\alpha_{du}[n+1] \\",
        r"&\quad + W_{vcr}^{\top}\,\alpha_{cr}[n+1] \\",
    ]
    assert r"\alpha_{cr}[n] &= \chi[n] \odot r[n] \odot G_{c}'(a_{cr}[n])" in vanilla_lstm.latex()


def test_gradients_as_in_the_paper():
    text = augmented_lstm.latex("gradients")
    assert (
        r"\frac{\partial E}{\partial W_{xcu}[l]} &= \sum_{n} \alpha_{cu}[n]\,x[n-l]^{\top}" in text
    )
    assert r"\sum_{l \in \Lambda_{cu}} W_{xcu}[l]^{\top}\,\alpha_{cu}[n+l]" in text
    assert r"\frac{\partial E}{\partial s[-1]} &=" in text


def test_words_in_names_are_upright():
    text = lstm1997_truncated.latex("forward")
    assert r"W_{x,\mathrm{in}}\,x[n] + W_{y,\mathrm{in}}" in text
    assert r"W_{y,\mathrm{out}}" in text
    assert r"b_{\mathrm{in}}" in text
    assert r"W_{x\varphi}" in system("lstm1997_forget").latex("forward")


def terms(row: str) -> int:
    """The terms of a row: sums inside brackets are not broken."""
    depth, found = 0, 1
    for mark in re.findall(r"[()]| \+ ", row):
        depth += {"(": 1, ")": -1}.get(mark, 0)
        found += depth == 0 and mark == " + "
    return found


def test_rows_are_broken_before_they_are_too_wide_for_a_page():
    for name in SYSTEMS:
        equations = (*system(name).backward, *system(name).gradients)
        for row in (row for e in equations for row in e.rows()):
            assert visible(row) <= 54 + 3 or terms(row) <= 2


def test_sums_in_products_are_bracketed():
    assert r"\left(1 - g_{cs}[n]\right) \odot u[n]" in gru.latex("forward")
    assert r"\left(1 - \kappa\right) \odot \left(W_{r}\,r[n-1] +" in leaky_rnn.latex("forward")
    assert r"\overline{y_{c}[n-1]}" in lstm1997_truncated.latex("forward")


@pytest.mark.parametrize("name", SYSTEMS)
def test_only_known_commands_balanced_braces_one_mark_per_row(name):
    for text in (system(name).latex(), system(name).latex("forward", width=20)):
        assert set(re.findall(r"\\([A-Za-z]+)", text)) <= COMMANDS
        depth = 0
        for sign in re.findall(r"[{}]", text):
            depth += 1 if sign == "{" else -1
            assert depth >= 0
        assert depth == 0
        assert text.count(r"\left(") == text.count(r"\right)")
        rows = text.splitlines()[1:-1]
        assert all(row.count("&") == 1 for row in rows)
        assert all(row.endswith(r" \\") for row in rows[:-1])
        assert not rows[-1].endswith(r"\\")


def test_a_label_is_given_where_equations_are_shown():
    shown = show(*vanilla_lstm.backward, label="lstm-backward")
    assert shown._repr_latex_().startswith("$$\n% label: lstm-backward\n\\begin{aligned}")
    assert str(shown) == vanilla_lstm.backward.latex()


def test_sympy_prints_the_same():
    assert sympy.latex(vanilla_lstm.forward["u"]) == r"u[n] = G_{d}(a_{du}[n])"
    assert sympy.latex(Act("G_c", 1, Seq("a", sympy.Symbol("n"), 3))) == "G_{c}'(a[n])"
    assert str(vanilla_lstm.forward["u"]) == "u[n] = G_d(a_du[n])"


def test_systems_and_their_parts_show_themselves_in_a_notebook():
    shown = vanilla_lstm._repr_latex_()
    assert shown.startswith("$$\n\\begin{aligned}")
    assert shown.endswith("\\end{aligned}\n$$")
    assert vanilla_lstm.backward._repr_latex_().count("&=") == 7
