"""Reading one data file: CSV (also .tsv, .gz, .zst) or Parquet, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from mlops_tui.core.errors import UnknownColumn
from mlops_tui.data.engine.casting import TIMES, literal, quoted
from mlops_tui.data.engine.formats import attach, open_raw
from mlops_tui.data.engine.raw import Raw
from mlops_tui.data.engine.refusals import escaped, rejected, require_file, shown, translated, unchanged, without_rows
from mlops_tui.data.engine.trying import Tried, rows_sql, stored_rows, try_rows
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
    "read_frame",
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

    @property
    def noun(self) -> str:
        """What `lines_of` counts: lines, or rows of a file that has no lines."""
        return self.raw.noun

    def lines_of(self, rows: Sequence[int]) -> list[int]:
        """The lines that those of the rows that can be read begin in; both are counted from 1."""
        return self.raw.lines_of(stored_rows(self.con, self.raw, self.tried, rows), self.tried.broken.lines)


def locked_connection(
    paths: Iterable[Path], options: Mapping[Path, ReadOptions] | None = None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that can open these files and no other, fetches no extension and keeps its settings.

    Files that it cannot open itself are attached, read with their `options`.
    """
    paths = list(paths)
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    allowed = ", ".join(literal(str(path.resolve())) for path in paths)
    con.execute(f"SET allowed_paths=[{allowed}]")
    con.execute("SET TimeZone='UTC'")
    con.execute("SET enable_progress_bar=false")
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")
    for path in paths:
        attach(con, path, (options or {}).get(path) or ReadOptions())
    return con


@contextmanager
def open_file(
    path: Path,
    options: ReadOptions | None = None,
    kinds: Mapping[str, str] | None = None,
    *,
    leave_out_bad_rows: bool = False,
) -> Iterator[OpenFile]:
    """Open a file for reading, after every row of it was tried.

    Columns named in `kinds` are read as that kind. Raises FileUnreadable with the line (and column) of the first row
    that does not fit, unless bad rows are to be left out, and where the file changes before the block ends.
    """
    with raw_file(path, options) as (con, raw):
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
def raw_file(path: Path, options: ReadOptions | None = None) -> Iterator[tuple[duckdb.DuckDBPyConnection, Raw]]:
    """A file's rows as they are stored, no row of it tried. Raises FileUnreadable, also where it changes meanwhile."""
    path = path.resolve()
    require_file(path)
    told = options or ReadOptions()
    with unchanged(path), translated(path), locked_connection([path], {path: told}) as con:
        yield con, open_raw(con, path, told)


def inspect(path: Path, options: ReadOptions | None = None) -> FileShape:
    """A file's columns, rows and dialect. Raises FileUnreadable."""
    with open_file(path, options) as file:
        return file.shape


def _time(name: str) -> str:
    # no cast: the engine would hand it to the CSV reader, which then forgets the date's format
    return f"make_timestamp(epoch_us({quoted(name)}))"


def _frame_term(column: ColumnShape, kind: str) -> str:
    name = quoted(column.name)
    if kind == "date-time":
        return f"{_time(column.name)} AS {name}"
    if kind == "integer" and column.dtype == "BIGINT":
        return f"CAST({name} AS BIGINT) AS {name}"
    target = {"numeric": "DOUBLE", "integer": "DOUBLE", "boolean": "BOOLEAN"}.get(kind, "VARCHAR")
    return f"CAST({name} AS {target}) AS {name}"


def _frame_column(values: Any, kind: str) -> Any:
    """One column of `fetchnumpy` with its missing values in the way of its dtype: NaN, NaT or None."""
    missing = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    if kind == "date-time":
        plain = plain.astype("datetime64[us]")
        plain[missing] = np.datetime64("NaT")
        return plain
    if kind in ("numeric", "integer"):
        if kind == "integer" and plain.dtype.kind == "i" and not missing.any():
            return plain.astype("int64")
        plain = plain.astype("float64")
        plain[missing] = np.nan
        return plain
    plain = plain.astype(object)
    plain[missing] = None
    return pd.Series(plain, dtype=object)


def read_frame(
    path: Path,
    options: ReadOptions | None = None,
    kinds: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
    *,
    leave_out_bad_rows: bool = False,
) -> pd.DataFrame:
    """The file's rows, in order, as a frame.

    numeric: float64; integer: int64, or float64 where values are missing; date-time: datetime64[us] in UTC; boolean:
    object of bool; all others: object of str. Missing is NaN, NaT or None. Columns without a kind go by their type.
    Raises FileUnreadable, and UnknownColumn for a name in `columns` that the file does not have.
    """
    with open_file(path, options, kinds, leave_out_bad_rows=leave_out_bad_rows) as file:
        found = {column.name: column for column in file.shape.columns}
        for name in columns or ():
            require_column(found, name, path)
        asked = [found[name] for name in (found if columns is None else columns)]
        told = {column.name: (kinds or {}).get(column.name) or column.plain_kind for column in asked}
        terms = ", ".join(_frame_term(column, told[column.name]) for column in asked)
        arrays = file.con.execute(f"SELECT {terms} FROM {file.sql}").fetchnumpy() if asked else {}
        return pd.DataFrame({name: _frame_column(arrays[name], kind) for name, kind in told.items()})


def content_hash(path: Path) -> str:
    """The sha256 of the file's bytes in hexadecimal. Raises FileUnreadable where it changes meanwhile."""
    require_file(path)
    with unchanged(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
