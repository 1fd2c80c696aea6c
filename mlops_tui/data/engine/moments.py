"""Count, range and central sums of a column's values, and of any number of parts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from mlops_tui.data.profile import Moments

NO_MOMENTS = Moments(0, 0.0, 0.0, 0.0, 0.0, 0.0)


def moments_of(values: NDArray[np.float64]) -> Moments:
    """Moments of finite values; zeros for none."""
    if values.size == 0:
        return NO_MOMENTS
    with np.errstate(over="ignore", invalid="ignore"):
        mean = values.mean()
        deviations = values - mean
        squares = deviations * deviations
        m2, m3 = squares.sum(), np.dot(squares, deviations)
    return Moments(values.size, float(values.min()), float(values.max()), float(mean), float(m2), float(m3))


def merged_moments(parts: Sequence[Moments]) -> Moments:
    """Moments of all parts together: each part's sums moved to the common mean (Chan, Golub, LeVeque 1979; Pébay 2008)."""
    found = merged_sums(
        np.array([(p.count, p.minimum, p.maximum, p.mean, p.m2, p.m3) for p in parts], np.float64).reshape(-1, 6)
    )
    there = [part for part in parts if part.count]
    if not any(isinstance(bound, int) for part in there for bound in (part.minimum, part.maximum)):
        return found
    lowest, highest = min(part.minimum for part in there), max(part.maximum for part in there)
    return replace(found, minimum=lowest, maximum=highest)


def merged_sums(parts: NDArray[np.float64]) -> Moments:
    """Of rows of count, minimum, maximum, mean, m2 and m3 (n × 6)."""
    parts = parts[parts[:, 0] > 0]
    if len(parts) < 2:
        return Moments(int(parts[0, 0]), *map(float, parts[0, 1:])) if len(parts) else NO_MOMENTS
    count, low, high, mean, m2, m3 = parts.T
    total = int(count.sum())  # exact below 2^53
    with np.errstate(over="ignore", invalid="ignore"):
        origin = mean[0]  # differences of means lose less than the means themselves
        shift = np.dot(count, mean - origin) / total
        away = mean - origin - shift
        squares = float((m2 + count * away * away).sum())
        cubes = float((m3 + 3 * away * m2 + count * away * away * away).sum())
    return Moments(
        total, float(low.min(initial=inf)), float(high.max(initial=-inf)), float(origin + shift), squares, cubes
    )


def deviation_of(moments: Moments) -> float | None:
    """The sample standard deviation (n − 1); None for fewer than two values, or where the sums are beyond a float."""
    return sqrt(moments.m2 / (moments.count - 1)) if moments.count > 1 and isfinite(moments.m2) else None
