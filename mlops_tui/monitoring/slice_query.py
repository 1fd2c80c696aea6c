"""What is read of drift by slice."""

from __future__ import annotations

import json
import sqlite3

from mlops_tui.core.errors import UnknownName
from mlops_tui.data.slices import SliceName
from mlops_tui.monitoring.model import ColumnDrift
from mlops_tui.monitoring.slices import Asked, SliceDrift, SliceReport

HEAD = "id, report_id, by_column, value, kind, drift, why, read, notes"


def slices_of(connection: sqlite3.Connection, report_id: str, asked: Asked) -> SliceReport | None:
    """What a report's windows come to by those slices; None where that was not asked yet."""
    row = connection.execute(
        f"SELECT {HEAD} FROM slice_report WHERE report_id = ? AND by_column = ? AND value IS ? ORDER BY id DESC LIMIT 1",
        (report_id, asked.by, asked.value),
    ).fetchone()
    return None if row is None else _report(connection, row)


def get_slices(connection: sqlite3.Connection, identifier: str) -> SliceReport:
    """The report by slice of that id. Raises UnknownName."""
    row = connection.execute(f"SELECT {HEAD} FROM slice_report WHERE id = ?", (identifier,)).fetchone()
    if row is None:
        raise UnknownName(f"There is no report by slice '{identifier}'.", "Ask again: mlops-tui drift N --slice COLUMN")
    return _report(connection, row)


def _report(connection: sqlite3.Connection, row: tuple[object, ...]) -> SliceReport:
    identifier, report_id, by, value, kind, drift, why, read, notes = row
    told = connection.execute(
        "SELECT sort, value, reference_rows, current_rows, reference_share, current_share, drift, why, alone, payload"
        " FROM slice_drift WHERE slices_id = ? ORDER BY position",
        (identifier,),
    )
    slices = tuple(
        SliceDrift(
            SliceName(sort, name),
            before,
            after,
            (share, now),
            None if judged is None else bool(judged),
            sentence,
            tuple(json.loads(alone)),
            tuple(map(ColumnDrift.from_json, json.loads(payload))),
        )
        for sort, name, before, after, share, now, judged, sentence, alone, payload in told
    )
    verdict = None if drift is None else bool(drift)
    return SliceReport(
        str(by), None if value is None else str(value), str(kind), verdict, str(why), int(str(read)),
        tuple(json.loads(str(notes))), slices, str(identifier), str(report_id),
    )  # fmt: skip
