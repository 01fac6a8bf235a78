"""The files in ``results/`` belong to the code as it stands."""

from __future__ import annotations

import re

import pytest

from lstm_lib.page.experiments import found
from lstm_lib.page.measure.experiment import folder
from lstm_lib.page.measure.run import main, stale


@pytest.mark.parametrize("name", found())
def test_a_result_is_not_older_than_its_code(name):
    assert stale(found()[name]) == ""


def test_every_file_has_its_experiment():
    assert {path.stem for path in folder().glob("*.json")} <= set(found())


def test_the_table_lists_every_experiment_with_its_chapter():
    text = (folder() / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `(\w+)\.json` \| \d\d_(\w+) \| .* `make results EXPERIMENT=(\w+)`", text, re.M
    )
    homes = {name: made.trial.__module__.rpartition(".")[2] for name, made in found().items()}
    assert len(rows) == len(homes)
    assert {name: chapter for name, chapter, same in rows if same == name} == homes


def test_an_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(found(), ["no_such_experiment"])
    assert "got ['no_such_experiment']" in capsys.readouterr().err
