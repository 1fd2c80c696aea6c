"""How a column's numbers are spread: counts in bins of equal width."""

from __future__ import annotations

from math import isfinite

import numpy as np

from mlops_tui.data.engine.points import Floats, quantiles_of, read_points, rows_below
from mlops_tui.data.profile import EXACT, ColumnProfile, Moments

BINS = 20
DAY = 86_400


def histogram_of(column: ColumnProfile, moments: Moments) -> dict[str, object] | None:
    """Counts in equal bins by the points; their sum with `below` and `above` is the number of finite values."""
    assert column.points is not None
    low, high = map(float, quantiles_of(column.points, [0.005, 0.995]))
    if low == high:
        low, high = moments.minimum, moments.maximum
    if not isfinite(high - low):
        return None
    if low == high:
        return {"edges": [low, high], "counts": [moments.count], "below": 0, "above": 0}
    unit = _unit(column, low, high)
    edges = _whole_edges(low, high, unit) if unit else np.linspace(low, high, BINS + 1)
    # rows below an edge; of a continuous number the last edge belongs to the last bin
    below, last = rows_below(column.points, edges[:-1]), rows_below(column.points, edges[-1:], inclusive=unit is None)
    places = np.round(np.concatenate((below, last))).astype(np.int64)
    return {
        "edges": edges.tolist(),
        "counts": np.diff(places).tolist(),
        "below": int(places[0]),
        "above": int(moments.count - places[-1]),
    }


def _unit(column: ColumnProfile, low: float, high: float) -> int | None:
    """What a column's values are multiples of: 1 of integers, a day of dates without times; None where it is not known."""
    assert column.points is not None
    if column.kind == "integer":
        return 1 if max(-low, high) < EXACT else None
    is_of_days = column.kind == "date-time" and not np.any(read_points(column.points)[0] % DAY)
    return DAY if is_of_days else None


def _whole_edges(low: float, high: float, unit: int) -> Floats:
    """Edges from `low` to a unit beyond `high` of at most 20 bins, each as many whole units wide; the last may be narrower.

    Of the widths that make 10 bins or more, where there are so many units, it is the one that leaves the last bin the
    least narrow.
    """
    units = round((high - low) / unit) + 1
    finest = -(-units // BINS)
    widths = {-(-units // bins) for bins in range(BINS // 2, BINS + 1)}
    enough = {width for width in widths if -(-units // width) >= BINS // 2} | {finest}
    width = min(enough, key=lambda width: (-units % width / width, width))
    edges = low + np.arange(-(-units // width) + 1, dtype=np.float64) * (width * unit)
    edges[-1] = high + unit
    return edges
