"""A block's rows told apart by the values of a column, and each part profiled: small sketches, as there are many of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mlops_tui.data.engine.moments import moments_of
from mlops_tui.data.engine.payload import to_bytes
from mlops_tui.data.engine.points import KEPT, points_of
from mlops_tui.data.engine.sketches import capped
from mlops_tui.data.engine.stream import Block, Counted, values_of
from mlops_tui.data.profile import UNCOUNTED_KINDS, ColumnProfile, Profile
from mlops_tui.data.slices import MISSING, MOST_VALUES, OTHER, SLICED_KINDS, VALUE, SliceName, number_text

EXACT = 64
"""So many different numbers of a slice of a block are all kept."""

LEAST, POINTS = 16, 1.5
"""Of more numbers POINTS · √n points are kept, from LEAST to `points.KEPT`: what the points add to the variance of a share of
rows is a seventh of what n rows let it vary by themselves.
"""

COUNTED = 1_000
"""So many values of a category are counted in a slice of a block; the tail beyond is one class, `other`."""

LENGTH = np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class SliceProfile:
    """The profile of those rows of a block that are in the slice `name` of the column `by`."""

    by: str
    name: SliceName
    profile: Profile


def slices_of(block: Block, kinds: Mapping[str, str], slices: Mapping[str, Sequence[str]]) -> list[SliceProfile]:
    """The parts of a block by each column of `slices`, whose values there come before more frequent ones.

    A value has a part of its own where it is one of the `MOST_VALUES`; all rows are in one part. Columns of kinds whose values do
    not come again have none. A column that the file lacks is missing in all rows.
    """
    found = list[SliceProfile]()
    names = list(block.columns)
    for by, first in slices.items():
        if by in names and kinds[by] not in SLICED_KINDS:
            continue
        parts = _parts(block.table, names.index(by), first) if by in names else [(SliceName(MISSING), block.table)]
        found += [SliceProfile(by, name, _profile(part, names, kinds)) for name, part in parts]
    return found


def _parts(table: pa.Table, place: int, first: Sequence[str]) -> list[tuple[SliceName, pa.Table]]:
    """The rows of each slice as a table, the most frequent value first."""
    codes, names = _codes(table.column(f"c{place}"))
    chosen = _chosen(np.bincount(codes[codes >= 0], minlength=len(names)), names, first)
    slots = np.full(len(names) + 1, len(chosen))  # of other values; the last one is for none
    slots[chosen], slots[-1] = np.arange(len(chosen)), len(chosen) + 1
    ours = slots[codes]
    ordered = table.take(np.argsort(ours, kind="stable"))
    bounds = np.concatenate(([0], np.cumsum(np.bincount(ours, minlength=len(chosen) + 2))))
    told = [*(SliceName(VALUE, names[code]) for code in chosen), SliceName(OTHER), SliceName(MISSING)]
    spans = zip(told, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
    return [(name, ordered.slice(low, high - low)) for name, low, high in spans if high > low]


def _codes(values: pa.ChunkedArray) -> tuple[NDArray[np.intp], list[str]]:
    """Which value each row has (-1: none), and the values as texts."""
    if pa.types.is_floating(values.type):
        numbers = values.to_numpy()
        found, codes = np.unique(numbers, return_inverse=True)
        return np.where(np.isnan(numbers), -1, codes), [number_text(number) for number in found.tolist()]
    encoded = values.combine_chunks().dictionary_encode()
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return indices.astype(np.intp), encoded.dictionary.to_pylist()


def _chosen(counts: NDArray[np.intp], names: Sequence[str], first: Sequence[str]) -> list[int]:
    """The values with a slice of their own: all where they are few, else those of `first`, then the most frequent."""
    there = np.flatnonzero(counts).tolist()
    ranked = sorted(there, key=lambda code: (-int(counts[code]), names[code]))
    if len(ranked) <= MOST_VALUES:
        return ranked
    wanted = set(first)
    kept = {*[code for code in ranked if names[code] in wanted][:MOST_VALUES]}
    kept |= {*[code for code in ranked if code not in kept][: MOST_VALUES - len(kept)]}
    return [code for code in ranked if code in kept]


def _profile(part: pa.Table, names: Sequence[str], kinds: Mapping[str, str]) -> Profile:
    columns = (_column(part, place, name, kinds[name]) for place, name in enumerate(names))
    return Profile(part.num_rows, tuple(columns))


def _column(part: pa.Table, place: int, name: str, kind: str) -> ColumnProfile:
    rows = part.num_rows
    if kind in UNCOUNTED_KINDS:
        lengths = part.column(f"l{place}").to_numpy()
        there = lengths[~np.isnan(lengths)]
        return ColumnProfile(
            name, kind, rows, rows - len(there), counts={}, other=len(there), lengths=moments_of(there)
        )
    values = values_of(part, place, kind)
    if isinstance(values, Counted):
        counts, other = capped(values.counts, 0, COUNTED)
        return ColumnProfile(name, kind, rows, values.missing, counts=counts, other=other)
    assert isinstance(values, np.ndarray)  # exact integers are made of two columns, of which this is the nearest number
    ordered = np.sort(values)  # NaN last
    present = ordered[: np.searchsorted(ordered, np.nan)]
    finite = present[np.searchsorted(present, -np.inf, side="right") : np.searchsorted(present, np.inf)]
    kept = min(KEPT, max(LEAST, ceil(POINTS * sqrt(len(finite)))))
    points = points_of(finite, is_sorted=True, exact=EXACT, kept=kept)
    return ColumnProfile(name, kind, rows, rows - len(present), moments_of(finite), points)


def slice_bytes(profile: Profile) -> bytes:
    """The columns of a slice as a BLOB, in the file's order and without their names: the lengths, then each as `to_bytes` has it."""
    parts = [to_bytes(column) for column in profile.columns]
    return np.array([len(part) for part in parts], LENGTH).tobytes() + b"".join(parts)


def slice_payloads(blob: bytes, columns: int) -> list[bytes]:
    """The bytes of each of so many columns that `slice_bytes` wrote."""
    ends = LENGTH.itemsize * columns + np.cumsum(np.frombuffer(blob, LENGTH, columns).astype(np.intp))
    starts = [LENGTH.itemsize * columns, *ends.tolist()]
    return [blob[low:high] for low, high in itertools.pairwise(starts)]
