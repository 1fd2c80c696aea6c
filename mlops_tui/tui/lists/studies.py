"""Studies, and the trials of one of them."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Sequence

from mlops_tui.presenters.tune import (
    STUDY_TITLES,
    Scale,
    folds_line,
    param_keys,
    scale_of_folds,
    study_cells,
    trend_of,
    trial_cells,
)
from mlops_tui.presenters.words import Cell
from mlops_tui.tui.panels.rows import Column, Order, Row
from mlops_tui.tuning.listing import Point, StudyProgress, count_matching, page_of_studies
from mlops_tui.tuning.model import Objective, Study, Trial
from mlops_tui.tuning.query import count_matching_trials, front_of, page_of_trials, place_of_trial

STUDY_SHAPES = {
    "state": Column("state", 13, priority=0),
    "study": Column("study", 14, priority=0, grows=True),
    "trials": Column("trials", 7, priority=1, right=True),
    "best": Column("best", 9, priority=1, right=True),
    "best so far": Column("best so far", 11, priority=2, right=True),
    "left": Column("left", 7, priority=2, right=True),
    "workers": Column("workers", 7, priority=3, right=True),
    "metric": Column("metric", 9, priority=4),
    "source": Column("source", 14, priority=4, grows=True),
    "target": Column("target", 12, priority=5, grows=True),
    "took": Column("took", 8, priority=5, right=True),
    "started": Column("started", 9, priority=5, right=True),
    "id": Column("id", 6, priority=7),
}
SAMPLE = 64
PARAMS = 9
COSTS = 3 + PARAMS
"""What a trial cost is shown where there is room beside its parameters."""
WORD = 13
MOST_FOLDS = 12


class StudiesSource:
    """All studies, the newest first; `known` keeps each as it was last read, for the keys that steer it."""

    def __init__(self, *, symbols: str = "braille") -> None:
        self._symbols = symbols
        self.known: dict[str, StudyProgress] = {}
        self._trends: dict[str, tuple[tuple[Point, ...], str]] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [STUDY_SHAPES[title] for title in STUDY_TITLES]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return count_matching(connection, where)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        found = page_of_studies(connection, order.where, limit=limit, offset=offset, before=self.known)
        self.known.update({progress.study.id: progress for progress in found})
        now = time.time()
        return [
            Row(progress.study.id, study_cells(progress, now, self._trend(progress), symbols=self._symbols))
            for progress in found
        ]

    def _trend(self, progress: StudyProgress) -> str:
        """The study's sparkline, made anew where a trial has come or ended."""
        points, trend = self._trends.get(progress.study.id, (None, ""))
        if points is not progress.points:
            trend = trend_of(progress, symbols=self._symbols)
            self._trends[progress.study.id] = (progress.points, trend)
        return trend


class TrialsSource:
    """The trials of the study that it was turned to, with a column for each of the commonest parameters."""

    def __init__(self, *, symbols: str = "braille") -> None:
        self._symbols = symbols
        self.study: Study | None = None
        self.known: dict[str, Trial] = {}
        self._params: list[str] = []
        self._best: int | None = None
        self._front: set[int] = set()
        self._scale: Scale | None = None

    @property
    def descending(self) -> bool:
        """Whether the best value is the highest one."""
        return self.study is None or self.study.direction == "maximize"

    @property
    def _objectives(self) -> Sequence[Objective]:
        return self.study.objectives if self.study is not None else ()

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        best = self._page(connection, Order(sort="value", descending=self.descending), 0, 1)
        is_known = bool(best) and best[0].value is not None and math.isfinite(best[0].value)
        self._best = best[0].number if is_known else None
        self._front = {trial.number for trial in front_of(connection, self.study)} if self.study is not None else set()
        newest = self._page(connection, Order(sort="number"), 0, SAMPLE)
        self._params = param_keys(newest, PARAMS)
        self._scale = scale_of_folds(newest, best[0] if is_known else None)
        words = {key for trial in newest for key, found in trial.params.items() if isinstance(found, str)}
        folds = self.study.folds if self.study is not None else 0
        return [
            Column("", 1, priority=0),
            Column("trial", 7, priority=0, right=True, sort="number"),
            Column("state", 10, priority=0),
            Column(
                self._objectives[0].name[:12] if self._objectives else "value", 9, priority=0, right=True, sort="value"
            ),
            *(Column(one.name, max(9, min(len(one.name), 16)), priority=1, right=True) for one in self._objectives[1:]),
            Column("folds", max(5, min(folds, MOST_FOLDS)), priority=4),
            Column("family", WORD, priority=1),
            Column("took", 7, priority=2, right=True, sort="took"),
            Column("cpu", 7, priority=COSTS, right=True, sort="cpu"),
            Column("1k rows", 8, priority=COSTS, right=True, sort="predict"),
            Column("memory", 9, priority=COSTS, right=True, sort="memory"),
            *(
                Column(key, max(8, min(len(key), 20)), priority=3 + place, right=key not in words)
                for place, key in enumerate(self._params)
            ),
            Column("run", 6, priority=COSTS + 1),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return 0 if self.study is None else count_matching_trials(connection, self.study.id, where)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        trials = self._page(connection, order, offset, limit)
        self.known.update({trial.run_id: trial for trial in trials})
        return [Row(trial.run_id, self._cells(trial)) for trial in trials]

    def place(self, connection: sqlite3.Connection, order: Order, row_id: str) -> int | None:
        """Where a trial has gone to, however many have come before it."""
        if self.study is None:
            return None
        sort, descending = order.sort or "number", order.descending
        return place_of_trial(connection, self.study.id, row_id, where=order.where, sort=sort, descending=descending)

    def _cells(self, trial: Trial) -> Sequence[Cell]:
        folds = folds_line(trial.fold_values, self._scale, symbols=self._symbols)
        best = trial.number if trial.number in self._front else None if self._objectives else self._best
        return trial_cells(
            trial, self._params, best, folds=folds, objectives=self._objectives, plain=self._symbols == "ascii"
        )

    def _page(self, connection: sqlite3.Connection, order: Order, offset: int, limit: int) -> list[Trial]:
        if self.study is None:
            return []
        return page_of_trials(
            connection,
            self.study.id,
            where=order.where,
            sort=order.sort or "number",
            descending=order.descending,
            limit=limit,
            offset=offset,
        )
