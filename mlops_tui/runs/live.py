"""Curves as arrays that grow: what was read of a metric stays, and what was logged since is read on."""

from __future__ import annotations

import sqlite3
import time

import numpy as np

from mlops_tui.runs.model import INFINITE, MINUS_INFINITE

POINT = np.dtype([("step", np.int64), ("at", np.float64), ("value", np.float64)])
VALUE = f"CASE special WHEN '{INFINITE}' THEN 9e999 WHEN '{MINUS_INFINITE}' THEN -9e999 ELSE value END"
RECOUNT_SECONDS = 2.0
OF_KEY = "FROM run_point WHERE run_id = ? AND key = ?"


class LiveCurve:
    """A metric of one run, in the order of its steps: `steps`, `at` in seconds since 1970, and `values`, each of shape (n,); NaN
    and the infinities are what they are. `version` grows whenever what was there before has changed, not when points follow it.
    """

    def __init__(self, run_id: str, key: str) -> None:
        self.run_id = run_id
        self.key = key
        self.version = 0
        self.recount_seconds = RECOUNT_SECONDS
        self._counted = time.monotonic()
        self._points = np.empty(0, POINT)
        self._count = 0

    @property
    def steps(self) -> np.ndarray:
        """Shape (n,), int64."""
        return self._points["step"][: self._count]

    @property
    def at(self) -> np.ndarray:
        """Shape (n,), float64."""
        return self._points["at"][: self._count]

    @property
    def values(self) -> np.ndarray:
        """Shape (n,), float64."""
        return self._points["value"][: self._count]

    def read_on(self, connection: sqlite3.Connection) -> bool:
        """Takes in what was logged since the last time; returns whether there was any.

        The last step that was written again is noticed at once, and one before it by how many there are, which are counted every
        `recount_seconds` at most: a long curve takes milliseconds. Then all is read anew.
        """
        new = self._after(connection, int(self.steps[-1]) if self._count else None)
        repeats = self._count > 0 and bool(len(new)) and self._same_as_last(new[0])
        if self._count and not (repeats and self._has_all(connection, self._count + len(new) - 1)):
            new = self._after(connection, None)
            self._count, repeats = 0, False
            self.version += 1
        fresh = new[1:] if repeats else new
        self._append(fresh)
        return bool(len(fresh))

    def _has_all(self, connection: sqlite3.Connection, expected: int) -> bool:
        moment = time.monotonic()
        if moment - self._counted < self.recount_seconds:
            return True
        self._counted = moment
        found = connection.execute(f"SELECT count(*) {OF_KEY}", (self.run_id, self.key)).fetchone()
        return bool(found[0] == expected)

    def _after(self, connection: sqlite3.Connection, step: int | None) -> np.ndarray:
        beyond, bound = ("", ()) if step is None else (" AND step >= ?", (step,))
        rows = connection.execute(
            f"SELECT step, at, {VALUE} {OF_KEY}{beyond} ORDER BY step", (self.run_id, self.key, *bound)
        )
        return np.fromiter(rows, POINT)

    def _same_as_last(self, point: np.ndarray) -> bool:
        last = self._points[self._count - 1]
        alike = point["value"] == last["value"] or (np.isnan(point["value"]) and np.isnan(last["value"]))
        return bool(point["step"] == last["step"] and point["at"] == last["at"] and alike)

    def _append(self, points: np.ndarray) -> None:
        wanted = self._count + len(points)
        if wanted > len(self._points):
            room = np.empty(max(wanted, 2 * len(self._points)), POINT)
            room[: self._count] = self._points[: self._count]
            self._points = room
        self._points[self._count : wanted] = points
        self._count = wanted


def curve_keys(connection: sqlite3.Connection, run_id: str) -> list[str]:
    """The metrics of a run that have a course: more than one step; sorted."""
    keys = [row[0] for row in connection.execute("SELECT key FROM run_metric WHERE run_id = ? ORDER BY key", (run_id,))]
    found = []
    for key in keys:
        first, last = connection.execute(f"SELECT min(step), max(step) {OF_KEY}", (run_id, key)).fetchone()
        if first is not None and first != last:
            found.append(key)
    return found
