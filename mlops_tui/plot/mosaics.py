"""A picture made of cells: each the character and the two colours that come nearest to its four quarters."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import numpy as np

from mlops_tui.plot.symbols import symbol_set

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""
LUMINANCE = np.array((0.2126, 0.7152, 0.0722))
"""How bright the three colours are (ITU-R BT.709)."""
BITS = np.array((1, 2, 4, 8))


class Stone(NamedTuple):
    """Neighbouring cells of the same two colours; without colours it is the characters that tell bright from dark."""

    text: str
    front: Colour | None
    back: Colour | None


def mosaic(pixels: bytes, cells: int, lines: int, symbols: str = "braille") -> list[list[Stone]]:
    """The lines of a picture. `pixels` are RGB, row by row, 2 · lines high and 2 · cells wide.

    Of all ways to part a cell's quarters in two that the symbol set can draw the one is taken that leaves the least squared
    error when both parts have the mean of their colours.
    """
    chosen = symbol_set(symbols)
    grid = np.frombuffer(pixels, np.uint8).reshape(lines, 2, cells, 2, 3).astype(float)
    quarters = grid.transpose(0, 2, 1, 3, 4).reshape(lines, cells, 4, 3)
    if chosen.ascii_only:
        bright = quarters.mean(axis=2) @ LUMINANCE / 255
        levels = np.rint(bright * (len(chosen.shades) - 1)).astype(int)
        return [[Stone("".join(chosen.shades[level] for level in line), None, None)] for line in levels]
    codes = [code for code, glyph in enumerate(chosen.quarters) if 0 < code < 15 and glyph != " "]
    total, squares = quarters.sum(axis=2), (quarters**2).sum(axis=(2, 3))
    error = squares - (total**2).sum(axis=-1) / 4
    best = np.zeros((lines, cells), int)  # one colour alone
    front = back = total / 4
    for code in codes:
        within = (code & BITS) > 0
        inside = quarters[:, :, within].sum(axis=2)
        outside, count = total - inside, int(within.sum())
        left = squares - (inside**2).sum(axis=-1) / count - (outside**2).sum(axis=-1) / (4 - count)
        better = left < error - 1e-6
        error, best = np.where(better, left, error), np.where(better, code, best)
        front = np.where(better[:, :, None], inside / count, front)
        back = np.where(better[:, :, None], outside / (4 - count), back)
    drawn = np.concatenate((best[:, :, None], np.rint(front), np.rint(back)), axis=2).astype(int).tolist()
    return [_line(row, chosen.quarters) for row in drawn]


def _line(row: list[list[int]], glyphs: str) -> list[Stone]:
    stones = []
    for colours, run in groupby(row, key=lambda cell: cell[1:]):
        text = "".join(glyphs[cell[0]] for cell in run)
        front, back = (colours[0], colours[1], colours[2]), (colours[3], colours[4], colours[5])
        stones.append(Stone(text, front, back))
    return stones
