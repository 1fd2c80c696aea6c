"""A column's values as weighted points: few enough to keep for every block, and true to a stated error.

A block's values are sorted and those at equal steps of rank are kept, each for the rows around it (an equi-depth
summary; it merges by union, as in Agarwal et al. 2013, "Mergeable summaries"). The same rows give the same points.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlops_tui.data.profile import Points

Floats = NDArray[np.float64]

KEPT = 200
"""Points that a block keeps of more different values: ranks within half a step, 0.25 % of its rows."""

EXACT = 1024
"""So many different values are all kept: a small file's figures are exact, and so are those of ages and of counts."""

MOST = 1 << 18
"""A merge of more points than these is thinned to a quarter of them."""

NO_POINTS = Points(b"", b"")


def points_of(values: Floats, *, is_sorted: bool = False, exact: int = EXACT, kept: int = KEPT) -> Points:
    """The points of finite values (any shape, any order): all of up to `exact` different ones, else `kept` of them."""
    ordered = values if is_sorted else np.sort(values, axis=None)
    if ordered.size == 0:
        return NO_POINTS
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if len(starts) <= max(exact, kept):
        return _packed(ordered[starts], np.diff(starts, append=ordered.size).astype(np.float64), 0.0, 0.0)
    step = ordered.size / kept
    places = ((np.arange(kept) + 0.5) * step).astype(np.intp)
    return _packed(*_heaped(ordered[places], np.full(kept, step)), step / 2, step / sqrt(12))


def merged_points(parts: Sequence[Points]) -> Points:
    """The points of all parts together."""
    parts = [part for part in parts if part.values]
    if len(parts) < 2:
        return parts[0] if parts else NO_POINTS
    return union(
        np.frombuffer(b"".join([part.values for part in parts])),
        _weights_of_all(parts),
        sum(part.bound for part in parts),
        hypot(*(part.deviation for part in parts)),
    )


def union(values: Floats, weights: Floats, bound: float, deviation: float) -> Points:
    """The points of values in any order, with the rows that each stands for; few of them where there are very many."""
    if weights.size == 1:
        ordered = np.sort(values)
        values, weights = _heaped(ordered, np.broadcast_to(weights, ordered.shape))
    else:
        order = np.argsort(values, kind="stable")
        values, weights = _heaped(values[order], weights[order])
    packed = _packed(values, weights, bound, deviation)
    return thinned(packed, MOST // 4) if len(values) > MOST else packed


def thinned(points: Points, most: int) -> Points:
    """The points at equal steps of rank, so many of them, where there are more."""
    if len(points.values) <= 8 * most:
        return points
    values, weights = read_points(points)
    step = float(weights.sum()) / most
    places = np.searchsorted(np.cumsum(weights), (np.arange(most) + 0.5) * step)
    kept = _heaped(values[places], np.full(most, step))
    return _packed(*kept, points.bound + step / 2, hypot(points.deviation, step / sqrt(12)))


def read_points(points: Points) -> tuple[Floats, Floats]:
    """The values, ascending and different, and the rows that each stands for."""
    return np.frombuffer(points.values), _weights(points)


def _weights_of_all(parts: Sequence[Points]) -> Floats:
    if any(len(part.weights) > 8 for part in parts):
        return np.concatenate([_weights(part) for part in parts])
    alike = np.frombuffer(b"".join([part.weights for part in parts]))
    return np.repeat(alike, [len(part.values) // 8 for part in parts])


def _weights(points: Points) -> Floats:
    weights = np.frombuffer(points.weights)
    size = len(points.values) // 8
    return weights if len(weights) == size else np.full(size, weights[0] if size else 0.0)


def rank_error(points: Points, rows: float | None = None) -> float:
    """Bound of the error of a share of rows below a value, wherever it lies: half a step of every block.

    In the tails all blocks err to one side, so that they do not make up for each other there. `rows` are those of the points, where
    they are known.
    """
    rows = _rows(points) if rows is None else rows
    return points.bound / rows if rows else 0.0


def share_error(points: Points, rows: float | None = None) -> float:
    """Bound of the error of a share of rows between two values, tails aside: the errors of many blocks, each even over its
    step, make up for each other (4 standard deviations of their sum).
    """
    rows = _rows(points) if rows is None else rows
    return min(2 * points.bound, 4 * sqrt(2) * points.deviation) / rows if rows else 0.0


def _rows(points: Points) -> float:
    return float(_weights(points).sum())


def quantiles_of(points: Points, shares: ArrayLike) -> Floats:
    """The smallest values with at least these shares of the rows at or below them (inverted distribution function)."""
    values, weights = read_points(points)
    heaped = np.cumsum(weights)
    # 0.7 × 10 is a little more than 7 in floating point; without the slack the next value would answer
    ranks = np.asarray(shares) * heaped[-1] * (1 - 1e-12)
    return values[np.minimum(np.searchsorted(heaped, ranks), len(values) - 1)]


def rows_below(points: Points, limits: ArrayLike, *, inclusive: bool = False) -> Floats:
    """How many rows lie below each limit, or at it too where `inclusive`."""
    values, weights = read_points(points)
    heaped = np.concatenate(([0.0], np.cumsum(weights)))
    return heaped[np.searchsorted(values, limits, side="right" if inclusive else "left")]


def _heaped(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Ascending values with the weights of equal ones added up."""
    first = np.concatenate(([True], values[1:] != values[:-1]))
    if first.all():
        return values, weights
    starts = np.flatnonzero(first)
    return values[starts], np.add.reduceat(weights, starts)


def _packed(values: Floats, weights: Floats, bound: float, deviation: float) -> Points:
    alike = weights.size > 1 and (weights.strides == (0,) or bool((weights == weights[0]).all()))
    return Points(values.tobytes(), (weights[:1] if alike else weights).tobytes(), float(bound), float(deviation))
