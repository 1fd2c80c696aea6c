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
    seen = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
    part = np.zeros(x.shape, dtype=np.int64)
    if not seen.all():
        part = np.cumsum(~seen, dtype=np.int64)[seen]
        x, y = x[seen], y[seen]
    column = np.rint(x * (columns - 1)).astype(np.int64)
    row = np.rint((1 - y) * (rows - 1)).astype(np.int64)
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
    column, row, part = points.column, points.row, points.part
    begins = np.ones(column.size, dtype=np.bool_)
    begins[1:] = (column[1:] != column[:-1]) | (part[1:] != part[:-1])
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], column.size) - 1
    low, high = np.minimum.reduceat(row, starts), np.maximum.reduceat(row, starts)
    at = column[starts]
    joined = np.flatnonzero(part[starts[1:]] == part[ends[:-1]])
    beside = at[joined + 1] - at[joined] == 1
    _meet(low, high, row[ends], row[starts], joined[beside])
    grid = _stretches(at, low, high, shape)
    far = joined[~beside]
    if far.size:
        leave, enter = ends[far], starts[far + 1]
        grid[_segments(row[leave], column[leave], row[enter], column[enter])] = True
    return grid


def _meet(low: Ints, high: Ints, leave: Ints, enter: Ints, which: Ints) -> None:
    """Lengthens the stretches of neighbouring columns by the line from one to the next: the first half of its dots, the
    shorter one, is in the first column.
    """
    goes, comes = leave[which], enter[which + 1]
    down = comes - goes
    half, way = (np.abs(down) + 1) // 2, np.sign(down)
    last, first = goes + way * np.maximum(half - 1, 0), goes + way * half
    low[which] = np.minimum(low[which], last)
    high[which] = np.maximum(high[which], last)
    low[which + 1] = np.minimum(low[which + 1], np.where(down == 0, comes, first))
    high[which + 1] = np.maximum(high[which + 1], np.where(down == 0, comes, first))


def steps(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Points, shape (2n - 1,), whose straight lines hold each y until the next x, for points of shape (n,)."""
    return np.repeat(x, 2)[1:], np.repeat(y, 2)[: max(2 * y.size - 1, 0)]


def codes(grid: Dots, symbols: Symbols) -> NDArray[np.uint8]:
    """The glyph codes of a grid of dots, shape (rows of cells, columns of cells)."""
    tall, wide = len(symbols.weights), len(symbols.weights[0])
    coded = np.zeros((grid.shape[0] // tall, grid.shape[1] // wide), dtype=np.uint8)
    for across in range(wide):
        bits = np.ascontiguousarray(grid[:, across::wide]).view(np.uint8)
        for down, weights in enumerate(symbols.weights):
            coded |= bits[down::tall] * np.uint8(weights[across])
    return coded


FEW = 8
"""So many stretches of one column are set one after the other; more of them are counted."""


def _stretches(column: Ints, low: Ints, high: Ints, shape: tuple[int, int]) -> Dots:
    """Vertical stretches of dots, both ends included."""
    most = int(np.bincount(column, minlength=shape[1]).max())
    if most == 1:
        return _apart(column, low, high, shape)
    if most > FEW:
        return _counted(column, low, high, shape)
    order = np.argsort(column, kind="stable")
    turn = np.arange(order.size) - np.searchsorted(column[order], column[order])  # the how manieth of its column it is
    inside = np.zeros(shape, dtype=np.bool_)
    for number in range(most):
        whose = order[turn == number]
        inside |= _apart(column[whose], low[whose], high[whose], shape)
    return inside


def _apart(column: Ints, low: Ints, high: Ints, shape: tuple[int, int]) -> Dots:
    """Stretches of which each is alone in its column."""
    rows, columns = shape
    first, last = np.full(columns, rows, np.int16), np.full(columns, -1, np.int16)
    first[column], last[column] = low, high
    down = np.arange(rows, dtype=np.int16)[:, None]
    inside: Dots = down >= first
    inside &= down <= last
    return inside


def _counted(column: Ints, low: Ints, high: Ints, shape: tuple[int, int]) -> Dots:
    """The same: +1 where one begins, -1 below its end, summed downwards."""
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
