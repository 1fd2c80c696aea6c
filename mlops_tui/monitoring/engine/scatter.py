"""By how much a metric of so many rows varies by chance: its standard error and its skewness, from rows drawn anew."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlops_tui.evaluation.answers import Answers
from mlops_tui.evaluation.verdict import DRAWS, drawn

MOST_ROWS = 10_000
"""It is drawn from so many rows where there are more: the error shrinks by their number all the same."""
LEAST_ROWS = 30
"""Of fewer rows no figure is told."""
ERRORS = 3.0
"""What is called worse lies so many standard errors of a normal metric below."""
MOST_SKEW = 1.0
"""Beyond it the series of Cornish and Fisher says no quantile any more."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Of a metric's value around what it is of all rows: the standard error, in the metric's units, and the skewness."""

    error: float
    skew: float

    @property
    def below(self) -> float:
        """How many standard errors below its mean the value lies as rarely as a normal one lies `ERRORS` below."""
        return ERRORS - self._turn

    @property
    def above(self) -> float:
        """As `below`, on the other side."""
        return ERRORS + self._turn

    @property
    def _turn(self) -> float:
        """The second term of the series of Cornish and Fisher (1938)."""
        return (ERRORS**2 - 1) / 6 * min(max(self.skew, -MOST_SKEW), MOST_SKEW)

    def less(self, other: Scatter) -> Scatter:
        """Of the difference of this one's value and the other's, which know nothing of each other."""
        error = math.hypot(self.error, other.error)
        third = self.skew * self.error**3 - other.skew * other.error**3
        return Scatter(error, third / error**3 if error else 0.0)

    def scaled(self, factor: float) -> Scatter:
        """Of `factor` times as many rows: means of more rows are closer to normal ones."""
        return Scatter(self.error / math.sqrt(factor), self.skew / math.sqrt(factor))


class Scattering:
    """Of a metric on rows of which a model has said something, by how many rows there are."""

    def __init__(self, answers: Answers, metric: str) -> None:
        """Raises ValueError where the metric is not defined on such rows, drawn anew."""
        self.rows = len(answers.truth)
        if self.rows > MOST_ROWS:
            some = np.random.default_rng(0).choice(self.rows, MOST_ROWS, replace=False)
            answers = answers.some(np.sort(some))
        self._answers, self._metric = answers, metric
        self._known: dict[int, Scatter | None] = {}
        drawn_from = len(answers.truth)
        whole = self._drawn(drawn_from)
        if whole is None:
            raise ValueError(f"{metric} is not defined on {self.rows} rows drawn anew")
        self.whole = whole.scaled(self.rows / drawn_from)

    def of(self, rows: int) -> Scatter:
        """Of so many rows. Few are drawn as few, for what varies by their root among many does not among them; their number is rounded
        down to a power of two for it.
        """
        rows = max(rows, 1)
        size = 2 ** int(math.log2(max(rows, LEAST_ROWS)))
        found = self._drawn(size) if size < len(self._answers.truth) else None
        return self.whole.scaled(rows / self.rows) if found is None else found.scaled(rows / size)

    def _drawn(self, size: int) -> Scatter | None:
        """None where the metric is not defined on most draws of so many rows."""
        if size not in self._known:
            values = drawn(self._answers, self._metric, rows=size)[1:]
            self._known[size] = _scatter(values[np.isfinite(values)])
        return self._known[size]


def _scatter(values: np.ndarray) -> Scatter | None:
    if len(values) < DRAWS / 2:
        return None
    error = float(np.std(values, ddof=1))
    skew = float(np.mean(np.power(values - values.mean(), 3))) / error**3 if error else 0.0
    return Scatter(error, skew)
