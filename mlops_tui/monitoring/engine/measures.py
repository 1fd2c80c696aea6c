"""Distances and tests between two windows: of shares, of samples of numbers, of tables of counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import rel_entr

from mlops_tui.monitoring.engine.sample import Floats, Sample
from mlops_tui.monitoring.model import Measure

ZERO_SHARE = 1e-4
"""In the population stability index a share of 0 counts as this much, or a single empty bin would make it infinite."""

MIN_EXPECTED = 5.0
"""Classes of which either side expects fewer rows are tested as one (Cochran 1954)."""


def decile_bins(reference: Sample) -> Floats:
    """Inner bounds of the bins between the reference's deciles; a bin holds its upper bound, the outer bins are open.

    A value that fills more than one decile has a bin of its own, so a heavily tied column has fewer bins.
    """
    deciles, repeats = np.unique(reference.quantiles(np.arange(1, 10) / 10), return_counts=True)
    return np.union1d(deciles, np.nextafter(deciles[repeats > 1], -np.inf))


def shares(sample: Sample, bounds: Floats) -> Floats:
    """Share of the rows a bin, one more than bounds."""
    return np.diff(sample.share_below(bounds), prepend=0.0, append=1.0)


def psi(reference: ArrayLike, current: ArrayLike, definition: str, errors: tuple[float, float] = (0, 0)) -> Measure:
    """Population stability index Σ (r − c) ln(r / c) of two sets of shares (k,), as in credit scoring (Siddiqi 2006).

    `errors` are the errors of a share on either side. The definition says where a share of 0 was filled.
    """
    r, c = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    if np.any((r == 0) != (c == 0)):
        definition += f"; a zero share counts as {ZERO_SHARE}"
    return _measured(_psi_terms, r, c, errors, definition)


def jensen_shannon(
    reference: ArrayLike, current: ArrayLike, definition: str, errors: tuple[float, float] = (0, 0)
) -> Measure:
    """Jensen–Shannon distance of two sets of shares (k,): square root of the divergence to base 2, from 0 to 1.

    Lin 1991; Endres and Schindelin 2003 for the distance.
    """
    r, c = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    return _measured(_js_terms, r, c, errors, definition, np.sqrt)


def kolmogorov_smirnov(reference: Sample, current: Sample) -> Measure:
    """Greatest difference of the two distribution functions, with the asymptotic two-sided p.

    The error is the sum of both sketches' rank errors and is taken off before p is asked: two sketches of the same
    data differ a little, which a large file would take for a finding.
    """
    points = np.union1d(reference.values, current.values)
    difference = float(np.max(np.abs(reference.share_below(points) - current.share_below(points))))
    error = reference.rank_error + current.rank_error
    size = reference.n * current.n / (reference.n + current.n)
    p = stats.kstwo.sf(max(0.0, difference - error), max(1, round(size)))
    return Measure(difference, "two samples, asymptotic p", error == 0, error, float(np.clip(p, 0, 1)))


def wasserstein(reference: Sample, current: Sample, reference_std: float) -> Measure | None:
    """First Wasserstein distance ∫ |F − G| dx over the standard deviation (ddof 0) of the reference.

    Where all values of the reference are the same, over that of both sides together (0 where these are the same too).
    None where the values are too large to be squared. The error holds for any distribution: rank error times range.
    """
    definition, unit = "in standard deviations of the reference (ddof 0)", reference_std
    if len(reference.values) == 1:
        weights = np.concatenate((reference.weights, current.weights))
        both = Sample.of(np.concatenate((reference.values, current.values)), weights)
        definition, unit = "in standard deviations of both (ddof 0), the reference having one value", both.std
    points = np.union1d(reference.values, current.values)
    if len(points) == 1:
        return Measure(0.0, definition)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        gaps = np.abs(reference.share_below(points) - current.share_below(points))[:-1]
        value = float(np.sum(gaps * np.diff(points)) / unit)
        error = float(sum(side.rank_error * np.ptp(side.values) for side in (reference, current)) / unit)
    return Measure(value, definition, error == 0, error) if np.isfinite([value, error, unit]).all() else None


def chi_square(reference: ArrayLike, current: ArrayLike, definition: str) -> Measure | None:
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
        statistic, p = _pearson(kept)
        return Measure(statistic, f"{definition}, 2 × {kept.shape[1]}", p=p)
    exact_p = float(stats.fisher_exact(np.column_stack((pool, sizes - pool)).astype(np.int64)).pvalue)
    if frequent.shape[1] == 1:
        return Measure(
            _pearson(np.column_stack((frequent, pool)))[0], f"{definition}, 2 × 2, p by Fisher's exact test", p=exact_p
        )
    frequent[:, np.argmin(frequent.sum(axis=0))] += pool
    statistic, p = _pearson(frequent)
    named = f"{definition}, 2 × {frequent.shape[1]}, rare classes by Fisher's exact test"
    return Measure(statistic, named, p=min(1.0, 2 * min(p, exact_p)))


def beyond_chance(p_values: list[float], rate: float) -> list[bool]:
    """Which p values stand at that false discovery rate over all of them (Benjamini and Hochberg 1995)."""
    return [bool(adjusted <= rate) for adjusted in stats.false_discovery_control(p_values)] if p_values else []


def _pearson(table: Floats) -> tuple[float, float]:
    """Statistic and p of a table of counts without empty rows and columns."""
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    return statistic, float(stats.chi2.sf(statistic, table.shape[1] - 1))


def _psi_terms(r: Floats, c: Floats) -> Floats:
    filled_r, filled_c = np.where(r == 0, ZERO_SHARE, r), np.where(c == 0, ZERO_SHARE, c)
    return np.where((r == 0) & (c == 0), 0.0, (filled_r - filled_c) * np.log(filled_r / filled_c))


def _js_terms(r: Floats, c: Floats) -> Floats:
    middle = (r + c) / 2
    return (rel_entr(r, middle) + rel_entr(c, middle)) / (2 * np.log(2))


def _measured(
    terms: Callable[[Floats, Floats], Floats],
    r: Floats,
    c: Floats,
    errors: tuple[float, float],
    definition: str,
    finish: Callable[[float], float] = float,
) -> Measure:
    """The sum of convex terms that are 0 where r = c, and how far the errors of the shares can move it."""
    value = finish(max(0.0, float(terms(r, c).sum())))
    if not any(errors):
        return Measure(float(value), definition)
    corners = [
        terms(np.clip(r + a * errors[0], 0, 1), np.clip(c + b * errors[1], 0, 1)) for a, b in product((-1, 1), repeat=2)
    ]
    # A convex term is greatest at a corner of the box of possible shares, and 0 where the box holds a point r = c.
    highest = np.max(corners, axis=0).sum()
    lowest = np.where(np.abs(r - c) <= sum(errors), 0.0, np.min(corners, axis=0)).sum()
    error = max(finish(float(highest)) - value, value - finish(float(lowest)))
    return Measure(float(value), definition, exact=False, error=float(error))
