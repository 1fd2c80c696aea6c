"""What is kept of a column of a file: mergeable, bounded, and enough for drift over any window.

Sketches are kept as bytes, so that reading and storing a profile needs no engine; `data.engine.profiling` builds and
merges them.
"""

from __future__ import annotations

from dataclasses import dataclass

NUMERIC_KINDS = frozenset({"numeric", "integer", "date-time"})
"""Kinds that carry moments and a quantile sketch; the rest carry counts of their values."""

CATEGORY_CAP = 10_000
"""So many different values of a column are counted exactly; the tail beyond is one class, `other`."""

QUANTILE_K = 2048
"""Size of the KLL sketch: single-sided rank error about 0.15 % at 99 %; exact below this many values."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, range and central sums of the finite values (seconds since 1970 UTC for date-times)."""

    count: int
    minimum: float
    maximum: float
    mean: float
    m2: float
    """Sum of squared deviations from the mean."""
    m3: float
    """Sum of cubed deviations from the mean."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column over some rows.

    `kind` is one of numeric, integer, boolean, category, text, date-time, identifier, constant. `rows` counts all rows,
    `missing` those without a value. `quantiles` is a KLL sketch of doubles of the finite values, `distinct` an HLL
    sketch of the values; `counts` are exact counts by value (as text) for kinds that are not numeric, with `other` rows beyond
    `CATEGORY_CAP` values.
    """

    name: str
    kind: str
    rows: int
    missing: int
    distinct: bytes
    moments: Moments | None = None
    quantiles: bytes | None = None
    counts: dict[str, int] | None = None
    other: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """The columns of one block, file, version or window, in the file's order."""

    rows: int
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)
