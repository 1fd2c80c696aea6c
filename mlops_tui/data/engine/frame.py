"""A file, or a version of a source, as one frame. What needs no frame leaves pandas alone: it costs more than a second."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.errors import DataError
from mlops_tui.core.printable import printable
from mlops_tui.data.arrival import came_at, came_last
from mlops_tui.data.engine.casting import quoted
from mlops_tui.data.engine.located import changed, locate
from mlops_tui.data.engine.reading import ColumnShape, OpenFile, content_hash, open_file, require_column
from mlops_tui.data.engine.refusals import mark_of
from mlops_tui.data.engine.schema import schema_of
from mlops_tui.data.learning import LearningWindow
from mlops_tui.data.model import Source, SourceFile
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import find_version, members
from mlops_tui.store.store import Store


def read_version(
    store: Store,
    source: Source,
    version: int | None,
    columns: Sequence[str] | None = None,
    window: LearningWindow | None = None,
) -> pd.DataFrame:
    """The rows of a version (None: the newest), those of a window where one is given, file after file in training order; index 0
    to n-1.

    Columns come in the order asked for, else in the source's; dtypes as `read_frame` gives them by the kinds it had then.
    A column of the source that a file lacks is missing in its rows.

    Raises:
        UnknownName: there is no such version.
        DataError: a file is gone, or holds other bytes than when that version was made, or no row is in the window.
    """
    frame, files, of_file = read_members(store, source, version, columns)
    return frame if window is None else _in_window(store, source, frame, files, of_file, window)


def read_members(
    store: Store, source: Source, version: int | None, columns: Sequence[str] | None = None
) -> tuple[pd.DataFrame, list[SourceFile], np.ndarray]:
    """As `read_version`, with the version's files and which of them each row is of, shape (n,)."""
    found = find_version(store.reader, source, version)
    number, source = found.number, found.of(source)
    files = members(store.reader, source.id, number)
    frames = [read_member(store, source, file, number, columns) for file in files]
    if not frames:
        raise DataError(f"Version {number} of source '{source.name}' has no files.", "Choose another version.")
    whole = pd.concat(frames, ignore_index=True)
    order = [name for name in (columns or source.kinds) if name in whole.columns]
    return whole[order], files, np.repeat(np.arange(len(files)), [len(frame) for frame in frames])


def _in_window(
    store: Store,
    source: Source,
    frame: pd.DataFrame,
    files: list[SourceFile],
    of_file: np.ndarray,
    window: LearningWindow,
) -> pd.DataFrame:
    """The rows of a window. Raises DataError where there is none."""
    rows = np.ones(len(frame), dtype=bool)
    if window.files is not None:
        newest = {file.id for file in came_last(store.reader, source.id, files, window.files)}
        rows = np.isin(of_file, [place for place, file in enumerate(files) if file.id in newest])
    elif window.first is not None and source.time_column in frame.columns:
        rows = (frame[source.time_column] >= pd.Timestamp(window.first)).to_numpy()
    elif window.first is not None:
        came = came_at(store.reader, files)
        late = [place for place, file in enumerate(files) if came[file.id][:10] >= window.first.isoformat()]
        rows = np.isin(of_file, late)
    if not rows.any():
        raise DataError(
            f"Source '{source.name}' has no row in the window {window.text}.",
            f"See its files with: mlops-tui data show {source.name}",
        )
    return frame[rows].reset_index(drop=True)


def read_member(
    store: Store,
    source: Source,
    file: SourceFile,
    version: int,
    columns: Sequence[str] | None = None,
    *,
    rows: Sequence[int] | None = None,
) -> pd.DataFrame:
    """The rows of one file of a version, read as `source` says; some of them alone where their numbers, from 0 on, are given.

    Raises DataError as `read_version` does.
    """
    schema = schema_of(source)
    path = locate(store, source, file, version)
    before = mark_of(path)
    if content_hash(path) != file.hash:  # size and time may be as they were all the same
        raise changed(source, file, version)
    options = schema.options if schema else ReadOptions()
    with open_file(path, options, source.kinds, leave_out_bad_rows=True, is_known=True) as opened:
        frame = _frame(path, opened, source.kinds, columns, source.kinds, rows)
        there = len(frame) if rows is None else opened.shape.rows
    if mark_of(path) != before:
        raise changed(source, file, version)
    if len(frame.columns) and file.rows is not None and there != file.rows:
        raise DataError(
            f"{printable(file.path)} had {file.rows:,} rows in version {version} of source '{source.name}', and {there:,}"
            " as its files are read now.",
            f"Have them read as they were (mlops-tui data options {source.name}), or use a newer version.",
        )
    return frame


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


def _dtype(kind: str | None) -> str:
    """The dtype that a column of nothing but missing values begins as."""
    return {"date-time": "datetime64[us]", "numeric": "float64", "integer": "float64"}.get(kind or "", "object")


def read_frame(
    path: Path,
    options: ReadOptions | None = None,
    kinds: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
    *,
    leave_out_bad_rows: bool = False,
    is_known: bool = False,
    may_lack: Collection[str] = (),
) -> pd.DataFrame:
    """The file's rows, in order, as a frame.

    numeric: float64; integer: int64, or float64 where values are missing; date-time: datetime64[us] in UTC; boolean:
    object of bool; all others: object of str. Missing is NaN, NaT or None. Columns without a kind go by their type;
    `is_known` as in `raw_file`. Those of `columns` (None: all) that the file `may_lack`, and does, are missing in all rows.
    Raises FileUnreadable, and UnknownColumn for a name in `columns` that the file does not have.
    """
    with open_file(path, options, kinds, leave_out_bad_rows=leave_out_bad_rows, is_known=is_known) as file:
        return _frame(path, file, kinds or {}, columns, may_lack)


def _frame(
    path: Path,
    file: OpenFile,
    kinds: Mapping[str, str],
    columns: Sequence[str] | None,
    may_lack: Collection[str],
    numbers: Sequence[int] | None = None,
) -> pd.DataFrame:
    """The rows of an open file, or those of the `numbers` alone, as `read_frame` has them."""
    found = {column.name: column for column in file.shape.columns}
    lacking = [n for n in (may_lack if columns is None else columns) if n not in found and n in may_lack]
    for name in columns or ():
        require_column({*found, *lacking}, name, path)
    asked = [found[name] for name in (found if columns is None else columns) if name in found]
    told = {column.name: kinds.get(column.name) or column.plain_kind for column in asked}
    terms = ", ".join(_frame_term(column, told[column.name]) for column in asked)
    arrays = _fetched(file, terms, list(told), numbers) if asked else {}
    frame = pd.DataFrame({name: _frame_column(arrays[name], kind) for name, kind in told.items()})
    rows = len(frame) if asked else file.shape.rows if numbers is None else len(numbers)
    for name in lacking:
        frame[name] = _frame_column(np.ma.masked_all(rows, _dtype(kinds.get(name))), kinds[name])
    return frame


def _fetched(file: OpenFile, terms: str, names: Sequence[str], numbers: Sequence[int] | None) -> dict[str, Any]:
    """The columns, of all rows or of those of the numbers; in the file's order, and no other rows are held."""
    if numbers is None:
        return dict(file.con.execute(f"SELECT {terms} FROM {file.sql}").fetchnumpy())
    place = "row"
    while place in {column.name.casefold() for column in file.shape.columns}:
        place += "_"
    listed = ", ".join(map(quoted, names))
    numbered = f"SELECT {listed}, row_number() OVER () - 1 AS {place} FROM {file.sql_of(names)}"
    wanted = [int(number) for number in numbers]
    sql = f"SELECT {terms} FROM ({numbered}) WHERE {place} IN (SELECT unnest(?)) ORDER BY {place}"
    return dict(file.con.execute(sql, [wanted]).fetchnumpy())
