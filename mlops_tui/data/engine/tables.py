"""Files opened once as one table that queries may read again and again, for as long as none of them changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb

from mlops_tui.core.errors import DataError, FileUnreadable, UnknownName
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.located import locate
from mlops_tui.data.engine.reading import ColumnShape, locked_connection, open_file
from mlops_tui.data.engine.refusals import mark_of, translated
from mlops_tui.data.engine.schema import schema_of
from mlops_tui.data.model import QUARANTINED, Source, SourceFile
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import find_version, members, present_files
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.store import Store

KEPT_FILES = 2_000
"""So many files are remembered as they were found; what is kept of each is its columns and how it is read."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file to be read: where it lies, how, and the kinds that its columns are read as."""

    path: Path
    options: ReadOptions
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Files under each other in the order given. `sql` is what to write after FROM; `rows` how many there are."""

    members: tuple[Member, ...]
    marks: tuple[tuple[int, ...], ...]
    columns: tuple[ColumnShape, ...]
    sql: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Found:
    mark: tuple[int, ...]
    columns: tuple[ColumnShape, ...]
    sql: str
    rows: int


_FILES: OrderedDict[Member, _Found] = OrderedDict()


def members_of(store: Store, source: Source, version: str | None = None) -> tuple[int, list[Member]]:
    """A version's number (None: the newest) and its files, in training order.

    Raises:
        UnknownName: there is no such version.
        DataError: a file of it is gone or was changed.
    """
    found = find_version(store.reader, source, version)
    number, source = found.number, found.of(source)
    files = members(store.reader, source.id, number)
    if not files:
        raise DataError(f"Version {number} of source '{source.name}' has no files.", "Choose another version.")
    return number, [_member(source, locate(store, source, file, number), as_source=True) for file in files]


def member_named(store: Store, source: Source, name: str) -> Member:
    """The file of that path in the source's folder that is there now, kept out or not. Raises UnknownName."""
    files = present_files(store.reader, source.id)
    file: SourceFile | None = files.get(name) or next((file for file in files.values() if file.id == name), None)
    if file is None:
        known = ", ".join(printable(path) for path in list(files)[:5]) or "none yet"
        raise UnknownName(f"Source '{source.name}' has no file '{printable(name)}'.", f"Its files: {known}.")
    # what a file that is kept out holds is best seen as it is, not as the source would have it
    return _member(source, source.folder(store.workspace) / file.path, as_source=file.state != QUARANTINED)


def _member(source: Source, path: Path, *, as_source: bool) -> Member:
    schema = schema_of(source)
    kinds = tuple(source.kinds.items()) if as_source else ()
    return Member(path.resolve(), schema.options if schema else ReadOptions(), kinds)


def table_of(context: AnswerContext, wanted: Sequence[Member]) -> Table:
    """The files as one table, each tried to its last row where that was not done before. Raises FileUnreadable."""
    found = [_found(context, member) for member in wanted]
    columns: dict[str, ColumnShape] = {}
    for one in found:
        for column in one.columns:
            known = columns.get(column.name)
            columns[column.name] = column if known is None or known == column else _wider(known, column)
    parts = [f"SELECT * FROM {one.sql}" for one in found]
    sql = found[0].sql if len(found) == 1 else f"({' UNION ALL BY NAME '.join(parts)})"
    marks = tuple(one.mark for one in found)
    return Table(tuple(wanted), marks, tuple(columns.values()), sql, sum(one.rows for one in found))


def _wider(one: ColumnShape, other: ColumnShape) -> ColumnShape:
    numbers = {one.dtype, other.dtype} == {"BIGINT", "DOUBLE"}
    return ColumnShape(one.name, "DOUBLE" if numbers else "VARCHAR")


def _found(context: AnswerContext, member: Member) -> _Found:
    known = _FILES.get(member)
    if known is not None and known.mark == _mark(member.path):
        _FILES.move_to_end(member)
        return known
    opened = open_file(member.path, member.options, dict(member.kinds), leave_out_bad_rows=True)
    with context.interruptible(lambda: None), opened as file:
        found = _Found(_mark(member.path), file.shape.columns, file.sql, file.shape.rows)
    if context.given_up:
        with context.interruptible(lambda: None):  # raises what that means
            pass
    _FILES[member] = found
    while len(_FILES) > KEPT_FILES:
        _FILES.popitem(last=False)
    return found


def _mark(path: Path) -> tuple[int, ...]:
    try:
        return mark_of(path)
    except OSError as error:
        raise FileUnreadable(f"{printable(path.name)} is gone.", "Put it back, or scan its source.") from error


@contextmanager
def reading(context: AnswerContext, tables: Sequence[Table]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked connection that may read the tables' files, interrupted where the question is taken back.

    Raises FileUnreadable where a file changes meanwhile.
    """
    paths = [member.path for table in tables for member in table.members]
    place = paths[0] if paths else Path()
    options = {member.path: member.options for table in tables for member in table.members}
    with locked_connection(paths, options) as con, context.interruptible(con.interrupt), translated(place):
        yield con
    for table in tables:
        for member, mark in zip(table.members, table.marks, strict=True):
            if _mark(member.path) != mark:
                raise FileUnreadable(f"{printable(member.path.name)} changed while it was read.", "Ask again.")


def plain(value: Any) -> str | int | float | bool | None:
    """A cell as JSON can hold it, nothing lost: text, number, truth or None; what JSON has no word for is text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").replace("+00:00", "Z")
    if isinstance(value, date | time | timedelta | Decimal):
        return str(value)
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    return str(value)


def told(error: duckdb.Error) -> str:
    """The first line of what the engine says, without the kind of its error."""
    first = str(error).strip().splitlines()[0]
    return printable(first.split(" Error: ", 1)[-1]).rstrip(".!")[:300]
