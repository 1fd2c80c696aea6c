"""What is read of batches of predictions."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from mlops_tui.serving.model import PredictionBatch

_BATCH = (
    "SELECT b.id, b.version_id, model.name, v.number, b.source_id, b.file, b.file_hash, b.rows, b.rejected, b.out,"
    " b.scores, b.at FROM prediction_batch AS b JOIN model_version AS v ON v.id = b.version_id"
    " JOIN model ON model.id = v.model_id"
)


def list_batches(
    connection: sqlite3.Connection, version_id: str | None = None, *, limit: int = 50, offset: int = 0
) -> list[PredictionBatch]:
    """The newest batches first; those of one version where it is named."""
    rows = connection.execute(
        f"{_BATCH} WHERE :version IS NULL OR b.version_id = :version ORDER BY b.at DESC, b.rowid DESC"
        " LIMIT :limit OFFSET :offset",
        {"version": version_id, "limit": limit, "offset": offset},
    )
    return [_batch(row) for row in rows]


def count_batches(connection: sqlite3.Connection, version_id: str | None = None) -> int:
    """How many batches there are; of one version where it is named."""
    row = connection.execute(
        "SELECT count(*) FROM prediction_batch WHERE :version IS NULL OR version_id = :version", {"version": version_id}
    ).fetchone()
    return int(row[0])


def _batch(row: Any) -> PredictionBatch:
    values = list(row)
    values[10] = json.loads(values[10])
    return PredictionBatch(*values)
