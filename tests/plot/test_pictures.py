"""Whatever the data, a picture has exactly the size asked for, and nothing in it harms a terminal."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.plot import (
    Bar,
    Mark,
    Series,
    bar_chart,
    line_chart,
    mirrored_histogram,
    sparkline,
)
from mlops_tui.plot.cells import cell_width

VALUES = (
    st.floats(allow_nan=True, allow_infinity=True)
    | st.floats(-1, 1)
    | st.integers(-5, 5).map(float)
    | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e-300, 1e300, -1e300, 1.7e308])
)
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["職業", "e\u0301", "\x1b[31mred", "a\nb\t", "👩\u200d👧", "\u0301", "❤\ufe0f"]
)
SYMBOLS = st.sampled_from(["braille", "block", "ascii"])
WIDTHS, HEIGHTS = st.integers(0, 90), st.integers(0, 30)
ROLES = st.sampled_from(["series-0", "series-1", "reference"])
POINTS = st.lists(st.tuples(VALUES, VALUES), max_size=30)


def assert_sound(picture, width, height, symbols):
    assert (picture.width, picture.height, len(picture.lines)) == (width, height, height)
    for line in picture.lines:
        text = "".join(span.text for span in line)
        assert cell_width(text) == width
        assert text.isprintable()
        assert symbols != "ascii" or text.isascii()
    assert all(span.text for line in picture.lines for span in line)


@st.composite
def series(draw):
    points = draw(POINTS)
    return Series(
        draw(TEXTS),
        [x for x, _ in points],
        [y for _, y in points],
        draw(ROLES),
        draw(st.sampled_from(["line", "dots", "step"])),
        draw(st.none() | TEXTS),
        draw(st.booleans()),
    )


MARKS = st.lists(st.builds(Mark, st.none() | VALUES, st.none() | VALUES, TEXTS), max_size=3)


@settings(max_examples=300, deadline=None)
@given(st.lists(series(), max_size=3), MARKS, WIDTHS, HEIGHTS, SYMBOLS, TEXTS, st.booleans(), st.booleans())
def test_a_line_chart_has_its_size_whatever_the_data(curves, marks, width, height, symbols, title, log_y, step):
    picture = line_chart(
        curves, width, height, symbols=symbols, x_label=title, y_label=title, log_y=log_y, marks=marks, step=step
    )
    assert_sound(picture, width, height, symbols)


@settings(deadline=None)
@given(st.lists(VALUES, max_size=20), WIDTHS, HEIGHTS)
def test_a_chart_over_time_has_its_size_whatever_the_moments(moments, width, height):
    picture = line_chart([Series("a", moments, [1.0] * len(moments))], width, height, x_dates=True)
    assert_sound(picture, width, height, "braille")


BARS = st.lists(st.builds(Bar, TEXTS, VALUES, TEXTS, ROLES), max_size=8)


@settings(deadline=None)
@given(BARS, WIDTHS, st.none() | HEIGHTS, SYMBOLS, st.none() | VALUES)
def test_a_bar_chart_has_its_size_whatever_the_data(rows, width, height, symbols, threshold):
    picture = bar_chart(rows, width, symbols=symbols, height=height, threshold=threshold)
    assert_sound(picture, width, max(len(rows), 1) if height is None else height, symbols)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, VALUES, VALUES), max_size=20), WIDTHS, st.none() | HEIGHTS, SYMBOLS, TEXTS)
def test_a_mirrored_histogram_has_its_size_whatever_the_data(bins, width, height, symbols, name):
    columns = [[row[i] for row in bins] for i in range(3)]
    picture = mirrored_histogram(*columns, width, symbols=symbols, height=height, names=(name, name))
    assert_sound(picture, width, max(len(bins) + 1, 2) if height is None else height, symbols)
    told = mirrored_histogram(*columns, width, symbols=symbols, height=height, contribution=columns[2])
    assert_sound(told, width, max(len(bins) + 1, 2) if height is None else height, symbols)


@given(st.lists(VALUES, max_size=200), st.integers(0, 60), SYMBOLS)
def test_a_sparkline_has_its_width_whatever_the_data(values, width, symbols):
    text = sparkline(values, width, symbols=symbols)
    assert len(text) == width
    assert symbols != "ascii" or text.isascii()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: line_chart([], -1, 5),
        lambda: line_chart([], 5, -1),
        lambda: line_chart([Series("a", [1], [1])], -1, 5),
        lambda: bar_chart([Bar("a", 1)], -1),
        lambda: bar_chart([Bar("a", 1)], 5, height=-1),
        lambda: mirrored_histogram(["a"], [1], [1], -1),
        lambda: sparkline([1], -1),
    ],
)
def test_a_negative_size_is_refused(draw):
    with pytest.raises(ValueError, match="cannot be"):
        draw()


def test_x_and_y_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="'loss' has x of shape"):
        line_chart([Series("loss", [1, 2], [1])], 20, 10)


def test_bins_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="2 labels, 1 reference and 2 current"):
        mirrored_histogram(["a", "b"], [1], [1, 2], 40)
    with pytest.raises(ValueError, match="2 labels"):
        mirrored_histogram(["a", "b"], [1, 2], [1, 2], 40, contribution=[1.0])


def test_an_unknown_symbol_set_is_refused():
    with pytest.raises(ValueError, match="no symbol set 'runes'"):
        line_chart([], 20, 10, symbols="runes")
