"""Runs, with a column for each of the metrics and parameters that most of the newest have."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Sequence

from mlops_tui.presenters.runs import frequent_keys, run_cells
from mlops_tui.runs.query import count, page
from mlops_tui.tui.panels.rows import Column, Order, Row

SAMPLE = 64
KEYS = 6
KEY_WIDTH = (9, 14)


def sort_name(table: str, key: str) -> str:
    """The name of a metric or parameter in the query language."""
    if re.fullmatch(r"[\w.-]+", key):
        return f"{table}.{key}"
    escaped = key.replace("`", "``")
    return f"{table}.`{escaped}`"


class RunsSource:
    """The runs that are not archived, filtered by the run-query language."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self._metrics: list[str] = []
        self._params: list[str] = []

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        newest = page(connection, limit=SAMPLE)
        self._metrics, self._params = frequent_keys(newest, KEYS)
        words = {key for run in newest for key, found in run.params.items() if isinstance(found, str)}
        metrics = [_key_column("metrics", key, 1 if place < 2 else 4) for place, key in enumerate(self._metrics)]
        params = [
            _key_column("params", key, 3 if place < 2 else 5, right=key not in words)
            for place, key in enumerate(self._params)
        ]
        return [
            Column("run", 20, priority=0, sort="name", grows=True),
            Column("status", 11, priority=0, sort="status"),
            *metrics,
            *params,
            Column("experiment", 14, priority=4, sort="experiment", grows=True),
            Column("started", 9, priority=2, right=True, sort="started"),
            Column("took", 8, priority=6, right=True),
            Column("id", 6, priority=7),
        ]

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
        return [Row(run.id, run_cells(run, self._metrics, self._params, now, plain=self._plain)) for run in runs]


def _key_column(table: str, key: str, priority: int, *, right: bool = True) -> Column:
    narrow, wide = KEY_WIDTH
    width = max(narrow, min(len(key) + 2, wide))
    return Column(key, width, priority, right=right, sort=sort_name(table, key))
