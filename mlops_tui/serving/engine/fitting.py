"""Whether a file fits a model's signature, and its rows in the model's dtypes, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
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


def require_fitting(types: dict[str, str], path: Path, version: ModelVersion) -> None:
    """Raises SchemaMismatch where one of the version's columns is missing from these, or of a type it cannot be."""
    name = printable(path.name)
    missing = [column.name for column in version.signature.columns if column.name not in types]
    if missing:
        listed = ", ".join(f"'{printable(column)}'" for column in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        word = "column" if len(missing) == 1 else "columns"
        raise SchemaMismatch(
            f"{name} lacks the {word} {listed}{more}, which {version.label} reads.",
            "Add it to the file, under the same name." if len(missing) == 1 else "Add them, under the same names.",
        )
    for column in version.signature.columns:
        fitting = _FITTING.get(column.kind)
        if fitting is not None and types[column.name] not in fitting:
            raise SchemaMismatch(
                f"The column '{printable(column.name)}' of {name} holds {types[column.name]}, not"
                f" {_WORDS[column.kind]} as {version.label} reads it.",
                "Write the column as the training files have it.",
            )


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
