"""Runs that are compared: one below the other with a verdict on each, and side by side, what differs first."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.presenters.beside import briefly, cells, main_metric, shown
from mlops_tui.presenters.compared import lettered, role_of
from mlops_tui.presenters.words import Cell, one_line, state
from mlops_tui.runs.beside import METRICS, Line, lines
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import runs_of
from mlops_tui.tui.panels.rows import Column, Order, Row

VALUE, KEY = 13, 18
"""Cells of a value, and of the name before it."""
KINDS = {"params": "param", "metrics": "metric", "tags": "tag", "origin": "origin"}
MORE = "more"
"""The id of the row that stands for what is alike in all."""


class Comparison:
    """Which runs are compared, the first of them being the one that the others are held against, and what is known of them."""

    def __init__(self, run_ids: Sequence[str] = (), known: Sequence[Run] = (), metric: str | None = None) -> None:
        self.run_ids = list(dict.fromkeys(run_ids))
        self.metric = metric
        """What the runs are judged by; None for their own."""
        self.verdicts: dict[str, Mapping[str, Any]] = {}
        """On each run beside the first."""
        at_hand = {run.id: run for run in known}
        self.runs: list[Run] = [at_hand[run_id] for run_id in self.run_ids if run_id in at_hand]
        self.lines: list[Line] = lines(self.runs)

    def read(self, connection: sqlite3.Connection) -> None:
        """Reads the runs as they are now; those that are gone are left out."""
        self.runs = runs_of(connection, self.run_ids)
        self.lines = lines(self.runs)

    @property
    def as_they_are(self) -> tuple[object, ...]:
        """How far the runs are; verdicts of runs that are otherwise say no more."""
        return tuple((run.id, run.status, run.ended) for run in self.runs)

    @property
    def letters(self) -> dict[str, str]:
        """A short name for each run; one alone needs none."""
        if len(self.run_ids) == 1:
            return {self.run_ids[0]: ""}
        return lettered(self.run_ids)

    @property
    def names(self) -> dict[str, str]:
        """Each run by its short name and its own."""
        short = self.letters
        return {run.id: f"{short[run.id]} {one_line(run.name)}".strip() for run in self.runs}

    @property
    def judged_by(self) -> str:
        """The metric that the verdicts are of; empty where there is none, or they are of several."""
        metrics = {str(verdict["metric"]) for verdict in self.verdicts.values() if verdict["verdict"] != "unknown"}
        return metrics.pop() if len(metrics) == 1 else ""

    @property
    def main(self) -> Line | None:
        """The metric that is shown beside the verdicts: what they are of, else what says most of the runs."""
        judged = self.judged_by
        if not judged:
            return main_metric(self.lines)
        logged = {run.id: run.metrics.get(judged) for run in self.runs}
        for verdict in self.verdicts.values():
            if verdict["values"] is not None:
                logged |= dict(zip((verdict["a"], verdict["b"]), verdict["values"], strict=True))
        return Line(METRICS, judged, tuple(logged.get(run.id) for run in self.runs))

    def role(self, run_id: str) -> str:
        """The colour of a run."""
        return role_of(self.run_ids.index(run_id))


class ComparedSource:
    """The runs with the metric that says most, and the verdict on each against the first."""

    def __init__(self, comparison: Comparison, *, plain: bool = False) -> None:
        self.comparison = comparison
        self._plain = plain

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        self.comparison.read(connection)
        main = self.comparison.main
        title = one_line(main.key, 14) if main is not None else "metric"
        return [
            Column("", 2, priority=0),
            Column("run", 16, priority=0, grows=True),
            Column(title, max(9, min(14, len(title))), priority=1, right=True),
            Column(
                f"beside A by {one_line(found, 20)}" if (found := self.comparison.judged_by) else "beside A",
                38,
                priority=2,
            ),
            Column("status", 11, priority=3),
            Column("experiment", 14, priority=4, grows=True),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return len(self.comparison.runs)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        found, main = self.comparison, self.comparison.main
        values = cells(main) if main is not None else [Cell("", "dim")] * len(found.runs)
        return [
            Row(
                run.id,
                [
                    Cell(found.letters[run.id], found.role(run.id)),
                    Cell(one_line(run.name)),
                    values[place],
                    self._beside_first(place, run.id),
                    state(run.status, plain=self._plain),
                    Cell(one_line(run.experiment), "dim"),
                ],
            )
            for place, run in enumerate(found.runs)
        ][offset : offset + limit]

    def _beside_first(self, place: int, run_id: str) -> Cell:
        if place:
            return briefly(self.comparison.verdicts.get(run_id))
        return Cell("what the others are held against" if len(self.comparison.runs) > 1 else "", "dim")


class BesideSource:
    """A row for each parameter, metric and tag, a column for each run; or the other way round."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.is_folded = True
        self.is_turned = False

    @property
    def _shown(self) -> list[Line]:
        return [line for line in self.comparison.lines if line.differs or not self.is_folded]

    @property
    def alike(self) -> int:
        """So many lines are the same for all runs."""
        return sum(not line.differs for line in self.comparison.lines)

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        found = self.comparison
        found.read(connection)
        if self.is_turned:
            keys = [
                Column(
                    one_line(line.key, 24),
                    max(9, min(18, len(line.key))),
                    place + 1,
                    right=line.table == METRICS or _are_numbers(line),
                )
                for place, line in enumerate(self._shown)
            ]
            return [Column("", 2, 0), Column("run", 16, 0), *keys]
        runs = [
            Column(
                found.names[run.id], max(VALUE, min(18, len(found.names[run.id]))), place + 1, right=True, middle=True
            )
            for place, run in enumerate(found.runs)
        ]
        return [Column("", 6, 0), Column("", KEY, 0, middle=True), *runs]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        if self.is_turned:
            return len(self.comparison.runs)
        return len(self._shown) + (self.is_folded and self.alike > 0)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        found = self.comparison
        shown_lines = self._shown
        if self.is_turned:
            across = [cells(line) for line in shown_lines]
            rows = [
                Row(
                    run.id,
                    [
                        Cell(found.letters[run.id], found.role(run.id)),
                        Cell(one_line(run.name)),
                        *(column[place] for column in across),
                    ],
                )
                for place, run in enumerate(found.runs)
            ]
        else:
            rows = [self._row(line) for line in shown_lines]
            if self.is_folded and self.alike:
                words = Cell(f"{self.alike} more alike: f", "dim")
                rows.append(Row(MORE, [Cell(""), words, *([Cell("")] * len(found.runs))]))
        return rows[offset : offset + limit]

    @staticmethod
    def _row(line: Line) -> Row:
        values = cells(line)
        if not line.differs:
            values = [Cell(shown(found), "dim") for found in line.values]
        return Row(f"{line.table}.{line.key}", [Cell(KINDS[line.table], "dim"), Cell(one_line(line.key)), *values])


def _are_numbers(line: Line) -> bool:
    return all(isinstance(found, int | float) for found in line.values if found is not None)
