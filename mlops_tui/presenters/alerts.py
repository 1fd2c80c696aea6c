"""Alerts as rows, as what is said when one begins, and as what was told of them where."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from mlops_tui.monitoring.alert import (
    CRITICAL,
    DRIFTS,
    FAILED,
    FALLS,
    TRIES,
    WAITING,
    WORSE,
    Alert,
    Delivery,
    Mute,
)
from mlops_tui.presenters.words import Cell, age, counted, minute, one_line

ALERT_TITLES = ("since", "about", "what", "what to do")
WHAT_TO_DO = {WORSE: "enter, then z rolls back", DRIFTS: "enter shows the columns", FALLS: "enter shows it"}
"""The keys that mend it, by the kind of the alert."""
SENTENCE = 400
PERIODS = {"1 day": "1d", "7 days": "7d", "30 days": "30d", "for good": ""}
"""For how long one mutes, in the words of the form."""
WHOLE = "all of it"
"""What the form says in place of a column."""


def alert_cells(alert: Alert, now: float) -> tuple[Cell, ...]:
    """The cells that `ALERT_TITLES` names, in that order."""
    return (
        Cell(age(alert.since, now), "dim"),
        Cell(one_line(alert.subject.name)),
        Cell(one_line(alert.sentence, SENTENCE), "bad" if alert.severity == CRITICAL else "warn"),
        Cell(WHAT_TO_DO.get(alert.kind, "enter leads there"), "strong"),
    )


def begun_words(alert: Alert) -> str:
    """What is said when it begins."""
    return f"{one_line(alert.sentence, SENTENCE)} What to do: {alert.remedy}"


def alert_state(alert: Alert) -> str:
    """Whether it is open, how often it was found, and who knows of it, or why it ended."""
    if not alert.is_open:
        return f"ended: {one_line(alert.why_ended or '')}"
    told = "open" if alert.times == 1 else f"open, found {counted(alert.times, 'time')}"
    if alert.muted:
        told += ", muted"
    if alert.acknowledged is None:
        return told
    why = f": {one_line(alert.acknowledged_why)}" if alert.acknowledged_why else ""
    return f"{told}, acknowledged by {one_line(alert.acknowledged_by or '')}{why}"


def told_words(deliveries: Sequence[Delivery]) -> str:
    """Where an alert was told, and where it could not be; empty where it was told nowhere."""
    parts = list[str]()
    for one in deliveries:
        about = f"that it {one.moment}"
        if one.state == FAILED:
            parts.append(f"could not tell {about} by {one_line(one.why or one.channel, SENTENCE)}")
        elif one.state == WAITING:
            again = f" (tried {one.tries} of {TRIES} times: {one_line(one.why, SENTENCE)})" if one.why else ""
            parts.append(f"about to tell {about} by {one.channel}{again}")
        else:
            parts.append(f"told {about} by {one.channel}")
    return "; ".join(parts)


def muted_words(mute: Mute) -> str:
    """What is muted, and until when."""
    what = one_line(mute.subject.name) if mute.column is None else f"{one_line(mute.column)} of {mute.subject.name}"
    return f"{what} is muted {'until it is unmuted' if mute.until is None else f'until {minute(mute.until)}'}."


def mute_command(alert: Alert, values: Mapping[str, str]) -> str:
    """The command that does what the form says."""
    words = ["mlops-tui", "alerts", "mute", shlex.quote(alert.subject.name)]
    if values.get("column", WHOLE) != WHOLE:
        words += ["--column", shlex.quote(values["column"])]
    if until := PERIODS.get(values["until"]):
        words += ["--until", until]
    if values["why"].strip():
        words += ["--why", shlex.quote(values["why"].strip())]
    return " ".join(words)
