"""Raising, ending and acknowledging alerts, each in one transaction with its event."""

from __future__ import annotations

import json

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import new_id, short
from mlops_tui.core.printable import printable
from mlops_tui.monitoring.alert import ACKNOWLEDGED, BEGAN, ENDED, Alert, Finding
from mlops_tui.monitoring.query import alerts_to_see, find_alert, moved_alerts, open_alert
from mlops_tui.store.store import Store, Writing


class Alerts:
    """The alerts of one workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def to_see(self) -> list[Alert]:
        """The open alerts that nobody has acknowledged, the newest first."""
        return alerts_to_see(self._store.reader)

    def acknowledge(self, selector: str, why: str | None = None) -> Alert:
        """Writes down that a person knows of an open alert; it stays open, and is shown to nobody unasked any more.

        Raises:
            UsageError: there is no such alert, or it has ended.
        """
        with self._store.write() as writing:
            alert = find_alert(writing.connection, selector)
            if not alert.is_open:
                raise UsageError(
                    f"The alert {short(alert.id)} about {printable(alert.subject.name)} has ended: {alert.why_ended}.",
                    "See: mlops-tui alerts list --all",
                )
            writing.execute(
                "UPDATE alert SET acknowledged = ?, acknowledged_by = ?, acknowledged_why = ? WHERE id = ?",
                (now(), writing.actor, (why or "").strip() or None, alert.id),
            )
            _tell(writing, ACKNOWLEDGED, alert, (why or "").strip() or None)
        return find_alert(self._store.reader, alert.id)

    def settle(self) -> int:
        """Writes down once which alerts ended because the champion moved; returns how many."""
        if self._store.read_only or not moved_alerts(self._store.reader):
            return 0
        with self._store.write() as writing:
            return settle(writing)


def settle(writing: Writing) -> int:
    """As `Alerts.settle`, in an open transaction."""
    gone = moved_alerts(writing.connection)
    for alert in gone:
        _end(writing, alert, alert.ended or now(), alert.why_ended or "")
    return len(gone)


def raise_alert(writing: Writing, finding: Finding) -> None:
    """Begins an alert, or counts one more time of the one that is open, which is told anew and stays acknowledged."""
    settle(writing)
    subject, moment = finding.subject, now()
    told = (finding.severity, finding.sentence, finding.remedy, json.dumps(finding.evidence), moment)
    current = open_alert(writing.connection, finding.kind, subject.id)
    if current is not None:
        writing.execute(
            "UPDATE alert SET severity = ?, sentence = ?, remedy = ?, evidence = ?, seen = ?, times = times + 1"
            " WHERE id = ?",
            (*told, current.id),
        )
        writing.changed("alerts")
        return
    identifier = new_id()
    writing.execute(
        "INSERT INTO alert (id, kind, subject_kind, subject_id, subject_name, severity, sentence, remedy, evidence, seen,"
        " since, times, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
        (identifier, finding.kind, subject.kind, subject.id, subject.name, *told, moment, finding.revision),
    )
    begun = open_alert(writing.connection, finding.kind, subject.id)
    if begun is not None:
        _tell(writing, BEGAN, begun, begun.sentence)


def end_alert(writing: Writing, kind: str, subject_id: str, why: str) -> None:
    """Ends the open alert of that kind about that, where there is one."""
    settle(writing)
    current = open_alert(writing.connection, kind, subject_id)
    if current is not None:
        _end(writing, current, now(), why)


def _end(writing: Writing, alert: Alert, moment: str, why: str) -> None:
    writing.execute("UPDATE alert SET ended = ?, why_ended = ? WHERE id = ?", (moment, why, alert.id))
    _tell(writing, ENDED, alert, why)


def _tell(writing: Writing, verb: str, alert: Alert, why: str | None) -> None:
    """The event, which is about what the alert is about."""
    subject = (alert.subject.kind, alert.subject.id, alert.subject.name)
    writing.event(verb, subject, why=why, after={"alert": alert.id, "kind": alert.kind})
    writing.changed("alerts")
