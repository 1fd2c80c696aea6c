"""A study of ours in Optuna's tables: made there once, and found again whatever others do to its name."""

from __future__ import annotations

import optuna
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial

from mlops_tui.core.errors import JobError
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.mirror import Mirror
from mlops_tui.tuning.engine.sampler import Placed, without
from mlops_tui.tuning.engine.storage import knowingly, open_storage
from mlops_tui.tuning.engine.trial_storage import TrialStorage
from mlops_tui.tuning.model import HYPERBAND, MEDIAN, Objective, Study
from mlops_tui.tuning.query import count_trials
from mlops_tui.tuning.queue import UID


def open_trials(store: Store, study: Study, sampler: Placed) -> tuple[optuna.Study, TrialStorage]:
    """Optuna's study that belongs to ours, and its storage; our rows of its trials are written with each of them.

    Raises:
        JobError: another program has deleted it.
    """
    storage = open_storage(store.workspace.store)
    with storage.transaction():
        storage.sweep()
        name = storage.name_of(study.id) or _made(store, study, storage)
    opened = optuna.load_study(study_name=name, storage=storage, sampler=sampler, pruner=_pruner(study, sampler))
    storage.guard(opened._study_id, study.id)
    storage.follow(opened._study_id, Mirror(store, study))
    return opened, storage


def _made(store: Store, study: Study, storage: TrialStorage) -> str:
    """Makes the study, under its own name where that is free: another of that name is a stranger's."""
    if count_trials(store.reader, study.id):
        raise JobError(
            f"Another program, such as optuna-dashboard, has deleted the trials of study '{study.name}'.",
            f"Its runs are still there: mlops-tui studies trials {study.name}. Begin a new one with: mlops-tui tune",
        )
    taken = {one.study_name for one in storage.get_all_studies()}
    name = study.name if study.name not in taken else f"{study.name} {study.id}"
    told = study.objectives or (Objective(study.metric, study.direction),)
    directions = [StudyDirection[one.direction.upper()] for one in told]
    made = optuna.create_study(storage=storage, study_name=name, directions=directions)
    made.set_user_attr(UID, study.id)
    with knowingly():
        made.set_metric_names([one.name for one in told])
    return name


class MedianOfShown(MedianPruner):
    """The median of the trials that are not hidden. Hyperband's brackets are Optuna's own, which hidden ones stay in."""

    def __init__(self, sampler: Placed) -> None:
        super().__init__()
        self._sampler = sampler

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Whether the trial is behind."""
        return super().prune(without(study, self._sampler.hidden), trial)


def _pruner(study: Study, sampler: Placed) -> BasePruner:
    """What stops trials by what they report; ours are compared fold by fold, and report nothing before they stop."""
    if study.pruner == MEDIAN:
        return MedianOfShown(sampler)
    return HyperbandPruner() if study.pruner == HYPERBAND else NopPruner()
