"""Rows that lie in files: the query worker is asked for them, a part at a time, and no longer than somebody waits."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from mlops_tui.core.errors import TakenBack
from mlops_tui.jobs.asking import Answer, Asking, Question
from mlops_tui.tui.panels.pages import PAGE
from mlops_tui.tui.panels.rows import Order

MOST_ROWS, MOST_CELLS = 20_000, 400_000
"""So much of what a statement gives can be looked at; LIMIT and OFFSET in it reach the rest."""

ALL_COLUMNS = 1_000_000

Record = tuple[Sequence[tuple[str, str]], Sequence[Any]]
"""Names and kinds of all columns, and the values of one row."""


class Errand:
    """Questions that are asked one after the other for one read, and taken back together."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._lock = threading.Lock()
        self._question: Question | None = None
        self.is_over = False
        """Whether it was taken back."""

    def ask(self, what: str, **given: Any) -> Answer:
        """The answer to a question, in a thread. Raises TakenBack where nobody waits any more."""
        with self._lock:
            if self.is_over:
                raise TakenBack("The question was taken back.", "Ask it again.")
            self._question = question = self._asking.begin(what, **given)
        return question.answer()

    def take_back(self) -> None:
        """Ends the waiting, and the work for it."""
        with self._lock:
            self.is_over = True
            question = self._question
        if question is not None:
            question.cancel()


class Part(NamedTuple):
    """Which part of a table is asked for."""

    order: Order
    first_row: int
    rows: int
    first_column: int
    columns: int


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a table: `columns` are names and kinds, `count` and `width` how many rows and columns one can go to.

    `known` rows are there for certain; `more` says that others follow which nobody has counted. `is_renewed`: what was
    found before holds no longer. `total` is how many rows there are unfiltered.
    """

    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Any]]
    count: int
    width: int
    known: int
    more: bool = False
    is_renewed: bool = False
    total: int | None = None


class GridSource(Protocol):
    """A table that is asked for part by part, in a thread."""

    def found(self, errand: Errand, part: Part) -> Found:
        """That part; raises UsageError or UnknownColumn for a filter that cannot be meant."""
        ...

    def record(self, errand: Errand, order: Order, row: int) -> Record:
        """One row with all its columns."""
        ...


class FileRows(NamedTuple):
    """The rows of a file, or of a version of the source where no file is named (None: of its newest)."""

    source_id: str
    source: str
    file: str | None = None
    version: int | None = None

    def found(self, errand: Errand, part: Part) -> Found:
        version = None if self.version is None else str(self.version)
        return paged(errand, "page", part, source=self.source_id, file=self.file, version=version)

    def record(self, errand: Errand, order: Order, row: int) -> Record:
        """One row with all its columns."""
        return whole_row(self, errand, order, row)


def paged(errand: Errand, what: str, part: Part, **place: Any) -> Found:
    """A part of rows that lie at that place, by the question that is answered with pages of them."""
    answer = errand.ask(
        what,
        **place,
        where=part.order.where,
        sort=part.order.sort,
        descending=part.order.descending,
        offset=part.first_row,
        limit=part.rows,
        first_column=part.first_column,
        columns=part.columns,
    )
    matched = answer["matched"]
    return Found(_columns(answer), answer["rows"], matched, answer["width"], known=matched, total=answer["total"])


def whole_row(source: GridSource, errand: Errand, order: Order, row: int) -> Record:
    """One row of a table that is asked for by pages, with all its columns."""
    found = source.found(errand, Part(order, row, 1, 0, ALL_COLUMNS))
    return found.columns, found.rows[0] if found.rows else ()


class SqlRows:
    """The rows of a statement: a page of them at first, and where more are gone to the most that are kept.

    Asked again a statement may give its rows in another order, so that pages of several answers would not fit together.
    """

    def __init__(self, query: str) -> None:
        self.query = query
        self._columns: Sequence[tuple[str, str]] = ()
        self._rows: Sequence[Sequence[Any]] = ()
        self._limit = 0
        self._more = True

    def found(self, errand: Errand, part: Part) -> Found:
        most = max(PAGE, min(MOST_ROWS, MOST_CELLS // max(1, len(self._columns))))
        wanted = part.first_row + part.rows
        is_renewed = self._more and wanted > self._limit and self._limit < most
        if is_renewed:
            self._ask(errand, most if self._limit else PAGE)
        columns = slice(part.first_column, part.first_column + part.columns)
        rows = [row[columns] for row in self._rows[part.first_row : wanted]]
        can_go_on = self._more and self._limit < most
        known, width = len(self._rows), len(self._columns)
        count = known + (PAGE if can_go_on else 0)
        return Found(self._columns[columns], rows, count, width, known, self._more, is_renewed)

    def _ask(self, errand: Errand, limit: int) -> None:
        answer = errand.ask("sql", query=self.query, limit=limit)
        self._columns, self._rows = _columns(answer), answer["rows"]
        self._limit, self._more = limit, answer["more"]

    def record(self, errand: Errand, order: Order, row: int) -> Record:
        """One row with all its columns; it was looked at before."""
        return self._columns, self._rows[row]


def _columns(answer: Answer) -> list[tuple[str, str]]:
    return [(column["name"], column["kind"]) for column in answer["columns"]]
