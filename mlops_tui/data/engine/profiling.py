"""Profiles of files, block by block, and what they say in words and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import ceil, isfinite
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from mlops_tui.core.errors import UnknownColumn
from mlops_tui.data.engine.casting import misfits, quoted
from mlops_tui.data.engine.comoments import Comoments, comoments_of
from mlops_tui.data.engine.distinct import registers_of
from mlops_tui.data.engine.hashing import hashed_numbers, hashed_texts, hashed_wholes
from mlops_tui.data.engine.hints import misread
from mlops_tui.data.engine.histograms import histogram_of
from mlops_tui.data.engine.kinds import guess_kinds
from mlops_tui.data.engine.moments import deviation_of, moments_of
from mlops_tui.data.engine.points import points_of, quantiles_of
from mlops_tui.data.engine.raw import Raw
from mlops_tui.data.engine.reading import raw_file, require_column
from mlops_tui.data.engine.refusals import rejected, without_rows
from mlops_tui.data.engine.row_hashes import smallest
from mlops_tui.data.engine.sketches import capped, distinct_count, merged_columns
from mlops_tui.data.engine.stream import Block, Counted, Hashed, Rows, Values, Whole
from mlops_tui.data.engine.trying import rejects_of, rows_sql, try_rows
from mlops_tui.data.model import Rejects
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.profile import EXACT, NUMERIC_KINDS, ColumnProfile, Moments, Profile

QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
TOP_VALUES = 20

VARYING = NUMERIC_KINDS - {"date-time"}
"""Kinds whose columns are told in pairs."""

Hears = Callable[[int, Block, Mapping[str, str]], None]
"""Is told the number of a block, its rows and their kinds; of block 0 once more where a file is begun again."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BlockProfile:
    """The profile of `rows` rows of a file from `first_row` (0 is the first after the header).

    `start` and `end` are the least and greatest time of the time column in the block (ISO 8601, UTC), None without.
    `row_hashes` is a sketch of its rows, `comoments` how its numeric columns vary together.
    """

    first_row: int
    rows: int
    start: str | None
    end: str | None
    profile: Profile
    row_hashes: bytes
    comoments: Comoments | None


@dataclass(frozen=True, slots=True)
class Profiled:
    """A file's blocks, in order, and what of it could not be read."""

    blocks: tuple[BlockProfile, ...]
    rejects: Rejects

    @property
    def rows(self) -> int:
        """The rows that could be read."""
        return sum(block.rows for block in self.blocks)


def profile_file(
    path: Path,
    options: ReadOptions | None = None,
    kinds: Mapping[str, str] | None = None,
    block_rows: int = 10_000,
    max_blocks: int = 200,
    time_column: str | None = None,
    hears: Hears | None = None,
) -> Profiled:
    """Profile a file in at most `max_blocks` blocks of `block_rows` rows, or more where it is longer.

    All blocks share the file's kinds: those of `kinds`, guessed for columns that it does not name. Rows that cannot be
    read are left out and told. `hears` is told of each block. Raises FileUnreadable where none can be, and UnknownColumn for a time column that the
    file does not have.
    """
    with raw_file(path, options, streamed=True) as (con, raw):
        if time_column is not None:
            _require_time(time_column, raw, kinds or {}, path)
        told = kinds_in(con, raw, kinds or {})
        about = raw.rows_about
        if about is None:
            ((about,),) = con.execute(f"SELECT count(*) FROM {raw.tolerant}").fetchall()
        size = max(block_rows, ceil(about / max_blocks))
        rows, exact = Rows(con, raw, told, size), frozenset[str]()
        while (blocks := _blocks(rows, told, time_column, max_blocks, hears)) is None:
            exact |= rows.rounded
            size *= 1 if rows.rounded else 2  # the first rows were longer than the others
            rows = Rows(con, raw, told, size, exact)
        broken = raw.broken(con)
        rejects = Rejects(broken.count, {}, broken.first)
        if rows.left_out:
            rejects = rejects_of(con, raw, rows.types, _fallible(raw, rows.types), broken)
    if not blocks:
        raise rejected(path, rejects, raw.noun) if rejects.count else without_rows(path)
    return Profiled(tuple(blocks), rejects)


def _require_time(column: str, raw: Raw, kinds: Mapping[str, str], path: Path) -> None:
    """Raise UnknownColumn where the file lacks it, with what the file's own columns tell of why."""
    try:
        require_column(raw.stored, column, path)
    except UnknownColumn as error:
        hint = misread(path, raw.options, list(raw.stored), kinds)
        raise UnknownColumn(error.title, f"{error.remedy} {hint}".rstrip()) from None


def _fallible(raw: Raw, types: Mapping[str, str]) -> list[str]:
    """The columns that may hold what does not fit."""
    return [name for name, kind in types.items() if misfits(quoted(name), raw.stored[name], kind, raw.options)]


def kinds_in(con: duckdb.DuckDBPyConnection, raw: Raw, kinds: Mapping[str, str]) -> dict[str, str]:
    """The kind of each of the file's columns: that of `kinds`, else one that is guessed."""
    unknown = [name for name in raw.stored if name not in kinds]
    if not unknown:
        return {name: kinds[name] for name in raw.stored}
    tried = try_rows(con, raw, kinds)
    guessed = guess_kinds(con, partial(rows_sql, raw, tried), {name: tried.types[name] for name in unknown})
    return {name: kinds[name] if name in kinds else guessed[name][0] for name in raw.stored}


def _blocks(
    rows: Rows, kinds: Mapping[str, str], time_column: str | None, most: int, hears: Hears | None
) -> list[BlockProfile] | None:
    """Their profiles; None where there are too many, or some were rounded."""
    blocks, first = list[BlockProfile](), 0
    for found in rows:
        if rows.rounded or len(blocks) == most:
            return None
        block = _block(first, found, kinds, time_column)
        if hears is not None:
            hears(len(blocks), found, kinds)
        blocks.append(block)
        first += block.rows
    return blocks


def _block(first: int, found: Block, kinds: Mapping[str, str], time_column: str | None) -> BlockProfile:
    profile = profile_columns(found.columns, kinds)
    start, end = _period(profile.column(time_column) if time_column else None)
    told = ((name, _as_floats(values)) for name, values in found.columns.items() if kinds[name] in VARYING)
    numbers = {name: values for name, values in told if values is not None}
    varying = comoments_of(numbers) if len(numbers) > 1 else None
    return BlockProfile(first, profile.rows, start, end, profile, smallest(found.hashes), varying)


def _as_floats(values: Values) -> NDArray[np.float64] | None:
    if isinstance(values, Whole):
        return values.nearest
    return values if isinstance(values, np.ndarray) else None


def _period(column: ColumnProfile | None) -> tuple[str | None, str | None]:
    if column is None or column.kind != "date-time" or column.moments is None or column.moments.count == 0:
        return None, None
    return _iso(column.moments.minimum), _iso(column.moments.maximum)


def profile_columns(columns: Mapping[str, Values], kinds: Mapping[str, str]) -> Profile:
    """Profile columns of one length: of numeric kinds float64 with NaN for missing (or `Whole`), the others counted or
    hashed.
    """
    rows = len(next(iter(columns.values()))) if columns else 0
    return Profile(rows, tuple(_profile_column(name, kinds[name], values) for name, values in columns.items()))


def _profile_column(name: str, kind: str, values: Values) -> ColumnProfile:
    if isinstance(values, Hashed):
        return _profile_hashed(name, kind, values)
    if isinstance(values, Whole):
        return _profile_whole(name, kind, values)
    if not isinstance(values, Counted):
        return _profile_numbers(name, kind, values)
    counts, other = capped(values.counts, 0)
    registers = registers_of(hashed_texts(values.counts)) if other else None
    return ColumnProfile(name, kind, len(values), values.missing, counts=counts, other=other, registers=registers)


def _profile_numbers(name: str, kind: str, numbers: NDArray[np.float64]) -> ColumnProfile:
    ordered = np.sort(numbers)  # NaN last
    present = ordered[: np.searchsorted(ordered, np.nan)]
    finite = present[np.searchsorted(present, -np.inf, side="right") : np.searchsorted(present, np.inf)]
    points = points_of(finite, is_sorted=True)
    is_told = points.bound == 0.0 and len(finite) == len(present)
    return ColumnProfile(
        name,
        kind,
        len(numbers),
        len(numbers) - len(present),
        moments_of(finite),
        points,
        registers=None if is_told else registers_of(hashed_numbers(present)),
    )


def _profile_whole(name: str, kind: str, values: Whole) -> ColumnProfile:
    """As of the nearest float64s; what tells one integer from another, and the bounds, by the integers themselves."""
    found = _profile_numbers(name, kind, values.nearest)
    there = ~np.isnan(values.nearest)
    moments = found.moments
    assert moments is not None
    lowest, highest = values.rest[values.nearest == moments.minimum], values.rest[values.nearest == moments.maximum]
    return replace(
        found,
        moments=replace(
            moments,
            minimum=_exact(moments.minimum, lowest.min(initial=np.inf)),
            maximum=_exact(moments.maximum, highest.max(initial=-np.inf)),
        ),
        registers=registers_of(hashed_wholes(values.nearest[there], values.rest[there]))
        if values.rest.any()
        else found.registers,
    )


def _exact(bound: float, rest: float) -> float:
    return int(bound) + int(rest) if EXACT <= abs(bound) < EXACT**2 else bound


def _profile_hashed(name: str, kind: str, values: Hashed) -> ColumnProfile:
    there = ~np.isnan(values.lengths)
    present = int(there.sum())
    return ColumnProfile(
        name,
        kind,
        len(values),
        len(values) - present,
        counts={},
        other=present,
        registers=registers_of(values.hashes[there]),
        lengths=moments_of(values.lengths[there]),
    )


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
    return Profile(rows, tuple(padded(merged_columns(columns), rows) for columns in parts.values()))


def padded(column: ColumnProfile, rows: int) -> ColumnProfile:
    """The column over so many rows, those that it has not counted as missing."""
    lacking = rows - column.rows
    if lacking == 0:
        return column
    return replace(column, rows=rows, missing=column.missing + lacking)


def summarise(profile: Profile) -> list[dict[str, object]]:
    """One JSON-ready record a column.

    Keys: name, kind, count, missing, infinite, distinct, min, max, mean, std, skew, quantiles, top, other, lengths, histogram.
    `count` is the number of rows with a value, `infinite` how many of those are in none of the figures, `std` the sample standard deviation (n − 1; seconds for date-times), `skew`
    the third standardised moment, `lengths` `{min, mean, max}` of texts in characters. Times are ISO 8601 in UTC,
    except the edges of a histogram (seconds since 1970). `histogram` is `{edges, counts, below, above}` for numeric
    kinds: up to 20 bins between the 0.5 % and 99.5 % quantiles, what lies outside counted in `below` and `above`. `top` lists
    the 20 most frequent values of the other kinds (none of identifiers and texts), `other` counts rows whose value was not
    counted. What cannot be told is None.
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
        "infinite": column.infinite,
        "distinct": distinct_count(column),
        "min": _value(moments.minimum, timed) if moments else None,
        "max": _value(moments.maximum, timed) if moments else None,
        "mean": _value(moments.mean, timed) if moments else None,
        "std": deviation_of(moments) if moments else None,
        "skew": _skew(moments) if moments else None,
        "quantiles": _quantiles(column, timed) if moments else None,
        "top": [{"value": value, "count": count} for value, count in ranked],
        "other": column.other if column.counts is not None else None,
        "lengths": _lengths(column.lengths) if column.lengths and column.lengths.count else None,
        "histogram": histogram_of(column, moments) if moments else None,
    }


def _value(number: float, timed: bool) -> float | str | None:
    if not isfinite(number):
        return None
    return _iso(number) if timed else number


def _iso(seconds: float) -> str:
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment.isoformat().replace("+00:00", "Z")


def _skew(moments: Moments) -> float | None:
    """Third standardised moment, as SciPy's `skew` with its bias: m3 / n over (m2 / n) to the 3/2."""
    spread = moments.m2 / moments.count
    if not isfinite(spread) or spread <= 1e-24 * max(1.0, moments.mean**2):
        return None
    found = moments.m3 / moments.count / spread**1.5
    return found if isfinite(found) else None


def _lengths(lengths: Moments) -> dict[str, float]:
    return {"min": lengths.minimum, "mean": lengths.mean, "max": lengths.maximum}


def _quantiles(column: ColumnProfile, timed: bool) -> dict[str, float | str | None]:
    assert column.points is not None
    values = quantiles_of(column.points, [float(share) for share in QUANTILES])
    return {share: _value(float(value), timed) for share, value in zip(QUANTILES, values, strict=True)}
