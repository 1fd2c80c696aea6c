"""The curves of several runs, each metric a chart of its own: read on as they grow, smoothed, and by step or by time."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlops_tui.plot.figure import Curves
from mlops_tui.plot.line import Mark, Series
from mlops_tui.plot.thin import BUCKETS, Smoothing, thinned
from mlops_tui.presenters.ways import MOST_RUNS, RELATIVE, STEP, TIME, X_LABELS, Way, x_words
from mlops_tui.presenters.words import value
from mlops_tui.runs.live import LiveCurve, curve_keys


class _Drawn:
    """One curve as few points, which grow with it."""

    def __init__(self, curve: LiveCurve) -> None:
        self.curve = curve
        self._how: tuple[str, float, int] | None = None
        self._done = 0
        self._smoothing = Smoothing(0.0)
        self._raw = self._smooth = (np.empty(0), np.empty(0))

    def x(self, by: str, first: int = 0) -> np.ndarray:
        """Where each point from the `first` on lies, shape (n - first,)."""
        if by == STEP:
            return self.curve.steps[first:].astype(np.float64)
        at = self.curve.at
        return at[first:] - at[0] if by == RELATIVE and len(at) else at[first:]

    def points(self, by: str, weight: float) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """x and y of what was logged, and of what is smooth."""
        how = (by, weight, self.curve.version)
        if how != self._how:
            self._begin(how)
        if self._done and np.any(np.diff(self.x(by, self._done - 1)) < 0):
            self._begin(how)  # the clock went backwards: what lies between others is put there
        x, y = self.x(by, self._done), self.curve.values[self._done :]
        self._done += len(x)
        self._raw = _joined(self._raw, x, y)
        if weight:
            self._smooth = _joined(self._smooth, x, self._smoothing.go_on(y))
        return self._raw, self._smooth

    def _begin(self, how: tuple[str, float, int]) -> None:
        self._how, self._done, self._smoothing = how, 0, Smoothing(how[1])
        self._raw = self._smooth = (np.empty(0), np.empty(0))

    def point_at(self, x: float, by: str) -> tuple[float, float] | None:
        """The x and the value of what was logged at that x, or last before it."""
        places = self.x(by)
        found = (
            np.flatnonzero(places <= x) if np.any(np.diff(places) < 0) else np.arange(places.searchsorted(x, "right"))
        )
        return (float(places[found[-1]]), float(self.curve.values[found[-1]])) if len(found) else None


def _joined(before: tuple[np.ndarray, np.ndarray], x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if np.any(np.diff(x) < 0):
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    whole = (np.concatenate([before[0], x]), np.concatenate([before[1], y]))
    return thinned(*whole) if whole[0].size > 8 * BUCKETS else whole


def _above_nought(line: Series) -> Series:
    """Without what has no place on a logarithmic axis across: step 0."""
    x, y = np.asarray(line.x), np.asarray(line.y)
    return replace(line, x=x[x > 0], y=y[x > 0])


class Overlay:
    """The curves of these runs, of which the first `MOST_RUNS` are drawn."""

    def __init__(self, run_ids: Sequence[str]) -> None:
        self.run_ids = list(run_ids)[:MOST_RUNS]
        self.keys: list[str] = []
        """The metrics that have a course, those first that most of the runs have."""
        self._of: dict[tuple[str, str], _Drawn] = {}

    def read_keys(self, connection: sqlite3.Connection) -> None:
        """Looks which metrics have a course by now."""
        counts = Counter(key for run_id in self.run_ids for key in curve_keys(connection, run_id))
        self.keys = sorted(counts, key=lambda key: (-counts[key], key))

    def read_on(self, connection: sqlite3.Connection, keys: Sequence[str]) -> None:
        """Takes in what was logged of these metrics since the last time."""
        for key in keys:
            for run_id in self.run_ids:
                drawn = self._of.setdefault((run_id, key), _Drawn(LiveCurve(run_id, key)))
                drawn.curve.read_on(connection)

    def span(self, keys: Sequence[str], by: str) -> tuple[float, float] | None:
        """The least and the greatest x of these metrics; None where there is no point."""
        ends = [(float(x.min()), float(x.max())) for x in (one.x(by) for _, one in self._shown(keys)) if len(x)]
        return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None

    def _shown(self, keys: Sequence[str]) -> list[tuple[tuple[str, str], _Drawn]]:
        return [(name, one) for name, one in self._of.items() if name[1] in keys and len(one.curve.values)]

    def figure(self, key: str, names: Mapping[str, str], way: Way) -> Curves:
        """One metric, a line for each run, named by `names`; what was logged stays faint behind what is smooth."""
        faint, lines = [], []
        for place, run_id in enumerate(self.run_ids):
            drawn = self._of.get((run_id, key))
            if drawn is None or not len(drawn.curve.values):
                continue
            raw, smooth = drawn.points(way.by, way.weight)
            role = f"series-{place % 8}"
            if way.weight:
                faint.append(Series("", *raw, "faint", label=""))
            lines.append(Series(names[run_id], *(smooth if way.weight else raw), role))
        marks = [] if way.at is None else [Mark(way.at, None, x_words(way.at, way.by))]
        title = f"{key}, smoothed" if way.weight else key
        shown = title if way.at is None else f"{title}  {self.told_at(key, names, way)}"
        has_log_x = way.log_x and way.by != TIME and any(np.any(np.asarray(one.x) > 0) for one in lines)
        if has_log_x:
            faint, lines = ([_above_nought(one) for one in some] for some in (faint, lines))
        return Curves(shown, [*faint, *lines], X_LABELS[way.by], has_log_x, way.log_y, way.by == TIME, marks)

    def told_at(self, key: str, names: Mapping[str, str], way: Way) -> str:
        """What each run has at the x that is looked at: `A 0.31  B 0.42`."""
        told = []
        for run_id in self.run_ids:
            drawn = self._of.get((run_id, key))
            found = None if drawn is None or way.at is None else drawn.point_at(way.at, way.by)
            if found is not None:
                of_step = f" ({x_words(found[0], STEP)})" if way.by == STEP and found[0] != way.at else ""
                told.append(f"{names[run_id]} {value(found[1])}{of_step}")
        return "  ".join(told)
