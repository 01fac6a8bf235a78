"""``make portable``: what it says about other processors is so, and a difference is seen."""

import pytest

from tools import portable
from tools.portable import ROWS, drawn, main, probe

MACHINE = (
    "import os\n\ndef test_machine():\n    assert os.environ['OPENBLAS_CORETYPE'] != 'Haswell'\n"
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_the_machine_that_it_names_or_says_why_not(row):
    kernel, threads, has, dispatched = probe(row.environment)
    if why := row.refused():
        assert "this processor" in why or "this OpenBLAS" in why
        return
    assert (kernel, threads) == (row.kernel, row.threads)
    newest = {"SSE": set(), "AVX2": {"X86_V3", "AVX2", "FMA3"}}.get(row.instructions)
    assert newest is None or set(has) & set(dispatched) <= newest


def test_the_rows_meet_every_kernel_and_both_numbers_of_threads():
    assert {row.kernel for row in ROWS} == set(portable.NEEDS)
    assert {row.threads for row in ROWS} == {1, 2}
    assert {row.instructions for row in ROWS} == {"SSE", "AVX2", "all"}


def test_a_processor_without_the_instructions_is_skipped_and_said(monkeypatch):
    without = ("Nehalem", 1, ["SSE42"], [])
    monkeypatch.setattr(portable, "probe", lambda environment: without)
    reasons = {row.kernel: row.refused() for row in ROWS}
    assert reasons["SkylakeX"] == "this processor has no AVX512_SKX"
    assert reasons["Haswell"] == "this processor has no FMA3"


def test_a_difference_is_counted_and_kept_and_the_end_is_one(tmp_path, monkeypatch, capsys):
    own = tmp_path / "test_machine.py"
    own.write_text(MACHINE)
    options = ["-c", "/dev/null", "--rootdir", str(tmp_path)]
    monkeypatch.setattr(portable.Row, "refused", lambda row: "")  # on any processor
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # a quicker start
    monkeypatch.setattr(portable, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(portable, "columns", lambda: {"own": [*options, str(own)]})
    monkeypatch.setattr(portable, "read_by", lambda column: own.read_text())
    assert main(["--cores", "Nehalem"]) == 0
    assert main(["--cores", "Nehalem", "Haswell"]) == 1
    table = capsys.readouterr().out.splitlines()[-5:]
    assert [line.split("  ")[-1].strip() for line in table] == [
        "own",
        "ok",
        "ok",
        "1 differ",
        "1 differ",
    ]
    kept = sorted(path.name for path in tmp_path.glob("kept/*/*"))
    assert kept == ["own.passed"] * 2 + ["own.txt"] * 2


def test_unknown_rows_and_columns_are_refused(capsys):
    for arguments in (["--cores", "Pentium"], ["--only", "08_more"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "expected some of" in capsys.readouterr().err


def test_the_table_has_its_columns_below_one_another():
    assert drawn([["", "unit"], ["Zen x1", "ok"]]) == "        unit\nZen x1  ok"
