"""The finite values of a numeric column as a weighted sample, read from its profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_tui.data.engine.points import rank_error, read_points, share_error
from mlops_tui.data.profile import ColumnProfile

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Distinct finite values, ascending, with the number of rows each stands for.

    `rank_error` bounds the error of a share of rows below a value, `share_error` that of a share between two values
    (both 0 where every value is kept).
    """

    values: Floats
    weights: Floats
    rank_error: float = 0.0
    share_error: float = 0.0

    @classmethod
    def of(cls, values: ArrayLike, weights: ArrayLike, rank_error: float = 0.0, share_error: float = 0.0) -> Self:
        """Sorts the values, adds up the weights of equal ones and leaves out what is not finite."""
        numbers, counts = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
        finite = np.isfinite(numbers)
        distinct, place = np.unique(numbers[finite], return_inverse=True)
        heaped = np.bincount(place, counts[finite], len(distinct)).astype(np.float64)
        return cls(distinct, heaped, rank_error, share_error)

    @classmethod
    def read(cls, column: ColumnProfile) -> Self | None:
        """The values of a profile: from its points, or of a constant from its text; None where they are no numbers."""
        if column.points is not None:
            return cls(*read_points(column.points), rank_error(column.points), share_error(column.points))
        counts = column.counts or {}
        try:
            return cls.of([float(value) for value in counts], list(counts.values()))
        except ValueError:
            return None

    @property
    def n(self) -> int:
        """Rows with a finite value."""
        return round(float(self.weights.sum()))

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
        heaped = np.concatenate(([0.0], np.cumsum(self.weights)))
        return heaped[np.searchsorted(self.values, points, side="right" if inclusive else "left")] / self.n

    def quantiles(self, shares: ArrayLike) -> Floats:
        """The smallest values with at least these shares of the rows at or below them (inverted CDF)."""
        # 0.7 × 10 is a little more than 7 in floating point; without the slack the next value would answer.
        ranks = np.asarray(shares) * self.n - 1e-9 * self.n
        found = np.searchsorted(np.cumsum(self.weights), ranks, side="left")
        return self.values[np.minimum(found, len(self.values) - 1)]


def pooled(first: Sample, second: Sample) -> Sample:
    """Both samples as one, each side with half of the weight whatever its size."""
    values = np.concatenate((first.values, second.values))
    size = max(first.n, second.n)
    weights = [sample.weights * (size / sample.n) for sample in (first, second) if sample.n]
    return Sample.of(values, np.concatenate(weights) if weights else [])
