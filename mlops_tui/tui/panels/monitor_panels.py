"""The parts of the monitor screen that list: the time line, and one window by column."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from mlops_tui.core.printable import printable
from mlops_tui.data.model import LIVE, TRAINING, Source
from mlops_tui.data.query import list_sources
from mlops_tui.monitoring.alert import Alert
from mlops_tui.monitoring.alert_query import alerts_about
from mlops_tui.monitoring.model import ChunkHead, HeatMap
from mlops_tui.monitoring.quality_query import champion_that_predicts
from mlops_tui.monitoring.query import heat_map, list_reports, unit_of, units_of, why_of
from mlops_tui.monitoring.window import ONE_FILE
from mlops_tui.presenters.monitor import UNITS, legend, matrix
from mlops_tui.presenters.multivariate import in_short
from mlops_tui.presenters.words import counted, minute, one_line
from mlops_tui.tui.lists.drift import DriftSource
from mlops_tui.tui.panels.matrix import MatrixView
from mlops_tui.tui.panels.panel import Panel
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.panels.tones import toned

SHOWN = 120
"""So many of the newest windows are across."""


class Line(NamedTuple):
    """A source's reports of one unit against one reference, and what else there is to turn to."""

    sources: list[Source]
    source: Source | None = None
    references: Sequence[str] = ()
    reference: str = TRAINING
    units: Sequence[str] = ()
    unit: str = ONE_FILE
    map: HeatMap = HeatMap((), (), ())
    champion: tuple[str, str] | None = None
    """The version that predicts the source's files, and the words that name it."""
    alert: Alert | None = None


class TimelinePanel(Panel):
    """Windows across, columns down."""

    TITLE = "Drift"
    TOPICS = frozenset({"drift", "sources"})

    class Turned(Message):
        """The time line was read: it may be another one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.source_id: str | None = None
        self.reference: str | None = None
        self.unit: str | None = None
        self.line: Line | None = None
        self._report_id: str | None = None
        self._after: str | None = None
        self._column: str | None = None

    def content(self) -> ComposeResult:
        yield MatrixView()
        yield Static("", classes="matrix--legend", markup=False)
        yield Static("", classes="matrix--why", markup=False)

    @property
    def view(self) -> MatrixView:
        """The matrix."""
        return self.query_one(MatrixView)

    @property
    def chunk(self) -> ChunkHead | None:
        """The window under the cursor."""
        found = self.line.map.chunks if self.line is not None else ()
        return found[self.view.window] if self.view.window < len(found) else None

    @property
    def column(self) -> str | None:
        """The column under the cursor."""
        names = self.view.matrix.columns
        return names[self.view.column] if self.view.column < len(names) else None

    @property
    def champion(self) -> str | None:
        """The id of the version that predicts the source's files."""
        return self.line.champion[0] if self.line is not None and self.line.champion is not None else None

    def turn_to(
        self, source_id: str | None, reference: str | None = None, unit: str | None = None, *, after: str | None = None
    ) -> None:
        """Shows the heat map of another source, against another reference, or of another unit.

        The first report that is younger than the id `after` gets the cursor when it comes.
        """
        self.source_id, self.reference, self.unit, self._after = source_id, reference, unit, after
        self._report_id, self._column = None, None
        self.reload()

    def read(self, connection: sqlite3.Connection) -> Line:
        sources = list_sources(connection)
        source = _chosen(connection, sources, self.source_id)
        if source is None:
            return Line(sources)
        reports = list_reports(connection, source.id, limit=500)
        references = list(dict.fromkeys(head.reference for head in reports))
        if not references:
            return Line(sources, source)
        wanted = self.reference if self.reference in references else references[0]
        units = units_of(connection, source.id, wanted)
        newest = next(head.id for head in reports if head.reference == wanted)
        unit = self.unit if self.unit in units and self._after is None else unit_of(connection, newest)
        found = heat_map(connection, source.id, wanted, unit=unit, limit=SHOWN)
        alert = next(iter(alerts_about(connection, source.id)), None)
        champion = champion_that_predicts(connection, source.id)
        return Line(sources, source, references, wanted, units, unit, found, champion, alert)

    def has_nothing(self, data: Line) -> bool:
        self._take(data)
        return not data.map.chunks

    def empty_words(self) -> str:
        line = self.line
        if line is None or line.source is None:
            return "No sources yet.\n2 leads to where one is added."
        more = "\n[ and ] turn to the other sources." if len(line.sources) > 1 else ""
        return f"{printable(line.source.name)} was not compared yet.\nn compares its windows with what was learnt from.{more}"

    def _take(self, line: Line) -> None:
        self.line = line
        self.post_message(self.Turned())
        self.border_title = self.TITLE
        self.border_subtitle = ""
        if line.source is not None:
            self.source_id = line.source.id
            against = f" against {printable(line.reference)}" if line.map.chunks else ""
            if len(line.units) > 1:
                against += f", by {UNITS.get(line.unit, line.unit + 's')}"
            self.border_title = f"Drift of {printable(line.source.name)}{against}"
            place = [one.id for one in line.sources].index(line.source.id) + 1
            self.border_subtitle = f"source {place} of {len(line.sources)}"
            if line.champion is not None:
                self.border_subtitle = f"predicted by {one_line(line.champion[1])} · {self.border_subtitle}"
            if line.alert is not None:
                told = (
                    "acknowledged" if line.alert.acknowledged is not None else "muted" if line.alert.muted else "open"
                )
                self.border_subtitle = f"drift alert since {minute(line.alert.since)}, {told} · {self.border_subtitle}"

    def show(self, data: Line) -> None:
        shown = matrix(data.map, plain=self.app.plain)
        ids = [chunk.report_id for chunk in data.map.chunks]
        if self._after is not None and max(ids) > self._after:
            self._report_id, self._after = max(ids), None
        window = ids.index(self._report_id) if self._report_id in ids else len(ids) - 1
        column = shown.columns.index(self._column) if self._column in shown.columns else 0
        self.view.tell(shown, window, column)
        self.explain()

    def effects_of(self, column: str | None) -> list[float | None]:
        """How far a column moved in each window of the map, the oldest first; [] where it has none."""
        shown = self.line.map if self.line is not None else HeatMap((), (), ())
        found = (tiles for (name, _), tiles in zip(shown.columns, shown.tiles, strict=True) if name == column)
        return [None if tile is None else tile.effect for tile in next(found, ())]

    def explain(self) -> None:
        """Says why the cell under the cursor is as it is, and what the figures mean."""
        chunk, column = self.chunk, self.column
        self._column = column
        self._report_id = chunk.report_id if chunk is not None else None
        self._tell_legend()
        if chunk is None or column is None:
            self.query_one(".matrix--why", Static).update("")
            return
        why = why_of(self.app.services.store.reader, chunk.report_id, column)  # one row, by its key
        words = f"{printable(column)} in {printable(chunk.current)}: {why}" if why is not None else ""
        self.query_one(".matrix--why", Static).update(Content(one_line(words, 400)))

    @on(MatrixView.Turned)
    def _tell_legend(self) -> None:
        words = legend(marks=self.view.marks, plain=self.app.plain)
        self.query_one(".matrix--legend", Static).update(words)

    def point_at(self, column: str) -> None:
        """Puts the cursor on that column, where the matrix has it."""
        names = self.view.matrix.columns
        if column in names:
            self.view.move_to(self.view.window, names.index(column))


def _chosen(connection: sqlite3.Connection, sources: list[Source], wanted: str | None) -> Source | None:
    """The source that was asked for, else the one compared last, else a live one, else any."""
    newest = list_reports(connection, limit=1) if wanted is None else []
    by_id = {source.id: source for source in sources}
    asked = by_id.get(wanted or (newest[0].source_id if newest else ""))
    live = next((source for source in sources if source.role == LIVE), None)
    return asked or live or next(iter(sources), None)


class DriftPanel(TablePanel):
    """One window by column, what drifts first."""

    TITLE = "Window"
    TOPICS = frozenset({"drift", "outcomes"})
    FILTER_HINT = "a part of a column's name"

    def source(self) -> TableSource:
        self.drift = DriftSource(plain=self.app.plain)
        return self.drift

    def reload(self) -> None:
        if self.drift.report_id is not None:  # else there is nothing to read: showing that would cost a frame
            super().reload()

    def content(self) -> ComposeResult:
        yield Static("", classes="window--at-once", markup=False)
        yield from super().content()

    @on(WindowedTable.Filled)
    def _tell_at_once(self) -> None:
        """How the champion does on the file, and what all columns say at once where that was asked, above them."""
        found, line = self.drift.multivariate, self.query_one(".window--at-once", Static)
        cells = [] if found is None else in_short(found, plain=self.app.plain)
        lines = [Content(self.drift.expected)] if self.drift.expected else []
        lines += [Content.assemble(toned(sign), f"  {why}") for sign, why in cells]
        line.set_class(bool(lines), "-told")
        line.update(Content("\n").join(lines))

    def turn_to(self, chunk: ChunkHead) -> None:
        """Shows another window."""
        if chunk.report_id != self.drift.report_id:
            self.drift.report_id = chunk.report_id
            self.border_title = f"{printable(chunk.current)} · {counted(chunk.rows, 'row')}"
            self.reload()

    def empty_words(self) -> str:
        return "No window is chosen."
