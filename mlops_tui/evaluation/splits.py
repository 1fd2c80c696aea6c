"""Folds for cross-validation, chosen from the task and the columns' roles."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)

from mlops_tui.core.errors import BadTarget
from mlops_tui.evaluation.metrics import REGRESSION

Folds = list[tuple[np.ndarray, np.ndarray]]
SHARE_TO_STOP_BY = 0.1


def make_folds(
    y: np.ndarray,
    task: str,
    folds: int,
    seed: int,
    *,
    groups: np.ndarray | None = None,
    in_time_order: bool = False,
    stratified: bool = True,
) -> Folds:
    """Pairs of (training, validation) row numbers, the same for the same seed.

    Rows in time order are split forward in time; groups stay together, and in time order nothing is learnt from those that
    are scored; classes keep their shares, unless they are not to be `stratified`. The pairs come in an order that is drawn by the seed, so that the first ones say of the others what they can.

    Raises:
        BadTarget: there is one class, or there are fewer rows of one than folds, or fewer than two rows a fold; or nothing
            is left to learn from before a fold in time.
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
                f"Add rows of that class, or take fewer folds: --folds {max(smallest, 2)}.",
            )
    by_class = stratified and task != REGRESSION
    splitter = _splitter(folds, seed, grouped=groups is not None, in_time_order=in_time_order, by_class=by_class)
    found = list(splitter.split(np.zeros(len(y)), y, None if in_time_order else groups))
    if in_time_order and groups is not None:
        found = [(_of_other_groups(training, scored, groups), scored) for training, scored in found]
    if any(
        not len(training) or (task != REGRESSION and (y[training] == y[training[0]]).all()) for training, _ in found
    ):
        raise BadTarget(
            "Before one of the folds there is nothing to learn from, or one class alone.",
            "Take fewer folds, or another --split.",
        )
    return [found[number] for number in np.random.default_rng(seed).permutation(folds)]


def rows_to_stop_by(
    training: np.ndarray,
    y: np.ndarray,
    task: str,
    seed: int,
    *,
    groups: np.ndarray | None = None,
    in_time_order: bool = False,
) -> np.ndarray:
    """A mask of the training rows of one fold: a tenth of them, which say when to stop adding rounds.

    They are the last ones in time, whole groups (in time order those that end last), or drawn class by class. `y` and
    `groups` are those of all rows.
    """
    n = len(training)
    count = max(1, round(n * SHARE_TO_STOP_BY))
    mask = np.zeros(n, dtype=bool)
    if in_time_order:
        if groups is None or len(np.unique(groups[training])) < 2:
            mask[n - count :] = True
            return mask
        last_first = list(dict.fromkeys(groups[training][::-1].tolist()))
        for group in last_first[:-1]:
            mask |= groups[training] == group
            if mask.sum() >= count:
                break
        return mask
    if groups is not None and len(np.unique(groups[training])) > 1:
        _, chosen = next(
            GroupShuffleSplit(1, test_size=SHARE_TO_STOP_BY, random_state=seed).split(mask, groups=groups[training])
        )
        mask[chosen] = True
        return mask
    draw = np.random.default_rng(seed)
    classes = np.zeros(n, dtype=int) if task == REGRESSION else np.unique(y[training], return_inverse=True)[1]
    for code in range(int(classes.max()) + 1):
        rows = np.flatnonzero(classes == code)
        # a class that is in one row alone is learnt from
        mask[draw.permutation(rows)[: max(1, round(len(rows) * SHARE_TO_STOP_BY)) if len(rows) > 1 else 0]] = True
    return mask


def test_share(folds: Folds) -> float:
    """The rows that are scored for each that is trained on, on the average of the folds."""
    return float(np.mean([len(scored) / len(training) for training, scored in folds]))


def _of_other_groups(training: np.ndarray, scored: np.ndarray, groups: np.ndarray) -> np.ndarray:
    return training[~np.isin(groups[training], groups[scored])]


def _splitter(folds: int, seed: int, *, grouped: bool, in_time_order: bool, by_class: bool) -> KFold:
    if in_time_order:
        return TimeSeriesSplit(folds)
    if grouped:
        return (StratifiedGroupKFold if by_class else GroupKFold)(folds, shuffle=True, random_state=seed)
    return (StratifiedKFold if by_class else KFold)(folds, shuffle=True, random_state=seed)
