"""What is read of alerts: which are open, what is muted, how they were told."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from mlops_tui.core.errors import UnknownName
from mlops_tui.core.ids import looks_like_part
from mlops_tui.core.printable import printable
from mlops_tui.monitoring.alert import WAITING, Alert, Delivery, Mute, Subject
from mlops_tui.registry.model import CHAMPION

_MOVED = "a.ended IS NULL AND a.revision <> m.revision"
"""An alert about a champion has ended once the champion moves, whether or not somebody has written that down."""
_OPEN = "a.ended IS NULL AND (a.revision IS NULL OR m.revision IS NULL OR a.revision = m.revision)"
_MUTE = "(SELECT u.\"column\" FROM alert_mute AS u WHERE u.subject_id = a.subject_id AND u.lifted IS NULL AND (u.until IS NULL OR u.until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))"
_MUTED = (
    f"(EXISTS (SELECT 1 FROM {_MUTE} AS w WHERE w.\"column\" IS NULL) OR (coalesce(json_array_length(a.evidence, '$.columns'), 0) > 0"
    f" AND NOT EXISTS (SELECT 1 FROM json_each(a.evidence, '$.columns') AS c WHERE c.value NOT IN {_MUTE})))"
)
"""All that the alert is about is muted: its subject, or each of the columns that it names."""
_ALERT = (
    "SELECT a.id, a.kind, a.subject_kind, a.subject_id, a.subject_name, a.severity, a.sentence, a.remedy, a.evidence,"
    f" a.since, a.seen, a.times, CASE WHEN {_MOVED} THEN m.moved ELSE a.ended END,"
    f" CASE WHEN {_MOVED} THEN 'the champion is version ' || m.version || ' now' ELSE a.why_ended END,"
    f" a.acknowledged, a.acknowledged_by, a.acknowledged_why, {_MUTED}"
)
_ALERTS = (
    " FROM alert AS a LEFT JOIN model_alias AS m"
    f" ON a.subject_kind = 'model' AND m.model_id = a.subject_id AND m.alias = '{CHAMPION}'"
)


def list_alerts(
    connection: sqlite3.Connection, *, with_ended: bool = False, limit: int = 50, offset: int = 0
) -> list[Alert]:
    """The open alerts, the newest first; with those that have ended where they are asked for."""
    where = "true" if with_ended else _OPEN
    rows = connection.execute(f"{_ALERT}{_ALERTS} WHERE {where} ORDER BY a.id DESC LIMIT ? OFFSET ?", (limit, offset))
    return [_alert(row) for row in rows]


def alerts_about(connection: sqlite3.Connection, subject_id: str) -> list[Alert]:
    """The open alerts about one thing, the newest first."""
    rows = connection.execute(f"{_ALERT}{_ALERTS} WHERE {_OPEN} AND a.subject_id = ? ORDER BY a.id DESC", (subject_id,))
    return [_alert(row) for row in rows]


def alerts_to_see(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> list[Alert]:
    """The open alerts that nobody has acknowledged and that are not muted, the newest first."""
    rows = connection.execute(
        f"{_ALERT}{_ALERTS} WHERE {_OPEN} AND a.acknowledged IS NULL AND NOT {_MUTED} ORDER BY a.id DESC LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [_alert(row) for row in rows]


def count_alerts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many are `open`, how many of these were `acknowledged`, and how many of the others are `muted`."""
    row = connection.execute(
        f"SELECT count(*), count(a.acknowledged), coalesce(sum(a.acknowledged IS NULL AND {_MUTED}), 0){_ALERTS} WHERE {_OPEN}"
    ).fetchone()
    return {"open": int(row[0]), "acknowledged": int(row[1]), "muted": int(row[2])}


def open_alert(connection: sqlite3.Connection, kind: str, subject_id: str) -> Alert | None:
    """The open alert of that kind about that; None where there is none."""
    row = connection.execute(
        f"{_ALERT}{_ALERTS} WHERE {_OPEN} AND a.kind = ? AND a.subject_id = ? ORDER BY a.id DESC LIMIT 1",
        (kind, subject_id),
    ).fetchone()
    return None if row is None else _alert(row)


def moved_alerts(connection: sqlite3.Connection) -> list[Alert]:
    """Those that ended since the champion moved, which nobody has written down."""
    return [_alert(row) for row in connection.execute(f"{_ALERT}{_ALERTS} WHERE {_MOVED} ORDER BY a.id")]


def find_alert(connection: sqlite3.Connection, selector: str) -> Alert:
    """The alert with that part in its id, or about the thing of that name; where there are several, the open one.

    Raises:
        UnknownName: there is none, or several fit.
    """
    part = selector.upper() if looks_like_part(selector) else None
    rows = connection.execute(
        f"{_ALERT}{_ALERTS} WHERE a.subject_name = ? OR a.id LIKE ? OR a.id LIKE ? ORDER BY a.id DESC LIMIT 50",
        (selector, part and f"{part}%", part and f"%{part}"),
    )
    found = [_alert(row) for row in rows]
    found = [alert for alert in found if alert.subject.name == selector] or found
    there = [alert for alert in found if alert.is_open] or found[:1]
    if len(there) != 1:
        many = "There is no alert" if not there else "Several alerts are open for"
        raise UnknownName(f"{many} '{printable(selector)}'.", "See: mlops-tui alerts list")
    return there[0]


def _alert(row: Any) -> Alert:
    identifier, kind, *rest = row
    subject, (severity, sentence, remedy, evidence), others = Subject(*rest[:3]), rest[3:7], rest[7:-1]
    told = [identifier, kind, subject, severity, sentence, remedy, json.loads(evidence), *others, bool(rest[-1])]
    return Alert(*told)


_DELIVERY = "SELECT id, alert_id, moment, channel, state, tries, why, due, at FROM alert_delivery"


def deliveries_of(connection: sqlite3.Connection, alert_id: str) -> list[Delivery]:
    """How an alert was told, the first telling first."""
    rows = connection.execute(f"{_DELIVERY} WHERE alert_id = ? ORDER BY id", (alert_id,))
    return [Delivery(*row) for row in rows]


def waiting_deliveries(connection: sqlite3.Connection, *, limit: int = 50) -> list[Delivery]:
    """What is still to be told, what is due first."""
    rows = connection.execute(f"{_DELIVERY} WHERE state = ? ORDER BY due, id LIMIT ?", (WAITING, limit))
    return [Delivery(*row) for row in rows]


def list_mutes(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> list[Mute]:
    """What is muted now, the newest first."""
    rows = connection.execute(
        'SELECT id, subject_kind, subject_id, subject_name, "column", until, why, muted_by, at FROM alert_mute'
        " WHERE lifted IS NULL AND (until IS NULL OR until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
        " ORDER BY id DESC LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [Mute(row[0], Subject(*row[1:4]), *row[4:]) for row in rows]
