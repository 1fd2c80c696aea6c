from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.scan import run
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create

SETTINGS = Settings(settle_seconds=0.05)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    workspace = create(tmp_path / "work")
    migrate(workspace.store)
    opened = Store(workspace, actor="test")
    yield opened
    opened.close()


@pytest.fixture
def folder(store: Store) -> Path:
    made = store.workspace.root / "data"
    made.mkdir()
    return made


@pytest.fixture
def sources(store: Store) -> Sources:
    return Sources(store, SETTINGS)


@pytest.fixture
def queue_scan(store: Store) -> Callable[[], str]:
    """Writes a scan job down as one that nobody starts, so that a test does its work itself."""

    def queued() -> str:
        job_id = new_id()
        with store.write() as writing:
            writing.execute(
                "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
                " VALUES (?, 'scan', 'scan', ?, 'queued', 1, 'here', 'here', 0, 'log', ?)",
                (job_id, json.dumps({"sources": None}), now()),
            )
        return job_id

    return queued


@pytest.fixture
def scan(store: Store, queue_scan: Callable[[], str]) -> Callable[..., dict[str, Any]]:
    """Scans all sources in this process; returns what was done in the only, or the named, source."""

    def scanned(name: str | None = None, settings: Settings = SETTINGS) -> dict[str, Any]:
        told = run(JobContext(store, settings, queue_scan(), 1))["sources"]
        return next(item for item in told if name in (None, item["source"]))

    return scanned
