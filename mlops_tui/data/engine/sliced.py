"""Slices in the store: made up for files that have none yet, told together over any window, merged slice by slice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from mlops_tui.core.errors import DataError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.bulk import merged_payloads
from mlops_tui.data.engine.located import locate
from mlops_tui.data.engine.profiling import kinds_in, padded
from mlops_tui.data.engine.reading import raw_file
from mlops_tui.data.engine.schema import schema_of
from mlops_tui.data.engine.sketches import merged_columns
from mlops_tui.data.engine.slicing import slice_bytes, slice_payloads, slices_of
from mlops_tui.data.engine.stream import Block, Rows
from mlops_tui.data.model import Source, SourceFile, key_of
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.profile import ColumnProfile, Profile
from mlops_tui.data.profile_query import blocks_of, column_kinds
from mlops_tui.data.slice_query import payloads_of_slice, sliced_keys, slices_by_block
from mlops_tui.data.slices import MISSING, MOST_VALUES, OTHER, VALUE, SliceName, frequent, refused_kind
from mlops_tui.store.store import Store

PAYLOADS_AT_ONCE = 20_000
"""So many columns of blocks are in memory at once."""

INSERT = "INSERT OR IGNORE INTO profile_slice VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

Plan = Mapping[str, Sequence[str]]
"""By column the values that have a slice of their own before others."""


def plan_of(connection: sqlite3.Connection, source: Source) -> dict[str, list[str]]:
    """What the source's files are sliced by."""
    return {by: frequent(connection, source, by) for by in source.slices}


class Apart:
    """Slices of files that lie apart from the store: in a file without a name, which is gone in the end, so that memory does not
    grow with them.
    """

    def __init__(self, key: str, plan: Plan) -> None:
        self._key = key
        self._plan = plan
        self._opened: sqlite3.Connection | None = None

    @property
    def connection(self) -> sqlite3.Connection:
        """Where they lie."""
        if self._opened is None:
            self._opened = sqlite3.connect("", isolation_level=None)
            self._opened.execute(
                "CREATE TABLE profile_slice (key TEXT, by_column TEXT, block INTEGER, place INTEGER, sort TEXT, value TEXT,"
                " rows INTEGER, payload BLOB, PRIMARY KEY (key, by_column, block, place))"
            )
        return self._opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()

    def turn_to(self, key: str) -> None:
        """What is heard from now on is of another profile."""
        self._key = key

    def hear(self, number: int, block: Block, kinds: Mapping[str, str]) -> None:
        """Takes the slices of a block; of the first one of a file anew."""
        if number == 0:
            self.connection.execute("DELETE FROM profile_slice WHERE key = ?", (self._key,))
        places, rows = Counter[str](), []
        for one in slices_of(block, kinds, self._plan):
            blob = slice_bytes(one.profile)
            head = (self._key, one.by, number, places[one.by], one.name.sort, one.name.value)
            rows.append((*head, one.profile.rows, blob))
            places[one.by] += 1
        self.connection.executemany(INSERT, rows)

    def keep(self, connection: sqlite3.Connection) -> None:
        """Writes them into the store; a second time changes nothing."""
        if self._opened is not None:
            connection.executemany(INSERT, self._opened.execute("SELECT * FROM profile_slice"))


def unsliced(connection: sqlite3.Connection, source: Source, files: Sequence[SourceFile]) -> dict[str, list[str]]:
    """By the id of a file the declared columns that its profile is not kept by slices of; a content is named once."""
    declared = [by for by in source.slices if by in source.kinds and refused_kind(by, source.kinds[by]) is None]
    kept = {by: sliced_keys(connection, by) for by in declared}
    found, seen = dict[str, list[str]](), set[str]()
    for file in files if declared else ():
        key = key_of(source, file)
        lacking = [] if key in seen else [by for by in declared if key not in kept[by]]
        seen.add(key)
        if lacking and blocks_of(connection, [key]):
            found[file.id] = lacking
    return found


def make_up(store: Store, source: Source, file: SourceFile, version: int, plan: Plan) -> None:
    """Reads a file that is profiled, and keeps its slices in the store. Raises what `read_apart` does."""
    with Apart(key_of(source, file), plan) as apart:
        read_apart(store, source, file, version, apart)
        with store.write() as writing:
            apart.keep(writing.connection)


def read_apart(store: Store, source: Source, file: SourceFile, version: int, apart: Apart) -> None:
    """Reads a file that is profiled for its slices, block by block as it was profiled in.

    Raises:
        DataError: it is gone, or holds something else by now.
    """
    key, schema = key_of(source, file), schema_of(source)
    sizes = [block.rows for block in blocks_of(store.reader, [key])]
    path, done = locate(store, source, file, version), list[int]()
    apart.turn_to(key)
    with raw_file(path, schema.options if schema else ReadOptions(), is_known=True) as (con, raw):
        kinds = kinds_in(con, raw, source.kinds)
        for block in Rows(con, raw, kinds, sizes[0]):
            apart.hear(len(done), block, kinds)
            done.append(len(block.hashes))
    if done != sizes:
        raise DataError(
            f"{printable(path.name)} has other rows than when it was profiled.", "Scan its source, and ask again."
        )


@dataclass(slots=True)
class Tally:
    """How many rows of a window each slice has, as its blocks tell them apart.

    In a block that puts rare values together a value may have rows that have no slice of their own: of `tailed` such blocks
    those are counted, by value, in which it has one.
    """

    rows: Counter[SliceName] = field(default_factory=Counter)
    tailed: int = 0
    own: Counter[str] = field(default_factory=Counter)

    def add(self, block: Sequence[tuple[SliceName, int]]) -> None:
        """Adds a block."""
        has_tail = any(name.sort == OTHER for name, _ in block)
        self.tailed += has_tail
        for name, rows in block:
            self.rows[name] += rows
            if has_tail and name.sort == VALUE:
                self.own[name.value] += 1

    def is_whole(self, value: str) -> bool:
        """Whether all rows with that value are in its own slices."""
        return self.own[value] == self.tailed

    def among(self, names: Collection[SliceName]) -> dict[SliceName, int]:
        """The rows of each of these slices; what has none of its own among them is with the other values."""
        found = dict.fromkeys(names, 0)
        for name, rows in self.rows.items():
            told = name if name in found or name.sort == MISSING else SliceName(OTHER)
            found[told] = found.get(told, 0) + rows
        return found


def names_of(tallies: Sequence[Tally]) -> list[SliceName]:
    """The slices that all windows can be told apart by, the one with most rows first: values of which no row is elsewhere, at
    most `MOST_VALUES` of them, then other values and none, where some rows have these.
    """
    totals = sum((tally.rows for tally in tallies), Counter[SliceName]())
    values = [name for name in totals if name.sort == VALUE and all(tally.is_whole(name.value) for tally in tallies)]
    values.sort(key=lambda name: (-totals[name], name.value))
    chosen = values[:MOST_VALUES]
    rest = {name for tally in tallies for name, rows in tally.among(chosen).items() if rows} - set(chosen)
    return [*chosen, *sorted(rest, key=lambda name: (MISSING, OTHER).index(name.sort), reverse=True)]


class Slices:
    """The slices by one column of some profiles, or of those blocks of them that count."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        reader: sqlite3.Connection,
        by: str,
        keys: Sequence[str],
        parts: Sequence[Sequence[int] | None],
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._by = by
        self._keys = keys
        self._parts = parts
        self._kinds: dict[str, dict[str, str]] = {}

    def tally(self) -> Tally:
        """How many rows each slice has; a profile that is named twice counts twice."""
        found = Tally()
        for key, part in zip(self._keys, self._parts, strict=True):
            for block in slices_by_block(self._connection, key, self._by, part):
                found.add(block)
        return found

    def without_column(self) -> int:
        """How many of the profiles are of files that have no such column."""
        return sum(self._by not in self._kinds_of(key) for key in self._keys)

    def profile(self, name: SliceName, own: Collection[str], columns: Collection[str]) -> Profile:
        """The profile of the rows in a slice; other values are those that are not among the `own` ones.

        It has those of the `columns` that some part has, missing in the rows of the others.
        """
        return self._merged(name, own, columns, list(zip(self._keys, self._parts, strict=True)))

    def part(
        self, name: SliceName, own: Collection[str], columns: Collection[str], of: tuple[str, Sequence[int] | None]
    ) -> Profile:
        """The same of one profile alone, or of those blocks of it."""
        return self._merged(name, own, columns, [of])

    def _merged(
        self,
        name: SliceName,
        own: Collection[str],
        columns: Collection[str],
        among: Sequence[tuple[str, Sequence[int] | None]],
    ) -> Profile:
        held, merged = dict[tuple[str, str], list[bytes]](), dict[str, list[ColumnProfile]]()
        rows = waiting = 0
        for key, part in among:
            kinds = self._kinds_of(key)
            for count, blob in payloads_of_slice(self._connection, key, self._by, name, own, part):
                rows += count
                for column, payload in zip(kinds.items(), slice_payloads(blob, len(kinds)), strict=True):
                    if column[0] in columns:
                        held.setdefault(column, []).append(payload)
                waiting += len(kinds)
            if waiting > PAYLOADS_AT_ONCE:
                _merge_into(merged, held)
                held, waiting = {}, 0
        _merge_into(merged, held)
        told = (merged_columns(merged[one], with_registers=False) for one in columns if one in merged)
        return Profile(rows, tuple(padded(column, rows) for column in told))

    def _kinds_of(self, key: str) -> dict[str, str]:
        if key not in self._kinds:
            self._kinds[key] = column_kinds(self._reader, key)
        return self._kinds[key]


def _merge_into(merged: dict[str, list[ColumnProfile]], held: Mapping[tuple[str, str], Sequence[bytes]]) -> None:
    for (name, kind), payloads in held.items():
        merged.setdefault(name, []).append(merged_payloads(payloads, name, kind, with_registers=False))
