"""The checks of a source: those that hold, and those that its files suggest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlops_tui.jobs.asking import Asking
from mlops_tui.presenters.checks import check_cells
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.panels.rows import Column, Order, Row

Told = Mapping[str, Any]


class ChecksSource:
    """Asked for as a whole; `told` keeps what was answered last, `known` each check by its name."""

    def __init__(self, asking: Callable[[], Asking], *, plain: bool = False) -> None:
        self._asking = asking
        self._plain = plain
        self._errand: Errand | None = None
        self._rows: list[Told] = []
        self.source_id: str | None = None
        self.told: Told | None = None
        self.known: dict[str, Told] = {}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("", 6, priority=0),
            Column("now", 8, priority=0),
            Column("what has to be", 44, priority=0, grows=True, middle=True),
            Column("past files", 10, priority=1, right=True),
            Column("foreseen", 10, priority=2, right=True),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        self._errand = Errand(self._asking())
        self.told = self._errand.ask("checks", source=self.source_id)
        held = [dict(item, holds=True) for item in self.told["checks"]]
        names = {item["name"] for item in held}
        proposed = [dict(item, holds=False) for item in self.told["proposed"] if item["name"] not in names]
        words = where.lower().split()
        self._rows = [item for item in (*held, *proposed) if all(word in _text(item) for word in words)]
        self.known = {item["name"]: item for item in (*held, *proposed)}
        return len(self._rows)

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        return [Row(item["name"], check_cells(item, plain=self._plain)) for item in self._rows[offset : offset + limit]]

    def take_back(self) -> None:
        """Nobody waits any more."""
        if self._errand is not None:
            self._errand.take_back()


def _text(item: Told) -> str:
    return f"{item['severity']} {item['name']} {item['sentence']}".lower()
