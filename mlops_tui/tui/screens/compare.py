"""Compare: runs side by side, which is better and what is noise, and their pictures."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from mlops_tui import presenters
from mlops_tui.core.errors import UsageError
from mlops_tui.presenters.compared import END_IT, ENDINGS
from mlops_tui.presenters.fields import path_of
from mlops_tui.presenters.words import one_line
from mlops_tui.runs.model import Run
from mlops_tui.runs.query import find_run, runs_of
from mlops_tui.store.preference import read_preference, write_preference
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.metric import MetricScreen
from mlops_tui.tui.dialogs.text import ask_text
from mlops_tui.tui.lists.compared import Comparison
from mlops_tui.tui.panels.compare_panels import BesidePanel, ComparedPanel
from mlops_tui.tui.panels.compare_picture import ComparedView, ComparePicture
from mlops_tui.tui.panels.difference_panel import DifferencePanel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.screens.layers import LayeredPane

PICTURE = "#beside-picture ComparedView"
COMPARED = "compared"
"""What the runs that are compared are kept under, from one session to the next."""


def _has_runs(pane: ComparePane) -> str | None:
    return None if pane.comparison.runs else "No runs are compared: mark some on 4 Runs, c compares them."


def _sees_runs(pane: ComparePane) -> str | None:
    if (reason := _has_runs(pane)) is not None:
        return reason
    return None if pane.query_one("#beside").region else "The runs are out of sight: esc goes back to them."


def _has_others(pane: ComparePane) -> str | None:
    return _has_runs(pane) or (None if len(pane.comparison.runs) > 1 else "There is one run, and nothing beside it.")


def _can_be_judged(pane: ComparePane) -> str | None:
    return _sees_runs(pane) or _has_others(pane)


def _can_be_first(pane: ComparePane) -> str | None:
    if (reason := _sees_runs(pane) or _has_others(pane)) is not None:
        return reason
    return "It is A already." if pane.chosen == pane.comparison.run_ids[0] else None


def _can_differ(pane: ComparePane) -> str | None:
    if (reason := _has_others(pane)) is not None:
        return reason
    return "A does not differ from itself: go to another run." if pane.other is None else None


class ComparePane(LayeredPane):
    """The runs above, side by side below, their pictures at the right; in a narrow terminal the pictures by `v`."""

    NAME = "compare"
    SCOPES = ("compare",)
    FIRST = "#beside-runs WindowedTable"
    BINDINGS = REGISTRY.add(
        Action("compare.pictures", "Pictures", "Their pictures; there the next one.", ("v",), _has_runs, rank=20),
        Action(
            "compare.first",
            "Hold against",
            "Holds all others against the run under the cursor.",
            ("b",),
            _can_be_first,
            rank=21,
        ),
        Action(
            "compare.difference",
            "Difference",
            "How the run under the cursor differs from A: code, packages, data.",
            ("d",),
            _can_differ,
            rank=22,
        ),
        Action("compare.fold", "Fold", "Shows what is alike in all too, or not.", ("f",), _sees_runs, rank=23),
        Action("compare.turn", "Turn", "Runs as rows, or as columns.", ("t",), _sees_runs, rank=24),
        Action(
            "compare.metric",
            "Metric",
            "What the runs are judged by: their own metric, or another that fits.",
            ("m",),
            _can_be_judged,
            rank=24,
        ),
        Action("compare.out", "Take out", "Takes the run under the cursor out.", ("D",), _sees_runs, rank=25),
        Action(
            "compare.export",
            "Export",
            "Writes the comparison to a file: .md, .html with its pictures, or .csv.",
            ("e",),
            _has_others,
            rank=26,
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self.comparison = Comparison()
        self._has_to_follow = False
        """Whether verdicts and pictures wait until the runs are seen: both start what takes the processor from them."""

    def compose(self) -> ComposeResult:
        with Vertical(id="beside"):
            yield ComparedPanel(self.comparison, id="beside-runs")
            yield BesidePanel(self.comparison, id="beside-lines")
        yield ComparePicture(self.comparison, id="beside-picture")

    def on_mount(self) -> None:
        store = self.app.services.store
        if not self.comparison.run_ids:
            self.app.in_background(lambda: _kept(store.reader), self._restore)

    def _restore(self, runs: list[Run]) -> None:
        if runs and not self.comparison.run_ids:
            self.comparison.runs = runs
            self.compare([run.id for run in runs], keep=False)

    @property
    def listing(self) -> ComparedPanel:
        """The panel with the runs."""
        return self.query_one(ComparedPanel)

    @property
    def pictures(self) -> ComparePicture:
        """The panel with the pictures."""
        return self.query_one(ComparePicture)

    @property
    def chosen(self) -> str | None:
        """The run under the cursor."""
        row = self.listing.table.row
        return row.id if row is not None else None

    @property
    def other(self) -> str | None:
        """The run that is held against the first: that under the cursor, or the second of two."""
        ids = [run.id for run in self.comparison.runs]
        if self.chosen is not None and ids and self.chosen != ids[0]:
            return self.chosen
        return ids[1] if len(ids) == 2 else None

    def compare(self, run_ids: Sequence[str], *, keep: bool = True) -> None:
        """Compares these runs; the first is what the others are held against."""
        self.comparison = Comparison(run_ids, self.comparison.runs, self.comparison.metric)
        self._has_to_follow = True
        self.listing.turn_to(self.comparison)
        self.query_one(BesidePanel).turn_to(self.comparison)
        store = self.app.services.store
        if keep and not store.read_only:
            ids = self.comparison.run_ids
            self.app.in_background(lambda: write_preference(store, COMPARED, ids))

    @on(WindowedTable.Filled)
    def _runs_are_read(self, event: WindowedTable.Filled) -> None:
        if self._has_to_follow and event.table is self.listing.table:
            self._has_to_follow = False
            self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        self.listing.ask()
        self.pictures.turn_to(self.comparison)

    @on(WindowedTable.Opened)
    async def _opened(self, event: WindowedTable.Opened) -> None:
        if event.table is self.listing.table:
            pane = await self.app.go("runs")
            pane.open_named(event.row.id)
            pane.came_from = self.NAME

    async def do_pictures(self) -> None:
        view = self.query_one(ComparedView)
        if self.pictures.has_pseudo_class("focus-within"):
            self.pictures.turn_picture(1)
            return
        self.add_class("-pictures")
        self.read_stale()
        self.call_after_refresh(view.focus)

    def do_first(self) -> None:
        if self.chosen is not None:
            self.compare([self.chosen, *(run_id for run_id in self.comparison.run_ids if run_id != self.chosen)])

    def do_metric(self) -> None:
        def judge(metric: str | None) -> None:
            if metric is not None:
                self.comparison.metric = metric or None
                self.compare(self.comparison.run_ids)

        self.app.push_screen(MetricScreen(self.comparison.metric), judge)

    async def do_difference(self) -> None:
        if self.other is not None:
            first = self.comparison.runs[0].id
            await self.step_into(DifferencePanel(first, self.other))

    def do_fold(self) -> None:
        self.query_one(BesidePanel).fold()

    def do_turn(self) -> None:
        self.query_one(BesidePanel).turn()

    def do_out(self) -> None:
        left = [run_id for run_id in self.comparison.run_ids if run_id != self.chosen]
        self.compare(left)

    def do_export(self) -> None:
        form = ask_text(
            "Export the comparison",
            "File",
            "Write",
            value="comparison.html",
            help="It ends in .html (with the pictures, one file), .md or .csv.",
            check=lambda text: "" if _path(text).suffix.lower() in ENDINGS else END_IT,
        )
        self.app.push_screen(form, self._export)

    def _export(self, values: Values | None) -> None:
        if values is None:
            return
        path = _path(values["text"])

        def write(is_sure: bool | None) -> None:
            if is_sure:
                self._write(path)

        if path.exists():
            words = f"{one_line(str(path))} is there already: what is in it would be gone."
            self.app.push_screen(Confirm("Write over it?", words, "Write over it", danger=True), write)
        else:
            write(True)

    def _write(self, path: Path) -> None:
        services, ids, metric = self.app.services, list(self.comparison.run_ids), self.comparison.metric
        self.app.in_background(
            lambda: presenters.export(services.store.reader, services.asking, ids, path, metric),
            lambda written: self.app.notify(f"{one_line(str(written))} is written.", markup=False),
        )

    @property
    def innermost(self) -> str:
        return PICTURE if self.top is None and self.has_class("-pictures") else super().innermost

    @property
    def is_inside(self) -> bool:
        return super().is_inside or self.has_class("-pictures")

    def go_back(self) -> None:
        if self.over:
            self.step_out()
            return
        if self.pictures.has_pseudo_class("focus-within") and self.pictures.show_all():
            return
        self.remove_class("-pictures")
        self.call_after_refresh(self.listing.table.focus)

    def open_named(self, text: str) -> None:
        """Compares the runs of those names or ids; one alone is taken in beside those that are compared."""
        reader = self.app.services.store.reader

        def found() -> list[str]:
            names = text.split() if " " in text.strip() and not _is_run(reader, text) else [text.strip()]
            return [find_run(reader, name).id for name in names]

        def shown(run_ids: list[str]) -> None:
            self.compare(run_ids if len(run_ids) > 1 else [*self.comparison.run_ids, *run_ids])

        self.app.in_background(found, shown)

    def copied(self) -> str | None:
        if self.over:
            return super().copied()
        if self.pictures.has_pseudo_class("focus-within"):
            return self.pictures.copied()
        return self.chosen


def _path(text: str) -> Path:
    return path_of(text.strip())


def _kept(connection: sqlite3.Connection) -> list[Run]:
    return runs_of(connection, read_preference(connection, COMPARED, []))


def _is_run(connection: sqlite3.Connection, text: str) -> bool:
    try:
        find_run(connection, text)
    except UsageError:
        return False
    return True
