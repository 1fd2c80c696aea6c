"""A panel around a windowed table: its states, its filter, its count."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from mlops_tui.core.errors import UnknownColumn, UsageError
from mlops_tui.presenters.words import count
from mlops_tui.runs.where import BadQuery
from mlops_tui.store.preference import read_preference, write_preference
from mlops_tui.tui.panels.filter_line import FilterLine, Offers
from mlops_tui.tui.panels.panel import EMPTY, FILLED, Panel
from mlops_tui.tui.panels.rows import Order, TableSource
from mlops_tui.tui.panels.table import WindowedTable

FILTER_REST_SECONDS = 0.15
REMEMBERED = 100
"""So many filters are kept."""


class TablePanel(Panel):
    """A list. A subclass says its source, the order it starts with, and its `empty_words()`."""

    ORDER: ClassVar[Order] = Order()
    OPENS: ClassVar[bool] = True
    """Whether a row leads to more."""
    MARKS: ClassVar[bool] = False
    """Whether something is done with rows that are marked."""
    IS_LOG: ClassVar[bool] = False
    """Whether rows come at its top: the cursor stays on the newest one while it is there."""
    KEPT: ClassVar[str] = ""
    """What the filters of the list are kept under, from one session to the next; those of a list without it are not."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.table = self.make_table()
        self._sought: str | None = None
        self._just_left = ""
        """The filter that enter was pressed on, until it has been read."""

    def make_table(self) -> WindowedTable:
        """The table that the panel stands around."""
        return WindowedTable(self.source(), self.ORDER, opens=self.OPENS, marked=self.MARKS, is_log=self.IS_LOG)

    def source(self) -> TableSource:
        """Where the rows come from."""
        raise NotImplementedError

    def content(self) -> ComposeResult:
        yield self.table

    def reload(self) -> None:
        if self.is_shown:
            self.is_stale = False
            self.table.reload()
        else:
            self.is_stale = True

    def refresh_ages(self) -> None:
        if self.AGES and self.has_class(FILLED):
            self.reload()

    @on(WindowedTable.Filled)
    def _filled(self) -> None:
        table = self.table
        self._complain("")
        self._just_left = ""
        if self._sought is not None and table.select(self._sought):
            self._sought = None
        self.border_subtitle = self.words_below()
        if not table.count and not table.order.where:
            self.say(EMPTY, self.empty_words())
        elif not table.count:
            self.say(EMPTY, "Nothing matches the filter.\nesc takes it off.")
        else:
            self._turn(FILLED)
        self.app.refresh_footer()

    @on(WindowedTable.Marked)
    def _marked(self) -> None:
        self.border_subtitle = self.words_below()

    def words_below(self) -> str:
        """What stands at the panel's lower edge: how many rows there are."""
        total, marks = count(self.table.count), len(self.table.marks)
        told = f"{total if self.table.count else 'no'} match" if self.table.order.where else total
        return f"{count(marks)} marked · {told}" if marks else told

    def seek(self, row_id: str) -> None:
        """Puts the cursor on the row of that id, now or as soon as the list has it."""
        if not self.table.select(row_id):
            self._sought = row_id
            self.reload()

    def open_named(
        self,
        text: str,
        find: Callable[[sqlite3.Connection, str], str],
        then: Callable[[str], None] | None = None,
    ) -> None:
        """Seeks the row whose id `find` tells, or does with it what `then` says; a text that names nothing is a filter."""
        reader = self.app.services.store.reader

        def found() -> str | None:
            try:
                return find(reader, text)
            except UsageError:
                return None

        def shown(row_id: str | None) -> None:
            if row_id is None:
                self.show_filter(text)
            else:
                (then or self.seek)(row_id)

        self.app.in_background(found, shown)

    @on(WindowedTable.Failed)
    def _failed(self, event: WindowedTable.Failed) -> None:
        if isinstance(event.error, BadQuery):
            line = self.query_one(FilterLine)
            line.complain(event.error.what, self._where_it_is(event.error))
            if self._just_left == line.text and self.table.has_focus:  # before it was known that it cannot be read
                line.line.focus()
        elif isinstance(event.error, UsageError | UnknownColumn) and self.table.order.where:
            self._complain(str(event.error))  # the list that was found before stays in sight
        else:
            self.fail(event.error)

    def _where_it_is(self, error: BadQuery) -> int:
        """Where in what stands in the line the query cannot be read: it is asked without the blanks before it."""
        value = self.query_one(FilterLine).line.value
        return error.position + len(value) - len(value.lstrip())

    def offers(self, connection: sqlite3.Connection, text: str, at: int) -> Offers | None:
        """What may come at that place of a filter that is being typed; asked in a thread."""
        return None

    def _complain(self, words: str) -> None:
        if self.FILTER_HINT:
            self.query_one(FilterLine).complain(words)

    @on(FilterLine.Changed)
    def _filter_typed(self, event: FilterLine.Changed) -> None:
        event.stop()
        self.set_timer(FILTER_REST_SECONDS, lambda: self._filter_rests(event.text))

    def _filter_rests(self, text: str) -> None:
        line = self.query_one(FilterLine)
        if line.text != text:
            return
        self.filter_by(text)
        whole, at, store = line.line.value, line.line.cursor_position, self.app.services.store
        self.app.in_background(lambda: self.offers(store.reader, whole, at), lambda offers: line.offer(whole, offers))

    def on_mount(self) -> None:
        if self.KEPT and self.FILTER_HINT:
            store, key = self.app.services.store, f"filters:{self.KEPT}"
            line = self.query_one(FilterLine)
            self.app.in_background(lambda: read_preference(store.reader, key, []), line.remember_all)

    def filter_by(self, text: str) -> None:
        self.table.reorder(replace(self.table.order, where=text))

    def show_filter(self, text: str) -> None:
        """Filters by a text that was typed elsewhere, and shows it."""
        line = self.query_one(FilterLine)
        line.open(text)
        self.filter_by(text)
        self.table.focus()

    @on(FilterLine.Left)
    def _filter_left(self, event: FilterLine.Left) -> None:
        event.stop()
        line = self.query_one(FilterLine)
        self._just_left = line.text
        self.filter_by(line.text)
        self.table.focus()
        store = self.app.services.store
        if self.KEPT and event.text and not store.read_only:
            past = list(dict.fromkeys(reversed(line.past)))[:REMEMBERED][::-1]
            self.app.in_background(lambda: write_preference(store, f"filters:{self.KEPT}", past))
