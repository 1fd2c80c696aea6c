"""What is read of drift reports, and of what sources are compared with."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.errors import UnknownName
from mlops_tui.core.printable import printable
from mlops_tui.monitoring.detail import Since
from mlops_tui.monitoring.model import DRIFT, STEADY, ChunkHead, ColumnDrift, DriftReport, HeatMap, Pinned, Tile
from mlops_tui.monitoring.multivariate import Multivariate
from mlops_tui.monitoring.window import ONE_FILE, WINDOW

HEAD = (
    "r.id, r.source_id, s.name, r.reference, r.current, r.version_id, r.drift, r.reference_rows, r.current_rows,"
    " r.why, r.at, r.first_at, r.last_at, r.notes"
)
FROM = "FROM drift_report r JOIN source s ON s.id = r.source_id"


@dataclass(frozen=True, slots=True)
class ReportHead:
    """A report without its columns; `why` is one sentence, `at` when it was made, the rest as `DriftReport` has it."""

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
    first: str | None = None
    last: str | None = None
    notes: tuple[str, ...] = ()


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


def get_report(connection: sqlite3.Connection, report_id: str, column: str | None = None) -> DriftReport:
    """The report of that id with all its columns, measures and histograms, or with one of its columns. Raises UnknownName."""
    head = get_head(connection, report_id)
    where, values = ("", ()) if column is None else (" AND name = ?", (column,))
    rows = connection.execute(
        f"SELECT payload FROM drift_column WHERE report_id = ?{where} ORDER BY position", (report_id, *values)
    )
    columns = tuple(ColumnDrift.from_json(json.loads(row[0])) for row in rows)
    sides, about = (head.source, head.reference, head.current), (head.first, head.last, head.notes)
    at_once = multivariate_of(connection, report_id)
    return DriftReport(head.reference_rows, head.current_rows, columns, *sides, *about, at_once)


def multivariate_of(connection: sqlite3.Connection, report_id: str) -> Multivariate | None:
    """What all columns of a report say at once; None where that was not asked, or there is no such report."""
    row = connection.execute("SELECT multivariate FROM drift_report WHERE id = ?", (report_id,)).fetchone()
    return None if row is None or row[0] is None else Multivariate.from_json(json.loads(row[0]))


def asked_of(connection: sqlite3.Connection, report_id: str) -> dict[str, Any] | None:
    """How the windows of a report were asked for: `reference`, `reference_source`, `current`, `pinned`, `version_id`; None where it
    is not known any more.
    """
    row = connection.execute("SELECT asked FROM drift_report WHERE id = ?", (report_id,)).fetchone()
    return None if row is None or row[0] is None else dict(json.loads(row[0]))


def latest(connection: sqlite3.Connection, source_id: str) -> ReportHead | None:
    """The source's newest report, None where there is none."""
    return next(iter(list_reports(connection, source_id, limit=1)), None)


def units_of(connection: sqlite3.Connection, source_id: str, reference: str) -> list[str]:
    """The units (file, window, rows, or a period's) of which a source has reports against one reference, in alphabetic order."""
    rows = connection.execute(
        "SELECT DISTINCT unit FROM drift_report WHERE source_id = ? AND reference = ? ORDER BY unit",
        (source_id, reference),
    )
    return [unit for (unit,) in rows]


def unit_of(connection: sqlite3.Connection, report_id: str) -> str:
    """The unit of a report. Raises UnknownName."""
    row = connection.execute("SELECT unit FROM drift_report WHERE id = ?", (report_id,)).fetchone()
    if row is None:
        raise UnknownName(f"There is no drift report '{printable(report_id)}'.", "See: mlops-tui drift --help")
    return str(row[0])


def why_of(connection: sqlite3.Connection, report_id: str, column: str) -> str | None:
    """The sentence on one column of a report; None where it has no such column."""
    row = connection.execute(
        "SELECT why FROM drift_column WHERE report_id = ? AND name = ?", (report_id, column)
    ).fetchone()
    return None if row is None else str(row[0])


def heat_map(
    connection: sqlite3.Connection,
    source_id: str,
    reference: str,
    *,
    unit: str = ONE_FILE,
    measure: str | None = None,
    limit: int = 60,
) -> HeatMap:
    """The newest `limit` chunks of a unit (file, day, …, rows) of a source against one reference, with all their columns.

    The effect is the one that decides, or that of `measure`, one of `MEASURES`. It costs what these chunks and columns do,
    however many reports are kept.
    """
    heads = [
        ChunkHead(report_id, current, rows, first, last, _verdict(drift))
        for report_id, current, rows, first, last, drift in connection.execute(
            "SELECT id, current, current_rows, first_at, last_at, drift FROM drift_report"
            " WHERE source_id = ? AND reference = ? AND unit = ? ORDER BY place DESC, id DESC LIMIT ?",
            (source_id, reference, unit, limit),
        )
    ]
    shown = "measure, effect" if measure is None else "?1, json_extract(payload, '$.' || ?1 || '.value')"
    kinds: dict[str, str] = {}
    tiles: dict[str, dict[str, Tile]] = {}
    for head in heads:  # the newest says the order of columns
        told = connection.execute(
            f"SELECT name, kind, verdict, {shown} FROM drift_column WHERE report_id = ?2 ORDER BY position",
            (measure, head.report_id),
        )
        for name, kind, verdict, by, effect in told:
            kinds.setdefault(name, kind)
            tiles.setdefault(name, {})[head.report_id] = Tile(verdict, None if effect is None else by, effect)
    heads.reverse()
    lines = (tuple(map(found.get, (head.report_id for head in heads))) for found in tiles.values())
    return HeatMap(tuple(heads), tuple(kinds.items()), tuple(lines))


def drift_of(connection: sqlite3.Connection, source_id: str, file: str) -> bool | None:
    """What the newest report on a whole file of a source says; None where there is none, or it cannot tell."""
    row = connection.execute(
        "SELECT drift FROM drift_report WHERE source_id = ? AND current = ? AND unit = ? ORDER BY id DESC LIMIT 1",
        (source_id, file, ONE_FILE),
    ).fetchone()
    return None if row is None else _verdict(row[0])


def drifting_since(connection: sqlite3.Connection, report_id: str, column: str) -> Since | None:
    """Since which window a column drifts that does in that report, by the reports of the windows before it of the same unit against the
    same reference; of another window of one file by those of files. None where it does not drift, or for a window of several
    files that is no chunk. What a report cannot tell neither goes on nor ends it.
    """
    row = connection.execute(
        "SELECT r.source_id, r.reference, r.unit, r.place, r.current, json_array_length(c.payload, '$.brought_by[0].files')"
        " FROM drift_report r JOIN drift_column c ON c.report_id = r.id WHERE r.id = ? AND c.name = ? AND c.verdict = ?",
        (report_id, column, DRIFT),
    ).fetchone()
    if row is None or (row[2] == WINDOW and row[5] != 1):
        return None
    source_id, reference, unit, place, first, _ = row
    windows, steady = 1, None
    before = connection.execute(  # read one by one: the first that is steady ends it
        "SELECT r.current, c.verdict FROM drift_report r JOIN drift_column c ON c.report_id = r.id AND c.name = ?"
        " WHERE r.source_id = ? AND r.reference = ? AND r.unit = ? AND r.place < ? ORDER BY r.place DESC, r.id DESC",
        (column, source_id, reference, ONE_FILE if unit == WINDOW else unit, place),
    )
    for current, verdict in before:
        if verdict == STEADY:
            steady = str(current)
            break
        if verdict == DRIFT:
            first, windows = current, windows + 1
    return Since(first, windows, steady)


def pinned(connection: sqlite3.Connection, source_id: str) -> Pinned | None:
    """The reference that a person pinned for the source; None where there is none."""
    row = connection.execute(
        "SELECT p.source_id, p.reference, p.home_id, h.name, p.at FROM pinned_reference p"
        " LEFT JOIN source h ON h.id = p.home_id WHERE p.source_id = ?",
        (source_id,),
    ).fetchone()
    return None if row is None else Pinned(*row)


def last_watched(connection: sqlite3.Connection, source_id: str) -> tuple[str, int] | None:
    """What the newest job that compared what came to a source by itself had seen, and the version that it was; None where there is
    none, or nobody saw its end.
    """
    row = connection.execute(
        "SELECT json_extract(spec, '$.seen'), json_extract(spec, '$.version') FROM job WHERE kind = 'drift'"
        " AND state <> 'lost' AND json_extract(spec, '$.source') = ? AND json_extract(spec, '$.seen') IS NOT NULL"
        " ORDER BY id DESC LIMIT 1",
        (source_id,),
    ).fetchone()
    return None if row is None else (str(row[0]), int(row[1]))


def _head(row: Any) -> ReportHead:
    values = list(row)
    values[6], values[-1] = _verdict(values[6]), tuple(json.loads(values[-1]))
    return ReportHead(*values)


def _verdict(stored: int | None) -> bool | None:
    return None if stored is None else bool(stored)
