"""Sources with real files, and studies that are run in this process or in workers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.scan import run as scan
from mlops_tui.data.model import Source
from mlops_tui.data.query import find_source
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.liveness import this_process
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create
from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.steering import Steering
from tests.processes import end_processes_of
from tests.salting import fix_salt

SETTINGS = Settings(settle_seconds=0.05)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small fits on one thread each, here and in workers: threads that wait for each other on a busy machine take minutes."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    with threadpool_limits(1):
        yield


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty workspace with Optuna's tables too; no process of it outlives the test."""
    workspace = create((tmp_path / "work").resolve())
    migrate(workspace.store)
    open_storage(workspace.store)
    opened = Store(workspace, actor="test")
    yield opened
    end_processes_of(workspace.root)
    opened.close()


@pytest.fixture
def jobs(store: Store) -> Jobs:
    return Jobs(store)


@pytest.fixture
def studies(store: Store, jobs: Jobs) -> Studies:
    return Studies(store, SETTINGS, jobs)


@pytest.fixture
def new_job(store: Store) -> Callable[..., str]:
    """Writes a running job down whose supervisor is this process, so that a test does its work itself."""

    def queued(kind: str, **spec: object) -> str:
        job_id = new_id()
        pid, started, host = this_process()
        home = store.workspace.identity()
        with store.write() as writing:
            writing.execute(
                "INSERT INTO job (id, kind, title, spec, state, workers, host, home, pid, pid_started, done, log, created)"
                " VALUES (?, ?, ?, ?, 'running', 1, ?, ?, ?, ?, 0, 'log', ?)",
                (job_id, kind, kind, json.dumps(spec), host, home, pid, started, now()),
            )
        return job_id

    return queued


@pytest.fixture
def take_in(store: Store, new_job: Callable[..., str]) -> Callable[..., Source]:
    """Writes a frame into a source's folder as one more file, and takes it in; the source is added the first time."""

    def taken_in(frame: pd.DataFrame, name: str = "s", **roles: str) -> Source:
        folder = store.workspace.root / name
        if not folder.exists():
            folder.mkdir()
            fix_salt(store, Sources(store, SETTINGS).add(folder, name=name, pattern="*.csv", **roles).id)
        file = folder / f"{len(list(folder.iterdir()))}.csv"
        frame.to_csv(file, index=False)
        os.utime(file, (1_700_000_000, 1_700_000_000))
        told = scan(JobContext(store, SETTINGS, new_job("scan", sources=None), 1))
        assert next(item for item in told["sources"] if item["source"] == name)["taken"] == 1
        return find_source(store.reader, name)

    return taken_in


@pytest.fixture
def work(store: Store, new_job: Callable[..., str]) -> Callable[[Study], Tuning]:
    """Runs a study's trials in this process; the caller may ask for the result."""

    def worked(study: Study) -> Tuning:
        tuning = Tuning(JobContext(store, SETTINGS, new_job("tune", study=study.id), 1))
        tuning.loop()
        return tuning

    return worked


@pytest.fixture
def source(take_in: Callable[..., Source], people: pd.DataFrame) -> Source:
    """Two numbers that tell who has left."""
    return take_in(people[["age", "visits", "left"]], target="left")


@pytest.fixture
def steering(store: Store, studies: Studies) -> Steering:
    return Steering(store, SETTINGS, studies)


@pytest.fixture
def people() -> pd.DataFrame:
    """People with numbers, categories, booleans and dates, values missing among them; `left` can be learnt from them,
    `stage` has three classes and `spent` is a number."""
    return make_people(160)


def make_people(rows: int, seed: int = 1) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    age = generator.normal(40, 10, rows)
    plan = pd.Series(generator.choice(["basic", "gold", "trial"], rows), dtype=object)
    member = pd.Series(generator.random(rows) < 0.5, dtype=object)
    visits = generator.integers(0, 40, rows)
    score = (age - 40) / 10 + 0.05 * visits + (plan == "gold") + generator.normal(0, 0.7, rows)
    frame = pd.DataFrame(
        {
            "person_id": [f"p{number:05d}" for number in range(rows)],
            "age": np.round(age, 3),
            "visits": visits,
            "plan": plan,
            "member": member,
            "joined": pd.Timestamp("2024-01-01") + pd.to_timedelta(generator.permutation(rows), unit="h"),
            "left": np.where(score > 1.2, "yes", "no"),
            "stage": np.digitize(score, [0.5, 2.0]),
            "spent": np.round(score * 100 + generator.normal(0, 5, rows), 2),
        }
    )
    frame.loc[::17, "age"] = np.nan
    frame.loc[3::19, "plan"] = None
    frame.loc[5::23, "member"] = None
    return frame
