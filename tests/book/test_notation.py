"""The notation has one source; the check between it and the pages can fail."""

from __future__ import annotations

import re

import pytest

import lstm_lib
from book._ext import library, notation
from book._ext.notation import Formula, Source, complaints, formulas_in, symbols

SOURCE = Source(
    r"""
readers = ["cu", "cs"]
[section.a]
symbol = "symbol"
[[symbol]]
in = "a"
write = '$s[n]$'
meaning = "state"
[[symbol]]
in = "a"
write = '$W_{x\ast}$'
meaning = "input weights"
[[symbol]]
in = "a"
write = '$\rho[n]$'
meaning = "error signal"
stepped = true
[[symbol]]
in = "a"
write = '$n$, $x$'
names = ["n", "x"]
meaning = "step, input"
"""
)


@pytest.mark.parametrize(
    ("latex", "written"),
    [
        (r"s[n-1]", ["s", "n"]),
        (r"W_{xcu}^\top\psi_{cr}[n]", ["W_{xcu}", r"\top", r"\psi_{cr}", "n"]),
        (r"\bar g_{cs},i", [r"\bar{g}_{cs}", "i"]),
        (r"\nabla_{\!v[n]}\mathcal{L}", [r"\nabla", "v", "n", r"\mathcal{L}"]),
        (r"\operatorname{rad}W_r<1", [r"\operatorname{rad}", "W_r"]),
        (r"\mathrm{diag}(G'(s))", [r"\operatorname{diag}", "G'", "s"]),
        ("% label: eq-name\n\\Delta T\\,a % not b\n", [r"\Delta T", "a"]),
        (r"\begin{aligned}\tfrac{1}{2}\text{mean of }y_k^{(n)}\end{aligned}", ["y_k", "n"]),
        (r"*\in\{cu,cs\}", []),
    ],
)
def test_a_formula_is_cut_into_its_symbols(latex, written):
    assert [symbol.written for symbol in symbols(latex)] == written


def test_formulas_are_found_in_text_and_not_in_code():
    text = "$a$ `$b$` costs \\$3\n```python\n$c$\n```\n> $$\n> d\n> $$\n```{note}\n$e$\n```\n"
    assert [formula.strip("\n> ") for formula in formulas_in(text)] == ["a", "d", "e"]


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"s[n]=W_{xcu}x[n],\ \rho[n]", []),
        (r"s[n]=W_{xcu}x[n]+\rho[n]+\mu", [r"page: \mu is not in book/symbols.toml"]),
        (r"s[n]=W_{xdu}x[n]+\rho[n]W_{xcs}", [r"page: W_{xdu} is not in book/symbols.toml"]),
        (r"s[n]=W_{xcu}x[n]+\rho[n]^{\rho^2}", [r"page: \rho is not in book/symbols.toml"]),
        (r"s[n]=x[n]+\rho[n]", [r"no page uses $W_{x\ast}$, section a"]),
    ],
)
def test_a_symbol_without_entry_and_an_entry_without_use_are_named(latex, said):
    found = complaints(SOURCE, [Formula("page", "", latex)])
    assert [line.split(": s[n]")[0] for line in found] == said


def entries(*rows: tuple[str, str]) -> Source:
    head = 'readers = []\n[section.a]\nsymbol = "symbol"\n'
    return Source(
        head
        + "".join(
            f'[[symbol]]\nin = "a"\nwrite = "$s$"\nmeaning = "{meaning}"\npages = [{pages}]\n'
            for meaning, pages in rows
        )
    )


def test_one_symbol_has_one_meaning_but_for_named_pages():
    formulas = [Formula("one", "", "s"), Formula("two", "", "s")]
    assert complaints(entries(("state", ""), ("state", "")), formulas) == []
    assert complaints(entries(("state", ""), ("size", '"one"')), formulas) == []
    assert complaints(entries(("sum", '"two"'), ("size", '"one"')), formulas) == []
    (said,) = complaints(entries(("state", ""), ("size", "")), formulas)[:1]
    assert said == "two meanings: s: 'state' and 'size'"
    assert complaints(entries(("sum", '"one"'), ("size", '"one"')), formulas)[0].startswith("two")


def test_an_unknown_section_or_key_is_refused():
    with pytest.raises(ValueError, match="unknown keys colour"):
        Source(
            'readers = []\n[section.a]\n[[symbol]]\nin="a"\nwrite="$s$"\nmeaning="m"\ncolour="r"'
        )
    with pytest.raises(ValueError, match="no section 'b'"):
        Source('readers = []\n[section.a]\n[[symbol]]\nin = "b"\nwrite = "$s$"\nmeaning = "m"')


def test_the_source_and_the_pages_agree():
    assert complaints(notation.source(), notation.book()) == []


def test_the_library_has_the_names_that_the_source_gives():
    named = re.findall(
        r"`([a-z_]+)\.(\w+)[`(]", " ".join(e.cells["lib"] for e in notation.source().entries)
    )
    modules = {
        module.__name__.rpartition(".")[2]: module
        for module in library.modules(lstm_lib)
        if ".page" not in module.__name__
    }
    of_modules = [pair for pair in named if pair[0] in modules]
    assert len(of_modules) > 5
    for module, name in of_modules:
        assert hasattr(modules[module], name), f"{module}.{name}"


def test_every_page_is_read():
    pages = {formula.page for formula in notation.book()}
    assert {"01_roots", "07_augmented_lstm", "a1_engine"} <= pages
