"""The values of a category on both sides, put into common classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mlops_tui.data.profile import ColumnProfile
from mlops_tui.monitoring.model import OneSided

OTHER = "other"
MISSING = "missing"

NAMED = 10
"""So many of the values that one side lacks are named."""


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
    tail_in_current: bool

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

        sides = _rows_of(reference, kept), _rows_of(current, kept)
        return cls(tuple(kept), *sides, bool(reference.other), bool(current.other))

    def rows_of(self, column: ColumnProfile) -> NDArray[np.float64]:
        """The rows of another profile of the column in each of these classes."""
        return _rows_of(column, self.values)

    @property
    def labels(self) -> tuple[str, ...]:
        """A name a class."""
        return (*self.values, OTHER, MISSING)

    def new(self) -> OneSided:
        """Values that the reference lacks. None of them where it has an uncounted tail: a value may still be in that."""
        return self._one_sided(self.reference, self.current, self.tail_in_reference)

    def vanished(self) -> OneSided:
        """Values that the current rows lack, likewise."""
        return self._one_sided(self.current, self.reference, self.tail_in_current)

    def _one_sided(self, lacking: NDArray[np.float64], having: NDArray[np.float64], has_tail: bool) -> OneSided:
        found = [place for place in range(len(self.values)) if not lacking[place] and having[place] and not has_tail]
        found.sort(key=lambda place: -having[place])
        rows = max(float(having.sum()), 1.0)
        named = found[:NAMED]
        shares = tuple((having[named] / rows).tolist())
        return OneSided(
            len(found), float(having[found].sum()) / rows, tuple(self.values[place] for place in named), shares
        )


def _rows_of(column: ColumnProfile, values: Sequence[str]) -> NDArray[np.float64]:
    """Rows with each of the values, with another one, and without any."""
    counts = column.counts or {}
    rows = [counts.get(value, 0) for value in values]
    tail = column.other + sum(counts.values()) - sum(rows)
    return np.array([*rows, tail, column.missing], dtype=np.float64)
