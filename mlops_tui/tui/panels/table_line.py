"""One line of a windowed table: header or row, cut to its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mlops_tui.presenters.grid import at_point
from mlops_tui.tui.panels.rows import GAP, Placed, Row

if TYPE_CHECKING:
    from mlops_tui.tui.panels.table import WindowedTable

SHORT = 6
"""Cells up to which a text that is cut keeps its beginning alone."""
TONES = ("dim", "strong", "good", "bad", "warn", "accent", *(f"series-{number}" for number in range(8)))
COMPONENTS = (
    "table--header",
    "table--sorted",
    "table--cursor",
    "table--cursor-unfocused",
    "table--cell",
    "table--mark",
    *(f"table--{tone}" for tone in TONES),
)


def fitted(text: str, width: int, *, right: bool = False, plain: bool = False, middle: bool = False) -> str:
    """The text in exactly `width` terminal cells; what is cut off, at its end or in its `middle`, is said by an ellipsis."""
    length = cell_len(text)
    if length > width:
        mark = "~" if plain else "…"
        if not width:
            return ""
        tail = _tail(text, (width - 1) // 2) if middle and width > SHORT else ""
        return set_cell_size(text, width - 1 - cell_len(tail)) + mark + tail
    return " " * (width - length) + text if right else text + " " * (width - length)


def _tail(text: str, most: int) -> str:
    """The end of the text, of no more than `most` cells."""
    tail = text[max(0, len(text) - most) :]
    while cell_len(tail) > most:
        tail = tail[1:]
    return tail


def header_strip(table: WindowedTable, placed: Sequence[Placed], moved: bool, width: int) -> Strip:
    """The titles; the sorted column is marked by an arrow."""
    plain = table.app.plain
    base = table.get_component_rich_style("table--header")
    sorted_style = base + table.get_component_rich_style("table--sorted", partial=True)
    cell_style = table.get_component_rich_style("table--cell", partial=True)
    arrow = ("v" if plain else "▾") if table.order.descending else ("^" if plain else "▴")
    segments = [Segment(("<" if plain else "‹") + " " if moved else "  ", base)]
    for place, shown in enumerate(placed):
        column = table.columns[shown.index]
        is_sorted = column.sort is not None and column.sort == table.order.sort
        title, sign = column.title, f" {arrow}" if is_sorted else ""
        if cell_len(title + sign) > shown.width:
            title = fitted(title, shown.width - len(sign), plain=plain, middle=True)
        if place:
            segments.append(Segment(" " * GAP, base))
        text = fitted(title + sign, shown.width, right=column.right, plain=plain)
        style = sorted_style if is_sorted else base
        segments.append(Segment(text, style + cell_style if shown.index == table.column_here else style))
    return Strip(segments).adjust_cell_length(width, base)


def row_strip(table: WindowedTable, placed: Sequence[Placed], index: int, row: Row | None, width: int) -> Strip:
    """A row; one whose page is not there yet is a line of dots."""
    plain = table.app.plain
    here = index == table.cursor
    base = _base(table, here)
    if row is None:
        return Strip([Segment("  " + ("..." if plain else "···"), base)]).adjust_cell_length(width, base)
    marked = row.id in table.marks
    sign = ("*" if plain else "●") if marked else ((">" if plain else "▎") if here else " ")
    segments = [Segment(f"{sign} ", base + _tone(table, "mark") if marked else base)]
    for place, shown in enumerate(placed):
        cell = row.cells[shown.index]
        if place:
            segments.append(Segment(" " * GAP, base))
        column = table.columns[shown.index]
        text = at_point(cell.text, column.fraction, shown.width) if column.fraction else cell.text
        text = fitted(text, shown.width, right=column.right, plain=plain, middle=column.middle)
        style = base + _tone(table, cell.tone) if cell.tone else base
        if here and shown.index == table.column_here:
            style = style + _tone(table, "cell")
        segments.append(Segment(text, style))
    return Strip(segments).adjust_cell_length(width, base)


def _base(table: WindowedTable, here: bool) -> Style:
    if not here:
        return table.rich_style
    return table.get_component_rich_style("table--cursor" if table.has_focus else "table--cursor-unfocused")


def _tone(table: WindowedTable, tone: str) -> Style:
    return table.get_component_rich_style(f"table--{tone}", partial=True)
