"""Prediction logs joined with labels by their ids, in the engine: what a champion and its shadow said of rows whose truth is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq

from mlops_tui.core.clock import FORMAT
from mlops_tui.data.engine.casting import literal, quoted
from mlops_tui.data.engine.reading import locked_connection, open_file
from mlops_tui.data.engine.tables import Member, members_of
from mlops_tui.data.query import get_source
from mlops_tui.registry.engine.gates.judged import MOST_ROWS
from mlops_tui.registry.engine.labels import label_key
from mlops_tui.registry.model import Signature
from mlops_tui.serving.engine.log import ID, ROW, SHADOW, TIME, score_names
from mlops_tui.store.artifact import place
from mlops_tui.store.store import Store

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows that two versions predicted and that have a label, `compared` of them: `truth` as class codes or numbers, shape (n,),
    what each `said`, shape (n, k) or (n,). The counts are of all rows, as `monitoring.quality_model.Outcome` has them; `files` could be read,
    `with_id` rows have one.
    """

    files: int
    rows: int
    with_id: int
    labelled: int
    conflicting: int
    strange: int
    unknown: int
    truth: Array
    said: Array
    shadow: Array


def labelled_rows(store: Store, signature: Signature, logs: Sequence[str], labels: Sequence[str]) -> Labelled:
    """Joins the logs (sha256, the oldest first) with the newest versions of the sources of labels of those ids.

    A row whose id was predicted again counts as the newest file has it. One with different labels, or with one that the model does
    not know, is counted and left out; at most `MOST_ROWS` are compared, always the same ones.

    Raises:
        DataError: a file of the labels is gone, was changed, or cannot be read.
    """
    read = [path for path in (place(store.workspace, log) for log in logs) if _has_shadow(path)]
    names = [name for score in score_names(signature) for name in (score, SHADOW + score)]
    with _with_labels(store, signature, read, labels, names) as con:
        return _joined(con, signature, len(read))


@dataclass(frozen=True, slots=True)
class Predicted:
    """Rows of one log or period, drawn where there are more than `MOST_ROWS`: what was `said` of them, shape (n, k) or (n,), and their `truth`,
    shape (n,): class codes or numbers, NaN where there is no label that the model knows; `places` are their places in the files, from 0
    on, and `files` the numbers of these among the logs. Of all of its `rows` so many are `labelled`; `first` and `last` are their moments (ISO 8601, UTC), None without a time.
    """

    rows: int
    labelled: int
    first: str | None
    last: str | None
    said: Array
    truth: Array
    places: Array
    files: Array


class PredictedLogs:
    """The logs that are left, each with the labels that there are for the ids of its rows."""

    def __init__(self, con: duckdb.DuckDBPyConnection, signature: Signature, logs: Sequence[str]) -> None:
        self._con = con
        self._signature = signature
        self.numbers = {log: number for number, log in enumerate(logs)}
        self._marks = self._marks_by("file")

    def __contains__(self, log: str) -> bool:
        return log in self.numbers

    def _marks_by(self, part: str) -> dict[Any, str]:
        """A text for each part that is the same one as long as its rows and their labels are."""
        found = self._con.sql(
            f"SELECT {part} AS part, concat_ws(' ', count(*), count(label), bit_xor(hash(key, label, is_torn)))"
            " FROM said LEFT JOIN labels USING (key) GROUP BY part ORDER BY part"
        )
        return dict(found.fetchall())

    def mark(self, log: str) -> str:
        """A text that is the same one as long as the log's rows and their labels are."""
        return str(self._marks.get(self.numbers[log], ""))

    def rows(self, log: str) -> Predicted:
        """Its rows; one whose id was predicted again counts in the newest log that has it."""
        return _where(self._con, self._signature, f"file = {self.numbers[log]}")

    def periods(self, unit: str) -> dict[date, str]:
        """The days with which the periods of that unit begin in which there are rows, and a text for each that is the same one as long
        as its rows and their labels are. Rows without a time are of none.
        """
        return {first: mark for first, mark in self._marks_by(_begin_of(unit)).items() if first is not None}

    def rows_of(self, unit: str, first: date) -> Predicted:
        """The rows of the period of that unit that begins with that day."""
        return _where(self._con, self._signature, f"{_begin_of(unit)} = DATE '{first}'")


def _begin_of(unit: str) -> str:
    return f"CAST(date_trunc('{unit}', time) AS DATE)"


@contextmanager
def predicted_logs(
    store: Store, signature: Signature, logs: Sequence[str], labels: Sequence[str]
) -> Iterator[PredictedLogs]:
    """Those of these logs (sha256, the oldest first) that are left, joined with the newest versions of the sources of labels of those
    ids.

    Raises:
        DataError: a file of the labels is gone, was changed, or cannot be read.
    """
    there = {log: path for log in logs if (path := place(store.workspace, log)).exists()}
    with _with_labels(store, signature, list(there.values()), labels, score_names(signature)) as con:
        yield PredictedLogs(con, signature, list(there))


@contextmanager
def _with_labels(
    store: Store, signature: Signature, logs: Sequence[Path], labels: Sequence[str], names: Sequence[str]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the tables `said`, of these columns of the logs, and `labels`."""
    files = [
        _label_file(member, source_id, store, signature)
        for source_id in labels
        for member in _members(store, source_id)
    ]
    paths = [*logs, *(member.path for member, _ in files)]
    with locked_connection(paths, {member.path: member.options for member, _ in files}) as con:
        con.execute(f"CREATE TEMP TABLE said AS {_said_sql(logs, names)}")
        con.execute(f"CREATE TEMP TABLE labels AS {_labels_sql([sql for _, sql in files if sql], signature)}")
        yield con


def _where(con: duckdb.DuckDBPyConnection, signature: Signature, condition: str) -> Predicted:
    scores = score_names(signature)
    known = _known(signature)
    rows, labelled, first, last = con.sql(
        f"SELECT count(*), count(*) FILTER (NOT is_torn AND {known}), min(time), max(time)"
        f" FROM said LEFT JOIN labels USING (key) WHERE {condition}"
    ).fetchall()[0]
    names = ", ".join(map(quoted, scores))
    found = con.sql(
        f"SELECT CASE WHEN NOT is_torn AND {known} THEN label END AS label, file, place, {names} FROM said LEFT JOIN labels USING (key)"
        f" WHERE {condition} ORDER BY hash(place, key), file, place LIMIT {MOST_ROWS}"
    ).fetchnumpy()
    said = _scores([np.asarray(found[name], dtype=float) for name in scores], signature)
    places = np.asarray(found["place"], dtype=np.int64) - 1
    truth = _truth_or_nan(found["label"], signature)
    files = np.asarray(found["file"], dtype=np.int64)
    return Predicted(rows, labelled, _moment(first), _moment(last), said, truth, places, files)


def _moment(found: datetime | None) -> str | None:
    return None if found is None else found.strftime(FORMAT)


def _truth_or_nan(labels: Array, signature: Signature) -> Array:
    """Class codes or numbers, NaN where there is none."""
    there = ~np.ma.getmaskarray(labels)
    truth = np.full(len(labels), np.nan)
    truth[there] = _truth(np.ma.getdata(labels)[there], signature)
    return truth


def _known(signature: Signature) -> str:
    """The condition on a label that the model knows."""
    if not signature.is_classifier:
        return "label IS NOT NULL"
    return f"label IN ({', '.join(literal(label_key(label)) for label in signature.classes)})"


def _members(store: Store, source_id: str) -> list[Member]:
    return members_of(store, get_source(store.reader, source_id))[1]


def _has_shadow(path: Path) -> bool:
    """Whether a log is there still and has what a shadow said; logs of before it was kept have not."""
    return path.exists() and any(name.startswith(SHADOW) for name in pq.read_schema(path).names)


def _label_file(member: Member, source_id: str, store: Store, signature: Signature) -> tuple[Member, str]:
    """A file of labels with the query for its keys and labels; an empty one where it lacks a column."""
    id_column = get_source(store.reader, source_id).id_column or ""
    options, kinds = member.options, dict(member.kinds)
    with open_file(member.path, options, kinds, leave_out_bad_rows=True, is_known=member.rows is not None) as file:
        types = {column.name: column.dtype for column in file.shape.columns}
        if id_column not in types or signature.target not in types:
            return member, ""
        label = _label(quoted(signature.target), types[signature.target], signature)
        return member, f"SELECT {_key(quoted(id_column))} AS key, {label} AS label FROM {file.sql}"


def _key(value: str) -> str:
    """An id as text; one that a missing value beside it has made a fraction is a whole number."""
    return f"regexp_replace(CAST({value} AS VARCHAR), '^(-?[0-9]+)[.]0$', '\\1')"


def _label(value: str, dtype: str, signature: Signature) -> str:
    """A label as `label_key` knows it again, or a number."""
    if not signature.is_classifier:
        return f"TRY_CAST({value} AS DOUBLE)"
    if dtype == "BOOLEAN":
        return f"CASE WHEN {value} THEN 'True' WHEN NOT {value} THEN 'False' END"
    return _key(value)


def _said_sql(logs: Sequence[Path], names: Sequence[str]) -> str:
    """Each row as the newest file that has its id says; rows without an id stay, and are joined with nothing."""
    columns = ", ".join(f"CAST({quoted(name)} AS DOUBLE) AS {quoted(name)}" for name in names)
    parts = []
    for number, path in enumerate(logs):
        there = pq.read_schema(path).names
        key = _key(ID) if ID in there else "CAST(NULL AS VARCHAR)"
        time = TIME if TIME in there else "CAST(NULL AS TIMESTAMP)"
        file = f"read_parquet({literal(str(path))})"
        parts.append(f"SELECT {key} AS key, {number} AS file, {ROW} AS place, {time} AS time, {columns} FROM {file}")
    if not parts:
        nothing = ", ".join(f"CAST(NULL AS DOUBLE) AS {quoted(name)}" for name in names)
        places = "0 AS file, 0 AS place, CAST(NULL AS TIMESTAMP) AS time"
        return f"SELECT CAST(NULL AS VARCHAR) AS key, {places}, {nothing} LIMIT 0"
    newest = "row_number() OVER (PARTITION BY key ORDER BY file DESC, place DESC) = 1"
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) QUALIFY key IS NULL OR {newest}"


def _labels_sql(parts: Sequence[str], signature: Signature) -> str:
    """A label for each id, and whether there are different ones."""
    kind = "VARCHAR" if signature.is_classifier else "DOUBLE"
    nothing = f"SELECT CAST(NULL AS VARCHAR) AS key, CAST(NULL AS {kind}) AS label LIMIT 0"
    there = "isfinite(label)" if not signature.is_classifier else "label IS NOT NULL"
    return (
        "SELECT key, min(label) AS label, min(label) <> max(label) AS is_torn FROM"
        f" ({' UNION ALL '.join(parts) or nothing}) WHERE key IS NOT NULL AND {there} GROUP BY key"
    )


def _joined(con: duckdb.DuckDBPyConnection, signature: Signature, files: int) -> Labelled:
    scores = score_names(signature)
    known = _known(signature)
    both = "said JOIN labels USING (key)"
    rows, with_id = _numbers(con, "SELECT count(*), count(key) FROM said")
    labelled, torn, strange = _numbers(
        con,
        f"SELECT count(*) FILTER (NOT is_torn AND {known}), count(*) FILTER (is_torn),"
        f" count(*) FILTER (NOT is_torn AND NOT {known}) FROM {both}",
    )
    (unknown,) = _numbers(con, "SELECT count(*) FROM labels ANTI JOIN said USING (key)")
    finite = " AND ".join(f"{quoted(SHADOW + name)} IS NOT NULL" for name in scores)
    names = ", ".join(quoted(name) for name in (*scores, *(SHADOW + name for name in scores)))
    found = con.sql(
        f"SELECT label, {names} FROM {both} WHERE NOT is_torn AND {known} AND {finite} ORDER BY hash(key), key LIMIT {MOST_ROWS}"
    ).fetchnumpy()
    return Labelled(
        files,
        rows,
        with_id,
        labelled,
        torn,
        strange,
        unknown,
        _truth(found["label"], signature),
        _scores([found[name] for name in scores], signature),
        _scores([found[SHADOW + name] for name in scores], signature),
    )


def _numbers(con: duckdb.DuckDBPyConnection, sql: str) -> list[int]:
    return [int(number) for number in con.sql(sql).fetchall()[0]]


def _truth(labels: Array, signature: Signature) -> Array:
    if not signature.is_classifier:
        return np.asarray(labels, dtype=float)
    places = {label_key(label): code for code, label in enumerate(signature.classes)}
    return np.array([places[label] for label in labels.tolist()], dtype=np.int64)


def _scores(columns: Sequence[Array], signature: Signature) -> Array:
    """Probabilities of shape (n, k) in the order of the classes, or numbers of shape (n,)."""
    if len(columns) > 1:
        return np.column_stack(columns)
    (only,) = (np.asarray(column, dtype=float) for column in columns)
    if not signature.is_classifier:
        return only
    shares = [1.0 - only, only]
    return np.column_stack(shares if signature.positive_code == 1 else shares[::-1])
