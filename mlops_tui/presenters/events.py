"""The audit trail as sentences."""

from __future__ import annotations

from pathlib import PurePath

from mlops_tui.core.ids import short
from mlops_tui.presenters.words import Cell, age, one_line
from mlops_tui.store.event import Event

TONES = {"failed": "bad", "lost": "warn", "quarantined": "warn", "done": "good", "promoted": "good", "refused": "warn"}
TONES |= {"alert_began": "bad", "alert_ended": "good"}


def subject_of(event: Event) -> str:
    """What was changed: its kind and name; of a model also the version, or from which to which, and the file."""
    name = event.subject_name if event.subject_name != event.subject_id else short(event.subject_id)
    words = f"{event.subject_kind} {one_line(name)}"
    after, before = (event.after or {}).get("version"), (event.before or {}).get("version")
    if event.subject_kind != "model" or after is None:
        return words
    words += f" v{after}" if before in (None, after) else f" v{before} → v{after}"
    file = (event.after or {}).get("file")
    return f"{words}, {one_line(PurePath(str(file)).name)}" if file else words


def event_cells(event: Event, now: float) -> tuple[Cell, ...]:
    """When, what was done, to what, and why."""
    return (
        Cell(age(event.at, now), "dim"),
        Cell(event.verb.replace("_", " "), TONES.get(event.verb, "strong")),
        Cell(subject_of(event)),
        Cell(one_line(event.why or ""), "dim"),
        Cell(event.actor, "dim"),
    )
