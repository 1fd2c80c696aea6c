"""What is read of stored slices; the connection is the store's, or one on which slices lie that were made up for one question."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence

from mlops_tui.data.slices import OTHER, VALUE, SliceName

BlockSlices = list[tuple[SliceName, int]]
"""The slices of a block and the rows of each."""

_BLOCKS = " AND block IN (SELECT value FROM json_each(?))"


def is_sliced(connection: sqlite3.Connection, key: str, by: str) -> bool:
    """Whether the profile of that key is kept by slices of that column."""
    row = connection.execute("SELECT 1 FROM profile_slice WHERE key = ? AND by_column = ? LIMIT 1", (key, by))
    return row.fetchone() is not None


def sliced_keys(connection: sqlite3.Connection, by: str) -> set[str]:
    """The keys of all profiles that are kept by slices of that column."""
    rows = connection.execute("SELECT key FROM profile_slice WHERE by_column = ? AND block = 0 AND place = 0", (by,))
    return {key for (key,) in rows}


def slices_by_block(
    connection: sqlite3.Connection, key: str, by: str, blocks: Sequence[int] | None = None
) -> Iterator[BlockSlices]:
    """The slices of each block of a profile, or of those blocks of it, in order."""
    among, values = ("", ()) if blocks is None else (_BLOCKS, (json.dumps(list(blocks)),))
    rows = connection.execute(
        f"SELECT block, sort, value, rows FROM profile_slice WHERE key = ? AND by_column = ?{among} ORDER BY block, place",
        (key, by, *values),
    )
    number, found = None, BlockSlices()
    for block, sort, value, held in rows:
        if block != number and found:
            yield found
            found = []
        number = block
        found.append((SliceName(sort, value), held))
    if found:
        yield found


def payloads_of_slice(
    connection: sqlite3.Connection,
    key: str,
    by: str,
    name: SliceName,
    own: Collection[str] = (),
    blocks: Sequence[int] | None = None,
) -> Iterator[tuple[int, bytes]]:
    """Rows and bytes of a slice in each block of a profile that has some of it, or in those blocks of it.

    Other values are all that are not among the `own` ones, whatever slice they have in a block.
    """
    if name.sort == OTHER:
        where, values = "(sort = ? OR (sort = ? AND value NOT IN (SELECT value FROM json_each(?))))", [OTHER, VALUE]
        values.append(json.dumps(list(own)))
    else:
        where, values = "sort = ? AND value = ?", [name.sort, name.value]
    if blocks is not None:
        where += _BLOCKS
        values.append(json.dumps(list(blocks)))
    yield from connection.execute(
        f"SELECT rows, payload FROM profile_slice WHERE key = ? AND by_column = ? AND {where} ORDER BY block, place",
        (key, by, *values),
    )
