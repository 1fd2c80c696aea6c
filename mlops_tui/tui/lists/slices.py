"""The slices of one drift report, and the columns of one of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.model import DriftReport
from mlops_tui.monitoring.query import get_report
from mlops_tui.monitoring.slice_query import get_slices
from mlops_tui.monitoring.slices import SliceDrift, SliceReport
from mlops_tui.presenters.slices import column_rows, ranked, rows
from mlops_tui.tui.panels.rows import Column, Order, Row


class SlicesSource:
    """What was made of a report by slice, kept as `found`; the filter is a part of a slice's name."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self.slices_id: str | None = None
        self.found: SliceReport | None = None
        self.whole: DriftReport | None = None

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("slice", 14, priority=0, grows=True),
            Column("rows", 8, priority=2, right=True),
            Column("share", 6, priority=1, right=True),
            Column("share moved", 12, priority=3, right=True),
            Column("verdict", 14, priority=0),
            Column("columns that drift", 24, priority=0, grows=True),
            Column("why", 20, priority=4, grows=True),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return len(self._matching(connection, where))

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        return self._matching(connection, order.where)[offset : offset + limit]

    def _matching(self, connection: sqlite3.Connection, where: str) -> list[Row]:
        if self.slices_id is None:
            return []
        if self.found is None or self.found.id != self.slices_id:  # what was made stays as it is
            self.found = get_slices(connection, self.slices_id)
            self.whole = get_report(connection, self.found.report_id)
        shown = zip(self.found.slices, rows(self.found, plain=self._plain), strict=True)
        found = [Row(f"{one.name.sort} {one.name.value}", cells) for one, cells in shown]
        return [row for row in found if where.lower() in row.cells[0].text.lower()]

    def slice_at(self, row: Row) -> SliceDrift | None:
        """The slice of that row."""
        there = self.found.slices if self.found is not None else ()
        return next((one for one in there if f"{one.name.sort} {one.name.value}" == row.id), None)


class SliceColumnsSource:
    """The columns of one slice; the filter is a part of a column's name."""

    def __init__(self, one: SliceDrift, whole: DriftReport, *, plain: bool = False) -> None:
        shown = zip(ranked(one), column_rows(one, whole, plain=plain), strict=True)
        self._rows = [Row(column.name, cells) for column, cells in shown]
        self.why = {column.name: column.why for column in one.columns}

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        return [
            Column("column", 16, priority=0, grows=True),
            Column("kind", 10, priority=3),
            Column("verdict", 14, priority=0),
            Column("effect", 8, priority=0, right=True),
            Column("test p", 8, priority=2, right=True),
            Column("in the whole", 20, priority=1),
            Column("why", 20, priority=4, grows=True),
        ]

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return len(self._matching(where))

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        return self._matching(order.where)[offset : offset + limit]

    def _matching(self, where: str) -> list[Row]:
        return [row for row in self._rows if where.lower() in printable(row.id).lower()]
