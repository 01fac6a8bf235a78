"""The files in ``results/`` belong to the code as it stands."""

from __future__ import annotations

import pytest

from lstm_lib.page.experiments import found
from lstm_lib.page.measure.experiment import folder
from lstm_lib.page.measure.run import main, stale


@pytest.mark.parametrize("name", found())
def test_a_result_is_not_older_than_its_code(name):
    assert stale(found()[name]) == ""


def test_every_file_has_its_experiment():
    assert {path.stem for path in folder().glob("*.json")} <= set(found())


def test_an_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(found(), ["no_such_experiment"])
    assert "got ['no_such_experiment']" in capsys.readouterr().err
