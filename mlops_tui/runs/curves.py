"""The courses of a run's metrics, read as far as a few cells can show them: however long they are, that costs a few seeks."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mlops_tui.runs.model import restored

WHOLE = 50_000
"""Of a curve with more steps its least and greatest value are not looked for: all of it would have to be read."""


@dataclass(frozen=True, slots=True)
class Course:
    """A metric's values at steps that are evenly apart, of its first and last step, and its least and greatest value (None where
    it is too long to be read, or none is a number).
    """

    values: tuple[float, ...]
    first: int
    last: int
    least: float | None
    greatest: float | None


def course(connection: sqlite3.Connection, run_id: str, key: str, cells: int) -> Course | None:
    """The course of a metric in at most so many values; None where it has none, or one alone."""
    of_key = "FROM run_point WHERE run_id = ? AND key = ?"
    first, last = connection.execute(f"SELECT min(step), max(step) {of_key}", (run_id, key)).fetchone()
    if first is None or first == last:
        return None
    steps = sorted({first + (last - first) * place // max(1, cells - 1) for place in range(cells)})
    found: dict[int, float] = {}
    for step in steps:
        row = connection.execute(
            f"SELECT step, value, special {of_key} AND step >= ? ORDER BY step LIMIT 1", (run_id, key, step)
        ).fetchone()
        found[row[0]] = restored(row[1], row[2])
    least = greatest = None
    if last - first <= WHOLE:
        least, greatest = connection.execute(f"SELECT min(value), max(value) {of_key}", (run_id, key)).fetchone()
    return Course(tuple(found.values()), first, last, least, greatest)
