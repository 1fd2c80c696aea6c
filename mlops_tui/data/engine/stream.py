"""A file's rows as the profile needs them, block after block: one scan by the engine, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mlops_tui.data.engine.casting import AT_ONCE, TEXT, any_of, cast, literal, microseconds, misfits, quoted
from mlops_tui.data.engine.hashing import hashed_array
from mlops_tui.data.engine.narrow import parts_of, short_table
from mlops_tui.data.engine.raw import Raw
from mlops_tui.data.profile import EXACT, UNCOUNTED_KINDS

_HASH, _BAD = "row", "bad"

TYPES = {"numeric": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN", "date-time": "TIMESTAMP WITH TIME ZONE"}
"""What a value of a kind has to be; of the other kinds all is well."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Integers of any size, exact to 31 digits: the nearest float64 of each (NaN for missing), and what is left of it."""

    nearest: NDArray[np.float64]
    rest: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.nearest)


Values = NDArray[np.float64] | Counted | Hashed | Whole


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some rows of a file: its columns by name, a hash of each row, and the `table` that `values_of` reads them from."""

    columns: dict[str, Values]
    hashes: NDArray[np.uint64]
    table: pa.Table


class Rows:
    """The rows of a file that fit their kinds in order, so many at a time (fewer in the last). None need have been tried.

    Numbers, and date-times as seconds since 1970 UTC, are float64 with NaN for missing; identifiers and texts are
    hashed, all others counted. `left_out` counts those so far that do not fit; `rounded` are columns of integers that
    float64 cannot hold, which are read as `Whole` where they are named in `exact`.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        raw: Raw,
        kinds: Mapping[str, str],
        rows: int,
        exact: frozenset[str] = frozenset(),
    ) -> None:
        self._con, self._raw, self._kinds, self._rows, self._exact = con, raw, kinds, rows, exact
        self.left_out = 0
        self.rounded: frozenset[str] = frozenset()
        self.types = {name: TYPES.get(kinds[name], TEXT) for name in raw.stored}

    def __iter__(self) -> Iterator[Block]:
        raw, kinds = self._raw, self._kinds
        terms = [term for place, name in enumerate(raw.stored) for term in _terms(place, name, raw, kinds[name])]
        terms += [_rest(place, name, raw) for place, name in enumerate(raw.stored) if name in self._exact]
        bad = self._misfits()
        terms += [f"{any_of(bad)} AS {_BAD}"] if bad else []
        self._con.abort()  # of an answer that was not read to its end
        hashed = _row_hash(list(raw.stored), self._exact)
        query = f"SELECT *, {hashed} AS {_HASH} FROM (SELECT {', '.join(terms)} FROM {raw.tried})"
        reader = self._con.sql(query).to_arrow_reader(self._rows)
        for table in _tables(self._fitting(reader) if bad else reader, self._rows):
            found = {name: self._values(table, place, name) for place, name in enumerate(raw.stored)}
            self.rounded = frozenset(
                name
                for name, values in found.items()
                if kinds[name] == "integer" and isinstance(values, np.ndarray) and _is_rounded(values)
            )
            yield Block(found, table.column(_HASH).to_numpy(), table)

    def _values(self, table: pa.Table, place: int, name: str) -> Values:
        found = values_of(table, place, self._kinds[name])
        if name not in self._exact or not isinstance(found, np.ndarray):
            return found
        return Whole(found, table.column(f"r{place}").to_numpy())

    def _misfits(self) -> list[str]:
        """The conditions of rows to be left out; of many columns only those that hold in some row, which is asked first."""
        raw = self._raw
        told = {name: misfits(quoted(name), raw.stored[name], kind, raw.options) for name, kind in self.types.items()}
        found = [condition for condition in told.values() if condition is not None]
        if len(found) <= AT_ONCE:
            return found
        table = short_table(self._con, raw.tolerant, list(told))
        if table is not None:
            holding = list[str]()
            for some, source in parts_of(self._con, table):
                among = [condition for name in some if (condition := told[name]) is not None]
                terms = ", ".join(f"bool_or({one})" for one in among) or "0"
                held = self._con.execute(f"SELECT {terms} FROM {source}").fetchall()[0]
                holding += [condition for condition, holds in zip(among, held, strict=False) if holds]
            return holding
        if not self._asked([f"bool_or({any_of(found)})"])[0]:
            return []
        parts = [found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE)]
        answers = [holds for part in parts for holds in self._asked([f"bool_or({one})" for one in part])]
        return [condition for condition, holds in zip(found, answers, strict=True) if holds]

    def _asked(self, terms: Sequence[str]) -> tuple[bool | None, ...]:
        return self._con.execute(f"SELECT {', '.join(terms)} FROM {self._raw.tolerant}").fetchall()[0]

    def _fitting(self, reader: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in reader:
            bad = batch.column(_BAD)
            self.left_out += bad.true_count
            yield batch.filter(pc.invert(bad)) if bad.true_count else batch


def _tables(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Tables of so many rows: the engine's own batches end anywhere."""
    waiting: list[pa.RecordBatch] = []
    held = 0
    for found in batches:
        batch = found
        while held + batch.num_rows >= rows:
            missing = rows - held
            yield pa.Table.from_batches([*waiting, batch.slice(0, missing)])
            waiting, held, batch = [], 0, batch.slice(missing)
        if batch.num_rows:
            waiting.append(batch)
            held += batch.num_rows
    if held:
        yield pa.Table.from_batches(waiting)


def _terms(place: int, name: str, raw: Raw, kind: str) -> list[str]:
    column, stored = quoted(name), raw.stored[name]
    if kind == "date-time":
        return [f"{microseconds(column, stored, raw.options)} / 1e6 AS c{place}"]
    if kind in ("numeric", "integer"):  # what is missing hashes alike, however a format says so
        number = f"CAST({cast(column, stored, 'DOUBLE', raw.options)} AS DOUBLE)"
        return [f"coalesce({number}, 'nan'::DOUBLE) AS c{place}"]
    if kind == "boolean":  # a cast would keep the file's own spelling
        truth = cast(column, stored, "BOOLEAN", raw.options)
        return [f"CASE WHEN {truth} THEN 'true' WHEN NOT {truth} THEN 'false' END AS c{place}"]
    text = column if stored == TEXT else f"CAST({column} AS VARCHAR)"
    if kind in UNCOUNTED_KINDS:
        return [f"{text} AS c{place}", f"CAST(length({text}) AS DOUBLE) AS l{place}"]
    return [f"{text} AS c{place}"]


def _row_hash(names: Sequence[str], exact: frozenset[str]) -> str:
    """A hash of a row's values by their kinds and in the order of the columns' names: the same rows have the same hashes,
    whatever format they are written in and in whatever order their columns stand.
    """
    places = sorted(range(len(names)), key=names.__getitem__)
    found = f"hash({', '.join(f'c{place}' for place in places)})"
    for place in places:
        if names[place] in exact:  # where a float64 holds the integer, as in a file in which it holds all
            found = (
                f"xor({found}, CASE WHEN r{place} = 0 THEN 0::UBIGINT ELSE hash(r{place}, {literal(names[place])}) END)"
            )
    return found


def _rest(place: int, name: str, raw: Raw) -> str:
    """What is left of an integer beside its nearest float64."""
    nearest = cast(quoted(name), raw.stored[name], "DOUBLE", raw.options)
    rest = f"TRY_CAST({quoted(name)} AS HUGEINT) - TRY_CAST({nearest} AS HUGEINT)"
    return f"CASE WHEN abs({nearest}) >= {EXACT} THEN coalesce(CAST({rest} AS DOUBLE), 0.0) ELSE 0.0 END AS r{place}"


def _is_rounded(values: NDArray[np.float64]) -> bool:
    large = np.abs(values)
    return bool(((large >= EXACT) & (large < np.inf)).any())


def values_of(table: pa.Table, place: int, kind: str) -> Values:
    """The values of the column at that place of the file, of that kind."""
    values = table.column(f"c{place}")
    if kind in UNCOUNTED_KINDS:
        return Hashed(hashed_array(values.combine_chunks()), table.column(f"l{place}").to_numpy())
    if pa.types.is_floating(values.type):
        return values.to_numpy()
    found = values.value_counts()
    counts = dict(zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True))
    missing = counts.pop(None, 0)
    return Counted(counts, missing)
