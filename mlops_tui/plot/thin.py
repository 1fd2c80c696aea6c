"""Long curves in few points, and smooth ones: what a chart shows of them stays the same, and what it costs no longer grows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mlops_tui.plot.raster import Floats

BUCKETS = 512
"""A curve is cut into so many stretches of x: more than a terminal has dots."""
LEAST_POWER = 1e-6
"""Powers of the weight below this would lose digits."""


def thinned(x: Floats, y: Floats, buckets: int = BUCKETS) -> tuple[Floats, Floats]:
    """At most four points of each of so many stretches of x: the first, the last, the lowest and the highest. x is sorted, both
    have shape (n,); a gap (NaN or infinite) stays one.

    A chart that is no finer draws the same from them (M4: Jugel et al., VLDB 2014).
    """
    if x.size <= 4 * buckets:
        return x, y
    low, high = float(x[0]), float(x[-1])
    place = ((x - low) * (buckets / max(high - low, 1e-300))).astype(np.int64)
    known = np.isfinite(y)
    starts = np.flatnonzero(np.diff(place, prepend=-1) | np.diff(known.astype(np.int8), prepend=-1))
    ends = np.append(starts[1:], x.size) - 1
    filled, sizes = np.where(known, y, 0.0), ends - starts + 1
    part, kept = np.repeat(np.arange(starts.size), sizes), [starts, ends]
    for extreme in (np.minimum, np.maximum):
        reached = np.flatnonzero(filled == np.repeat(extreme.reduceat(filled, starts), sizes))
        kept.append(reached[np.flatnonzero(np.diff(part[reached], prepend=-1))])
    places = np.unique(np.concatenate(kept))
    return x[places], y[places]


@dataclass(slots=True)
class Smoothing:
    """An exponential moving average that goes on where it was: `weight` is what the past has in it, from 0 to below 1.

    The first values are not drawn to 0: each is divided by what the weights before it add up to.
    """

    weight: float
    _mean: float = 0.0
    _past: float = 1.0

    def go_on(self, values: Floats) -> Floats:
        """The next values smoothed, shape (n,); a gap stays one, and the average goes on behind it."""
        smooth = np.full(values.shape, np.nan)
        known = np.flatnonzero(np.isfinite(values))
        given, found = values[known], np.empty(known.size)
        block = max(1, int(math.log(LEAST_POWER) / math.log(self.weight))) if self.weight > 0 else max(1, known.size)
        for start in range(0, known.size, block):
            found[start : start + block] = self._block(given[start : start + block])
        smooth[known] = found
        return smooth

    def _block(self, values: Floats) -> Floats:
        if self.weight <= 0:
            return values
        powers = self.weight ** np.arange(values.size + 1)
        mean = powers[1:] * self._mean + (1 - self.weight) * powers[:-1] * np.cumsum(values / powers[:-1])
        past = self._past * powers[1:]
        self._mean, self._past = float(mean[-1]), float(past[-1])
        smooth: Floats = mean / (1 - past)
        return smooth
