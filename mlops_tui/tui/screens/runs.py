"""Runs: all of them in one table, and everything about one of them beside it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from mlops_tui.presenters.run_note import note_fields, run_note_commands, tag_changes
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import find_run, get_run
from mlops_tui.runs.service import Runs
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.note import NoteForm
from mlops_tui.tui.panels.artifact_panels import ArtifactsPanel, layer_of
from mlops_tui.tui.panels.grid_panel import GridPanel, RowPanel
from mlops_tui.tui.panels.run_panels import RunLogPanel, RunPanel, RunPicture
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tui.screens.run_listing import RunListing, RunsPanel, is_of_runs

REST_SECONDS = 0.08
"""How long the cursor rests on a run before its details are read."""


def _run_here(pane: RunsPane) -> str | None:
    if pane.listing.is_grouped:
        return is_of_runs(pane)
    return None if pane.chosen is not None else "No run is chosen."


def _can_note(pane: RunsPane) -> str | None:
    if pane.over:
        return "This is about the run: esc goes back to it."
    return pane.why_no_writing() or _run_here(pane)


class RunsPane(RunListing):
    """The list at the left, one run at the right; in a narrow terminal one or the other."""

    NAME = "runs"
    SCOPES = ("runs", "opened")
    FIRST = "WindowedTable"
    BINDINGS = REGISTRY.add(
        Action(
            "runs.compare",
            "Compare",
            "Compare the marked runs; the one under the cursor beside those that are compared where none is marked.",
            ("c",),
            is_of_runs,
            rank=19,
        ),
        Action(
            "runs.pictures",
            "Curves",
            "The run's curves, and what its model said, as pictures.",
            ("p",),
            _run_here,
            rank=18,
        ),
        Action(
            "runs.log", "Log", "What a command wrote that was started by mlops-tui run.", ("L",), _run_here, rank=29
        ),
        Action(
            "runs.files",
            "Files",
            "The run's files: a text, a table or a picture is shown here.",
            ("f",),
            lambda pane: "They are shown." if isinstance(pane.top, ArtifactsPanel) else _run_here(pane),
            rank=18,
        ),
        Action("runs.note", "Note", "Write a note on the run, and tag it.", ("t",), _can_note, rank=28),
    )

    def __init__(self) -> None:
        super().__init__()
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        yield RunsPanel(id="run-list")
        yield RunPanel(id="run-detail")

    @property
    def detail(self) -> RunPanel:
        """The panel with one run."""
        return self.query_one(RunPanel)

    @property
    def chosen(self) -> str | None:
        """The run that is shown, else the one under the cursor."""
        if self.detail.is_open and not self.listing.table.has_focus:
            return self.detail.run_id
        row = self.listing.table.row
        return row.id if row is not None else None

    def _turn(self) -> None:
        super()._turn()
        self.detail.display = self.detail.is_open and not self.over

    async def do_pictures(self) -> None:
        if self.chosen is not None:
            await self.step_into(RunPicture(self.chosen))

    async def do_files(self) -> None:
        if self.chosen is not None:
            await self.step_into(ArtifactsPanel(self.chosen))

    async def do_log(self) -> None:
        if self.chosen is not None:
            await self.step_into(RunLogPanel(self.chosen))

    def do_note(self) -> None:
        chosen, store = self.chosen, self.app.services.store
        if chosen is not None:
            self.app.ask_after(lambda: get_run(store.reader, chosen), self._ask_note)

    def _ask_note(self, run: Run) -> None:
        runs = Runs(self.app.services.store)

        def apply(values: Values) -> Values:
            added, removed = tag_changes(values, run)
            if added or removed:
                runs.tag(run.id, added, removed)
            if values["note"] != (run.note or "").strip():
                runs.note(run.id, values["note"])
            return values

        def command(values: Values) -> str:
            return run_note_commands(values, run)

        form = NoteForm(f"A note on {one_line(run.name, 40)}", note_fields(run), apply, command, tags="stage=candidate")
        self.app.push_screen(form)

    async def do_compare(self) -> None:
        chosen = self.marked
        self.listing.table.do_unmark()
        pane = await self.app.go("compare")
        pane.open_named(" ".join(chosen))

    @on(WindowedTable.Opened)
    async def _opened(self, event: WindowedTable.Opened) -> None:
        if self.over:
            await self._open_file(event)
            return
        if self.listing.is_grouped:
            self.listing.open_group(event.row.id)
            return
        stays = not self.detail.is_open and self.screen.has_class("-wide")
        self._show(event.row.id, focus=not stays)

    @on(WindowedTable.Moved)
    def _moved(self) -> None:
        if not self.detail.is_open:
            return
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST_SECONDS, self._follow)

    def _follow(self) -> None:
        row = self.listing.table.row
        if row is not None and not self.listing.is_grouped and self.detail.is_open and self.listing.table.has_focus:
            self.detail.turn_to(row.id)

    async def _open_file(self, event: WindowedTable.Opened) -> None:
        """A file of those that are listed, or a row of one that is a table."""
        top = self.top
        if isinstance(top, ArtifactsPanel) and event.table is top.table:
            await self._step_into_file(top)
        elif isinstance(top, GridPanel) and event.table is top.table and top.table.asked is not None:
            await self.step_into(RowPanel(top.row_title(), top.table.asked, top.table.order, top.table.cursor))

    async def _step_into_file(self, listed: ArtifactsPanel) -> None:
        if listed.run is not None and listed.artifact is not None:
            await self.step_into(layer_of(listed.run, listed.artifact))

    def _show(self, run_id: str, *, focus: bool = True) -> None:
        """Beside the list the focus stays there at first, so that the details follow the cursor."""
        self.detail.turn_to(run_id)
        self.listing.table.select(run_id)
        self.add_class("-detail")
        if focus:
            self.call_after_refresh(self.detail.query_one(TextView).focus)

    @property
    def opened_from(self) -> WindowedTable | None:
        if self.over:
            below = self.over[-2] if len(self.over) > 1 else None
            return below.table if isinstance(below, GridPanel | ArtifactsPanel) else None
        table = self.listing.table
        is_here = table.row is not None and table.row.id == self.detail.run_id
        return table if is_here and self.detail.has_pseudo_class("focus-within") else None

    def show_opened(self) -> None:
        if self.over:
            below = self.over[-2]
            if isinstance(below, GridPanel) and isinstance(self.top, RowPanel):
                self.top.turn_to(below.row_title(), below.table.cursor)
            elif isinstance(below, ArtifactsPanel):
                self.call_next(self._step_into_file, below)
        elif self.listing.table.row is not None:
            self.detail.turn_to(self.listing.table.row.id)

    @property
    def is_inside(self) -> bool:
        return super().is_inside or self.detail.is_open

    def go_back(self) -> None:
        if self.over:
            self.step_out()
            return
        self.detail.close()
        self.remove_class("-detail")
        self.listing.table.focus()
        came_from, self.came_from = self.came_from, None
        if came_from is not None:
            self.call_next(self.app.go, came_from)

    def open_named(self, text: str) -> None:
        """Shows the run of that name or id; a text that is neither is a filter."""
        self.listing.open_named(text, lambda connection, name: find_run(connection, name).id, self._show)

    def copied(self) -> str | None:
        if self.over:
            return super().copied()
        table = self.listing.table
        if table.marks:
            return "\n".join(table.marks)
        return self.detail.run_id if self.detail.is_open else (table.row.id if table.row is not None else None)
