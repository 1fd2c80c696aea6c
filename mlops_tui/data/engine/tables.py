"""Files opened once as one table that queries may read again and again, for as long as none of them changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import duckdb

from mlops_tui.core.errors import DataError, FileUnreadable, UnknownName
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.casting import TEXT
from mlops_tui.data.engine.located import locate
from mlops_tui.data.engine.raw import Broken, Raw
from mlops_tui.data.engine.reading import ColumnShape, locked_connection, open_file, raw_file
from mlops_tui.data.engine.refusals import mark_of, translated
from mlops_tui.data.engine.schema import schema_of
from mlops_tui.data.engine.trying import Tried, rows_sql, types_of
from mlops_tui.data.listing import is_as_kept
from mlops_tui.data.model import NO_REJECTS, QUARANTINED, Source, SourceFile
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import find_version, members, present_files
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.store import Store

KEPT_FILES = 2_000
"""So many files are remembered as they were found; what is kept of each is its columns and how it is read."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file to be read: where it lies, how, and the kinds that its columns are read as.

    `rows` is how many there are where the file was taken in with every row of it, and is as it was then.
    """

    path: Path
    options: ReadOptions
    kinds: tuple[tuple[str, str], ...]
    rows: int | None = None


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

Needed = Callable[[Sequence[str]], Collection[str]]
"""Says which of a file's columns are needed."""

WIDE = 500
"""Of a known file with more columns only those that are needed are tried: of 10,000 all take a quarter of a minute."""


@dataclass(frozen=True, slots=True)
class _Wide:
    mark: tuple[int, ...]
    raw: Raw
    guessed: Mapping[str, str]
    types: dict[str, str] = field(default_factory=dict)


_WIDE: OrderedDict[Member, _Wide] = OrderedDict()
KEPT_WIDE = 20


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
    return number, [_member(source, locate(store, source, file, number), file) for file in files]


def member_named(store: Store, source: Source, name: str) -> Member:
    """The file of that path in the source's folder that is there now, kept out or not. Raises UnknownName."""
    files = present_files(store.reader, source.id)
    file: SourceFile | None = files.get(name) or next((file for file in files.values() if file.id == name), None)
    if file is None:
        known = ", ".join(printable(path) for path in list(files)[:5]) or "none yet"
        raise UnknownName(f"Source '{source.name}' has no file '{printable(name)}'.", f"Its files: {known}.")
    path = source.folder(store.workspace) / file.path
    if file.state == QUARANTINED:  # what it holds is best seen as it is, not as the source would have it
        return replace(_member(source, path, file), kinds=(), rows=None)
    return _member(source, path, file if is_as_kept(path, file) else replace(file, bad_rows=None))


def _member(source: Source, path: Path, file: SourceFile) -> Member:
    schema = schema_of(source)
    options = schema.options if schema else ReadOptions()
    return Member(path.resolve(), options, tuple(source.kinds.items()), file.rows if file.bad_rows == 0 else None)


def table_of(context: AnswerContext, wanted: Sequence[Member], needed: Needed | None = None) -> Table:
    """The files as one table, each tried to its last row where that was not done before. Raises FileUnreadable.

    With `needed` only those columns of a single file that is known and very wide are in `sql`, and have their type.
    """
    part = _part(context, wanted[0], needed) if needed is not None and len(wanted) == 1 else None
    found = [part] if part is not None else [_found(context, member) for member in wanted]
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
    is_known = member.rows is not None
    opened = open_file(member.path, member.options, dict(member.kinds), leave_out_bad_rows=True, is_known=is_known)
    with context.interruptible(lambda: None), opened as file:
        found = _Found(_mark(member.path), file.shape.columns, file.sql, file.shape.rows)
    if context.given_up:
        with context.interruptible(lambda: None):  # raises what that means
            pass
    _FILES[member] = found
    while len(_FILES) > KEPT_FILES:
        _FILES.popitem(last=False)
    return found


def _part(context: AnswerContext, member: Member, needed: Needed) -> _Found | None:
    """What is needed of a wide file's columns; None where the file is not wide, or not known."""
    kinds = dict(member.kinds)
    if member.rows is None or len(kinds) <= WIDE:
        return None
    wide = _WIDE.get(member)
    if wide is None or wide.mark != _mark(member.path):
        with raw_file(member.path, member.options, is_known=True) as (con, raw), context.interruptible(con.interrupt):
            wide = _WIDE[member] = _Wide(_mark(member.path), raw, raw.guess(con))
        while len(_WIDE) > KEPT_WIDE:
            _WIDE.popitem(last=False)
    stored = wide.raw.stored
    if not kinds.keys() >= stored.keys():
        return None
    names = needed(list(stored))
    untold = [name for name in names if name not in wide.types]
    if untold:
        with raw_file(member.path, member.options, is_known=True) as (con, raw), context.interruptible(con.interrupt):
            wide.types.update(types_of(con, raw, kinds, wide.guessed, untold))
    types = {name: wide.types[name] for name in stored if name in names}
    columns = tuple(ColumnShape(name, wide.types.get(name, TEXT)) for name in stored)
    sql = rows_sql(wide.raw, Tried(types, member.rows, (), Broken(), NO_REJECTS))
    return _Found(wide.mark, columns, sql, member.rows)


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
