"""Distances between two windows: of shares and of samples of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import kolmogorov, rel_entr

from mlops_tui.monitoring.engine.sample import Floats, Joint, Sample
from mlops_tui.monitoring.model import Measure

LARGE = 1_000
"""Draws from which on the limiting distribution of their greatest gap is close enough."""
ZERO_SHARE = 1e-4
"""In the population stability index a share of 0 counts as this much, or a single empty bin would make it infinite."""


def decile_bins(reference: Sample) -> Floats:
    """Inner bounds of the bins between the reference's deciles; a bin holds its upper bound, the outer bins are open.

    A value that fills more than one decile has a bin of its own, so a heavily tied column has fewer bins.
    """
    deciles, repeats = np.unique(reference.quantiles(np.arange(1, 10) / 10), return_counts=True)
    with np.errstate(over="ignore"):  # below the least float nothing lies
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
    return _measured(js_terms, r, c, errors, definition, np.sqrt)


def hellinger(
    reference: ArrayLike, current: ArrayLike, definition: str, errors: tuple[float, float] = (0, 0)
) -> Measure:
    """Hellinger distance √Σ (√r − √c)² / √2 of two sets of shares (k,), from 0 to 1 (Hellinger 1909)."""
    r, c = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    return _measured(_hellinger_terms, r, c, errors, definition, np.sqrt)


def l_infinity(reference: ArrayLike, current: ArrayLike, definition: str) -> Measure:
    """The greatest difference of a share (k,), whichever way."""
    r, c = np.asarray(reference, dtype=np.float64), np.asarray(current, dtype=np.float64)
    return Measure(float(np.max(np.abs(r - c), initial=0.0)), definition)


def kolmogorov_smirnov(reference: Sample, current: Sample, joint: Joint | None = None) -> Measure:
    """Greatest difference of the two distribution functions, with the asymptotic two-sided p.

    The error is the sum of both sketches' rank errors and is taken off before p is asked: two sketches of the same
    data differ a little, which a large file would take for a finding.
    """
    difference = float(np.max(np.abs((joint or Joint.of(reference, current)).gaps)))
    error = reference.rank_error + current.rank_error
    size = reference.n * current.n / (reference.n + current.n)
    p = _chance_of_gap(max(0.0, difference - error), max(1, round(size)))
    return Measure(difference, "two samples, asymptotic p", error == 0, error, float(np.clip(p, 0, 1)))


def _chance_of_gap(gap: float, n: int) -> float:
    """How likely the distribution function of n draws is somewhere so far from their own. From `LARGE` on by Kolmogorov's limit with
    the correction of Vrbik (2018), which is within 0.00003 of the exact value, which takes two milliseconds.
    """
    if n < LARGE:
        return float(stats.kstwo.sf(gap, n))
    root = math.sqrt(n)
    return float(kolmogorov(root * gap + 1 / (6 * root) + (root * gap - 1) / (4 * n)))


def wasserstein(reference: Sample, current: Sample, reference_std: float, joint: Joint | None = None) -> Measure | None:
    """First Wasserstein distance ∫ |F − G| dx over the standard deviation (ddof 0) of the reference.

    Where all values of the reference are the same, over that of both sides together (0 where these are the same too).
    None where the values are too large to be squared. The error holds for any distribution: rank error times range.
    """
    definition, unit = "in standard deviations of the reference (ddof 0)", reference_std
    if len(reference.values) == 1:
        weights = np.concatenate((reference.weights, current.weights))
        both = Sample.of(np.concatenate((reference.values, current.values)), weights)
        definition, unit = "in standard deviations of both (ddof 0), the reference having one value", both.std
    joint = joint or Joint.of(reference, current)
    if len(joint.points) == 1:
        return Measure(0.0, definition)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        value = float((np.abs(joint.gaps[:-1]) * np.diff(joint.points)).sum() / unit)
        error = float(sum(side.rank_error * np.ptp(side.values) for side in (reference, current)) / unit)
    return Measure(value, definition, error == 0, error) if np.isfinite([value, error, unit]).all() else None


def _psi_terms(r: Floats, c: Floats) -> Floats:
    filled_r, filled_c = np.where(r == 0, ZERO_SHARE, r), np.where(c == 0, ZERO_SHARE, c)
    return np.where((r == 0) & (c == 0), 0.0, (filled_r - filled_c) * np.log(filled_r / filled_c))


def js_terms(r: Floats, c: Floats) -> Floats:
    """What each class brings of the Jensen–Shannon divergence to base 2: (r log r/m + c log c/m) / 2 with m = (r + c) / 2, never
    below 0 by the log sum inequality.
    """
    middle = (r + c) / 2
    return (rel_entr(r, middle) + rel_entr(c, middle)) / (2 * np.log(2))


def _hellinger_terms(r: Floats, c: Floats) -> Floats:
    return (np.sqrt(r) - np.sqrt(c)) ** 2 / 2


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
    error = max(finish(float(highest)) - value, value - finish(max(0.0, float(lowest))))
    return Measure(float(value), definition, exact=False, error=float(error))
