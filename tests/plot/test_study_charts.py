"""Tiles, lanes, maps and parallel coordinates: what stands where."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui import plot
from mlops_tui.plot import Lane, Lines, Picture, Series, Stretch, Tile, Upright
from mlops_tui.plot.symbols import SETS

SIZES = st.tuples(st.integers(0, 170), st.integers(0, 50))
LANES = [
    Lane("4001", [Stretch(0, 50, "good"), Stretch(50, 60, "bad", "cross")]),
    Lane("4002", [Stretch(90, 100, "label", "half")]),
]
AXES = [Upright("rate", "1", "0.1"), Upright("depth", "9", "2"), Upright("auc", "0.9", "0.7")]
MAP = [[0.1, None, 0.9], [0.5, 0.4, math.nan]]


def drawn(kind: str, width: int, height: int, symbols: str) -> Picture:
    if kind == "lanes":
        return plot.lane_chart(LANES, width, height, symbols=symbols, x_label="s")
    if kind == "parallel":
        return plot.parallel_coordinates(
            AXES, [Lines([[0, 0.5, 1], [1, math.nan, 0]], "label")], width, height, symbols=symbols
        )
    if kind == "heat":
        return plot.heat_map(MAP, (["a", "b", "c"], ["low", "high"]), ("x", "y"), width, height, symbols=symbols)
    tiles = [Tile(f"chart {n}", lambda w, h: drawn("lanes", w, h, symbols)) for n in range(5)]
    return plot.tiled(tiles, width, height, symbols=symbols)


@given(SIZES, st.sampled_from(["lanes", "parallel", "heat", "tiles"]), st.sampled_from(sorted(SETS)))
def test_a_picture_has_exactly_the_size_that_was_asked_for(size: tuple[int, int], kind: str, symbols: str) -> None:
    """In any symbol set, down to nothing."""
    picture = drawn(kind, *size, symbols)
    assert (picture.width, picture.height, len(picture.lines)) == (*size, size[1])
    assert all(sum(len(span.text) for span in line) == size[0] for line in picture.lines)
    if symbols == "ascii":
        assert picture.text().isascii()


def test_lanes_stand_one_below_the_other_and_kinds_are_told_without_colour() -> None:
    """Half of the time is full, what failed is crossed, the second worker came late."""
    lines = plot.lane_chart(LANES, 80, 7, symbols="ascii", x_label="s").text().split("\n")
    first, second = (next(line for line in lines if name in line) for name in ("4001", "4002"))
    area = first.index("|") + 1
    assert first[area:].startswith("#" * 30)
    assert "x" in first[area:]
    assert second[area:].lstrip().startswith("-")
    assert len(second[area:]) - len(second[area:].lstrip()) > 55
    assert lines[-1].split() == ["0", "20", "40", "60", "80", "100"]


def test_lanes_without_room_are_counted() -> None:
    many = [Lane(str(n), [Stretch(0, 1, "good")]) for n in range(20)]
    assert "12 more" in plot.lane_chart(many, 60, 11, symbols="ascii").text()


def test_the_map_is_darkest_at_its_best_and_blank_where_nothing_was_tried() -> None:
    """The first row is below."""
    picture = plot.heat_map(MAP, (["a", "b", "c"], ["low", "high"]), ("rate", "depth"), 46, 11, symbols="braille")
    lines = picture.text().split("\n")
    assert lines[0].startswith("depth")
    low = next(line for line in lines if line.startswith(" low"))
    cells = [low[6 + 13 * place : 19 + 13 * place] for place in range(3)]
    assert set(cells[0]) == {"·"}
    assert set(cells[1]) == {" "}
    assert set(cells[2]) == {"█", "◆"}
    assert lines[9].endswith(" rate")
    assert lines[10].split() == ["a", "b", "c"]


def test_charts_that_find_no_room_are_counted_and_gone_to() -> None:
    tiles = [Tile(f"chart {n}", lambda w, h: plot.lane_chart(LANES, w, h)) for n in range(5)]
    shown = plot.tiled(tiles, 80, 17).text()
    assert all(f"chart {n}" in shown for n in range(4))
    assert "1 more" in shown
    later = plot.tiled(tiles, 80, 17, first=2).text()
    assert "chart 1" not in later
    assert "chart 4" in later
    assert "more" not in later


def test_parallel_axes_carry_their_names_and_ends() -> None:
    """A line that rises from the first axis to the last has a dot at both ends, and none above."""
    picture = plot.parallel_coordinates(AXES, [Lines([[0, 0.5, 1]], "label")], 60, 12)
    lines = picture.text().split("\n")
    assert lines[0].split() == ["rate", "depth", "auc"]
    assert lines[1].split() == ["1", "9", "0.9"]
    assert lines[-1].split() == ["0.1", "2", "0.7"]
    places = [place for place, sign in enumerate(lines[2]) if sign == "│"]
    assert len(places) == 3
    assert lines[2][places[0] + 1] == " "
    assert lines[-2][places[0] + 1] != " "
    assert lines[2][places[2] - 1] != " "


@pytest.mark.parametrize("width", [30, 80])
def test_an_axis_may_be_logarithmic_or_have_names(width: int) -> None:
    """Three powers of ten lie equally far apart; each name stands below its place."""
    powers = [Series("a", [0.01, 0.1, 1.0], [1, 1, 2], kind="dots")]
    lines = plot.line_chart(powers, width, 8, log_x=True).text().split("\n")
    assert lines[-1].split() == ["0.01", "0.1", "1"]
    low, middle, high = (place for place, sign in enumerate(lines[-2]) if sign == "┬")
    assert abs((middle - low) - (high - middle)) <= 1
    named = plot.line_chart([Series("a", [0, 1, 1], [1, 2, 3], kind="dots")], width, 8, x_names=["gini", "entropy"])
    assert named.text().split("\n")[-1].split() == ["gini", "entropy"]
