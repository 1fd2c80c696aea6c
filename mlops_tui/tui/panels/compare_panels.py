"""The lists of the compare screen: the runs with a verdict on each, and what each was given and came to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from mlops_tui.core.errors import MlopsError
from mlops_tui.presenters.beside import sentence
from mlops_tui.presenters.words import counted, one_line
from mlops_tui.tui.lists.asked import Errand
from mlops_tui.tui.lists.compared import BesideSource, ComparedSource, Comparison
from mlops_tui.tui.panels.panel import FILLED
from mlops_tui.tui.panels.rows import TableSource
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.table_panel import TablePanel

NOTHING = "No runs are compared.\n4 shows the runs: space marks them, c compares."
TURNED_FROM = 7
"""From so many runs on they stand one below the other, and what they were given in columns."""


class ComparedPanel(TablePanel):
    """The runs, and a sentence on the one under the cursor."""

    TITLE = "Compared"
    TOPICS = frozenset({"runs", "metrics"})

    def __init__(self, comparison: Comparison, *, id: str | None = None) -> None:
        self.comparison = comparison
        self._errand: Errand | None = None
        self._trouble = ""
        self._asked_of: tuple[object, ...] | None = None
        super().__init__(id=id)

    def source(self) -> TableSource:
        return ComparedSource(self.comparison, plain=self.app.plain)

    def content(self) -> ComposeResult:
        yield self.table
        yield Static("", classes="beside--words", markup=False)

    def empty_words(self) -> str:
        return NOTHING

    def turn_to(self, comparison: Comparison) -> None:
        """Shows other runs; how they compare is not asked for yet."""
        if self._errand is not None:
            self._errand.take_back()
            self._errand = None
        self.comparison, self._trouble, self._asked_of = comparison, "", None
        self.table.source = ComparedSource(comparison, plain=self.app.plain)
        self.table.restart()

    def ask(self) -> None:
        """Asks for the verdicts on what is compared."""
        if self._errand is not None:
            self._errand.take_back()
        self._asked_of = self.comparison.as_they_are
        if len(self.comparison.run_ids) > 1:
            self._errand = errand = Errand(self.app.services.asking)
            self.run_worker(partial(self._ask, errand, self.comparison), thread=True, exclusive=True, group="verdicts")
        self.tell()

    def _ask(self, errand: Errand, comparison: Comparison) -> None:
        first, trouble = comparison.run_ids[0], ""
        try:
            told = errand.ask("compare", runs=comparison.run_ids, against=first, metric=comparison.metric)["verdicts"]
            comparison.verdicts = {verdict["b"]: verdict for verdict in told}
        except MlopsError as error:
            if errand.is_over:
                return
            trouble = f"How they compare could not be told: {error.title}"
        with suppress(RuntimeError):  # the program has ended meanwhile
            self.app.call_from_thread(self._told, comparison, trouble)

    def _told(self, comparison: Comparison, trouble: str) -> None:
        if comparison is self.comparison and self.is_attached:
            self._errand, self._trouble = None, trouble
            self.table.reload()

    @on(WindowedTable.Filled)
    def _ask_again(self) -> None:
        """Once a run has ended there is more to tell of it."""
        if self._asked_of is not None and self._asked_of != self.comparison.as_they_are:
            self.ask()

    @on(WindowedTable.Moved)
    def tell(self) -> None:
        """Says how the run under the cursor compares."""
        words = next(iter(self.query(".beside--words").results(Static)), None)
        if words is not None:
            words.update(self._words())

    def _words(self) -> str:
        found, row = self.comparison, self.table.row
        if self._trouble:
            return self._trouble
        if row is None or len(found.runs) < 2:
            return "One run alone: mark more on 4 Runs by space, c compares." if found.runs else ""
        if self._errand is not None and not found.verdicts:
            return "Which is better, and what is noise, is being worked out …"
        if row.id == found.runs[0].id:
            return self._summary()
        verdict = found.verdicts.get(row.id)
        return "" if verdict is None else sentence(verdict, found.names)

    def _summary(self) -> str:
        told = [verdict["verdict"] for verdict in self.comparison.verdicts.values()]
        parts = [
            (told.count("worse"), "better than A"),
            (told.count("better"), "worse"),
            (told.count("too_close"), "too close to call"),
            (told.count("unknown"), "not comparable"),
        ]
        words = ", ".join(f"{number} {what}" for number, what in parts if number)
        hint = " b holds all against the run under the cursor." if told.count("unknown") == len(told) > 1 else ""
        lost = len(self.comparison.run_ids) - len(self.comparison.runs)
        gone = f" {counted(lost, 'run')} of it {'is' if lost == 1 else 'are'} deleted." if lost else ""
        return f"Beside {one_line(self.comparison.runs[0].name)}: {words}.{hint}{gone}" if words else gone.strip()

    def on_unmount(self) -> None:
        if self._errand is not None:
            self._errand.take_back()


class BesidePanel(TablePanel):
    """What each of the runs was given and came to, what differs first."""

    TITLE = "Side by side"
    TOPICS = frozenset({"runs", "metrics"})
    OPENS: ClassVar[bool] = False

    def __init__(self, comparison: Comparison, *, id: str | None = None) -> None:
        self.beside = BesideSource(comparison)
        super().__init__(id=id)

    def source(self) -> TableSource:
        return self.beside

    def empty_words(self) -> str:
        return NOTHING if not self.beside.comparison.run_ids else "They are alike in all that was logged.\nf shows it."

    def turn_to(self, comparison: Comparison) -> None:
        """Shows other runs."""
        self.beside.comparison = comparison
        self.beside.is_turned = len(comparison.run_ids) >= TURNED_FROM
        self.table.skip = 0
        self.table.restart()

    def turn(self) -> None:
        """Rows become columns."""
        self.beside.is_turned = not self.beside.is_turned
        self.table.skip = 0
        self.table.restart()

    def fold(self) -> None:
        """What is alike is shown, or not any more."""
        self.beside.is_folded = not self.beside.is_folded
        self.table.reload()

    @on(WindowedTable.Resized)
    def _has_other_room(self) -> None:
        if self.has_class(FILLED):
            self.border_subtitle = self.words_below()

    def words_below(self) -> str:
        found = self.beside.comparison.lines
        differing = sum(line.differs for line in found)
        told = f"{differing:,} of {counted(len(found), 'line')} differ" if found else ""
        what = "of them" if self.beside.is_turned else "runs"
        return f"{told} · arrows: more {what}" if told and self.table.has_more_columns else told

    @property
    def shown_runs(self) -> Sequence[str]:
        """The ids of the runs."""
        return self.beside.comparison.run_ids
