"""Every change of state as a row: who, when, what, why, before, after."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id


@dataclass(frozen=True, slots=True)
class Event:
    """One change of state. `before` and `after` hold the fields that changed."""

    id: str
    at: str
    actor: str
    verb: str
    subject_kind: str
    subject_id: str
    subject_name: str
    why: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def write_event(
    connection: sqlite3.Connection,
    actor: str,
    verb: str,
    subject: tuple[str, str, str],
    *,
    why: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> str:
    """Appends an event about `subject` (kind, id, name) inside the open transaction; returns its id."""
    identifier = new_id()
    connection.execute(
        "INSERT INTO event (id, at, actor, verb, subject_kind, subject_id, subject_name, why, before, after)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (identifier, now(), actor, verb, *subject, why, _text(before), _text(after)),
    )
    return identifier


def _text(fields: dict[str, Any] | None) -> str | None:
    return None if fields is None else json.dumps(fields, sort_keys=True, default=str)


READING = (
    "subject_kind = 'job' AND verb IN ('queued', 'started', 'done')"
    " AND subject_id IN (SELECT id FROM job WHERE kind IN ('check', 'diff'))"
)
"""What a job leaves in the trail that only looked at something, and went well."""


def read_events(
    connection: sqlite3.Connection,
    *,
    of: str | None = None,
    with_reading: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> list[Event]:
    """The newest events first; `of` keeps those about one thing, by its id or name.

    Without `with_reading` jobs that only looked at something are left out.
    """
    where = "WHERE (subject_id = :of OR subject_name = :of)" if of else "WHERE true"
    where += "" if with_reading else f" AND NOT ({READING})"
    rows = connection.execute(
        "SELECT id, at, actor, verb, subject_kind, subject_id, subject_name, why, before, after"
        f" FROM event {where} ORDER BY rowid DESC LIMIT :limit OFFSET :offset",
        {"of": of, "limit": limit, "offset": offset},
    )
    return [_event(row) for row in rows]


def events_after(connection: sqlite3.Connection, last: str, *, limit: int = 1000) -> list[Event]:
    """The events that were written after that one, the oldest first; from the very first where there is none such."""
    rows = connection.execute(
        "SELECT id, at, actor, verb, subject_kind, subject_id, subject_name, why, before, after FROM event"
        " WHERE rowid > coalesce((SELECT rowid FROM event WHERE id = ?), 0) ORDER BY rowid LIMIT ?",
        (last, limit),
    )
    return [_event(row) for row in rows]


def _event(row: Any) -> Event:
    *plain, before, after = row
    return Event(*[*plain, _fields(before), _fields(after)])


def _fields(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
