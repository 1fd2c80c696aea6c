"""What is read of how champions do: on each file beside training, and beside the one before."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from mlops_tui.data.model import LABELS, TAKEN_IN
from mlops_tui.monitoring.model import ColumnDrift
from mlops_tui.monitoring.quality_model import Figure, Importances, Outcome, QualityChunk
from mlops_tui.monitoring.window import ONE_FILE
from mlops_tui.registry.model import CHAMPION


def outcome_of(connection: sqlite3.Connection, version_id: str) -> Outcome | None:
    """How the version did beside the one before; None where it was not compared yet."""
    row = connection.execute(
        "SELECT version_id, before_id, files, rows, labelled, compared, conflicting, strange, unknown, metric, difference,"
        " low, high, margin, verdict, why, labels, seen, at FROM champion_outcome WHERE version_id = ?",
        (version_id,),
    ).fetchone()
    if row is None:
        return None
    values = list(row)
    values[16] = json.loads(values[16])
    return Outcome(*values)


_CHUNK = (
    "SELECT version_id, file, file_hash, place, rows, labelled, first, last, metric, reference, estimated, realised,"
    " verdict, why, at, answer, answer_why, area, mark, matures, young, predictions, unit FROM quality_chunk"
)


def quality_of(
    connection: sqlite3.Connection, version_id: str, *, unit: str = ONE_FILE, limit: int = 50, offset: int = 0
) -> list[QualityChunk]:
    """How a version does on the newest files that it predicted, or in the newest periods of that unit, the oldest of these first."""
    rows = connection.execute(
        f"{_CHUNK} WHERE version_id = ? AND unit = ? ORDER BY place DESC LIMIT ? OFFSET ?",
        (version_id, unit, limit, offset),
    )
    return [_chunk(row) for row in rows][::-1]


def periods_told(connection: sqlite3.Connection, version_id: str) -> list[str]:
    """By which periods it was told how a version does, beside its files."""
    rows = connection.execute(
        "SELECT DISTINCT unit FROM quality_chunk WHERE version_id = ? AND unit <> ? ORDER BY unit",
        (version_id, ONE_FILE),
    )
    return [unit for (unit,) in rows]


def _chunk(row: Any) -> QualityChunk:
    values = list(row)
    for place in (10, 11):
        values[place] = None if values[place] is None else Figure(*json.loads(values[place]))
    values[-3] = bool(values[-3])
    values[-2] = tuple(ColumnDrift.from_json(told) for told in json.loads(values[-2]))
    return QualityChunk(*values)


def matured(connection: sqlite3.Connection, version_id: str, moment: str) -> int:
    """Of how many of a version's files all labels are there that are to come, at that moment."""
    row = connection.execute(
        "SELECT count(*) FROM quality_chunk WHERE version_id = ? AND unit = ? AND matures <= ?",
        (version_id, ONE_FILE, moment),
    ).fetchone()
    return int(row[0])


def maturity_of(connection: sqlite3.Connection, source_ids: Sequence[str]) -> float:
    """The seconds that labels go on coming for, of the slowest of these sources."""
    found = [
        connection.execute("SELECT coalesce(matures_after, 0) FROM source WHERE id = ?", (one,)).fetchone()
        for one in source_ids
    ]
    return max((float(row[0]) for row in found if row is not None), default=0.0)


def quality_seen(connection: sqlite3.Connection, version_id: str) -> str | None:
    """What there was when it was told how a version does; None where it was not told."""
    row = connection.execute("SELECT seen FROM quality_chunk WHERE version_id = ? LIMIT 1", (version_id,)).fetchone()
    return None if row is None else str(row[0])


def importances_of_version(connection: sqlite3.Connection, version_id: str) -> dict[str, float]:
    """What a version's predictions hang on: each column's share, the greatest first; {} where that was not told."""
    rows = connection.execute(
        "SELECT name, importance FROM column_importance WHERE version_id = ? ORDER BY importance DESC, name",
        (version_id,),
    )
    return dict(rows.fetchall())


def importances_for(connection: sqlite3.Connection, source_id: str) -> Importances | None:
    """What the predictions of the champion hang on that predicted a file of that source last; None where there is none, or that was
    not told.
    """
    found = champion_that_predicts(connection, source_id)
    columns = {} if found is None else importances_of_version(connection, found[0])
    return Importances(found[1], columns) if found is not None and columns else None


def expected_on(connection: sqlite3.Connection, source_id: str, file: str) -> tuple[str, QualityChunk] | None:
    """How the champion does on a file of a source that it predicted, and the words that name it; None where that is not told."""
    champion = champion_that_predicts(connection, source_id)
    if champion is None:
        return None
    rows = connection.execute(
        "SELECT hash FROM source_file WHERE source_id = ? AND path = ? ORDER BY id DESC LIMIT 1", (source_id, file)
    ).fetchall()
    chunk = connection.execute(
        f"{_CHUNK} WHERE version_id = ? AND unit = ? AND file_hash = ?",
        (champion[0], ONE_FILE, rows[0][0] if rows else ""),
    ).fetchone()
    return None if chunk is None else (champion[1], _chunk(chunk))


def champion_that_predicts(connection: sqlite3.Connection, source_id: str) -> tuple[str, str] | None:
    """The id of the version that is a champion now and predicted a file of that source last, and the words that name it."""
    row = connection.execute(
        "SELECT v.id, m.name, v.number FROM prediction_batch AS b JOIN model_version AS v ON v.id = b.version_id"
        " JOIN model AS m ON m.id = v.model_id"
        " JOIN model_alias AS a ON a.model_id = v.model_id AND a.version = v.number AND a.alias = ?"
        " WHERE b.source_id = ? ORDER BY b.id DESC LIMIT 1",
        (CHAMPION, source_id),
    ).fetchone()
    return None if row is None else (str(row[0]), f"{row[1]}:{row[2]}")


def champions_that_predict(connection: sqlite3.Connection) -> list[str]:
    """The ids of the versions that are the champion now and have predicted a file of which it is kept what was said."""
    rows = connection.execute(
        "SELECT v.id FROM model_alias AS a JOIN model_version AS v ON v.model_id = a.model_id AND v.number = a.version"
        " WHERE a.alias = ? AND EXISTS (SELECT 1 FROM prediction_batch AS b WHERE b.version_id = v.id AND b.log IS NOT NULL)"
        " ORDER BY v.id",
        (CHAMPION,),
    )
    return [version_id for (version_id,) in rows]


def champions_with_shadow(connection: sqlite3.Connection) -> list[str]:
    """The ids of the versions that are the champion now and have predicted a file with another one in the shadow."""
    rows = connection.execute(
        "SELECT v.id FROM model_alias AS a JOIN model_version AS v ON v.model_id = a.model_id AND v.number = a.version"
        " WHERE a.alias = ? AND EXISTS (SELECT 1 FROM prediction_batch AS b WHERE b.version_id = v.id AND b.shadow IS NOT NULL)"
        " ORDER BY v.id",
        (CHAMPION,),
    )
    return [version_id for (version_id,) in rows]


def labels_with(connection: sqlite3.Connection, target: str) -> dict[str, int]:
    """The sources of labels that have a column of that name and tell their rows by an id: the newest version of each by its id."""
    rows = connection.execute(
        "SELECT s.id, s.version FROM source AS s WHERE s.role = ? AND s.archived IS NULL AND s.version > 0"
        " AND s.id_column IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(s.kinds) AS k WHERE k.key = ?)"
        " AND EXISTS (SELECT 1 FROM source_file AS f WHERE f.source_id = s.id AND f.state = ?) ORDER BY s.id",
        (LABELS, target, TAKEN_IN),
    )
    return dict(rows.fetchall())


def was_tried(connection: sqlite3.Connection, kind: str, version_id: str, seen: str) -> bool:
    """Whether a job of that kind was started for that version and what was there then, unless nobody saw its end."""
    row = connection.execute(
        "SELECT 1 FROM job WHERE kind = ? AND state <> 'lost' AND json_extract(spec, '$.version_id') = ?"
        " AND json_extract(spec, '$.seen') = ? LIMIT 1",
        (kind, version_id, seen),
    ).fetchone()
    return row is not None
