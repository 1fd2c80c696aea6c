"""The audit trail as sentences."""

from __future__ import annotations

from mlops_tui.core.ids import short
from mlops_tui.presenters.words import Cell, age, one_line
from mlops_tui.store.event import Event

TONES = {"failed": "bad", "lost": "warn", "quarantined": "warn", "done": "good", "promoted": "good"}


def event_cells(event: Event, now: float) -> tuple[Cell, ...]:
    """When, what was done, to what, and why."""
    name = event.subject_name if event.subject_name != event.subject_id else short(event.subject_id)
    return (
        Cell(age(event.at, now), "dim"),
        Cell(event.verb.replace("_", " "), TONES.get(event.verb, "strong")),
        Cell(f"{event.subject_kind} {one_line(name)}"),
        Cell(one_line(event.why or ""), "dim"),
        Cell(event.actor, "dim"),
    )
