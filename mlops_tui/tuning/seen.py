"""The trials of a study as its pictures need them, read on as they end."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, NamedTuple

from mlops_tui.tuning.listing import ENDED, LOOKED_BACK

Key = tuple[str, int | None]


class Seen(NamedTuple):
    """A trial in a picture: `worker` is the process that had it, by its machine and its number there."""

    number: int
    state: str
    value: float | None
    family: str
    params: dict[str, Any]
    started: str
    ended: str | None
    worker: Key


def trials_seen(connection: sqlite3.Connection, study_id: str, before: tuple[Seen, ...] = ()) -> tuple[Seen, ...]:
    """All trials of a study by their numbers; those that had ended `before` are not read again."""
    settled = next((place for place, trial in enumerate(before) if trial.state not in ENDED), len(before))
    settled = max(0, min(settled, len(before) - LOOKED_BACK))
    rows = connection.execute(
        "SELECT number, state, value, family, params, t.started, t.ended, coalesce(run.host, ''), run.pid"
        " FROM study_trial AS t LEFT JOIN run ON run.id = t.run_id"
        " WHERE t.study_id = ? AND number >= ? ORDER BY number",
        (study_id, before[settled].number if settled < len(before) else 0),
    )
    fresh = (
        Seen(number, state, value, family, json.loads(params), started, ended, (host, pid))
        for number, state, value, family, params, started, ended, host, pid in rows
    )
    return (*before[:settled], *fresh)
