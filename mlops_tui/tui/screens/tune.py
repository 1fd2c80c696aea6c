"""Tune: the studies, the curve and the trials of the one under the cursor, and the keys that launch and steer them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.events import DescendantFocus

from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source
from mlops_tui.data.query import list_sources
from mlops_tui.jobs.model import Job
from mlops_tui.presenters.pictures import IMPORTANCE, PICTURES
from mlops_tui.presenters.tune import best_point
from mlops_tui.presenters.words import counted, one_line
from mlops_tui.registry.query import list_models
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.afterwards import tell_when_ended
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.launch import LaunchForm
from mlops_tui.tui.dialogs.register import register_form, words_about
from mlops_tui.tui.panels.choice_panel import ChoicePanel
from mlops_tui.tui.panels.picture_panel import PicturesPanel
from mlops_tui.tui.panels.study_panels import CurvePanel, StudiesPanel, TrialsPanel
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.panels.trial_panels import TrialPanel, TrialsComparedPanel
from mlops_tui.tui.screens.steering import once_chosen
from mlops_tui.tui.screens.tune_changing import StudyChanging
from mlops_tui.tuning.listing import StudyProgress
from mlops_tui.tuning.model import PAUSED, RUNNING, STOPPING, Study, Trial
from mlops_tui.tuning.query import best_trial, finalists_of, find_study, list_trials, trial_of_run


def _can_launch(pane: TunePane) -> str | None:
    return pane.why_no_writing()


def _why_no_model(pane: TunePane, study: Study) -> str | None:
    if study.script is not None:
        return "Trials of an objective of your own keep no model."
    if pane.trial is not None:
        return None if pane.trial.state == "complete" else "That trial gave no model."
    if study.objectives:
        return "Of several objectives none is best: enter goes to the trials, choose one."
    progress = pane.listing.progress
    return None if progress is not None and best_point(progress) is not None else "No trial has given a model yet."


def _has_trials(pane: TunePane) -> str | None:
    return None if pane.trials.table.count else "There are no trials."


def _has_chosen(pane: TunePane) -> str | None:
    if pane.study is None:
        return "No study is chosen."
    if isinstance(pane.top, ChoicePanel):
        return "It is shown."
    if pane.study.script is not None:
        return "A study of an objective of your own chooses nothing: its best trial is the best."
    if pane.study.objectives:
        return "Of several objectives you choose: v shows the Pareto front, m makes the trial under the cursor a model."
    return "A study chooses once its last trial has ended." if pane.study.state in (RUNNING, PAUSED, STOPPING) else None


def _has_trial(pane: TunePane) -> str | None:
    return None if pane.trial is not None else "No trial is chosen: enter goes to those of the study."


def _can_compare(pane: TunePane) -> str | None:
    marked = len(pane.trials.table.marks)
    if marked > 2:
        return "More than two trials are marked; U takes all marks off."
    return None if marked == 2 else _has_trial(pane)


class TunePane(StudyChanging):
    """The studies above, the curve of one of them below, and its trials; layers lead further into these."""

    NAME = "tune"
    SCOPES = ("tune", "opened")
    FIRST = "WindowedTable"
    BINDINGS = REGISTRY.add(
        Action(
            "tune.launch",
            "New study",
            "Tune a source, or an objective of your own; asks what and how long.",
            ("n",),
            _can_launch,
            rank=20,
        ),
        Action(
            "tune.register",
            "Make a model",
            "Register the trial under the cursor, else the chosen finalist or the best, as a model's next version.",
            ("m",),
            once_chosen("study", lambda pane: pane.study, _why_no_model),
            rank=25,
        ),
        Action(
            "tune.order",
            "Order",
            "The newest trials first, the best, the longest, or those that took the most of the processor.",
            ("o",),
            _has_trials,
            rank=41,
        ),
        Action(
            "tune.pictures",
            "Pictures",
            "The study's pictures: importances, slices, parallel coordinates, a map, the timeline of its workers.",
            ("v",),
            _has_trials,
            rank=26,
        ),
        Action(
            "tune.importance",
            "Importance",
            "Which parameters decide how good a trial is.",
            ("i",),
            _has_trials,
            rank=27,
        ),
        Action(
            "tune.choice",
            "The choice",
            "What an ended study has come to: its finalists, an ensemble, thresholds, calibration, slices.",
            ("a",),
            _has_chosen,
            rank=28,
        ),
        Action(
            "tune.compare",
            "Compare",
            "The two marked trials side by side; else the chosen one and the marked or the best one.",
            ("c",),
            _can_compare,
            rank=40,
        ),
        Action("tune.reverse", "Reverse", "The same order of trials from its other end.", ("O",), _has_trials, rank=0),
    )

    def __init__(self) -> None:
        super().__init__()
        self._picture = PICTURES[0]

    def compose(self) -> ComposeResult:
        yield StudiesPanel(id="study-list")
        yield CurvePanel(id="study-curve")
        yield TrialsPanel(id="study-trials")

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def trials(self) -> TrialsPanel:
        """The panel with the trials."""
        return self.query_one(TrialsPanel)

    @on(WindowedTable.Filled)
    def _filled(self, event: WindowedTable.Filled) -> None:
        if event.table is self.listing.table:
            self.set_class(not event.table.count, "-alone")

    @on(WindowedTable.Moved)
    def _moved(self, event: WindowedTable.Moved) -> None:
        if event.table is self.listing.table and self.study is not None:
            self.query_one(CurvePanel).turn_to(self.study.id)
            self.trials.turn_to(self.study)
        self.app.refresh_footer()

    @on(WindowedTable.Opened)
    async def _opened(self, event: WindowedTable.Opened) -> None:
        """A study leads to its trials, a trial to everything about it."""
        if event.table is self.listing.table:
            self.trials.table.focus()
        elif event.table is self.trials.table:
            await self.step_into(TrialPanel(event.row.id))
            self._show_mark()

    @on(DescendantFocus)
    def _focus_moved(self) -> None:
        """In a low terminal the list of trials has the curve's room as long as keys mean a trial; `v` shows pictures."""
        self.set_class(self.is_on_trials, "-on-trials")

    @property
    def opened_from(self) -> WindowedTable | None:
        return self.trials.table if isinstance(self.top, TrialPanel) else None

    def show_opened(self) -> None:
        if isinstance(self.top, TrialPanel) and self.trials.table.row is not None:
            self.top.turn_to(self.trials.table.row.id)
            self._show_mark()

    @property
    def trial(self) -> Trial | None:
        """The trial that is looked at: the one that was opened, else the one under the cursor of their list."""
        if isinstance(self.top, TrialPanel):
            return self.top.trial
        return self.trials.trial if self.is_on_trials else None

    @on(TrialPanel.MarkTurned)
    def _mark_turned(self, event: TrialPanel.MarkTurned) -> None:
        self.trials.turn_mark(event.run_id)
        self._show_mark()
        self.app.refresh_footer()

    def _show_mark(self) -> None:
        if isinstance(self.top, TrialPanel):
            self.top.show_mark(is_marked=self.top.run_id in self.trials.table.marks)

    async def do_compare(self) -> None:
        """Two that are marked; else what is looked at, with the one that is marked or with the best."""
        marked = list(self.trials.table.marks)
        if len(marked) == 2:
            await self.step_into(TrialsComparedPanel(*marked))
            return
        trial, progress = self.trial, self.listing.progress
        if trial is None or progress is None:
            return
        other = next((run_id for run_id in marked if run_id != trial.run_id), None)
        best = best_trial(self.app.services.store.reader, progress.study)
        if other is None and best is not None and best.number != trial.number:
            other = best.run_id
        if other is not None:
            await self.step_into(TrialsComparedPanel(trial.run_id, other))
        else:
            what = (
                "Mark another by space." if progress.study.objectives else "It is the best one: mark another by space."
            )
            self.app.notify(what, severity="warning", markup=False)

    @property
    def is_on_trials(self) -> bool:
        """Whether keys mean a trial rather than the study."""
        return isinstance(self.top, TrialPanel) or self.trials.has_pseudo_class("focus-within")

    @property
    def is_inside(self) -> bool:
        return super().is_inside or self.is_on_trials or self.query_one(CurvePanel).has_pseudo_class("focus-within")

    def go_back(self) -> None:
        if self.over:
            self.step_out()
        else:
            self.listing.table.focus()

    def open_named(self, text: str) -> None:
        """Shows the study of that name or id; a text that is neither is a filter."""
        self.listing.open_named(text, lambda connection, name: find_study(connection, name).id)

    def copied(self) -> str | None:
        if self.over:
            return super().copied()
        if self.is_on_trials and self.trials.trial is not None:
            return self.trials.trial.run_id
        return self.study.id if self.study is not None else None

    async def do_pictures(self) -> None:
        await self._show_picture(self._picture)

    async def do_importance(self) -> None:
        await self._show_picture(IMPORTANCE)

    async def do_choice(self) -> None:
        if self.study is not None:
            await self.step_into(ChoicePanel(self.study.id))

    async def _show_picture(self, picture: str) -> None:
        if isinstance(self.top, PicturesPanel):
            self.top.turn_to(picture)
        elif self.study is not None:
            await self.step_into(PicturesPanel(self.study.id, picture))

    def step_out(self) -> None:
        if isinstance(self.top, PicturesPanel):
            self._picture = self.top.picture  # the next look begins where the last one ended
        super().step_out()

    def do_order(self) -> None:
        self.trials.reorder()

    def do_reverse(self) -> None:
        self.trials.reverse()

    # ── launching ────────────────────────────────────────────────────────────────────────────────────────────────────

    def do_launch(self) -> None:
        progress = self.listing.progress
        self.launch_for(progress.source if progress is not None else "")

    def launch_for(self, source_name: str) -> None:
        """Opens the launch form for a source; for the newest one that can be tuned where there is none of that name."""
        store = self.app.services.store

        def read() -> list[Source]:
            return [source for source in list_sources(store.reader) if source.version]

        self.app.ask_after(read, lambda sources: self._ask(sources, source_name))

    def _ask(self, sources: list[Source], name: str) -> None:
        training = [source for source in sources if source.role == "training"]
        first = max(training or sources, key=lambda source: source.created, default=None)
        chosen = next((source for source in sources if source.name == name), first)
        services = self.app.services
        form = LaunchForm(sources, chosen, self._launch, services.studies.guess, services.settings.families)
        self.app.push_screen(form, self._launched)

    def _launch(self, arguments: dict[str, Any]) -> Study:
        """Creates a study and starts its job; runs in a thread."""
        studies = self.app.services.studies
        is_own = "script" in arguments
        study = studies.create_own(folder=Path.cwd(), **arguments) if is_own else studies.create(**arguments)
        studies.launch(study)
        return study

    def _launched(self, answer: Values | None) -> None:
        if answer is not None:
            self.listing.seek(answer["study"])
            if answer["said"]:
                self.app.notify(answer["said"], markup=False)

    # ── registering ──────────────────────────────────────────────────────────────────────────────────────────────────

    def do_register(self) -> None:
        progress, store = self.listing.progress, self.app.services.store
        if progress is None:
            return
        chosen = self.trial
        best = best_point(progress)

        def read() -> tuple[Trial | None, bool, list[str]]:
            trial = chosen
            finalist = next((one for one in finalists_of(store.reader, progress.study.id) if one.chosen), None)
            if trial is None and finalist is not None:
                trial = trial_of_run(store.reader, finalist.run_id)
            elif trial is None and best is not None:
                trial = list_trials(store.reader, progress.study.id, limit=1, offset=best.number)[0]
            is_finalist = trial is not None and finalist is not None and trial.run_id == finalist.run_id
            return trial, is_finalist, _models(store.reader)

        self.app.ask_after(read, lambda found: self._ask_name(progress, *found))

    @on(ChoicePanel.EnsembleAsked)
    def _ensemble_asked(self, event: ChoicePanel.EnsembleAsked) -> None:
        progress, run_id, store = self.listing.progress, event.ensemble.run_id, self.app.services.store
        if progress is None or run_id is None:
            return
        if (reason := self.why_no_writing()) is not None:
            self.app.notify(reason, severity="warning", markup=False)
            return
        words = f"The average of {counted(len(event.ensemble.members), 'trial')} of {one_line(progress.study.name)}"

        def ask(models: list[str]) -> None:
            form = register_form(words, progress, models)
            self.app.push_screen(form, lambda values: self._register(run_id, values))

        self.app.ask_after(lambda: _models(store.reader), ask)

    def _ask_name(self, progress: StudyProgress, trial: Trial | None, is_finalist: bool, models: list[str]) -> None:
        if trial is not None:
            words = words_about(trial, progress.study, is_finalist=is_finalist)
            form = register_form(words, progress, models)
            self.app.push_screen(form, lambda values: self._register(trial.run_id, values))

    def _register(self, run_id: str, values: Values | None) -> None:
        if values is None:
            return
        name, services = values["name"], self.app.services
        self.app.notify(f"{one_line(name)} is being fitted.", timeout=3, markup=False)
        self.app.in_background(
            lambda: services.models.register(run_id, name),
            lambda job_id: tell_when_ended(self.app, job_id, _registered),
        )


def _models(reader: sqlite3.Connection) -> list[str]:
    """What the models are called."""
    return [model.name for model in list_models(reader, limit=1000)]


def _registered(job: Job) -> str:
    result = job.result or {}
    return f"{printable(result['model'])} version {result['version']} is registered. 6 shows it, p promotes it there."
