"""Small tables as text, one below the other: what a page shows of one thing. What does not fit goes on below in the last column."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from textual.content import Content

from mlops_tui.plot.cells import cell_width, left, right
from mlops_tui.presenters.column_page import Table
from mlops_tui.presenters.words import Cell, in_middle
from mlops_tui.tui.panels.tones import toned

GAP = "  "
LEAST = 12
"""Cells that the first and the last column keep, however narrow it is."""


def tables_content(tables: Sequence[Table], width: int, first: str = "") -> Content:
    """The tables in `width` cells, with a sentence above them."""
    parts = [Content.styled(first, "$text-muted")] if first else []
    return Content("\n\n").join([*parts, *(_table(one, width) for one in tables)])


def _table(table: Table, width: int) -> Content:
    lines = [Content.styled(table.title, "bold $primary")] if table.title else []
    if table.rows:
        widths = _widths(table, width)
        lines.append(Content.styled(_joined(table, table.columns, widths), "$text-muted"))
        lines += [line for row in table.rows for line in _row(table, row, widths)]
    if table.said:
        lines.append(Content.styled(table.said, "$text-muted"))
    return Content("\n").join(lines)


def _widths(table: Table, width: int) -> list[int]:
    """Each as wide as it has to be; where that is too much the last one gives way, which goes on below, or, of digits, the first."""
    found = [
        max(cell_width(name), *(cell_width(row[place].text) for row in table.rows))
        for place, name in enumerate(table.columns)
    ]
    gives = 0 if table.columns[-1] in table.right else len(found) - 1
    over = sum(found) + len(GAP) * (len(found) - 1) - width
    if over > 0:
        found[gives] = max(LEAST, found[gives] - over)
    return found


def _joined(table: Table, texts: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(
        _fitted(table, place, text, size) for place, (text, size) in enumerate(zip(texts, widths, strict=True))
    )


def _fitted(table: Table, place: int, text: str, size: int) -> str:
    return right(text, size) if table.columns[place] in table.right else left(in_middle(text, size), size)


def _row(table: Table, row: Sequence[Cell], widths: Sequence[int]) -> list[Content]:
    """The row, and its last cell on further lines where that is text which does not fit."""
    *others, last = row
    is_text = table.columns[-1] not in table.right
    pieces = textwrap.wrap(last.text, widths[-1]) if is_text and cell_width(last.text) > widths[-1] else [last.text]
    shown = [*others, last._replace(text=pieces[0])]
    cells = [
        toned(cell._replace(text=_fitted(table, place, cell.text, size)))
        for place, (cell, size) in enumerate(zip(shown, widths, strict=True))
    ]
    start = " " * (sum(widths[:-1]) + len(GAP) * (len(widths) - 1))
    return [Content(GAP).join(cells), *(Content(start + piece) for piece in pieces[1:])]
