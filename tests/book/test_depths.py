"""Two depths: sections that go deeper are folded, the code of a chapter shows one line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from depths import interesting_line  # noqa: E402

CONF = f"""
import sys
sys.path[:0] = [{str(ROOT / "book" / "_ext")!r}, {str(ROOT)!r}]
extensions = ["myst_nb", "depths"]
nb_execution_mode = "off"
root_doc = "index"
"""
INDEX = """# Book

```{toctree}
:numbered:
book/01_first
book/how
```
"""
CODE = "a = 1\nprint(\n    a\n)\n"


def test_the_line_of_a_cell_is_that_of_its_last_statement():
    assert interesting_line(CODE) == "print("
    assert interesting_line("a = 1\nif a:\n    b = 2\n\n# the end\n") == "if a:"
    assert interesting_line("%time\na = 1\n") == "a = 1"
    assert interesting_line("") == ""


def test_another_line_is_named_by_a_text_in_it():
    assert interesting_line("a = 1\nb = a\n    \n", "= 1") == "a = 1"
    for text in ("c", ""):
        with pytest.raises(ValueError, match="shows"):
            interesting_line("a = 1\nb = a\n", text)


@pytest.fixture
def build(tmp_path):
    """The HTML of a chapter and of another page with the same cells, and what Sphinx said."""

    def run(*cells):
        (tmp_path / "book").mkdir()
        (tmp_path / "conf.py").write_text(CONF)
        (tmp_path / "index.md").write_text(INDEX)
        for name in ("01_first", "how"):
            note = new_notebook(cells=list(cells))
            note.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
            nbformat.write(note, tmp_path / "book" / f"{name}.ipynb")
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "out"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        pages = (tmp_path / "out" / "book" / f"{name}.html" for name in ("01_first", "how"))
        return [page.read_text(encoding="utf-8") for page in pages], done.stderr

    return run


def cell(source, shows=None, tags=()):
    metadata = {"tags": list(tags)} | ({"shows": shows} if shows else {})
    output = nbformat.v4.new_output("stream", name="stdout", text="printed\n")
    return new_code_cell(source, metadata=metadata, outputs=[output])


def shown(page):
    """The line of each fold of code; Code where there is none."""
    found = re.findall(r'<details class="code[^>]*><summary>(.*?)</summary>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", text) for text in found]


def test_code_is_folded_in_the_core_of_a_chapter_only(build):
    text = "# T\n\n## S\n\ntext\n", "### Go deeper: why\n\nmore\n", "## Next\n"
    (chapter, other), said = build(
        new_markdown_cell(text[0]),
        cell(CODE),
        cell("b = 2\nc = 3\n", shows="b ="),
        new_markdown_cell(text[1]),
        cell("d = 4\n"),
        cell("e = 5\n", tags=["hide-input"]),
        new_markdown_cell(text[2]),
        cell("f = 6\n", tags=["hide-input"]),
        cell("g = 7\n", shows="g", tags=["lead"]),
    )
    assert said == ""
    assert shown(chapter) == ["Code: print(", "Code: b = 2", "Code", "Code", "Code: g = 7"]
    assert shown(other) == ["Code", "Code"]
    for page in (chapter, other):
        (deeper,) = re.findall(r'<details class="deeper">(.*?)</section>', page, re.DOTALL)
        assert re.match(r"<summary><h3>.*why.*</h3>\s*</summary>", deeper, re.DOTALL)
        assert ">d <" in deeper or ">d</span>" in deeper
        assert ">f</span>" not in deeper
        assert page.count("<details") == page.count("</details>")
        assert re.search(r'<section id="go-deeper-why">', page), "its anchor stays"
    quiet = chapter[chapter.index('"code quiet"', chapter.index("Next")) :]
    assert "printed" not in quiet[: quiet.index("</details>")], "the code stands below the figure"


def test_a_line_that_is_not_there_is_a_warning(build):
    _, said = build(new_markdown_cell("# T"), cell("a = 1\n", shows="b = 1"))
    assert said.count("shows 'b = 1': expected a text of one line of the cell") == 2
