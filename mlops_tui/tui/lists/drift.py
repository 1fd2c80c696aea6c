"""The columns of one drift report, what drifts first."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from mlops_tui.core.printable import printable
from mlops_tui.monitoring.multivariate import Multivariate
from mlops_tui.monitoring.quality_model import Importances
from mlops_tui.monitoring.quality_query import expected_on, importances_for
from mlops_tui.monitoring.query import ReportHead, get_head, get_report
from mlops_tui.presenters.monitor import expected_note, ranked, rows
from mlops_tui.tui.panels.rows import Column, Order, Row


class DriftSource:
    """The report of that id; the filter is a part of a column's name. `multivariate` is what all columns of the one that was read last
    say at once, `expected` how the champion does on its file, in words.
    """

    def __init__(self, *, plain: bool = False) -> None:
        self._plain = plain
        self.report_id: str | None = None
        self.multivariate: Multivariate | None = None
        self.expected = ""
        self._known: tuple[tuple[str, Importances | None], list[Row]] | None = None

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        known = None if self.report_id is None else self._told_of(connection, self.report_id)[1]
        return [
            Column("column", 16, priority=0, grows=True),
            Column("kind", 10, priority=2),
            Column("verdict", 14, priority=0),
            Column("effect", 8, priority=0, right=True),
            *([] if known is None else [Column("importance", 10, priority=1, right=True)]),
            Column("test p", 8, priority=1 if known is None else 2, right=True),
            Column("why", 20, priority=3, grows=True),
        ]

    def _told_of(self, connection: sqlite3.Connection, report_id: str) -> tuple[ReportHead, Importances | None]:
        head = get_head(connection, report_id)
        return head, importances_for(connection, head.source_id)

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        return len(self._matching(connection, where))

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        return self._matching(connection, order.where)[offset : offset + limit]

    def _matching(self, connection: sqlite3.Connection, where: str) -> list[Row]:
        if self.report_id is None:
            return []
        head, known = self._told_of(connection, self.report_id)
        told = self.report_id, known
        self.expected = expected_note(expected_on(connection, head.source_id, head.current))
        if self._known is None or self._known[0] != told:  # a report of an id stays as it is
            report = get_report(connection, self.report_id)
            self.multivariate = report.multivariate
            shown = zip(ranked(report, known), rows(report, known, plain=self._plain), strict=True)
            self._known = told, [Row(column.name, cells) for column, cells in shown]
        return [row for row in self._known[1] if where.lower() in printable(row.id).lower()]
