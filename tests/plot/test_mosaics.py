"""Pictures made of cells: the nearest that two colours and the symbols of a set can come."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.plot.mosaics import Stone, mosaic
from mlops_tui.plot.symbols import SETS

WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (200, 10, 10)
Colour = tuple[int, int, int]


def drawn(*rows: list[Colour], symbols: str = "braille") -> list[list[Stone]]:
    return mosaic(np.array(rows, np.uint8).tobytes(), len(rows[0]) // 2, len(rows) // 2, symbols)


def seen(stones: list[list[Stone]], symbols: str) -> np.ndarray:
    """The pixels that a terminal shows, two by two of a cell."""
    lines = []
    for line in stones:
        cells = [(glyph, stone) for stone in line for glyph in stone.text]
        for bits in ((1, 2), (4, 8)):
            codes = [(SETS[symbols].quarters.rindex(glyph) if glyph != " " else 0, stone) for glyph, stone in cells]
            lines.append([stone.front if code & bit else stone.back for code, stone in codes for bit in bits])
    return np.array(lines, float)


def test_each_quarter_of_a_cell_is_drawn_where_it_is() -> None:
    assert drawn([RED, WHITE], [WHITE, WHITE])[0] in ([Stone("▘", RED, WHITE)], [Stone("▟", WHITE, RED)])
    assert drawn([WHITE, WHITE], [WHITE, RED])[0] in ([Stone("▗", RED, WHITE)], [Stone("▛", WHITE, RED)])
    assert drawn([WHITE, WHITE], [RED, RED])[0] in ([Stone("▄", RED, WHITE)], [Stone("▀", WHITE, RED)])


def test_a_cell_of_one_colour_is_a_blank_of_it_and_neighbours_are_one_stone() -> None:
    assert drawn([RED] * 6, [RED] * 6) == [[Stone("   ", RED, RED)]]


@given(st.lists(st.integers(0, 255), min_size=12, max_size=12))
def test_no_way_to_part_a_cell_in_two_comes_nearer(values: list[int]) -> None:
    quarters = np.array(values, np.uint8).reshape(4, 3).astype(float)
    shown = seen(mosaic(np.array(values, np.uint8).tobytes(), 1, 1), "braille").reshape(4, 3)
    nearest = min(
        sum(
            ((quarters[list(part)] - quarters[list(part)].mean(axis=0)) ** 2).sum()
            for part in (inside, [i for i in range(4) if i not in inside])
            if part
        )
        for size in range(3)
        for inside in itertools.combinations(range(4), size)
    )
    assert ((quarters - shown) ** 2).sum() <= nearest + 4 * 3 * 0.25 + 1e-6  # colours are whole numbers


@pytest.mark.parametrize(("symbols", "allowed"), [("block", " ▀▄▌▐█"), ("braille", " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")])
def test_a_terminal_gets_the_blocks_that_its_fonts_have(symbols: str, allowed: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (20, 40, 3), np.uint8)
    text = {glyph for line in mosaic(pixels.tobytes(), 20, 10, symbols) for stone in line for glyph in stone.text}
    assert text <= set(allowed)
    assert len(text) > 1


def test_without_colours_brightness_is_told_by_letters() -> None:
    row = [BLACK, BLACK, (142, 142, 142), (142, 142, 142), WHITE, WHITE]
    assert drawn(row, row, symbols="ascii") == [[Stone(" +@", None, None)]]
