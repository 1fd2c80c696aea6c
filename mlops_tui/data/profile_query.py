"""What is read of stored profiles: of a content, block by block, and of a version as it is told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import Any

from mlops_tui.data.model import (
    BadRow,
    ProfileBlock,
    Rejects,
    Source,
    SourceFile,
    StoredColumn,
    key_of,
)

BAD_ROW = "line, column_name, reason, text"
BLOCK = "key, block, first_row, rows, period_start, period_end"
COLUMN = "key, block, position, name, kind, payload"


def rejects_of(connection: sqlite3.Connection, key: str, *, limit: int = -1) -> Rejects:
    """What of the content that is profiled under that key could not be read, with so many rows of it, by line."""
    row = connection.execute("SELECT count, misfits FROM profile_rejects WHERE key = ?", (key,)).fetchone()
    if row is None:
        return Rejects()
    rows = connection.execute(f"SELECT {BAD_ROW} FROM bad_row WHERE key = ? ORDER BY position LIMIT ?", (key, limit))
    return Rejects(row[0], json.loads(row[1]), tuple(BadRow(*found) for found in rows))


def summaries(connection: sqlite3.Connection, source_id: str, version: int) -> list[dict[str, Any]]:
    """One record a column of that version, as `data.engine.profiling.summarise` makes them."""
    rows = connection.execute(
        "SELECT payload FROM profile_summary WHERE source_id = ? AND version = ? ORDER BY position",
        (source_id, version),
    )
    return [json.loads(row[0]) for row in rows]


def blocks_of(connection: sqlite3.Connection, keys: Sequence[str]) -> list[ProfileBlock]:
    """The blocks of those profiles, profile by profile in the order given, without their columns."""
    return [
        ProfileBlock(*row)
        for key in keys
        for row in connection.execute(f"SELECT {BLOCK} FROM profile_block WHERE key = ? ORDER BY block", (key,))
    ]


def comoments_of(connection: sqlite3.Connection, keys: Sequence[str]) -> Iterator[bytes]:
    """How numbers vary together in each block of those profiles; `data.engine.comoments` reads it."""
    for key in keys:
        rows = connection.execute(
            "SELECT comoments FROM profile_block WHERE key = ? AND comoments IS NOT NULL ORDER BY block", (key,)
        )
        for (blob,) in rows:
            yield blob


def file_blocks(
    connection: sqlite3.Connection, source: Source, files: Sequence[SourceFile]
) -> list[tuple[SourceFile, list[ProfileBlock]]]:
    """Each taken-in file with the blocks that it was profiled in."""
    return [(file, blocks_of(connection, [key_of(source, file)])) for file in files]


def profiles_of(
    connection: sqlite3.Connection, keys: Sequence[str], *, column: str | None = None, block: int | None = None
) -> Iterator[StoredColumn]:
    """The stored columns of those profiles, in order of key, block and position; of one column or block where named."""
    where, values = "key = ?", []
    for name, wanted in (("name", column), ("block", block)):
        if wanted is not None:
            where += f" AND {name} = ?"
            values.append(wanted)
    for key in keys:
        rows = connection.execute(
            f"SELECT {COLUMN} FROM profile_column WHERE {where} ORDER BY block, position", (key, *values)
        )
        for row in rows:
            yield StoredColumn(*row)


def payloads_of(
    connection: sqlite3.Connection,
    keys: Sequence[str],
    names: Sequence[str],
    parts: Sequence[Sequence[int] | None] | None = None,
) -> Iterator[tuple[str, str, bytes]]:
    """Name, kind and stored bytes of those columns of those profiles, in order of key, block and position.

    `parts` has, for each key, the blocks that are asked for, or None for all.
    """
    query = (
        "SELECT name, kind, payload FROM profile_column"
        f" WHERE key = ? AND name IN ({', '.join('?' * len(names))}){{}} ORDER BY block, position"
    )
    among = " AND block IN (SELECT value FROM json_each(?))"
    asked = zip(keys, parts or repeat(None), strict=False)
    return chain.from_iterable(
        connection.execute(query.format(""), (key, *names))
        if part is None
        else connection.execute(query.format(among), (key, *names, json.dumps(list(part))))
        for key, part in asked
    )


def base_profiles(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """The keys of stored profiles that begin so."""
    rows = connection.execute("SELECT key FROM profile_block WHERE key >= ? AND key < ?", (prefix, prefix + "\uffff"))
    return [row[0] for row in rows]


def column_kinds(connection: sqlite3.Connection, key: str) -> dict[str, str]:
    """Kind by column of a stored profile; empty where there is none."""
    rows = connection.execute(
        "SELECT name, kind FROM profile_column WHERE key = ? AND block = 0 ORDER BY position", (key,)
    )
    return dict(rows.fetchall())
