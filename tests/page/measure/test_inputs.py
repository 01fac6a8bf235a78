"""The hash of the code that a result depends on: what it sees and what it does not."""

from __future__ import annotations

import importlib
import sys
import textwrap

import pytest

from lstm_lib.page.measure.inputs import _bare, _is_module, _module, code_hash, definitions
from tests.page.measure.tiny import reach

FILES = {
    "lib/__init__.py": "from lib.cells import Cell\nfrom lib import extra\n",
    "lib/cells.py": '''
        """Cells."""
        from __future__ import annotations
        import math
        from lib.base import Base
        from lib import tables

        SLOPE = 2.0

        class Cell(Base):
            """A cell."""
            size: int = 3

            def step(self, x: float) -> float:
                # the slope
                return SLOPE * math.tanh(x) + tables.TABLE["one"]

        def unused() -> int:
            return 1
    ''',
    "lib/base.py": """
        class Base:
            def start(self):
                from .late import zero
                return zero()
    """,
    "lib/late.py": "def zero():\n    return 0.0\n",
    "lib/tables.py": """
        TABLE = {"one": 1}
        TABLE["two"] = 2
        for k in range(3):
            TABLE[str(k)] = k
        TABLE.update(three=3)
        OTHER = 5
    """,
    "lib/extra.py": "def far(x):\n    return x\n",
    "trials.py": """
        import lib
        from lib.extra import far as away

        def helper(x):
            return away(x)

        def trial(seed):
            return {"x": helper(lib.Cell().step(seed))}

        def other(seed):
            return {"x": seed}

        OTHERS = [other(x) for x in range(3)]  # binds no x
    """,
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A function that writes the files, changed as asked, and gives the hash of ``trial``."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(changes=(), files=FILES, name="trial"):
        for path in tmp_path.rglob("*.py"):
            path.unlink()
        for path, text in files.items():
            text = textwrap.dedent(text)
            for where, old, new in changes:
                if where == path:
                    assert old in text
                    text = text.replace(old, new)
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        forget()
        return code_hash(getattr(importlib.import_module("trials"), name), "lib")

    def forget():
        for held in [m for m in sys.modules if m == "trials" or m.split(".")[0] == "lib"]:
            del sys.modules[held]
        importlib.invalidate_caches()
        for cached in (_module, _bare, _is_module):
            cached.cache_clear()

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield write
    forget()


@pytest.mark.parametrize(
    ("where", "old", "new"),
    [
        ("lib/cells.py", "    # the slope\n", ""),
        ("lib/cells.py", '"""A cell."""', '"""Another docstring."""'),
        ("lib/cells.py", "x: float) -> float", "x)"),
        ("lib/cells.py", "size: int", "size: float"),
        ("lib/cells.py", "return 1", "return 2"),  # in a function that is not used
        ("lib/cells.py", "SLOPE * math", "(SLOPE) * math"),
        ("lib/tables.py", "OTHER = 5", "OTHER = 6"),
        ("trials.py", '"x": seed', '"x": 2 * seed'),
    ],
)
def test_what_does_not_matter_leaves_the_hash(package, where, old, new):
    before = package()
    assert package([(where, old, new)]) == before


@pytest.mark.parametrize(
    ("where", "old", "new"),
    [
        ("lib/cells.py", "SLOPE = 2.0", "SLOPE = 2.5"),
        ("lib/cells.py", "math.tanh", "math.atan"),
        ("lib/cells.py", "size: int = 3", "size: int = 4"),
        ("lib/base.py", "return zero()", "return zero() + 1"),
        ("lib/late.py", "0.0", "1.0"),  # imported inside a function
        ("lib/tables.py", '{"one": 1}', '{"one": 2}'),
        ("lib/tables.py", 'TABLE["two"] = 2', 'TABLE["two"] = 3'),
        ("lib/tables.py", "range(3)", "range(4)"),
        ("lib/tables.py", "three=3", "three=4"),
        ("lib/extra.py", "return x", "return -x"),  # under another name
        ("trials.py", "return away(x)", "return away(-x)"),
        ("trials.py", '{"x": helper', '{"y": helper'),
    ],
)
def test_what_matters_changes_the_hash(package, where, old, new):
    before = package()
    assert package([(where, old, new)]) != before


def test_code_that_moves_keeps_its_hash(package):
    before = package()
    moved = {
        "lib/__init__.py": "from lib.layers.rooms import Cell\n",
        "lib/layers/__init__.py": "",
        "lib/layers/rooms.py": FILES["lib/cells.py"]
        .replace("from lib.base", "from lib.layers.ground")
        .replace("from lib import tables", "from lib.data import tables"),
        "lib/layers/ground.py": FILES["lib/base.py"].replace(".late", "..late"),
        "lib/late.py": FILES["lib/late.py"],
        "lib/data/__init__.py": "",
        "lib/data/tables.py": FILES["lib/tables.py"],
        "lib/data/far.py": FILES["lib/extra.py"],
        "trials.py": FILES["trials.py"].replace("lib.extra", "lib.data.far"),
    }
    assert package(files=moved) == before


def test_what_a_star_brings_is_followed(package):
    before = package()
    star = [
        ("lib/__init__.py", "from lib.cells import Cell", "from lib.cells import *"),
        ("lib/cells.py", "SLOPE = 2.0", "SLOPE = 2.0\n__all__ = ['Cell']"),
    ]
    assert package(star) == before
    assert package([*star, ("lib/cells.py", "math.tanh", "math.atan")]) != before
    with pytest.raises(ValueError, match=r"expected __all__ in lib\.cells"):
        package(star[:1])


def test_a_module_that_is_handed_about_counts_as_a_whole(package):
    handed = [("trials.py", "lib.Cell().step(seed)", "getattr(lib, 'Cell')().step(seed)")]
    before = package(handed)
    assert package([*handed, ("lib/cells.py", "SLOPE = 2.0", "SLOPE = 2.5")]) != before


def test_the_library_s_layers_are_followed():
    reached = {(module.rsplit(".")[-1], name) for module, name, _ in definitions(reach)}
    assert {("tiny", "reach"), ("rnn", "StandardRNN"), ("checks", "array")} <= reached
    assert "gru" not in {module for module, _ in reached}


def test_a_function_without_a_file_is_refused():
    scope: dict[str, object] = {"__name__": "typed_in"}
    exec("def trial(seed): return {}", scope)
    with pytest.raises(ValueError, match="trial: expected a function of a Python module"):
        code_hash(scope["trial"])
