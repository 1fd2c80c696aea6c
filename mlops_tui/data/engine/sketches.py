"""The profile of one column over many parts together, and the number of its different values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import nsmallest

import numpy as np

from mlops_tui.core.errors import DataError
from mlops_tui.data.engine.distinct import estimate, merged_registers, registers_of
from mlops_tui.data.engine.hashing import hashed_numbers, hashed_texts
from mlops_tui.data.engine.moments import merged_moments
from mlops_tui.data.engine.points import merged_points, read_points
from mlops_tui.data.profile import CATEGORY_CAP, ColumnProfile


def distinct_count(column: ColumnProfile) -> int:
    """Number of different values: exact where all of them were counted, else an estimate, never more than there are and
    never fewer than are kept.
    """
    kept = len(column.counts) if column.counts is not None else _number_of_points(column)
    if column.registers is None:
        return kept
    return max(kept, min(estimate(column.registers), column.rows - column.missing))


def _number_of_points(column: ColumnProfile) -> int:
    return len(column.points.values) // 8 if column.points else 0


def _registers(column: ColumnProfile) -> bytes:
    """Its registers, made from the values that it holds where it has none."""
    if column.registers is not None:
        return column.registers
    if column.counts is not None:
        return registers_of(hashed_texts(column.counts))
    return registers_of(hashed_numbers(read_points(column.points)[0]) if column.points else np.array([], np.uint64))


def capped(counts: Mapping[str, int], other: int, most: int | None = None) -> tuple[dict[str, int], int]:
    """The `most` most frequent values (None: `CATEGORY_CAP`; ties by value) and the rows of the rest added to `other`."""
    most = CATEGORY_CAP if most is None else most
    if len(counts) <= most:
        return dict(counts), other
    kept = dict(nsmallest(most, counts.items(), key=lambda item: (-item[1], item[0])))
    return kept, other + sum(counts.values()) - sum(kept.values())


def merged_columns(parts: Sequence[ColumnProfile], *, with_registers: bool = True) -> ColumnProfile:
    """The profile of one column over the rows of all parts, `with_registers` of its values where these are not all held.

    Raises DataError where the kinds differ.
    """
    first = parts[0]
    if len(parts) == 1:
        return first if with_registers or first.registers is None else replace(first, registers=None)
    if strange := next((part for part in parts if part.kind != first.kind), None):
        raise DataError(
            f"Column {first.name!r} is {first.kind} in one file and {strange.kind} in another.",
            "Profile both with the source's kinds.",
        )
    counted, other = _merged_counts(parts)
    points = merged_points([part.points for part in parts if part.points is not None])
    lengths = [part.lengths for part in parts if part.lengths is not None]
    told = any(part.registers for part in parts) or (counted is not None and len(counted) == CATEGORY_CAP and other)
    return ColumnProfile(
        first.name,
        first.kind,
        sum(part.rows for part in parts),
        sum(part.missing for part in parts),
        None if first.moments is None else merged_moments([part.moments for part in parts if part.moments is not None]),
        None if first.points is None else points,
        counted,
        other,
        merged_registers([_registers(part) for part in parts]) if with_registers and (told or points.bound) else None,
        merged_moments(lengths) if lengths else None,
    )


def _merged_counts(parts: Sequence[ColumnProfile]) -> tuple[dict[str, int] | None, int]:
    if parts[0].counts is None:
        return None, 0
    counts: dict[str, int] = {}
    for part in parts:
        for value, count in (part.counts or {}).items():
            counts[value] = counts.get(value, 0) + count
    return capped(counts, sum(part.other for part in parts))
