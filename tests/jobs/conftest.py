"""Workspaces whose jobs are real processes; none of them is left when a test ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.core.settings import Settings
from mlops_tui.data.service import Sources
from mlops_tui.jobs.model import Job
from mlops_tui.jobs.query import get_job
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create
from tests.processes import end_processes_of, wait_for


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A workspace in which a scan rests for a minute, so that there is time to interfere with it."""
    monkeypatch.setenv("MLOPS_SETTLE_SECONDS", "60")
    workspace = create((tmp_path / "work").resolve())
    migrate(workspace.store)
    opened = Store(workspace, actor="test")
    yield opened
    end_processes_of(workspace.root)
    opened.close()


@pytest.fixture
def jobs(store: Store) -> Jobs:
    return Jobs(store)


@pytest.fixture
def young_file(store: Store) -> Path:
    """A source with a file that was written this moment: its scan waits until it is at rest."""
    folder = store.workspace.root / "data"
    folder.mkdir()
    file = folder / "a.csv"
    file.write_text("id,x\n" + "".join(f"{i},{i % 7}\n" for i in range(50)), "utf-8")
    Sources(store, Settings()).add(folder, name="a")
    return file


@pytest.fixture
def waiting(store: Store, jobs: Jobs, young_file: Path) -> Job:
    """A scan whose worker is at work, waiting for the file to rest."""
    job_id = jobs.start("scan", "scan", {"sources": None})
    wait_for(lambda: get_job(store.reader, job_id).note, 40)
    return get_job(store.reader, job_id)
