"""The finite values of a numeric column as a weighted sample, read from its profile."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_tui.data.engine.moments import NO_MOMENTS
from mlops_tui.data.engine.points import rank_error, read_points, share_error
from mlops_tui.data.profile import NUMERIC_KINDS, ColumnProfile, Moments

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sample:
    """Distinct finite values, ascending, with the number of rows each stands for.

    `rank_error` bounds the error of a share of rows below a value, `share_error` that of a share between two values
    (both 0 where every value is kept); `deviation` is the root mean square of the former.
    """

    values: Floats
    weights: Floats
    rank_error: float = 0.0
    share_error: float = 0.0
    deviation: float = 0.0

    @classmethod
    def of(cls, values: ArrayLike, weights: ArrayLike) -> Self:
        """Sorts the values, adds up the weights of equal ones and leaves out what is not finite."""
        numbers, counts = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
        finite = np.isfinite(numbers)
        distinct, place = np.unique(numbers[finite], return_inverse=True)
        heaped = np.bincount(place, counts[finite], len(distinct)).astype(np.float64)
        return cls(distinct, heaped)

    @classmethod
    def read(cls, column: ColumnProfile) -> Self | None:
        """The values of a profile: from its points, or of a constant from its text; None where they are no numbers."""
        if column.points is not None:
            points = column.points
            values, weights = read_points(points)
            rows = float(weights.sum())
            errors = rank_error(points, rows), share_error(points, rows)
            return cls(values, weights, *errors, points.deviation / max(1.0, rows))
        counts = column.counts or {}
        try:
            return cls.of([float(value) for value in counts], list(counts.values()))
        except ValueError:
            return None

    @classmethod
    def of_kind(cls, column: ColumnProfile, kind: str) -> Self | None:
        """The column's numbers, None where it holds something else (dates among numbers are something else)."""
        if column.missing == column.rows:
            return cls.of([], [])
        alike = (kind == "date-time") == (column.kind == "date-time")
        readable = column.kind == "constant" or (column.kind in NUMERIC_KINDS and alike)
        return cls.read(column) if readable else None

    def moments_or(self, stored: Moments | None) -> Moments:
        """The moments that a profile stores, else those of the values."""
        if stored is not None or not self.n:
            return stored or NO_MOMENTS
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(np.average(self.values, weights=self.weights))
            away = self.values - mean
            sums = [float((self.weights * away**power).sum()) for power in (2, 3)]
        return Moments(self.n, float(self.values[0]), float(self.values[-1]), mean, sums[0], sums[1])

    @cached_property
    def n(self) -> int:
        """Rows with a finite value."""
        return round(float(self.weights.sum()))

    @cached_property
    def heaped(self) -> Floats:
        """The rows below each value, and last all of them."""
        return np.concatenate(([0.0], np.cumsum(self.weights)))

    @property
    def exact(self) -> bool:
        """Whether every value is kept."""
        return self.rank_error == 0.0

    @property
    def std(self) -> float:
        """Standard deviation (ddof 0); 0 without values."""
        if not self.n:
            return 0.0
        with np.errstate(over="ignore", invalid="ignore"):
            mean = np.average(self.values, weights=self.weights)
            return float(np.sqrt(np.average((self.values - mean) ** 2, weights=self.weights)))

    def share_below(self, points: ArrayLike, *, inclusive: bool = True) -> Floats:
        """Share of the rows with a value below each point, or at it where `inclusive`; shape of `points`."""
        heaped = self.heaped
        # by the sum itself: a sketch's weights may add up to a little more or less than the rows
        return heaped[np.searchsorted(self.values, points, side="right" if inclusive else "left")] / heaped[-1]

    def quantiles(self, shares: ArrayLike) -> Floats:
        """The smallest values with at least these shares of the rows at or below them (inverted CDF)."""
        # 0.7 × 10 is a little more than 7 in floating point; without the slack the next value would answer.
        ranks = np.asarray(shares) * self.n - 1e-9 * self.n
        found = np.searchsorted(self.heaped[1:], ranks, side="left")
        return self.values[np.minimum(found, len(self.values) - 1)]


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """All different values of both samples, ascending, with the share of the rows of either up to each of them."""

    points: Floats
    reference: Floats
    current: Floats

    @classmethod
    def of(cls, reference: Sample, current: Sample) -> Self:
        """Both with rows."""
        # Two rising runs are merged, not sorted anew.
        heaped = np.sort(np.concatenate((reference.values, current.values)), kind="stable")
        points = heaped[np.concatenate(([True], heaped[1:] != heaped[:-1]))]
        return cls(points, reference.share_below(points), current.share_below(points))

    @property
    def gaps(self) -> Floats:
        """The difference of both shares at each value."""
        return self.reference - self.current

    def quantiles(self, shares: ArrayLike) -> Floats:
        """Of both as one, each with half of the weight whatever its size."""
        both = (self.reference + self.current) / 2
        return self.points[np.minimum(np.searchsorted(both, np.asarray(shares) - 1e-9), len(self.points) - 1)]
