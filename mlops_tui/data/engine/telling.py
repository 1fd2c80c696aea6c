"""What the profiles in the store tell beyond what is written down: the checks they suggest, how versions differ,
correlations, and one column file by file. No file is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import isfinite
from typing import Any

from mlops_tui.core.clock import from_seconds
from mlops_tui.core.errors import UnknownColumn
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.comoments import MOST_COLUMNS, Comoments, comoments_from_bytes, merged_comoments
from mlops_tui.data.engine.differences import differences
from mlops_tui.data.engine.moments import deviation_of, merged_moments
from mlops_tui.data.engine.payload import from_bytes
from mlops_tui.data.engine.profiling import VARYING
from mlops_tui.data.engine.verdicts import proposals
from mlops_tui.data.model import Source, SourceFile, key_of
from mlops_tui.data.profile import ColumnProfile, Moments
from mlops_tui.data.profile_query import column_kinds, comoments_of, profiles_of
from mlops_tui.data.query import find_source, find_version, members
from mlops_tui.jobs.context import AnswerContext

AT_ONCE = 64
"""So many blocks are merged at once: their sums take up to 130 kB each."""
NAMED = 20


def checks(context: AnswerContext, *, source: str) -> dict[str, Any]:
    """The checks of a source and those that its files suggest; see `verdicts.proposals`."""
    return proposals(context.store, find_source(context.store.reader, source))


def diff(context: AnswerContext, *, source: str, before: int, after: int) -> dict[str, Any]:
    """How two versions of a source differ; see `differences.differences`."""
    return differences(context.store, find_source(context.store.reader, source), before, after)


def correlations(context: AnswerContext, *, source: str, version: str | None = None) -> dict[str, Any]:
    """Pearson's correlations of a version's numeric columns, each pair over the rows where both have a value.

    Returns `{source, version, rows, columns, values, left_out: [{column, why}]}`: `values` has a row for each of the
    `columns`, None where one of a pair does not vary. Of a block the first 64 columns are told; `left_out` is what some
    file does not tell.
    """
    reader = context.store.reader
    found = find_source(reader, source)
    told = find_version(reader, found, version)
    found = told.of(found)
    files = members(reader, found.id, told.number)
    keys = [key_of(found, file) for file in files]
    sums = _together(comoments_from_bytes(blob) for blob in comoments_of(reader, keys))
    table = [] if sums is None else sums.correlations().tolist()
    return {
        "source": found.name,
        "version": told.number,
        "rows": told.rows,
        "columns": list(sums.names) if sums is not None else [],
        "values": [[number if isfinite(number) else None for number in row] for row in table],
        "left_out": _left_out(reader, found, files, () if sums is None else sums.names),
    }


def _left_out(
    reader: sqlite3.Connection, source: Source, files: Sequence[SourceFile], told: Sequence[str]
) -> list[dict[str, str]]:
    """The numeric columns that are not told, each with the reason."""
    left = [name for name, kind in source.kinds.items() if kind in VARYING and name not in told]
    lacking: dict[str, list[str]] = {name: [] for name in left}
    for file in files if left else ():
        there = column_kinds(reader, key_of(source, file))
        for name in left:
            if there.get(name) not in VARYING:
                lacking[name].append(file.path)
    return [{"column": name, "why": _why_left_out(lacking[name])} for name in left]


def _why_left_out(lacking: Sequence[str]) -> str:
    if not lacking:
        return f"of each file the first {MOST_COLUMNS} numeric columns are told in pairs, where there are two"
    more = f" and {len(lacking) - 1:,} more" if len(lacking) > 1 else ""
    return f"{printable(lacking[0])}{more} {'lacks' if not more else 'lack'} it as a number"


def _together(parts: Iterator[Comoments]) -> Comoments | None:
    """The sums of all parts, with few of them in memory."""
    whole: list[Comoments] = []
    while some := list(islice(parts, AT_ONCE)):
        merged = merged_comoments([*whole, *some])
        whole = [merged] if merged is not None else []
    return whole[0] if whole else None


def by_file(context: AnswerContext, *, source: str, column: str, version: str | None = None) -> dict[str, Any]:
    """One column in each file of a version, in the order of their paths.

    Returns `{source, version, column, kind, value, files: [{file, rows, missing, infinite, mean, std, min, max,
    share}]}`: of numbers and times how many are infinite, and of the others the mean (ISO 8601 of times), the sample standard deviation (n − 1; seconds of times) and the range,
    of the rest `share`, that of the rows with the `value` which the version has most often; what a file cannot tell is
    None.

    Raises UnknownName, UnknownColumn.
    """
    reader = context.store.reader
    found = find_source(reader, source)
    told = find_version(reader, found, version)
    found = told.of(found)
    files = members(reader, found.id, told.number)
    parts = [_column_of(context, key_of(found, file), column) for file in files]
    kind = next((part[0].kind for part in parts if part), None)
    if kind is None:
        known = ", ".join(printable(name) for name in list(found.kinds)[:NAMED])
        raise UnknownColumn(f"Source '{found.name}' has no column '{printable(column)}'.", f"Columns: {known}.")
    value = _most_frequent(block for part in parts for block in part)
    return {
        "source": found.name,
        "version": told.number,
        "column": column,
        "kind": kind,
        "value": value,
        "files": [
            {
                "file": file.path,
                **_figures(part, value, is_time=kind == "date-time"),
                **({} if part else _lacking(file)),
            }
            for file, part in zip(files, parts, strict=True)
        ],
    }


def _lacking(file: SourceFile) -> dict[str, Any]:
    """What is told of a file without the column: it is missing in all rows."""
    return {"rows": file.rows, "missing": file.rows}


def _column_of(context: AnswerContext, key: str, column: str) -> list[ColumnProfile]:
    stored = profiles_of(context.store.reader, [key], column=column)
    return [from_bytes(one.payload, one.name, one.kind) for one in stored]


def _most_frequent(parts: Iterable[ColumnProfile]) -> str | None:
    """The value that comes most often in all parts together, of those that are alike often the first by name."""
    counts: dict[str, int] = {}
    for part in parts:
        for value, count in (part.counts or {}).items():
            counts[value] = counts.get(value, 0) + count
    return min(counts, key=lambda value: (-counts[value], value), default=None)


def _figures(parts: list[ColumnProfile], value: str | None, *, is_time: bool) -> dict[str, Any]:
    rows, missing = sum(part.rows for part in parts), sum(part.missing for part in parts)
    counts = [part.counts for part in parts if part.counts is not None]
    held = sum(found.get(value or "", 0) for found in counts)
    infinite = [part.infinite for part in parts]
    some = merged_moments([part.moments for part in parts if part.moments is not None])
    return {
        "rows": rows,
        "missing": missing,
        "infinite": None if any(number is None for number in infinite) else sum(map(int, filter(None, infinite))),
        **_of_moments(some if some.count else None, is_time),
        "share": held / (rows - missing) if value is not None and counts and rows > missing else None,
    }


def _of_moments(moments: Moments | None, is_time: bool) -> dict[str, Any]:
    if moments is None:
        return dict.fromkeys(("mean", "std", "min", "max"))
    told = {"mean": moments.mean, "min": moments.minimum, "max": moments.maximum}
    known: dict[str, Any] = {name: number if isfinite(number) else None for name, number in told.items()}
    if is_time:
        known = {name: None if number is None else from_seconds(number) for name, number in known.items()}
    return known | {"std": deviation_of(moments)}
