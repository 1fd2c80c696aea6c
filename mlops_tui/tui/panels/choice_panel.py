"""What a study has come to: its finalists and the chosen one, an ensemble, thresholds, calibration and slices."""

from __future__ import annotations

import sqlite3
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.message import Message

from mlops_tui.presenters.analysis import choice_sections
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.panel import FILLED
from mlops_tui.tui.panels.sections import section_content
from mlops_tui.tui.panels.text_panel import TextView
from mlops_tui.tuning.analysis import Analysis, Ensemble, analysis_of, ensemble_of
from mlops_tui.tuning.model import Finalist, Study
from mlops_tui.tuning.query import finalists_of, get_study, trial_of_run


class Chosen(NamedTuple):
    """A study, its finalists with their families, and what else is known."""

    study: Study
    finalists: list[Finalist]
    families: dict[int, str]
    ensemble: Ensemble | None
    analysis: Analysis | None


def _can_register_ensemble(panel: ChoicePanel) -> str | None:
    found = panel.ensemble
    if found is None:
        return "No ensemble was asked for."
    return None if found.run_id is not None else "The best trial alone is as good."


class ChoicePanel(Layer):
    """Everything that is known once a study has ended."""

    TOPICS = frozenset({"studies", "trials"})
    CORE = "TextView"
    SCOPES: ClassVar[tuple[str, ...]] = ("choice",)
    BINDINGS = REGISTRY.add(
        Action(
            "choice.ensemble",
            "Make the ensemble a model",
            "Register the ensemble as a model's next version.",
            ("e",),
            _can_register_ensemble,
            rank=10,
        ),
    )

    class EnsembleAsked(Message):
        """The ensemble is to be registered."""

        def __init__(self, ensemble: Ensemble) -> None:
            super().__init__()
            self.ensemble = ensemble

    def __init__(self, study_id: str) -> None:
        super().__init__(id="choice")
        self.study_id = study_id

    def content(self) -> ComposeResult:
        yield TextView()

    @property
    def ensemble(self) -> Ensemble | None:
        """The study's ensemble as it was last read."""
        return self.data.ensemble if self.has_class(FILLED) else None

    def read(self, connection: sqlite3.Connection) -> Chosen | None:
        found = finalists_of(connection, self.study_id)
        ensemble, analysis = ensemble_of(connection, self.study_id), analysis_of(connection, self.study_id)
        if not found and ensemble is None and analysis is None:
            return None
        trials = {one.number: trial_of_run(connection, one.run_id) for one in found}
        families = {number: trial.family for number, trial in trials.items() if trial is not None}
        return Chosen(get_study(connection, self.study_id), found, families, ensemble, analysis)

    def empty_words(self) -> str:
        return "Nothing is chosen.\nA study chooses once its last trial has ended, or it is stopped; cancelling it leaves no choice."

    def show(self, data: Chosen) -> None:
        self.border_title = f"{one_line(data.study.name)} · what was chosen"
        sections = choice_sections(
            data.study, data.finalists, data.families, data.ensemble, data.analysis, plain=self.app.plain
        )
        self.query_one(TextView).write(section_content(sections, self.content_size.width - 2))

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)

    def do_ensemble(self) -> None:
        if self.ensemble is not None:
            self.post_message(self.EnsembleAsked(self.ensemble))

    def copied(self) -> str | None:
        return self.ensemble.run_id if self.ensemble is not None else None
