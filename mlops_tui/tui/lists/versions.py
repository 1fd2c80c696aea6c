"""The versions of a source, and the columns of two of them side by side."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlops_tui.data.lineage import changes
from mlops_tui.data.query import changed_between, get_source, list_versions, tags_of
from mlops_tui.jobs.asking import Asking
from mlops_tui.presenters.versions import VersionLine, difference_cells, version_cells
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.panels.rows import Column, Order, Row


class SourceVersionsSource:
    """The versions of one source, the newest first; `known` keeps each as it was last read, by its number."""

    def __init__(self) -> None:
        self.source_id = ""
        self.known: dict[str, VersionLine] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("", 5, priority=0),
            Column("tags", 12, priority=1, grows=True),
            Column("made", 8, priority=3, right=True),
            Column("files", 5, priority=2, right=True),
            Column("rows", 9, priority=1, right=True),
            Column("size", 9, priority=4, right=True),
            Column("what changed", 24, priority=0, grows=True),
            Column("hash", 12, priority=6),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return get_source(connection, self.source_id).version if self.source_id else 0

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        versions = list_versions(connection, self.source_id, limit=limit + 1, offset=offset)
        if not versions:
            return []
        tags = tags_of(connection, self.source_id)
        files = changed_between(connection, self.source_id, versions[-1].number, versions[0].number)
        lines = [
            VersionLine(
                version,
                tuple(tag for tag, number in tags.items() if number == version.number),
                change,
            )
            for version, change in zip(versions[:limit], changes(versions, files), strict=False)
        ]
        self.known.update({str(line.version.number): line for line in lines})
        now = time.time()
        return [Row(str(line.version.number), version_cells(line, now)) for line in lines]


class DifferencesSource:
    """The columns of two versions, those that moved most first; asked for as a whole, and kept in `told`."""

    def __init__(self, asking: Callable[[], Asking]) -> None:
        self._asking = asking
        self._errand: Errand | None = None
        self.asked: tuple[str, int, int] | None = None
        self.told: Mapping[str, Any] | None = None

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("column", 16, priority=0, grows=True, middle=True),
            Column("kind", 10, priority=1),
            Column("change", 32, priority=0, grows=True),
            Column("new", 12, priority=2, grows=True),
            Column("vanished", 12, priority=3, grows=True),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        assert self.asked is not None
        source, before, after = self.asked
        self._errand = Errand(self._asking())
        self.told = self._errand.ask("diff", source=source, before=before, after=after)
        return len(self.told["columns"])

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        columns = self.told["columns"] if self.told is not None else []
        return [Row(column["name"], difference_cells(column)) for column in columns[offset : offset + limit]]

    def take_back(self) -> None:
        """Nobody waits any more."""
        if self._errand is not None:
            self._errand.take_back()
