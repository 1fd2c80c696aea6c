"""Drift by slice in the store: kept with its report as long as both windows hold the same, so that it is made once."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection
from dataclasses import asdict

from mlops_tui.core.clock import now
from mlops_tui.core.ids import new_id
from mlops_tui.data.model import key_of
from mlops_tui.monitoring.slices import Asked, SliceReport
from mlops_tui.monitoring.table import SliceDriftRow, SliceReportRow
from mlops_tui.monitoring.window import Rows
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store, Writing

FORMAT = 1
"""Raised when the same windows would come out otherwise."""


def mark_of(windows: tuple[Rows, Rows], ignored: Collection[str]) -> str:
    """What tells these windows from others: the content of their files as it is read, the blocks that count, what is not judged."""
    told = [
        [rows.source.id, [[key_of(rows.source, file), _blocks(rows, file.id)] for file in rows.files]]
        for rows in windows
    ]
    return hashlib.sha256(json.dumps([FORMAT, told, sorted(ignored)]).encode()).hexdigest()


def _blocks(rows: Rows, file_id: str) -> list[int] | None:
    part = rows.parts.get(file_id)
    return None if part is None else [block.block for block in part]


def kept_slices(connection: sqlite3.Connection, report_id: str, asked: Asked) -> str | None:
    """The id of what was made of a report by those slices; None where there is none."""
    row = connection.execute(
        "SELECT id FROM slice_report WHERE report_id = ? AND by_column = ? AND value IS ? ORDER BY id DESC LIMIT 1",
        (report_id, asked.by, asked.value),
    ).fetchone()
    return None if row is None else str(row[0])


def carry_over(writing: Writing, earlier: str, report_id: str, mark: str) -> None:
    """Has what was made of an earlier report be of the one in its place, or go where that is of other rows."""
    gone = "SELECT id FROM slice_report WHERE report_id = ? AND mark <> ?"
    writing.execute(f"DELETE FROM slice_drift WHERE slices_id IN ({gone})", (earlier, mark))
    writing.execute("DELETE FROM slice_report WHERE report_id = ? AND mark <> ?", (earlier, mark))
    writing.execute("UPDATE slice_report SET report_id = ? WHERE report_id = ?", (report_id, earlier))


def keep_slices(store: Store, report_id: str, found: SliceReport, mark: str) -> str:
    """Writes it down, with the report that it is of; returns its id."""
    identifier = new_id()
    with write_session(store) as writing:
        writing.add(
            SliceReportRow(
                id=identifier,
                report_id=report_id,
                by_column=found.by,
                value=found.value,
                kind=found.kind,
                drift=found.drift,
                why=found.why,
                read=found.files_read,
                notes=json.dumps(found.notes),
                mark=mark,
                at=now(),
            ),
            *(
                SliceDriftRow(
                    slices_id=identifier,
                    position=position,
                    sort=one.name.sort,
                    value=one.name.value,
                    reference_rows=one.reference_rows,
                    current_rows=one.current_rows,
                    reference_share=one.shares[0],
                    current_share=one.shares[1],
                    drift=one.drift,
                    why=one.why,
                    alone=json.dumps(one.alone),
                    payload=json.dumps([asdict(column) for column in one.columns], allow_nan=False),
                )
                for position, one in enumerate(found.slices)
            ),
        )
        writing.changed("drift")
    return identifier
