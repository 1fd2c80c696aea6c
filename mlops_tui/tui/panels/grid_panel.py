"""Panels around rows that lie in files: the preview of a file or a version, and one row with all its columns."""

from __future__ import annotations

import sqlite3
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mlops_tui.core.printable import printable
from mlops_tui.presenters.grid import NO_VALUE, record_lines
from mlops_tui.presenters.words import count, in_middle
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.lists.asked import Errand, FileRows, GridSource, Record
from mlops_tui.tui.panels.filter_line import FilterLine
from mlops_tui.tui.panels.grid import GridTable
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.panel import FILLED
from mlops_tui.tui.panels.rows import Order
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.panels.tones import toned

SLOW_SECONDS = 0.25
"""An answer that takes longer is said to be under way."""
LEAST_NAME, KIND_WIDTH = 20, 12
"""Cells of a column's name, at least, and of its kind where a row is told."""


class GridPanel(TablePanel, Layer):
    """A grid, and below it the whole value of the cell under the cursor."""

    CAN_SORT = True
    table: GridTable

    def make_table(self) -> GridTable:
        return GridTable(None, can_sort=self.CAN_SORT)

    def content(self) -> ComposeResult:
        yield self.table
        yield Static("", classes="grid--cell", markup=False)

    @on(GridTable.Asked)
    def _asked(self) -> None:
        self.set_timer(SLOW_SECONDS, self._tell_place)

    @on(WindowedTable.Moved)
    @on(WindowedTable.Failed)
    def _settled(self) -> None:
        self._tell_place()
        cell = self.table.cell
        line = self.query_one(".grid--cell", Static)
        if cell is None:
            line.update("")
            return
        name, kind, value = cell
        told = ("no value", "$text-muted") if value == NO_VALUE else value.text
        line.update(Content.assemble((printable(name), "bold"), (f"  {kind}  ", "$text-muted"), told))

    def _tell_place(self) -> None:
        """Which row and which columns of how many; or that an answer is awaited."""
        if self.table.is_asking:
            self.border_subtitle = "reading …"
        else:
            self.border_subtitle = self.place_words() if self.has_class(FILLED) else ""

    def place_words(self) -> str:
        """Where in the table one is."""
        table, found = self.table, self.table.found
        if found is None:
            return ""
        first, end = table.shown_columns
        columns = f"columns {count(first + 1)}–{count(end)} of {count(found.width)}"
        return f"row {count(table.cursor + 1)} of {self.rows_words()} · {columns}" if table.count else "no match"

    def rows_words(self) -> str:
        """How many rows there are."""
        found = self.table.found
        if found is None:
            return ""
        fits = f" that fit, of {count(found.total)}" if self.table.found_by.where and found.total is not None else ""
        return f"{count(found.count)}{fits}"

    def copied(self) -> str | None:
        return self.table.cell[2].text if self.table.cell is not None else None

    def row_title(self) -> str:
        """What the row under the cursor is called."""
        return f"Row {count(self.table.cursor + 1)}"


class PreviewPanel(GridPanel):
    """The rows of a file, or of a whole version, as they are read."""

    FILTER_HINT = "income > 5000 and channel = online, or a word"
    SCOPES = ("preview",)
    BINDINGS = REGISTRY.add(
        Action(
            "preview.whole",
            "Whole version",
            "All files of the version under each other, or the one file again.",
            ("f",),
            lambda panel: panel.why_no_turning(),
            rank=12,
            words_now=lambda panel: "Whole version" if panel.rows.file else "One file",
        )
    )

    def __init__(self, rows: FileRows, *, is_newest: bool = False) -> None:
        """`is_newest` where no file was chosen, and the newest one stands for the source."""
        super().__init__(id="preview")
        self.rows = rows
        self._is_newest = is_newest
        self._file: str | None = rows.file
        self._is_turned = False
        """Whether nothing was seen yet of what was turned to."""
        self._tell(rows)

    def _tell(self, rows: FileRows, order: Order | None = None) -> None:
        self.rows, self._is_turned = rows, order is not None
        self.border_title = f"{printable(rows.source)} · {self._place_words(rows)}"
        self.table.turn_to(rows, order)

    def _place_words(self, rows: FileRows) -> str:
        """The file, or the version, and the key that shows the other one."""
        if rows.file is None:
            return f"v{rows.version}, all its files" + (f" · f {printable(self._file)}" if self._file else "")
        newest = ", the newest" if self._is_newest else ""
        return f"{printable(rows.file)}{newest}" + (f" · f all of v{rows.version}" if rows.version else "")

    @on(WindowedTable.Filled)
    def _turned(self) -> None:
        self._is_turned = False

    @on(WindowedTable.Failed)
    def _not_turned(self, event: WindowedTable.Failed) -> None:
        """What is turned to may lack a column of the filter or the order: then both go, rather than rows and title."""
        if self._is_turned:
            event.prevent_default()
            self._tell(self.rows)
            self.query_one(FilterLine).take_off()

    def why_no_turning(self) -> str | None:
        """Why neither the version nor a file of it can be shown instead."""
        if self.rows.file:
            return None if self.rows.version else "The source has no version yet."
        return None if self._file else "No file was chosen."

    def do_whole(self) -> None:
        self._tell(self.rows._replace(file=None if self.rows.file else self._file), self.table.order)

    def empty_words(self) -> str:
        return "There are no rows in it."


class RowPanel(Layer):
    """One row with all its columns, one below the other."""

    CORE = "TextView"

    def __init__(self, title: str, asked: GridSource, order: Order, row: int) -> None:
        super().__init__(id="row")
        self.border_title = self._title = title
        self._asked = asked
        self._order = order
        self._row = row
        self._errand: Errand | None = None

    def content(self) -> ComposeResult:
        yield TextView()

    def turn_to(self, title: str, row: int) -> None:
        """Shows another row of the same table."""
        self._title, self._row = title, row
        self.reload()

    def read(self, connection: sqlite3.Connection) -> tuple[str, Record]:
        title, row = self._title, self._row
        self._errand = Errand(self.app.services.asking)
        return title, self._asked.record(self._errand, self._order, row)

    def has_nothing(self, data: tuple[str, Record]) -> bool:
        return not data[1][1]

    def empty_words(self) -> str:
        return "The row is not there any more."

    def show(self, data: tuple[str, Record]) -> None:
        self.border_title, record = data
        lines = record_lines(*record)
        most = max(LEAST_NAME, self.content_size.width // 2 - KIND_WIDTH)
        width = min(most, max(len(name) for name, _, _ in lines))
        self.border_subtitle = f"{count(len(lines))} columns"
        self.query_one(TextView).write(Content("\n").join(_line(width, *line) for line in lines))

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)

    def on_unmount(self) -> None:
        if self._errand is not None:
            self._errand.take_back()

    def copied(self) -> str | None:
        if not self.has_class(FILLED):
            return None
        return "\n".join(f"{name}: {cell.text}" for name, _, cell in record_lines(*self.data[1]))


def _line(width: int, name: str, kind: str, cell: Any) -> Content:
    told = in_middle(name, width).ljust(width)
    return Content.assemble((f"{told}  {kind.ljust(KIND_WIDTH)}", "$text-muted"), toned(cell))
