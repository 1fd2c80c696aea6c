"""Monitor: how what arrives has drifted, window by window, column by column."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from mlops_tui.core.errors import UsageError
from mlops_tui.data.model import Source
from mlops_tui.data.query import find_source
from mlops_tui.presenters.how_to_read import MONITOR
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.how_to_read import HowToRead
from mlops_tui.tui.dialogs.new_drift import DriftForm, compare
from mlops_tui.tui.panels.column_panel import ComparedPanel
from mlops_tui.tui.panels.matrix import MatrixView
from mlops_tui.tui.panels.monitor_panels import DriftPanel, TimelinePanel
from mlops_tui.tui.panels.panel import Panel
from mlops_tui.tui.panels.quality_panel import QualityPanel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.screens.monitor_slices import BACK_FIRST, SlicedPane


def _can_compare(pane: MonitorPane) -> str | None:
    line = pane.timeline.line
    if line is not None and not line.sources:
        return "There are no sources; 2 leads to where one is added."
    return pane.why_no_writing()


def _has_others(pane: MonitorPane) -> str | None:
    if pane.is_sliced:
        return BACK_FIRST
    line = pane.timeline.line
    return None if line is not None and len(line.sources) > 1 else "There is no other source."


def _has_references(pane: MonitorPane) -> str | None:
    if pane.is_sliced:
        return BACK_FIRST
    line = pane.timeline.line
    return None if line is not None and len(line.references) > 1 else "There is no other reference."


def _has_champion(pane: MonitorPane) -> str | None:
    if pane.timeline.champion is not None:
        return None
    return "No champion has predicted files of this source."


def _has_windows(pane: MonitorPane) -> str | None:
    if pane.is_sliced:
        return BACK_FIRST
    line = pane.timeline.line
    return None if line is not None and len(line.map.chunks) > 1 else "There is no other window."


def _has_window(pane: MonitorPane) -> str | None:
    return pane.why_no_writing() if pane.timeline.chunk is not None else "Nothing was compared yet: n compares windows."


def _has_units(pane: MonitorPane) -> str | None:
    if pane.is_sliced:
        return BACK_FIRST
    line = pane.timeline.line
    if line is not None and len(line.units) > 1:
        return None
    return "It was compared in one way alone: n compares by month, and otherwise."


class MonitorPane(SlicedPane):
    """The time line above, one window and one column below; in a narrow terminal one layer after the other. Slices lie over them."""

    NAME = "monitor"
    SCOPES = ("monitor",)
    FIRST = "MatrixView"
    BINDINGS = REGISTRY.add(
        Action("monitor.compare", "Compare", "Compare windows of a source.", ("n", "r"), _can_compare, rank=20),
        Action(
            "monitor.next_source",
            "Next source",
            "The time line of the next source.",
            ("right_square_bracket",),
            _has_others,
            rank=22,
        ),
        Action(
            "monitor.previous_source",
            "Source before",
            "The time line of the source before.",
            ("left_square_bracket",),
            _has_others,
            rank=0,
        ),
        Action(
            "monitor.next_window",
            "Next window",
            "The window to the right.",
            ("greater_than_sign",),
            _has_windows,
            rank=23,
        ),
        Action(
            "monitor.previous_window",
            "Window before",
            "The window to the left.",
            ("less_than_sign",),
            _has_windows,
            rank=0,
        ),
        Action(
            "monitor.reference",
            "Reference",
            "The time line against another reference.",
            ("v",),
            _has_references,
            rank=24,
        ),
        Action(
            "monitor.unit",
            "By",
            "The heat map by what else the history was compared by: files, months, rows, other windows.",
            ("u",),
            _has_units,
            rank=26,
        ),
        Action(
            "monitor.at_once",
            "All at once",
            "Whether all columns of the window tell it apart at once; rows of both windows are read.",
            ("a",),
            _has_window,
            rank=25,
        ),
        Action(
            "monitor.quality",
            "How well",
            "How well the champion does that predicts this source: with labels, without, and its scores.",
            ("w",),
            _has_champion,
            rank=25,
        ),
        Action(
            "monitor.how_to_read",
            "How to read this",
            "What the signs, figures and verdicts mean, and what they cannot tell.",
            ("H",),
            rank=27,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self._wanted: str | None = None

    def compose(self) -> ComposeResult:
        yield TimelinePanel(id="timeline")
        yield DriftPanel(id="window")
        yield ComparedPanel(id="compared")

    @property
    def window(self) -> DriftPanel:
        """The panel with one window by column."""
        return self.query_one(DriftPanel)

    @property
    def compared(self) -> ComparedPanel:
        """The panel with one column in both windows."""
        return self.query_one(ComparedPanel)

    # ── following the cursor ─────────────────────────────────────────────────────────────────────────────────────────

    @on(TimelinePanel.Turned)
    def _turned(self) -> None:
        line = self.timeline.line
        is_bare = line is None or not line.map.chunks
        self.set_class(is_bare, "-bare")
        if is_bare:
            self.remove_class("-window", "-column")
        self._moved()

    @on(MatrixView.Moved)
    def _moved(self) -> None:
        """The cursor of the matrix says which window and column the other panels show."""
        chunk, column = self.timeline.chunk, self.timeline.column
        if chunk is not None:
            self.timeline.explain()
            self.window.turn_to(chunk)
            self._point_at(column)

    def _point_at(self, column: str | None) -> None:
        """Puts the list's cursor on a column, now or when its window has been read."""
        if column is not None and not self.window.table.has_focus:
            self._wanted = column
            self.window.table.select(column)
        self._compare()

    @on(WindowedTable.Filled)
    def _filled(self) -> None:
        if self._wanted is not None and self.window.table.select(self._wanted):
            self._wanted = None
        self._compare()

    @on(WindowedTable.Moved)
    def _chosen(self) -> None:
        row = self.window.table.row
        if row is not None and self.window.table.has_focus:
            self._wanted = None
            self.timeline.point_at(row.id)
        self._compare()

    def _compare(self) -> None:
        """Shows the column under the cursor of the list, which has those too that the matrix leaves out."""
        row, report_id = self.window.table.row, self.window.drift.report_id
        column = row.id if row is not None else self.timeline.column
        self.compared.turn_to(report_id, column, self.timeline.effects_of(column))

    # ── layers ───────────────────────────────────────────────────────────────────────────────────────────────────────

    @on(MatrixView.Opened)
    def _opened_window(self) -> None:
        self.add_class("-window")
        self._show(self.window, self.compared)
        self.call_after_refresh(self.window.table.focus)

    @on(WindowedTable.Opened)
    def _opened_column(self) -> None:
        self.add_class("-column")
        self._show(self.compared)
        self.call_after_refresh(self.compared.view.focus)

    def _show(self, *panels: Panel) -> None:
        """What was hidden until now reads what it has missed."""
        for panel in panels:
            if panel.is_stale:
                self.call_after_refresh(panel.reload)

    @property
    def innermost(self) -> str:
        if self.top is not None:
            return super().innermost
        if self.has_class("-column"):
            return "#compared ColumnView"
        return "#window WindowedTable" if self.has_class("-window") else self.FIRST

    @property
    def is_inside(self) -> bool:
        return super().is_inside or (not self.has_class("-bare") and not self.timeline.has_pseudo_class("focus-within"))

    def go_back(self) -> None:
        if self.top is not None:
            self.step_out()
        elif self.compared.has_pseudo_class("focus-within"):
            self.remove_class("-column")
            self.window.table.focus()
        else:
            self.remove_class("-window", "-column")
            self.timeline.view.focus()

    # ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

    def do_compare(self) -> None:
        services, line = self.app.services, self.timeline.line
        reader = services.store.reader

        def answered(values: Values | None) -> None:
            if values is not None:
                self.app.in_background(
                    lambda: compare(services.monitoring, values), lambda job_id: started(values["source"], job_id)
                )

        def started(name: str, job_id: str) -> None:
            self.app.notify(f"{name} is being compared.", timeout=3, markup=False)
            self.timeline.turn_to(find_source(reader, name).id, after=job_id)

        source = line.source if line is not None else None
        self.app.push_screen(DriftForm(reader, services.monitoring, source), answered)

    def do_at_once(self) -> None:
        chunk, line, monitoring = self.timeline.chunk, self.timeline.line, self.app.services.monitoring
        if chunk is None or line is None:
            return

        def started(job_id: str) -> None:
            self.app.notify(f"All columns of {chunk.current} are being compared at once.", timeout=3, markup=False)
            self.timeline.turn_to(self.timeline.source_id, line.reference, line.unit, after=job_id)

        self.app.in_background(lambda: monitoring.start_multivariate(chunk.report_id), started)

    def do_next_source(self) -> None:
        self._turn_by(1)

    def do_previous_source(self) -> None:
        self._turn_by(-1)

    def _turn_by(self, step: int) -> None:
        line = self.timeline.line
        if line is not None and line.source is not None:
            ids = [source.id for source in line.sources]
            self.timeline.turn_to(ids[(ids.index(line.source.id) + step) % len(ids)])

    def do_next_window(self) -> None:
        self.timeline.view.do_right()

    def do_previous_window(self) -> None:
        self.timeline.view.do_left()

    def do_reference(self) -> None:
        line = self.timeline.line
        if line is not None and line.source is not None:
            after = line.references.index(line.reference) + 1
            self.timeline.turn_to(line.source.id, line.references[after % len(line.references)])

    async def do_quality(self) -> None:
        if self.timeline.champion is not None:
            await self.step_into(QualityPanel(self.timeline.champion))

    def do_how_to_read(self) -> None:
        self.app.push_screen(HowToRead("How to read this", MONITOR))

    def do_unit(self) -> None:
        line = self.timeline.line
        if line is not None and line.source is not None:
            after = line.units.index(line.unit) + 1
            self.timeline.turn_to(line.source.id, line.reference, line.units[after % len(line.units)])

    def open_named(self, text: str) -> None:
        """Shows the time line of the source of that name or id."""
        store = self.app.services.store

        def find() -> Source | None:
            try:
                return find_source(store.reader, text)
            except UsageError:
                return None

        def found(source: Source | None) -> None:
            if source is None:
                self.app.notify(f"There is no source '{text}'.", severity="warning", markup=False)
            else:
                self.timeline.turn_to(source.id)

        self.app.in_background(find, found)

    def copied(self) -> str | None:
        if self.top is not None:
            return self.top.copied()
        line = self.timeline.line
        return self.timeline.column if line is not None and line.map.chunks else None
