"""Runs, with the columns that a person has chosen; else with one for each of the metrics and parameters that most of the newest
have.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from mlops_tui.presenters.run_columns import RunColumn, cell, restored, usual
from mlops_tui.presenters.run_groups import group_cells, title_of
from mlops_tui.presenters.runs import frequent_keys
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.expression import Name
from mlops_tui.runs.grouping import CONFIG, RUNS, VALUE, count_groups, page_of_groups, parameters, query_of
from mlops_tui.runs.query import count, page
from mlops_tui.store.preference import read_preference
from mlops_tui.tui.panels.rows import Column, Order, Row

SAMPLE = 64
KEYS = 6
CHOSEN = "columns:runs"
"""What the columns that a person has chosen are kept under."""
PRIORITIES = {"name": 0, "status": 0, "age": 2, "experiment": 4, "took": 6, "id": 7}
GROWING = frozenset({"name", "experiment", "note", "command"})


class RunsSource:
    """The runs that are not archived, filtered by the run-query language."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self.shown: list[RunColumn] = []
        self.is_chosen = False

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        newest = page(connection, limit=SAMPLE)
        chosen = restored(read_preference(connection, CHOSEN, []))
        self.is_chosen = bool(chosen)
        self.shown = chosen or usual(*frequent_keys(newest, KEYS))
        words = {
            (table, key)
            for run in newest
            for table, values in (("params", run.params), ("tags", run.tags))
            for key, found in values.items()
            if isinstance(found, str)
        }
        places = {"metrics": 0, "params": 0}
        columns = []
        for place, one in enumerate(self.shown):
            name = one.name
            if chosen:
                priority = place
            elif name.table:
                priority = {"metrics": (1, 4), "params": (3, 5)}[name.table][places[name.table] >= 2]
                places[name.table] += 1
            else:
                priority = PRIORITIES[name.key]
            is_right = not one.is_text and (name.table, name.key) not in words
            sort = "started" if name.key == "age" and not name.table else one.field
            grows = not name.table and name.key in GROWING
            columns.append(Column(one_line(one.title, 60), one.width, priority, right=is_right, sort=sort, grows=grows))
        return columns

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return count(connection, where or None)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        runs = page(
            connection,
            where=order.where or None,
            sort=order.sort,
            descending=order.descending,
            limit=limit,
            offset=offset,
        )
        now = time.time()
        names = [one.name for one in self.shown]
        return [Row(run.id, [cell(run, name, now, plain=self._plain) for name in names]) for run in runs]


class GroupsSource:
    """Groups of the runs that match the filter; the id of a row is the query of its runs."""

    def __init__(self, by: Sequence[Name | str]) -> None:
        self.by = tuple(by)
        self._metrics: list[str] = []

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        self._metrics = frequent_keys(page(connection, limit=SAMPLE), KEYS)[0]
        common = [
            Column(title_of(name), 20, 0, sort=VALUE if not place else None, grows=True)
            for place, name in enumerate(self.by)
        ]
        metrics = [
            Column(one_line(key, 24), max(17, min(24, len(key) + 2)), 2 + place, right=True, sort=f"metrics.{key}")
            for place, key in enumerate(self._metrics)
        ]
        return [*common, Column("runs", 6, 1, right=True, sort=RUNS), *metrics]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return count_groups(connection, self.by, where or None)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        found = page_of_groups(
            connection,
            self.by,
            metrics=self._metrics,
            where=order.where or None,
            sort=order.sort,
            descending=order.descending,
            limit=limit,
            offset=offset,
        )
        others = parameters(connection, order.where or None) if CONFIG in self.by else []
        return [
            Row(
                query_of(self.by, group.values, order.where, others), group_cells(self.by, group, self._metrics, others)
            )
            for group in found
        ]
