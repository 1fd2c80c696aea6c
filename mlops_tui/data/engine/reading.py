"""Reading one data file: CSV (also .tsv, .gz, .zst) or Parquet, whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from mlops_tui.core.errors import FileUnreadable, UnknownColumn
from mlops_tui.data.engine.dialect import (
    NUMBERS,
    TIMES,
    csv_sql,
    fitting_types,
    kept_type,
    literal,
    quoted,
    require_distinct,
    sniff,
)
from mlops_tui.data.engine.options import ReadOptions
from mlops_tui.data.engine.refusals import escaped, require_file, shown, translated, unchanged

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
    """A file's columns, rows (at least 1) and the options it was read with, nothing left open."""

    columns: tuple[ColumnShape, ...]
    rows: int
    options: ReadOptions

    def require(self, name: str, path: Path) -> None:
        """Raise UnknownColumn where the file has no column of that name."""
        if all(column.name != name for column in self.columns):
            known = ", ".join(escaped(column.name) for column in self.columns[:10])
            raise UnknownColumn(f"{shown(path)} has no column {escaped(name)}.", f"Its columns are {known}.")


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that was tried to its last row, and the locked connection that may read it (and nothing else)."""

    con: duckdb.DuckDBPyConnection
    shape: FileShape
    sql: str
    """What to write after FROM."""


def locked_connection(paths: Iterable[Path]) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that can open these files and no other, fetches no extension and keeps its settings."""
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    allowed = ", ".join(literal(str(path.resolve())) for path in paths)
    con.execute(f"SET allowed_paths=[{allowed}]")
    con.execute("SET TimeZone='UTC'")
    con.execute("SET enable_progress_bar=false")
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")
    return con


@contextmanager
def open_file(
    path: Path, options: ReadOptions | None = None, kinds: Mapping[str, str] | None = None
) -> Iterator[OpenFile]:
    """Open a file for reading, after every row of it was tried.

    Columns named in `kinds` are read as that kind. Raises FileUnreadable with the line (and column) of the first row
    that does not fit, and where the file changes before the block ends.
    """
    path = path.resolve()
    require_file(path)
    with unchanged(path), translated(path), locked_connection([path]) as con:
        opener = _open_parquet if path.suffix == ".parquet" else _open_csv
        opened = opener(con, path, options or ReadOptions(), kinds or {})
        if opened.shape.rows == 0:
            raise FileUnreadable(f"{shown(path)} has a header and no rows.", "Write at least one row.")
        yield opened


def _open_csv(con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, kinds: Mapping[str, str]) -> OpenFile:
    found, sniffed = sniff(con, path, options)
    fixed = frozenset(name for name in sniffed if kinds.get(name))
    wanted = {name: _type_for(kind, kinds.get(name)) for name, kind in sniffed.items()}
    types, rows = fitting_types(con, path, found, wanted, fixed)
    shape = FileShape(tuple(ColumnShape(name, kind) for name, kind in types.items()), rows, found)
    return OpenFile(con, shape, csv_sql(path, found, types))


def _open_parquet(
    con: duckdb.DuckDBPyConnection, path: Path, options: ReadOptions, kinds: Mapping[str, str]
) -> OpenFile:
    sql = f"read_parquet({literal(str(path))}, hive_partitioning=false)"
    schema = con.execute(f"SELECT name, num_children FROM parquet_schema({literal(str(path))})").fetchall()
    require_distinct(path, _top_level(schema))
    columns = con.execute(f"DESCRIBE FROM {sql}").fetchall()
    counted = con.execute(f"SELECT count(*) FROM {sql}").fetchone()
    assert counted is not None
    shape = FileShape(tuple(ColumnShape(row[0], kept_type(row[1])) for row in columns), counted[0], options)
    return OpenFile(con, shape, sql)


def _top_level(schema: Sequence[tuple[str, int | None]]) -> Iterator[str]:
    """Names of the columns themselves: the schema is a tree, written depth first, its root first."""
    inside = 0
    for name, children in schema[1:]:
        if inside == 0:
            yield name
        else:
            inside -= 1
        inside += children or 0


def _type_for(sniffed: str, kind: str | None) -> str:
    """The type that a column of a known kind is read as, given the type that was sniffed."""
    if kind in ("numeric", "integer"):
        return sniffed if sniffed in NUMBERS else "DOUBLE"
    if kind == "date-time":
        return sniffed if sniffed in TIMES else "TIMESTAMP"
    if kind == "boolean":
        return "BOOLEAN"
    return sniffed if kind is None else "VARCHAR"


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
) -> pd.DataFrame:
    """The file's rows, in order, as a frame.

    numeric: float64; integer: int64, or float64 where values are missing; date-time: datetime64[us] in UTC; boolean:
    object of bool; all others: object of str. Missing is NaN, NaT or None. Columns without a kind go by their type.
    Raises FileUnreadable, and UnknownColumn for a name in `columns` that the file does not have.
    """
    with open_file(path, options, kinds) as file:
        for name in columns or ():
            file.shape.require(name, path)
        found = {column.name: column for column in file.shape.columns}
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
