"""The values of a category on both sides, put into common classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mlops_tui.data.profile import ColumnProfile

OTHER = "other"
MISSING = "missing"


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Rows of either side a class: the values by falling frequency, then `other`, then `missing`.

    A value that one side counts and the other may have put into its uncounted tail belongs to `other` on both sides, so
    the classes mean the same on both and their counts are exact.
    """

    values: tuple[str, ...]
    reference: NDArray[np.float64]
    current: NDArray[np.float64]
    tail_in_reference: bool

    @classmethod
    def of(cls, reference: ColumnProfile, current: ColumnProfile) -> Self:
        """The classes of two profiles that carry counts of values, or have no values at all."""
        ours, theirs = reference.counts or {}, current.counts or {}
        kept = [
            value
            for value in dict.fromkeys([*ours, *theirs])
            if (value in ours or not reference.other) and (value in theirs or not current.other)
        ]
        kept.sort(key=lambda value: (-ours.get(value, 0) - theirs.get(value, 0), value))

        def counted(column: ColumnProfile, counts: dict[str, int]) -> NDArray[np.float64]:
            rows = [counts.get(value, 0) for value in kept]
            tail = column.other + sum(counts.values()) - sum(rows)
            return np.array([*rows, tail, column.missing], dtype=np.float64)

        return cls(tuple(kept), counted(reference, ours), counted(current, theirs), bool(reference.other))

    @property
    def labels(self) -> tuple[str, ...]:
        """A name a class."""
        return (*self.values, OTHER, MISSING)

    def new_values(self) -> tuple[tuple[str, ...], float]:
        """Values that the reference lacks, most frequent first, and their share of the current rows.

        Nothing where the reference has an uncounted tail: a value not counted may still be in it.
        """
        if self.tail_in_reference:
            return (), 0.0
        new = [place for place in range(len(self.values)) if not self.reference[place] and self.current[place]]
        share = float(self.current[new].sum() / max(self.current.sum(), 1.0))
        return tuple(self.values[place] for place in new), share
