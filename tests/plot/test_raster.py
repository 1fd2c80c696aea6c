"""The vectorised rasteriser against one that draws every line by itself, dot by dot."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.plot.raster import codes, dots, line, place, steps
from mlops_tui.plot.symbols import symbol_set

FRACTIONS = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0, float("nan"), float("inf"), -0.5, 1.5])
POINTS = st.lists(st.tuples(FRACTIONS, FRACTIONS), max_size=60)
SHAPES = st.tuples(st.integers(1, 24), st.integers(1, 24))


def slow_dot(point, shape):
    """The (row, column) of a point, or None."""
    if not all(0 <= value <= 1 for value in point):
        return None
    return round((1 - point[1]) * (shape[0] - 1)), round(point[0] * (shape[1] - 1))


def slow_line(points, shape):
    """A set of (row, column): between neighbours as many dots as the longer side has, halves rounded up."""
    found, before = set(), None
    for point in points:
        here = slow_dot(point, shape)
        if here is not None:
            found.add(here)
        if here is not None and before is not None:
            down, across = here[0] - before[0], here[1] - before[1]
            length = max(abs(down), abs(across))
            for k in range(1, length):
                found.add(
                    (
                        before[0] + (2 * k * down + length) // (2 * length),
                        before[1] + (2 * k * across + length) // (2 * length),
                    )
                )
        before = here
    return found


def as_set(grid):
    return set(map(tuple, np.argwhere(grid).tolist()))


def arrays(points):
    table = np.array(points, dtype=float).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@given(POINTS, SHAPES)
def test_lines_are_dot_for_dot_those_drawn_one_by_one(points, shape):
    """Also where the points are in no order."""
    assert as_set(line(place(*arrays(points), shape), shape)) == slow_line(points, shape)


@given(POINTS, SHAPES)
def test_points_alone_are_dot_for_dot_those_set_one_by_one(points, shape):
    expected = {slow_dot(point, shape) for point in points} - {None}
    assert as_set(dots(place(*arrays(points), shape), shape)) == expected


@given(st.integers(0, 2**32 - 1), SHAPES)
def test_a_dense_noisy_series_keeps_every_extreme(seed, shape):
    """Two thousand sorted points with gaps, far more than there are columns."""
    random = np.random.default_rng(seed)
    x, y = np.sort(random.random(2000)), random.random(2000)
    y[random.random(2000) < 0.01] = np.nan
    assert as_set(line(place(x, y, shape), shape)) == slow_line(list(zip(x, y, strict=True)), shape)


def test_a_gap_is_not_bridged():
    grid = line(place(np.array([0, 0.25, 0.5, 0.75, 1]), np.array([0.5, 0.5, np.nan, 0.5, 0.5]), (1, 9)), (1, 9))
    assert grid[0].tolist() == [True, True, True, False, False, False, True, True, True]


def test_a_point_between_two_gaps_stays_visible():
    grid = line(place(np.array([0, 0.5, 1]), np.array([np.nan, 0.5, np.nan]), (1, 3)), (1, 3))
    assert grid[0].tolist() == [False, True, False]


def test_steps_hold_a_value_until_the_next_x():
    x, y = steps(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert (x.tolist(), y.tolist()) == ([0, 1, 1], [0, 0, 1])
    assert as_set(line(place(x, y, (3, 3)), (3, 3))) == {(2, 0), (2, 1), (2, 2), (1, 2), (0, 2)}


def test_steps_of_nothing_are_nothing():
    assert [part.size for part in steps(np.array([]), np.array([]))] == [0, 0]


def test_every_braille_dot_has_its_place():
    """The numbering of braille dots: 1, 2, 3, 7 down the left, 4, 5, 6, 8 down the right."""
    symbols = symbol_set("braille")
    seen = []
    for column in range(2):
        for row in range(4):
            grid = np.zeros((4, 2), dtype=bool)
            grid[row, column] = True
            seen.append(symbols.glyphs[codes(grid, symbols)[0, 0]])
    assert "".join(seen) == "⠁⠂⠄⡀⠈⠐⠠⢀"
