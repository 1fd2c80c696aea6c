"""Profiles in the store: kept once for a content, merged column by column so that memory stays bounded."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from mlops_tui.data.engine.bulk import merged_payloads
from mlops_tui.data.engine.comoments import comoments_to_bytes
from mlops_tui.data.engine.payload import from_bytes, to_bytes
from mlops_tui.data.engine.profiling import BlockProfile, padded
from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.model import NO_REJECTS, Rejects
from mlops_tui.data.profile import ColumnProfile, Profile
from mlops_tui.data.query import blocks_of, profiles_of
from mlops_tui.data.table import BadRowRow, ProfileBlockRow, ProfileColumnRow, ProfileRejectsRow
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store


def keep(store: Store, key: str, blocks: Sequence[BlockProfile], rejects: Rejects = NO_REJECTS) -> None:
    """Keeps a file's blocks, and what of it could not be read, in one transaction; a second time changes nothing."""
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


def merged(connection: sqlite3.Connection, keys: Sequence[str], columns: Sequence[str]) -> Profile:
    """The profile of all rows of those stored profiles; a column that a part lacks is missing in its rows.

    A profile that is named twice counts twice, as files of the same content do.
    """
    rows = sum(block.rows for block in blocks_of(connection, keys))  # of a key that is named twice, twice
    profiles = (_merged_column(connection, keys, name, rows) for name in columns)
    return Profile(rows, tuple(column for column in profiles if column is not None))


def _merged_column(connection: sqlite3.Connection, keys: Sequence[str], name: str, rows: int) -> ColumnProfile | None:
    stored = list(profiles_of(connection, keys, column=name))
    kinds = {one.kind for one in stored}
    if len(kinds) == 1:
        return padded(merged_payloads([one.payload for one in stored], name, *kinds), rows)
    parts = [from_bytes(one.payload, one.name, one.kind) for one in stored]
    return padded(merged_columns(parts), rows) if parts else None
