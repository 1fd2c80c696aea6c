"""Reading one data file: CSV (also .tsv, .gz, .zst) or Parquet, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import duckdb

from mlops_tui.core.errors import UnknownColumn
from mlops_tui.data.engine.casting import TIMES
from mlops_tui.data.engine.formats import open_raw
from mlops_tui.data.engine.locked import lent_connection, locked_connection
from mlops_tui.data.engine.raw import Raw
from mlops_tui.data.engine.refusals import (
    escaped,
    rejected,
    require_file,
    require_openable,
    shown,
    translated,
    unchanged,
    without_rows,
)
from mlops_tui.data.engine.trying import Tried, all_rejects, rows_sql, stored_rows, try_rows
from mlops_tui.data.model import Rejects
from mlops_tui.data.options import ReadOptions

__all__ = [
    "ColumnShape",
    "FileShape",
    "OpenFile",
    "ReadOptions",
    "content_hash",
    "inspect",
    "locked_connection",
    "open_file",
]

_KIND_OF_TYPE = {"BIGINT": "integer", "DOUBLE": "numeric", "BOOLEAN": "boolean", "VARCHAR": "category"}


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column as the file has it: BIGINT, DOUBLE, BOOLEAN, VARCHAR, DATE, TIMESTAMP or TIMESTAMP WITH TIME ZONE."""

    name: str
    dtype: str

    @property
    def plain_kind(self) -> str:
        """The kind that the type alone tells."""
        return "date-time" if self.dtype in TIMES else _KIND_OF_TYPE[self.dtype]


@dataclass(frozen=True, slots=True)
class FileShape:
    """A file's columns, rows that can be read (at least 1), the others, and the options, nothing left open."""

    columns: tuple[ColumnShape, ...]
    rows: int
    options: ReadOptions
    rejects: Rejects = field(default_factory=Rejects)


def require_column(columns: Collection[str], name: str, path: Path) -> None:
    """Raise UnknownColumn where the file has no column of that name."""
    if name not in columns:
        known = ", ".join(map(escaped, islice(columns, 10)))
        raise UnknownColumn(f"{shown(path)} has no column {escaped(name)}.", f"Its columns are {known}.")


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that was tried to its last row, and the locked connection that may read it (and nothing else)."""

    con: duckdb.DuckDBPyConnection
    shape: FileShape
    sql: str
    """What to write after FROM: the rows that can be read."""
    raw: Raw
    tried: Tried

    def sql_of(self, names: Sequence[str]) -> str:
        """The same for some of its columns, which is quicker to plan where there are very many."""
        return rows_sql(self.raw, self.tried, names)

    @property
    def noun(self) -> str:
        """What `lines_of` counts: lines, or rows of a file that has no lines."""
        return self.raw.noun

    def lines_of(self, rows: Sequence[int]) -> list[int]:
        """The lines that those of the rows that can be read begin in; both are counted from 1."""
        return self.raw.lines_of(self.con, stored_rows(self.con, self.raw, self.tried, rows), self.tried.broken.lines)

    def rejects(self, most: int) -> Rejects:
        """The rows that cannot be read, the `most` first of them with what stands there."""
        return all_rejects(self.con, self.raw, self.tried, most)


@contextmanager
def open_file(
    path: Path,
    options: ReadOptions | None = None,
    kinds: Mapping[str, str] | None = None,
    *,
    leave_out_bad_rows: bool = False,
    alone: bool = False,
    is_known: bool = False,
) -> Iterator[OpenFile]:
    """Open a file for reading, after every row of it was tried.

    Columns named in `kinds` are read as that kind; `alone` and `is_known` as in `raw_file`. Raises FileUnreadable with
    the line (and column) of the first row that does not fit, unless bad rows are to be left out, and where the file
    changes before the block ends.
    """
    with raw_file(path, options, alone=alone, is_known=is_known) as (con, raw):
        tried = try_rows(con, raw, kinds or {})
        if tried.rejects.count and (not leave_out_bad_rows or not tried.rows):
            raise rejected(path, tried.rejects, raw.noun)
        if tried.rows == 0:
            raise without_rows(path)
        columns = tuple(ColumnShape(name, kind) for name, kind in tried.types.items())
        yield OpenFile(
            con, FileShape(columns, tried.rows, raw.options, tried.rejects), rows_sql(raw, tried), raw, tried
        )


@contextmanager
def raw_file(
    path: Path,
    options: ReadOptions | None = None,
    *,
    alone: bool = False,
    is_known: bool = False,
    streamed: bool = False,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Raw]]:
    """A file's rows as they are stored, no row of it tried. Raises FileUnreadable, also where it changes meanwhile.

    Where it is to be `alone`, the connection may open no other file, as where a person's SQL is asked. Of a file that
    `is_known`, since a profile of its content is kept, the lines are not looked through once more. `streamed` says that its rows are
    read in order, from the first to the last.
    """
    path = path.resolve()
    require_file(path)
    told = options or ReadOptions()
    with unchanged(path), translated(path), lent_connection(path, told, alone=alone, streamed=streamed) as con:
        yield con, open_raw(con, path, told, is_known=is_known)


def inspect(path: Path, options: ReadOptions | None = None) -> FileShape:
    """A file's columns, rows and dialect. Raises FileUnreadable."""
    with open_file(path, options) as file:
        return file.shape


def content_hash(path: Path) -> str:
    """The sha256 of the file's bytes in hexadecimal. Raises FileUnreadable where it changes meanwhile."""
    require_openable(path)
    with unchanged(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
