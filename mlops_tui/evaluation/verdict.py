"""Is one better than another, or is that noise? A difference with an interval of 95 %, and a sentence.

By rows: what both said of the same rows, which neither had learnt from, is drawn anew in pairs (percentile bootstrap). By folds:
the differences fold by fold, whose mean has the error of Nadeau and Bengio (2003), with Student's t of one degree of freedom less
than there are folds. By labels: the rows that one of the two is right about and the other is not (McNemar 1947), by their exact
binomial test, with an interval for the difference of the two accuracies. Drawing rows anew knows nothing of what other training
rows would have given; folds are few.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.stats import binomtest, norm, t

from mlops_tui.evaluation.answers import Answers
from mlops_tui.evaluation.corrected import corrected_error
from mlops_tui.evaluation.metrics import MAXIMIZE, REGRESSION
from mlops_tui.evaluation.paired import drawn_fast, error_of_pairs

DRAWS = 1_000
LEAST_ROWS = 20
CONFIDENCE = 0.95
BETTER, WORSE, TOO_CLOSE, UNKNOWN = "better", "worse", "too_close", "unknown"
ROWS, FOLDS, LABELS = "rows", "folds", "labels"

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Verdict:
    """`difference` is the first's value less the other's on the metric's own scale, `interval` its 95 %; both are None where the
    verdict is `unknown`. `by` is what it was told by, `n` how many of them; `p` is that of McNemar's test.
    """

    difference: float | None
    interval: tuple[float, float] | None
    verdict: str
    by: str | None
    n: int
    p: float | None = None


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


def drawn(answers: Answers, metric: str, seed: int = 0, rows: int | None = None) -> Array:
    """A metric of a model's answers on all their n rows, then on `DRAWS` of as many, or of `rows`, that are drawn with replacement; the same n and
    seed draw the same rows. Of rows that were scored by folds it is the mean over these, each drawn by itself, as a trial's
    value is. NaN where it is not defined. Shape (1 + DRAWS,).
    """
    parts = answers.by_fold(LEAST_ROWS)
    found: Array = np.mean(
        [_drawn(answers.some(part), metric, (seed, place), rows) for place, part in enumerate(parts)], axis=0
    )
    return found


def value(answers: Answers, metric: str) -> float:
    """The first of what `drawn` gives; NaN where it is not defined."""
    try:
        return float(np.mean([answers.value(metric, rows) for rows in answers.by_fold(LEAST_ROWS)]))
    except ValueError:
        return math.nan


def _drawn(answers: Answers, metric: str, seed: tuple[int, int], rows: int | None) -> Array:
    n = len(answers.truth)
    draws = np.vstack([np.ones((1, n), dtype=np.int32), _draws(n, seed) if rows is None else _draws_of(n, rows, seed)])
    if answers.weights is None and answers.positive == 1:
        said = answers.said if answers.task == REGRESSION else answers.probabilities(np.arange(n))
        found = drawn_fast(metric, answers.truth, said, draws)
        if found is not None:
            return found
    values = np.full(1 + DRAWS, np.nan)
    for place, counts in enumerate(draws):
        with suppress(ValueError):
            values[place] = answers.value(metric, np.repeat(np.arange(n), counts))
    return values


@lru_cache(maxsize=16)
def _draws(n: int, seed: tuple[int, int]) -> Array:
    return _draws_of(n, n, seed)


def _draws_of(n: int, rows: int, seed: tuple[int, int]) -> Array:
    """How often each of n rows is among `rows` that are drawn, shape (DRAWS, n)."""
    return np.random.default_rng(seed).multinomial(rows, np.full(n, 1 / n), size=DRAWS).astype(np.int32)


def by_rows(first: Array, other: Array, n: int, direction: str) -> Verdict:
    """Of what both came to on the same draws of the same n rows, as `drawn` gives it. A draw that the metric is not defined on
    does not count.
    """
    differences = first - other
    known = differences[1:][np.isfinite(differences[1:])]
    if n < LEAST_ROWS or len(known) < DRAWS / 2 or not math.isfinite(differences[0]):
        return NOTHING
    low, high = (float(bound) for bound in np.quantile(known, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)))
    return _judged(float(differences[0]), (low, high), direction, ROWS, n)


def by_labels(first_right: Array, other_right: Array) -> Verdict:
    """Of what both said of the same n rows, right or wrong, shape (n,): which has the higher accuracy. The test is exact; the
    interval is that of the difference of paired shares, half a row added to each cell (Bonett and Price 2012).
    """
    n = len(first_right)
    if n < LEAST_ROWS:
        return NOTHING
    gains, losses = int((first_right & ~other_right).sum()), int((~first_right & other_right).sum())
    p = float(binomtest(gains, gains + losses).pvalue) if gains + losses else 1.0
    center, error = error_of_pairs(gains, losses, n)
    half = float(norm.ppf((1 + CONFIDENCE) / 2)) * error
    difference = (gains - losses) / n
    verdict = TOO_CLOSE if p >= 1 - CONFIDENCE else BETTER if difference > 0 else WORSE
    return Verdict(difference, (center - half, center + half), verdict, LABELS, n, p)


def _judged(difference: float, interval: tuple[float, float], direction: str, by: str, n: int) -> Verdict:
    low, high = interval
    is_clear = low > 0 or high < 0
    is_better = (difference > 0) == (direction == MAXIMIZE)
    verdict = TOO_CLOSE if not is_clear else BETTER if is_better else WORSE
    return Verdict(difference, interval, verdict, by, n)
