"""Data: the sources, what lies in their files and columns, and the keys that bring more of it."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from mlops_tui.data.model import QUARANTINED, TAKEN_IN, Source, SourceFile
from mlops_tui.data.query import newest_file, source_of
from mlops_tui.jobs.model import Job
from mlops_tui.presenters.checks import checked_words
from mlops_tui.presenters.data import scan_line, source_line
from mlops_tui.presenters.grid import sql_name
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.afterwards import tell_when_ended
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.new_source import arguments, new_source_form
from mlops_tui.tui.dialogs.text import ask_text
from mlops_tui.tui.lists.asked import FileRows
from mlops_tui.tui.panels.checks_panel import ChecksPanel
from mlops_tui.tui.panels.correlation_panel import CorrelationsPanel
from mlops_tui.tui.panels.data_panels import (
    ByFilePanel,
    ChosenColumn,
    ColumnPanel,
    ColumnsPanel,
    FilesPanel,
    SourcesPanel,
)
from mlops_tui.tui.panels.file_panel import FilePanel
from mlops_tui.tui.panels.grid import GridTable
from mlops_tui.tui.panels.grid_panel import GridPanel, PreviewPanel, RowPanel
from mlops_tui.tui.panels.sql_panel import SqlPanel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.panels.version_panels import DifferencesPanel, SourceVersionsPanel
from mlops_tui.tui.screens.layers import LayeredPane
from mlops_tui.tui.watching import turn_watching

REST_SECONDS = 0.08
"""How long the cursor rests on a source before its files and columns are read."""


def _needs_source(pane: DataPane) -> str | None:
    return None if pane.sources.standing is not None else "No source is chosen."


def _can_scan(pane: DataPane) -> str | None:
    standing = pane.sources.standing
    if standing is not None and standing.is_scanned:
        return "The source is being scanned."
    return _needs_source(pane) or pane.why_no_writing()


def _can_scan_all(pane: DataPane) -> str | None:
    return (None if pane.sources.table.count else "There are no sources.") or pane.why_no_writing()


def _has_rows(pane: DataPane) -> str | None:
    standing = pane.sources.standing
    if standing is not None and standing.version is None:
        return "No file was taken in yet; s does that."
    return _needs_source(pane)


def _has_file(pane: DataPane) -> str | None:
    standing = pane.sources.standing
    if standing is not None and not (standing.files.get(TAKEN_IN) or standing.files.get(QUARANTINED)):
        return "No file has come yet; s looks for some."
    return _needs_source(pane)


def _can_release(pane: DataPane) -> str | None:
    file = pane.chosen_file
    if file is None or file.state != QUARANTINED:
        return "No file that is kept out is chosen."
    if file.rows is None:
        return "The file cannot be read: mend it, and scan again."
    return "It is released; s takes it in." if file.released else pane.why_no_writing()


def _scanned(job: Job) -> str:
    return "\n".join(scan_line(told) for told in (job.result or {}).get("sources", ())) or "Nothing was scanned."


class DataPane(LayeredPane):
    """Sources and files above, columns below; in a narrow terminal one layer after the other."""

    NAME = "data"
    SCOPES = ("data",)
    FIRST = "WindowedTable"
    BINDINGS = REGISTRY.add(
        Action(
            "data.new",
            "New source",
            "Name a folder or a file as a source, and take its files in.",
            ("n",),
            lambda pane: pane.why_no_writing(),
            rank=20,
        ),
        Action("data.scan", "Scan", "Take in what is new, changed or gone.", ("s",), _can_scan, rank=21),
        Action("data.scan_all", "Scan all", "Scan every source.", ("S",), _can_scan_all, rank=0),
        Action(
            "data.tune",
            "Tune",
            "Tune models on this source.",
            ("t",),
            lambda pane: _has_rows(pane) or pane.why_no_writing(),
            rank=22,
        ),
        Action("data.preview", "Preview", "The rows of the file, as they are read.", ("v",), _has_file, rank=24),
        Action(
            "data.sql",
            "SQL",
            "Ask the sources by SQL; nothing but their files can be read.",
            ("Q",),
            lambda pane: None if pane.sources.table.count else "There are no sources.",
            rank=25,
        ),
        Action("data.checks", "Checks", "What files have to be like; accept the schema.", ("c",), _has_rows, rank=26),
        Action(
            "data.check",
            "Check",
            "Hold the chosen file, or all files, against the checks again.",
            ("x",),
            lambda pane: _has_rows(pane) or pane.why_no_writing(),
            rank=0,
        ),
        Action(
            "data.release", "Release", "Take the file in all the same, for a reason.", ("r",), _can_release, rank=13
        ),
        Action("data.versions", "Versions", "What the source held when.", ("V",), _has_rows, rank=27),
        Action("data.correlations", "Correlations", "How numbers vary together.", ("m",), _has_rows, rank=28),
        Action(
            "data.watch",
            "Watch",
            "Watch the sources' folders with an agent, or stop watching.",
            ("w",),
            lambda pane: pane.why_no_writing(),
            rank=29,
        ),
        Action("data.drift", "Drift", "How this source has drifted.", ("d",), _has_rows, rank=23),
    )

    def __init__(self) -> None:
        super().__init__()
        self._rest: Timer | None = None
        self._statements: list[str] = []

    def compose(self) -> ComposeResult:
        yield SourcesPanel(id="source-list")
        yield FilesPanel(id="source-files")
        yield ByFilePanel(id="column-files")
        yield ColumnsPanel(id="source-columns")
        yield ColumnPanel(id="source-column")

    @property
    def sources(self) -> SourcesPanel:
        """The panel with the list of sources."""
        return self.query_one(SourcesPanel)

    @property
    def columns(self) -> ColumnsPanel:
        """The panel with the columns of the source."""
        return self.query_one(ColumnsPanel)

    @property
    def files(self) -> FilesPanel:
        """The panel with the files of the source."""
        return self.query_one(FilesPanel)

    @property
    def chosen_file(self) -> SourceFile | None:
        """The file that is looked at: the one that was opened, else the one under the cursor of the list."""
        opened = next((layer for layer in self.over if isinstance(layer, FilePanel)), None)
        if opened is not None:
            return opened.file
        return self.files.file if self.files.has_pseudo_class("focus-within") else None

    # ── following the cursor ─────────────────────────────────────────────────────────────────────────────────────────

    @on(WindowedTable.Filled)
    def _filled(self, event: WindowedTable.Filled) -> None:
        if event.table is self.sources.table:
            self.set_class(not event.table.count and not event.table.order.where, "-bare")
            self.app.refresh_footer()

    @on(WindowedTable.Moved)
    def _moved(self, event: WindowedTable.Moved) -> None:
        if event.table is self.columns.table:
            self._show_column()
        elif event.table is self.sources.table:
            if self._rest is not None:
                self._rest.stop()
            first = self.columns.standing is None
            self._rest = self.set_timer(0.001 if first else REST_SECONDS, self._follow)

    def _follow(self) -> None:
        standing = self.sources.standing
        if standing is None:
            return
        self.columns.border_title = f"Columns of {source_line(standing.source, standing.version)}"
        self.files.border_title = f"Files of {one_line(standing.source.name)}"
        self.columns.turn_to(standing)
        self.files.turn_to(standing.source.id)
        self.app.refresh_footer()

    def _show_column(self) -> None:
        column, source = self.columns.column, self.columns.columns.source
        chosen = None
        if column is not None and source is not None:
            chosen = ChosenColumn(column, source.roles.get(column["name"]), source.reasons.get(column["name"]))
        self.query_one(ColumnPanel).turn_to(chosen)
        if chosen is not None and source is not None:
            self.query_one(ByFilePanel).turn_to(source, chosen.column["name"])

    # ── layers ───────────────────────────────────────────────────────────────────────────────────────────────────────

    @on(WindowedTable.Opened)
    def _opened(self, event: WindowedTable.Opened) -> None:
        """A source leads to its columns, a column to everything about it."""
        if event.table is self.sources.table:
            self._follow()
            self.add_class("-source")
            self.call_after_refresh(self.columns.table.focus)
            self.call_after_refresh(self.read_stale)
        elif event.table is self.columns.table:
            self.add_class("-column")
            self.call_after_refresh(self.query_one(ColumnPanel).query_one(TextView).focus)
            self.call_after_refresh(self.read_stale)

    @property
    def innermost(self) -> str:
        if self.over:
            return super().innermost
        if self.has_class("-column"):
            return "#source-column TextView"
        return "#source-columns WindowedTable" if self.has_class("-source") else self.FIRST

    @property
    def is_inside(self) -> bool:
        return super().is_inside or not (self.sources.has_pseudo_class("focus-within") or self.has_class("-bare"))

    def go_back(self) -> None:
        if self.over:
            self.step_out()
        elif self.query_one(ColumnPanel).has_pseudo_class("focus-within"):
            self.remove_class("-column")
            self.columns.table.focus()
        else:
            self.remove_class("-source", "-column")
            self.sources.table.focus()

    # ── what can be done ─────────────────────────────────────────────────────────────────────────────────────────────

    def do_new(self) -> None:
        services = self.app.services

        def answered(values: Values | None) -> None:
            if values is not None:
                given = arguments(values)
                self.app.in_background(lambda: add(given), added)

        def add(given: dict[str, Any]) -> Source:
            source = services.sources.add(given.pop("path"), **given)
            services.jobs.start("scan", f"scan {source.name}", {"sources": [source.id]})
            return source

        def added(source: Source) -> None:
            self.sources.seek(source.id)
            self.app.notify(f"{source.name} is a source; its files are being read.", timeout=3, markup=False)

        self.app.push_screen(new_source_form(services.store.reader, services.workspace.home), answered)

    def do_scan(self) -> None:
        standing = self.sources.standing
        if standing is not None:
            source = standing.source
            self._scan(f"scan {source.name}", [source.id], f"{source.name} is being scanned.")

    def do_scan_all(self) -> None:
        self._scan("scan all sources", None, "All sources are being scanned.")

    def _scan(self, title: str, sources: list[str] | None, words: str) -> None:
        app = self.app

        def started(job_id: str) -> None:
            app.notify(words, timeout=3, markup=False)
            tell_when_ended(app, job_id, _scanned)

        app.in_background(lambda: app.services.jobs.start("scan", title, {"sources": sources}), started)

    async def do_preview(self) -> None:
        standing = self.sources.standing
        if standing is None:
            return
        source, top = standing.source, self.top
        if isinstance(top, SourceVersionsPanel) and top.line is not None:
            await self.step_into(PreviewPanel(FileRows(source.id, source.name, version=top.line.version.number)))
            return
        file = self.chosen_file or newest_file(self.app.services.store.reader, source.id)
        if file is not None:
            await self.step_into(PreviewPanel(FileRows(source.id, source.name, file.path, source.version or None)))

    async def do_correlations(self) -> None:
        if self.sources.standing is not None:
            await self.step_into(CorrelationsPanel(self.sources.standing.source))

    async def do_versions(self) -> None:
        if self.sources.standing is not None:
            await self.step_into(SourceVersionsPanel(self.sources.standing.source))

    @on(SourceVersionsPanel.Compared)
    async def _compared(self, event: SourceVersionsPanel.Compared) -> None:
        if self.sources.standing is not None:
            await self.step_into(DifferencesPanel(self.sources.standing.source, event.before, event.after))

    async def do_checks(self) -> None:
        if self.sources.standing is not None:
            await self.step_into(ChecksPanel(self.sources.standing.source))

    def do_check(self) -> None:
        app, standing, file = self.app, self.sources.standing, self.chosen_file
        if standing is None:
            return
        source = standing.source
        title = f"check {file.path} of {source.name}" if file is not None else f"check {source.name}"
        spec = {"source": source.id, "what": "check", "file": file.path if file is not None else None}

        def started(job_id: str) -> None:
            app.notify("The files are held against the checks.", timeout=3, markup=False)
            tell_when_ended(app, job_id, lambda job: checked_words(job.result or {}))

        app.in_background(lambda: app.services.jobs.start("check", one_line(title), spec), started)

    def do_release(self) -> None:
        app, file = self.app, self.chosen_file
        if file is None:
            return
        services, help = app.services, "It is kept in the trail, and the file is in the next version."

        def answered(values: Values | None) -> None:
            if values is not None:
                app.in_background(lambda: release(values["text"]), started)

        def release(why: str) -> str:
            source, _ = services.curation.release(file.id, why, source=file.source_id)
            return services.jobs.start("scan", f"scan {source.name}", {"sources": [source.id]})

        def started(job_id: str) -> None:
            app.notify(f"{one_line(file.path)} is released and taken in.", timeout=3, markup=False)
            tell_when_ended(app, job_id, _scanned)

        app.push_screen(ask_text(f"Release {one_line(file.path, 40)}", "Why", "Release", help=help), answered)

    async def do_sql(self) -> None:
        standing = self.sources.standing
        text = f"SELECT * FROM {sql_name(standing.source.name)} " if standing is not None else "SELECT "
        await self.step_into(SqlPanel(self._statements, text))

    @on(GridTable.Opened)
    async def _opened_row(self, event: WindowedTable.Opened) -> None:
        """A file leads to everything about it, a row to all its columns."""
        if event.table is self.files.table and self.files.file is not None:
            await self.step_into(FilePanel(self.files.file.source_id, self.files.file.path))
            return
        if isinstance(self.top, SourceVersionsPanel) and event.table is self.top.table:
            await self.do_preview()
            return
        panel = self.top
        if not isinstance(panel, GridPanel) or panel.table is not event.table:
            return
        table = panel.table
        if table.asked is not None:
            await self.step_into(RowPanel(panel.row_title(), table.asked, table.order, table.cursor))

    def do_watch(self) -> None:
        turn_watching(self.app)

    async def do_tune(self) -> None:
        standing = self.sources.standing
        pane: Any = await self.app.go("tune")
        if standing is not None and hasattr(pane, "launch_for"):
            pane.launch_for(standing.source.name)

    async def do_drift(self) -> None:
        standing = self.sources.standing
        pane = await self.app.go("monitor")
        if standing is not None:
            pane.open_named(standing.source.id)

    def open_named(self, text: str) -> None:
        """Puts the cursor on the source of that name or id, or on that of a file's id; else the text is a filter."""
        self.sources.open_named(text, source_of)

    def copied(self) -> str | None:
        if self.over:
            return super().copied()
        if self.columns.has_pseudo_class("focus-within") and self.columns.table.row is not None:
            return self.columns.table.row.id
        if self.files.has_pseudo_class("focus-within") and self.files.file is not None:
            return self.files.file.path
        return self.sources.standing.source.name if self.sources.standing is not None else None
