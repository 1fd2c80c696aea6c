"""Data: the sources, what lies in their files and columns, and the keys that bring more of it."""

from __future__ import annotations

from typing import Any

from textual import on

from mlops_tui.data.arrival import newest_file
from mlops_tui.data.model import GONE, QUARANTINED, TAKEN_IN, Source
from mlops_tui.data.query import source_of
from mlops_tui.presenters.checks import checked_words
from mlops_tui.presenters.grid import sql_name
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.afterwards import tell_when_ended
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.new_source import arguments, new_source_form
from mlops_tui.tui.lists.asked import FileRows
from mlops_tui.tui.panels.checks_panel import ChecksPanel
from mlops_tui.tui.panels.correlation_panel import CorrelationsPanel
from mlops_tui.tui.panels.file_panel import FilePanel
from mlops_tui.tui.panels.grid_panel import GridPanel, PreviewPanel, RowPanel
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.sql_panel import SqlPanel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.version_panels import DifferencesPanel, SourceVersionsPanel
from mlops_tui.tui.screens.data_decisions import DataDecisions
from mlops_tui.tui.watching import turn_watching, watching_words


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


def _is_gone(pane: DataPane) -> str | None:
    file = pane.chosen_file
    return (
        "The file is gone: put it back, and s takes it in again." if file is not None and file.state == GONE else None
    )


def _has_file(pane: DataPane) -> str | None:
    if not isinstance(pane.top, SourceVersionsPanel) and (why := _is_gone(pane)):
        return why
    standing = pane.sources.standing
    if standing is not None and not (standing.files.get(TAKEN_IN) or standing.files.get(QUARANTINED)):
        return "No file has come yet; s looks for some."
    return _needs_source(pane)


def _can_release(pane: DataPane) -> str | None:
    file = pane.chosen_file
    if file is None or file.state != QUARANTINED:
        return "No file that is quarantined is chosen."
    if file.rows is None:
        return "The file cannot be read: mend it, and scan again."
    return "It is released; s takes it in." if file.released else pane.why_no_writing()


def _is_shown(pane: DataPane, layer: type[Layer]) -> str | None:
    return "It is what is shown." if isinstance(pane.top, layer) else None


RANKS = {
    "files": {"data.preview": 11, "data.release": 12, "data.check": 13, "data.scan": 41},
    "file": {"data.release": 11, "data.preview": 13, "data.scan": 14, "data.check": 15, "data.new": 0, "data.sql": 0},
    "columns": {"data.column": 14, "data.correlations": 15, "data.files": 16},
    "column": {"data.column": 14, "data.correlations": 15, "data.checks": 16},
}
"""What stands first in the footer where the focus is; the rest of the screen's actions come after the filter there."""
AFTER_FILTER = 30


class DataPane(DataDecisions):
    """What can be done with sources, and the layers that lead further into one."""

    NAME = "data"
    SCOPES = ("data", "opened")
    BINDINGS = REGISTRY.add(
        Action(
            "data.new",
            "New source",
            "Name a folder or a file as a source, and take its files in.",
            ("n",),
            lambda pane: pane.why_no_writing(),
            rank=20,
            brief="New",
        ),
        Action("data.scan", "Scan", "Take in what is new, changed or gone.", ("s",), _can_scan, rank=21),
        Action("data.scan_all", "Scan all", "Scan every source.", ("S",), _can_scan_all, rank=0),
        Action(
            "data.tune",
            "Tune",
            "Tune models on this source.",
            ("t",),
            lambda pane: _has_rows(pane) or pane.why_no_writing(),
            rank=25,
        ),
        Action(
            "data.files",
            "Files",
            "To the files of the source: what is taken in, quarantined or gone, and why.",
            ("F",),
            lambda pane: _needs_source(pane) or pane.why_no_files(),
            rank=22,
        ),
        Action(
            "data.preview",
            "Preview",
            "The rows of the file, as they are read.",
            ("v",),
            lambda pane: _is_shown(pane, PreviewPanel) or _has_file(pane),
            rank=23,
            brief="Rows",
        ),
        Action(
            "data.sql",
            "SQL",
            "Ask the sources by SQL; nothing but their files can be read.",
            ("Q",),
            lambda pane: _is_shown(pane, SqlPanel) or (None if pane.sources.table.count else "There are no sources."),
            rank=27,
        ),
        Action(
            "data.checks",
            "Checks",
            "What files have to be like; accept the schema.",
            ("c",),
            lambda pane: _is_shown(pane, ChecksPanel) or _has_rows(pane),
            rank=24,
        ),
        Action(
            "data.check",
            "Check",
            "Hold the chosen file, or all files, against the checks again.",
            ("x",),
            lambda pane: _is_gone(pane) or _has_rows(pane) or pane.why_no_writing(),
            rank=0,
        ),
        Action(
            "data.release", "Release", "Take the file in all the same, for a reason.", ("r",), _can_release, rank=13
        ),
        Action(
            "data.versions",
            "Versions",
            "What the source held when.",
            ("V",),
            lambda pane: _is_shown(pane, SourceVersionsPanel) or _has_rows(pane),
            rank=28,
        ),
        Action(
            "data.correlations",
            "Correlations",
            "How numbers vary together.",
            ("m",),
            lambda pane: _is_shown(pane, CorrelationsPanel) or _has_rows(pane),
            rank=29,
            brief="Heat map",
        ),
        Action(
            "data.watch",
            "Watch",
            "Watch the sources' folders with an agent, or stop watching.",
            ("w",),
            lambda pane: pane.why_no_writing(),
            rank=30,
            words_now=lambda pane: watching_words(pane.app),
        ),
        Action(
            "data.options",
            "Reading",
            "How the source's files are read: delimiter, encoding, decimals, dates, missing.",
            ("O",),
            lambda pane: _needs_source(pane) or pane.why_no_writing(),
            rank=0,
        ),
        Action(
            "data.column",
            "Kind and role",
            "Give the chosen column another kind or role.",
            ("e",),
            lambda pane: pane.why_no_column() or pane.why_no_writing(),
            rank=14,
            brief="Kind",
        ),
        Action(
            "data.adopt",
            "Adopt a column",
            "Take a column that newer files have into the schema.",
            ("A",),
            lambda pane: _has_rows(pane) or pane.why_no_writing(),
            rank=0,
            brief="Adopt",
        ),
        Action("data.drift", "Drift", "How this source has drifted.", ("d",), _has_rows, rank=26),
    )

    def __init__(self) -> None:
        super().__init__()
        self._statements: list[str] = []

    def rank_of(self, action: Action) -> int:
        if action.scope != "data" or self.part == "sources":
            return action.rank
        later = action.rank + AFTER_FILTER if action.rank else 0
        return RANKS.get(self.part, {}).get(action.id, later)

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
            self.scan(f"scan {source.name}", [source.id], f"{source.name} is being scanned.")

    def do_scan_all(self) -> None:
        self.scan("scan all sources", None, "All sources are being scanned.")

    async def do_preview(self) -> None:
        standing = self.sources.standing
        if standing is None:
            return
        source, top = standing.source, self.top
        if isinstance(top, SourceVersionsPanel) and top.line is not None:
            await self.step_into(PreviewPanel(FileRows(source.id, source.name, version=top.line.version.number)))
            return
        chosen = self.chosen_file
        file = chosen or newest_file(self.app.services.store.reader, source.id)
        if file is not None:
            rows = FileRows(source.id, source.name, file.path, source.version or None)
            await self.step_into(PreviewPanel(rows, is_newest=chosen is None))

    def do_files(self) -> None:
        self.go_to_files()

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

    async def do_sql(self) -> None:
        standing = self.sources.standing
        text = f"SELECT * FROM {sql_name(standing.source.name)} " if standing is not None else "SELECT "
        await self.step_into(SqlPanel(self._statements, text))

    @on(WindowedTable.Opened)
    async def _opened_further(self, event: WindowedTable.Opened) -> None:
        """A file leads to everything about it, a version to its rows, a row to all its columns."""
        top = self.top
        if event.table is self.files.table and self.files.file is not None:
            await self.step_into(FilePanel(self.files.file.source_id, self.files.file.path))
        elif isinstance(top, SourceVersionsPanel) and event.table is top.table:
            await self.do_preview()
        elif isinstance(top, GridPanel) and event.table is top.table and top.table.asked is not None:
            await self.step_into(RowPanel(top.row_title(), top.table.asked, top.table.order, top.table.cursor))

    @property
    def opened_from(self) -> WindowedTable | None:
        top = self.top
        if isinstance(top, RowPanel):
            grid = self.over[-2] if len(self.over) > 1 else None
            return grid.table if isinstance(grid, GridPanel) else None
        if isinstance(top, FilePanel):
            return self.files.table
        return self.columns.table if self.is_on_column else None

    def show_opened(self) -> None:
        top = self.top
        if isinstance(top, FilePanel) and self.files.file is not None:
            top.turn_to(self.files.file.path)
        elif isinstance(top, RowPanel) and isinstance(grid := self.over[-2], GridPanel):
            top.turn_to(grid.row_title(), grid.table.cursor)

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
