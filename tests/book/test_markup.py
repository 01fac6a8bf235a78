"""What the book makes of plain Markdown: boxes, equations, citations; what it complains about."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONF = f"""
import sys
sys.path[:0] = [{str(ROOT / "book" / "_ext")!r}, {str(ROOT)!r}]
extensions = ["myst_parser", "sphinxcontrib.bibtex", "equation_index", "boxes", "links"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
myst_heading_slug_func = "links.heading_anchor"
bibtex_bibfiles = ["all.bib"]
numfig = math_numfig = True
"""
BIBLIOGRAPHY = r"""
@article{one, author={M{\"u}ller, Ann}, title={T}, journal={J}, year={1990}}
@article{two, author={Ay, A. and van Bee, B.}, title={T}, journal={J}, year={1991}}
@article{many, author={Ay, A. and Bee, B. and Cee, C.}, title={T}, journal={J}, year={1992}}
"""
INDEX = """# Book

```{toctree}
:numbered:
a
b
references
```
"""


@pytest.fixture
def build(tmp_path):
    """Build two chapters, and return the pages and what Sphinx complains about."""

    def run(a: str, b: str = "# B") -> tuple[str, str, str]:
        pages = {
            "conf.py": CONF,
            "all.bib": BIBLIOGRAPHY,
            "index.md": INDEX,
            "a.md": a,
            "b.md": b,
            "references.md": "# References\n\n```{bibliography}\n:all:\n```\n",
        }
        for name, text in pages.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-q", "-n", str(tmp_path), str(tmp_path / "out")]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        # The register belongs to the real book.
        kept = [line for line in said.splitlines() if "equations/" not in line]
        html = [(tmp_path / "out" / f"{page}.html").read_text("utf-8") for page in ("a", "b")]
        return html[0], html[1], "\n".join(kept)

    return run


EQUATIONS = "# A\n\n$$\n% label: eq-p\nx\n$$\n\n> $$\n> % label: eq-q\n> y\n> $$\n"


def test_an_equation_is_numbered_and_linked_from_anywhere(build):
    a, b, said = build(EQUATIONS + "\nSee [(1.2)](#eq-q).", "# B\n\nBy [(1.1)](a.md#eq-p).")
    assert said == ""
    assert re.search(r'id="equation-eq-q">\s*<span class="eqno">\(1\.2\)', a)
    assert re.search(r'href="#equation-eq-q">\(1\.2\)</a>', a)
    assert re.search(r'href="a.html#equation-eq-p">\(1\.1\)</a>', b)
    assert "label:" not in a


def test_a_number_that_is_not_the_page_s_is_a_warning(build):
    _, b, said = build(EQUATIONS, "# B\n\nBy [(1.2)](a.md#eq-p) and [(1.1)](#eq-none).")
    assert "b.md" in said
    assert "(1.2) is (1.1) on the page: eq-p" in said
    assert "no equation has the label eq-none" in said
    assert len(said.splitlines()) == 2
    assert re.search(r'href="a.html#equation-eq-p">\(1\.1\)</a>', b)


def test_citations_lead_to_their_entries(build):
    a, _, said = build(
        "# A\n\n[Müller (1990)](references.md#one), [Ay and van Bee (1991)](references.md#two)"
        " ([Ay et al. 1992](references.md#many))."
    )
    assert said == ""
    assert len(set(re.findall(r'href="references.html#(id\d+)"', a))) == 3


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("[Muller (1990)](references.md#one)", "write ('Müller (1990)', 'Müller 1990')"),
        ("[Müller (1991)](references.md#one)", "'Müller (1991)' cites one"),
        ("[Ay (1992)](references.md#many)", "write ('Ay et al. (1992)', 'Ay et al. 1992')"),
        ("[Ay (1993)](references.md#none)", "no reference has the key none"),
    ],
)
def test_a_wrong_citation_is_a_warning(build, link, complaint):
    *_, said = build(f"# A\n\n{link}")
    assert complaint in said
    assert "a.md" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("gap", ["", ">\n"])
def test_a_quote_with_a_bold_first_line_is_a_box(build, gap):
    a, _, said = build(
        f"# A\n\n> **Predict first**\n{gap}> Text with $x$ and [B](b.md):\n>\n> - an item\n"
    )
    assert said == ""
    box = a[a.index('<div class="predict admonition">') :]
    assert '<p class="admonition-title">Predict first</p>' in box
    assert "<blockquote>" not in a
    assert re.search(r"<p>\s*Text with", box)
    assert all(part in box for part in ("an item", 'href="b.html"', r"\(x\)"))


def test_other_quotes_stay_quotes(build):
    a, _, said = build(
        "# A\n\n> **Bold** words open a sentence.\n\nText.\n\n> *Said* by someone.\n"
    )
    assert said == ""
    assert a.count("<blockquote>") == 2
    assert "admonition" not in a


def test_a_heading_is_linked_by_its_words(build):
    a, _, said = build("# A\n\nSee [there](#Write-it-down).\n\n## Write it down\n\nText.\n")
    assert said == ""
    assert 'href="#write-it-down"' in a
    assert 'id="write-it-down"' in a
