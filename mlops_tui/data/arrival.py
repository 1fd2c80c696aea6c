"""When a content came to a source: with the first file that ever had it. To release or to read it anew is no arrival."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Sequence

from mlops_tui.core.clock import from_seconds
from mlops_tui.core.ids import made_at
from mlops_tui.data.model import QUARANTINED, TAKEN_IN, SourceFile
from mlops_tui.data.query import FILE

TOGETHER = 1.0
"""A file that was quarantined so many seconds after the last one of a version came with it: one scan wrote both down."""

Rank = tuple[float, float, str]
"""The version that a content came with (one and a half: between the first and the second), when where it came with
none, and its path.
"""


def came_at(connection: sqlite3.Connection, files: Sequence[SourceFile]) -> dict[str, str]:
    """When the content of each of those files came to its source, by the file's id."""
    rows = connection.execute(
        "SELECT f.id, min(o.id) FROM source_file f JOIN source_file o ON o.source_id = f.source_id AND o.hash = f.hash"
        " WHERE f.hash <> '' AND f.id IN (SELECT value FROM json_each(?)) GROUP BY f.id",
        (json.dumps([file.id for file in files]),),
    )
    first = dict(rows.fetchall())
    return {file.id: from_seconds(made_at(first.get(file.id, file.id))) for file in files}


def newest_file(connection: sqlite3.Connection, source_id: str) -> SourceFile | None:
    """Of the files that are taken in, else of those that are quarantined, the one that came last; None where there is none."""
    for state in (TAKEN_IN, QUARANTINED):
        rows = connection.execute(
            "SELECT id, hash, path, since_version FROM source_file WHERE source_id = ? AND state = ?",
            (source_id, state),
        ).fetchall()
        if rows:
            ranks = _Ranks(connection, source_id)
            last = max(rows, key=lambda row: ranks.of(*row))
            row = connection.execute(f"SELECT {FILE} FROM source_file WHERE id = ?", (last[0],)).fetchone()
            return SourceFile(*row)
    return None


def by_arrival(connection: sqlite3.Connection, source_id: str, files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files of the source, that which came last at the end; those that came together, by path."""
    ranks = ranks_of(connection, source_id, files)
    return sorted(files, key=lambda file: ranks[file.id])


def came_last(
    connection: sqlite3.Connection, source_id: str, files: Sequence[SourceFile], number: int
) -> list[SourceFile]:
    """So many of the files that came last, in the order in which they were given."""
    last = {file.id for file in by_arrival(connection, source_id, files)[-number:]}
    return [file for file in files if file.id in last]


def ranks_of(connection: sqlite3.Connection, source_id: str, files: Sequence[SourceFile]) -> dict[str, Rank]:
    """What orders the files of the source by arrival, by the file's id."""
    ranks = _Ranks(connection, source_id)
    return {file.id: ranks.of(file.id, file.hash, file.path, file.since_version) for file in files}


def place_of(rank: Rank) -> str:
    """A rank as text that sorts as ranks do."""
    version, moment, path = rank
    return f"{version:012.1f} {moment:017.3f} {path}"


class _Ranks:
    """What tells which of a source's contents came earlier."""

    def __init__(self, connection: sqlite3.Connection, source_id: str) -> None:
        rows = connection.execute(  # beside min(id) stands the version of that row
            "SELECT hash, min(id), since_version FROM source_file WHERE source_id = ? AND hash <> '' GROUP BY hash",
            (source_id,),
        )
        self._first: dict[str, tuple[str, int | None]] = {content: (first, since) for content, first, since in rows}
        versions = connection.execute(
            "SELECT since_version, max(id) FROM source_file WHERE source_id = ? AND since_version IS NOT NULL"
            " GROUP BY since_version ORDER BY since_version",
            (source_id,),
        ).fetchall()
        self._numbers = [number for number, _ in versions]
        self._ends = [made_at(last) for _, last in versions]

    def of(self, file_id: str, content: str, path: str, since: int | None) -> Rank:
        first, version = self._first.get(content, (file_id, since))
        if version is not None:
            return version, 0.0, path
        moment = made_at(first)
        place = bisect_right(self._ends, moment)
        if place == 0:
            return 0.0, moment, path
        if moment - self._ends[place - 1] <= TOGETHER:
            return self._numbers[place - 1], 0.0, path
        return self._numbers[place - 1] + 0.5, moment, path
