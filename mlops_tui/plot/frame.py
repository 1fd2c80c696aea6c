"""The frame of a chart with two axes: how its cells are shared out, and what is drawn around the curves."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_tui.plot.axis import Axis
from mlops_tui.plot.canvas import Canvas
from mlops_tui.plot.cells import cell_width, fit
from mlops_tui.plot.symbols import Symbols

_LEAST_COLUMNS, _LEAST_ROWS = 8, 3  # of the area for curves; below them axes and labels go


@dataclass(frozen=True, slots=True)
class Area:
    """The cells for the curves, within a picture: from `top` and `left`, `rows` × `columns`."""

    top: int
    left: int
    rows: int
    columns: int

    def dots(self, symbols: Symbols) -> tuple[int, int]:
        """Its size in dots, (rows, columns)."""
        return self.rows * len(symbols.weights), self.columns * len(symbols.weights[0])


@dataclass(frozen=True, slots=True)
class Frame:
    """An area with its two axes; without `shown` there is room for the curves alone."""

    area: Area
    x: Axis
    y: Axis
    symbols: Symbols
    shown: bool

    def column(self, x: float) -> int:
        """The column of the picture that holds this x."""
        return self.area.left + self.x.cell(x, self.area.columns, len(self.symbols.weights[0]))

    def row(self, y: float) -> int:
        """The row of the picture that holds this y."""
        area = self.area
        return area.top + area.rows - 1 - self.y.cell(y, area.rows, len(self.symbols.weights))

    def draw(self, canvas: Canvas, x_label: str, y_label: str) -> None:
        """Both axes, their ticks and their names."""
        if not self.shown:
            return
        area, symbols = self.area, self.symbols
        bottom = area.top + area.rows
        canvas.write_column(area.top, area.left - 1, symbols.vertical * area.rows, "axis")
        canvas.write(bottom, area.left - 1, symbols.corner + symbols.horizontal * area.columns, "axis")
        for value, text in zip(self.y.ticks, self.y.labels, strict=True):
            canvas.write(self.row(value), area.left - 2 - len(text), text, "label")
            canvas.write(self.row(value), area.left - 1, symbols.tick_left, "axis")
        self._draw_x_ticks(canvas, bottom)
        end = area.left + area.columns + 1
        canvas.write(bottom, end, fit(x_label, canvas.width - end, symbols.ellipsis), "title")
        if area.top:
            canvas.write(0, 0, fit(y_label, canvas.width, symbols.ellipsis), "title")

    def _draw_x_ticks(self, canvas: Canvas, bottom: int) -> None:
        """Labels centred under their ticks, moved inwards at the edges; a label without room is left out."""
        free = 0
        for value, text in zip(self.x.ticks, self.x.labels, strict=True):
            column = self.column(value)
            start = max(0, min(column - (len(text) - 1) // 2, canvas.width - len(text)))
            if start >= free:
                canvas.write(bottom, column, self.symbols.tick_down, "axis")
                canvas.write(bottom + 1, start, text, "label")
                free = start + len(text) + 1


def title_rows(title: str, height: int) -> int:
    """One row for the name of the y axis, where there is height for it."""
    return int(bool(title) and height >= _LEAST_ROWS + 4)


def share_out(width: int, height: int, top: int, left: int, right: int) -> tuple[Area, bool]:
    """The area that remains, and whether axes fit around it.

    `top` rows go to a title, `left` columns to y labels, `right` to what stands beside the curves, which goes first.
    """
    rows, columns = height - top - 2, width - left - 2
    if rows < _LEAST_ROWS or columns < _LEAST_COLUMNS:
        return Area(0, 0, height, width), False
    if columns - right < max(_LEAST_COLUMNS, columns // 2):
        right = 0
    return Area(top, left + 2, rows, columns - right), True


def spread(wanted: list[int], first: int, last: int) -> list[int]:
    """Rows for labels, one each, from `first` to `last`, as near as may be to the rows wanted, which are sorted.

    Labels that find no room any more lie beyond `last`.
    """
    rows: list[int] = []
    for row in wanted:
        rows.append(max(row, rows[-1] + 1 if rows else first))
    limit = last
    for i in reversed(range(len(rows))):
        rows[i] = max(min(rows[i], limit), first + i)
        limit = rows[i] - 1
    return rows


def text_cells(texts: list[str]) -> int:
    """The cells of the widest text."""
    return max(map(cell_width, texts), default=0)
