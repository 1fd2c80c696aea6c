"""Tests of whether two windows may have come from one source."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from mlops_tui.monitoring.engine.sample import Floats, Joint, Sample
from mlops_tui.monitoring.model import Measure

MIN_EXPECTED = 5.0
"""Classes of which either side expects fewer rows are tested as one (Cochran 1954)."""

OUT_OF_REACH = 1e-5
"""A test that cannot have a smaller p, whatever the current rows are, finds nothing among many columns."""

MORE_IN_SCORES = 1.2
"""How many times what blocks vary in their shares of rows they vary in their mean score: 1.1 for effects of files, 1.19 for AR(1)."""

_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Inflation:
    """How much more than independent rows let it a difference varies where it varies most: 1 + `excess` times in variance,
    or as much in all in so many `directions`. It was estimated with `freedom` degrees of freedom.
    """

    excess: float = 0.0
    directions: float = 1.0
    freedom: float = math.inf

    @property
    def factor(self) -> float:
        """The variance in that of independent rows."""
        return 1 + self.excess / self.directions


NONE = Inflation()
"""Rows are independent."""


def cramer_von_mises(
    reference: Sample, current: Sample, inflation: Inflation = NONE, joint: Joint | None = None
) -> Measure:
    """The two-sample statistic n·m / (n + m) ∫ (F − G)² dH with the asymptotic p (Anderson 1962).

    Where a value comes several times the difference is taken as a line over its share of the rows: as if ties were broken
    by lot, which makes p larger, never smaller. What sketches add to the square is taken off before p is asked.
    """
    n, m = reference.n, current.n
    size = n * m / (n + m)
    joint = joint or Joint.of(reference, current)
    after = joint.gaps
    before = np.concatenate(([0.0], after[:-1]))
    mass = np.diff((n * joint.reference + m * joint.current) / (n + m), prepend=0.0)
    # A dot product would go to BLAS, whose threads wait for cores that others have.
    statistic = size * float((mass * (after * after + after * before + before * before)).sum()) / 3
    bound = reference.rank_error + current.rank_error
    error = 2 * bound * math.sqrt(size * statistic) + size * bound * bound
    sketched = size * (reference.deviation**2 + current.deviation**2)
    p = _inflated(_p_of_cramer_von_mises(max(0.0, statistic - sketched)), inflation)
    return Measure(statistic, "two samples, ties shared out, asymptotic p", error == 0, error, p)


def location(
    reference: Sample, current: Sample, inflation: Inflation = NONE, joint: Joint | None = None
) -> tuple[str, Measure]:
    """The test of numbers, and its name: Cramér–von Mises wherever it could find that no value lies where the others do.

    Where blocks vary so much that it could not, since shares of rows end at 0 and 1, means of normal scores are compared.
    """
    size = reference.n * current.n / (reference.n + current.n)
    if _inflated(_p_of_cramer_von_mises(size / 3), inflation) > OUT_OF_REACH:
        found = normal_scores(reference, current, inflation)
        if found is not None:
            return "normal scores", found
    return "Cramér–von Mises", cramer_von_mises(reference, current, inflation, joint)


def normal_scores(reference: Sample, current: Sample, inflation: Inflation) -> Measure | None:
    """The difference of the mean normal scores by van der Waerden (1952), each value's mean rank in the reference as a
    normal deviate. Beyond the reference's range they go on as straight as from its median to its end.

    An effect moves the mean of scores more than it moves shares of rows, by a fifth at the most for AR(1): so much is
    added. None where the reference has one value, or the values are too large.
    """
    if len(reference.values) < 2:
        return None
    values, weights, n = reference.values, reference.weights, float(reference.weights.sum())
    scores = special.ndtri((np.cumsum(weights) - weights / 2) / n)
    (middle,) = reference.quantiles([0.5])
    with np.errstate(over="ignore", invalid="ignore"):
        theirs = np.interp(current.values, values, scores)
        for end in (0, -1):
            width = abs(values[end] - middle)
            slope = abs(scores[end]) / width if width else 1 / reference.std
            beyond = current.values < values[0] if end == 0 else current.values > values[-1]
            theirs[beyond] += (current.values[beyond] - values[end]) * slope
        ours = float((weights * scores).sum()) / n
        spread = float((weights * (scores - ours) ** 2).sum()) / n
        moved = float((current.weights * theirs).sum()) / current.n - ours
    variance = spread * (1 / n + 1 / current.n) * inflation.factor * MORE_IN_SCORES
    if not math.isfinite(moved):
        return None
    p = _two_sided(-abs(moved) / math.sqrt(variance), inflation.freedom)
    return Measure(moved, "difference of mean normal scores, as shares of rows cannot tell", reference.exact, 0.0, p)


def _p_of_cramer_von_mises(statistic: float) -> float:
    """P(Σ χ²₁ / (π k)² over k ≥ 1 > statistic) within 3 % below p = 0.3: the greater of the chi-square with the same mean,
    variance and kurtosis (Liu, Tang, Zhang 2009) and of the first term of the tail, whose factor is √2.
    """
    matched = _p_of_sum(statistic, 1 / 6, 1 / 90, 1 / 9450)
    return min(1.0, max(matched, math.sqrt(2) * float(special.chdtrc(1, math.pi**2 * statistic))))


def chi_square(
    reference: ArrayLike, current: ArrayLike, definition: str, inflation: Inflation = NONE
) -> Measure | None:
    """Pearson's test of homogeneity of two rows of counts (k,), without continuity correction.

    Classes expected fewer than 5 times on either side are one class. Where even that one is expected less often, it is
    tested against the rest by Fisher's exact test and joined to the rarest other class for chi-square, and p is twice
    the smaller p of the two (Bonferroni). None where nothing is frequent enough.
    """
    table = np.array([reference, current], dtype=np.float64)
    table = table[:, table.sum(axis=0) > 0]
    sizes = table.sum(axis=1)
    if not sizes.all():
        return None
    if table.shape[1] == 1:
        return Measure(0.0, f"{definition}, one class", p=1.0)
    rare = table.sum(axis=0) * sizes.min() / sizes.sum() < MIN_EXPECTED
    if rare.all():
        return None
    frequent, pool = table[:, ~rare], table[:, rare].sum(axis=1)
    if not rare.any() or pool.sum() * sizes.min() / sizes.sum() >= MIN_EXPECTED:
        kept = np.column_stack((frequent, pool)) if rare.any() else frequent
        statistic, p = _pearson(kept, inflation)
        return Measure(statistic, f"{definition}, 2 × {kept.shape[1]}", p=p)
    exact_p = float(stats.fisher_exact(np.column_stack((pool, sizes - pool)).astype(np.int64)).pvalue)
    exact_p = _inflated(exact_p, inflation)
    if frequent.shape[1] == 1:
        statistic, _ = _pearson(np.column_stack((frequent, pool)), inflation)
        return Measure(statistic, f"{definition}, 2 × 2, p by Fisher's exact test", p=exact_p)
    frequent[:, np.argmin(frequent.sum(axis=0))] += pool
    statistic, p = _pearson(frequent, inflation)
    named = f"{definition}, 2 × {frequent.shape[1]}, rare classes by Fisher's exact test"
    return Measure(statistic, named, p=min(1.0, 2 * min(p, exact_p)))


def beyond_chance(p_values: list[float], rate: float) -> list[bool]:
    """Which p values stand at that false discovery rate over all of them (Benjamini and Hochberg 1995)."""
    return [bool(adjusted <= rate) for adjusted in stats.false_discovery_control(p_values)] if p_values else []


def _pearson(table: Floats, inflation: Inflation) -> tuple[float, float]:
    """Statistic and p of a table of counts without empty rows and columns.

    Where blocks vary, the statistic is a sum of squares of which some are larger (Rao and Scott 1981).
    """
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    freedom = table.shape[1] - 1
    if inflation.excess <= 0:
        return statistic, float(special.chdtrc(freedom, statistic))
    larger = min(inflation.directions, freedom)
    each = 1 + inflation.excess / larger
    sums = (freedom - larger + larger * each**power for power in (1, 2, 4))
    return statistic, _estimated(_p_of_sum(statistic, *sums), inflation.freedom)


def _p_of_sum(statistic: float, first: float, second: float, fourth: float) -> float:
    """P(Σ λ χ²₁ > statistic) from Σ λ, Σ λ² and Σ λ⁴: that of a chi-square of the same mean, variance and kurtosis."""
    freedom = second * second / fourth
    return float(special.chdtrc(freedom, max(0.0, (statistic - first) * math.sqrt(freedom / second) + freedom)))


def _inflated(p: float, inflation: Inflation) -> float:
    """The p of a test that varies in one direction, as of so much more variance."""
    if inflation.excess <= 0:
        return p
    return _estimated(p, inflation.freedom, 1 / math.sqrt(inflation.factor))


def _estimated(p: float, freedom: float, scale: float = 1.0) -> float:
    """The p of a normal deviate (two-sided) as that of Student's t, since the variance was estimated."""
    deviate = float(special.ndtri(max(p, _SMALLEST) / 2)) * scale
    return _two_sided(deviate, freedom)


def _two_sided(deviate: float, freedom: float) -> float:
    """Twice the tail below a deviate that is negative."""
    return min(1.0, 2 * float(special.stdtr(freedom, deviate) if math.isfinite(freedom) else special.ndtr(deviate)))
