"""The library's pages: whatever is public has its place, whoever adds it."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

import lstm_lib
from book._ext import library

ROOT = Path(__file__).resolve().parents[2]


def directives(text: str) -> list[str]:
    """The names that a page documents."""
    values = re.findall(r"^\.\. py:data:: (\w+)\n   :module: (\S+)$", text, re.M)
    autodoc = re.findall(r"^\.\. auto(?:class|exception|function):: (\S+)$", text, re.M)
    return autodoc + [f"{module}.{name}" for name, module in values]


def test_every_public_name_is_documented_once():
    pages = library.pages(lstm_lib)
    found = [name for page, names in pages.items() for name in directives(library.rst(page, names))]
    assert len(found) == len(set(found)) > 200
    documented = {(name.name, id(name.obj)) for names in pages.values() for name in names}
    for module in library.modules(lstm_lib):
        for name in getattr(module, "__all__", ()):
            if not name.startswith("__"):
                assert (name, id(getattr(module, name))) in documented, f"{module.__name__}.{name}"
    assert {"lstm_lib.layers.lstm.VanillaLSTM", "lstm_lib.derive.system.System"} <= set(found)
    assert {"lstm_lib.derive.gru", "lstm_lib.layers.activations.ACTIVATIONS"} <= set(found)


def test_every_page_is_in_a_room_and_every_room_is_shown():
    text = (ROOT / "book" / "api.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"```\{library-room\} (\w+)", text)) == library.rooms(lstm_lib)
    folders = {path.parent.name for path in Path(lstm_lib.__path__[0]).glob("*/__init__.py")}
    assert set(library.rooms(lstm_lib)) == folders
    assert "glob: book/api/*" in (ROOT / "_toc.yml").read_text(encoding="utf-8")


def test_every_name_has_a_line_in_the_overview():
    silent = [
        name.full
        for name in library.names(lstm_lib)
        if not library.first_sentence(library.about(name))
    ]
    assert silent == []


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that somebody extends."""
    files = {
        "planted/__init__.py": "from planted.rooms.new import Thing\n__all__ = ['Thing', 'LIMIT']\n"
        "#: A limit.\nLIMIT = 3\n",
        "planted/rooms/__init__.py": "",
        "planted/rooms/new.py": "__all__ = ['Thing', 'WIDE']\n\n\nclass Thing:\n"
        '    """A thing. It has more to say."""\n\n\n#: How ``wide`` $x$ is.\nWIDE = 2\n',
        "planted/rooms/_private.py": "__all__ = ['hidden']\nhidden = 1\n",
        "planted/rooms/__main__.py": "raise SystemExit('run')\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("planted")
    for name in [name for name in sys.modules if name.partition(".")[0] == "planted"]:
        del sys.modules[name]


def test_a_new_public_name_is_found_where_it_is_defined(package):
    full = [name.full for name in library.names(package)]
    assert full == ["planted.rooms.new.Thing", "planted.LIMIT", "planted.rooms.new.WIDE"]
    text = library.rst("rooms.new", library.pages(package)["rooms.new"])
    assert directives(text) == ["planted.rooms.new.Thing", "planted.rooms.new.WIDE"]
    assert library.rooms(package) == ["rooms"]
    lines = [library.first_sentence(library.about(name)) for name in library.names(package)]
    assert lines == ["A thing", "A limit", "How ``wide`` $x$ is"]


def test_a_line_of_a_docstring_is_cut_into_text_code_and_formulas():
    text = "Runs ``f(x)`` of :class:`~lstm_lib.layers.base.Layer` for $x<1$, once."
    assert list(library.inline(text)) == [
        ("text", "Runs "),
        ("code", "f(x)"),
        ("text", " of "),
        ("code", "Layer"),
        ("text", " for "),
        ("math", "x<1"),
        ("text", ", once."),
    ]
