"""A job as its readers see it, and the states it may go through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

QUEUED, RUNNING, PAUSED, STOPPING = "queued", "running", "paused", "stopping"
STOPPED, DONE, FAILED, CANCELLED, LOST = "stopped", "done", "failed", "cancelled", "lost"

OPEN = (QUEUED, RUNNING, PAUSED, STOPPING)
ENDED = (STOPPED, DONE, FAILED, CANCELLED, LOST)

VERBS = {
    "pause": ((RUNNING,), PAUSED),
    "resume": ((PAUSED,), RUNNING),
    "stop": ((RUNNING, PAUSED), STOPPING),
}
"""What a person may ask of a running job: from which states, into which."""

TAKEN_UP = frozenset({"tune", "objective"})
"""Kinds of jobs whose work is of many pieces: where a worker dies, another is started and goes on."""
LIMIT, DEATH = "limit", "death"
"""Why a worker ended before its time: it was ended, since it took too much for a piece of work; or it died by itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `pid` is the supervisor's, `eta` in seconds, `wanted` what a person asked for and a worker obeys."""

    id: str
    kind: str
    title: str
    spec: dict[str, Any]
    state: str
    wanted: str | None
    workers: int
    host: str
    home: str
    pid: int | None
    pid_started: float | None
    done: int
    total: int | None
    best: float | None
    eta: float | None
    note: str | None
    reason: str | None
    error: dict[str, str] | None
    result: dict[str, Any] | None
    log: str
    created: str
    started: str | None
    ended: str | None

    @property
    def is_open(self) -> bool:
        """Whether it may still do something."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class JobWorker:
    """One worker process of a job, and how it ended: `fault` is LIMIT, DEATH or None."""

    job_id: str
    number: int
    pid: int
    pid_started: float
    exit_code: int | None
    signal: int | None
    reason: str | None
    started: str
    ended: str | None
    fault: str | None = None
