"""A table over rows that lie in files: a window in both directions, asked for as it is moved, with a cursor on a cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar

from textual import events
from textual.message import Message

from mlops_tui.core.errors import TakenBack
from mlops_tui.presenters.grid import NUMBER_KINDS, Room, grid_cell, grid_room, grid_width
from mlops_tui.presenters.words import Cell
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.lists.asked import Errand, Found, GridSource, Part
from mlops_tui.tui.panels.moves import MOVE_BINDINGS
from mlops_tui.tui.panels.pages import PAGE, Reading
from mlops_tui.tui.panels.rows import GAP, Column, Order, Placed, Row
from mlops_tui.tui.panels.table import WindowedTable

NARROW = 5
"""Cells that a column takes at least, its gap among them: no more columns than that fit are asked for at each side."""


def _needs_row(grid: GridTable) -> str | None:
    return None if grid.row is not None else "There are no rows."


def _can_sort(grid: GridTable) -> str | None:
    return _needs_row(grid) if grid.can_sort else "The statement says the order: ORDER BY."


def _has_right(grid: GridTable) -> str | None:
    return None if grid.has_right else "These are the last columns."


def _has_left(grid: GridTable) -> str | None:
    return None if grid.first else "These are the first columns."


GRID_BINDINGS = REGISTRY.add(
    Action("grid.open", "Whole row", "Every column of the row under the cursor.", ("enter",), _needs_row, rank=10),
    Action("grid.sort", "Sort", "By the column under the cursor: up, down, not at all.", ("o",), _can_sort, rank=11),
    Action(
        "grid.page_right", "Columns on", "The columns further right.", ("right_square_bracket",), _has_right, rank=12
    ),
    Action("grid.page_left", "Columns back", "The columns further left.", ("left_square_bracket",), _has_left, rank=0),
)


@dataclass(frozen=True, slots=True)
class GridReading(Reading):
    """What one read brought of a grid: its columns begin at `first`."""

    first: int = 0
    found: Found | None = None


class GridTable(WindowedTable, inherit_bindings=False):
    """Rows of a `GridSource`; only the columns around those in sight are asked for, whatever their number."""

    SCOPES: ClassVar[tuple[str, ...]] = ("grid", "move")
    BINDINGS = [*GRID_BINDINGS, *MOVE_BINDINGS]

    class Asked(Message):
        """A question is under way that will take the place of what is shown."""

        def __init__(self, table: GridTable) -> None:
            super().__init__()
            self.table = table

    def __init__(self, asked: GridSource | None, *, can_sort: bool = True) -> None:
        nothing: Any = None
        super().__init__(nothing, Order(descending=False))
        self.asked = asked
        self.can_sort = can_sort
        self.found: Found | None = None
        """What was found last; its counts hold for the whole table."""
        self.found_by = self.order
        """The filter and the order that it was found by."""
        self.first = 0
        self.column = 0
        self._begins = 0
        self._names: Sequence[tuple[str, str]] = ()
        self._rooms: dict[str, Room] = {}
        self._errand_now: tuple[Errand, int, list[int], range] | None = None

    def turn_to(self, asked: GridSource, order: Order | None = None) -> None:
        """Shows another table from its beginning, filtered and sorted by `order` where one is given."""
        self.asked = asked
        self.order, self.first, self.column = order or Order(descending=False), 0, 0
        self._rooms = {}
        self.restart()

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _read_on(self) -> None:
        if self.asked is None:
            return
        if self._errand_now is not None and not self._is_wanted():
            self._errand_now[0].take_back()
        super()._read_on()

    def _is_wanted(self) -> bool:
        """Whether what is being asked for is still looked for."""
        if self._errand_now is None:
            return False
        _, generation, numbers, columns = self._errand_now
        first, last = self._window()
        needed = set(range(first // PAGE, last // PAGE + 1)) | {self.cursor // PAGE}
        return generation == self._generation and self.first in columns and not needed.isdisjoint(numbers)

    def _errand(self, order: Order, generation: int, wanted: list[int], *, whole: bool) -> Callable[[], Reading]:
        asked, errand = self.asked, Errand(self.app.services.asking)
        assert asked is not None
        begins, columns = self._part_around() if whole else (self._begins, len(self._names))
        self._errand_now = (errand, generation, wanted, range(begins, begins + columns))
        if whole:
            self.post_message(self.Asked(self))

        def read() -> GridReading:
            pages: dict[int, Sequence[Row]] = {}
            found: Found | None = None
            for run in _runs(wanted):
                part = Part(order, run[0] * PAGE, len(run) * PAGE, begins, columns)
                found = asked.found(errand, part)
                pages |= _pages(found, run)
            return GridReading(generation, order, pages, found.count if found and whole else None, None, begins, found)

        return read

    def _part_around(self) -> tuple[int, int]:
        """The first of the columns to ask for, and how many: as many again as there may be in sight, at each side.

        A table that is hidden until its first rows are there has no width yet, and would be asked for twice.
        """
        around = max(1, (self._width() if self._names else self.app.size.width) // NARROW)
        begins = max(0, self.first - around)
        return begins, self.first + 2 * around - begins

    def _read_failed(self, error: BaseException) -> None:
        given_up = self._errand_now is not None and self._errand_now[0].is_over
        self._errand_now = None
        if given_up and isinstance(error, TakenBack):
            self._read_on()
        else:
            super()._read_failed(error)

    def _take(self, reading: Reading) -> None:
        self._errand_now = None
        assert isinstance(reading, GridReading)
        assert reading.found is not None
        if reading.generation != self._generation:
            return  # it was asked for otherwise meanwhile
        found, self._begins = reading.found, reading.first
        is_renewed = found.is_renewed or (self.found is not None and self.found.count != found.count)
        self.found, self.found_by, self._names = found, reading.order, found.columns
        self.columns = self._shaped(found, reading.pages)
        count = found.count if is_renewed else reading.count
        super()._take(replace(reading, count=count, columns=self.columns))

    def _shaped(self, found: Found, pages: Mapping[int, Sequence[Row]]) -> list[Column]:
        """The columns of the part that is at hand; they grow with what comes into sight, and never shrink again."""
        rooms = self._rooms
        for place, (name, kind) in enumerate(found.columns):
            cells = (row.cells[place + 1] for page in pages.values() for row in page)
            rooms[name] = grid_room(cells, rooms.get(name, Room()), numbers=kind in NUMBER_KINDS)
        number = max(2, len(f"{found.count:,}"))
        return [
            Column("", number, priority=0, right=True),
            *(
                Column(
                    name,
                    grid_width(name, rooms[name]),
                    right=kind in NUMBER_KINDS,
                    sort=name if self.can_sort else None,
                    fraction=rooms[name].fraction,
                )
                for name, kind in found.columns
            ),
        ]

    def on_unmount(self) -> None:
        """Nobody waits any more: a long query would hold up the end of the program."""
        if self._errand_now is not None:
            self._errand_now[0].take_back()

    @property
    def is_asking(self) -> bool:
        """Whether an answer is awaited."""
        return self._errand_now is not None

    # ── columns ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def width(self) -> int:
        """How many columns the table has."""
        return self.found.width if self.found is not None else 0

    @property
    def cell(self) -> tuple[str, str, Cell] | None:
        """Name, kind and value of the cell under the cursor."""
        row, place = self.row, self.column - self._begins
        if row is None or not 0 <= place < len(self._names) or place + 1 >= len(row.cells):
            return None
        return *self._names[place], row.cells[place + 1]

    @property
    def shown_columns(self) -> tuple[int, int]:
        """The first column in sight, and the one after the last."""
        placed = self._placed()[1:]
        return (self._begins + placed[0].index - 1, self._begins + placed[-1].index) if placed else (0, 0)

    @property
    def has_right(self) -> bool:
        """Whether there are columns beyond the last in sight."""
        return self.shown_columns[1] < self.width

    @property
    def column_here(self) -> int | None:
        return self.column - self._begins + 1

    @property
    def is_moved(self) -> bool:
        return self.first > 0

    def _placed(self) -> list[Placed]:
        """The number of the row, then the columns from the first on as far as there is room."""
        if not self.columns:
            return []
        placed, room = [Placed(0, self.columns[0].width)], self._width() - self.columns[0].width
        first = max(0, min(self.first - self._begins, len(self.columns) - 2))
        for index in range(first + 1, len(self.columns)):
            width = (
                min(self.columns[index].width, max(1, room - GAP)) if len(placed) == 1 else self.columns[index].width
            )
            if width + GAP > room:
                break
            placed.append(Placed(index, width))
            room -= width + GAP
        return placed

    def _go_to_column(self, column: int) -> None:
        """Puts the cursor on that column, and brings it into sight."""
        self.column = max(0, min(column, self.width - 1))
        if self.column < self.first:
            self.first = self.column
        while self.column >= self.shown_columns[1] and self.first < self.column and self._is_at_hand(self.column):
            self.first += 1
        if not self._is_at_hand(self.column):
            self.first = self.column
        self._settle_columns()

    def _is_at_hand(self, column: int) -> bool:
        return self._begins <= column < self._begins + len(self._names)

    def _settle_columns(self) -> None:
        """Asks for the columns around, where those in sight come to an end of what is at hand."""
        ends = self._begins + len(self._names)
        beyond = self.shown_columns[1] >= ends and ends < self.width
        if not self._is_at_hand(self.first) or beyond:
            self.reload()
        self.post_message(self.Moved(self))
        self.refresh()

    def on_resize(self) -> None:
        """Beside what every table does."""
        if self._names:
            self._settle_columns()

    # ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

    def do_right(self) -> None:
        self._go_to_column(self.column + 1)

    def do_left(self) -> None:
        self._go_to_column(self.column - 1)

    def do_page_right(self) -> None:
        self.first = self.column = min(self.shown_columns[1], self.width - 1)
        self._settle_columns()

    def do_page_left(self) -> None:
        """As many columns back as there is room for before the first in sight."""
        room = self._width() - (self.columns[0].width if self.columns else 0)
        first = self.first
        while first > 0 and self._is_at_hand(first - 1):
            room -= self.columns[first - self._begins].width + GAP
            if room < 0 and first < self.first:
                break
            first -= 1
        self.first = self.column = first
        self._settle_columns()

    def do_sort(self) -> None:
        """By the column under the cursor: up, down, and then as the file has it."""
        place = self.column - self._begins
        if not 0 <= place < len(self._names):
            return
        name = self._names[place][0]
        if self.order.sort != name:
            wanted = replace(self.order, sort=name, descending=False)
        elif not self.order.descending:
            wanted = replace(self.order, descending=True)
        else:
            wanted = replace(self.order, sort=None, descending=False)
        self.reorder(wanted)

    def on_click(self, event: events.Click) -> None:
        """Beside what every table does: the cell under the mouse, or its column's order where that is the header."""
        column = self._column_at(event.x)
        if column is not None:
            self._go_to_column(column)
        if event.y == 0 and column is not None and self.can_sort:
            self.do_sort()

    def _column_at(self, x: int) -> int | None:
        edge = 2
        for shown in self._placed():
            edge += shown.width + GAP
            if x < edge:
                return self._begins + shown.index - 1 if shown.index else None
        return None


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Page numbers in stretches without a gap."""
    ordered = sorted(set(numbers))
    runs = [ordered[:1]]
    for before, number in pairwise(ordered):
        if number == before + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _pages(found: Found, numbers: Sequence[int]) -> dict[int, Sequence[Row]]:
    pages: dict[int, Sequence[Row]] = {}
    for place, number in enumerate(numbers):
        rows = found.rows[place * PAGE : (place + 1) * PAGE]
        if rows:
            pages[number] = [_row(number * PAGE + line, row) for line, row in enumerate(rows)]
    return pages


def _row(index: int, values: Sequence[Any]) -> Row:
    return Row(str(index), (Cell(f"{index + 1:,}", "dim"), *map(grid_cell, values)))
