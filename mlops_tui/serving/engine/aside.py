"""Rows that are set aside: those that cannot be read, and those of which a model gives no finite number."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mlops_tui.core.errors import SchemaMismatch
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.reading import OpenFile
from mlops_tui.serving.engine.writing import Form, Output, output, placed
from mlops_tui.serving.model import format_of

MOST = 100_000
"""A file with more rows to be set aside is not predicted at all: something else is wrong with it."""
NO_NUMBER = "has no prediction: the model gives no finite number"
SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("reason", pa.string()),
        ("text", pa.string()),
    ]
)
"""`row` is the line, as an editor counts it, or the number of the row in a file without lines; 0 where it cannot be told."""


class Aside:
    """A file of rows that are set aside, with the reason of each."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def add(self, file: OpenFile, name: str, without: array[int]) -> int:
        """Writes the rows of an open file that cannot be read, and those `without` a prediction (their numbers, from 1);
        returns how many they are.

        Raises:
            SchemaMismatch: they are too many.
        """
        count = file.shape.rejects.count + len(without)
        if count > MOST:
            raise SchemaMismatch(
                f"{name} has {count:,} rows that would have to be set aside.",
                "Look at how it is read and what its columns hold: so many rows are no exception.",
            )
        found = [(row.line, row.column_name, row.reason, row.text) for row in file.rejects(MOST).first]
        found += self._without(file, list(without))
        found.sort(key=lambda row: row[0])
        if found:
            columns: list[Any] = [[printable(name)] * len(found), *map(list, zip(*found, strict=True))]
            arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
            self._out.add(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))
        return len(found)

    def _without(self, file: OpenFile, rows: list[int]) -> Iterator[tuple[int, str | None, str, str]]:
        if not rows:
            return
        lines = file.lines_of(rows)
        texts = file.raw.texts_at(file.con, [line for line in lines if line])
        for line in lines:
            yield line, None, NO_NUMBER, texts.get(line, "")


@contextmanager
def set_aside(rejects: Path | None) -> Iterator[Aside | None]:
    """Where rows are set aside to; a file with no row where there is none, and nothing at all where none is named."""
    if rejects is None:
        yield None
        return
    form = Form(format_of(rejects))
    with placed(rejects) as temporary, output(temporary, SCHEMA, form, ()) as out:
        yield Aside(out)


def numbers_of(first: int, finite: np.ndarray[Any, Any]) -> array[int]:
    """The numbers of the rows that are not finite, the first of all having that number."""
    return array("q", (np.flatnonzero(~finite) + first).astype(np.int64).tobytes())
