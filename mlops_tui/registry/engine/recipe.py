"""A trial's recipe, fitted on all training rows of its study."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import short
from mlops_tui.registry.engine.frame import columns_of, typed
from mlops_tui.registry.model import Signature
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import Prepared, build, fit_weighted
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import find_study, trial_of_run


def recipe_of(store: Store, run_id: str) -> Trial:
    """The finished trial that a run belongs to.

    Raises:
        UsageError: it belongs to none, or that did not finish.
    """
    trial = trial_of_run(store.reader, run_id)
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


def fit(study: Study, trial: Trial, prepared: Prepared) -> tuple[Any, Signature]:
    """The trial's pipeline, fitted on the training rows, and its signature."""
    kinds = {feature.name: feature.kind for feature in prepared.features}
    columns = columns_of(prepared.training, kinds)
    pipeline = build(study, trial.family, trial.params, prepared.features, len(prepared.training))
    fit_weighted(pipeline, typed(prepared.training, columns), prepared.y_training, prepared.weights)
    # threads add up in any order, and so predict otherwise in the last bit
    threaded = [name for name in pipeline["model"].get_params() if name.rpartition("__")[2] == "n_jobs"]
    pipeline["model"].set_params(**dict.fromkeys(threaded))
    classes = tuple(_plain(label) for label in prepared.classes or ())
    return pipeline, Signature(columns, study.target, study.task, classes, study.positive if classes else None)


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label
