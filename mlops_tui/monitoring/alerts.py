"""Raising, ending, acknowledging and muting alerts, each in one transaction with its event and with what is to be told of it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from mlops_tui.core.clock import FORMAT, from_seconds, now, seconds_of
from mlops_tui.core.errors import AmbiguousName, UnknownName, UsageError
from mlops_tui.core.ids import new_id, short
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.data.query import find_source
from mlops_tui.jobs.query import open_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.alert import (
    ACKNOWLEDGED,
    BEGAN,
    ENDED,
    FAILED,
    GREW,
    MUTED,
    SEVERITIES,
    UNMUTED,
    WAITING,
    Alert,
    Finding,
    Mute,
    Subject,
)
from mlops_tui.monitoring.alert_query import (
    alerts_to_see,
    deliveries_of,
    find_alert,
    list_mutes,
    moved_alerts,
    open_alert,
    waiting_deliveries,
)
from mlops_tui.monitoring.sending import configured
from mlops_tui.registry.query import find_model
from mlops_tui.store.store import Store, Writing

KIND = "tell"
"""The kind of the job that tells alerts on their channels."""


class Alerts:
    """The alerts of one workspace."""

    def __init__(self, store: Store, jobs: Jobs | None = None) -> None:
        self._store = store
        self._jobs = jobs or Jobs(store)

    def to_see(self) -> list[Alert]:
        """The open alerts that nobody has acknowledged or muted, the newest first."""
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
                "UPDATE alert SET acknowledged = ?, acknowledged_by = ?, acknowledged_why = coalesce(?, acknowledged_why)"
                " WHERE id = ?",
                (now(), writing.actor, (why or "").strip() or None, alert.id),
            )
            _tell(writing, ACKNOWLEDGED, alert, (why or "").strip() or None)
        return find_alert(self._store.reader, alert.id)

    def mute(
        self, selector: str, *, column: str | None = None, until: str | None = None, why: str | None = None
    ) -> Mute:
        """Has nothing be pointed out about a source, a model or an alert's subject, or about one column of it, until a moment.

        What is found is still written down. A mute of the same takes the place of the one before.

        Raises:
            UsageError: nothing has that name, it has no such column, or the time cannot be read or has gone by.
        """
        moment = None if until is None else until_of(until, time.time())
        subject = self._subject(selector)
        self._require_column(subject, column)
        said = (why or "").strip() or None
        with self._store.write() as writing:
            self._lift(writing, subject, column)
            writing.execute(
                'INSERT INTO alert_mute (id, subject_kind, subject_id, subject_name, "column", until, why, muted_by, at)'
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (new_id(), subject.kind, subject.id, subject.name, column, moment, said, writing.actor, now()),
            )
            after = {"column": column, "until": moment}
            writing.event(MUTED, (subject.kind, subject.id, subject.name), why=said, after=after)
            writing.changed("alerts")
        return next(
            one for one in list_mutes(self._store.reader) if (one.subject.id, one.column) == (subject.id, column)
        )

    def unmute(self, selector: str, *, column: str | None = None) -> Subject:
        """Lifts a mute. Raises UsageError where it is not muted."""
        subject = self._subject(selector)
        with self._store.write() as writing:
            if not self._lift(writing, subject, column):
                what = (
                    printable(subject.name) if column is None else f"The column '{printable(column)}' of {subject.name}"
                )
                raise UsageError(f"{what} is not muted.", "See: mlops-tui alerts mutes")
            writing.event(UNMUTED, (subject.kind, subject.id, subject.name), after={"column": column})
            writing.changed("alerts")
        return subject

    def _lift(self, writing: Writing, subject: Subject, column: str | None) -> bool:
        done = writing.execute(
            'UPDATE alert_mute SET lifted = ? WHERE subject_id = ? AND "column" IS ? AND lifted IS NULL'
            " AND (until IS NULL OR until > ?)",
            (now(), subject.id, column, now()),
        )
        return done.rowcount > 0

    def _subject(self, selector: str) -> Subject:
        """What an alert's id, or the name of a source or of a model, is about."""
        reader, found = self._store.reader, dict[str, Subject]()
        for find, kind in ((find_source, "source"), (find_model, "model")):
            try:
                there = find(reader, selector)
            except UnknownName:
                continue
            found[there.id] = Subject(kind, there.id, there.name)
        if not found:
            try:
                subject = find_alert(reader, selector).subject
            except UnknownName:
                pass
            else:
                found[subject.id] = subject
        if not found:
            raise UnknownName(
                f"There is no source, model or alert '{printable(selector)}'.", "See: mlops-tui alerts list"
            )
        if len(found) > 1:
            names = ", ".join(f"{one.kind} {short(one.id)}" for one in found.values())
            raise AmbiguousName(f"'{printable(selector)}' fits several: {names}.", "Say which by its id.")
        return next(iter(found.values()))

    def _require_column(self, subject: Subject, column: str | None) -> None:
        if column is None:
            return
        if subject.kind != "source":
            raise UsageError(f"A {subject.kind} has no columns to be muted.", "Leave --column out.")
        source = find_source(self._store.reader, subject.id)
        if column not in source.kinds:
            there = ", ".join(printable(name) for name in list(source.kinds)[:8])
            raise UsageError(
                f"Source '{source.name}' has no column '{printable(column)}'.",
                f"There is: {there}{', …' if len(source.kinds) > 8 else '.'}",
            )

    def settle(self) -> int:
        """Writes down once which alerts ended because the champion moved; returns how many."""
        if self._store.read_only or not moved_alerts(self._store.reader):
            return 0
        with self._store.write() as writing:
            count = settle(writing)
        self.start_telling()
        return count

    def start_telling(self) -> str | None:
        """Starts the job that tells what waits to be told, where something does and no such job runs; returns its id."""
        reader = self._store.reader
        if not waiting_deliveries(reader, limit=1) or any(job.kind == KIND for job in open_jobs(reader)):
            return None
        return self._jobs.start(KIND, "tell of alerts", {})


def until_of(text: str, present: float) -> str:
    """The moment that a person's 7d, 12h or 2026-12-31 means (that day is the last one), seen from `present` (seconds since 1970).

    Raises:
        UsageError: it is neither, or has gone by.
    """
    remedy = "Write for example 7d, 12h, or a day: 2026-12-31."
    if found := re.fullmatch(r"(\d{1,6})([hd])", text.strip().lower()):
        seconds = seconds_of(found[0])
        if not seconds:
            raise UsageError(f"'{printable(text)}' is no time at all.", remedy)
        return from_seconds(present + seconds)
    try:
        day = date.fromisoformat(text.strip())
        moment = (datetime(day.year, day.month, day.day) + timedelta(days=1)).astimezone(UTC).strftime(FORMAT)
    except (ValueError, OverflowError):
        raise UsageError(f"A time of '{printable(text)}' cannot be read.", remedy) from None
    if moment <= from_seconds(present):
        raise UsageError(f"{day} has gone by.", remedy)
    return moment


def settle(writing: Writing) -> int:
    """As `Alerts.settle`, in an open transaction."""
    gone = moved_alerts(writing.connection)
    for alert in gone:
        _end(writing, alert, alert.ended or now(), alert.why_ended or "")
    return len(gone)


def raise_alert(writing: Writing, finding: Finding, settings: Settings) -> None:
    """Begins an alert, or counts one more time of the one that is open, which is told anew where it is graver than before.

    Whoever raised it starts the telling once the transaction is through: `Alerts.start_telling`.
    """
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
        if SEVERITIES.index(finding.severity) > SEVERITIES.index(current.severity):
            writing.execute("UPDATE alert SET acknowledged = NULL WHERE id = ?", (current.id,))
            _tell(writing, GREW, current, finding.sentence)
            _await(writing, find_alert(writing.connection, current.id), "grew", _channels(settings, finding.severity))
        elif current.acknowledged is None and not deliveries_of(writing.connection, current.id):  # it was muted, say
            _await(writing, find_alert(writing.connection, current.id), "began", _channels(settings, finding.severity))
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
        _await(writing, begun, "began", _channels(settings, finding.severity))


def end_alert(writing: Writing, kind: str, subject_id: str, why: str) -> None:
    """Ends the open alert of that kind about that, where there is one."""
    settle(writing)
    current = open_alert(writing.connection, kind, subject_id)
    if current is not None:
        _end(writing, current, now(), why)


def _end(writing: Writing, alert: Alert, moment: str, why: str) -> None:
    writing.execute("UPDATE alert SET ended = ?, why_ended = ? WHERE id = ?", (moment, why, alert.id))
    _tell(writing, ENDED, alert, why)
    heard = [one.channel for one in deliveries_of(writing.connection, alert.id) if one.state != FAILED]
    _await(writing, alert, "ended", tuple(dict.fromkeys(heard)))


def _channels(settings: Settings, severity: str) -> tuple[str, ...]:
    is_grave_enough = SEVERITIES.index(severity) >= SEVERITIES.index(settings.alert_severity)
    return configured(settings) if is_grave_enough else ()


def _await(writing: Writing, alert: Alert, moment: str, channels: Sequence[str]) -> None:
    """Has it be told on these channels, unless it is muted."""
    for channel in () if alert.muted else channels:
        writing.execute(
            "INSERT INTO alert_delivery (id, alert_id, moment, channel, state, tries, due, at)"
            " VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
            (new_id(), alert.id, moment, channel, WAITING, time.time(), now()),
        )


def _tell(writing: Writing, verb: str, alert: Alert, why: str | None) -> None:
    """The event, which is about what the alert is about."""
    subject = (alert.subject.kind, alert.subject.id, alert.subject.name)
    writing.event(verb, subject, why=why, after={"alert": alert.id, "kind": alert.kind})
    writing.changed("alerts")
