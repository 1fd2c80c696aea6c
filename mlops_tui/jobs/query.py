"""What is read of jobs."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from mlops_tui.jobs.model import OPEN, Job, JobWorker
from mlops_tui.store.select import find_one

COLUMNS = (
    "id, kind, title, spec, state, wanted, workers, host, home, pid, pid_started, done, total, best, eta, note, reason,"
    " error, result, log, created, started, ended"
)
OPEN_STATES = ", ".join(f"'{state}'" for state in OPEN)


def list_jobs(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> list[Job]:
    """The newest jobs first."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM job ORDER BY id DESC LIMIT ? OFFSET ?", (limit, offset))
    return [_job(row) for row in rows]


def open_jobs(connection: sqlite3.Connection) -> list[Job]:
    """The jobs that have not ended, oldest first."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM job WHERE state IN ({OPEN_STATES}) ORDER BY id")
    return [_job(row) for row in rows]


def newest_job(connection: sqlite3.Connection, kind: str) -> Job | None:
    """The job of that kind that was queued last; None where there was none."""
    row = connection.execute(f"SELECT {COLUMNS} FROM job WHERE kind = ? ORDER BY id DESC LIMIT 1", (kind,)).fetchone()
    return None if row is None else _job(row)


def count_open(connection: sqlite3.Connection) -> int:
    """How many jobs have not ended."""
    return int(connection.execute(f"SELECT count(*) FROM job WHERE state IN ({OPEN_STATES})").fetchone()[0])


def count_jobs(connection: sqlite3.Connection) -> int:
    """How many jobs there are."""
    return int(connection.execute("SELECT count(*) FROM job").fetchone()[0])


def get_job(connection: sqlite3.Connection, job_id: str) -> Job:
    """The job of that id."""
    return _job(connection.execute(f"SELECT {COLUMNS} FROM job WHERE id = ?", (job_id,)).fetchone())


def kind_of(connection: sqlite3.Connection, job_id: str) -> str | None:
    """The kind of the job of that id; None where there is none any more."""
    row = connection.execute("SELECT kind FROM job WHERE id = ?", (job_id,)).fetchone()
    return None if row is None else str(row[0])


def find_job(connection: sqlite3.Connection, selector: str) -> Job:
    """The job whose id has that part."""
    return get_job(connection, find_one(connection, "job", selector, "job", name_column="title"))


def list_workers(connection: sqlite3.Connection, job_id: str) -> list[JobWorker]:
    """The workers of a job, in the order they were started."""
    rows = connection.execute(
        "SELECT job_id, number, pid, pid_started, exit_code, signal, reason, started, ended, fault"
        " FROM job_worker WHERE job_id = ? ORDER BY number",
        (job_id,),
    )
    return [JobWorker(*row) for row in rows]


def _job(row: Any) -> Job:
    values = list(row)
    values[3] = json.loads(values[3])
    for position in (17, 18):
        values[position] = None if values[position] is None else json.loads(values[position])
    return Job(*values)


def asked_by(connection: sqlite3.Connection, job_id: str) -> str | None:
    """Who started the job: what its work changes was done for them."""
    row = connection.execute(
        "SELECT actor FROM event WHERE subject_id = ? AND verb = 'queued' ORDER BY rowid LIMIT 1", (job_id,)
    ).fetchone()
    return row[0] if row else None


def end_of_worker(connection: sqlite3.Connection, job_id: str, pid: int, pid_started: float) -> JobWorker | None:
    """The worker of that job that is, or was, that process; None where there is none."""
    found = [
        one for one in list_workers(connection, job_id) if one.pid == pid and abs(one.pid_started - pid_started) < 1
    ]
    return found[-1] if found else None
