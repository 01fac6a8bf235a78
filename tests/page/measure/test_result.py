"""Reading what was measured."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lstm_lib.page.experiments import Count, Result
from lstm_lib.page.measure.experiment import folder
from lstm_lib.page.style import matplotlib_style

MEASURED = {
    "experiment": "tiny",
    "command": "make results EXPERIMENT=tiny",
    "date": "2026-11-21",
    "minutes": 2.6,
    "settings": [
        {
            "setting": {"cell": "RNN", "bias": 1.0},
            "seeds": [3, 4, 5],
            "values": {"error": [0.1, "inf", 0.3], "curve": [[1, 2], [3, 4], [5, "nan"]]},
        },
        {
            "setting": {"cell": "LSTM", "bias": 1.0, "peepholes": True},
            "seeds": [3, 4, 5],
            "values": {"error": [0.01, 0.02, 0.05], "curve": [[1, 2], [3, 4], [5, 6]]},
        },
        {
            "setting": {"cell": "LSTM", "bias": 4.0, "peepholes": True},
            "seeds": [3, 4, 5],
            "values": {"error": [0.01, 0.02, 0.03], "curve": [[1, 2], [3, 4], [5, 6]]},
        },
    ],
}


@pytest.fixture
def result():
    return Result(MEASURED)


def test_values_come_by_the_arguments_that_tell_a_setting_from_the_others(result):
    np.testing.assert_array_equal(result.values("error", cell="RNN"), [0.1, np.inf, 0.3])
    np.testing.assert_array_equal(result.values("error", bias=4), [0.01, 0.02, 0.03])
    np.testing.assert_array_equal(result.values("curve", cell="RNN")[2], [5, np.nan])
    np.testing.assert_allclose(result.quartiles("error", bias=4.0), [0.015, 0.02, 0.025])


@pytest.mark.parametrize(
    ("name", "setting", "says"),
    [
        ("eror", {"bias": 4.0}, "name: expected one of 'error', 'curve', got 'eror'"),
        ("error", {"beas": 4.0}, "setting: expected one of 'cell', 'bias', 'peepholes', got"),
        ("error", {"bias": 2.0}, "setting: expected one of cell='RNN', .*; got bias=2.0"),
        ("error", {"cell": "LSTM"}, "expected one of cell='LSTM', bias=1.0, .*bias=4.0.*; got"),
        ("error", {}, "setting: expected one of .*; got no setting"),
        ("error", {"bias": 1.0, "peepholes": 1}, "setting: expected one of .*; got bias=1.0"),
    ],
)
def test_a_wrong_name_is_refused(result, name, setting, says):
    with pytest.raises(ValueError, match=says):
        result.values(name, **setting)


def test_a_count_has_wilson_s_interval(result):
    assert str(result.count("error", below=0.2, cell="RNN")) == "1 of 3 (6 to 79 %)"
    assert result.count("error", above=0.2, cell="RNN") == Count(2, 3)
    # Where Wilson's interval ends, the score test is at its 95 % point.
    for k, n in [(0, 20), (7, 20), (20, 20)]:
        for p in Count(k, n).interval:
            if 0 < p < 1:
                assert abs(k / n - p) / np.sqrt(p * (1 - p) / n) == pytest.approx(1.959964)
    assert Count(0, 20).interval[0] == 0
    assert Count(20, 20).interval[1] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "expected one of below and above"),
        ({"below": 1, "above": 2}, "expected one of below and above"),
        ({"below": np.nan}, "threshold: expected a finite number"),
        ({"below": 0.30001}, r"expected one that no value touches, got 0.30001 beside 0.3"),
    ],
)
def test_a_count_that_could_be_another_is_refused(result, arguments, says):
    with pytest.raises(ValueError, match=says):
        result.count("error", cell="RNN", **arguments)
    with pytest.raises(ValueError, match="expected a number a seed, got the lists 'curve'"):
        result.count("curve", below=9.5, bias=4.0)


def test_the_caption_says_how_much_when_and_how(result):
    assert result.caption() == (
        "3 seeds, measured 2026-11-21, 3 minutes: make results EXPERIMENT=tiny"
    )
    quick = Result({**MEASURED, "minutes": 0.3})
    assert "less than a minute" in quick.caption()


def test_one_dot_a_seed_one_column_a_setting(result):
    with plt.rc_context(matplotlib_style()):
        figure, axis = plt.subplots()
        result.dots(axis, "error", cell="LSTM", labels=["one", "four"])
        dots = [line for line in axis.lines if line.get_marker() == "o"]
        assert [line.get_ydata().tolist() for line in dots] == [
            [0.01, 0.02, 0.05],
            [0.01, 0.02, 0.03],
        ]
        assert [text.get_text() for text in axis.get_xticklabels()] == ["one", "four"]
        with pytest.raises(ValueError, match="labels: expected 2, got 1"):
            result.dots(axis, "error", cell="LSTM", labels=["one"])
        with pytest.raises(ValueError, match="setting: expected one of"):
            result.dots(axis, "error", bias=2.0)
        plt.close(figure)


def test_the_results_lie_at_the_top_of_the_repository():
    assert (folder() / "README.md").exists()
    assert (folder().parent / "pyproject.toml").exists()
