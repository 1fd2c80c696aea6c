"""Several small charts in one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mlops_tui.plot.canvas import Canvas, Picture, sentence
from mlops_tui.plot.cells import clean, fit
from mlops_tui.plot.symbols import symbol_set

LEAST_WIDTH, LEAST_HEIGHT, GAP = 34, 8, 2
"""Cells of a chart, its title's line among them, and between two."""


class Tile(NamedTuple):
    """A chart with a title: `draw` is given the cells that are left, width and height."""

    title: str
    draw: Callable[[int, int], Picture]


def grid_of(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows for so many charts, as large as they all can be and no smaller than can be read."""
    most_columns, most_rows = max(1, (width + GAP) // (LEAST_WIDTH + GAP)), max(1, height // LEAST_HEIGHT)
    rows = min(most_rows, -(-count // most_columns)) or 1
    return min(most_columns, -(-count // rows)) or 1, rows


def tiled(charts: Sequence[Tile], width: int, height: int, *, symbols: str = "braille", first: int = 0) -> Picture:
    """Charts from `first` on, row by row, in `width` × `height` cells; those that find no room are counted at the end.

    ValueError for a negative size or an unknown symbol set.
    """
    glyphs = symbol_set(symbols)
    if not charts or width < 1 or height < 1:
        return sentence("nothing to draw yet", width, height, glyphs)
    columns, rows = grid_of(len(charts), width, height)
    shown = charts[first : first + columns * rows]
    left_out = len(charts) - first - len(shown)
    wide = (width - GAP * (columns - 1)) // columns
    high = (height - bool(left_out)) // rows
    canvas = Canvas(width, height, glyphs)
    for place, chart in enumerate(shown):
        down, across = divmod(place, columns)
        top, left = down * high, across * (wide + GAP)
        canvas.write(top, left, fit(clean(chart.title, glyphs.ascii_only), wide, glyphs.ellipsis), "title")
        _paste(canvas, chart.draw(wide, max(0, high - 1)), top + 1, left)
    if left_out:
        canvas.write(height - 1, 0, fit(f"{glyphs.ellipsis} {left_out} more", width, glyphs.ellipsis), "faint")
    return canvas.picture()


def _paste(canvas: Canvas, picture: Picture, top: int, left: int) -> None:
    for row, spans in enumerate(picture.lines, start=top):
        column = left
        for span in spans:
            canvas.write(row, column, span.text, span.role)
            column += len(span.text)
