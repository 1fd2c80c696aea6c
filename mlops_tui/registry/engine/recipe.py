"""A trial's recipe, fitted on all training rows of its study."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import VotingClassifier, VotingRegressor
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import Bunch

from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import short
from mlops_tui.evaluation.metrics import REGRESSION
from mlops_tui.registry.engine.frame import columns_of, typed
from mlops_tui.registry.model import Signature, SignatureColumn
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.analysis import members_of_run
from mlops_tui.tuning.engine.fit import Prepared, build, fit_weighted, place_of_positive
from mlops_tui.tuning.model import ENSEMBLE, Study, Trial
from mlops_tui.tuning.query import find_study, list_trials, trial_of_run


def recipe_of(store: Store, run_id: str) -> Trial:
    """The finished trial that a run belongs to.

    Raises:
        UsageError: it belongs to none, or that did not finish.
    """
    trial = trial_of_run(store.reader, run_id) or _ensemble(store, run_id)
    if trial is None:
        raise UsageError(
            f"Run {short(run_id)} is no trial of a study, so there is no recipe to fit.", "Choose a trial."
        )
    if trial.state != "complete":
        raise UsageError(
            f"Run {short(run_id)} is a trial that is {trial.state}, not complete.", "Choose a trial that finished."
        )
    if find_study(store.reader, trial.study_id).script is not None:
        raise UsageError(
            f"Run {short(run_id)} is a trial of an objective of your own, which keeps no model.",
            "Let the function write its model where you want it, or log it with mlops_tui's own functions.",
        )
    return trial


def _ensemble(store: Store, run_id: str) -> Trial | None:
    """A run that is the average of several trials, as if it were one: its parameters are its members' weights."""
    found = members_of_run(store.reader, run_id)
    if found is None:
        return None
    study_id, members = found
    run = get_run(store.reader, run_id)
    value = next(iter(run.metrics.values()), None)
    params = {f"trial_{number}": weight for number, weight in members}
    return Trial(
        study_id, members[0][0], run_id, "complete", value, ENSEMBLE, params, None, None, None, run.started, run.ended
    )


def _positive(study: Study, classes: Sequence[Any]) -> str | None:
    """The positive class as the model calls it; None where it is the second one, or there is none."""
    return str(classes[place_of_positive(study, classes)]) if classes and study.positive is not None else None


def members_of(study: Study, trial: Trial, store: Store) -> list[tuple[Trial, int]]:
    """The trials that a recipe averages, and how often each counts: those of an ensemble, else itself."""
    if trial.family != ENSEMBLE:
        return [(trial, 1)]
    trials = {one.number: one for one in list_trials(store.reader, study.id, limit=1_000_000)}
    return [(trials[int(name.removeprefix("trial_"))], int(count)) for name, count in trial.params.items()]


def fit(study: Study, trial: Trial, prepared: Prepared, store: Store | None = None) -> tuple[Any, Signature, float]:
    """The trial's pipeline, fitted on the training rows, its signature and the seconds that fitting took; of an ensemble all of its
    members', averaged, which are looked up in the store.
    """
    begun = time.perf_counter()
    kinds = {feature.name: feature.kind for feature in prepared.features}
    columns = columns_of(prepared.training, kinds)
    classes = tuple(_plain(label) for label in prepared.classes or ())
    signature = Signature(columns, study.target, study.task, classes, _positive(study, classes))
    if trial.family != ENSEMBLE or store is None:
        return _fitted(study, trial, prepared, columns), signature, time.perf_counter() - begun
    fitted = [
        (f"trial_{one.number}", _fitted(study, one, prepared, columns), count)
        for one, count in members_of(study, trial, store)
    ]
    return average(fitted, study.task, prepared.classes), signature, time.perf_counter() - begun


def _fitted(study: Study, trial: Trial, prepared: Prepared, columns: Sequence[SignatureColumn]) -> Any:
    pipeline = build(study, trial.family, trial.params, prepared.features, len(prepared.training))
    fit_weighted(pipeline, typed(prepared.training, columns), prepared.y_training, prepared.weights)
    # threads add up in any order, and so predict otherwise in the last bit
    threaded = [name for name in pipeline["model"].get_params() if name.rpartition("__")[2] == "n_jobs"]
    pipeline["model"].set_params(**dict.fromkeys(threaded))
    return pipeline


def average(members: Sequence[tuple[str, Any, float]], task: str, classes: Sequence[Any]) -> Any:
    """One estimator of scikit-learn's whose answers are the weighted means of those of fitted ones."""
    pairs, weights = [(name, fitted) for name, fitted, _ in members], [weight for _, _, weight in members]
    if task == REGRESSION:
        together = VotingRegressor(pairs, weights=weights)
    else:
        together = VotingClassifier(pairs, voting="soft", weights=weights)
        together.le_ = LabelEncoder().fit(np.asarray(classes))
        together.classes_ = together.le_.classes_
    together.estimators_ = [fitted for _, fitted in pairs]
    together.named_estimators_ = Bunch(**dict(pairs))
    return together


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label
