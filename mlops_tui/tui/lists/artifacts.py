"""The files of a run, and the rows of those that are tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from mlops_tui.presenters.artifacts import artifact_cells
from mlops_tui.runs.artifact import Artifact
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import artifacts_of, get_run
from mlops_tui.tui.lists.asked import Errand, Found, Part, Record, paged, whole_row
from mlops_tui.tui.panels.rows import Column, Order, Row


class ArtifactsSource:
    """The files of one run, by name; `run` and `known` keep what was read last. The filter is a part of a name, or a kind."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.run: Run | None = None
        self.known: dict[str, Artifact] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("name", 24, priority=0, grows=True, middle=True),
            Column("kind", 11, priority=1),
            Column("size", 9, priority=0, right=True),
            Column("sha256", 12, priority=3),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        self.run = get_run(connection, self.run_id)
        return len(self._read(connection, where))

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        found = self._read(connection, order.where)
        self.known = {one.name: one for one in found}
        return [Row(one.name, artifact_cells(one)) for one in found[offset : offset + limit]]

    def _read(self, connection: sqlite3.Connection, where: str) -> list[Artifact]:
        sought = where.casefold()
        found = artifacts_of(connection, self.run_id)
        return [one for one in found if sought in one.name.casefold() or sought == one.kind]


class ArtifactRows(NamedTuple):
    """The rows of a file of a run."""

    run_id: str
    name: str

    def found(self, errand: Errand, part: Part) -> Found:
        return paged(errand, "artifact_page", part, run=self.run_id, name=self.name)

    def record(self, errand: Errand, order: Order, row: int) -> Record:
        """One row with all its columns."""
        return whole_row(self, errand, order, row)
