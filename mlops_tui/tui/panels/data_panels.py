"""The parts of the data screen: the sources, and the files and columns of one of them."""

from __future__ import annotations

import sqlite3
import time
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source, SourceFile
from mlops_tui.data.place import left_aside
from mlops_tui.plot import bar_chart
from mlops_tui.presenters.arrivals import arrival_lines
from mlops_tui.presenters.by_file import by_file_lines, by_file_title
from mlops_tui.presenters.column import Summary, at_one_point, column_bars, column_facts, tails_words
from mlops_tui.presenters.data import Standing, standing_words, trouble_words, unread_words, why_quarantined
from mlops_tui.presenters.words import Cell, one_line
from mlops_tui.tui.lists.by_file import ByFileSource
from mlops_tui.tui.lists.sources import ColumnsSource, FilesSource, SourcesSource
from mlops_tui.tui.panels.chart import Chart
from mlops_tui.tui.panels.filter_line import FilterLine
from mlops_tui.tui.panels.notice import Notice
from mlops_tui.tui.panels.panel import EMPTY, FILLED, Panel
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.panels.tones import toned

ASIDE_SECONDS, ASIDE_SHARE = 10.0, 0.05
"""A folder is looked through for files that are left aside no sooner than that again, nor for more of the time."""


class Aside(NamedTuple):
    """The endings of files that a source leaves aside, and the moment on the clock until which that is good enough."""

    endings: tuple[str, ...]
    good_until: float


class SourcesPanel(TablePanel):
    """The list of sources, what arrives, and what has to be known of the source under the cursor."""

    TITLE = "Sources"
    TOPICS = frozenset({"sources", "files", "jobs", "agent"})
    AGES = True
    FILTER_HINT = "a part of a name, a role or a path"

    class Looked(Message):
        """The folder of a source was looked through for files that are left aside."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._asides: dict[tuple[object, ...], Aside] = {}
        self._is_looking = False

    def source(self) -> TableSource:
        self.sources = SourcesSource(self.app.services.workspace, plain=self.app.plain)
        return self.sources

    def content(self) -> ComposeResult:
        yield self.table
        yield Notice(classes="sources--told")
        yield Static("", classes="sources--arrivals", markup=False)

    def reload(self) -> None:
        """Also while other panels hide it: what they show is of the source under its cursor, as it stands now."""
        if self.app.pane in self.ancestors:
            self.is_stale = False
            self.table.reload()
        else:
            self.is_stale = True

    @on(WindowedTable.Filled)
    def _tell_arrivals(self) -> None:
        """What is being read, and how far that is."""
        lines = arrival_lines(self.sources.arrivals, time.time(), plain=self.app.plain)
        box = self.query_one(".sources--arrivals", Static)
        box.update(Content("\n").join(toned(line) for line in lines))
        box.display = bool(lines)

    @on(WindowedTable.Moved)
    def _tell_standing(self) -> None:
        """What is wrong with the source under the cursor, and what to do."""
        standing = self.standing
        words = standing_words(standing, self.aside) if standing is not None else Cell("")
        self.query_one(".sources--told", Notice).tell(toned(words))

    @property
    def aside(self) -> tuple[str, ...]:
        """The endings of files that the source under the cursor leaves aside, as far as its folder was looked through."""
        found = self._asides.get(_lying(self.standing.source)) if self.standing is not None else None
        return found.endings if found is not None else ()

    def look_aside(self) -> None:
        """Looks through the folder of the source under the cursor, in a thread, where that was not done just now."""
        standing = self.standing
        if standing is None or self._is_looking:
            return
        source, workspace = standing.source, self.app.services.workspace
        found = self._asides.get(_lying(source))
        if found is not None and time.monotonic() < found.good_until:
            return
        self._is_looking = True

        def looked() -> Aside:
            began = time.monotonic()
            endings = tuple(left_aside(source, workspace))
            ended = time.monotonic()
            return Aside(endings, ended + max(ASIDE_SECONDS, (ended - began) / ASIDE_SHARE))

        def told(aside: Aside) -> None:
            self._asides[_lying(source)], self._is_looking = aside, False
            self._tell_standing()
            self.post_message(self.Looked())

        self.app.in_background(looked, told)

    @property
    def standing(self) -> Standing | None:
        """The source under the cursor, as it stands."""
        row = self.table.row
        return self.sources.known.get(row.id) if row is not None else None

    def empty_words(self) -> str:
        return "No sources yet.\nn names a folder or a file as one, and takes its files in."


def _lying(source: Source) -> tuple[object, ...]:
    """What says which files a source has."""
    return source.path, source.pattern, source.exclude


class FilesPanel(TablePanel):
    """The files of one source, and why the one under the cursor is quarantined, or what else is to be said of it."""

    TITLE = "Files"
    TOPICS = frozenset({"sources", "files"})
    AGES = True
    FILTER_HINT = "a part of a name or a state: 2026-04, quarantined, gone"

    def source(self) -> TableSource:
        self.files = FilesSource(plain=self.app.plain)
        return self.files

    def content(self) -> ComposeResult:
        yield self.table
        yield Notice(classes="files--why")

    @property
    def file(self) -> SourceFile | None:
        """The file under the cursor."""
        row = self.table.row
        return self.files.known.get(row.id) if row is not None else None

    def turn_to(self, source_id: str) -> None:
        """Shows the files of another source."""
        if source_id != self.files.source_id:
            self.files.source_id = source_id
            if self.table.order.where:
                self.query_one(FilterLine).take_off()
                self.table.reorder(self.ORDER)
            self.table.move_to(0)
            self.reload()

    @on(WindowedTable.Moved)
    def _explain(self) -> None:
        row, why = self.table.row, why_quarantined(self.file) if self.file is not None else ""
        words = Cell(why, "warn") if why or row is None else row.cells[-1]
        self.query_one(".files--why", Notice).tell(toned(words))

    def empty_words(self) -> str:
        return "No files yet.\ns takes in what lies in the folder."


class ColumnsPanel(TablePanel):
    """The columns of one source with their profile."""

    TITLE = "Columns"
    TOPICS = frozenset({"sources", "files"})
    FILTER_HINT = "a part of a name, a kind or a role"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.standing: Standing | None = None
        self._aside: tuple[str, ...] = ()

    def source(self) -> TableSource:
        self.columns = ColumnsSource(symbols=self.app.symbols)
        return self.columns

    @property
    def column(self) -> Summary | None:
        """The column under the cursor."""
        row = self.table.row
        return self.columns.known.get(row.id) if row is not None else None

    def turn_to(self, standing: Standing, aside: tuple[str, ...]) -> None:
        """Shows the columns of another source, or of the same one as it stands now; `aside` are endings of files that it
        leaves aside."""
        self.standing, self._aside = standing, aside
        if standing.source.id != self.columns.source_id:
            self.columns.source_id = standing.source.id
            self.table.move_to(0)
            self.reload()
        elif self.has_class(EMPTY) and not self.table.order.where:
            self.say(EMPTY, self.empty_words())

    def empty_words(self) -> str:
        standing = self.standing
        if standing is not None and standing.is_scanned:
            return "The files are being read.\n8 shows how far the job is."
        if standing is not None and standing.trouble:
            return "No file was taken in.\n" + trouble_words(standing.source.name, standing.trouble)
        if standing is not None and standing.files.get("quarantined"):
            return "Every file was quarantined.\nThe list of files says why; mend them and press s."
        if standing is not None and self._aside:
            return "No file was taken in yet.\n" + unread_words(standing.source.name, self._aside)
        return "No file was taken in yet.\ns takes in what lies in the folder."


class ByFilePanel(TablePanel):
    """One column file by file, shown beside the column's page; the focus can be on it before its rows are there."""

    TITLE = "By file"
    TOPICS = frozenset({"files"})
    OPENS = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.can_focus = True

    def source(self) -> TableSource:
        self.files = ByFileSource(lambda: self.app.services.asking)
        return self.files

    def content(self) -> ComposeResult:
        yield Static("", classes="files--lines", markup=False)
        yield self.table

    def _turn(self, state: str) -> None:
        super()._turn(state)
        self.can_focus = state != FILLED or self.has_focus
        if state == FILLED and self.has_focus:
            self.call_after_refresh(self.table.focus)

    def on_blur(self) -> None:
        self.can_focus = not self.has_class(FILLED)

    def turn_to(self, source: Source, column: str) -> None:
        """Shows another column; it is asked for when somebody looks."""
        hint = "" if self.screen.has_class("-wide") else " · tab"
        self.border_title = f"{by_file_title(source.name, column)}{hint}"
        if self.files.wanted != (source.id, column):
            self.files.turn_to(source.id, column)
            self.table.move_to(0)
            self.reload()

    @on(WindowedTable.Filled)
    def _draw_lines(self) -> None:
        lines = by_file_lines(self.files.told, symbols=self.app.symbols) if self.files.told is not None else ""
        box = self.query_one(".files--lines", Static)
        box.update(Content.styled(lines, "$text-muted"))
        box.display = bool(lines)

    def empty_words(self) -> str:
        return "No column is chosen."

    def on_unmount(self) -> None:
        self.files.take_back()


class ChosenColumn(NamedTuple):
    """A column's profile, its role and why it has it."""

    column: Summary
    role: str | None
    why: str | None


class ColumnPanel(Panel):
    """Everything about one column: its figures at the left, how its values are spread at the right."""

    TITLE = "Column"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chosen: ChosenColumn | None = None

    def content(self) -> ComposeResult:
        yield Notice(classes="column--why")
        with Horizontal():
            yield TextView()
            with Vertical(classes="column--spread"):
                yield Static("", classes="column--tails", markup=False)
                yield Chart()

    def turn_to(self, chosen: ChosenColumn | None) -> None:
        """Shows another column, or the same one with other figures."""
        if chosen != self.chosen or self.data is None:
            self.chosen = chosen
            self.reload()

    def read(self, connection: sqlite3.Connection) -> ChosenColumn | None:
        return self.chosen

    def has_nothing(self, data: ChosenColumn | None) -> bool:
        return data is None

    def empty_words(self) -> str:
        self.border_title = self.TITLE
        return "No column is chosen."

    def show(self, data: ChosenColumn) -> None:
        self.border_title = printable(data.column["name"])
        told = at_one_point(column_facts(data.column, data.role))
        width = max(len(name) for name, _ in told) + 2
        facts = [Content.assemble((name.ljust(width), "$text-muted"), text) for name, text in told]
        text, chart = self.query_one(TextView), self.query_one(Chart)
        text.write(Content("\n").join(facts))
        self.query_one(".column--why", Notice).tell(Content.styled(one_line(data.why or ""), "$text-muted"))
        is_drawn = bool(column_bars(data.column, 1))
        self.query_one(".column--spread").display = is_drawn
        text.set_class(not is_drawn, "-alone")
        tails = tails_words(data.column)
        box = self.query_one(".column--tails", Static)
        box.update(Content.styled(f"outside: {tails}", "$text-muted"))
        box.display = bool(tails)
        chart.draw(
            lambda width, height, symbols: bar_chart(
                column_bars(data.column, height), width, height=height, symbols=symbols, value_format="{:,.0f}"
            )
        )
