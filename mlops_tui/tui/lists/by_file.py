"""One column in each file of a source's newest version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlops_tui.core.errors import TakenBack
from mlops_tui.jobs.asking import Asking
from mlops_tui.presenters.by_file import by_file_cells, is_counted, middle_title
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.lists.sources import DECIMALS
from mlops_tui.tui.panels.rows import Column, Order, Row


class ByFileSource:
    """Asked for as a whole; `told` keeps what was answered last. Where another column is wanted meanwhile, the first
    question is taken back."""

    def __init__(self, asking: Callable[[], Asking]) -> None:
        self._asking = asking
        self._errand: Errand | None = None
        self.wanted: tuple[str, str] | None = None
        """The source's id and the column's name."""
        self.told: Mapping[str, Any] | None = None

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        self.told = self._asked()  # before all else: it says what the columns are called
        middle = middle_title(self.told) if self.told is not None else "mean"
        decimals = 0 if self.told is not None and is_counted(self.told) else DECIMALS
        return [
            Column("file", 16, priority=0, grows=True, middle=True),
            Column("rows", 9, priority=1, right=True),
            Column("missing", 7, priority=0, right=True),
            Column(middle, max(10, len(middle)), priority=0, right=True, fraction=decimals),
            Column("deviation", 10, priority=2, right=True, fraction=decimals),
            Column("range", 25, priority=3, right=True),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return len(self.told["files"]) if self.told is not None else 0

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        told = self.told
        if told is None:
            return []
        return [Row(file["file"], by_file_cells(told, file)) for file in told["files"][offset : offset + limit]]

    def turn_to(self, source_id: str, column: str) -> None:
        """Wants another column."""
        self.wanted = (source_id, column)
        self.take_back()

    def take_back(self) -> None:
        """Nobody waits for what is being asked any more."""
        if self._errand is not None:
            self._errand.take_back()

    def _asked(self) -> Mapping[str, Any] | None:
        while self.wanted is not None:
            wanted = self.wanted
            self._errand = Errand(self._asking())
            try:
                return self._errand.ask("by_file", source=wanted[0], column=wanted[1])
            except TakenBack:
                if wanted == self.wanted:
                    raise
        return None
