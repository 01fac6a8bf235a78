"""Experiments: declared, measured, killed, taken up, confirmed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask
import numpy as np
import pytest
from distributed import LocalCluster

from lstm_lib.page.experiments import Experiment
from lstm_lib.page.measure.result import Damaged
from lstm_lib.page.measure.run import measure, run_all, stale
from lstm_lib.page.measure.workfile import Busy, WorkFile
from tests.page.measure import tiny
from tests.page.measure.tiny import BROKEN, SETTINGS, SLOW, TINY, reach

COMMAND = "import sys; from tests.page.measure.tiny import main; sys.exit(main(*sys.argv[1:]))"


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """``make results`` of a tiny experiment, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, str, int]:
    """What it prints, what it complains about, and its exit code."""
    return (*process.communicate(timeout=120), process.returncode)


def content(folder: Path, name: str) -> dict[str, object]:
    """A result without what the clock says."""
    found = json.loads((folder / f"{name}.json").read_text())
    return {key: found[key] for key in found if key not in ("date", "minutes")}


def lines(folder: Path, name: str) -> list[str]:
    path = folder / ".running" / f"{name}.jsonl"
    return path.read_text().splitlines(keepends=True) if path.exists() else []


@pytest.fixture
def measured(tmp_path):
    run_all([TINY], "threading", 2, tmp_path)
    return tmp_path


@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading"])
def test_every_backend_measures_the_same(backend, tmp_path):
    out, *rest = finish(start(tmp_path, "tiny", backend))
    assert rest == ["", 0]
    assert out.endswith("tiny: 8 of 8 trials\ntiny: measured\n")
    result = TINY.result(tmp_path)
    for seed in TINY.seeds:
        for setting in SETTINGS:
            for name, value in reach(seed, **setting).items():
                stored = result.values(name, **setting)[seed]
                np.testing.assert_allclose(stored, value, rtol=1e-5)
    assert not (tmp_path / ".running" / "tiny.jsonl").exists()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of the cluster's own event loop
def test_a_dask_cluster_measures_the_same(measured, tmp_path_factory, capfd):
    other = tmp_path_factory.mktemp("dask")
    capfd.readouterr()
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address="")
    with cluster, dask.config.set({"scheduler-address": cluster.scheduler_address}):
        assert run_all([TINY], "dask", -1, other) == 0
    out, err = capfd.readouterr()
    assert (out.splitlines()[-1], err) == ("tiny: measured", "")
    assert content(other, "tiny") == content(measured, "tiny")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, object]:
    """The result of a run that nobody disturbs."""
    folder = tmp_path_factory.mktemp("whole")
    assert run_all([SLOW], "threading", 4, folder) == 0
    return content(folder, "slow")


@pytest.mark.parametrize(("backend", "moments"), [("threading", (1, 2, 13)), ("loky", (6,))])
def test_a_killed_run_loses_nothing_and_doubles_nothing(backend, moments, whole, tmp_path):
    killed = tmp_path
    kept: list[str] = []
    for moment in moments:  # lines in the file at which the process dies
        process = start(killed, "slow", backend)
        while len(lines(killed, "slow")) < moment:
            assert process.poll() is None, process.communicate()
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        now = lines(killed, "slow")
        assert now[: len(kept)] == kept
        kept = [line for line in now if line.endswith("\n")]
        with open(killed / ".running" / "slow.jsonl", "a") as file:
            file.write('{"setting": 1, "seed": 9, "val')  # as if torn in the middle
    out, *rest = finish(start(killed, "slow", backend))
    assert rest == ["", 0]
    trials = len(SETTINGS) * len(SLOW.seeds)
    counted = [int(k) for k in re.findall(r"slow: (\d+) of", out)]
    assert counted == list(range(len(kept), trials + 1))  # the first line is the head
    places = [(t["setting"], t["seed"]) for t in map(json.loads, kept[1:])]
    assert len(set(places)) == len(places)
    assert content(killed, "slow") == whole


def test_the_work_of_other_code_is_thrown_away(tmp_path):
    path = tmp_path / "one.jsonl"
    for inputs, before in [("a", 0), ("a", 1), ("b", 0), ("b", 1)]:
        with WorkFile(path, inputs) as work:
            assert len(work.kept) == before
            work.keep(0, 0, {"x": 1.0}, 0.1)


def test_two_runs_at_once_are_refused(tmp_path):
    process = start(tmp_path, "slow")
    while not lines(tmp_path, "slow"):
        time.sleep(0.002)
    with pytest.raises(Busy, match="slow: another make results is running it"):
        measure(SLOW, tmp_path)
    assert finish(process)[1:] == ("", 0)


def test_a_trial_that_raises_is_named_and_the_others_are_kept(tmp_path, capsys):
    assert run_all([BROKEN], "threading", 2, tmp_path) == 1
    assert "broken, seed 2, gain=2.0:\nTraceback" in capsys.readouterr().err
    kept = len(lines(tmp_path, "broken")) - 1
    assert 5 <= kept < 20  # those before it and those that had begun, not all 39
    assert not (tmp_path / "broken.json").exists()
    assert run_all([BROKEN], "threading", 2, tmp_path) == 1  # again, from there
    assert kept < len(lines(tmp_path, "broken")) - 1 < 39


def test_an_edit_that_changes_nothing_is_confirmed_by_two_trials_a_setting(
    measured, monkeypatch, capsys
):
    before = content(measured, "tiny")
    assert stale(TINY, measured) == ""
    assert run_all([TINY], "threading", 2, measured) == 0
    assert capsys.readouterr().out.endswith("tiny: up to date\n")
    edited = {"declared": TINY.declared(), "code": "0123456789abcdef"}
    monkeypatch.setattr(TINY, "inputs", lambda: edited)
    assert "results/tiny.json is older than the code" in stale(TINY, measured)
    assert "make results EXPERIMENT=tiny" in stale(TINY, measured)
    assert run_all([TINY], "threading", 2, measured) == 0
    assert capsys.readouterr().out == "tiny: confirmed by 4 trials\n"
    after = content(measured, "tiny")
    assert stale(TINY, measured) == ""
    assert after["confirmed"]["trials"] == 4
    assert after["settings"] == before["settings"]


def test_an_edit_that_changes_the_values_measures_all_anew(measured, monkeypatch, capsys):
    before = content(measured, "tiny")
    monkeypatch.setattr(
        TINY, "trial", lambda seed, gain: {**reach(seed, gain), "last": 1 + seed * gain}
    )
    edited = {"declared": TINY.declared(), "code": "0123456789abcdef"}
    monkeypatch.setattr(TINY, "inputs", lambda: edited)
    assert run_all([TINY], "threading", 2, measured) == 0
    assert "the code gives other values now; all anew" in capsys.readouterr().out
    assert TINY.result(measured).values("last", gain=0.5).tolist() == [1, 1.5, 2, 2.5]
    assert content(measured, "tiny")["confirmed"] is None
    assert content(measured, "tiny") != before


def test_values_that_are_not_compared_have_to_agree_on_the_same_machine(
    measured, monkeypatch, capsys
):
    path = measured / "tiny.json"
    monkeypatch.setattr(TINY, "compare", ["unbounded"])
    monkeypatch.setattr(TINY, "trial", lambda seed, gain: {**reach(seed, gain), "last": seed})
    monkeypatch.setattr(TINY, "inputs", lambda: {"declared": TINY.declared(), "code": "other"})
    elsewhere = json.loads(path.read_text()) | {"kernel": "Katmai"}
    here = path.read_text()
    path.write_text(json.dumps(elsewhere))
    assert run_all([TINY], "threading", 2, measured) == 0
    assert capsys.readouterr().out.endswith("tiny: confirmed by 4 trials\n")
    path.write_text(here)
    assert run_all([TINY], "threading", 2, measured) == 0
    assert "all anew" in capsys.readouterr().out


def test_again_says_whether_a_trial_agrees(measured, monkeypatch, capsys):
    TINY.again(1, where=measured, gain=0.5)
    said = capsys.readouterr().out
    assert said == (
        "tiny, seed 1, gain=0.5, run again: "
        "last, sizes, unbounded as stored (within 0.001 of it).\n"
    )
    monkeypatch.setattr(TINY, "trial", lambda seed, gain: reach(seed, 1.01 * gain))
    TINY.again(1, where=measured, gain=0.5)
    assert "last DIFFERS: 0.6" in capsys.readouterr().out


def test_only_what_is_compared_has_to_agree(measured, monkeypatch, capsys):
    early = Experiment("tiny", reach, settings=SETTINGS, seeds=range(4), compare=["unbounded"])
    monkeypatch.setattr(early, "trial", lambda seed, gain: reach(seed, 1.01 * gain))
    early.again(1, where=measured, gain=0.5)
    assert capsys.readouterr().out.endswith("unbounded as stored (within 0.001 of it).\n")


def test_a_file_of_another_declaration_is_refused(measured):
    other = Experiment("tiny", reach, settings=SETTINGS, seeds=range(5))
    with pytest.raises(ValueError, match="measured with other settings or seeds; run make results"):
        other.result(measured)
    with pytest.raises(FileNotFoundError, match="not measured yet; run make results EXPERIMENT"):
        SLOW.result(measured)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda text: text.replace('"seeds"', '<<<<<<< HEAD\n"seeds"', 1), "line .*<<<<<<< HEAD"),
        (lambda text: text[: len(text) // 2], "got .* at line"),
        (lambda text: "", "expecting value at line 1: ''"),
        (lambda text: "[]", "TypeError"),
        (lambda text: text.replace('"values"', '"value"'), "KeyError 'values'"),
        (
            lambda text: "[4, 1".join(text.rsplit("[0, 1", 1)),
            "settings that were not measured alike",
        ),
        (lambda text: text.replace('"last": [', '"last": [0.5, ', 1), "not a last for each seed"),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(spoil, fault, measured, capsys):
    path = measured / "tiny.json"
    text = path.read_text()
    spoiled = spoil(text)
    assert spoiled != text
    path.write_text(spoiled)
    with pytest.raises(Damaged, match=f"{path}: expected what make results has written.*{fault}"):
        TINY.result(measured)
    capsys.readouterr()
    assert run_all([TINY], "threading", 2, measured) == 1
    out, err = capsys.readouterr()
    assert not out
    assert len(err.splitlines()) == 1
    assert err.endswith(
        f"take it from git (git checkout -- {path}), or delete it and "
        "run make results EXPERIMENT=tiny\n"
    )
    assert path.read_text() == spoiled
    path.unlink()
    assert run_all([TINY], "threading", 2, measured) == 0


def test_damaged_work_is_named_with_what_to_do(tmp_path, capsys):
    path = tmp_path / "one.jsonl"
    with WorkFile(path, "a") as work:
        work.keep(0, 0, {"x": 1.0}, 0.1)
        work.keep(0, 1, {"x": 1.0}, 0.1)
    path.write_text(path.read_text().replace('{"setting"', '"setting"', 1))
    with pytest.raises(Damaged, match=f"{path}: expected .* at line 1: .*; delete it; its trials"):
        WorkFile(path, "a").__enter__()
    path.unlink()
    with WorkFile(path, "a") as work:
        assert not work.kept


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"name": "Tiny"}, ValueError, "name: expected small letters"),
        ({"trial": lambda seed: {}}, TypeError, "trial: expected a function at the top"),
        ({"settings": []}, ValueError, "settings: expected at least one"),
        ({"settings": [{"gain": 1.0}] * 2}, ValueError, "settings: .* none of them twice"),
        ({"settings": [{"gan": 1.0}]}, ValueError, "settings: expected arguments of reach"),
        ({"settings": [{}]}, ValueError, "settings: expected arguments of reach: missing"),
        ({"settings": [{"gain": np.ones(2)}]}, TypeError, "settings: expected strings or"),
        ({"settings": [{"gain": np.inf}]}, ValueError, "settings: gain: expected a finite"),
        ({"settings": [{"below": 1}]}, ValueError, "settings: expected other names"),
        ({"settings": ["gain"]}, TypeError, "settings: expected dictionaries"),
        ({"seeds": [0, 0]}, ValueError, "seeds: .* none of them twice"),
        ({"seeds": [-1]}, ValueError, "seeds: expected a whole number >= 0"),
        ({"compare": "last"}, TypeError, "compare: expected a sequence of names"),
        ({"rtol": 0}, ValueError, "rtol: expected a finite number > 0"),
    ],
)
def test_a_wrong_declaration_is_refused(change, error, says):
    right = {"name": "tiny", "trial": reach, "settings": SETTINGS, "seeds": range(4)}
    with pytest.raises(error, match=says):
        Experiment(**(right | change))


@pytest.mark.parametrize("value", ["words", 1j, [[1.0]], None])
def test_a_value_that_is_no_number_is_refused(value, monkeypatch):
    monkeypatch.setattr(TINY, "trial", lambda seed, gain: {"last": value})
    with pytest.raises(TypeError, match=r"trial\(seed=0, gain=0.5\): last: expected a number"):
        TINY.run(0, {"gain": 0.5})


def test_trials_that_name_their_values_differently_are_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(TINY, "trial", lambda seed, gain: {f"last{seed}": 1.0})
    assert run_all([TINY], "threading", 2, tmp_path) == 1
    assert "expected the same names of every trial" in capsys.readouterr().err


def test_the_declaration_is_part_of_the_hash():
    longer = Experiment("tiny", reach, settings=SETTINGS, seeds=range(5))
    assert longer.inputs()["declared"] != TINY.inputs()["declared"]
    assert longer.inputs()["code"] == TINY.inputs()["code"]
    slower = Experiment("tiny", tiny.slow, settings=SETTINGS, seeds=range(4))
    assert slower.inputs()["declared"] == TINY.inputs()["declared"]
    assert slower.inputs()["code"] != TINY.inputs()["code"]
