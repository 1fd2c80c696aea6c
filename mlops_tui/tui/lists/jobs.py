"""Jobs, the newest first."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from mlops_tui.jobs.model import Job
from mlops_tui.jobs.query import count_jobs, list_jobs
from mlops_tui.presenters.jobs import JOB_TITLES, job_cells
from mlops_tui.tui.panels.rows import Column, Order, Row

SHAPES = {
    "state": Column("state", 11, priority=0),
    "job": Column("job", 22, priority=0, grows=True),
    "progress": Column("progress", 15, priority=1, right=True),
    "done": Column("done", 13, priority=4, right=True),
    "left": Column("left", 8, priority=2, right=True),
    "best": Column("best", 9, priority=3, right=True),
    "took": Column("took", 8, priority=5, right=True),
    "started": Column("started", 9, priority=5, right=True),
    "note": Column("note", 18, priority=6),
    "id": Column("id", 6, priority=7),
}


class JobsSource:
    """All jobs; `known` keeps each as it was last read, for the keys that steer it."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self.known: dict[str, Job] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [SHAPES[title] for title in JOB_TITLES]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return count_jobs(connection)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        jobs = list_jobs(connection, limit=limit, offset=offset)
        self.known.update({job.id: job for job in jobs})
        now = time.time()
        return [Row(job.id, job_cells(job, now, plain=self._plain)) for job in jobs]
