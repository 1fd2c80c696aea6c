"""Parallel coordinates: an upright axis for each parameter, a line across them for each trial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mlops_tui.plot.canvas import Canvas, Picture, sentence
from mlops_tui.plot.cells import cell_width, clean, fit
from mlops_tui.plot.frame import spread
from mlops_tui.plot.raster import Floats, codes, line, place
from mlops_tui.plot.symbols import Symbols, symbol_set

LEAST = 10
"""Cells between two axes."""


class Upright(NamedTuple):
    """An axis: its name, and what stands at its upper and its lower end."""

    name: str
    high: str
    low: str


class Lines(NamedTuple):
    """Lines of one role: `places` has for each line its place on each axis, from 0 (below) to 1; NaN is a gap. Dotted
    ones can be told from the others without colour; `label` stands at the right end of its first line."""

    places: Sequence[Sequence[float]]
    role: str
    dotted: bool = False
    label: str = ""


def parallel_coordinates(
    axes: Sequence[Upright], groups: Sequence[Lines], width: int, height: int, *, symbols: str = "braille"
) -> Picture:
    """Lines across upright axes in `width` × `height` cells, later groups above earlier ones; axes that find no room at the
    right are left out and counted. ValueError for a negative size or an unknown symbol set.
    """
    glyphs = symbol_set(symbols)
    shown = min(len(axes), (width - 1) // LEAST)
    if shown < 2 or height < 5 or not any(len(group.places) for group in groups):
        return sentence(
            "nothing to draw yet" if len(axes) > 1 else "one axis alone has no lines", width, height, glyphs
        )
    left_out = len(axes) - shown
    canvas, rows = Canvas(width, height, glyphs), height - 3
    step = (width - 1) // shown
    columns = step * (shown - 1) + 1
    left = min(step // 2, (width - columns) // 2)
    ends = [
        group for group in groups if group.label and len(group.places) and math.isfinite(group.places[0][shown - 1])
    ]
    for group in groups:
        places = np.array([line[:shown] for line in group.places], dtype=np.float64).reshape(-1, shown)
        _draw_lines(canvas, places, group, (left, rows, columns))
    for number, axis in enumerate(axes[:shown]):
        middle = left + number * step
        canvas.write_column(2, middle, glyphs.vertical * rows, "axis")
        for row, text, role in ((0, axis.name, "title"), (1, axis.high, "label"), (height - 1, axis.low, "label")):
            told = fit(clean(text, glyphs.ascii_only), step - 1, glyphs.ellipsis)
            start = max(0, min(middle - cell_width(told) // 2, width - cell_width(told)))
            canvas.write(row, start, told, role)
    _draw_ends(canvas, ends, shown, (left + columns + 1, rows))
    if left_out:
        text = f"{glyphs.ellipsis} {left_out} more"
        canvas.write(height - 2, max(0, width - len(text)), text, "faint")
    return canvas.picture()


def _draw_ends(canvas: Canvas, ends: Sequence[Lines], shown: int, place: tuple[int, int]) -> None:
    """The labels beside the last axis, apart from each other."""
    start, rows = place
    ends = sorted(ends, key=lambda group: -group.places[0][shown - 1])
    wanted = [2 + round((1 - group.places[0][shown - 1]) * (rows - 1)) for group in ends]
    for row, group in zip(spread(wanted, 2, rows + 1), ends, strict=True):
        if row < rows + 2:
            text = fit(clean(group.label, canvas.symbols.ascii_only), canvas.width - start, canvas.symbols.ellipsis)
            canvas.write(row, start, text, group.role)


def _draw_lines(canvas: Canvas, places: Floats, group: Lines, area: tuple[int, int, int]) -> None:
    left, rows, columns = area
    symbols: Symbols = canvas.symbols
    shape = (rows * len(symbols.weights), columns * len(symbols.weights[0]))
    count, axes = places.shape
    gap = np.full((count, 1), np.nan)  # so that one line does not go on as the next
    y = np.hstack([places, gap]).ravel()
    x = np.tile(np.append(np.arange(axes) / max(axes - 1, 1), np.nan), count)
    grid = line(place(x, y, shape), shape)
    if group.dotted:
        grid &= np.indices(shape).sum(axis=0) % 4 < 2
    code = codes(grid, symbols)
    drawn = np.argwhere(code > 0).tolist()
    canvas.put((2 + row, left + column, symbols.glyphs[code[row, column]], group.role) for row, column in drawn)
