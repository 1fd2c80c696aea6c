"""Starting, steering and settling jobs. Light: a front answers a key with it, a supervisor lives with it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import Any

from mlops_tui.core.clock import now, since
from mlops_tui.core.errors import JobError, from_code
from mlops_tui.core.ids import new_id, short
from mlops_tui.jobs.liveness import is_alive
from mlops_tui.jobs.model import CANCELLED, FAILED, LOST, OPEN, QUEUED, VERBS, Job
from mlops_tui.jobs.process import start_detached
from mlops_tui.jobs.query import get_job, open_jobs
from mlops_tui.store.store import Store, Writing

POLL_SECONDS = 0.1
SPAWN_GRACE_SECONDS = 10.0
"""How long a queued job may wait for its supervisor before the agent starts another."""


class Jobs:
    """The jobs of one workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, kind: str, title: str, spec: dict[str, Any], *, workers: int = 1) -> str:
        """Writes the job down and starts its supervisor in a session of its own; returns the job's id."""
        job_id = new_id()
        workspace = self._store.workspace
        with self._store.write() as writing:
            writing.execute(
                "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
                (
                    job_id,
                    kind,
                    title,
                    json.dumps(spec),
                    QUEUED,
                    workers,
                    socket.gethostname(),
                    workspace.identity(),
                    f"{job_id}.log",
                    now(),
                ),
            )
            writing.event("queued", ("job", job_id, title))
            writing.changed("jobs")
        self._spawn(job_id)
        return job_id

    def start_queued(self) -> int:
        """Starts the supervisors of jobs that were queued and never started; returns how many."""
        late = [
            job
            for job in open_jobs(self._store.reader)
            if job.state == QUEUED
            and since(job.created) > SPAWN_GRACE_SECONDS
            and job.home == self._store.workspace.identity()
        ]
        for job in late:
            self._spawn(job.id)
        return len(late)

    def _spawn(self, job_id: str) -> None:
        workspace = self._store.workspace
        start_detached(workspace, f"{job_id}.log", "mlops_tui.jobs.supervisor", str(workspace.root), job_id)

    def wait(self, job_id: str, on_progress: Callable[[Job], None] | None = None) -> Job:
        """Waits until the job has ended, calling `on_progress` with each reading; returns the ended job.

        Raises:
            MlopsError: the error that ended the job, as its worker raised it; JobError where it was killed or lost.
        """
        while True:
            job = get_job(self._store.reader, job_id)
            if on_progress is not None:
                on_progress(job)
            if not job.is_open:
                break
            time.sleep(POLL_SECONDS)
            self.settle()
        if job.state in (FAILED, LOST, CANCELLED):
            raise _error_of(job)
        return job

    def pause(self, job_id: str) -> Job:
        """No new unit of work is begun; what runs is finished."""
        return self._ask(job_id, "pause")

    def resume(self, job_id: str) -> Job:
        """A paused job goes on."""
        return self._ask(job_id, "resume")

    def stop(self, job_id: str) -> Job:
        """What runs is finished, then the job ends cleanly."""
        return self._ask(job_id, "stop")

    def _ask(self, job_id: str, verb: str) -> Job:
        allowed, state = VERBS[verb]
        with self._store.write() as writing:
            job = get_job(writing.connection, job_id)
            if verb == "stop" and job.state == QUEUED:
                end_job(writing, job, CANCELLED, "Stopped before it started.")
            elif job.state in allowed:
                writing.execute(
                    "UPDATE job SET state = ?, wanted = ? WHERE id = ?",
                    (state, None if verb == "resume" else verb, job_id),
                )
                writing.event(verb, ("job", job_id, job.title), before={"state": job.state}, after={"state": state})
                writing.changed("jobs", "studies")
            else:
                raise JobError(f"Job {short(job_id)} is {job.state}; it cannot {verb}.", "See: mlops-tui jobs list")
        return get_job(self._store.reader, job_id)

    def cancel(self, job_id: str) -> Job:
        """The job's processes are killed; work that was not finished is lost."""
        with self._store.write() as writing:
            job = get_job(writing.connection, job_id)
            if job.state not in OPEN:
                raise JobError(f"Job {short(job_id)} is {job.state} already.", "There is nothing to cancel.")
            if job.state == QUEUED:
                end_job(writing, job, CANCELLED, "Cancelled before it started.")
            else:
                writing.execute("UPDATE job SET wanted = 'cancel' WHERE id = ?", (job_id,))
                writing.event("cancel", ("job", job_id, job.title))
                writing.changed("jobs")
        return get_job(self._store.reader, job_id)

    def settle(self) -> list[str]:
        """Writes `lost` once for each job whose supervisor is gone; returns their ids."""
        here = self._store.workspace.identity()
        gone = [job for job in open_jobs(self._store.reader) if is_gone(job, here)]
        if not gone or self._store.read_only:
            return []
        with self._store.write() as writing:
            for job in gone:
                current = get_job(writing.connection, job.id)
                if current.is_open and is_gone(current, here):
                    end_job(writing, current, LOST, "Its processes are gone and nobody saw how they ended.")
        return [job.id for job in gone]


def is_gone(job: Job, here: str) -> bool:
    """Whether an open job has no living supervisor. A queued one has none yet, unless it came from another place."""
    if job.state == QUEUED:
        return job.home != here or job.host != socket.gethostname()
    return not is_alive(job.pid, job.pid_started, job.host, job.home, here)


def end_job(writing: Writing, job: Job, state: str, reason: str | None) -> None:
    """Writes a job's end down, once, with its event."""
    writing.execute(
        "UPDATE job SET state = ?, reason = ?, wanted = NULL, eta = NULL, ended = ? WHERE id = ?",
        (state, reason, now(), job.id),
    )
    writing.event(state, ("job", job.id, job.title), why=reason, before={"state": job.state}, after={"state": state})
    writing.changed("jobs", "studies", "runs")


def _error_of(job: Job) -> Exception:
    if job.error is not None:
        return from_code(job.error["code"], job.error["title"], job.error["remedy"])
    return JobError(
        f"The job '{job.title}' is {job.state}. {job.reason or ''}".strip(), f"See: mlops-tui jobs log {short(job.id)}"
    )
