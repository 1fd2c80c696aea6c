"""Many processes on one file of trials."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.tuning.engine.storage import open_storage
from tests.tuning.crowding import QUEUED, TRIALS, WRITERS


def crowd(path: Path, name: str) -> list[FrozenTrial]:
    """The trials of that study, once the processes that write them have ended well."""
    command = [sys.executable, str(Path(__file__).with_name("crowding.py")), str(path), name]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "locked" not in done.stderr
    return optuna.load_study(study_name=name, storage=open_storage(path)).trials


def test_four_writers_and_two_readers_have_every_trial_once(tmp_path: Path) -> None:
    trials = crowd(tmp_path / "store.db", "written")
    assert [trial.number for trial in trials] == list(range(WRITERS * TRIALS))
    assert {trial.state for trial in trials} == {TrialState.COMPLETE}
    by = [trial.user_attrs["by"] for trial in trials]
    assert sorted(by.count(pid) for pid in set(by)) == [TRIALS] * WRITERS
    assert by != sorted(by)  # they were at it at the same time


def test_each_queued_trial_is_run_once_by_one_of_the_workers(tmp_path: Path) -> None:
    trials = crowd(tmp_path / "store.db", "queued")
    queued = [trial for trial in trials if "fixed_params" in trial.system_attrs]
    assert [trial.value for trial in queued] == [float(number) for number in range(QUEUED)]
    assert {trial.state for trial in queued} == {TrialState.COMPLETE}
    assert len({trial.user_attrs["by"] for trial in queued}) == WRITERS
    assert [trial.state for trial in trials[QUEUED:]] == [TrialState.FAIL] * WRITERS
