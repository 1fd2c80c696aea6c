"""A run as its readers see it, its states, and when a run that says it is running is lost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from mlops_tui.jobs.liveness import is_alive

RUNNING, FINISHED, FAILED, CANCELLED, LOST = "running", "finished", "failed", "cancelled", "lost"

ENDINGS = (FINISHED, FAILED, CANCELLED)
"""How a process may say that its run ended; `lost` is what others conclude."""
STATUSES = (FINISHED, FAILED, RUNNING, CANCELLED, LOST)
"""What a run may be, the likeliest first."""

NAN, INFINITE, MINUS_INFINITE = "nan", "inf", "-inf"


@dataclass(frozen=True, slots=True)
class Run:
    """One run with its parameters, its last metric values and its tags.

    `parent` is the run that it was started within, `parent_name` its name, `study` that of its study, `job_id` the job of a command. A metric may be NaN or infinite. A parameter that was logged as a number is one. `ended` stays None for a lost run:
    nobody saw the end.
    """

    id: str
    name: str
    experiment: str
    status: str
    origin: str
    study_id: str | None
    started: str
    ended: str | None
    pid: int | None
    pid_started: float | None
    host: str
    home: str
    note: str | None
    archived: str | None
    params: Mapping[str, str | int | float]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    parent: str | None = None
    job_id: str | None = None
    command: str | None = None
    script: str | None = None
    script_hash: str | None = None
    commit_hash: str | None = None
    branch: str | None = None
    is_dirty: bool | None = None
    study: str | None = None
    parent_name: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One metric value. `at` is in seconds since 1970; `value` may be NaN or infinite."""

    step: int
    at: float
    value: float


def is_lost(run: Run, here: str) -> bool:
    """Whether a run says that it is running and its process is gone, seen from the workspace of identity `here`."""
    return run.status == RUNNING and not is_alive(run.pid, run.pid_started, run.host, run.home, here)


def stored(number: float) -> tuple[float | None, str | None]:
    """The columns `value` and `special` of a number. SQLite has no NaN; an infinity is kept, since it sorts as one."""
    if -math.inf < number < math.inf:
        return number, None
    if number != number:
        return None, NAN
    return number, INFINITE if number > 0 else MINUS_INFINITE


def restored(value: float | None, special: str | None) -> float:
    """The number that the columns `value` and `special` stand for."""
    if special is not None:
        return float(special)
    return float("nan") if value is None else value
