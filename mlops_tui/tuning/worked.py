"""How long a study was at work: without the time in which it was paused, or had ended and not gone on yet."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from mlops_tui.core.clock import to_seconds
from mlops_tui.jobs.model import LOST
from mlops_tui.tuning.model import WORKER_DIED


class Worked(NamedTuple):
    """The seconds of the spans that are over, and when the one began that is not; None where nobody is at work now."""

    seconds: float
    since: str | None = None

    def until(self, moment: float) -> float:
        """The seconds until then."""
        return self.seconds + (max(0.0, moment - to_seconds(self.since)) if self.since is not None else 0.0)


def worked(connection: sqlite3.Connection, study_id: str) -> Worked | None:
    """How long it was at work; None where it has not begun."""
    jobs = connection.execute(
        "SELECT id, started, ended, state FROM job WHERE started IS NOT NULL AND id IN ("
        "SELECT json_extract(after, '$.job') FROM event WHERE subject_id = :study AND verb = 'launched'"
        " UNION SELECT job_id FROM study WHERE id = :study) ORDER BY started, id",
        {"study": study_id},
    ).fetchall()
    if not jobs:
        return None
    seconds, since = 0.0, None
    for job_id, started, ended, state in jobs:
        end = _last_seen(connection, study_id, started, ended) if state == LOST else ended
        turns = connection.execute(
            "SELECT at, verb FROM event WHERE subject_id = ? AND verb IN ('pause', 'resume') ORDER BY at, id", (job_id,)
        )
        since = started
        for at, verb in turns:
            if verb == "pause" and since is not None:
                seconds, since = seconds + to_seconds(at) - to_seconds(since), None
            elif verb == "resume" and since is None:
                since = at
        if end is not None and since is not None:
            seconds, since = seconds + max(0.0, to_seconds(end) - to_seconds(since)), None
    return Worked(seconds, since)


def _last_seen(connection: sqlite3.Connection, study_id: str, started: str, ended: str | None) -> str:
    """When the last of its trials was seen, of a job whose end nobody saw: that was noticed later, by days perhaps."""
    row = connection.execute(
        "SELECT max(iif(state = 'running' OR reason = ?, started, coalesce(ended, started)))"
        " FROM study_trial WHERE study_id = ? AND started BETWEEN ? AND ?",
        (WORKER_DIED, study_id, started, ended or "9"),
    ).fetchone()
    return str(row[0]) if row and row[0] else started
