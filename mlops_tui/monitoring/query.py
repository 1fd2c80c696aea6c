"""What is read of drift reports, of champions beside the one before, and of alerts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.errors import UnknownName
from mlops_tui.core.ids import looks_like_part
from mlops_tui.core.printable import printable
from mlops_tui.data.model import LABELS, TAKEN_IN
from mlops_tui.monitoring.alert import WAITING, Alert, Delivery, Mute, Subject
from mlops_tui.monitoring.detail import Since
from mlops_tui.monitoring.model import (
    DRIFT,
    STEADY,
    ChunkHead,
    ColumnDrift,
    DriftReport,
    Figure,
    HeatMap,
    Importances,
    Outcome,
    Pinned,
    QualityChunk,
    Tile,
)
from mlops_tui.monitoring.multivariate import Multivariate
from mlops_tui.monitoring.window import ONE_FILE, WINDOW
from mlops_tui.registry.model import CHAMPION

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


def _head(row: Any) -> ReportHead:
    values = list(row)
    values[6], values[-1] = _verdict(values[6]), tuple(json.loads(values[-1]))
    return ReportHead(*values)


# ── a champion beside the one before ─────────────────────────────────────────────────────────────────────────────────


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


# ── alerts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_MOVED = "a.ended IS NULL AND a.revision <> m.revision"
"""An alert about a champion has ended once the champion moves, whether or not somebody has written that down."""
_OPEN = "a.ended IS NULL AND (a.revision IS NULL OR m.revision IS NULL OR a.revision = m.revision)"
_MUTE = "(SELECT u.\"column\" FROM alert_mute AS u WHERE u.subject_id = a.subject_id AND u.lifted IS NULL AND (u.until IS NULL OR u.until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))"
_MUTED = (
    f"(EXISTS (SELECT 1 FROM {_MUTE} AS w WHERE w.\"column\" IS NULL) OR (coalesce(json_array_length(a.evidence, '$.columns'), 0) > 0"
    f" AND NOT EXISTS (SELECT 1 FROM json_each(a.evidence, '$.columns') AS c WHERE c.value NOT IN {_MUTE})))"
)
"""All that the alert is about is muted: its subject, or each of the columns that it names."""
_ALERT = (
    "SELECT a.id, a.kind, a.subject_kind, a.subject_id, a.subject_name, a.severity, a.sentence, a.remedy, a.evidence,"
    f" a.since, a.seen, a.times, CASE WHEN {_MOVED} THEN m.moved ELSE a.ended END,"
    f" CASE WHEN {_MOVED} THEN 'the champion is version ' || m.version || ' now' ELSE a.why_ended END,"
    f" a.acknowledged, a.acknowledged_by, a.acknowledged_why, {_MUTED}"
)
_ALERTS = (
    " FROM alert AS a LEFT JOIN model_alias AS m"
    f" ON a.subject_kind = 'model' AND m.model_id = a.subject_id AND m.alias = '{CHAMPION}'"
)


def list_alerts(
    connection: sqlite3.Connection, *, with_ended: bool = False, limit: int = 50, offset: int = 0
) -> list[Alert]:
    """The open alerts, the newest first; with those that have ended where they are asked for."""
    where = "true" if with_ended else _OPEN
    rows = connection.execute(f"{_ALERT}{_ALERTS} WHERE {where} ORDER BY a.id DESC LIMIT ? OFFSET ?", (limit, offset))
    return [_alert(row) for row in rows]


def alerts_about(connection: sqlite3.Connection, subject_id: str) -> list[Alert]:
    """The open alerts about one thing, the newest first."""
    rows = connection.execute(f"{_ALERT}{_ALERTS} WHERE {_OPEN} AND a.subject_id = ? ORDER BY a.id DESC", (subject_id,))
    return [_alert(row) for row in rows]


def alerts_to_see(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> list[Alert]:
    """The open alerts that nobody has acknowledged and that are not muted, the newest first."""
    rows = connection.execute(
        f"{_ALERT}{_ALERTS} WHERE {_OPEN} AND a.acknowledged IS NULL AND NOT {_MUTED} ORDER BY a.id DESC LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [_alert(row) for row in rows]


def count_alerts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many are `open`, how many of these were `acknowledged`, and how many of the others are `muted`."""
    row = connection.execute(
        f"SELECT count(*), count(a.acknowledged), coalesce(sum(a.acknowledged IS NULL AND {_MUTED}), 0){_ALERTS} WHERE {_OPEN}"
    ).fetchone()
    return {"open": int(row[0]), "acknowledged": int(row[1]), "muted": int(row[2])}


def open_alert(connection: sqlite3.Connection, kind: str, subject_id: str) -> Alert | None:
    """The open alert of that kind about that; None where there is none."""
    row = connection.execute(
        f"{_ALERT}{_ALERTS} WHERE {_OPEN} AND a.kind = ? AND a.subject_id = ? ORDER BY a.id DESC LIMIT 1",
        (kind, subject_id),
    ).fetchone()
    return None if row is None else _alert(row)


def moved_alerts(connection: sqlite3.Connection) -> list[Alert]:
    """Those that ended since the champion moved, which nobody has written down."""
    return [_alert(row) for row in connection.execute(f"{_ALERT}{_ALERTS} WHERE {_MOVED} ORDER BY a.id")]


def find_alert(connection: sqlite3.Connection, selector: str) -> Alert:
    """The alert with that part in its id, or about the thing of that name; where there are several, the open one.

    Raises:
        UnknownName: there is none, or several fit.
    """
    part = selector.upper() if looks_like_part(selector) else None
    rows = connection.execute(
        f"{_ALERT}{_ALERTS} WHERE a.subject_name = ? OR a.id LIKE ? OR a.id LIKE ? ORDER BY a.id DESC LIMIT 50",
        (selector, part and f"{part}%", part and f"%{part}"),
    )
    found = [_alert(row) for row in rows]
    there = [alert for alert in found if alert.is_open] or found[:1]
    if len(there) != 1:
        many = "There is no alert" if not there else "Several alerts are open for"
        raise UnknownName(f"{many} '{printable(selector)}'.", "See: mlops-tui alerts list")
    return there[0]


def _alert(row: Any) -> Alert:
    identifier, kind, *rest = row
    subject, (severity, sentence, remedy, evidence), others = Subject(*rest[:3]), rest[3:7], rest[7:-1]
    told = [identifier, kind, subject, severity, sentence, remedy, json.loads(evidence), *others, bool(rest[-1])]
    return Alert(*told)


_DELIVERY = "SELECT id, alert_id, moment, channel, state, tries, why, due, at FROM alert_delivery"


def deliveries_of(connection: sqlite3.Connection, alert_id: str) -> list[Delivery]:
    """How an alert was told, the first telling first."""
    rows = connection.execute(f"{_DELIVERY} WHERE alert_id = ? ORDER BY id", (alert_id,))
    return [Delivery(*row) for row in rows]


def waiting_deliveries(connection: sqlite3.Connection, *, limit: int = 50) -> list[Delivery]:
    """What is still to be told, what is due first."""
    rows = connection.execute(f"{_DELIVERY} WHERE state = ? ORDER BY due, id LIMIT ?", (WAITING, limit))
    return [Delivery(*row) for row in rows]


def list_mutes(connection: sqlite3.Connection, *, limit: int = 50, offset: int = 0) -> list[Mute]:
    """What is muted now, the newest first."""
    rows = connection.execute(
        'SELECT id, subject_kind, subject_id, subject_name, "column", until, why, muted_by, at FROM alert_mute'
        " WHERE lifted IS NULL AND (until IS NULL OR until > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
        " ORDER BY id DESC LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return [Mute(row[0], Subject(*row[1:4]), *row[4:]) for row in rows]


def _verdict(stored: int | None) -> bool | None:
    return None if stored is None else bool(stored)
