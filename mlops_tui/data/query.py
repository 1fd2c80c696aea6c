"""What is read of sources, their files and versions."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mlops_tui.core.clock import from_seconds, to_seconds
from mlops_tui.core.errors import UnknownName
from mlops_tui.core.ids import made_at
from mlops_tui.core.printable import printable
from mlops_tui.data.adopting import Beside
from mlops_tui.data.history import as_named
from mlops_tui.data.model import (
    GONE,
    QUARANTINED,
    REPLACED,
    TAKEN_IN,
    FileFinding,
    Source,
    SourceFile,
    SourceVersion,
    key_of,
)
from mlops_tui.store.select import find_one

SOURCE = (
    "id, name, path, pattern, role, target, positive, time_column, id_column, group_column, kinds, roles, options,"
    " salt, held_out, version, created, archived, exclude, snapshot, accepted, slices, predict_with, predict_to,"
    " predict_after, matures_after"
)
FILE = (
    "id, source_id, path, hash, size, mtime_ns, rows, state, reason, check_name, row_number, column_name,"
    " since_version, until_version, seen_at, bad_rows, released, ctime_ns"
)
VERSION = "source_id, number, hash, created, files, rows, bytes, options, kinds, time_column"
FINDING = "file_id, position, check_name, severity, column_name, row_number, count, reason"
KEYS_AT_ONCE = 500
"""So many profiles are asked for at once."""
MEMBER = "source_id = ? AND since_version <= ? AND (until_version IS NULL OR until_version > ?)"


def list_sources(connection: sqlite3.Connection, *, limit: int = 1000, offset: int = 0) -> list[Source]:
    """The sources that are not archived, by name."""
    rows = connection.execute(
        f"SELECT {SOURCE} FROM source WHERE archived IS NULL ORDER BY name LIMIT ? OFFSET ?", (limit, offset)
    )
    return [_source(row) for row in rows]


def get_source(connection: sqlite3.Connection, source_id: str) -> Source:
    """The source of that id."""
    return _source(connection.execute(f"SELECT {SOURCE} FROM source WHERE id = ?", (source_id,)).fetchone())


def find_source(connection: sqlite3.Connection, selector: str) -> Source:
    """The source of that name or part of an id. Raises UnknownName, AmbiguousName."""
    return get_source(connection, find_one(connection, "source", selector, "source", where="archived IS NULL"))


def source_of(connection: sqlite3.Connection, text: str) -> str:
    """The id of the source that has that name, that part of an id, or a file of that id. Raises UnknownName,
    AmbiguousName.
    """
    row = connection.execute("SELECT source_id FROM source_file WHERE id = ?", (text,)).fetchone()
    return row[0] if row else find_source(connection, text).id


def source_names(connection: sqlite3.Connection, file_ids: Sequence[str]) -> dict[str, str]:
    """The name of the source of each of those files, by its id."""
    rows = connection.execute(
        "SELECT f.id, s.name FROM source_file f JOIN source s ON s.id = f.source_id"
        " WHERE f.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(file_ids)),),
    )
    return dict(rows.fetchall())


def list_versions(
    connection: sqlite3.Connection, source_id: str, *, limit: int = 50, offset: int = 0
) -> list[SourceVersion]:
    """The newest versions first."""
    rows = connection.execute(
        f"SELECT {VERSION} FROM source_version WHERE source_id = ? ORDER BY number DESC LIMIT ? OFFSET ?",
        (source_id, limit, offset),
    )
    return [_version(row) for row in rows]


def _version(row: tuple[Any, ...]) -> SourceVersion:
    source_id, number, content, created, files, rows, size, options, kinds, time_column = row
    return SourceVersion(
        source_id, number, content, created, files, rows, size, json.loads(options), json.loads(kinds), time_column
    )


def find_version(connection: sqlite3.Connection, source: Source, asked: int | str | None = None) -> SourceVersion:
    """That version of the source, by its number, `v3` or a tag; by default its newest. Raises UnknownName."""
    wanted = source.version if asked is None else _number(connection, source, asked)
    row = connection.execute(
        f"SELECT {VERSION} FROM source_version WHERE source_id = ? AND number = ?", (source.id, wanted)
    ).fetchone()
    if row:
        return _version(row)
    if source.version == 0:
        raise UnknownName(
            f"Source '{source.name}' has no version yet.", f"Take its files in with: mlops-tui data scan {source.name}"
        )
    raise UnknownName(f"Source '{source.name}' has no version {wanted}.", f"It has versions 1 to {source.version}.")


def _number(connection: sqlite3.Connection, source: Source, asked: int | str) -> int:
    if isinstance(asked, int):
        return asked
    tags = tags_of(connection, source.id)
    if asked in tags:
        return tags[asked]
    if asked.removeprefix("v").removeprefix("V").isdecimal():
        return int(asked[1:] if asked[0] in "vV" else asked)
    known = f"; its tags are {', '.join(tags)}" if tags else ""
    raise UnknownName(
        f"Source '{source.name}' has no version '{printable(asked)}'.",
        f"It has versions 1 to {source.version}{known}." if source.version else "It has none yet.",
    )


def list_files(
    connection: sqlite3.Connection, source_id: str, *, limit: int = 50, offset: int = 0, words: str = ""
) -> list[SourceFile]:
    """The files that are there now, taken in or quarantined, by path; with words, those that have each in path or state."""
    fits, values = _has_words(words)
    where = f"source_id = ? AND state IN (?, ?){fits}"
    return list(_files(connection, where, (source_id, TAKEN_IN, QUARANTINED, *values), limit, offset))


def list_gone(
    connection: sqlite3.Connection, source_id: str, *, limit: int = 50, offset: int = 0, words: str = ""
) -> list[SourceFile]:
    """The files that are gone, by path: each as it was last, and none that is there under another name."""
    fits, values = _has_words(words)
    rows = connection.execute(
        f"SELECT {FILE} {_GONE_FILES}{fits} ORDER BY path LIMIT ? OFFSET ?", (source_id, GONE, *values, limit, offset)
    )
    return [SourceFile(*row) for row in rows]


def count_gone(connection: sqlite3.Connection, source_id: str, *, words: str = "") -> int:
    """How many files `list_gone` knows of."""
    fits, values = _has_words(words)
    return int(connection.execute(f"SELECT count(*) {_GONE_FILES}{fits}", (source_id, GONE, *values)).fetchone()[0])


def _has_words(words: str) -> tuple[str, list[str]]:
    """The condition on a file's path and state, and its values; Latin letters of either case are the same."""
    parts = [re.sub(r"([%_\\])", r"\\\1", word) for word in words.split()]
    condition = " AND path || ' ' || replace(state, '_', ' ') LIKE ? ESCAPE '\\'"
    return condition * len(parts), [f"%{part}%" for part in parts]


_GONE_FILES = (
    "FROM source_file f WHERE source_id = ? AND state = ? AND NOT EXISTS (SELECT 1 FROM source_file o"
    " WHERE o.source_id = f.source_id AND o.path = f.path AND o.id > f.id) AND NOT EXISTS (SELECT 1 FROM source_file o"
    " WHERE o.hash = f.hash AND o.source_id = f.source_id AND o.path <> f.path AND o.since_version = f.until_version)"
)
"""A file that was renamed left one path and came to another, with the same version."""


def count_files(connection: sqlite3.Connection, source_id: str, *, words: str = "") -> dict[str, int]:
    """How many of the source's files are in each state, of those that have the words in path or state."""
    fits, values = _has_words(words)
    rows = connection.execute(
        f"SELECT state, count(*) FROM source_file WHERE source_id = ?{fits} GROUP BY state", (source_id, *values)
    )
    return {state: int(count) for state, count in rows}


def last_arrival(connection: sqlite3.Connection, source_id: str) -> str | None:
    """When a content that is there now came last, None where there is none; a file that was only touched did not come."""
    row = connection.execute(
        "SELECT max(id) FROM source_file WHERE source_id = ? AND state IN (?, ?)",
        (source_id, TAKEN_IN, QUARANTINED),
    ).fetchone()
    return None if row[0] is None else from_seconds(made_at(row[0]))


def present_files(connection: sqlite3.Connection, source_id: str) -> dict[str, SourceFile]:
    """All files that are there now, by path."""
    found = _files(connection, "source_id = ? AND state IN (?, ?)", (source_id, TAKEN_IN, QUARANTINED))
    return {file.path: file for file in found}


def quarantined_after(connection: sqlite3.Connection, source_id: str, file_id: str = "") -> list[SourceFile]:
    """The quarantined files that are there now and were first seen after the file of that id, the oldest first."""
    found = _files(connection, "source_id = ? AND state = ? AND id > ?", (source_id, QUARANTINED, file_id))
    return sorted(found, key=lambda file: file.id)


def sizes_and_times(connection: sqlite3.Connection, source_id: str) -> dict[str, tuple[int, int, int | None]]:
    """Size and both times (in ns) of all files that are there now, by path: what tells whether one has changed."""
    rows = connection.execute(
        "SELECT path, size, mtime_ns, ctime_ns FROM source_file WHERE source_id = ? AND state IN (?, ?)",
        (source_id, TAKEN_IN, QUARANTINED),
    )
    return {path: (size, mtime_ns, ctime_ns) for path, size, mtime_ns, ctime_ns in rows}


def file_at(connection: sqlite3.Connection, source_id: str, path: str) -> SourceFile | None:
    """The file of that path that is there now."""
    return next(
        _files(connection, "source_id = ? AND path = ? AND state IN (?, ?)", (source_id, path, TAKEN_IN, QUARANTINED)),
        None,
    )


def last_of(connection: sqlite3.Connection, source_id: str, path: str) -> SourceFile | None:
    """The file of that path as it is, or as it was last where it is gone."""
    condition = "source_id = ? AND path = ? AND state IN (?, ?, ?)"
    found = _files(connection, condition, (source_id, path, TAKEN_IN, QUARANTINED, GONE))
    return max(found, key=lambda file: file.id, default=None)


def history_of(connection: sqlite3.Connection, source_id: str, content: str) -> list[SourceFile]:
    """Every file of the source that ever had that content, the newest first."""
    found = _files(connection, "source_id = ? AND hash = ?", (source_id, content))
    return sorted(found, key=lambda file: file.id, reverse=True)


def changed_between(connection: sqlite3.Connection, source_id: str, first: int, last: int) -> list[SourceFile]:
    """The files that came or left with one of those versions, both of them included, by the names that they had then."""
    around = "source_id = ? AND since_version <= ? AND (until_version IS NULL OR until_version >= ?)"
    found = as_named(connection, source_id, _files(connection, around, (source_id, last, first)))
    numbers = range(first, last + 1)
    changed = [file for file in found if file.since_version in numbers or file.until_version in numbers]
    return sorted(changed, key=lambda file: file.path)


def kept_out_by(connection: sqlite3.Connection, source_id: str, version: int) -> set[str]:
    """Paths whose file left that version or one before it, since what replaced it there was quarantined."""
    rows = connection.execute(
        "SELECT path, state FROM source_file WHERE source_id = ? AND until_version <= ? ORDER BY until_version, id",
        (source_id, version),
    )
    return {path for path, state in dict(rows.fetchall()).items() if state == REPLACED}


def kept_out_profiled(connection: sqlite3.Connection, source_id: str) -> list[SourceFile]:
    """The files that a check quarantines and that were profiled all the same, by path."""
    return list(_files(connection, "source_id = ? AND state = ? AND rows IS NOT NULL", (source_id, QUARANTINED)))


def members(connection: sqlite3.Connection, source_id: str, version: int) -> list[SourceFile]:
    """The files of a version in training order: by relative path, then content.

    Of an older version they have the names that they had when it was made; where they lie now, `engine.located` finds.
    """
    found: Iterable[SourceFile] = _files(connection, MEMBER, (source_id, version, version))
    (newest,) = connection.execute("SELECT version FROM source WHERE id = ?", (source_id,)).fetchone() or (version,)
    if version < newest:
        named = as_named(connection, source_id, found)
        found = (f for f in named if (f.since_version or 0) <= version < (f.until_version or version + 1))
    return sorted(found, key=lambda file: (file.path, file.hash))


def quarantined(
    connection: sqlite3.Connection, source_id: str | None = None, *, limit: int = 50, offset: int = 0
) -> list[SourceFile]:
    """The files that are quarantined, of one source or of all."""
    where, values = (
        ("state = ?", (QUARANTINED,))
        if source_id is None
        else ("source_id = ? AND state = ?", (source_id, QUARANTINED))
    )
    return list(_files(connection, where, values, limit, offset))


def findings_of(connection: sqlite3.Connection, file_id: str) -> list[FileFinding]:
    """What checks found in a file, in the order of the checks."""
    rows = connection.execute(f"SELECT {FINDING} FROM file_finding WHERE file_id = ? ORDER BY position", (file_id,))
    return [FileFinding(*row) for row in rows]


def warned_files(connection: sqlite3.Connection, source_id: str, *, limit: int = 50) -> list[SourceFile]:
    """The files that were taken in although they break a check, those that came last first."""
    rows = connection.execute(
        f"SELECT {FILE} FROM source_file WHERE source_id = ? AND state = ?"
        " AND id IN (SELECT file_id FROM file_finding) ORDER BY id DESC LIMIT ?",
        (source_id, TAKEN_IN, limit),
    )
    return [SourceFile(*row) for row in rows]


def paths_of(connection: sqlite3.Connection, content: str, *, limit: int = 20) -> list[str]:
    """The paths, in whichever source, under which that content was read; the newest first."""
    rows = connection.execute(
        "SELECT path FROM source_file WHERE hash = ? AND rows IS NOT NULL ORDER BY id DESC LIMIT ?", (content, limit)
    )
    return [row[0] for row in rows]


def duplicates_of(connection: sqlite3.Connection, source_id: str, *, limit: int = -1) -> dict[str, str]:
    """The files that are taken in although another one of the source has their content, with the path of the first
    that came; the newest first.
    """
    first = "first_value(path) OVER (PARTITION BY hash ORDER BY since_version, path)"
    rows = connection.execute(
        f"SELECT path, first FROM (SELECT id, path, {first} AS first FROM source_file WHERE source_id = ? AND state = ?)"
        " WHERE path <> first ORDER BY id DESC LIMIT ?",
        (source_id, TAKEN_IN, limit),
    )
    return dict(rows.fetchall())


def tags_of(connection: sqlite3.Connection, source_id: str) -> dict[str, int]:
    """The numbers of a source's tagged versions by tag."""
    rows = connection.execute("SELECT tag, number FROM version_tag WHERE source_id = ? ORDER BY tag", (source_id,))
    return dict(rows.fetchall())


def left_since(connection: sqlite3.Connection, source_id: str, version: int) -> bool:
    """Whether a file that is in that version is not in a later one."""
    query = "SELECT 1 FROM source_file WHERE source_id = ? AND since_version <= ? AND until_version > ? LIMIT 1"
    return connection.execute(query, (source_id, version, version)).fetchone() is not None


def hashes_since(connection: sqlite3.Connection, source_id: str, version: int) -> list[str]:
    """The contents that came with later versions than that and are there now."""
    query = "SELECT hash FROM source_file WHERE source_id = ? AND state = ? AND since_version > ? ORDER BY path, hash"
    return [row[0] for row in connection.execute(query, (source_id, TAKEN_IN, version))]


def version_files(connection: sqlite3.Connection, source_id: str, version: int) -> int:
    """How many files that version has."""
    query = "SELECT files FROM source_version WHERE source_id = ? AND number = ?"
    return int((connection.execute(query, (source_id, version)).fetchone() or (-1,))[0])


def may_enter(connection: sqlite3.Connection, source_id: str, checked: float) -> set[str]:
    """The paths of the quarantined files that may be let in by now: they were released, or the checks were changed, at
    `checked` (seconds since 1970), after they were judged.
    """
    rows = connection.execute(
        "SELECT path, seen_at, released FROM source_file WHERE source_id = ? AND state = ? AND rows IS NOT NULL",
        (source_id, QUARANTINED),
    )
    return {path for path, seen_at, released in rows if released is not None or checked > to_seconds(seen_at)}


def columns_beside(connection: sqlite3.Connection, source: Source) -> dict[str, Beside]:
    """The columns that the source has not, by name, of the files that are there and were read."""
    files = [file for file in present_files(connection, source.id).values() if file.rows is not None]
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(files), KEYS_AT_ONCE):
        paths: dict[str, list[str]] = {}
        for file in files[start : start + KEYS_AT_ONCE]:
            paths.setdefault(key_of(source, file), []).append(file.path)
        rows = connection.execute(
            "SELECT key, name, kind FROM profile_column"
            f" WHERE block = 0 AND key IN ({', '.join('?' * len(paths))}) ORDER BY key, position",
            list(paths),
        )
        for key, name, kind in rows:
            if name not in source.kinds:
                found.setdefault(name, {}).update(dict.fromkeys(paths[key], kind))
    return {name: Beside(name, dict(sorted(kinds.items())), len(files)) for name, kinds in found.items()}


def _files(
    connection: sqlite3.Connection, where: str, values: tuple[Any, ...], limit: int = -1, offset: int = 0
) -> Iterator[SourceFile]:
    rows = connection.execute(
        f"SELECT {FILE} FROM source_file WHERE {where} ORDER BY path, id LIMIT ? OFFSET ?", (*values, limit, offset)
    )
    return (SourceFile(*row) for row in rows)


def _source(row: Any) -> Source:
    columns = dict(zip(SOURCE.split(", "), row, strict=True))
    told = json.loads(columns["roles"])
    columns["kinds"] = json.loads(columns["kinds"])
    columns["roles"] = {column: item["role"] for column, item in told.items()}
    columns["reasons"] = {column: item["why"] for column, item in told.items()}
    columns["optional"] = tuple(column for column, item in told.items() if item.get("optional"))
    columns["options"] = json.loads(columns["options"])
    columns["exclude"] = tuple(json.loads(columns["exclude"]))
    columns["slices"] = tuple(json.loads(columns["slices"]))
    columns["snapshot"] = bool(columns["snapshot"])
    columns["held_out"] = None if columns["held_out"] is None else json.loads(columns["held_out"])
    return Source(**columns)
