"""What is read of batches of predictions."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from mlops_tui.data.model import TAKEN_IN, Source
from mlops_tui.serving.model import Arrived, PredictionBatch, Shadowed

_BATCH = (
    "SELECT b.id, b.version_id, model.name, v.number, b.source_id, b.file, b.file_hash, b.rows, b.rejected, b.out,"
    " b.scores, b.at, b.aside, b.threshold, b.threshold_of, b.findings, b.shadow, b.log"
    " FROM prediction_batch AS b JOIN model_version AS v ON v.id = b.version_id"
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
    for place in (10, 15, 16):
        values[place] = None if values[place] is None else json.loads(values[place])
    return PredictionBatch(*values)


def logs_before(connection: sqlite3.Connection, moment: str) -> list[str]:
    """The names (sha256) of the logs of batches that were predicted before that moment."""
    rows = connection.execute(
        "SELECT DISTINCT log FROM prediction_batch WHERE log IS NOT NULL AND at < ? ORDER BY log", (moment,)
    )
    return [log for (log,) in rows]


def logs_of(connection: sqlite3.Connection, version_id: str) -> list[str]:
    """The names (sha256) of the logs of what a version predicted, the oldest first."""
    rows = connection.execute(
        "SELECT log FROM prediction_batch WHERE version_id = ? AND log IS NOT NULL ORDER BY at, rowid", (version_id,)
    )
    return [log for (log,) in rows]


def is_log_of_any(connection: sqlite3.Connection, log: str) -> bool:
    """Whether a batch still has that log."""
    return connection.execute("SELECT 1 FROM prediction_batch WHERE log = ? LIMIT 1", (log,)).fetchone() is not None


def shadowed(connection: sqlite3.Connection, version_id: str, shadow_id: str, since: str) -> list[Shadowed]:
    """The files that a version predicted since then with the other one in the shadow, the oldest first."""
    rows = connection.execute(
        "SELECT file, file_hash, log, at FROM prediction_batch WHERE version_id = ? AND at >= ?"
        " AND json_extract(shadow, '$.version_id') = ? AND json_extract(shadow, '$.why') IS NULL ORDER BY at, rowid",
        (version_id, since, shadow_id),
    )
    return [Shadowed(*row) for row in rows]


def arrived(connection: sqlite3.Connection, source: Source, version_id: str) -> list[Arrived]:
    """The files of a source that came since it is predicted and are to be, by the version in which they came.

    Not those that the model version has predicted, nor those that a job was started for, whatever became of it, unless
    nobody saw its end. Quarantined ones never are.
    """
    rows = connection.execute(
        "SELECT f.id, f.path, f.hash FROM source_file AS f WHERE f.source_id = :source AND f.state = :state"
        " AND f.since_version > :after"
        " AND NOT EXISTS (SELECT 1 FROM prediction_batch AS b WHERE b.version_id = :version AND b.file_hash = f.hash)"
        " AND f.id NOT IN (SELECT json_extract(named.value, '$.file_id') FROM job, json_each(job.spec, '$.files') AS named"
        " WHERE job.kind = 'predict' AND job.state <> 'lost' AND json_extract(named.value, '$.file_id') IS NOT NULL)"
        " ORDER BY f.since_version, f.path",
        {"source": source.id, "state": TAKEN_IN, "after": source.predict_after, "version": version_id},
    )
    return [Arrived(*row) for row in rows]
