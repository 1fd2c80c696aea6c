"""A study is removed with all that is of it, and what killed workers have left is swept up."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mlops_tui.core.errors import JobError
from mlops_tui.core.settings import Settings
from mlops_tui.data.model import Source
from mlops_tui.jobs.context import JobContext
from mlops_tui.overview.removing import OF_RUNS, OF_STUDIES, OF_TRIALS, OURS, Removing
from mlops_tui.registry.engine.register import run as register
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.leftovers import folders_of, sweep
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import get_study, list_trials
from mlops_tui.tuning.service import Studies

Work = Callable[[Study], Tuning]


@pytest.fixture
def done(store: Store, studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame, work: Work) -> Study:
    """A study that has ended, beside another one."""
    take_in(people[["age", "visits", "left"]], target="left")
    for name in ("kept", "gone"):
        study = studies.create("s", families=["logistic"], trials=3, name=name)
        work(study).choose()
        with store.write() as writing:
            writing.execute("UPDATE study SET state = 'done' WHERE id = ?", (study.id,))
    return get_study(store.reader, study.id)


def rows(store: Store) -> dict[str, int]:
    tables = (*OURS, *OF_RUNS, *OF_TRIALS, *OF_STUDIES, "run", "study")
    return {table: store.reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_nothing_of_a_removed_study_is_left_and_nothing_of_another_is_touched(store: Store, done: Study) -> None:
    both, predictions = rows(store), folders_of(store.workspace, done.id)
    assert [folder.parent.name for folder in predictions] == ["predictions", "folds"]
    preview = Removing(store).preview(done)
    assert (preview.trials, preview.runs) == (3, 3)
    assert preview.bytes > 0
    assert rows(store) == both
    assert Removing(store).remove(done) == preview
    assert rows(store) == {table: count / 2 for table, count in both.items()}
    assert folders_of(store.workspace, done.id) == []
    assert not any(folder.exists() for folder in predictions)
    event = read_events(store.reader, of=done.id)[0]
    assert (event.verb, event.before) == ("removed", {"trials": 3, "runs": 3, "bytes": preview.bytes})


def test_a_study_at_work_and_one_that_a_model_came_from_are_not_removed(
    store: Store, done: Study, new_job: Callable[..., str]
) -> None:
    before = rows(store)
    job_id = new_job("tune", study=done.id)
    with store.write() as writing:
        writing.execute("UPDATE study SET job_id = ? WHERE id = ?", (job_id, done.id))
    with pytest.raises(JobError, match="is running, and cannot be removed"):
        Removing(store).remove(get_study(store.reader, done.id))
    with store.write() as writing:
        writing.execute("UPDATE study SET state = 'done', job_id = NULL WHERE id = ?", (done.id,))
    spec = {"run": list_trials(store.reader, done.id)[0].run_id, "name": "m"}
    register(JobContext(store, Settings(), new_job("register", **spec), 1))
    with pytest.raises(JobError, match="m version 1 came from it"):
        Removing(store).remove(get_study(store.reader, done.id))
    assert rows(store) == before | {"run_artifact": rows(store)["run_artifact"], "run_tag": rows(store)["run_tag"]}


def left_behind(store: Store, study_id: str) -> Path:
    folder = store.workspace.home / "folds" / study_id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a-0-training.npy").write_bytes(b"x")
    return folder


def test_what_killed_workers_left_is_swept_up_and_what_is_in_use_stays(store: Store, done: Study, work: Work) -> None:
    """Matrices of a study that has ended, files that were not finished, and whatever is of no study."""
    mine = folders_of(store.workspace, done.id)[0]
    stranger, dead = store.workspace.home / "predictions" / "01NOBODY", left_behind(store, "01DEAD")
    stranger.mkdir()
    process = subprocess.Popen(["true"])
    process.wait()
    for pid in (process.pid, os.getpid()):
        (mine / f"7.{pid}").write_bytes(b"half")
    in_use = next(folder for folder in folders_of(store.workspace, done.id) if folder.parent.name == "folds")
    assert sweep(store, at_rest=1e9) == [stranger, mine / f"7.{process.pid}"]  # the others have changed a moment ago
    with (in_use / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # as a worker that has its matrices open
        assert dead in sweep(store, at_rest=0)
        assert in_use.is_dir()
    assert (mine / f"7.{os.getpid()}").exists()
    with store.write() as writing:
        writing.execute("UPDATE study SET state = 'running' WHERE id = ?", (done.id,))
    interrupted = left_behind(store, f"{done.id}-anew")
    assert interrupted not in sweep(store, at_rest=0)
    assert interrupted.is_dir()


def test_the_next_worker_that_starts_sweeps(store: Store, studies: Studies, done: Study, work: Work) -> None:
    stranger = store.workspace.home / "predictions" / "01NOBODY"
    stranger.mkdir()
    work(studies.create("s", families=["logistic"], trials=1))
    assert not stranger.exists()
