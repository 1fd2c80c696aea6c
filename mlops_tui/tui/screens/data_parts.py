"""The parts of the Data screen, and how they follow each other: source, files, columns, one column."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from mlops_tui.data.model import SourceFile
from mlops_tui.presenters.column import Summary
from mlops_tui.presenters.data import source_line
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.panels.data_panels import (
    ByFilePanel,
    ChosenColumn,
    ColumnPanel,
    ColumnsPanel,
    FilesPanel,
    SourcesPanel,
)
from mlops_tui.tui.panels.file_panel import FilePanel
from mlops_tui.tui.panels.panel import Panel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.screens.layers import LayeredPane

REST_SECONDS = 0.08
"""How long the cursor rests on a source before its files and columns are read."""


class DataParts(LayeredPane):
    """Sources and files above, columns below; in a narrow terminal one layer after the other."""

    FIRST = "WindowedTable"

    def __init__(self) -> None:
        super().__init__()
        self._rest: Timer | None = None
        self._seeks_files = False
        """Whether the list of files gets the focus as soon as it is read."""

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

    @property
    def chosen_column(self) -> Summary | None:
        """The column that is looked at: it or the list of columns has the focus, and no layer lies over them."""
        is_in_list = not self.over and self.columns.has_pseudo_class("focus-within")
        return self.columns.column if is_in_list or self.is_on_column else None

    @property
    def part(self) -> str:
        """What has the focus: sources, files, columns, the page of one column or of one file, or another layer."""
        if self.over:
            return "file" if isinstance(self.top, FilePanel) else "over"
        if self.is_on_column:
            return "column"
        lists = {"files": self.files, "columns": self.columns}
        return next((name for name, panel in lists.items() if panel.has_pseudo_class("focus-within")), "sources")

    def why_no_files(self) -> str | None:
        """Why the list of files cannot be gone to."""
        if self.screen.has_class("-flat"):
            return "The terminal is too low for the list of files."
        standing = self.sources.standing
        if standing is not None and not any(standing.files.values()):
            return "No file has come yet; s looks for some."
        return "They have the focus." if self.part == "files" else None

    def go_to_files(self) -> None:
        """The focus to the list of files; where it has no place beside the sources, one goes into the source."""
        while self.over:
            self.step_out()
        self.remove_class("-column")
        self._follow()
        self.add_class("-source")
        self._seeks_files = True
        self.call_after_refresh(self.read_stale)
        self.call_after_refresh(self._focus_files)

    def _focus_files(self) -> None:
        if self._seeks_files and self.files.table.focusable:
            self._seeks_files = False
            self.files.table.focus()

    @property
    def is_on_column(self) -> bool:
        """Whether the focus is on the page of one column."""
        page: tuple[Panel, ...] = (self.query_one(ColumnPanel), self.query_one(ByFilePanel))
        return not self.over and any(panel.has_pseudo_class("focus-within") for panel in page)

    def why_no_column(self) -> str | None:
        """Why no column is chosen; None where one is."""
        return None if self.chosen_column is not None else "No column is chosen: tab goes to the columns."

    # ── following the cursor ─────────────────────────────────────────────────────────────────────────────────────────

    def on_descendant_focus(self) -> None:
        """Beside the sources, files have room for their size and when they came while they have the focus."""
        self.set_class(self.part == "files", "-files")

    @on(WindowedTable.Filled)
    def _filled(self, event: WindowedTable.Filled) -> None:
        if event.table is self.files.table:
            self.call_after_refresh(self._focus_files)
        elif event.table is self.sources.table:
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

    @on(SourcesPanel.Looked)
    def _follow(self) -> None:
        standing = self.sources.standing
        if standing is None:
            return
        self.columns.border_title = f"Columns of {source_line(standing.source, standing.version)}"
        overdue = " · the next one is late" if standing.overdue else ""
        self.files.border_title = f"Files of {one_line(standing.source.name)}{overdue}"
        self.columns.turn_to(standing, self.sources.aside)
        self.files.turn_to(standing.source.id)
        self.sources.look_aside()
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
        self._seeks_files = False
        if self.over:
            self.step_out()
        elif self.is_on_column:
            self.remove_class("-column")
            self.columns.table.focus()
        else:
            self.remove_class("-source", "-column")
            self.sources.table.focus()

    def copied(self) -> str | None:
        if self.over:
            return super().copied()
        if self.columns.has_pseudo_class("focus-within") and self.columns.table.row is not None:
            return self.columns.table.row.id
        if self.files.has_pseudo_class("focus-within") and self.files.file is not None:
            return self.files.file.path
        return self.sources.standing.source.name if self.sources.standing is not None else None
