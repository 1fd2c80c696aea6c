"""What is kept of a column of a file: mergeable, bounded, and enough for drift over any window.

Sketches are kept as bytes, so that records compare and need no engine; `data.engine` builds, merges and reads them.
"""

from __future__ import annotations

from dataclasses import dataclass

EXACT = 1 << 53
"""A float64 holds every integer up to here."""

NUMERIC_KINDS = frozenset({"numeric", "integer", "date-time"})
"""Kinds that carry moments and a quantile sketch; the rest carry counts of their values."""

UNCOUNTED_KINDS = frozenset({"identifier", "text"})
"""Kinds whose values hardly ever come twice: all their rows are `other`, and none of their values is stored."""

CATEGORY_CAP = 10_000
"""So many different values of a column are counted exactly; the tail beyond is one class, `other`."""

TOLD_APART = 1024
"""So many different values of a column are told exactly, whatever its kind; of more their number may be an estimate."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, range and central sums of the finite values (seconds since 1970 UTC for date-times).

    A bound of a column of integers that lies beyond 2^53 is an `int`, which says it exactly.
    """

    count: int
    minimum: float
    maximum: float
    mean: float
    m2: float
    """Sum of squared deviations from the mean."""
    m3: float
    """Sum of cubed deviations from the mean."""


@dataclass(frozen=True, slots=True)
class Points:
    """The finite values as weighted points: `values` ascend, each stands for `weights` rows (bytes of float64 both; one
    weight where all are alike).

    Where there are few different values they are all there and both bounds are 0. Else the number of rows below any
    value is told within `bound` rows, and within `deviation` rows in the root mean square.
    """

    values: bytes
    weights: bytes
    bound: float = 0.0
    deviation: float = 0.0


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column over some rows.

    `kind` is one of numeric, integer, boolean, category, text, date-time, identifier, constant. `rows` counts all rows,
    `missing` those without a value. Numeric kinds have `moments` and `points` of their finite values; the others exact
    `counts` by value (as text), with `other` rows beyond `CATEGORY_CAP` values. `registers` are the hashes of the
    values, or those of a HyperLogLog where they are more than `TOLD_APART`; None where points or counts hold every different one. `lengths` are those of texts, in characters.
    """

    name: str
    kind: str
    rows: int
    missing: int
    moments: Moments | None = None
    points: Points | None = None
    counts: dict[str, int] | None = None
    other: int = 0
    registers: bytes | None = None
    lengths: Moments | None = None

    @property
    def infinite(self) -> int | None:
        """The rows whose number is infinite, which is in no moment and no point; None of a kind without numbers."""
        return None if self.moments is None else self.rows - self.missing - self.moments.count


@dataclass(frozen=True, slots=True)
class Profile:
    """The columns of one block, file, version or window, in the file's order."""

    rows: int
    columns: tuple[ColumnProfile, ...]

    def column(self, name: str) -> ColumnProfile | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)
