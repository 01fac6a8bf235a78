"""Links in plain Markdown: numbers of equations, and markup that other hosts would show raw."""

from __future__ import annotations

import textwrap
from pathlib import Path

import nbformat
import pytest

from tools import links

CONTENTS = """\
root: intro
parts:
  - chapters: [{file: start}]
  - numbered: true
    chapters: [{file: one}, {file: two}]
  - chapters: [{file: end}]
"""


def equation(label: str) -> str:
    return f"$$\n% label: {label}\nx\n$$\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    (tmp_path / "_toc.yml").write_text(CONTENTS)
    for name in ("intro", "start", "end"):
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{equation(f'eq-{name}')}")
    quoted = textwrap.indent(equation("eq-b"), "> ")
    (tmp_path / "one.md").write_text(equation("eq-a") + quoted)
    shown = nbformat.v4.new_output("display_data", {"text/latex": equation("eq-c")})
    cells = [
        nbformat.v4.new_code_cell("show()", outputs=[shown]),
        nbformat.v4.new_markdown_cell(equation("eq-d")),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "two.ipynb")
    return tmp_path


def test_numbers_follow_the_page_over_text_and_outputs(book):
    found = {label: (page.name, number) for label, (page, number) in links.numbers(book).items()}
    assert found == {
        "eq-intro": ("intro.md", "(1)"),
        "eq-start": ("start.md", "(2)"),
        "eq-a": ("one.md", "(1.1)"),
        "eq-b": ("one.md", "(1.2)"),
        "eq-c": ("two.ipynb", "(2.1)"),
        "eq-d": ("two.ipynb", "(2.2)"),
        "eq-end": ("end.md", "(3)"),
    }


def test_a_label_alone_becomes_a_link_and_a_wrong_number_is_mended(book):
    known = links.numbers(book)
    text = "By [()](#eq-a), ([(9.9)](one.ipynb#eq-c)) and [words](two.ipynb#eq-c)."
    assert links.filled(text, book / "two.ipynb", known) == (
        "By [(1.1)](one.md#eq-a), ([(2.1)](#eq-c)) and [words](two.ipynb#eq-c)."
    )


def test_a_link_from_a_folder_leads_out_of_it(book):
    inside = book / "how_to" / "page.md"
    assert links.filled("[()](#eq-a)", inside, links.numbers(book)) == "[(1.1)](../one.md#eq-a)"
    mended = links.filled("[(1.1)](../two.ipynb#eq-c)", inside, links.numbers(book))
    assert mended == "[(2.1)](../two.ipynb#eq-c)"


def test_a_link_to_no_equation_is_named(book):
    with pytest.raises(ValueError, match="no equation has the label eq-none"):
        links.filled("[()](#eq-none)", book / "one.md", links.numbers(book))


def test_two_equations_with_one_label_are_named(book):
    (book / "end.md").write_text(equation("eq-a"))
    with pytest.raises(ValueError, match=r"one\.md has an equation eq-a, too"):
        links.numbers(book)


@pytest.mark.parametrize(
    "raw",
    [
        ":::{admonition} Title",
        "```{math}",
        "> ```{math}",
        "{eq}`eq-a`",
        "{cite:p}`elman1990`",
        "{doc}`two`",
        "(a-target)=",
    ],
)
def test_markup_that_only_the_book_understands_is_found(raw):
    assert len(links.raw_markup(f"Text.\n\n{raw}\n")) == 1


def test_plain_markdown_is_let_through():
    text = (
        "> **Title**\n>\n> $a_{b}$\n\n```python\nx = {1: `2`}\n```\n$$\n\\frac{a}{b}\n$$\n(a) = b"
    )
    assert links.raw_markup(text) == []


def test_the_book_is_up_to_date_and_plain(capsys):
    assert links.main(["--check"]) == 0, capsys.readouterr().out
