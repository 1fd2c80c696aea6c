"""Folds for cross-validation, chosen from the task and the columns' roles."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold, TimeSeriesSplit

from mlops_tui.core.errors import BadTarget
from mlops_tui.evaluation.metrics import REGRESSION

Folds = list[tuple[np.ndarray, np.ndarray]]


def make_folds(
    y: np.ndarray, task: str, folds: int, seed: int, *, groups: np.ndarray | None = None, in_time_order: bool = False
) -> Folds:
    """Pairs of (training, validation) row numbers, the same for the same seed.

    Rows in time order are split forward in time; groups stay together; classes keep their shares.

    Raises:
        BadTarget: there is one class, or there are fewer rows of one than folds, or fewer than two rows a fold.
    """
    if len(y) < 2 * folds:
        raise BadTarget(
            f"There are {len(y)} labelled rows, too few for {folds} folds.", f"Give at least {2 * folds} rows."
        )
    if task != REGRESSION:
        sizes = np.unique(y, return_counts=True)[1]
        if len(sizes) < 2:
            raise BadTarget("The target has one class in the rows to train on.", "Add rows of another class.")
        if (smallest := int(sizes.min())) < folds:
            raise BadTarget(
                f"The rarest class of the target is in {smallest} of the rows to train on, fewer than the {folds} folds.",
                "Add rows of that class, or take fewer folds.",
            )
    splitter = _splitter(task, folds, seed, grouped=groups is not None, in_time_order=in_time_order)
    return list(splitter.split(np.zeros(len(y)), y, groups))


def _splitter(task: str, folds: int, seed: int, *, grouped: bool, in_time_order: bool) -> KFold:
    if in_time_order:
        return TimeSeriesSplit(folds)
    if grouped:
        return GroupKFold(folds) if task == REGRESSION else StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    if task == REGRESSION:
        return KFold(folds, shuffle=True, random_state=seed)
    return StratifiedKFold(folds, shuffle=True, random_state=seed)
