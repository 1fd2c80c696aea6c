"""The pages of a list that are at hand, and the reading of those that are not."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mlops_tui.tui.panels.rows import Column, Order, Row, TableSource, TellsPlaces

PAGE = 64
KEPT = 32


@dataclass(frozen=True, slots=True)
class Reading:
    """What one read brought: pages of `order` as of `generation`; count and columns where they were asked for."""

    generation: int
    order: Order
    pages: dict[int, Sequence[Row]]
    count: int | None = None
    columns: Sequence[Column] | None = None


def read_pages(
    connection: sqlite3.Connection,
    source: TableSource,
    order: Order,
    generation: int,
    numbers: Sequence[int],
    *,
    whole: bool,
    held: str | None = None,
) -> Reading:
    """Reads pages in one transaction, so that count and rows agree; `whole` reads columns and count as well, and the page
    on which the row `held` is now, where the source can tell that.
    """
    connection.execute("BEGIN")
    try:
        columns = source.columns(connection) if whole else None
        count = source.count(connection, order.where) if whole else None
        if count is not None:
            last = max(0, count - 1) // PAGE
            numbers = sorted({min(number, last) for number in numbers})
        pages = {
            number: source.rows(connection, order, offset=number * PAGE, limit=PAGE)
            for number in numbers
            if count is None or count
        }
        if count and held is not None and isinstance(source, TellsPlaces) and not _is_on(pages, held):
            place = source.place(connection, order, held)
            if place is not None:
                pages[place // PAGE] = source.rows(connection, order, offset=place // PAGE * PAGE, limit=PAGE)
    finally:
        connection.execute("ROLLBACK")
    return Reading(generation, order, pages, count, columns)


def _is_on(pages: Mapping[int, Sequence[Row]], row_id: str) -> bool:
    return any(row.id == row_id for rows in pages.values() for row in rows)


class Pages:
    """The pages at hand; the ones looked at longest ago are forgotten."""

    def __init__(self) -> None:
        self._pages: OrderedDict[int, Sequence[Row]] = OrderedDict()

    def put(self, pages: dict[int, Sequence[Row]], *, afresh: bool) -> None:
        """Keeps pages that were read; `afresh` forgets all others."""
        if afresh:
            self._pages.clear()
        self._pages.update(pages)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def row(self, index: int) -> Row | None:
        """The row at that place, where its page is at hand."""
        number, place = divmod(index, PAGE)
        page = self._pages.get(number)
        if page is None:
            return None
        self._pages.move_to_end(number)
        return page[place] if place < len(page) else None

    def missing(self, first: int, last: int) -> list[int]:
        """The pages that rows first to last (inclusive) lie on and that are not at hand."""
        return [number for number in range(first // PAGE, last // PAGE + 1) if number not in self._pages]

    def find(self, row_id: str, near: int) -> int | None:
        """Where a row is, among the pages at hand; of several places the one nearest to `near`."""
        places = [
            number * PAGE + place
            for number, page in self._pages.items()
            for place, row in enumerate(page)
            if row.id == row_id
        ]
        return min(places, key=lambda place: abs(place - near), default=None)

    def rows(self) -> Iterable[Row]:
        """All rows at hand."""
        return (row for page in self._pages.values() for row in page)
