"""The names that files had in older versions: a file that was renamed in place keeps its row, and each version its names."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mlops_tui.data.model import GONE, SourceFile

Rename = tuple[int, str]
"""The last version in which a file had another name, and that name."""


def as_named(connection: sqlite3.Connection, source_id: str, files: Iterable[SourceFile]) -> Iterator[SourceFile]:
    """The files, one that was renamed in place once for each of its names, with the versions in which it had that."""
    renames = _renames(connection, source_id)
    for file in files:
        yield from named(file, renames.get(file.id, ()))


def named(file: SourceFile, renames: Sequence[Rename]) -> Iterator[SourceFile]:
    """The file under each name that it had in a version, by its renames in their order; the last name is its own."""
    since = file.since_version
    for last, old in renames:
        if since is not None and since <= last:
            yield replace(file, path=old, state=GONE, since_version=since, until_version=last + 1)
            since = last + 1
    if since is None or since != file.until_version:
        yield replace(file, since_version=since)


def _renames(connection: sqlite3.Connection, source_id: str) -> dict[str, list[Rename]]:
    rows = connection.execute(
        "SELECT subject_id, json_extract(before, '$.version'), json_extract(before, '$.path') FROM event"
        " WHERE verb = 'renamed' AND subject_kind = 'file' AND json_extract(before, '$.version') IS NOT NULL"
        " AND subject_id IN (SELECT id FROM source_file WHERE source_id = ?) ORDER BY rowid",
        (source_id,),
    )
    found: dict[str, list[Rename]] = {}
    for file_id, last, old in rows:
        found.setdefault(file_id, []).append((last, old))
    return found
