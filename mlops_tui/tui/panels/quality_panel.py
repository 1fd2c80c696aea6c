"""How well a version does, file by file: its metric with labels and without, the scores that it gives, and the alerts about it."""

from __future__ import annotations

import sqlite3
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mlops_tui import plot, presenters
from mlops_tui.monitoring.alert import Alert
from mlops_tui.monitoring.alert_query import alerts_about
from mlops_tui.monitoring.model import ColumnDrift
from mlops_tui.monitoring.period import DAY, MONTH, WEEK
from mlops_tui.monitoring.quality_model import QualityChunk
from mlops_tui.monitoring.quality_query import periods_told, quality_of
from mlops_tui.monitoring.window import ONE_FILE
from mlops_tui.plot import Picture
from mlops_tui.presenters.bins import bins
from mlops_tui.presenters.quality import alert_line, chunk_lines, moved_line, quality_title
from mlops_tui.presenters.words import one_line
from mlops_tui.registry.query import get_version
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.afterwards import tell_when_ended
from mlops_tui.tui.panels.chart import Chart
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.moves import MOVE_BINDINGS
from mlops_tui.tui.panels.panel import FILLED
from mlops_tui.tui.panels.tones import toned

SHOWN = 60
"""So many of the newest files are across."""
ROOMY = 30
"""Lines of a panel in which every sentence is told in full."""
UNITS = (ONE_FILE, MONTH, WEEK, DAY)
STEPS = 10
"""A page is so many files."""


class Told(NamedTuple):
    """A version's files, the oldest first, and the open alerts about its model."""

    name: str
    unit: str
    chunks: list[QualityChunk]
    alerts: list[Alert]


class QualityView(Chart, can_focus=True):
    """The chart of all files; its keys choose one."""

    SCOPES: ClassVar[tuple[str, ...]] = ("move",)
    BINDINGS = MOVE_BINDINGS

    @property
    def panel(self) -> QualityPanel:
        """The panel that it is in."""
        return next(node for node in self.ancestors if isinstance(node, QualityPanel))

    def do_right(self) -> None:
        self.panel.move_by(1)

    def do_left(self) -> None:
        self.panel.move_by(-1)

    def do_page_down(self) -> None:
        self.panel.move_by(STEPS)

    def do_page_up(self) -> None:
        self.panel.move_by(-STEPS)

    def do_first(self) -> None:
        self.panel.move_by(-SHOWN)

    def do_last(self) -> None:
        self.panel.move_by(SHOWN)

    def do_down(self) -> None:
        self.panel.turn(1)

    def do_up(self) -> None:
        self.panel.turn(-1)

    do_half_down, do_half_up = do_page_down, do_page_up


class QualityPanel(Layer):
    """The chart above, the file that is chosen in words, and what was said of it beside what was said of training rows."""

    TOPICS = frozenset({"outcomes", "predictions", "alerts"})
    CORE = "QualityView"

    SCOPES: ClassVar[tuple[str, ...]] = ("quality",)
    BINDINGS = REGISTRY.add(
        Action("quality.unit", "By", "By file, month, week or day of the rows' time.", ("u",), rank=10),
    )

    def __init__(self, version_id: str) -> None:
        super().__init__(id="quality")
        self.version_id = version_id
        self.unit = ONE_FILE
        self._file: str | None = None
        self._column = 0

    def content(self) -> ComposeResult:
        yield QualityView()
        yield Static("", classes="quality--words", markup=False)
        yield Chart(classes="quality--said")

    def read(self, connection: sqlite3.Connection) -> Told:
        _ = plot.line_chart, presenters.quality_chart  # NumPy comes here, in the thread
        version = get_version(connection, self.version_id)
        found = quality_of(connection, self.version_id, unit=self.unit, limit=SHOWN)
        return Told(version.label, self.unit, found, alerts_about(connection, version.model_id))

    def has_nothing(self, data: Told) -> bool:
        self.border_title = f"{one_line(data.name)} · quality by {data.unit}"
        self.border_subtitle = ""
        return not data.chunks

    def empty_words(self) -> str:
        if self.unit != ONE_FILE:
            return f"It is being told {self.unit} by {self.unit}.\nu goes on to another period; 8 shows the job."
        return (
            "Nothing is told of it yet.\nIt is told by itself once it is the champion and has predicted a file; any version"
            " by: mlops-tui models quality"
        )

    @property
    def place(self) -> int:
        """Which file is chosen; the newest one until a person moves."""
        names = [chunk.file_hash for chunk in self.data.chunks]
        return names.index(self._file) if self._file in names else len(names) - 1

    @property
    def chunk(self) -> QualityChunk:
        """The file that is chosen."""
        chunk: QualityChunk = self.data.chunks[self.place]
        return chunk

    @property
    def column(self) -> ColumnDrift | None:
        """Which of what was said of it is shown."""
        found = self.chunk.predictions
        return found[self._column % len(found)] if found else None

    def do_unit(self) -> None:
        """Shows it by the next kind of part; a period that was not told of yet is told by a job."""
        self.unit = UNITS[(UNITS.index(self.unit) + 1) % len(UNITS)]
        unit, services = self.unit, self.app.services
        self._file = None

        def ask() -> str | None:
            version = get_version(services.store.reader, self.version_id)
            if unit == ONE_FILE or unit in periods_told(services.store.reader, version.id):
                return None
            return services.quality.ask(f"{version.model}:{version.number}", unit)

        self.reload()
        if self.app.pane is not None and self.app.pane.why_no_writing() is None:
            self.app.in_background(ask, self._asked)

    def _asked(self, job_id: str | None) -> None:
        if job_id is not None:
            tell_when_ended(self.app, job_id, lambda _: f"Quality is told by {self.unit} now.")

    def move_by(self, files: int) -> None:
        """Chooses a file further right, or left."""
        if self.has_class(FILLED):
            wanted = max(0, min(self.place + files, len(self.data.chunks) - 1))
            self._file = self.data.chunks[wanted].file_hash
            self.show(self.data)

    def turn(self, step: int) -> None:
        """Shows the next of what was said: a score, or the labels."""
        if self.has_class(FILLED):
            self._column += step
            self.show(self.data)

    def show(self, data: Told) -> None:
        chunk, at, plain = self.chunk, self.place, self.app.plain
        self.border_title = f"{one_line(data.name)} · {quality_title(data.chunks)}"
        self.border_subtitle = f"{data.unit} {at + 1} of {len(data.chunks)}"
        self.query_one(QualityView).draw(
            lambda width, height, symbols: presenters.quality_chart(data.chunks, at, width, height, symbols)
        )
        told = [toned(cell) for cell in (*map(alert_line, data.alerts), *chunk_lines(chunk, plain=plain))]
        column = self.column
        if column is not None:
            place = f"{self._column % len(chunk.predictions) + 1} of {len(chunk.predictions)}, ↑ ↓"
            told.append(Content.assemble(*moved_line(column, plain=plain), (f"  ({place})", "$text-muted")))
        if self.size.height < ROOMY:  # the pictures need the lines
            told = [line.truncate(self.content_size.width, ellipsis=True) for line in told]
        self.query_one(".quality--words", Static).update(Content("\n").join(told))
        self._draw(chunk, column)

    def _draw(self, chunk: QualityChunk, column: ColumnDrift | None) -> None:
        chart, histogram = self.query_one(".quality--said", Chart), None if column is None else column.histogram
        chart.display = histogram is not None
        if histogram is None or column is None:
            return
        names = ("in training", one_line(chunk.name, 30))

        def draw(width: int, height: int, symbols: str) -> Picture:
            labels, ours, theirs, _ = bins(histogram, column.kind, height - 1)
            return plot.mirrored_histogram(labels, ours, theirs, width, height=height, symbols=symbols, names=names)

        chart.draw(draw)

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)

    def copied(self) -> str | None:
        return self.chunk.file if self.has_class(FILLED) else None
