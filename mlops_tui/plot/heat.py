"""A heat map: shades for the values of a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlops_tui.plot.canvas import Canvas, Picture, sentence
from mlops_tui.plot.cells import cell_width, clean, fit, right
from mlops_tui.plot.symbols import symbol_set

SHADES = {True: ".:+*#", False: "·░▒▓█"}
"""From low to high, for ASCII and for the others; a cell without a value is blank."""


def heat_map(
    values: Sequence[Sequence[float | None]],
    names: tuple[Sequence[str], Sequence[str]],
    titles: tuple[str, str],
    width: int,
    height: int,
    *,
    symbols: str = "braille",
    are_counts: bool = False,
) -> Picture:
    """A grid in `width` × `height` cells, its first row below; `names` are those of the columns and of the rows, `titles` of
    the x and the y axis. The highest cell is marked; `are_counts` are written into
    their cells instead. ValueError for a negative size or an unknown symbol set.
    """
    glyphs = symbol_set(symbols)
    known = [value for row in values for value in row if value is not None and math.isfinite(value)]
    across, down = ([clean(name, glyphs.ascii_only) for name in some] for some in names)
    beside = min(max(map(cell_width, down), default=0), max(4, width // 4))
    wide, high = ((width - beside - 2) // max(1, len(across)), (height - 3) // max(1, len(down)))
    if not known or wide < 1 or high < 1:
        return sentence("no trials to map yet" if not known else "no room for a map", width, height, glyphs)
    canvas, shades = Canvas(width, height, glyphs), SHADES[glyphs.ascii_only]
    canvas.write(0, 0, fit(clean(titles[1], glyphs.ascii_only), width, glyphs.ellipsis), "title")
    low, top = min(known), max(known)
    bottom = 1 + high * len(down)
    best = next((r, c) for r, row in enumerate(values) for c, value in enumerate(row) if value == top)
    for number, row in enumerate(values):
        start = bottom - high * (number + 1)
        canvas.write(start + (high - 1) // 2, 0, right(down[number], beside, glyphs.ellipsis), "label")
        for column, value in enumerate(row):
            if value is None or not math.isfinite(value):
                continue
            level = round((value - low) / (top - low) * (len(shades) - 1)) if top > low else len(shades) - 1
            for line in range(high):
                canvas.write(start + line, beside + 2 + column * wide, shades[level] * wide, f"series-{1 - level // 3}")
            if are_counts:
                told = fit(f" {value:,.0f} ", wide, glyphs.ellipsis)
                canvas.write(
                    start + (high - 1) // 2, beside + 2 + column * wide + (wide - len(told)) // 2, told, "title"
                )
            elif (number, column) == best:
                canvas.write(start + (high - 1) // 2, beside + 2 + column * wide + wide // 2, glyphs.mark, "mark")
    canvas.write_column(1, beside + 1, glyphs.vertical * (bottom - 1), "axis")
    canvas.write(bottom, beside + 1, glyphs.corner + glyphs.horizontal * (wide * len(across)), "axis")
    free = 0
    for column, name in enumerate(across):
        start = beside + 2 + column * wide + max(0, (wide - cell_width(name)) // 2)
        if start >= free and start + cell_width(name) <= width:
            canvas.write(bottom + 1, start, name, "label")
            free = start + cell_width(name) + 1
    title = " " + fit(clean(titles[0], glyphs.ascii_only), width // 2, glyphs.ellipsis)
    canvas.write(bottom, width - cell_width(title), title, "title")
    return canvas.picture()
