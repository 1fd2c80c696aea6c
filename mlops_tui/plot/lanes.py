"""Lanes in time: who worked on what from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mlops_tui.plot.axis import Axis, across
from mlops_tui.plot.canvas import Canvas, Picture, sentence
from mlops_tui.plot.cells import cell_width, clean, right
from mlops_tui.plot.fills import FILLS
from mlops_tui.plot.frame import Area, Frame
from mlops_tui.plot.symbols import symbol_set

TALLEST = 3


class Stretch(NamedTuple):
    """Work from `start` to `end`; `fill` is full, half, open or cross."""

    start: float
    end: float
    role: str
    fill: str = "full"


class Lane(NamedTuple):
    """What one worker did, in the order of time."""

    label: str
    stretches: Sequence[Stretch]


def lane_chart(
    rows: Sequence[Lane], width: int, height: int, *, symbols: str = "braille", x_label: str = ""
) -> Picture:
    """A lane for each worker, over a common time in `width` × `height` cells; lanes that find no room are counted.

    ValueError for a negative size or an unknown symbol set.
    """
    glyphs = symbol_set(symbols)
    spans = [stretch for row in rows for stretch in row.stretches]
    if not spans or width < 20 or height < 4:
        return sentence("nothing has begun yet" if not spans else "no room", width, height, glyphs)
    low, high = min(span.start for span in spans), max(span.end for span in spans)
    room = height - 2
    shown = rows if len(rows) <= room else rows[: room - 1]
    beside = min(max(cell_width(clean(row.label)) for row in shown), width // 4)
    end = cell_width(x_label) + 1 if x_label else 0
    canvas = Canvas(width, height, glyphs)
    tall = max(1, min(TALLEST, room // len(shown) - 1)) if room > len(shown) else 1
    step = tall + 1 if room >= (tall + 1) * len(shown) else tall
    area = Area(0, beside + 2, room, max(8, width - beside - 2 - end))
    axis = across(low, high, area.columns)
    Frame(area, axis, Axis(0, 1, (), ()), glyphs, shown=True).draw(canvas, x_label, "")
    for number, row in enumerate(shown):
        top = number * step
        label = right(clean(row.label, glyphs.ascii_only), beside, glyphs.ellipsis)
        canvas.write(top + (tall - 1) // 2, 0, label, "label")
        for column, (cell, role) in _cells(row.stretches, axis, area.columns, ascii_only=glyphs.ascii_only).items():
            canvas.write_column(top, area.left + column, cell * tall, role)
    if len(shown) < len(rows):
        canvas.write(room - 1, 0, f"{glyphs.ellipsis} {len(rows) - len(shown)} more", "faint")
    return canvas.picture()


def _cells(stretches: Sequence[Stretch], axis: Axis, columns: int, *, ascii_only: bool) -> dict[int, tuple[str, str]]:
    """The sign and the role of each cell that somebody worked in; of several stretches in one the last is seen."""
    moments = np.array([(span.start, span.end) for span in stretches], dtype=np.float64)
    places = np.clip(np.rint(axis.fraction(moments) * (columns - 1)), 0, columns - 1).astype(int).tolist()
    found: dict[int, tuple[str, str]] = {}
    for span, (first, last) in zip(stretches, places, strict=True):
        signs = FILLS[ascii_only][span.fill]
        found.update(dict.fromkeys(range(first, last), (signs[0], span.role)))
        found[last] = (signs[1], span.role)
    return found
