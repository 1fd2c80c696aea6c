"""Figures that say in what a column differs between two windows, beside the distances: level, spread, range, gaps."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np

from mlops_tui.core.clock import from_seconds
from mlops_tui.data.engine.distinct import estimate, merged_registers
from mlops_tui.data.engine.sketches import distinct_count
from mlops_tui.data.profile import TOLD_APART, ColumnProfile, Moments
from mlops_tui.monitoring.detail import SHARES, Quantiles
from mlops_tui.monitoring.engine.sample import Floats, Sample
from mlops_tui.monitoring.model import Measure

DAY = 86_400.0

COUNTING_ERROR = 3 * 0.023
"""Relative error of an estimated number of different values: three standard deviations."""


def mean_shift(reference: Moments, current: Moments) -> Measure | None:
    """Current mean less the reference's, over the standard deviation (ddof 0) of the reference; None where that is 0."""
    return _shift(reference, current, "current mean less the reference's, in standard deviations of the reference")


def _shift(reference: Moments, current: Moments, definition: str) -> Measure | None:
    std = deviation(reference)
    if not std or not current.count:
        return None
    return _finite((current.mean - reference.mean) / std, f"{definition} (ddof 0)")


def sd_ratio(reference: Moments, current: Moments) -> Measure | None:
    """Standard deviation of the current values over that of the reference (ddof 0); None where that is 0."""
    std, now = deviation(reference), deviation(current)
    if not std or now is None:
        return None
    return _finite(now / std, "standard deviation of the current values over the reference's (ddof 0)")


def deviation(moments: Moments) -> float | None:
    """Standard deviation (ddof 0); None without values, or where their squares are beyond a float."""
    if not moments.count or not math.isfinite(moments.m2):
        return None
    return math.sqrt(max(0.0, moments.m2) / moments.count)


def missing(reference: ColumnProfile, current: ColumnProfile, gone: tuple[int, int]) -> Measure | None:
    """Share of the current rows without a value, where so many of either side lack one."""
    if not current.rows or not reference.rows:
        return None
    without = "without a finite value" if current.moments is not None else "without a value"
    return Measure(
        gone[1] / current.rows, f"share of the current rows {without}; {gone[0] / reference.rows:.2%} in the reference"
    )


def out_of_range(reference: Moments, current: Moments, sample: Sample) -> Measure | None:
    """Share of the current values below the least or above the greatest value of the reference."""
    if not reference.count or not current.count:
        return None
    definition = "share of the current values below the least or above the greatest of the reference"
    below, above = current.minimum < reference.minimum, current.maximum > reference.maximum
    if not below and not above:
        return Measure(0.0, definition)
    under = float(sample.share_below(reference.minimum, inclusive=False)) if below else 0.0
    over = 1 - float(sample.share_below(reference.maximum)) if above else 0.0
    # One value at least lies outside on either side where the bounds say so, though no point of the sketch may.
    value = max(under, below / current.count) + max(over, above / current.count)
    error = sample.rank_error * (below + above)
    return Measure(min(1.0, value), definition, error == 0, error)


def distinct(reference: ColumnProfile, current: ColumnProfile) -> Measure:
    """Number of different values in the current rows."""
    now, before = distinct_count(current), distinct_count(reference)
    exact = current.registers is None or now <= TOLD_APART
    definition = f"different values in the current rows; {before:,} in the reference"
    return Measure(float(now), definition, exact, 0.0 if exact else COUNTING_ERROR * now)


def length_shift(reference: ColumnProfile, current: ColumnProfile) -> Measure | None:
    """How far the mean length of texts moved, in standard deviations of the reference's lengths."""
    if reference.lengths is None or current.lengths is None:
        return None
    words = "current mean length in characters less the reference's, in standard deviations of the reference's lengths"
    return _shift(reference.lengths, current.lengths, words)


def unseen(reference: ColumnProfile, current: ColumnProfile) -> Measure | None:
    """Share of the different current texts that the reference lacks: |A ∪ B| − |A| over |B| of their hashes."""
    if not reference.registers or not current.registers:
        return None
    theirs = estimate(current.registers)
    if not theirs:
        return None
    ours, both = estimate(reference.registers), estimate(merged_registers([reference.registers, current.registers]))
    exact = both <= TOLD_APART
    error = 0.0 if exact else min(1.0, COUNTING_ERROR * (both + ours) / theirs)
    value = min(1.0, max(0.0, (both - ours) / theirs))
    return Measure(
        value, "share of the different current texts that the reference lacks, rows not counted", exact, error
    )


def freshness(current: Moments, at: float) -> Measure | None:
    """Days from the newest current value to `at` (seconds since 1970 UTC)."""
    if not current.count:
        return None
    return _finite((at - current.maximum) / DAY, "days from the newest current value to this comparison")


def longest_gap(reference: Sample, current: Sample) -> Measure | None:
    """The longest stretch without a value among the current ones, in days. Of a sketch it is the most that it can be."""
    if len(current.values) < 2:
        return None
    now, before = _longest(current), _longest(reference)
    definition = f"days of the longest stretch without a value; {before:,.4g} in the reference"
    return Measure(now, definition, current.exact, 0.0 if current.exact else now)


def quantiles(reference: Sample, current: Sample, kind: str) -> Quantiles:
    """The quantiles of both sides, which have values: the inverted distribution function, so that each is a value of the column."""
    before, now = reference.quantiles(SHARES), current.quantiles(SHARES)
    with np.errstate(over="ignore"):
        gaps = (now - before).tolist()
    both = _in_units(np.concatenate((before, now)), kind)
    return Quantiles(
        SHARES,
        both[: len(SHARES)],
        both[len(SHARES) :],
        tuple(_whole(gap, kind) if math.isfinite(gap) else None for gap in gaps),
        reference.rank_error,
        current.rank_error,
    )


def _in_units(values: Floats, kind: str) -> tuple[float | str, ...]:
    if kind == "date-time":
        with suppress(OverflowError, ValueError, OSError):  # before year 1 or after 9999: the seconds then
            return tuple(map(from_seconds, values.tolist()))
    return tuple(_whole(value, kind) for value in values.tolist())


def _whole(value: float, kind: str) -> float:
    return int(value) if kind == "integer" and value.is_integer() else value


def _longest(sample: Sample) -> float:
    return float(np.max(np.diff(sample.values), initial=0.0)) / DAY


def _finite(value: float, definition: str) -> Measure | None:
    return Measure(value, definition) if math.isfinite(value) else None
