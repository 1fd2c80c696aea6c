"""What a run's model said of rows that it had not learnt from: a trial's out-of-fold predictions, or those that a script kept."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass, replace

import numpy as np

from mlops_tui.core.errors import JobError, ModelFileError
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.answers import Answers
from mlops_tui.evaluation.metrics import OF_PROBABILITIES, choose_metric, metric_by_names
from mlops_tui.runs.artifact import PREDICTIONS
from mlops_tui.runs.query import artifacts_of, get_run
from mlops_tui.store.artifact import verified
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import Prepared, place_of_positive, prepare
from mlops_tui.tuning.engine.folds import folds_of, groups_of
from mlops_tui.tuning.engine.matrices import codes_of
from mlops_tui.tuning.engine.predictions import folder_of, read
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import get_study, trial_of_run

ACCURACY = "accuracy"
SAME = ("source_id", "version", "target", "task", "folds", "split", "seed", "held_out_hash", "training_rows")
"""What two studies have to have alike for their rows and folds to be the same."""
REMEMBERED = 8
"""So many studies' truths stay at hand for the next question."""
_truths: OrderedDict[tuple[str, str], Answers] = OrderedDict()


@dataclass(frozen=True, slots=True)
class RunAnswers:
    """Of one run: its trial and study where it is a trial; `answers` are None where they were not kept. `logged` are the names of
    the metrics that a script has logged.
    """

    run_id: str
    name: str
    answers: Answers | None
    logged: tuple[str, ...] = ()
    study: Study | None = None
    trial: Trial | None = None

    @property
    def metric(self) -> str | None:
        """What it is judged by."""
        if self.study is not None:
            return self.study.metric
        if self.answers is None:
            return None
        named = metric_by_names(self.logged, self.answers.task)
        if named is not None and (not self.answers.are_labels or named not in OF_PROBABILITIES):
            return named
        return self.usual

    @property
    def usual(self) -> str | None:
        """What runs of its kind are judged by where none is named."""
        if self.answers is None:
            return None
        return ACCURACY if self.answers.are_labels else choose_metric(self.answers.task, None).name


def answers_of(store: Store, run_id: str) -> RunAnswers:
    """What is kept of a run's model."""
    run = get_run(store.reader, run_id)
    trial = trial_of_run(store.reader, run_id)
    if trial is None:
        return RunAnswers(run_id, run.name, _logged(store, run_id), tuple(run.metrics))
    study = get_study(store.reader, trial.study_id)
    said = None if study.script is not None else read(folder_of(store.workspace, study.id), trial.number)
    if said is None:
        return RunAnswers(run_id, run.name, None, study=study, trial=trial)
    truth = _truth(store, study)
    found = replace(truth, said=said) if len(said) == len(truth.truth) else None
    return RunAnswers(run_id, run.name, found, study=study, trial=trial)


def _logged(store: Store, run_id: str) -> Answers | None:
    found = next((one for one in artifacts_of(store.reader, run_id) if one.kind == PREDICTIONS), None)
    if found is None:
        return None
    try:
        return Answers.from_bytes(verified(store.workspace, found.hash).read_bytes())
    except (ModelFileError, ValueError, OSError):
        return None


def _truth(store: Store, study: Study) -> Answers:
    """The truth of the study's training rows, of which nothing is said yet; it never changes."""
    key = (str(store.workspace.root), study.id)
    if key not in _truths:
        prepared = prepare(store, study)
        same = json.dumps([getattr(study, name) for name in SAME])
        rows = hashlib.sha256(same.encode()).hexdigest()
        _truths[key] = replace(unanswered(study, prepared), rows=rows, folds=_scored_by(store, study, prepared))
        while len(_truths) > REMEMBERED:
            _truths.popitem(last=False)
    _truths.move_to_end(key)
    return _truths[key]


def unanswered(study: Study, prepared: Prepared) -> Answers:
    """The truth of the training rows, of which nothing is said yet."""
    positive = place_of_positive(study, prepared.classes) if prepared.classes else 1
    truth, classes = codes_of(prepared), tuple(map(str, prepared.classes))
    nothing = np.full(len(truth), np.nan)
    return Answers(study.task, truth, nothing, "", classes, positive=positive, weights=prepared.weights)


def _scored_by(store: Store, study: Study, prepared: Prepared) -> np.ndarray | None:
    """The fold that scored each training row, -1 of one that none did; None where the folds cannot be told any more."""
    if study.folds < 2:
        return None
    try:
        groups = groups_of(study, get_source(store.reader, study.source_id), prepared)
        folds = folds_of(study, prepared, groups, study.folds, study.seed)
    except JobError:
        return None
    found = np.full(len(prepared.training), -1)
    for place, (_, scored) in enumerate(folds):
        found[scored] = place
    return found
