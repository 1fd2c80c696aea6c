"""What is read of drift reports."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.errors import UnknownName
from mlops_tui.monitoring.model import ColumnDrift, DriftReport

HEAD = (
    "r.id, r.source_id, s.name, r.reference, r.current, r.version_id, r.drift, r.reference_rows, r.current_rows,"
    " r.why, r.at"
)
FROM = "FROM drift_report r JOIN source s ON s.id = r.source_id"
EFFECT = "coalesce(json_extract(c.payload, '$.wasserstein.value'), json_extract(c.payload, '$.jensen_shannon.value'))"


@dataclass(frozen=True, slots=True)
class ReportHead:
    """A report without its columns; `why` is one sentence, `at` when it was made."""

    id: str
    source_id: str
    source: str
    reference: str
    current: str
    version_id: str | None
    drift: bool | None
    reference_rows: int
    current_rows: int
    why: str
    at: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One column of one report: its verdict and effect (standard deviations, or a Jensen–Shannon distance)."""

    name: str
    kind: str
    drift: bool | None
    effect: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One report on the time line, with a mark for each of its columns."""

    head: ReportHead
    marks: tuple[Mark, ...]


def list_reports(
    connection: sqlite3.Connection, source_id: str | None = None, *, limit: int = 50, offset: int = 0
) -> list[ReportHead]:
    """The newest reports first, of one source or of all."""
    where, values = ("", ()) if source_id is None else ("WHERE r.source_id = ?", (source_id,))
    rows = connection.execute(
        f"SELECT {HEAD} {FROM} {where} ORDER BY r.id DESC LIMIT ? OFFSET ?", (*values, limit, offset)
    )
    return [_head(row) for row in rows]


def get_head(connection: sqlite3.Connection, report_id: str) -> ReportHead:
    """The report of that id, without its columns. Raises UnknownName."""
    row = connection.execute(f"SELECT {HEAD} {FROM} WHERE r.id = ?", (report_id,)).fetchone()
    if row is None:
        raise UnknownName(f"There is no drift report '{report_id}'.", "Look again: mlops-tui drift N")
    return _head(row)


def get_report(connection: sqlite3.Connection, report_id: str) -> DriftReport:
    """The report of that id with all its columns, measures and histograms. Raises UnknownName."""
    head = get_head(connection, report_id)
    rows = connection.execute("SELECT payload FROM drift_column WHERE report_id = ? ORDER BY position", (report_id,))
    columns = tuple(ColumnDrift.from_json(json.loads(row[0])) for row in rows)
    return DriftReport(head.reference_rows, head.current_rows, columns, head.source, head.reference, head.current)


def latest(connection: sqlite3.Connection, source_id: str) -> ReportHead | None:
    """The source's newest report, None where there is none."""
    return next(iter(list_reports(connection, source_id, limit=1)), None)


def timeline(
    connection: sqlite3.Connection, source_id: str, *, reference: str = "training", limit: int = 60
) -> list[Moment]:
    """The last `limit` of a source's reports against one reference, by the name of their window: a period's order."""
    rows = connection.execute(
        f"SELECT {HEAD} {FROM} WHERE r.source_id = ? AND r.reference = ? ORDER BY r.current DESC LIMIT ?",
        (source_id, reference, limit),
    ).fetchall()
    return [Moment(_head(row), _marks(connection, row[0])) for row in reversed(rows)]


def _marks(connection: sqlite3.Connection, report_id: str) -> tuple[Mark, ...]:
    rows = connection.execute(
        f"SELECT c.name, c.kind, c.drift, {EFFECT}, c.why FROM drift_column c"
        " WHERE c.report_id = ? ORDER BY c.position",
        (report_id,),
    )
    return tuple(Mark(name, kind, _verdict(drift), effect, why) for name, kind, drift, effect, why in rows)


def _head(row: Any) -> ReportHead:
    values = list(row)
    values[6] = _verdict(values[6])
    return ReportHead(*values)


def _verdict(stored: int | None) -> bool | None:
    return None if stored is None else bool(stored)
