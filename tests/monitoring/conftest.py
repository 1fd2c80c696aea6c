from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.scan import run as scan
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import JobContext
from mlops_tui.monitoring.engine.report import run as drift
from mlops_tui.monitoring.engine.telling import run as tell
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create

SETTINGS = Settings(settle_seconds=0.05)
WORK: dict[str, Callable[[JobContext], dict[str, Any]]] = {"scan": scan, "drift": drift, "tell": tell}


class Room:
    """A workspace whose jobs are done in this process."""

    def __init__(self, root: Path, settings: Settings = SETTINGS) -> None:
        self.settings = settings
        workspace = create(root)
        migrate(workspace.store)
        self.root = root
        self.store = Store(workspace, actor="test")
        self.sources = Sources(self.store, SETTINGS)

    def work(self, kind: str, **spec: Any) -> dict[str, Any]:
        """Writes a job down as one that nobody starts, and does its work."""
        job_id = new_id()
        with self.store.write() as writing:
            writing.execute(
                "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
                " VALUES (?, ?, ?, ?, 'queued', 1, 'here', 'here', 0, 'log', ?)",
                (job_id, kind, kind, json.dumps(spec), now()),
            )
        return WORK[kind](JobContext(self.store, self.settings, job_id, 1))

    def scan(self) -> None:
        self.work("scan", sources=None)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    made = Room(tmp_path_factory.mktemp("work"))
    yield made
    made.store.close()
