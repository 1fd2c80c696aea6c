"""How a study is changed from the Tune screen once it has begun: what it searches, what counts, and what is said of it."""

from __future__ import annotations

from typing import Any

from mlops_tui.presenters.steering import note_commands, said_fields, tag_changes
from mlops_tui.presenters.tune import best_point
from mlops_tui.presenters.words import count, one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.go_on import go_on_form
from mlops_tui.tui.dialogs.narrow import NarrowForm
from mlops_tui.tui.dialogs.note import NoteForm
from mlops_tui.tui.screens.tune_steering import StudySteering
from mlops_tui.tuning.model import PAUSED, RUNNING, Study, Trial
from mlops_tui.tuning.narrowing import Searched, searched
from mlops_tui.tuning.notes import Said, notes_of
from mlops_tui.tuning.query import complete_trials, list_trials


def _can_narrow(pane: StudyChanging) -> str | None:
    progress = pane.listing.progress
    if progress is None:
        return "No study is chosen."
    if (reason := pane.why_no_writing()) is not None:
        return reason
    study = progress.study
    if study.script is not None:
        return "An objective of your own says itself what it draws from."
    if study.sampler == "grid":
        return "The points of a grid are fixed when a study begins."
    if study.state not in (RUNNING, PAUSED) and progress.ended >= study.trials:
        return "All of its trials are done; L gives it more."
    return None


def _can_continue(pane: StudyChanging) -> str | None:
    study = pane.study
    if study is None:
        return "No study is chosen."
    if (reason := pane.why_no_writing()) is not None:
        return reason
    if study.script is not None:
        return "What an objective of your own draws from is known once it draws: n begins a new study."
    return "A grid has points of its own: n begins a new study." if study.sampler == "grid" else None


def _can_hide(pane: StudyChanging) -> str | None:
    trial = pane.trial
    if trial is None:
        return "No trial is chosen: enter goes to those of the study."
    if (reason := pane.why_no_writing()) is not None:
        return reason
    return "That trial has not ended." if trial.state == "running" else None


def _hide_words(pane: StudyChanging) -> str:
    return "Show again" if pane.trial is not None and pane.trial.is_hidden else "Hide"


class StudyChanging(StudySteering):
    """What the keys do that change what the study under the cursor searches."""

    BINDINGS = REGISTRY.add(
        Action(
            "tune.narrow",
            "Narrow",
            "Search a part of a range from now on; says what that costs the sampler.",
            ("N",),
            _can_narrow,
            rank=44,
        ),
        Action(
            "tune.continue",
            "Go on in another",
            "A new study with other families, choices or wider ranges; the trials that fit come along.",
            ("C",),
            _can_continue,
            rank=46,
        ),
        Action(
            "tune.hide",
            "Hide",
            "Take the trial out of the best, the pictures and what the sampler learns from; / hidden lists such.",
            ("H",),
            _can_hide,
            undoable=True,
            rank=43,
            words_now=_hide_words,
        ),
        Action(
            "tune.note",
            "Note",
            "Write a note on the trial, else on the study, and tag it; optuna-dashboard shows notes too.",
            ("t",),
            lambda pane: "No study is chosen." if pane.study is None else pane.why_no_writing(),
            rank=45,
        ),
    )

    def do_narrow(self) -> None:
        progress, services, chosen = self.listing.progress, self.app.services, self.trial
        if progress is None:
            return
        study, best = progress.study, best_point(progress)

        def read() -> tuple[Searched, Trial | None]:
            reader, trial = services.store.reader, chosen
            if trial is None and best is not None:
                trial = next(iter(list_trials(reader, study.id, limit=1, offset=best.number)), None)
            return searched(reader, study), trial

        self.app.ask_after(read, lambda found: self._ask_range(study, *found))

    def do_continue(self) -> None:
        study, services = self.study, self.app.services
        if study is None:
            return

        def launch(given: dict[str, Any]) -> Study:
            made = services.steering.continue_in_new(study, **given)
            services.studies.launch(made)
            return made

        def ask(complete: list[Trial]) -> None:
            form = go_on_form(study, complete, services.settings.families, launch)
            self.app.push_screen(form, self._continued)

        self.app.ask_after(lambda: complete_trials(services.store.reader, study.id), ask)

    def _continued(self, answer: Values | None) -> None:
        if answer is not None:
            self.listing.seek(answer["study"])
            self._tell(f"Study {one_line(answer['name'])} goes on.")

    def do_hide(self) -> None:
        """What is shown is hidden, what is hidden shown again."""
        study, trial, steering = self.study, self.trial, self.app.services.steering
        if study is None or trial is None:
            return
        verb, words = (steering.unhide, "is shown again") if trial.is_hidden else (steering.hide, "is hidden")
        more = "" if trial.is_hidden else " / hidden lists it."
        self.app.in_background(
            lambda: verb(study, trial.number),
            lambda told: self._tell(f"Trial {count(trial.number)} {words}. {told}{more}"),
        )

    def do_note(self) -> None:
        study, trial, store = self.study, self.trial, self.app.services.store
        if study is None:
            return
        number = trial.number if trial is not None else None

        def read() -> Said:
            told = notes_of(store.reader, study)
            return told.study if number is None else told.trials.get(number, Said())

        self.app.ask_after(read, lambda said: self._ask_note(study, number, said))

    def _ask_note(self, study: Study, trial: int | None, said: Said) -> None:
        studies = self.app.services.studies
        of = one_line(study.name, 40) + (f", trial {count(trial)}" if trial is not None else "")

        def apply(values: Values) -> Values:
            added, removed = tag_changes(values, said)
            if added or removed:
                studies.tag(study, added, removed, trial)
            if values["note"] != said.note.strip():
                studies.note(study, values["note"], trial)
            return values

        def command(values: Values) -> str:
            return note_commands(values, study, trial, said)

        self.app.push_screen(NoteForm(f"A note on {of}", said_fields(said), apply, command))

    def _ask_range(self, study: Study, known: Searched, trial: Trial | None) -> None:
        steering = self.app.services.steering
        if not known.ranges:
            self.app.notify("There is no range to narrow: its families have none.", severity="warning", markup=False)
            return

        def apply(values: Values) -> Values:
            steering.narrow(study, values["range"], values["low"], values["high"])
            return values

        def done(answer: dict[str, Any] | None) -> None:
            if answer is not None:
                told = f"{answer['range']} is searched from {answer['low']} to {answer['high']} from the next trial on."
                self._tell(one_line(told, 200))

        store = self.app.services.store
        form = NarrowForm(
            known, trial.family if trial is not None else None, apply, lambda: searched(store.reader, study)
        )
        self.app.push_screen(form, done)
