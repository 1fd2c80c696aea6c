"""Is one better than another, or is that noise? A difference with an interval of 95 %, and a sentence.

By rows: what both said of the same rows, which neither had learnt from, is drawn anew in pairs (percentile bootstrap). By folds:
the differences fold by fold, whose mean has the error of Nadeau and Bengio (2003), with Student's t of one degree of freedom less
than there are folds. Drawing rows anew knows nothing of what other training rows would have given; folds are few.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from mlops_tui.evaluation.corrected import corrected_error
from mlops_tui.evaluation.metrics import MAXIMIZE

DRAWS = 1_000
LEAST_ROWS = 20
CONFIDENCE = 0.95
BETTER, WORSE, TOO_CLOSE, UNKNOWN = "better", "worse", "too_close", "unknown"
ROWS, FOLDS = "rows", "folds"

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Verdict:
    """`difference` is the first's value less the other's on the metric's own scale, `interval` its 95 %; both are None where the
    verdict is `unknown`. `by` is what it was told by, `n` how many of them.
    """

    difference: float | None
    interval: tuple[float, float] | None
    verdict: str
    by: str | None
    n: int


NOTHING = Verdict(None, None, UNKNOWN, None, 0)


def by_folds(first: Sequence[float], other: Sequence[float], test_share: float, direction: str) -> Verdict:
    """Of the values on the same folds; `test_share` is the rows that a fold scores as a share of those that it learns from."""
    differences = np.subtract(first, other)
    error = corrected_error(differences.tolist(), test_share)
    if error is None:
        return NOTHING
    mean = float(differences.mean())
    half = float(t.ppf((1 + CONFIDENCE) / 2, len(differences) - 1)) * error
    return _judged(mean, (mean - half, mean + half), direction, FOLDS, len(differences))


def by_rows(
    first: Callable[[Array], float], other: Callable[[Array], float], n: int, direction: str, seed: int = 0
) -> Verdict:
    """Of what both said of the same n rows; each is asked for its metric on some of them, by their places, shape (n,). A draw
    that the metric is not defined on does not count.
    """
    if n < LEAST_ROWS:
        return NOTHING
    generator, draws = np.random.default_rng(seed), []
    for _ in range(DRAWS):
        rows = generator.integers(0, n, size=n)
        try:
            draws.append(first(rows) - other(rows))
        except ValueError:
            continue
    known = [draw for draw in draws if math.isfinite(draw)]
    if len(known) < DRAWS / 2:
        return NOTHING
    low, high = (float(bound) for bound in np.quantile(known, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)))
    every = np.arange(n)
    return _judged(first(every) - other(every), (low, high), direction, ROWS, n)


def _judged(difference: float, interval: tuple[float, float], direction: str, by: str, n: int) -> Verdict:
    low, high = interval
    is_clear = low > 0 or high < 0
    is_better = (difference > 0) == (direction == MAXIMIZE)
    verdict = TOO_CLOSE if not is_clear else BETTER if is_better else WORSE
    return Verdict(difference, interval, verdict, by, n)
