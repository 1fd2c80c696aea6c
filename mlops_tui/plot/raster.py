"""Points to dots: a numpy grid of booleans, two by four to a braille cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops_tui.plot.symbols import Symbols

Dots = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Placed:
    """Points as dots: column from the left, row from the top.

    `part` numbers the stretches between points that have no place (NaN, infinite): lines do not cross from one to the
    next. All three have shape (n,), n being the number of points with a place.
    """

    column: Ints
    row: Ints
    part: Ints


def place(x: Floats, y: Floats, shape: tuple[int, int]) -> Placed:
    """Put points, given as fractions of the grid (x from the left, y from the bottom), on `shape` (rows, columns).

    x and y have shape (n,) and may hold NaN; what lies outside 0 to 1 is treated alike.
    """
    rows, columns = shape
    seen = np.isfinite(x) & np.isfinite(y) & (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
    part = np.cumsum(~seen, dtype=np.int64)[seen]
    column = np.rint(x[seen] * (columns - 1)).astype(np.int64)
    row = np.rint((1 - y[seen]) * (rows - 1)).astype(np.int64)
    return Placed(column, row, part)


def dots(points: Placed, shape: tuple[int, int]) -> Dots:
    """The points alone, as booleans of `shape` (rows, columns)."""
    grid = np.zeros(shape, dtype=np.bool_)
    grid[points.row, points.column] = True
    return grid


def line(points: Placed, shape: tuple[int, int]) -> Dots:
    """The points joined by straight lines within each part, as booleans of `shape` (rows, columns).

    However many points share a column, what their lines cover there is the stretch from the lowest to the highest; so a
    column is reduced to that stretch and to the points where the line enters and leaves it. Every dot is the one that
    drawing all the lines one by one would set. The cost is that of reading the points once where they are sorted by x.
    """
    if points.column.size == 0:
        return np.zeros(shape, dtype=np.bool_)
    starts = np.flatnonzero(np.diff(points.column, prepend=-1) | np.diff(points.part, prepend=-1))
    ends = np.append(starts[1:], points.column.size) - 1
    low, high = np.minimum.reduceat(points.row, starts), np.maximum.reduceat(points.row, starts)
    grid = _stretches(points.column[starts], low, high, shape)
    joined = points.part[starts[1:]] == points.part[ends[:-1]]
    leave, enter = ends[:-1][joined], starts[1:][joined]
    row, column = _segments(points.row[leave], points.column[leave], points.row[enter], points.column[enter])
    grid[row, column] = True
    return grid


def steps(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Points, shape (2n - 1,), whose straight lines hold each y until the next x, for points of shape (n,)."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[: max(2 * y.size - 1, 0)]


def codes(grid: Dots, symbols: Symbols) -> Ints:
    """The glyph codes of a grid of dots, shape (rows of cells, columns of cells)."""
    tall, wide = len(symbols.weights), len(symbols.weights[0])
    coded = np.zeros((grid.shape[0] // tall, grid.shape[1] // wide), dtype=np.int64)
    for down, weights in enumerate(symbols.weights):
        for across, weight in enumerate(weights):
            coded += grid[down::tall, across::wide] * weight
    return coded


def _stretches(column: Ints, low: Ints, high: Ints, shape: tuple[int, int]) -> Dots:
    """Vertical stretches of dots, both ends included: +1 where one begins, -1 below its end, summed downwards."""
    rows, columns = shape
    change = np.bincount(low * columns + column, minlength=(rows + 1) * columns)
    change -= np.bincount((high + 1) * columns + column, minlength=(rows + 1) * columns)
    inside: Dots = np.cumsum(change.reshape(rows + 1, columns), axis=0)[:rows] > 0
    return inside


def _segments(row: Ints, column: Ints, to_row: Ints, to_column: Ints) -> tuple[Ints, Ints]:
    """The dots of straight lines between dots, as many to a line as its longer side has; halves are rounded up."""
    down, across = to_row - row, to_column - column
    length = np.maximum(np.abs(down), np.abs(across))
    which = np.repeat(np.arange(length.size), length + 1)
    along = np.arange(which.size) - np.repeat(np.cumsum(length + 1) - (length + 1), length + 1)
    longer = length[which]
    return (
        row[which] + (2 * along * down[which] + longer) // (2 * longer),
        column[which] + (2 * along * across[which] + longer) // (2 * longer),
    )
