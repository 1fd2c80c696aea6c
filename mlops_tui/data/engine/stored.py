"""Profiles in the store: kept once for a content, merged a few columns at a time so that memory stays bounded."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from mlops_tui.data.engine.bulk import merged_payloads
from mlops_tui.data.engine.comoments import comoments_to_bytes
from mlops_tui.data.engine.payload import from_bytes, to_bytes
from mlops_tui.data.engine.profiling import BlockProfile, padded
from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.engine.sliced import Apart
from mlops_tui.data.model import NO_REJECTS, ProfileBlock, Rejects
from mlops_tui.data.profile import ColumnProfile, Profile
from mlops_tui.data.profile_query import blocks_of, payloads_of, profiles_of
from mlops_tui.data.table import BadRowRow, ProfileBlockRow, ProfileColumnRow, ProfileRejectsRow
from mlops_tui.store.connection import streaming
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store

PAYLOADS_AT_ONCE = 20_000
"""So many blocks of columns are in memory at once, of 4 kB each where they hold numbers."""
COLUMNS_AT_ONCE = 500


def keep(
    store: Store,
    key: str,
    blocks: Sequence[BlockProfile],
    rejects: Rejects = NO_REJECTS,
    slices: Apart | None = None,
) -> None:
    """Keeps a file's blocks, its slices, and what of it could not be read, in one transaction; a second time changes nothing."""
    with write_session(store) as writing:
        if blocks_of(writing.connection, [key]):
            return
        writing.add(
            *(
                ProfileBlockRow(
                    key=key,
                    block=number,
                    first_row=block.first_row,
                    rows=block.rows,
                    period_start=block.start,
                    period_end=block.end,
                    row_hashes=block.row_hashes,
                    comoments=comoments_to_bytes(block.comoments) if block.comoments else None,
                )
                for number, block in enumerate(blocks)
            ),
            *(
                ProfileColumnRow(
                    key=key,
                    block=number,
                    position=position,
                    name=column.name,
                    kind=column.kind,
                    payload=to_bytes(column),
                )
                for number, block in enumerate(blocks)
                for position, column in enumerate(block.profile.columns)
            ),
            *_reject_rows(key, rejects),
        )
        if slices is not None:
            slices.keep(writing.connection)


def keep_unread(store: Store, key: str, rejects: Rejects) -> None:
    """Keeps the bad rows of a file that has no profile, in the place of those that were kept before."""
    with write_session(store) as writing:
        for table in ("profile_rejects", "bad_row"):
            writing.execute(f"DELETE FROM {table} WHERE key = ?", (key,))
        writing.add(*_reject_rows(key, rejects))


def _reject_rows(key: str, rejects: Rejects) -> list[ProfileRejectsRow | BadRowRow]:
    if not rejects.count:
        return []
    return [
        ProfileRejectsRow(key=key, count=rejects.count, misfits=json.dumps(dict(rejects.misfits))),
        *(
            BadRowRow(
                key=key, position=position, line=row.line, column_name=row.column_name, reason=row.reason, text=row.text
            )
            for position, row in enumerate(rejects.first)
        ),
    ]


def merged(
    connection: sqlite3.Connection,
    keys: Sequence[str],
    columns: Sequence[str],
    parts: Sequence[Sequence[int] | None] | None = None,
) -> Profile:
    """The profile of all rows of those stored profiles; a column that a part lacks is missing in its rows.

    A profile that is named twice counts twice, as files of the same content do. `parts` has, for each key, the blocks
    that count, or None for all of them.
    """
    told = [None if part is None else frozenset(part) for part in parts or [None] * len(keys)]
    blocks = [
        block
        for key, part in zip(keys, told, strict=True)
        for block in blocks_of(connection, [key])
        if part is None or block.block in part
    ]
    rows = sum(block.rows for block in blocks)  # of a key that is named twice, twice
    at_once = min(COLUMNS_AT_ONCE, max(1, PAYLOADS_AT_ONCE // max(1, len(blocks))))
    found = list[ColumnProfile]()
    for start in range(0, len(columns), at_once):
        names = columns[start : start + at_once]
        stored: dict[str, dict[str, list[bytes]]] = {name: {} for name in names}
        with streaming(connection):
            for name, kind, payload in payloads_of(connection, keys, names, parts):
                stored[name].setdefault(kind, []).append(payload)
        found += [padded(_merged_column(name, stored.pop(name)), rows) for name in names if stored[name]]
    return Profile(rows, tuple(found))


def profile_of_block(connection: sqlite3.Connection, block: ProfileBlock) -> Profile:
    """The profile of that block alone."""
    columns = profiles_of(connection, [block.key], block=block.block)
    return Profile(block.rows, tuple(from_bytes(found.payload, found.name, found.kind) for found in columns))


def _merged_column(name: str, stored: Mapping[str, Sequence[bytes]]) -> ColumnProfile:
    parts = [merged_payloads(payloads, name, kind) for kind, payloads in stored.items()]
    return parts[0] if len(parts) == 1 else merged_columns(parts)
