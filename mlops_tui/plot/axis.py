"""An axis: which value lies at which dot, and where the ticks are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mlops_tui.plot.ticks import (
    Step,
    date_labels,
    date_ticks,
    labels,
    log_labels,
    log_ticks,
    nice_steps,
    nice_ticks,
    widened,
)

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` and `high` are the values at the first and the last dot; of a logarithmic axis, their powers of ten."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    log: bool = False

    def fraction(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values lie between the first dot (0) and the last (1), same shape; NaN stays NaN.

        What misses an end by rounding lies on it: a logarithm's last digit differs between processors.
        """
        scaled = np.log10(values) if self.log else values
        place: NDArray[np.float64] = (scaled / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        place[np.abs(place) < _ROUNDING] = 0.0
        place[np.abs(place - 1.0) < _ROUNDING] = 1.0
        return place

    def cell(self, value: float, cells: int, dots: int) -> int:
        """The cell, counted from the low end, that holds the value; `dots` to a cell."""
        fraction = float(self.fraction(np.array([value]))[0])
        return min(max(round(fraction * (cells * dots - 1)), 0) // dots, cells - 1)


def across(low: float, high: float, cells: int, *, whole: bool = False, dates: bool = False) -> Axis:
    """A horizontal axis from exactly `low` to `high`, with as many ticks as their labels leave room for."""
    low, high = _apart(low, high) if dates else widened(low, high)
    for count in range(min(9, max(2, cells // 8)), 1, -1):
        ticks = date_ticks(low, high, count) if dates else nice_ticks(low, high, count, whole)
        texts = date_labels(ticks) if dates else labels(ticks)
        if len(ticks) * (max(map(len, texts), default=0) + 3) <= cells + 3:
            break
    return Axis(low, high, ticks, texts)


def _apart(low: float, high: float) -> tuple[float, float]:
    """Two moments a second apart at least, and an hour around one moment."""
    if high == low:
        return low - 1800, high + 1800
    pad = max(0.0, 1 - (high - low)) / 2
    return low - pad, high + pad


def across_log(low: float, high: float, cells: int) -> Axis:
    """A horizontal logarithmic axis from `low` to `high`, at least 1e-290, with as many ticks as their labels leave room."""
    if high / low < 1 + 1e-6:
        low, high = low / 1.1, high * 1.1
    for count in range(min(9, max(2, cells // 8)), 1, -1):
        ticks = log_ticks(low, high, count)
        texts = log_labels(ticks)
        if len(ticks) * (max(map(len, texts), default=0) + 3) <= cells + 3:
            break
    return Axis(math.log10(low), math.log10(high), ticks, texts, log=True)


def across_names(names: Sequence[str]) -> Axis:
    """A horizontal axis on which each name has its place: 0, 1, 2 …"""
    return Axis(-0.5, len(names) - 0.5, tuple(map(float, range(len(names)))), tuple(names))


def upward(low: float, high: float, cells: int, dots: int, *, whole: bool = False) -> Axis:
    """A vertical axis that holds `low` to `high`, whose ticks lie on whole cells at equal distances.

    A cell is worth a nice step divided by the number of cells between ticks; of all such values the smallest is taken
    that lets the range into the cells, so little of the height is wasted.
    """
    low, high = widened(low, high)
    if cells < 3:  # a range on both sides of zero needs a cell above and one below
        return Axis(low, high, (), ())
    whole = whole and high - low >= 2  # two whole steps at least, or most of the height would be empty
    fewest = max(1, math.ceil((cells - 1) / 6))
    choices = [_aligned(low, high, cells, apart, whole) for apart in range(fewest, max(1, (cells - 1) // 2) + 1)]
    value, first, apart, step = min(choices, key=lambda choice: choice[0])
    margin = (dots - 1) / (2 * dots)  # from the middle of the outermost cells to their outermost dots
    ticks = tuple(step.times(n // apart) for n in range(first, first + cells) if n % apart == 0)
    return Axis((first - margin) * value, (first + cells - 1 + margin) * value, ticks, labels(ticks))


def upward_log(low: float, high: float, cells: int) -> Axis:
    """A vertical logarithmic axis from `low` to `high`, at least 1e-290; one label to a row at most."""
    if high / low < 1 + 1e-6:
        low, high = low / 1.1, high * 1.1
    ticks = log_ticks(low, high, min(9, max(2, cells // 2)))
    axis = Axis(math.log10(low), math.log10(high), ticks, (), log=True)
    rows = [axis.cell(tick, cells, 1) for tick in ticks]
    kept = [ticks[0], *(tick for tick, (below, row) in zip(ticks[1:], pairwise(rows), strict=True) if row > below)]
    return Axis(axis.low, axis.high, tuple(kept), log_labels(kept), log=True)


def _aligned(low: float, high: float, cells: int, apart: int, whole: bool) -> tuple[float, int, int, Step]:
    """The smallest nice step over `apart` cells that lets the range in: value of a cell, first cell, apart, step."""
    for step in nice_steps((high - low) / (cells - 1) * apart, whole):
        value = step.size / apart
        first = math.floor(low / value)
        if (first + cells - 1) * value >= high:
            break
    return value, first, apart, step
