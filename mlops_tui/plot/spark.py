"""A row of numbers in one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from mlops_tui.plot.symbols import symbol_set


def sparkline(values: Sequence[float], width: int, *, symbols: str = "braille") -> str:
    """Exactly `width` cells, the newest value at the right, the lowest level for the lowest value.

    More values than cells are averaged, equally many (but for one) to a cell; fewer leave blanks at the left. What is
    not finite has no part in an average, and a cell without a value is blank. Equal values lie at half height.
    ValueError for a negative width or an unknown symbol set.
    """
    levels = symbol_set(symbols).upward
    if width < 0:
        raise ValueError(f"a sparkline cannot be {width} cells wide")
    cells = min(len(values), width)
    bounds = [len(values) * cell // cells for cell in range(cells + 1)] if cells else []
    means = [_mean(values[start:end]) for start, end in pairwise(bounds)]
    known = [mean for mean in means if mean is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    return "".join(" " if mean is None else _level(mean, low, high, levels) for mean in means).rjust(width)


def _mean(values: Sequence[float]) -> float | None:
    known = [value / len(values) for value in values if math.isfinite(value)]
    return sum(known) * (len(values) / len(known)) if known else None


def _level(value: float, low: float, high: float, levels: str) -> str:
    if low == high:
        return levels[(len(levels) - 1) // 2]
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return levels[round(share * (len(levels) - 1))]
