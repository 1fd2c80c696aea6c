"""A file's rows as the profile needs them, block after block: one scan by the engine, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mlops_tui.data.engine.dialect import quoted
from mlops_tui.data.engine.reading import ColumnShape, OpenFile
from mlops_tui.data.profile import UNCOUNTED_KINDS

_HASH = "row"


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Values that are counted: how many rows have each (as text), and how many have none."""

    counts: dict[str, int]
    missing: int

    def __len__(self) -> int:
        return sum(self.counts.values()) + self.missing

    @classmethod
    def of(cls, values: NDArray[np.object_]) -> Counted:
        """Counts objects, None for missing."""
        counts = Counter(values.tolist())
        missing = counts.pop(None, 0)
        return cls({str(value): count for value, count in counts.items()}, missing)


@dataclass(frozen=True, slots=True, eq=False)
class Hashed:
    """Values that are never shown, told by hash and by length in characters (NaN for missing)."""

    hashes: NDArray[np.uint64]
    lengths: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.hashes)


Values = NDArray[np.float64] | Counted | Hashed


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some rows of a file: its columns by name, and a hash of each row."""

    columns: dict[str, Values]
    hashes: NDArray[np.uint64]


def stream(file: OpenFile, kinds: Mapping[str, str], rows: int) -> Iterator[Block]:
    """The file in order, `rows` rows at a time (fewer in the last).

    Numbers, and date-times as seconds since 1970 UTC, are float64 with NaN for missing; identifiers and texts are
    hashed, all others counted.
    """
    columns = file.shape.columns
    terms = [term for place, column in enumerate(columns) for term in _terms(place, column, kinds[column.name])]
    terms.append(f"hash({', '.join(quoted(column.name) for column in columns)}) AS {_HASH}")
    file.con.abort()  # of an answer that was not read to its end
    reader = file.con.sql(f"SELECT {', '.join(terms)} FROM {file.sql}").to_arrow_reader(rows)
    for table in _tables(reader, rows):
        found = {c.name: _values(table, place, kinds[c.name]) for place, c in enumerate(columns)}
        yield Block(found, table.column(_HASH).to_numpy())


def _tables(reader: pa.RecordBatchReader, rows: int) -> Iterator[pa.Table]:
    """Tables of so many rows: the engine's own batches end anywhere."""
    waiting: list[pa.RecordBatch] = []
    held = 0
    for batch in reader:
        while held + batch.num_rows >= rows:
            missing = rows - held
            yield pa.Table.from_batches([*waiting, batch.slice(0, missing)])
            waiting, held, batch = [], 0, batch.slice(missing)
        if batch.num_rows:
            waiting.append(batch)
            held += batch.num_rows
    if held:
        yield pa.Table.from_batches(waiting)


def _terms(place: int, column: ColumnShape, kind: str) -> list[str]:
    name = quoted(column.name)
    if kind == "date-time":
        return [f"epoch_us({name}) / 1e6 AS c{place}"]
    if kind == "boolean":  # a cast would keep the file's own spelling
        return [f"CASE WHEN {name} THEN 'true' WHEN NOT {name} THEN 'false' END AS c{place}"]
    text = f"CAST({name} AS VARCHAR)"
    if kind in UNCOUNTED_KINDS:
        hashed = f"coalesce(md5_number_lower({text}), 0::UBIGINT) AS c{place}"
        return [hashed, f"CAST(length({text}) AS DOUBLE) AS l{place}"]
    return [f"CAST({name} AS DOUBLE) AS c{place}" if kind in ("numeric", "integer") else f"{text} AS c{place}"]


def _values(table: pa.Table, place: int, kind: str) -> Values:
    values = table.column(f"c{place}")
    if kind in UNCOUNTED_KINDS:
        return Hashed(values.to_numpy(), table.column(f"l{place}").to_numpy())
    if pa.types.is_floating(values.type):
        return values.to_numpy()
    found = values.value_counts()
    counts = dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True))
    missing = counts.pop(None, 0)
    return Counted(counts, missing)
