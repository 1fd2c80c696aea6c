"""Which rows of a study are scored by which fold: the same for the same study, whoever asks."""

from __future__ import annotations

import numpy as np

from mlops_tui.core.errors import JobError
from mlops_tui.data.model import Source
from mlops_tui.evaluation.splits import Folds, make_folds
from mlops_tui.tuning.engine.fit import Prepared
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.problem import GROUP, PLAIN, TIME


def groups_of(study: Study, source: Source, prepared: Prepared) -> np.ndarray | None:
    """The group of each training row, where the split minds it; the columns are those that the source has now.

    Raises:
        JobError: no column has the role that the split is by any more.
    """
    named = {TIME: source.time_column, GROUP: source.group_column}
    if study.split in named and named[study.split] is None:
        raise JobError(
            f"Study '{study.name}' is split by {study.split}, and no column of source '{source.name}' has that role any more.",
            f"Give one the role: mlops-tui data schema {source.name} --role COLUMN={study.split}",
        )
    if study.split not in named or source.group_column is None:
        return None
    groups: np.ndarray = prepared.training[source.group_column].to_numpy()
    return groups


def folds_of(study: Study, prepared: Prepared, groups: np.ndarray | None, count: int, seed: int) -> Folds:
    """So many folds of the study's training rows."""
    ordered, stratified = study.split == TIME, study.split != PLAIN
    y = prepared.y_training
    return make_folds(y, study.task, count, seed, groups=groups, in_time_order=ordered, stratified=stratified)
