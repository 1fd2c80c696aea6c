"""What is read of runs: a sorted and filtered page with its parameters and metrics, one run, the points of a curve."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.runs.artifact import Artifact
from mlops_tui.runs.expression import COLUMNS, Name
from mlops_tui.runs.input import Input
from mlops_tui.runs.model import RUNNING, Point, Run, restored
from mlops_tui.runs.where import SPAN_SQL, field, matching
from mlops_tui.store.select import find_one

FIELDS = (
    *("id", "name", "experiment", "status", "origin", "study_id", "started", "ended"),
    *("pid", "pid_started", "host", "home", "note", "archived"),
    *("parent", "job_id", "command", "script", "script_hash", "commit_hash", "branch", "is_dirty"),
)
RUN = ", ".join(f"run.{name}" for name in FIELDS)
NAMES = {
    "study": "(SELECT name FROM study WHERE study.id = run.study_id)",
    "parent_name": "(SELECT name FROM run AS above WHERE above.id = run.parent)",
}
"""What is called by a name in another row."""
NEWEST = 2_000
RECENT = f"(SELECT id FROM run WHERE archived IS NULL ORDER BY started DESC LIMIT {NEWEST})"
"""What has no index is looked for in so many of the newest runs."""
SORTED = {
    "metrics": ("run_metric", ("value",)),
    "params": ("run_param", ("number", "value")),
    "tags": ("run_tag", ("value",)),
}
"""Where the values of a key are, and by what they are sorted; a parameter as a number where it is one."""
DEEP = 1_000
"""A page so far down is read from the end that is nearer."""


def page(
    connection: sqlite3.Connection,
    *,
    where: str | None = None,
    sort: str | None = None,
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
    deleted: bool = False,
) -> list[Run]:
    """The runs that match `where`, by `sort`: a column, `metrics.KEY`, `params.KEY` or `tags.KEY`; the newest first
    where none is named. Runs without the key, or whose metric is NaN, come last in either direction.

    Raises:
        UsageError: a query that cannot be read, or a column that does not exist.
    """
    name = field(sort) if sort else Name("", "started")
    condition_sql, bound = matching(where, deleted=deleted)
    if name.table:
        ids = _by_key(connection, name, (condition_sql, bound), descending, limit, offset)
    else:
        way = "DESC" if descending else "ASC"
        column = f"({SPAN_SQL[name.key]})" if name.key in SPAN_SQL else f"run.{COLUMNS[name.key]}"
        ids = _ids(
            connection.execute(
                f"SELECT run.id FROM run WHERE {condition_sql}"
                f" ORDER BY {column} {way} NULLS LAST, run.rowid {way} LIMIT ? OFFSET ?",
                (*bound, limit, offset),
            )
        )
    return _read(connection, ids)


def _by_key(
    connection: sqlite3.Connection,
    name: Name,
    matches: tuple[str, list[Any]],
    descending: bool,
    limit: int,
    offset: int,
) -> list[str]:
    """First the runs that have the key, along its index, then the rest, the newest first."""
    table, columns = SORTED[name.table]
    condition_sql, bound = matches
    # CROSS JOIN keeps SQLite on the key's index, where the order is found instead of made.
    having = (
        f"FROM {table} AS sorting CROSS JOIN run ON run.id = sorting.run_id"
        f" WHERE sorting.key = ? AND sorting.value IS NOT NULL AND {condition_sql}"
    )
    lacking = (
        f"FROM run WHERE {condition_sql}"
        f" AND NOT EXISTS (SELECT 1 FROM {table} WHERE run_id = run.id AND key = ? AND value IS NOT NULL)"
    )
    along = [(f"sorting.{column}", descending) for column in (*columns, "run_id")]
    newest = [("run.started", True), ("run.rowid", True)]
    ids = _part(connection, having, (name.key, *bound), along, limit, offset) if offset < DEEP else []
    if ids or not offset:
        with_key = offset + len(ids)
    else:
        with_key = connection.execute(f"SELECT count(*) {having}", (name.key, *bound)).fetchone()[0]
        ids = _near(connection, having, (name.key, *bound), along, limit, offset, with_key)
    if len(ids) == limit:
        return ids
    rest = max(0, offset - with_key)
    if rest < DEEP:
        return ids + _part(connection, lacking, (*bound, name.key), newest, limit - len(ids), rest)
    whole = connection.execute(f"SELECT count(*) FROM run WHERE {condition_sql}", bound).fetchone()[0]
    return ids + _near(connection, lacking, (*bound, name.key), newest, limit - len(ids), rest, whole - with_key)


Ordering = Sequence[tuple[str, bool]]
"""Columns, and whether the greatest is first."""


def _part(
    connection: sqlite3.Connection, source: str, bound: Sequence[Any], by: Ordering, limit: int, offset: int
) -> list[str]:
    order = ", ".join(f"{column} {'DESC' if descending else 'ASC'}" for column, descending in by)
    query = f"SELECT run.id {source} ORDER BY {order} LIMIT ? OFFSET ?"
    return _ids(connection.execute(query, (*bound, limit, offset)))


def _near(
    connection: sqlite3.Connection,
    source: str,
    bound: Sequence[Any],
    by: Ordering,
    limit: int,
    offset: int,
    whole: int,
) -> list[str]:
    """A page of so many in all, read backwards where the end is nearer."""
    limit = min(limit, whole - offset)
    if limit <= 0:
        return []
    if offset < whole // 2:
        return _part(connection, source, bound, by, limit, offset)
    backwards = [(column, not descending) for column, descending in by]
    return _part(connection, source, bound, backwards, limit, whole - offset - limit)[::-1]


def count(connection: sqlite3.Connection, where: str | None = None) -> int:
    """How many runs match.

    Raises:
        UsageError: a query that cannot be read.
    """
    condition_sql, bound = matching(where)
    return int(connection.execute(f"SELECT count(*) FROM run WHERE {condition_sql}", bound).fetchone()[0])


def find_run(connection: sqlite3.Connection, selector: str) -> Run:
    """The run of that name, or whose id has that part.

    Raises:
        UnknownName: there is none.
        AmbiguousName: several fit.
    """
    try:
        return get_run(connection, find_one(connection, "run", selector, "run", where="archived IS NULL"))
    except UnknownName:
        try:
            gone = find_deleted(connection, selector)
        except UsageError:
            gone = None
        if gone is None:
            raise
        raise UnknownName(
            f"Run '{printable(selector)}' was deleted.", f"Bring it back with: mlops-tui runs restore {gone.id}"
        ) from None


def find_deleted(connection: sqlite3.Connection, selector: str) -> Run:
    """The deleted run of that name, or whose id has that part.

    Raises:
        UnknownName: there is none.
        AmbiguousName: several fit.
    """
    return get_run(connection, find_one(connection, "run", selector, "deleted run", where="archived IS NOT NULL"))


def last_deleted(connection: sqlite3.Connection) -> list[str]:
    """The ids of the runs that were deleted last, all at once; none where none is deleted."""
    return _ids(connection.execute("SELECT id FROM run WHERE archived = (SELECT max(archived) FROM run)"))


def get_run(connection: sqlite3.Connection, run_id: str) -> Run:
    """The run of that id, archived or not."""
    return _read(connection, [run_id])[0]


def runs_of(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Run]:
    """The runs of these ids, in this order; what is not there, or is archived, is left out."""
    chosen = json.dumps(list(ids))
    there = connection.execute(
        "SELECT id FROM run WHERE id IN (SELECT value FROM json_each(?)) AND archived IS NULL", (chosen,)
    )
    known = set(_ids(there))
    return _read(connection, [run_id for run_id in ids if run_id in known])


def running(connection: sqlite3.Connection) -> list[Run]:
    """The runs that say they are running, without their parameters and metrics."""
    rows = connection.execute(f"SELECT {RUN} FROM run WHERE status = ?", (RUNNING,))
    return [Run(**dict(zip(FIELDS, row, strict=True)), params={}, metrics={}, tags={}) for row in rows]


def points(connection: sqlite3.Connection, run_id: str, key: str, after_step: int | None = None) -> list[Point]:
    """The points of a curve in the order of their steps; those beyond `after_step` where it is given."""
    beyond, bound = ("", ()) if after_step is None else (" AND step > ?", (after_step,))
    rows = connection.execute(
        f"SELECT step, at, value, special FROM run_point WHERE run_id = ? AND key = ?{beyond} ORDER BY step",
        (run_id, key, *bound),
    )
    return [Point(step, at, restored(value, special)) for step, at, value, special in rows]


def metric_keys(connection: sqlite3.Connection) -> list[str]:
    """The names of all metrics, sorted."""
    return _keys(connection, "run_metric")


def param_keys(connection: sqlite3.Connection) -> list[str]:
    """The names of all parameters, sorted."""
    return _keys(connection, "run_param")


def tag_keys(connection: sqlite3.Connection) -> list[str]:
    """The names of the tags of the newest runs, sorted."""
    rows = connection.execute(f"SELECT DISTINCT key FROM run_tag WHERE run_id IN {RECENT} ORDER BY key")
    return _ids(rows)


def unknown(connection: sqlite3.Connection, names: Sequence[Name]) -> list[Name]:
    """Those parameters, metrics and tags that no run has."""
    return [
        name
        for name in names
        if name.table
        and not connection.execute(
            f"SELECT 1 FROM {SORTED[name.table][0]} WHERE key = ? LIMIT 1", (name.key,)
        ).fetchone()
    ]


def _keys(connection: sqlite3.Connection, table: str) -> list[str]:
    # One index seek a key: SELECT DISTINCT would read every row of every run.
    rows = connection.execute(
        f"WITH RECURSIVE found (key) AS (SELECT min(key) FROM {table} UNION ALL"
        f" SELECT (SELECT min(key) FROM {table} WHERE key > found.key) FROM found WHERE found.key IS NOT NULL)"
        " SELECT key FROM found WHERE key IS NOT NULL"
    )
    return _ids(rows)


def _ids(rows: Iterable[tuple[str]]) -> list[str]:
    return [row[0] for row in rows]


def _read(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Run]:
    """The runs of these ids, in this order."""
    chosen = (json.dumps(list(ids)),)
    wanted = "IN (SELECT value FROM json_each(?))"
    params: dict[str, dict[str, str | int | float]] = defaultdict(dict)
    metrics: dict[str, dict[str, float]] = defaultdict(dict)
    tags: dict[str, dict[str, str]] = defaultdict(dict)
    for run_id, key, text, number in connection.execute(
        f"SELECT run_id, key, value, number FROM run_param WHERE run_id {wanted} ORDER BY run_id, key", chosen
    ):
        params[run_id][key] = _param(text, number)
    for run_id, key, value, special in connection.execute(
        f"SELECT run_id, key, value, special FROM run_metric WHERE run_id {wanted} ORDER BY run_id, key", chosen
    ):
        metrics[run_id][key] = restored(value, special)
    for run_id, key, text in connection.execute(
        f"SELECT run_id, key, value FROM run_tag WHERE run_id {wanted} ORDER BY run_id, key", chosen
    ):
        tags[run_id][key] = text
    named = ", ".join(NAMES.values())
    rows = {row[0]: row for row in connection.execute(f"SELECT {RUN}, {named} FROM run WHERE id {wanted}", chosen)}
    return [
        Run(
            **dict(zip((*FIELDS, *NAMES), rows[run_id], strict=True)),
            params=params[run_id],
            metrics=metrics[run_id],
            tags=tags[run_id],
        )
        for run_id in ids
    ]


def _param(text: str, number: float | None) -> str | int | float:
    if number is None:
        return text
    try:
        return int(text)
    except ValueError:
        return number


def count_runs_of_study(connection: sqlite3.Connection, study_id: str) -> int:
    """How many runs belong to a study."""
    return int(connection.execute("SELECT count(*) FROM run WHERE study_id = ?", (study_id,)).fetchone()[0])


def why_ended(connection: sqlite3.Connection, run: Run) -> str | None:
    """The reason that was written down when the run ended as it did; None where there is none."""
    row = connection.execute(
        "SELECT why FROM event WHERE subject_id = ? AND verb = ? ORDER BY rowid DESC LIMIT 1", (run.id, run.status)
    ).fetchone()
    return row[0] if row else None


def runs_within(connection: sqlite3.Connection, run_id: str) -> list[tuple[str, str, str]]:
    """Id, name and status of the runs that were started within this one, the oldest first."""
    rows = connection.execute("SELECT id, name, status FROM run WHERE parent = ? ORDER BY id", (run_id,))
    return rows.fetchall()


def artifacts_of(connection: sqlite3.Connection, run_id: str) -> list[Artifact]:
    """The files of a run, by name."""
    rows = connection.execute(
        "SELECT name, hash, size, kind FROM run_artifact WHERE run_id = ? ORDER BY name", (run_id,)
    )
    return [Artifact(*row) for row in rows]


def find_artifact(connection: sqlite3.Connection, run: Run, name: str) -> Artifact:
    """The file of that name. Raises UnknownName."""
    found = artifacts_of(connection, run.id)
    for artifact in found:
        if artifact.name == name:
            return artifact
    there = ", ".join(printable(artifact.name) for artifact in found) or "none"
    raise UnknownName(f"Run {printable(run.name)} has no artifact '{printable(name)}'.", f"It has: {there}.")


def inputs_of(connection: sqlite3.Connection, run_id: str) -> list[Input]:
    """The data that a run was given, in the order in which it was."""
    rows = connection.execute(
        "SELECT name, role, kind, hash, rows, columns, path FROM run_input WHERE run_id = ? ORDER BY position",
        (run_id,),
    )
    return [
        Input(name, role, kind, found, count, json.loads(columns), path)
        for name, role, kind, found, count, columns, path in rows
    ]


def sources_with(connection: sqlite3.Connection, content: str) -> list[str]:
    """The names of the sources that know a file of that content."""
    rows = connection.execute(
        "SELECT DISTINCT s.name FROM source_file f JOIN source s ON s.id = f.source_id WHERE f.hash = ? ORDER BY s.name",
        (content,),
    )
    return _ids(rows)


def usage_keys(connection: sqlite3.Connection, run_id: str) -> list[str]:
    """The curves of what the run took of the machine."""
    query = "SELECT DISTINCT key FROM run_point WHERE run_id = ? AND key GLOB 'usage/*'"
    return sorted(_ids(connection.execute(query, (run_id,))))


def log_of_run(connection: sqlite3.Connection, run: Run) -> str | None:
    """The name of the file in the workspace's logs that a command's output is in; None where the run is no command."""
    row = connection.execute("SELECT log FROM job WHERE id = ?", (run.job_id,)).fetchone()
    return row[0] if row else None
