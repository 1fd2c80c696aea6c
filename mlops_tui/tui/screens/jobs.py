"""Jobs: what runs and what ran, the end of its log, and the keys that steer it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult

from mlops_tui.jobs.model import OPEN, PAUSED, QUEUED, RUNNING, Job
from mlops_tui.presenters.jobs import cost_of_cancelling, outcome
from mlops_tui.presenters.words import initial, one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.lists.jobs import JobsSource
from mlops_tui.tui.panels.filter_line import FilterLine
from mlops_tui.tui.panels.log_tail import LogView, Tail, read_tail
from mlops_tui.tui.panels.panel import Panel
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.screens.opened import OpensFromLists
from mlops_tui.tui.screens.steering import unless
from mlops_tui.tui.watching import turn_watching, watching_words

FOLLOW_SECONDS = 0.5


class JobsPanel(TablePanel):
    """The list of jobs."""

    TITLE = "Jobs"
    TOPICS = frozenset({"jobs"})
    AGES = True

    def source(self) -> TableSource:
        self.jobs = JobsSource(plain=self.app.plain)
        return self.jobs

    @property
    def job(self) -> Job | None:
        """The job under the cursor."""
        row = self.table.row
        return self.jobs.known.get(row.id) if row is not None else None

    def empty_words(self) -> str:
        return "No jobs yet.\nTuning, scanning and promoting run as jobs: 2 adds a source, 3 tunes it."


class LogPanel(Panel):
    """The end of the log of the job under the cursor, followed as it grows."""

    TITLE = "Log"
    FILTER_HINT = "lines that have this in them"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.job: Job | None = None
        self._lines: list[str] = []
        self._end: int | None = None
        self._of: str | None = None
        self._wanted = ""

    def content(self) -> ComposeResult:
        yield LogView()

    def on_mount(self) -> None:
        self.set_interval(FOLLOW_SECONDS, self._grow)

    def turn_to(self, job: Job | None) -> None:
        """Shows the log of another job, or the same job in another state."""
        if job is None or self.job is None or job.id != self.job.id:
            self._end = None
        if job != self.job or self.data is None:
            self.job = job
            self.reload()

    def _grow(self) -> None:
        if self.job is not None and self.job.is_open and self.is_shown:
            self.reload()

    def read(self, connection: sqlite3.Connection) -> tuple[str | None, Tail]:
        if self.job is None:
            return None, Tail([], 0, cut=False)
        return self.job.id, read_tail(self.app.services.workspace.logs / self.job.log, self._end)

    def has_nothing(self, data: tuple[str | None, Tail]) -> bool:
        job_id, tail = data
        return job_id is None or (not tail.lines and not (self._lines and self._of == job_id))

    def empty_words(self) -> str:
        self._lines = []
        if self.job is None:
            return "No job is chosen."
        return outcome(self.job) or "The log is empty so far."

    def show(self, data: tuple[str | None, Tail]) -> None:
        job_id, tail = data
        view = self.query_one(LogView)
        if self.job is None or job_id != self.job.id:
            return
        self.border_title = f"Log of {one_line(self.job.title)}"
        self.border_subtitle = outcome(self.job)
        if job_id != self._of or self._end is None:
            self._lines = ["… what came before is in the file" if tail.cut else "", *tail.lines][0 if tail.cut else 1 :]
            view.replace_lines(self._fitting(self._lines))
        else:
            self._lines += tail.lines
            view.add_lines(self._fitting(tail.lines))
        self._of, self._end = job_id, tail.end

    def _fitting(self, lines: list[str]) -> list[str]:
        return [line for line in lines if self._wanted in line.lower()] if self._wanted else lines

    @on(FilterLine.Changed)
    def _filter_typed(self, event: FilterLine.Changed) -> None:
        event.stop()
        self.filter_by(event.text)

    @on(FilterLine.Left)
    def _filter_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self.query_one(LogView).focus()

    def filter_by(self, text: str) -> None:
        self._wanted = text.lower()
        self.query_one(LogView).replace_lines(self._fitting(self._lines))

    @property
    def text(self) -> str:
        """The lines that are shown."""
        return "\n".join(self._fitting(self._lines))


_unless = partial(unless, "job", lambda pane: pane.listing.job)


class JobsPane(OpensFromLists):
    """The list above, the log below."""

    NAME = "jobs"
    SCOPES = ("jobs", "opened")
    FIRST = "WindowedTable"
    BINDINGS = REGISTRY.add(
        Action(
            "jobs.pause",
            "Pause",
            "Begin nothing new; a paused job goes on with the same key.",
            ("p",),
            _unless(RUNNING, PAUSED, verb="paused"),
            rank=20,
            words_now=lambda pane: (
                "Go on" if pane.listing.job is not None and pane.listing.job.state == PAUSED else "Pause"
            ),
        ),
        Action(
            "jobs.stop",
            "Stop",
            "Finish what runs, then end cleanly.",
            ("s",),
            _unless(QUEUED, RUNNING, PAUSED, verb="stopped"),
            rank=21,
        ),
        Action(
            "jobs.watch",
            "Watch",
            "Watch the sources' folders with an agent, or stop watching.",
            ("w",),
            lambda pane: pane.why_no_writing(),
            rank=50,
            words_now=lambda pane: watching_words(pane.app),
        ),
        Action("jobs.cancel", "Cancel", "Kill it; asks first.", ("x",), _unless(*OPEN, verb="cancelled"), rank=22),
    )

    def compose(self) -> ComposeResult:
        yield JobsPanel(id="job-list")
        yield LogPanel(id="job-log")

    @property
    def listing(self) -> JobsPanel:
        """The panel with the list."""
        return self.query_one(JobsPanel)

    @property
    def log_panel(self) -> LogPanel:
        """The panel with the log."""
        return self.query_one(LogPanel)

    @on(WindowedTable.Moved)
    def _moved(self) -> None:
        self.log_panel.turn_to(self.listing.job)
        self.app.refresh_footer()

    @on(WindowedTable.Opened)
    def _opened(self) -> None:
        self.log_panel.query_one(LogView).focus()

    @property
    def opened_from(self) -> WindowedTable | None:
        return self.listing.table if self.log_panel.has_pseudo_class("focus-within") else None

    @property
    def is_inside(self) -> bool:
        return self.log_panel.has_pseudo_class("focus-within")

    def go_back(self) -> None:
        self.listing.table.focus()

    def do_pause(self) -> None:
        job = self.listing.job
        if job is not None:
            jobs = self.app.services.jobs
            self._steer(
                jobs.resume if job.state == PAUSED else jobs.pause, job, "goes on" if job.state == PAUSED else "pauses"
            )

    def do_stop(self) -> None:
        job = self.listing.job
        if job is not None:
            self._steer(self.app.services.jobs.stop, job, "ends when what runs is finished")

    def do_cancel(self) -> None:
        job = self.listing.job
        if job is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._steer(self.app.services.jobs.cancel, job, "is being cancelled")

        question = Confirm(
            f"Cancel “{one_line(job.title, 40)}”?", cost_of_cancelling(job), "Cancel the job", danger=True
        )
        self.app.push_screen(question, answered)

    def do_watch(self) -> None:
        turn_watching(self.app)

    def _steer(self, verb: Callable[[str], Any], job: Job, words: str) -> None:
        done = f"{initial(one_line(job.title))} {words}."
        self.app.in_background(lambda: verb(job.id), lambda _: self.app.notify(done, timeout=3, markup=False))

    def open_named(self, text: str) -> None:
        if self.listing.table.count is None:  # the list is still on its way
            self.set_timer(FOLLOW_SECONDS, lambda: self.open_named(text))
        elif not self.listing.table.select(text):
            found = next(
                (job.id for job in self.listing.jobs.known.values() if text.lower() in job.title.lower()), None
            )
            if found is None or not self.listing.table.select(found):
                self.app.notify(f"No job '{text}' is in sight.", severity="warning", markup=False)

    def copied(self) -> str | None:
        if self.log_panel.query_one(LogView).has_focus:
            return self.log_panel.text or None
        return self.listing.job.id if self.listing.job is not None else None
