"""How a study is steered from the Tune screen: pausing, stopping, other limits and workers, and what is tried next."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mlops_tui.overview.removing import Removal
from mlops_tui.presenters.steering import limits, removal_words
from mlops_tui.presenters.tune import best_point, cost_of_cancelling
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.steer import limits_form
from mlops_tui.tui.dialogs.try_next import TryNextForm
from mlops_tui.tui.panels.study_panels import StudiesPanel
from mlops_tui.tui.screens.layers import LayeredPane
from mlops_tui.tui.screens.steering import once_chosen, unless
from mlops_tui.tuning.model import PAUSED, RUNNING, STOPPING, Study, Trial
from mlops_tui.tuning.query import get_study, list_trials
from mlops_tui.tuning.space import params_of

_unless = partial(unless, "study", lambda pane: pane.study)
_once_chosen = partial(once_chosen, "study", lambda pane: pane.study)


def _why_no_resuming(pane: StudySteering, study: Study) -> str | None:
    if study.state in (RUNNING, STOPPING):
        return f"The study is {study.state}."
    if study.state == PAUSED:
        return "The study is paused; p lets it go on."
    ended = pane.listing.progress.ended if pane.listing.progress is not None else 0
    return None if ended < study.trials else "All of its trials are done; L gives it more."


def _why_no_removal(_: StudySteering, study: Study) -> str | None:
    if study.job_id is not None and study.state in (RUNNING, PAUSED, STOPPING):
        return f"The study is {study.state}: stop or cancel it first."
    return None


def _why_no_queue(pane: StudySteering, study: Study) -> str | None:
    if study.state not in (RUNNING, PAUSED):
        return f"The study is {study.state}: nobody would try it."
    if study.script is None:
        has_any = any(params_of(study, family) for family in study.families)
        return None if has_any else "Its families have no parameters."
    return None if study.space else "What its parameters are is known once a trial has drawn them."


class StudySteering(LayeredPane):
    """What the keys do that steer the study under the cursor."""

    BINDINGS = REGISTRY.add(
        Action(
            "tune.pause",
            "Pause",
            "Begin no new trial; a paused study goes on with the same key.",
            ("p",),
            _unless(RUNNING, PAUSED, verb="paused"),
            rank=21,
            words_now=lambda pane: "Go on" if pane.study is not None and pane.study.state == PAUSED else "Pause",
        ),
        Action(
            "tune.stop",
            "Stop",
            "Finish the trials in work, then end cleanly.",
            ("s",),
            _unless(RUNNING, PAUSED, verb="stopped"),
            rank=22,
        ),
        Action(
            "tune.cancel",
            "Cancel",
            "Kill it; asks first.",
            ("x",),
            _unless(RUNNING, PAUSED, STOPPING, verb="cancelled"),
            rank=23,
        ),
        Action(
            "tune.remove",
            "Remove",
            "Take the study out for good, with its trials, runs and files; asks first.",
            ("X",),
            _once_chosen(_why_no_removal),
            rank=0,
        ),
        Action(
            "tune.resume",
            "Resume",
            "Go on until there are as many trials as asked.",
            ("r",),
            _once_chosen(_why_no_resuming),
            rank=24,
        ),
        Action(
            "tune.limits",
            "Limits",
            "More trials or time, more or fewer workers, while it runs or afterwards.",
            ("L",),
            _once_chosen(),
            rank=28,
        ),
        Action(
            "tune.queue",
            "Try next",
            "Queue a configuration: that of the chosen trial, or of the best one, to be changed; the family can be another.",
            ("e",),
            _once_chosen(_why_no_queue),
            rank=29,
        ),
    )

    @property
    def listing(self) -> StudiesPanel:
        """The panel with the studies."""
        return self.query_one(StudiesPanel)

    @property
    def study(self) -> Study | None:
        """The study under the cursor."""
        return self.listing.progress.study if self.listing.progress is not None else None

    @property
    def trial(self) -> Trial | None:
        """The trial that is looked at."""
        raise NotImplementedError

    def do_pause(self) -> None:
        if self.study is not None and self.study.state == PAUSED:
            self._steer("resume", self.study, "goes on")
        else:
            self._steer("pause", self.study, "begins no new trial")

    def do_stop(self) -> None:
        self._steer("stop", self.study, "ends when the trials in work are finished")

    def do_resume(self) -> None:
        self._steer("resume", self.study, "goes on")

    def do_cancel(self) -> None:
        progress = self.listing.progress
        if progress is None:
            return
        study = progress.study

        def answered(yes: bool | None) -> None:
            if yes:
                self._steer("cancel", study, "is being cancelled")

        question = f"Cancel study “{one_line(study.name, 40)}”?"
        changes = cost_of_cancelling(progress)
        self.app.push_screen(Confirm(question, changes, "Cancel the study", danger=True), answered)

    def do_remove(self) -> None:
        study, removing = self.study, self.app.services.removing
        if study is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.in_background(
                    lambda: removing.remove(study), lambda _: self._tell(f"Study {one_line(study.name)} is removed.")
                )

        def ask(gone: Removal) -> None:
            changes = f"{removal_words(gone)} go, and nothing brings them back."
            question = f"Remove study “{one_line(study.name, 40)}”?"
            self.app.push_screen(Confirm(question, changes, "Remove the study", danger=True), answered)

        self.app.ask_after(lambda: removing.preview(study), ask)

    def _steer(self, verb: str, study: Study | None, words: str) -> None:
        if study is None:
            return
        services = self.app.services
        self.app.in_background(
            lambda: getattr(services.studies, verb)(study),
            lambda _: self._tell(f"Study {one_line(study.name)} {words}."),
        )

    def _tell(self, words: str) -> None:
        self.app.notify(words, timeout=3, markup=False)

    def do_limits(self) -> None:
        study, services = self.study, self.app.services
        if study is None:
            return

        def apply(values: Values) -> Values:
            """What is refused is refused before anything is set."""
            now = get_study(services.store.reader, study.id)
            asked = limits(values, now)
            if asked.trials is not None or asked.timeout is not None:
                now = services.studies.extend(now, trials=asked.trials, timeout=asked.timeout)
            if asked.workers is not None:
                now = services.studies.set_workers(now, asked.workers)
            return {"state": now.state}

        def done(answer: Values | None) -> None:
            if answer is not None:
                is_open = answer["state"] in (RUNNING, PAUSED)
                self._tell(f"The limits of {one_line(study.name)} are set.{'' if is_open else ' r lets it go on.'}")

        self.app.push_screen(limits_form(study, apply), done)

    def do_queue(self) -> None:
        progress, store, chosen = self.listing.progress, self.app.services.store, self.trial
        if progress is None:
            return
        study, best = progress.study, best_point(progress)

        def read() -> Trial | None:
            if chosen is not None or best is None:
                return chosen
            return next(iter(list_trials(store.reader, study.id, limit=1, offset=best.number)), None)

        self.app.ask_after(read, lambda trial: self._ask_what_is_next(study, trial))

    def _ask_what_is_next(self, study: Study, trial: Trial | None) -> None:
        studies = self.app.services.studies
        families = [family for family in study.families if params_of(study, family)]  # a baseline has none
        if trial is not None and trial.family in families:
            families.sort(key=lambda family: family != trial.family)

        def put(given: Mapping[str, str], family: str | None) -> Values:
            number, _ = studies.enqueue(study, given, family)
            return {"number": str(number)}

        def done(answer: dict[str, Any] | None) -> None:
            if answer is not None:
                self._tell(f"Trial {answer['number']} of {one_line(study.name)} is in the queue.")

        self.app.push_screen(TryNextForm(study, families, trial, put), done)
