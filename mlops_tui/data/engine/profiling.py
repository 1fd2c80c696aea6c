"""Profiles of files, block by block, and what they say in words and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, isfinite, sqrt
from pathlib import Path

import numpy as np
import pandas as pd

from mlops_tui.data.engine.kinds import guess_kinds
from mlops_tui.data.engine.options import ReadOptions
from mlops_tui.data.engine.reading import batches_of, open_file
from mlops_tui.data.engine.sketches import (
    capped,
    distinct_estimate,
    distinct_of,
    from_bytes,
    merged_columns,
    moments_of,
    quantiles_of,
    read_quantiles,
    to_bytes,
)
from mlops_tui.data.profile import NUMERIC_KINDS, ColumnProfile, Moments, Profile

__all__ = [
    "QUANTILES",
    "BlockProfile",
    "from_bytes",
    "merge",
    "profile_arrays",
    "profile_file",
    "summarise",
    "to_bytes",
]

QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
HISTOGRAM_BINS = 20
TOP_VALUES = 20

UNCOUNTED_KINDS = frozenset({"identifier", "text"})
"""Kinds whose values hardly ever come twice: all their rows are `other`, and none of their values is stored."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BlockProfile:
    """The profile of `rows` rows of a file from `first_row` (0 is the first after the header).

    `start` and `end` are the least and greatest time of the time column in the block (ISO 8601, UTC), None without.
    """

    first_row: int
    rows: int
    start: str | None
    end: str | None
    profile: Profile


def profile_file(
    path: Path,
    options: ReadOptions | None = None,
    kinds: Mapping[str, str] | None = None,
    block_rows: int = 10_000,
    max_blocks: int = 200,
    time_column: str | None = None,
) -> list[BlockProfile]:
    """Profile a file in at most `max_blocks` blocks of `block_rows` rows, or more where it is longer.

    All blocks share the file's kinds: those of `kinds`, guessed for columns that it does not name. Raises
    FileUnreadable, and UnknownColumn for a time column that the file does not have.
    """
    with open_file(path, options, kinds) as file:
        if time_column is not None:
            file.shape.require(time_column, path)
        known = dict(kinds or {})
        names = [column.name for column in file.shape.columns]
        guessed = {} if all(name in known for name in names) else guess_kinds(file)
        told = {name: known.get(name) or guessed[name][0] for name in names}
        size = max(block_rows, ceil(file.shape.rows / max_blocks))
        blocks, first = [], 0
        for arrays in batches_of(file, told, size):
            profile = profile_arrays(arrays, told)
            timed = profile.column(time_column) if time_column else None
            start, end = _period(timed)
            blocks.append(BlockProfile(first, profile.rows, start, end, profile))
            first += profile.rows
        return blocks


def _period(column: ColumnProfile | None) -> tuple[str | None, str | None]:
    if column is None or column.kind != "date-time" or column.moments is None or column.moments.count == 0:
        return None, None
    return _iso(column.moments.minimum), _iso(column.moments.maximum)


def profile_arrays(arrays: Mapping[str, np.ndarray], kinds: Mapping[str, str]) -> Profile:
    """Profile columns of one length: float64 with NaN for missing, or objects (str) with None, as `batches` gives."""
    rows = len(next(iter(arrays.values()))) if arrays else 0
    columns = (_profile_column(name, kinds[name], values) for name, values in arrays.items())
    return Profile(rows, tuple(columns))


def _profile_column(name: str, kind: str, values: np.ndarray) -> ColumnProfile:
    if kind in NUMERIC_KINDS:
        numbers = values.astype(np.float64, copy=False)
        present = numbers[~np.isnan(numbers)]
        finite = present[np.isfinite(present)]
        return ColumnProfile(
            name,
            kind,
            rows=len(values),
            missing=len(values) - len(present),
            distinct=distinct_of(present.tolist()),
            moments=moments_of(finite),
            quantiles=quantiles_of(finite),
        )
    found = pd.Series(values, dtype=object).value_counts(sort=False)
    known = int(found.sum())
    missing = len(values) - known
    if kind in UNCOUNTED_KINDS:
        return ColumnProfile(name, kind, len(values), missing, distinct_of(found.index), counts={}, other=known)
    counts, other = capped(dict(zip(map(str, found.index), map(int, found), strict=True)), 0)
    return ColumnProfile(name, kind, len(values), missing, distinct_of(found.index), counts=counts, other=other)


def merge(profiles: Sequence[Profile]) -> Profile:
    """The profile of all rows together, in any number of parts; a column that a part lacks is missing in its rows.

    Counts, minimum and maximum are exact, moments to rounding, sketches within the error of one. Raises DataError
    where a column is of two kinds.
    """
    rows = sum(profile.rows for profile in profiles)
    parts: dict[str, list[ColumnProfile]] = {}
    for profile in profiles:
        for column in profile.columns:
            parts.setdefault(column.name, []).append(column)
    return Profile(rows, tuple(_padded(merged_columns(columns), rows) for columns in parts.values()))


def _padded(column: ColumnProfile, rows: int) -> ColumnProfile:
    lacking = rows - column.rows
    if lacking == 0:
        return column
    told = (column.distinct, column.moments, column.quantiles, column.counts, column.other)
    return ColumnProfile(column.name, column.kind, rows, column.missing + lacking, *told)


def summarise(profile: Profile) -> list[dict[str, object]]:
    """One JSON-ready record a column.

    Keys: name, kind, count, missing, distinct, min, max, mean, std, quantiles, top, histogram. `count` is the number of
    rows with a value, `std` the sample standard deviation (n − 1; seconds for date-times). Times are ISO 8601 in UTC,
    except the edges of a histogram (seconds since 1970). `histogram` is `{edges, counts, below, above}` for numeric
    kinds: 20 bins between the 0.5 % and 99.5 % quantiles, what lies outside counted in `below` and `above`. `top` lists
    the 20 most frequent values of the other kinds (none of identifiers and texts). What cannot be told is None.
    """
    return [_summary(column) for column in profile.columns]


def _summary(column: ColumnProfile) -> dict[str, object]:
    moments = column.moments if column.moments and column.moments.count else None
    timed = column.kind == "date-time"
    ranked = sorted((column.counts or {}).items(), key=lambda item: (-item[1], item[0]))[:TOP_VALUES]
    return {
        "name": column.name,
        "kind": column.kind,
        "count": column.rows - column.missing,
        "missing": column.missing,
        "distinct": distinct_estimate(column),
        "min": _value(moments.minimum, timed) if moments else None,
        "max": _value(moments.maximum, timed) if moments else None,
        "mean": _value(moments.mean, timed) if moments else None,
        "std": _deviation(moments) if moments else None,
        "quantiles": _quantiles(column, timed) if moments else None,
        "top": [{"value": value, "count": count} for value, count in ranked],
        "histogram": _histogram(column, moments) if moments else None,
    }


def _value(number: float, timed: bool) -> float | str | None:
    if not isfinite(number):
        return None
    return _iso(number) if timed else number


def _iso(seconds: float) -> str:
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment.isoformat().replace("+00:00", "Z")


def _deviation(moments: Moments) -> float | None:
    if moments.count < 2 or not isfinite(moments.m2):
        return None
    return sqrt(moments.m2 / (moments.count - 1))


def _quantiles(column: ColumnProfile, timed: bool) -> dict[str, float | str | None]:
    assert column.quantiles is not None
    values = read_quantiles(column.quantiles).get_quantiles([float(share) for share in QUANTILES])
    return {share: _value(float(value), timed) for share, value in zip(QUANTILES, values, strict=True)}


def _histogram(column: ColumnProfile, moments: Moments) -> dict[str, object] | None:
    """Counts in equal bins by the sketch's ranks; their sum with `below` and `above` is the number of finite values."""
    assert column.quantiles is not None
    sketch = read_quantiles(column.quantiles)
    low, high = (float(value) for value in sketch.get_quantiles([0.005, 0.995]))
    if low == high:
        low, high = moments.minimum, moments.maximum
    if not isfinite(high - low):
        return None
    if low == high:
        return {"edges": [low, high], "counts": [moments.count], "below": 0, "above": 0}
    edges = np.linspace(low, high, HISTOGRAM_BINS + 1)
    # the last edge belongs to the last bin: ranks below it, and at it for the last
    ranks = [sketch.get_rank(edge, False) for edge in edges[:-1]] + [sketch.get_rank(high, True)]
    places = np.round(np.array(ranks) * moments.count).astype(np.int64)
    counts = np.diff(places).tolist()
    below, above = int(places[0]), int(moments.count - places[-1])
    return {"edges": edges.tolist(), "counts": counts, "below": below, "above": above}
