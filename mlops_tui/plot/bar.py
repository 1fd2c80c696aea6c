"""Horizontal bars: importances, drift by column, counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mlops_tui.plot.canvas import Canvas, Picture, sentence
from mlops_tui.plot.cells import cell_width, clean, fit, right
from mlops_tui.plot.symbols import Symbols, filled, symbol_set
from mlops_tui.plot.ticks import LARGEST

_LEAST_BAR = 6  # cells; where there are fewer, the note goes, then the value


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: a value that may be negative or, shown as a dash, not finite; the note is a word or two beside it."""

    label: str
    value: float
    note: str = ""
    role: str = "series-0"


@dataclass(frozen=True, slots=True)
class _Columns:
    """The cells of a row: label, blank, bar, blank, value, blank, note. A part without room has no cells."""

    label: int
    bar: int
    value: int
    note: int


def bar_chart(
    rows: Sequence[Bar],
    width: int,
    *,
    symbols: str = "braille",
    height: int | None = None,
    threshold: float | None = None,
    value_format: str = "{:.3f}",
) -> Picture:
    """One bar to a row, all from the same zero, the values aligned at the right; `width` in cells.

    With negative values zero lies within, and those bars grow to the left. `threshold` is a tick through all bars, on
    their scale: a bar below it never shows beyond it. Rows beyond `height` are counted in its last line. ValueError for
    a negative size or an unknown symbol set.
    """
    glyphs = symbol_set(symbols)
    height = max(len(rows), 1) if height is None else height
    if not rows or width < 1 or height < 1:
        return sentence("nothing to compare yet", width, height, glyphs)
    canvas = Canvas(width, height, glyphs)
    shown = list(rows) if len(rows) <= height else list(rows[: height - 1])
    values = [_value_text(row.value, value_format, glyphs) for row in rows]
    columns = _share_out(rows, values, width, glyphs)
    low, high = _limits(rows, threshold)
    for number, (row, value) in enumerate(zip(shown, values, strict=False)):
        _draw_row(canvas, number, row, value, columns)
        _draw_bar(canvas, number, row, columns, low, high)
        if threshold is not None and math.isfinite(threshold) and columns.bar:
            cell = int((_bounded(threshold) - low) / (high - low) * columns.bar)
            canvas.write(number, columns.label + 1 + min(cell, columns.bar - 1), glyphs.rule, "mark")
    if len(shown) < len(rows):
        more = f"{glyphs.ellipsis} {len(rows) - len(shown)} more"
        canvas.write(height - 1, max(0, columns.label - len(more)), fit(more, width, glyphs.ellipsis), "faint")
    return canvas.picture()


def _share_out(rows: Sequence[Bar], values: Sequence[str], width: int, glyphs: Symbols) -> _Columns:
    """Labels get a third of the width at most, what they leave goes to the bars."""
    label = min(max(cell_width(clean(row.label, glyphs.ascii_only)) for row in rows), max(width // 3, 1))
    value = max(map(cell_width, values))
    note = max(cell_width(clean(row.note, glyphs.ascii_only)) for row in rows)
    used = label + 1
    for value_cells, note_cells in ((value, note), (value, 0), (0, 0)):
        beside = sum(cells + 1 for cells in (value_cells, note_cells) if cells)
        if width - used - beside >= _LEAST_BAR:
            return _Columns(label, width - used - beside, value_cells, note_cells)
    return _Columns(label, max(0, width - used), 0, 0)


def _limits(rows: Sequence[Bar], threshold: float | None) -> tuple[float, float]:
    """The values at both ends of the bars' columns; zero is always among them."""
    finite = [_bounded(row.value) for row in rows if math.isfinite(row.value)]
    if threshold is not None and math.isfinite(threshold):
        finite.append(_bounded(threshold))
    low, high = min([0.0, *finite]), max([0.0, *finite])
    return (low, high) if low < high else (0.0, 1.0)


def _draw_row(canvas: Canvas, number: int, row: Bar, value: str, columns: _Columns) -> None:
    symbols = canvas.symbols
    label = clean(row.label, symbols.ascii_only)
    canvas.write(number, 0, right(label, columns.label, symbols.ellipsis), "label")
    end = columns.label + 1 + columns.bar
    if columns.value:
        canvas.write(number, end + 1, right(value, columns.value, symbols.ellipsis), row.role)
    if columns.note:
        note = fit(clean(row.note, symbols.ascii_only), columns.note, symbols.ellipsis)
        canvas.write(number, end + columns.value + 2, note, "faint")


def _draw_bar(canvas: Canvas, number: int, row: Bar, columns: _Columns, low: float, high: float) -> None:
    if not math.isfinite(row.value):
        return
    value = _bounded(row.value)
    zero = round(columns.bar * (-low / (high - low)))
    start = columns.label + 1
    if value < 0:
        bar = filled(value / low, zero, canvas.symbols.leftward)[::-1]
        canvas.write(number, start + zero - len(bar), bar, row.role)
    else:
        bar = filled(value / high if high > 0 else 0.0, columns.bar - zero, canvas.symbols.rightward)
        canvas.write(number, start + zero, bar, row.role)


def _value_text(value: float, value_format: str, glyphs: Symbols) -> str:
    return clean(value_format.format(value), glyphs.ascii_only) if math.isfinite(value) else glyphs.dash


def _bounded(value: float) -> float:
    return max(-LARGEST, min(LARGEST, value))
