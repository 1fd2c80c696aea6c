"""The page of one column of the monitor screen: both windows back to back, and what is known beneath."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from mlops_tui.monitoring.model import ColumnDrift, DriftReport
from mlops_tui.monitoring.query import drifting_since, get_report
from mlops_tui.plot import Picture, mirrored_histogram
from mlops_tui.presenters.bins import bins
from mlops_tui.presenters.column_page import contribution_words, tables
from mlops_tui.presenters.monitor import measures_line, notes, sides, sizes, title, trend_line, verdict
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.panels.chart import Chart
from mlops_tui.tui.panels.moves import MOVE_BINDINGS, Scrolls
from mlops_tui.tui.panels.panel import Panel
from mlops_tui.tui.panels.tables import tables_content
from mlops_tui.tui.panels.tones import toned

ROOMY = 26
"""Lines of a panel in which there is room for the trend."""
LEAST, BESIDE = 4, 130
"""Lines that a chart has at least, and cells in which the tables stand beside it."""


class Compared(NamedTuple):
    """One column of one report."""

    report: DriftReport
    column: ColumnDrift


class ColumnView(VerticalScroll, Scrolls, can_focus=True, inherit_bindings=False):
    """The words, the chart and the tables of a column, moved through by the keys of every list."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)
    BINDINGS = MOVE_BINDINGS

    def compose(self) -> ComposeResult:
        yield Static("", classes="compared--words", markup=False)
        with Container(classes="compared--parts"):
            yield Chart()
            yield Static("", classes="compared--tables", markup=False)


class ComparedPanel(Panel):
    """One column in both windows: the verdict and why, the histograms back to back, and the tables of its page."""

    TITLE = "Column"
    TOPICS = frozenset({"drift"})

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._asked: tuple[str, str] | None = None
        self._effects: Sequence[float | None] = ()

    def content(self) -> ComposeResult:
        yield ColumnView()

    @property
    def view(self) -> ColumnView:
        """What scrolls."""
        return self.query_one(ColumnView)

    def turn_to(self, report_id: str | None, column: str | None, effects: Sequence[float | None] = ()) -> None:
        """Shows another column, or another window; `effects` are how far the column moved in each window, the oldest first."""
        self._effects = effects
        asked = (report_id, column) if report_id is not None and column is not None else None
        if asked != self._asked:
            self._asked = asked
            self.view.scroll_home(animate=False)
            self.reload()

    def reload(self) -> None:
        if self._asked is not None:  # else there is nothing to read: showing that would cost a frame
            super().reload()

    def read(self, connection: sqlite3.Connection) -> Compared | None:
        if self._asked is None:
            return None
        report = get_report(connection, *self._asked)
        column = report.column(self._asked[1])
        if column is None:
            return None
        since = drifting_since(connection, *self._asked) if column.drift else None
        return Compared(report, replace(column, drifts_since=since))

    def empty_words(self) -> str:
        self.border_title, self.border_subtitle = self.TITLE, ""
        return "No column is chosen."

    def on_resize(self) -> None:
        if self.data:
            self.show(self.data)

    def show(self, data: Compared) -> None:
        report, column = data
        self.border_title = title(report, column)
        view, room = self.view, self.content_size - Size(1, 0)  # a cell is the scroll bar's
        if not room.area:
            return  # it comes with the size
        words, told = self._words(report, column), tables(column)
        view.query_one(".compared--words", Static).update(words)
        beside = room.width >= BESIDE and column.histogram is not None
        view.set_class(beside, "-beside")
        half = room.width // 2 - 2 if beside else room.width
        view.query_one(".compared--tables", Static).update(tables_content(told, half, contribution_words(column)))
        # what there is room for beside the words: the tables come when it is scrolled
        self._draw(report, column, room.height - words.get_height({}, room.width) - 1)
        titles = ", ".join(one.title.partition(":")[0].lower() for one in told)
        self.border_subtitle = f"below: {titles}" if told and not beside else ""

    def _words(self, report: DriftReport, column: ColumnDrift) -> Content:
        sign = toned(verdict(column.drift, column.why, plain=self.app.plain))
        lines = [Content.assemble(sign, ("  " + column.kind, "$text-muted"), f"  {one_line(column.why, 600)}")]
        trend = trend_line(self._effects, symbols=self.app.symbols)
        if trend and self.size.height >= ROOMY:
            lines.append(Content(trend))
        lines += [Content.styled(note, "$text-muted") for note in notes(report)]
        lines.append(Content.styled(measures_line(column), "$text-muted"))
        return Content("\n").join(lines)

    def _draw(self, report: DriftReport, column: ColumnDrift, room: int) -> None:
        chart, histogram = self.query_one(Chart), column.histogram
        chart.display = histogram is not None
        if histogram is None:
            return
        chart.styles.height = max(LEAST, min(room, len(histogram.labels) + 1))

        def draw(width: int, height: int, symbols: str) -> Picture:
            labels, ours, theirs, brings = bins(histogram, column.kind, height - 1)
            return mirrored_histogram(
                *(labels, ours, theirs, width),
                height=height,
                symbols=symbols,
                names=sides(report),
                short_names=sizes(report),
                contribution=brings,
            )

        chart.draw(draw)
