"""What a windowed table asks of the store, and how its columns share the width that there is."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from mlops_tui.presenters.words import Cell

GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of fixed width. `priority` 0 is always there; the higher, the sooner it gives way.

    `sort` is what the source sorts by; `grows` columns share what width is left over. `fraction` is how many characters
    its numbers have from the point on, which stands in one line. Names are cut in their `middle`: they differ at the end.
    """

    title: str
    width: int
    priority: int = 5
    right: bool = False
    sort: str | None = None
    grows: bool = False
    fraction: int = 0
    middle: bool = False


class Row(NamedTuple):
    """One row: the id that the cursor holds on to, and a cell for each of the source's columns."""

    id: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the filter's text, the sort key and its direction."""

    where: str = ""
    sort: str | None = None
    descending: bool = True


class TableSource(Protocol):
    """A list in the store that is read a page at a time, always in a thread."""

    def columns(self, connection: sqlite3.Connection) -> Sequence[Column]:
        """The columns, in the order in which they are shown."""
        ...

    def count(self, connection: sqlite3.Connection, where: str) -> int:
        """How many rows match; raises UsageError for a filter that cannot be read."""
        ...

    def rows(self, connection: sqlite3.Connection, order: Order, *, offset: int, limit: int) -> Sequence[Row]:
        """A page of rows, with a cell for each column."""
        ...


@runtime_checkable
class TellsPlaces(Protocol):
    """A list of which rows may go further than a page at once: it is asked where the row under the cursor has gone to."""

    def place(self, connection: sqlite3.Connection, order: Order, row_id: str) -> int | None:
        """Where the row of that id is; None where it is not in the list."""
        ...


@dataclass(frozen=True, slots=True)
class Placed:
    """A column that is shown: its place among the source's columns, and the width it got."""

    index: int
    width: int


def layout(columns: Sequence[Column], width: int, skip: int = 0) -> list[Placed]:
    """Which columns are shown in `width` cells, in their own order.

    Columns of priority 0 come first of all, then the others by priority as long as they fit; `skip` leaves out that
    many of those others from the left, which is how a table is moved sideways.
    """
    movable = [index for index, column in enumerate(columns) if column.priority]
    left_out = set(movable[:skip])
    chosen: list[int] = []
    room = width
    for index in sorted(range(len(columns)), key=lambda place: (columns[place].priority, place)):
        needed = columns[index].width + (GAP if chosen else 0)
        if index in left_out or (needed > room and chosen):
            continue
        chosen.append(index)
        room -= needed
    growing = [index for index in chosen if columns[index].grows]
    extra = {index: room // len(growing) for index in growing} if growing and room > 0 else {}
    return [
        Placed(index, min(width, columns[index].width + min(extra.get(index, 0), columns[index].width * 2)))
        for index in sorted(chosen)
    ]


def most_skip(columns: Sequence[Column], width: int) -> int:
    """How far a table can be moved sideways before its last column has come into sight."""
    movable = sum(1 for column in columns if column.priority)
    for skip in range(movable):
        if len(layout(columns, width, skip)) == len(columns) - skip:
            return skip
    return max(0, movable - 1)
