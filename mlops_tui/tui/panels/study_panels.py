"""The parts of the tune screen: the studies, the curve of one of them, and its trials."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mlops_tui import plot
from mlops_tui.presenters.tune import Curve, curve_of, headline, parent_words, said_of, title, warning, why_ended
from mlops_tui.tui.lists.studies import StudiesSource, TrialsSource
from mlops_tui.tui.panels.chart import Chart
from mlops_tui.tui.panels.panel import Panel
from mlops_tui.tui.panels.rows import Order, TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel
from mlops_tui.tui.panels.tones import toned
from mlops_tui.tuning.listing import StudyProgress, progress_of
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.notes import notes_of
from mlops_tui.tuning.trial_where import EXAMPLE


class StudiesPanel(TablePanel):
    """The list of studies."""

    TITLE = "Studies"
    TOPICS = frozenset({"studies", "trials", "jobs"})
    AGES = True
    FILTER_HINT = "a part of the study's name, or of its source's"

    def source(self) -> TableSource:
        self.studies = StudiesSource(symbols=self.app.symbols)
        return self.studies

    @property
    def progress(self) -> StudyProgress | None:
        """The study under the cursor, and how far it is."""
        row = self.table.row
        return self.studies.known.get(row.id) if row is not None else None

    def empty_words(self) -> str:
        return "No studies yet.\nn tunes a source; 2 adds one."


class CurvePanel(Panel, can_focus=True):
    """Every trial of a study as a dot, and the best so far as a line; both grow while it runs."""

    TOPICS = frozenset({"studies", "trials", "jobs"})

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.study_id: str | None = None
        self._before: StudyProgress | None = None

    def content(self) -> ComposeResult:
        yield Static("", classes="study--head", markup=False)
        yield Chart()

    def turn_to(self, study_id: str | None) -> None:
        """Shows another study."""
        if study_id != self.study_id:
            self.study_id = study_id
            self.reload()

    def read(self, connection: sqlite3.Connection) -> tuple[StudyProgress, Curve, str] | None:
        _ = plot.line_chart  # loads NumPy here, in the thread, rather than while drawing
        study_id, before = self.study_id, self._before
        if study_id is None:
            return None
        if before is not None and before.study.id != study_id:
            before = None
        self._before = progress = progress_of(connection, study_id, before)
        come_from = [parent_words(progress.study.parent)] if progress.study.parent is not None else []
        return (
            progress,
            curve_of(progress),
            "\n".join([headline(progress), *come_from, *said_of(notes_of(connection, progress.study).study)]),
        )

    def empty_words(self) -> str:
        return "No study is chosen."

    def show(self, data: tuple[StudyProgress, Curve, str]) -> None:
        progress, found, told = data
        self.border_title = title(progress)
        why = warning(progress.study)
        head = [Content(told)]
        if why.text and not found.best:  # there is room, and more to be said
            head.append(toned(why))
        self.border_subtitle = why.text if found.best else ""
        self.query_one(".study--head", Static).update(Content("\n").join(head))
        dots = plot.Series("trial", found.numbers, found.values, "series-1", "dots")
        best = plot.Series(
            "covered" if progress.study.objectives else "best", found.best_numbers, found.best, "series-0", "step"
        )
        self.query_one(Chart).draw(
            lambda width, height, symbols: plot.line_chart(
                [dots, best], width, height, symbols=symbols, x_label="trial"
            )
        )


class TrialsPanel(TablePanel):
    """The trials of the study that is chosen; below them why the one under the cursor failed."""

    TITLE = "Trials"
    TOPICS = frozenset({"trials", "studies"})
    ORDER = Order(sort="number", descending=True)
    FILTER_HINT = f"pruned, failed, {EXAMPLE}"
    MARKS = True

    def source(self) -> TableSource:
        self.trials = TrialsSource(symbols=self.app.symbols)
        return self.trials

    def content(self) -> ComposeResult:
        yield self.table
        yield Static("", classes="study--why", markup=False)

    @property
    def trial(self) -> Trial | None:
        """The trial under the cursor."""
        row = self.table.row
        return self.trials.known.get(row.id) if row is not None else None

    def turn_to(self, study: Study | None) -> None:
        """Shows the trials of another study; what was marked belonged to the one before."""
        before = self.trials.study
        self.trials.study = study
        if (study.id if study else None) != (before.id if before else None):
            self.table.order = self.ORDER
            self.table.marks.clear()
            self.table.restart()

    def reorder(self) -> None:
        """The newest first, the best, those that took longest, those that took the most of the processor."""
        orders = (
            self.ORDER,
            Order(sort="value", descending=self.trials.descending),
            Order(sort="took"),
            Order(sort="cpu"),
        )
        now = [order.sort for order in orders].index(self.table.order.sort)
        self.table.reorder(replace(orders[(now + 1) % len(orders)], where=self.table.order.where))

    def turn_mark(self, run_id: str) -> None:
        """Marks a trial, or takes its mark off."""
        marks = self.table.marks
        if run_id in marks:
            del marks[run_id]
        else:
            marks[run_id] = None
        self.table.refresh()

    def reverse(self) -> None:
        """The same order from its other end."""
        self.table.reorder(replace(self.table.order, descending=not self.table.order.descending))

    @on(WindowedTable.Moved)
    def _say_why(self) -> None:
        why = self.query_one(".study--why", Static)
        reason = why_ended(self.trial)
        why.display = bool(reason.text)
        why.update(toned(reason))

    def empty_words(self) -> str:
        return "No trials yet.\nThe first comes when the source is read and its folds are made."
