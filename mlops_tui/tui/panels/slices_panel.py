"""A window by slice, and the columns of one slice: layers over the monitor screen."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Static

from mlops_tui.core.printable import printable
from mlops_tui.jobs.model import DONE
from mlops_tui.jobs.query import get_job
from mlops_tui.monitoring.model import DriftReport
from mlops_tui.monitoring.slices import SliceDrift, SliceReport
from mlops_tui.presenters.jobs import outcome
from mlops_tui.presenters.slices import headlines, slice_line
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.lists.slices import SliceColumnsSource, SlicesSource
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel


class SlicesPanel(TablePanel, Layer):
    """A line a slice, those with a column that drifts in them alone first; below them what came of all."""

    TOPICS = frozenset({"jobs"})
    FILTER_HINT = "a part of a slice's name"

    class Chosen(Message):
        """A slice's columns are to be shown."""

        def __init__(self, report: SliceReport, one: SliceDrift, whole: DriftReport) -> None:
            super().__init__()
            self.report = report
            self.one = one
            self.whole = whole

    def __init__(self, window: str, column: str) -> None:
        super().__init__(id="slices")
        self.job_id: str | None = None
        """The job that tells them, where it was not done before."""
        self.border_title = f"{printable(window)} by {printable(column)}"

    def source(self) -> TableSource:
        self.slices = SlicesSource(plain=self.app.plain)
        return self.slices

    def content(self) -> ComposeResult:
        yield self.table
        yield Static("", classes="panel--line", markup=False)

    def tell(self, slices_id: str) -> None:
        """Shows what was made of the report."""
        self.slices.slices_id = slices_id
        self.reload()

    def empty_words(self) -> str:
        job = get_job(self.app.services.store.reader, self.job_id) if self.job_id is not None else None  # by its key
        if job is not None and not job.is_open and job.state != DONE:
            return f"{outcome(job) or f'The job is {job.state}.'}\nesc goes back."
        return "Its slices are being compared.\nesc goes back; s shows them once they are there."

    @on(WindowedTable.Moved)
    def _explain(self, event: WindowedTable.Moved) -> None:
        event.stop()
        one = self.slices.slice_at(self.table.row) if self.table.row is not None else None
        if one is not None and self.slices.found is not None:
            said = [slice_line(self.slices.found, one), *headlines(self.slices.found)]
            self.query_one(".panel--line", Static).update("\n".join(said))

    @on(WindowedTable.Opened)
    def _opened(self, event: WindowedTable.Opened) -> None:
        event.stop()
        one, found, whole = self.slices.slice_at(event.row), self.slices.found, self.slices.whole
        if one is not None and found is not None and whole is not None:
            self.post_message(self.Chosen(found, one, whole))

    def copied(self) -> str | None:
        one = self.slices.slice_at(self.table.row) if self.table.row is not None else None
        return one.name.value if one is not None else None


class SliceColumnsPanel(TablePanel, Layer):
    """A line a column of one slice, what drifts in it alone first; below them why, of the one under the cursor."""

    OPENS = False
    FILTER_HINT = "a part of a column's name"

    def __init__(self, report: SliceReport, one: SliceDrift, whole: DriftReport) -> None:
        self._shown = one, whole
        super().__init__(id="slice")
        self.border_title = slice_line(report, one)

    def source(self) -> TableSource:
        self.columns = SliceColumnsSource(*self._shown, plain=self.app.plain)
        return self.columns

    def content(self) -> ComposeResult:
        yield self.table
        yield Static("", classes="panel--line", markup=False)

    def empty_words(self) -> str:
        return f"{self._shown[0].why[:1].upper()}{self._shown[0].why[1:]}."

    @on(WindowedTable.Moved)
    def _explain(self, event: WindowedTable.Moved) -> None:
        event.stop()
        row = self.table.row
        words = f"{printable(row.id)}: {one_line(self.columns.why[row.id], 600)}" if row is not None else ""
        self.query_one(".panel--line", Static).update(words)

    def copied(self) -> str | None:
        return self.table.row.id if self.table.row is not None else None
