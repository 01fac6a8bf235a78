"""Equations and figures as a notebook shows them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import pytest
import sympy as sp

from lstm_lib.derive import standard_rnn
from lstm_lib.page import display, style
from lstm_lib.page.diagrams import elman, jordan
from lstm_lib.page.display import latex, show
from lstm_lib.page.svg import titled

A, W = sp.MatrixSymbol("A", 2, 2), sp.MatrixSymbol("W_s", 2, 2)
dT = sp.Symbol(r"\Delta T", positive=True)


def vector(name):
    return sp.MatrixSymbol(name, 2, 1)


def test_terms_stand_in_the_pages_order():
    total = vector(r"\phi") + A * vector("x[n]") + W * vector("r[n-1]") + W * vector("s[n-1]")
    assert latex(total) == r"W_s\,s[n-1] + W_s\,r[n-1] + A\,x[n] + \phi"


def test_a_sum_does_not_begin_with_a_minus_if_it_can_help_it():
    difference = vector("s[n+1]") - dT * A * vector("s[n+1]")
    assert latex(difference) == r"s[n+1] - \Delta T\,A\,s[n+1]"
    factored = (sp.Identity(2) - dT * A) * vector("s[n]")
    assert latex(factored) == r"\left(I - \Delta T\,A\right)\,s[n]"


def test_a_derivative_of_an_unnamed_function_is_a_prime():
    s = sp.Symbol("s[n]")
    assert latex(sp.Function("G")(s).diff(s)) == "G'(s[n])"
    assert "frac" in latex(sp.Derivative(sp.Function("G")(2 * s), s))


def test_numbers_stand_first():
    assert latex(1 - dT * sp.Symbol("lambda")) == r"1 - \Delta T \lambda"


def test_equations_are_aligned_and_labelled():
    text = show(sp.Eq(vector("s[n]"), A * vector("x[n]")), ("r", "G(s)"), label="eq-two")
    assert text._repr_latex_() == (
        "$$\n% label: eq-two\n\\begin{aligned}\n"
        "s[n] &= A\\,x[n] \\\\\nr &= G(s)\n"
        "\\end{aligned}\n$$"
    )


def test_a_single_equation_needs_no_alignment():
    assert str(show(("a", "b"))) == "a = b"


def test_equations_of_the_engine_print_themselves():
    text = str(show(*standard_rnn.forward))
    assert r"s[n] &= W_{r}\,r[n-1] + W_{x}\,x[n] + \theta_{s}" in text
    assert text.count("&=") == 2


@pytest.mark.parametrize("label", ["Eq 1", "1eq", "eq_1", ""])
def test_a_label_that_the_book_cannot_refer_to_is_refused(label):
    with pytest.raises(ValueError, match="label: expected"):
        show(("a", "b"), label=label)


@pytest.fixture
def picture():
    with plt.rc_context(style.matplotlib_style()):
        fig, ax = plt.subplots()
        ax.plot([0, 1], [0, 1], label="$s_1(t)$")
        ax.set(xlabel="time")
        ax.legend()
    return display.figure(fig, title="A <finding>", alt='It "rises"')


def test_a_figure_has_its_title_and_alt_text_escaped(picture):
    text = picture._repr_html_()
    assert "<figcaption>A &lt;finding&gt;</figcaption>" in text
    assert 'role="img" aria-label="It &quot;rises&quot;"' in text


def test_a_figure_takes_its_colours_from_the_theme(picture):
    assert "var(--rnd-blue,#0067a5)" in picture.svg
    for name, (light, _) in style.COLOURS.items():
        outside = picture.svg.replace(f"var(--rnd-{name},{light})", "")
        assert light not in outside, name


def test_ids_of_two_figures_differ(picture):
    fig, _ = plt.subplots()
    other = display.figure(fig, title="t", alt="a")
    ids = [set(re.findall(r'\bid="([^"]+)"', p.svg)) for p in (picture, other)]
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]
    for p, own in zip((picture, other), ids, strict=True):
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', p.svg)) <= own


def test_a_figure_is_closed_after_use(picture):
    assert plt.get_fignums() == []


def test_a_wide_drawing_scrolls_on_a_narrow_page():
    shown = display.figure(elman().drawing, title="t", alt="a", min_width=640)
    assert 'tabindex="0"' in shown._repr_html_()
    assert "min-width:640px" in shown._repr_html_()


@pytest.mark.parametrize(
    ("draw", "wanted"),
    [
        (elman, {"W_x", "W_r", "W_{ry}", "G", "x[n]", "s[n]", "r[n]", "r[n-1]", "y[n]"}),
        (jordan, {"W_x", "W_{ys}", "W_{ry}", "G", "x[n]", "s[n]", "r[n]", "y[n-1]", "y[n]"}),
    ],
)
def test_the_diagrams_of_training_have_every_symbol(draw, wanted):
    d = draw()
    labels = {text.get_text().strip("$") for text in d.drawing.axes[0].texts}
    plt.close(d.drawing)
    assert wanted <= labels


def test_a_notebook_gets_a_picture_that_stands_alone(picture, monkeypatch):
    monkeypatch.delenv(display.STATIC_PAGE, raising=False)
    shown = picture._repr_mimebundle_()
    assert set(shown) == {"image/svg+xml", "text/plain"}
    drawn = ET.fromstring(shown["image/svg+xml"])
    assert drawn[1][0].text == "A <finding>"
    assert "var(" not in shown["image/svg+xml"], "a host's style sheet has not our colours"
    assert style.COLOURS["blue"][0] in shown["image/svg+xml"]


def test_a_long_title_takes_several_lines_above_the_drawing(picture):
    short, long = (
        ET.fromstring(titled(picture.svg, title)) for title in ("A finding", "A finding " * 20)
    )
    assert len(short[1]) == 1
    assert len(long[1]) > 2
    height = [float(drawn.attrib["viewBox"].split()[3]) for drawn in (short, long)]
    assert height[1] - height[0] == pytest.approx(16.5 * (len(long[1]) - 1))
    assert float(long[2].attrib["y"]) > float(long[1][-1].attrib["y"])


def test_the_book_gets_html_that_follows_the_theme(picture, monkeypatch):
    monkeypatch.setenv(display.STATIC_PAGE, "1")
    assert picture._repr_mimebundle_() == {
        "text/html": picture._repr_html_(),
        "text/plain": "Figure('A <finding>')",
    }


def test_a_table_is_markdown_with_short_numbers():
    shown = display.table(["$n$", "share"], [[0, -0.0], [1, -0.18751], [12345, "all"]])
    assert shown._repr_markdown_().splitlines() == [
        "| $n$ | share |",
        "| --: | --: |",
        "| 0 | 0 |",
        "| 1 | −0.1875 |",
        "| 12345 | all |",
    ]
    with pytest.raises(ValueError, match="expected 2 cells"):
        display.table(["a", "b"], [[1]])
