"""The profile of a version: where files have only come since an earlier one it is merged onto that one's, else made of all."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from mlops_tui.data.engine.payload import to_bytes
from mlops_tui.data.engine.profiling import merge
from mlops_tui.data.engine.schema import Schema
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.ledger import Ledger
from mlops_tui.data.model import PROFILE_FORMAT, TAKEN_IN, Source
from mlops_tui.data.profile import UNCOUNTED_KINDS, ColumnProfile, Profile
from mlops_tui.data.profile_query import base_profiles
from mlops_tui.data.query import hashes_since, left_since, version_files
from mlops_tui.data.table import ProfileBlockRow, ProfileColumnRow

BASE_FILES = 5_000
"""The profile of a version of so many files is kept, so that the next need not read theirs again."""
BASE_AGES = 0.1
"""It is kept anew where so great a part of its files has come since, or `BASE_FILES`."""
AT_ONCE = 20_000
"""So many files are merged at once: memory does not grow with their number."""


@dataclass(frozen=True, slots=True)
class VersionProfile:
    """The profile of all rows of a version, and whether it is worth to be kept for the next one."""

    whole: Profile
    is_base: bool

    def rows(self, source: Source, schema: Schema, version: int) -> list[ProfileBlockRow | ProfileColumnRow]:
        """What is stored of it, under the version's key."""
        key = base_key(source, schema, version)
        columns = enumerate(self.whole.columns)
        return [
            ProfileBlockRow(key=key, block=0, first_row=0, rows=self.whole.rows),
            *(
                ProfileColumnRow(key=key, block=0, position=at, name=one.name, kind=one.kind, payload=to_bytes(one))
                for at, one in columns
            ),
        ]


def base_prefix(source: Source) -> str:
    """What the keys of all profiles of versions of the source begin with."""
    return f"version of {source.id}: "


def base_key(source: Source, schema: Schema, version: int) -> str:
    """The name of the profile of a whole version, as its files are read."""
    read = [PROFILE_FORMAT, dict(schema.told_options), dict(schema.kinds), schema.time_column]
    return f"{base_prefix(source)}{version} {hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()}"


def version_profile(connection: sqlite3.Connection, source: Source, schema: Schema, ledger: Ledger) -> VersionProfile:
    """The profile of what the source holds after the ledger.

    Counts, ranges and moments are those of all files merged at once, sketches within their own bounds.
    """
    names = list(schema.kinds)
    base = _base(connection, source, schema)
    added = None if base is None else _added(connection, source, ledger, base)
    if base is None or added is None:
        contents = [content for _, content, _, _ in ledger.members]
        whole = merged_in_parts(connection, [schema.key(content) for content in contents], names)
        return VersionProfile(whole, len(contents) >= BASE_FILES and _is_mergeable(whole))
    parts = [merged(connection, [base_key(source, schema, base)], names)]
    if added:
        parts.append(merged_in_parts(connection, [schema.key(content) for content in added], names))
    whole = merge(parts)
    whole = Profile(whole.rows, tuple(column for name in names if (column := whole.column(name)) is not None))
    files = len(ledger.members)
    is_aged = len(added) >= min(BASE_FILES, BASE_AGES * files)
    return VersionProfile(whole, is_aged and _is_mergeable(whole))


def merged_in_parts(connection: sqlite3.Connection, keys: Sequence[str], names: Sequence[str]) -> Profile:
    """The profile of very many stored ones, a part of them in memory at a time."""
    if len(keys) <= AT_ONCE:
        return merged(connection, keys, names)
    parts = [merged(connection, keys[start : start + AT_ONCE], names) for start in range(0, len(keys), AT_ONCE)]
    whole = merge(parts)
    if _is_mergeable(whole):
        return whole
    capped = [column.name for column in whole.columns if _is_capped(column)]
    again = {column.name: column for column in merged(connection, keys, capped).columns}
    return Profile(whole.rows, tuple(again.get(column.name, column) for column in whole.columns))


def _is_mergeable(profile: Profile) -> bool:
    return not any(map(_is_capped, profile.columns))


def _is_capped(column: ColumnProfile) -> bool:
    """Whether some values are counted as `other`: which those are depends on what is merged together."""
    return column.kind not in UNCOUNTED_KINDS and column.counts is not None and column.other > 0


def _base(connection: sqlite3.Connection, source: Source, schema: Schema) -> int | None:
    """The number of the version whose profile is kept, as files are read now."""
    kept = set(base_profiles(connection, base_prefix(source)))
    numbers = {int(key.removeprefix(base_prefix(source)).split(" ")[0]) for key in kept}
    return max((number for number in numbers if base_key(source, schema, number) in kept), default=None)


def _added(connection: sqlite3.Connection, source: Source, ledger: Ledger, base: int) -> list[str] | None:
    """The contents that came since that version and are there after the ledger; None where one has left since."""
    leaving = [file for file in (*ledger.replaced, *ledger.gone) if file.state == TAKEN_IN]
    if left_since(connection, source.id, base) or any((file.since_version or 0) <= base for file in leaving):
        return None
    since = hashes_since(connection, source.id, base)
    for file in leaving:
        since.remove(file.hash)
    added = since + [entry.finding.hash for entry in ledger.taken]
    return added if version_files(connection, source.id, base) + len(added) == len(ledger.members) else None
