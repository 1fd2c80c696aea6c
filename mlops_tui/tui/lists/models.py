"""Models, and the versions of one of them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from mlops_tui.presenters.models import MODEL_TITLES, VERSION_TITLES, model_cells, version_cells
from mlops_tui.registry.listing import (
    ModelLine,
    VersionLine,
    count_matching,
    count_versions,
    page_of_models,
    page_of_versions,
)
from mlops_tui.tui.panels.rows import Column, Order, Row

MODEL_SHAPES = {
    "model": Column("model", 16, priority=0, grows=True),
    "champion": Column("champion", 8, priority=0, right=True),
    "versions": Column("versions", 8, priority=1, right=True),
    "newest metric": Column("newest metric", 16, priority=2, right=True),
    "task": Column("task", 10, priority=5),
    "made": Column("made", 9, priority=4, right=True),
    "id": Column("id", 6, priority=7),
}
VERSION_SHAPES = {
    "version": Column("version", 7, priority=0, right=True),
    "alias": Column("alias", 10, priority=0, grows=True),
    "metric": Column("metric", 16, priority=1, right=True),
    "test": Column("test", 7, priority=4, right=True),
    "gates": Column("gates", 16, priority=2),
    "data": Column("data", 5, priority=3, right=True),
    "family": Column("family", 13, priority=6),
    "run": Column("run", 12, priority=7, grows=True),
    "made": Column("made", 9, priority=5, right=True),
}


class ModelsSource:
    """All models by name; `known` keeps each as it was last read."""

    def __init__(self) -> None:
        self.known: dict[str, ModelLine] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [MODEL_SHAPES[title] for title in MODEL_TITLES]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return count_matching(connection, where)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        lines = page_of_models(connection, order.where, limit=limit, offset=offset)
        self.known.update({line.model.id: line for line in lines})
        now = time.time()
        return [Row(line.model.id, model_cells(line, now)) for line in lines]


class VersionsSource:
    """The versions of the model that it was turned to, the newest first."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self.model_id: str | None = None
        self.known: dict[str, VersionLine] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [VERSION_SHAPES[title] for title in VERSION_TITLES]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return 0 if self.model_id is None else count_versions(connection, self.model_id)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        if self.model_id is None:
            return []
        lines = page_of_versions(connection, self.model_id, limit=limit, offset=offset)
        self.known.update({line.version.id: line for line in lines})
        now = time.time()
        return [Row(line.version.id, version_cells(line, now, plain=self._plain)) for line in lines]
