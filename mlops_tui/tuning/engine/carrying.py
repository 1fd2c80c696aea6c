"""The trials that a study takes along from the one that it goes on from, written as its first, once."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from mlops_tui.core.ids import new_id
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.families import named
from mlops_tui.tuning.engine.mirror import COST, FOLDS, REASON, TAKEN
from mlops_tui.tuning.engine.predictions import folder_of
from mlops_tui.tuning.engine.trial_file import CLAIM, RUN
from mlops_tui.tuning.engine.trial_storage import TrialStorage
from mlops_tui.tuning.model import Parent, Study, Trial
from mlops_tui.tuning.query import complete_trials

DONE = "mlops:carried"
"""The user attribute of a study in Optuna's tables that has taken its parent's trials along."""


def carry(
    store: Store,
    study: Study,
    parent: Parent,
    trials: optuna.Study,
    storage: TrialStorage,
    firsts: Sequence[dict[str, Any]],
    spaces: Mapping[str, Mapping[str, BaseDistribution]],
) -> int:
    """Writes them in one transaction, whichever worker comes first; returns how many.

    One that is what the study would begin with has its place, so that it is not tried again. Afterwards what they said of
    the rows that they had not learnt from is there too: the rows and folds are the same.
    """
    wanted = set(parent.trials)
    with storage.transaction():
        if DONE in storage.get_study_user_attrs(trials._study_id):
            return 0
        known = [trial for trial in complete_trials(store.reader, parent.study) if trial.number in wanted]
        left = list(enumerate(firsts))
        written: list[tuple[int, int]] = []
        for trial in known:
            one = _taken(study, parent, trial, left, spaces[trial.family])
            trial_id = storage.create_new_trial(trials._study_id, one)
            written.append((trial.number, storage.get_trial(trial_id).number))
        storage.set_study_user_attr(trials._study_id, DONE, len(written))
    for before, after in written:
        _copy_predictions(store, parent.study, before, study.id, after)
    return len(written)


def _taken(
    study: Study,
    parent: Parent,
    trial: Trial,
    firsts: list[tuple[int, dict[str, Any]]],
    space: Mapping[str, BaseDistribution],
) -> FrozenTrial:
    drawn = {name: trial.params[name.partition(".")[2]] for name in space}
    params = named(trial.family, {}) | drawn
    rounds = {key: value for key, value in trial.params.items() if f"{trial.family}.{key}" not in space}
    cost = {key: getattr(trial, key) for key in ("cpu_seconds", "predict_seconds", "peak_bytes")}
    attributes: dict[str, Any] = {
        RUN: new_id(),
        FOLDS: trial.fold_values,
        COST: {**{key: value for key, value in cost.items() if value is not None}, "rounds": rounds},
        REASON: f"Taken along from trial {trial.number} of {parent.name}.",
        TAKEN: {"study": parent.study, "trial": trial.number, "seconds": trial.seconds},
    }
    found = next((item for item in firsts if item[1] == params), None)
    if found is not None:
        firsts.remove(found)
        attributes[CLAIM] = {"place": found[0]}
    return create_trial(
        state=TrialState.COMPLETE,
        values=trial.values or [trial.value or 0.0],
        params=params,
        distributions={"family": CategoricalDistribution(study.families), **space},
        user_attrs=attributes,
    )


def _copy_predictions(store: Store, parent_id: str, before: int, study_id: str, after: int) -> None:
    """A disk that has no room costs the predictions, not the trial."""
    kept = folder_of(store.workspace, parent_id) / f"{before}.npy"
    folder = folder_of(store.workspace, study_id)
    if not kept.is_file():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, folder / f"{after}.npy")
    except OSError:
        (folder / f"{after}.npy").unlink(missing_ok=True)
