"""Whether a file fits a model's signature, and its rows in the model's dtypes, a batch at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from mlops_tui.core.errors import FileUnreadable, SchemaMismatch
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.casting import NUMBERS, TIMES, quoted
from mlops_tui.data.engine.reading import OpenFile, open_file
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.model import ModelVersion, SignatureColumn

_VECTOR = 2048
_FITTING = {"numeric": NUMBERS, "integer": NUMBERS, "boolean": {"BOOLEAN"}, "date-time": TIMES}
_WORDS = {"numeric": "numbers", "integer": "whole numbers", "boolean": "true or false", "date-time": "dates or times"}
_STRANGE = {"date-time": "biufc", "numeric": "mMc", "integer": "mMc"}
"""By kind, the kinds of dtypes that are never meant."""
_TRUTHS: dict[object, bool] = {True: True, "true": True, "True": True, False: False, "false": False, "False": False}


@contextmanager
def open_fitting(path: Path, options: ReadOptions, version: ModelVersion) -> Iterator[OpenFile]:
    """The file, open, after every row of it was tried against the version's signature.

    Raises:
        SchemaMismatch: a column that the model reads is missing, or holds something else.
        FileUnreadable: the file cannot be read at all.
    """
    # a model reads a fraction where training had whole numbers alone
    kinds = {name: "numeric" if kind == "integer" else kind for name, kind in version.signature.kinds.items()}
    try:
        with open_file(path, options, kinds) as file:
            require_fitting({column.name: column.dtype for column in file.shape.columns}, path, version)
            yield file
    except FileUnreadable as error:
        if error.column is None or error.column not in kinds:
            raise
        raise SchemaMismatch(f"{error.title} {version.label} reads that column.", error.remedy) from error


def require_columns(there: Collection[str], what: str, version: ModelVersion) -> None:
    """Raises SchemaMismatch where one of the version's columns is not there."""
    missing = [column.name for column in version.signature.columns if column.name not in there]
    if missing:
        listed = ", ".join(f"'{printable(column)}'" for column in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        word = "column" if len(missing) == 1 else "columns"
        raise SchemaMismatch(
            f"{what} lacks the {word} {listed}{more}, which {version.label} reads.",
            "Add it, under the same name." if len(missing) == 1 else "Add them, under the same names.",
        )


def require_fitting(types: dict[str, str], path: Path, version: ModelVersion) -> None:
    """Raises SchemaMismatch where one of the version's columns is missing from these, or of a type it cannot be."""
    name = printable(path.name)
    require_columns(types, name, version)
    for column in version.signature.columns:
        fitting = _FITTING.get(column.kind)
        if fitting is not None and types[column.name] not in fitting:
            raise SchemaMismatch(
                f"The column '{printable(column.name)}' of {name} holds {types[column.name]}, not"
                f" {_WORDS[column.kind]} as {version.label} reads it.",
                "Write the column as the training files have it.",
            )


def fit_frame(frame: pd.DataFrame, version: ModelVersion) -> pd.DataFrame:
    """The rows of a frame as the version reads them: its columns, in its order, in the dtypes of training; whatever else the frame
    has is left aside. Text that says numbers or times is read as such.

    Raises:
        SchemaMismatch: a column that the model reads is missing, or holds something else.
    """
    columns = version.signature.columns
    require_columns(frame.columns, "The frame", version)
    for name in set(version.signature.names) & set(frame.columns[frame.columns.duplicated()]):
        raise SchemaMismatch(f"The frame has the column '{printable(name)}' more than once.", "Give it once.")
    read = pd.DataFrame({column.name: _read(frame[column.name], column, version) for column in columns}, frame.index)
    return typed(read, columns)


def _read(values: pd.Series, column: SignatureColumn, version: ModelVersion) -> pd.Series:
    kind = column.kind if column.kind in _WORDS else "text"
    try:
        if values.dtype.kind in _STRANGE.get(kind, ""):  # pandas would count nanoseconds of it
            raise TypeError(values.dtype.name)
        if kind == "date-time":
            found = pd.to_datetime(values, errors="raise", format=None if values.dtype.kind == "M" else "ISO8601")
            return found if found.dt.tz is None else found.dt.tz_convert("UTC").dt.tz_localize(None)
        if kind in ("numeric", "integer"):
            return pd.to_numeric(values, errors="raise")
        if kind == "boolean":
            told = values.astype(object).map(_TRUTHS, na_action="ignore")
            if values.notna().sum() != told.notna().sum():
                raise ValueError(_WORDS[kind])
            return told
    except (ValueError, TypeError, OverflowError) as error:
        raise SchemaMismatch(
            f"The column '{printable(column.name)}' of the frame does not hold {_WORDS[kind]}, as {version.label} reads it.",
            "Give it as the training files have it.",
        ) from error
    return values.astype(object).where(values.notna(), None).map(_text, na_action="ignore")


def _text(value: object) -> str:
    """A category as the training files had it: a code that a missing one has made a fraction is a code."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def frames(file: OpenFile, columns: tuple[SignatureColumn, ...], rows: int) -> Iterator[pd.DataFrame]:
    """The columns of an open file in the dtypes of training, about `rows` rows at a time, in order.

    Memory does not grow with the file.
    """
    types = {column.name: column.dtype for column in file.shape.columns}
    terms = ", ".join(_term(column, types[column.name]) for column in columns)
    file.con.execute(f"SELECT {terms} FROM {file.sql}")
    vectors = max(1, rows // _VECTOR)
    while len(chunk := file.con.fetch_df_chunk(vectors)):
        yield typed(chunk, columns)


def _term(column: SignatureColumn, dtype: str) -> str:
    name = quoted(column.name)
    if column.kind == "date-time":
        # a cast of a time with a zone would need the time zone extension
        source = f"make_timestamp(epoch_us({name}))" if dtype.endswith("ZONE") else f"CAST({name} AS TIMESTAMP)"
        return f"{source} AS {name}"
    whole = column.kind == "integer" and dtype == "BIGINT"
    target = {"numeric": "DOUBLE", "integer": "BIGINT" if whole else "DOUBLE", "boolean": "BOOLEAN"}.get(column.kind)
    return f"CAST({name} AS {target or 'VARCHAR'}) AS {name}"
