"""Whether a file, or a frame, fits a model's signature."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from mlops_tui.core.errors import FileUnreadable, SchemaMismatch
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.casting import NUMBERS, TIMES
from mlops_tui.data.engine.reading import OpenFile, open_file
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.model import ModelVersion, SignatureColumn

NO_KINDS: Mapping[str, str] = {}
REMEDY = "Mend the file, or set such rows aside: mlops-tui predict --rejects FILE"
_FITTING = {"numeric": NUMBERS, "integer": NUMBERS, "boolean": {"BOOLEAN"}, "date-time": TIMES}
_WORDS = {"numeric": "numbers", "integer": "whole numbers", "boolean": "true or false", "date-time": "dates or times"}
_STRANGE = {"date-time": "biufc", "numeric": "mMc", "integer": "mMc"}
"""By kind, the kinds of dtypes that are never meant."""
_TRUTHS: dict[object, bool] = {True: True, "true": True, "True": True, False: False, "false": False, "False": False}


@contextmanager
def open_fitting(
    path: Path,
    options: ReadOptions,
    versions: Sequence[ModelVersion],
    *,
    kinds: Mapping[str, str] = NO_KINDS,
    leave_out_bad_rows: bool = False,
) -> Iterator[OpenFile]:
    """The file, open, after every row of it was tried against the signatures of the versions that are to read it.

    Columns with a kind in `kinds` that no version reads are read as that; such a one may be missing altogether. Rows that
    cannot be read are left out where they are to be.

    Raises:
        SchemaMismatch: a column that a model reads is missing, or holds something else.
        FileUnreadable: the file cannot be read at all.
    """
    # a model reads a fraction where training had whole numbers alone
    told = {name: kind for version in versions for name, kind in version.signature.kinds.items()}
    read = {name: "numeric" if kind == "integer" else kind for name, kind in told.items()}
    try:
        with open_file(path, options, {**kinds, **read}, leave_out_bad_rows=leave_out_bad_rows) as file:
            for version in versions:
                require_fitting({column.name: column.dtype for column in file.shape.columns}, path, version, kinds)
            yield file
    except FileUnreadable as error:
        if error.column is None or error.column not in read:
            raise
        reader = next(version for version in versions if error.column in version.signature.kinds)
        raise SchemaMismatch(f"{error.title} {reader.label} reads that column.", REMEDY) from error


def require_columns(there: Collection[str], what: str, version: ModelVersion, may_lack: Collection[str] = ()) -> None:
    """Raises SchemaMismatch where one of the version's columns is not there and may not be lacking."""
    missing = [name for name in version.signature.names if name not in there and name not in may_lack]
    if missing:
        listed = ", ".join(f"'{printable(column)}'" for column in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        word = "column" if len(missing) == 1 else "columns"
        raise SchemaMismatch(
            f"{what} lacks the {word} {listed}{more}, which {version.label} reads.",
            "Add it, under the same name." if len(missing) == 1 else "Add them, under the same names.",
        )


def require_fitting(
    types: Mapping[str, str], path: Path, version: ModelVersion, may_lack: Collection[str] = ()
) -> None:
    """Raises SchemaMismatch where one of the version's columns is missing from these, or of a type it cannot be."""
    name = printable(path.name)
    require_columns(types, name, version, may_lack)
    for column in version.signature.columns:
        fitting = _FITTING.get(column.kind)
        if fitting is not None and column.name in types and types[column.name] not in fitting:
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
