"""Sources by name, and the columns and files of one of them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from mlops_tui.automation.query import agent_status
from mlops_tui.core.ids import shorten
from mlops_tui.data.arrival import came_at
from mlops_tui.data.freshness import late
from mlops_tui.data.listing import trouble_of
from mlops_tui.data.model import GONE, Source, SourceFile
from mlops_tui.data.overlaps import counted_twice
from mlops_tui.data.profile_query import summaries
from mlops_tui.data.query import (
    count_files,
    count_gone,
    get_source,
    last_arrival,
    list_files,
    list_gone,
    list_sources,
    list_versions,
)
from mlops_tui.jobs.query import open_jobs
from mlops_tui.presenters.arrivals import Arrivals
from mlops_tui.presenters.column import Summary, column_cells
from mlops_tui.presenters.data import Standing, file_cells, source_cells
from mlops_tui.store.workspace import Workspace
from mlops_tui.tui.panels.rows import Column, Order, Row

DECIMALS = 5
"""Characters that a measured number has from the point on, as `presenters.words.value` writes it."""


class SourcesSource:
    """The sources that are not archived; `known` keeps each as it was last read, `arrivals` what is being read."""

    def __init__(self, workspace: Workspace, *, plain: bool = False) -> None:
        self._workspace = workspace
        self._plain = plain
        self.known: dict[str, Standing] = {}
        self.arrivals = Arrivals()

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("source", 16, priority=0, grows=True, middle=True),
            Column("role", 8, priority=2),
            Column("files", 5, priority=1, right=True),
            Column("rows", 9, priority=1, right=True),
            Column("version", 7, priority=3, right=True),
            Column("arrived", 8, priority=3, right=True),
            Column("state", 16, priority=0),
            Column("target", 11, priority=4, grows=True),
            Column("place", 20, priority=6, grows=True),
            Column("id", 6, priority=7),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        scans = tuple(job for job in open_jobs(connection) if job.kind == "scan")
        self.arrivals = Arrivals(scans, agent_status(connection, self._workspace).polled)
        return len(_matching(connection, where))

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        sources = _matching(connection, order.where)
        ids = shorten(source.id for source in sources)
        scans = [job.spec.get("sources") for job in self.arrivals.scans]
        page = [self._standing(connection, source, scans) for source in sources[offset : offset + limit]]
        self.known.update({standing.source.id: standing for standing in page})
        now = time.time()
        return [Row(one.source.id, source_cells(one, ids[one.source.id], now, plain=self._plain)) for one in page]

    def _standing(self, connection: sqlite3.Connection, source: Source, scans: Sequence[list[str] | None]) -> Standing:
        return Standing(
            source,
            count_files(connection, source.id),
            next(iter(list_versions(connection, source.id, limit=1)), None),
            last_arrival(connection, source.id),
            any(named is None or source.id in named for named in scans),
            late(self._workspace, connection, source),
            trouble_of(source, self._workspace),
        )


def _matching(connection: sqlite3.Connection, where: str) -> list[Source]:
    """The sources that have every word of the filter in their name, role or path."""
    words = where.lower().split()
    found = list_sources(connection)
    return [one for one in found if all(word in f"{one.name} {one.role} {one.path}".lower() for word in words)]


class ColumnsSource:
    """The columns of a source's newest version with their profile."""

    def __init__(self, *, symbols: str) -> None:
        self._symbols = symbols
        self.source_id: str | None = None
        self.source: Source | None = None
        self.known: dict[str, Summary] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("column", 16, priority=0, grows=True, middle=True),
            Column("kind", 10, priority=1),
            Column("role", 7, priority=3),
            Column("missing", 7, priority=0, right=True),
            Column("distinct", 11, priority=4, right=True),
            Column("min", 10, priority=5, right=True, fraction=DECIMALS),
            Column("median", 10, priority=3, right=True, fraction=DECIMALS),
            Column("max", 10, priority=5, right=True, fraction=DECIMALS),
            Column("values", 20, priority=2, grows=True),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return len(self._matching(connection, where))

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        found = self._matching(connection, order.where)
        self.known = {column["name"]: column for column in found}
        roles = self.source.roles if self.source is not None else {}
        return [
            Row(column["name"], column_cells(column, roles.get(column["name"]), symbols=self._symbols))
            for column in found[offset : offset + limit]
        ]

    def _matching(self, connection: sqlite3.Connection, where: str) -> list[Summary]:
        """The columns whose name, kind or role has every word of the filter."""
        if self.source_id is None:
            return []
        self.source = source = get_source(connection, self.source_id)
        words = where.lower().split()
        return [
            column
            for column in summaries(connection, source.id, source.version)
            if all(
                word in f"{column['name']} {column['kind']} {source.roles.get(column['name'], '')}".lower()
                for word in words
            )
        ]


class FilesSource:
    """The files of a source that are there now, by path; `known` keeps each as it was last read."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self.source_id: str | None = None
        self.known: dict[str, SourceFile] = {}
        self._there = 0

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("file", 20, priority=0, grows=True, middle=True),
            Column("state", 13, priority=0),
            Column("rows", 9, priority=1, right=True),
            Column("size", 9, priority=2, right=True),
            Column("came", 8, priority=2, right=True),
            Column("reason", 16, priority=3, grows=True),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        if self.source_id is None:
            return 0
        counts = count_files(connection, self.source_id, words=where)
        self._there = counts.get("taken_in", 0) + counts.get("quarantined", 0)
        return self._there + (count_gone(connection, self.source_id, words=where) if counts.get(GONE) else 0)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        if self.source_id is None:
            return []
        files = list_files(connection, self.source_id, limit=limit, offset=offset, words=order.where)
        if len(files) < limit:
            later = max(0, offset - self._there)
            files += list_gone(connection, self.source_id, limit=limit - len(files), offset=later, words=order.where)
        self.known.update({file.id: file for file in files})
        came, twice = came_at(connection, files), counted_twice(connection, [file.id for file in files])
        now = time.time()
        return [Row(f.id, file_cells(f, came[f.id], now, twice=twice.get(f.id, ""), plain=self._plain)) for f in files]
