"""Alerts as rows, and as what is said when one begins."""

from __future__ import annotations

from mlops_tui.monitoring.alert import CRITICAL, WORSE, Alert
from mlops_tui.presenters.words import Cell, age, counted, one_line

ALERT_TITLES = ("since", "about", "what", "what to do")
WHAT_TO_DO = {WORSE: "enter, then z rolls back"}
"""The keys that mend it, by the kind of the alert."""
SENTENCE = 400


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
    if alert.acknowledged is None:
        return told
    why = f": {one_line(alert.acknowledged_why)}" if alert.acknowledged_why else ""
    return f"{told}, acknowledged by {one_line(alert.acknowledged_by or '')}{why}"
